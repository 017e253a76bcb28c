"""Encoding, opening, and what decides an entry."""

from __future__ import annotations

import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import Cards, Pair, store
from d2vbench.corpora.documents import Document, content_sha256
from d2vbench.corpora.readers import READERS
from d2vbench.corpora.store import encode, open_corpus
from d2vbench.errors import UserError

DOCUMENTS = [
    Document("a", "The cat, the dog.", "x", "train"),
    Document("b", "", None, "test"),
    Document("c", "dog cat bird", "y", None),
]


def test_encoding_round_trip(tmp_path: Path) -> None:
    counts = encode(DOCUMENTS, tmp_path)
    assert counts == {"documents": 3, "words": 7, "lexicon": 4, "labels": ["x", "y"]}
    tokens, offsets = np.load(tmp_path / "tokens.npy"), np.load(tmp_path / "offsets.npy")
    lexicon = (tmp_path / "lexicon.txt").read_text().split()
    texts = [[lexicon[t] for t in tokens[a:b]] for a, b in pairwise(offsets)]
    assert texts == [["the", "cat", "the", "dog"], [], ["dog", "cat", "bird"]]
    assert (tokens.dtype, offsets.dtype) == (np.uint32, np.int64)
    assert np.load(tmp_path / "labels.npy").tolist() == [0, -1, 1]
    assert np.load(tmp_path / "splits.npy").tolist() == [0, 1, -1]


def test_content_hash_sees_every_part() -> None:
    base = content_sha256(DOCUMENTS)
    assert base == content_sha256(list(DOCUMENTS))
    for field, value in (("name", "z"), ("text", "z"), ("label", "z"), ("split", "test")):
        changed = [dataclasses.replace(DOCUMENTS[0], **{field: value}), *DOCUMENTS[1:]]
        assert content_sha256(changed) != base
    moved = [Document("a", "xy"), Document("b", "z")]
    assert content_sha256(moved) != content_sha256([Document("a", "x"), Document("b", "yz")])


def test_an_entry_is_read_once(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    card = small_cards.corpus("small")
    first = open_corpus(card, tmp_path, notes.append)
    assert len(notes) == 1
    monkeypatch.setattr(READERS["synthetic"], "read", lambda p: pytest.fail("read again"))
    again = open_corpus(card, tmp_path, notes.append)
    assert len(notes) == 1
    assert again.content_sha256 == first.content_sha256
    assert isinstance(again.tokens, np.memmap)


def test_other_parameters_are_another_entry(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    other = dataclasses.replace(card, parameters={**card.parameters, "seed": 1})
    a, b = open_corpus(card, tmp_path), open_corpus(other, tmp_path)
    assert a.folder != b.folder
    assert a.content_sha256 != b.content_sha256


def test_two_builders_do_not_harm_each_other(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    with ThreadPoolExecutor(4) as pool:
        corpora = list(pool.map(lambda _: open_corpus(card, tmp_path), range(4)))
    assert len({c.content_sha256 for c in corpora}) == 1
    assert [p.name for p in (tmp_path / "encoded").iterdir()] == [corpora[0].folder.name]


def test_a_corpus_travels_as_a_reference(small_pair: Pair) -> None:
    sent = pickle.dumps(small_pair.generic.corpus)
    assert len(sent) < 1000
    assert np.array_equal(pickle.loads(sent).tokens, small_pair.generic.corpus.tokens)


def test_a_cache_that_cannot_be_made_is_named(small_cards: Cards, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UserError) as caught:
        open_corpus(small_cards.corpus("small"), file)
    assert str(caught.value) == (
        f"the cache {file / 'encoded'} cannot be written: Not a directory. "
        "Set D2VBENCH_DATA to a folder that you may write to."
    )


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2VBENCH_DATA", "/somewhere")
    assert store.cache_folder() == Path("/somewhere")
    monkeypatch.delenv("D2VBENCH_DATA")
    assert store.cache_folder().name == "d2vbench"
