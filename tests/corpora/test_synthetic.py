"""The generator has the properties that it claims."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora import load_cards
from d2vbench.corpora.readers.synthetic import (
    background,
    pseudoword,
    read,
    shifted_topic,
    topic_words,
)
from d2vbench.corpora.store.documents import content_sha256
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError


def parameters(**changes: Any) -> dict[str, Any]:
    return {**load_cards().corpora["synthetic"].parameters, **changes}


@given(st.lists(st.integers(0, 80**4 - 1), unique=True, max_size=50))
def test_pseudowords_differ_and_survive_the_tokeniser(numbers: list[int]) -> None:
    words = [pseudoword(n) for n in numbers]
    assert len(set(words)) == len(words)
    assert Tokeniser()(" ".join(words)) == words


@given(st.integers(3, 20), st.integers(0, 500))
def test_a_shifted_word_changes_its_topic(classes: int, word: int) -> None:
    for topic in range(classes):
        assert 0 <= shifted_topic(topic, word, classes) < classes
        assert shifted_topic(topic, word, classes) != topic


def shared(topics: list[list[int]], p: dict[str, Any]) -> list[set[int]]:
    bound = p["classes"] * max(p["shared_words"], p["own_words"])
    return [{w for w in words if w < bound} for words in topics]


def test_the_dial_goes_from_the_same_senses_to_opposed_ones() -> None:
    agreement = []
    for shift in (0.0, 0.25, 0.5, 0.75, 1.0):
        p = parameters(shift=shift)
        generic, domain = (shared(side, p) for side in topic_words(p))
        same = sum(len(g & d) for g, d in zip(generic, domain, strict=True))
        agreement.append(same / sum(map(len, domain)))
    assert agreement == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0], abs=0.01)


def test_at_full_shift_generic_topics_mix_all_other_domain_topics_alike() -> None:
    p = parameters(shift=1.0)
    generic, domain = (shared(side, p) for side in topic_words(p))
    for g, words in enumerate(generic):
        overlap = [len(words & d) for d in domain]
        assert overlap[g] == 0
        others = overlap[:g] + overlap[g + 1 :]
        assert max(others) - min(others) <= 2


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_word_that_has_shifted_stays_shifted(a: float, b: float) -> None:
    low, high = sorted((a, b))
    moved = []
    for shift in (low, high):
        p = parameters(shift=shift, classes=4, shared_words=12, own_words=5)
        generic, domain = (shared(side, p) for side in topic_words(p))
        moved.append({w for g, d in zip(generic, domain, strict=True) for w in d - g})
    assert moved[0] <= moved[1]


def test_words_of_a_document_come_from_where_the_model_says() -> None:
    p = parameters(generic_documents=0, domain_documents=800, mixing=0.0)
    topics = [{pseudoword(n) for n in words} for words in topic_words(p)[1]]
    hits: Counter[bool] = Counter()
    for document in read(p):
        assert document.label is not None
        own = topics[int(document.label.removeprefix("domain.topic"))]
        hits.update(word in own for word in document.text.split())
    share = hits[True] / hits.total()
    assert share == pytest.approx(p["topical"], abs=0.01)


def test_lengths_and_balance() -> None:
    p = parameters()
    documents = read(p)
    lengths = np.array([len(d.text.split()) for d in documents])
    assert (lengths.min(), lengths.max()) == tuple(p["length"])
    labels = Counter(d.label for d in documents)
    assert set(labels.values()) == {
        p["generic_documents"] // p["classes"],
        p["domain_documents"] // p["classes"],
    }


def test_the_documents_are_the_same_everywhere() -> None:
    # Measured once; a change means another generator, so another version of the card.
    card = load_cards().corpora["synthetic"]
    assert card.version == "1"
    assert content_sha256(read(card.parameters)).startswith("6d403fce4043a52a")


def words_of(side: str, **changes: Any) -> Counter[str]:
    p = parameters(generic_documents=400, domain_documents=400, **changes)
    return Counter(w for d in read(p) if d.name.startswith(side) for w in d.text.split())


def test_dials_at_their_defaults_leave_the_documents_as_they_are() -> None:
    p = parameters(generic_documents=80, domain_documents=80)
    dials = {"generic_words": p["own_words"], "tied": 1.0, "noise": 0.0, "noise_words": 50}
    assert read({**p, **dials}) == read(p)


@pytest.mark.parametrize("tied", [0.0, 0.5, 1.0])
def test_generic_only_words_are_tied_to_topics_or_to_nothing(tied: float) -> None:
    p = parameters(tied=tied)
    absent = [{pseudoword(n) for n in t} - {pseudoword(n) for d in topic_words(p)[1] for n in d}
              for t in topic_words(p)[0]]  # fmt: skip
    assert [len(words) for words in absent] == [round(tied * 30)] * 8
    generic, domain, _ = background(p)
    assert len(generic) - len(domain) == 8 * round((1 - tied) * 30)
    assert len(set(generic)) == len(generic)
    loose = {pseudoword(n) for n in set(generic) - set(domain)}
    said = words_of("generic", tied=tied)
    # As many words, however they are tied, but for the rarest; and none that the domain has.
    of_generic = loose.union(*absent)
    assert len(of_generic) == 240
    assert len(of_generic & set(said)) > 220
    assert not of_generic & set(words_of("domain", tied=tied))


def test_without_generic_words_no_topic_has_any() -> None:
    lacking = set(words_of("generic")) - set(words_of("domain"))
    assert len(lacking) >= 240
    few = set(words_of("generic", generic_words=0)) - set(words_of("domain", generic_words=0))
    # A rare background word may be drawn on one side alone.
    assert len(few) < 20
    assert len({n for topic in topic_words(parameters(generic_words=90))[0] for n in topic}) == 1200


@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_noise_words_take_a_share_of_the_background(noise: float) -> None:
    p = parameters()
    words = {pseudoword(n) for n in background({**p, "noise_words": 100})[2]}
    assert len(words) == 100
    generic = words_of("generic", noise=noise, noise_words=100)
    share = sum(n for word, n in generic.items() if word in words) / generic.total()
    assert share == pytest.approx(noise * (1 - p["topical"] - p["mixing"]), abs=0.01)
    assert words_of("domain", noise=noise) == words_of("domain")
    # The other draws stay as they were.
    without = words_of("generic")
    assert all(n <= without[word] for word, n in generic.items() if word not in words)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"shift": -0.1}, "shift must lie in [0, 1], got -0.1"),
        ({"shift": 1.1}, "shift must lie in [0, 1], got 1.1"),
        ({"tied": 2}, "tied must lie in [0, 1], got 2"),
        ({"noise": -1}, "noise must lie in [0, 1], got -1"),
        ({"generic_words": -1}, "generic_words must be 0 or more, got -1"),
        ({"noise_words": 0}, "noise_words must be 1 or more, got 0"),
    ],
)
def test_a_dial_outside_its_range_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(parameters(**changes))
    assert str(caught.value) == problem


def test_shares_of_words_over_one_are_refused() -> None:
    with pytest.raises(UsageError, match=r"topical \+ mixing must not exceed 1"):
        read(parameters(topical=0.7, mixing=0.4))
