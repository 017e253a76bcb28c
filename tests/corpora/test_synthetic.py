"""The generator has the properties that it claims."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.corpora import load_cards
from d2vbench.corpora.readers.synthetic import pseudoword, read, shifted_topic, topic_words
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


@pytest.mark.parametrize("shift", [-0.1, 1.1])
def test_a_shift_outside_the_range_is_refused(shift: float) -> None:
    with pytest.raises(UsageError) as caught:
        read(parameters(shift=shift))
    assert str(caught.value) == f"shift must lie in [0, 1], got {shift}"


def test_shares_of_words_over_one_are_refused() -> None:
    with pytest.raises(UsageError, match=r"topical \+ mixing must not exceed 1"):
        read(parameters(topical=0.7, mixing=0.4))
