"""Selections, near-duplicates, splits and subsets."""

from __future__ import annotations

import dataclasses
import errno
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora import Cards, CorpusCard, Pair, PairCard, open_pair
from d2vbench.corpora.cards import SideCard
from d2vbench.corpora.pairs import choice as choice_module
from d2vbench.corpora.pairs.duplicates import (
    containment,
    first_of_each,
    resembling,
    similar_pairs,
    with_twins,
)
from d2vbench.corpora.pairs.subsets import per_class, split_by_hash, stratified_fraction
from d2vbench.corpora.readers import READERS
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

labels_lists = st.lists(st.integers(0, 4), min_size=2, max_size=80)


def sets(*texts: str) -> list[np.ndarray]:
    return [np.unique(np.array([ord(c) for c in text], dtype=np.uint64)) for text in texts]


def test_similar_pairs_are_those_of_the_definition() -> None:
    left, right = sets("abcd", "", "xyz"), sets("abce", "xyz", "abcd", "")
    for threshold in (0.3, 0.6, 0.61, 1.0):
        expected = {
            (i, j)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
            if len(np.union1d(a, b))
            and len(np.intersect1d(a, b)) / len(np.union1d(a, b)) >= threshold
        }
        i, j = similar_pairs(left, right, threshold)
        assert set(zip(i.tolist(), j.tolist(), strict=True)) == expected


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=9), max_size=12),
    st.lists(st.sets(st.integers(0, 12), max_size=9), max_size=12),
    st.sampled_from([0.2, 0.5, 0.6, 2 / 3, 0.75, 0.8, 1.0]),
)
def test_the_filter_loses_no_pair(
    left: list[set[int]], right: list[set[int]], threshold: float
) -> None:
    """The filter on rare shingles finds what comparing everything does."""
    expected = [
        (i, j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if a & b and len(a & b) >= threshold * len(a | b)
    ]
    arrays = [[np.array(sorted(s), np.uint64) for s in sets_] for sets_ in (left, right)]
    i, j = similar_pairs(*arrays, threshold)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == expected


def test_the_first_of_each_group_is_kept() -> None:
    keep = first_of_each(sets("abcd", "abcd", "wxyz", "", "", "abce"), 0.6)
    assert keep.tolist() == [True, False, True, True, True, False]


@given(
    st.lists(st.sets(st.integers(0, 6), max_size=5), max_size=6),
    st.lists(st.integers(0, 5), max_size=15),
    st.lists(st.integers(0, 5), max_size=15),
    st.sampled_from([0.2, 0.5, 0.6, 2 / 3, 0.75, 0.8, 1.0]),
)
def test_repeated_sets_are_treated_as_if_each_was_compared(
    pool: list[set[int]], one: list[int], two: list[int], threshold: float
) -> None:
    """Equal sets are compared once; what is found is what comparing all of them finds."""
    left, right = ([pool[i % len(pool)] for i in row] if pool else [] for row in (one, two))

    def similar(a: set[int], b: set[int]) -> bool:
        return bool(a & b) and len(a & b) >= threshold * len(a | b)

    kept: list[int] = []
    for i, a in enumerate(left):
        if not any(similar(a, left[k]) for k in kept):
            kept.append(i)
    x, y = ([np.array(sorted(s), np.uint64) for s in side] for side in (left, right))
    assert np.flatnonzero(first_of_each(x, threshold)).tolist() == kept
    assert resembling(x, y, threshold).tolist() == [
        i for i, a in enumerate(left) if any(similar(a, b) for b in right)
    ]
    assert with_twins(x, threshold).tolist() == [
        any(similar(a, b) for k, b in enumerate(left) if k != i) for i, a in enumerate(left)
    ]
    assert containment(x, y).tolist() == [
        max((len(a & b) / len(a) for b in right if a), default=0) for a in left
    ]


@pytest.mark.parametrize(
    ("found", "count"),
    [
        (lambda sets_: first_of_each(sets_, 0.8), 1001),
        (lambda sets_: with_twins(sets_, 0.8), 1000),
        (lambda sets_: resembling(sets_, sets_, 0.8) >= 0, 2000),
        (lambda sets_: containment(sets_, sets_) == 1, 2000),
    ],
    ids=["first_of_each", "with_twins", "resembling", "containment"],
)
def test_many_equal_documents_cost_no_square(found: Callable[[Any], Any], count: int) -> None:
    """A thousand rows of "no comment" took 120 MB; now it is the table of hashes, 17 MB."""
    equal, others = ([np.array([k], np.uint64) for k in ks] for ks in ([5] * 1000, range(6, 1006)))
    tracemalloc.start()
    try:
        assert int(found([*equal, *others]).sum()) == count
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@given(labels_lists, st.floats(0.05, 0.95))
def test_a_split_is_stratified_and_follows_the_text(labels: list[int], share: float) -> None:
    y = np.array(labels, dtype=np.int32)
    hashes = np.random.default_rng(0).integers(0, 2**63, len(y)).astype(np.uint64)
    train = split_by_hash(y, hashes, share)
    for label in np.unique(y):
        size = int((y == label).sum())
        count = int(train[y == label].sum())
        assert 1 <= count <= max(size - 1, 1)
        assert abs(count - share * size) <= 1
    order = np.random.default_rng(1).permutation(len(y))
    assert np.array_equal(split_by_hash(y[order], hashes[order], share), train[order])


@given(labels_lists, st.integers(0, 9), st.floats(0.01, 1), st.floats(0.01, 1))
def test_shares_are_nested(labels: list[int], seed: int, a: float, b: float) -> None:
    y = np.array(labels, dtype=np.int32)
    small, large = (stratified_fraction(y, f, seed) for f in sorted((a, b)))
    assert set(small) <= set(large)
    assert set(y[small]) == set(labels)
    assert np.array_equal(stratified_fraction(y, 1.0, seed), np.arange(len(y)))


@given(labels_lists, st.integers(0, 9), st.integers(1, 20))
def test_label_budgets_are_nested_and_exact(labels: list[int], seed: int, count: int) -> None:
    y = np.array(labels, dtype=np.int32)
    chosen = per_class(y, count, seed)
    assert set(chosen) <= set(per_class(y, count + 1, seed))
    for label in set(labels):
        assert (y[chosen] == label).sum() == min(count, labels.count(label))


def test_a_selection_gathers_its_documents(small_pair: Pair) -> None:
    selection = small_pair.test.take(np.array([0, 2, 5]))
    tokens, offsets = selection.gather()
    corpus = selection.corpus
    for place, d in enumerate(selection.documents):
        expected = corpus.tokens[corpus.offsets[d] : corpus.offsets[d + 1]]
        assert np.array_equal(tokens[offsets[place] : offsets[place + 1]], expected)
    assert selection.words() == len(tokens)


def test_train_test_and_generic_are_disjoint(small_pair: Pair) -> None:
    parts = [small_pair.generic, small_pair.train, small_pair.test]
    documents = np.concatenate([part.documents for part in parts])
    assert len(np.unique(documents)) == len(documents) == 320


def test_a_pair_is_opened_the_same_from_the_cache(
    small_cards: Cards, cache: Path, small_pair: Pair
) -> None:
    again = open_pair(small_cards.pair("small"), small_cards, cache)
    assert again.key == small_pair.key
    assert again.counts == small_pair.counts


def test_the_cap_on_generic_documents(small_cards: Cards, cache: Path) -> None:
    card = small_cards.pair("small")
    capped = dataclasses.replace(card, generic=dataclasses.replace(card.generic, max_documents=50))
    pair = open_pair(capped, small_cards, cache)
    assert len(pair.generic) == 50
    assert pair.counts["generic_over_cap"] == 150


def test_one_class_is_refused(small_cards: Cards, cache: Path) -> None:
    card = small_cards.pair("small")
    one = dataclasses.replace(
        card, domain=dataclasses.replace(card.domain, include=["domain.topic0"], min_class=5)
    )
    with pytest.raises(UserError) as caught:
        open_pair(one, small_cards, cache)
    assert str(caught.value) == (
        "pair small: the domain corpus needs two classes or more of at least 5 documents each, got "
        "1; its classes are 'generic.topic0' (50), 'generic.topic1' (50), 'generic.topic2' (50), "
        "'generic.topic3' (50), 'domain.topic0' (30), 3 more"
    )


def test_no_generic_document_is_refused(small_cards: Cards, cache: Path) -> None:
    card = small_cards.pair("small")
    none = dataclasses.replace(card, generic=dataclasses.replace(card.generic, include=["zzz"]))
    with pytest.raises(UserError, match=r"pair small: no generic document is left$"):
        open_pair(none, small_cards, cache)


def test_a_cache_that_only_others_may_write_to_serves(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = small_cards.pair("small")

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(choice_module, "write_atomic", refused)
    first = open_pair(card, small_cards, tmp_path)
    assert list((tmp_path / "pairs").iterdir()) == []
    monkeypatch.undo()
    assert open_pair(card, small_cards, tmp_path).key == first.key


# Documents for pairs of one's own making: ten words that no other document has.
def _text(i: int) -> str:
    return " ".join(
        f"{'abcdefghij'[i % 10]}{'abcdefghij'[i // 10 % 10]}w{'xyz'[j % 3] * (j + 1)}"
        for j in range(10)
    )


def _open(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generic: list[Document],
    domain: list[Document],
) -> Pair:
    cards = []
    for name, documents in (("g", generic), ("d", domain)):
        reader = SimpleNamespace(
            version=1,
            fingerprint=lambda p, f: {},
            read=lambda p, f, documents=documents: documents,
        )
        monkeypatch.setitem(READERS.built_in, f"made-{name}", reader)
        cards.append(CorpusCard(name, "1", "t", "d", f"made-{name}", "l"))
    pair = PairCard("p", "1", "t", "d", SideCard("g"), SideCard("d"))
    return open_pair(pair, Cards({c.name: c for c in cards}, {"p": pair}), tmp_path)


def _domain(splits: tuple[str | None, ...] = ("train", "train", "test")) -> list[Document]:
    return [
        Document(f"{label}{i}", _text(10 * c + i), label, split)
        for c, label in enumerate("xy")
        for i, split in enumerate(splits)
    ]


def _generic(count: int = 4) -> list[Document]:
    return [Document(f"g{i}", _text(50 + i)) for i in range(count)]


def test_near_duplicates_of_test_documents_leave_the_training_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = _domain()
    twin = Document("twin", domain[2].text, "x", "train")
    generic = [*_generic(), Document("leak", domain[5].text), Document("of train", domain[0].text)]
    pair = _open(tmp_path, monkeypatch, generic, [*domain, twin])
    assert (len(pair.train), len(pair.test), len(pair.generic)) == (4, 2, 4)
    assert pair.counts["domain_near_duplicates"] == 1
    assert pair.counts["generic_near_duplicates"] == 2


def test_a_split_of_its_own_keeps_every_test_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = _domain()
    twin = Document("twin", domain[2].text, "x", "test")
    pair = _open(tmp_path, monkeypatch, _generic(), [*domain, twin])
    assert len(pair.test) == 3


def test_generic_documents_held_out_are_not_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_out = [
        Document("h1", _text(70), "a", "test"),
        Document("h2", _text(71), None, "test"),
        Document("near", _text(70), "a", "train"),
    ]
    pair = _open(tmp_path, monkeypatch, [*_generic(), *held_out], _domain())
    assert (len(pair.generic), len(pair.generic_test)) == (4, 1)
    assert pair.counts["generic_held_out"] == 2
    assert pair.counts["generic_near_held_out"] == 1


def test_documents_without_a_label_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = [*_domain(), Document("none", _text(90), None, None)]
    pair = _open(tmp_path, monkeypatch, _generic(), domain)
    assert pair.counts["domain_unlabelled"] == 1
    assert (len(pair.train), len(pair.test)) == (4, 2)


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        (
            _domain(("train", "train", None)),
            "pair p: 2 of 6 labelled documents of the domain corpus have no split, the others have "
            "one; give every document 'train' or 'test', or none",
        ),
        (
            [*_domain(), Document("z", _text(95), "z", "train")],
            "pair p: every class needs two training documents or more, since the classifier is "
            "cross-validated; too few in 'z' (1). Leave small classes out, or join them",
        ),
        (
            _domain(("train", "train", "train")),
            "pair p: the domain corpus has no test document",
        ),
    ],
)
def test_a_domain_that_cannot_be_evaluated_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    domain: list[Document],
    message: str,
) -> None:
    with pytest.raises(UserError) as caught:
        _open(tmp_path, monkeypatch, _generic(), domain)
    assert str(caught.value) == message
