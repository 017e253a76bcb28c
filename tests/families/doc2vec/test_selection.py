"""Documents of G by their nearness to D: a difference of cross-entropies."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from d2vbench.corpora import Pair
from d2vbench.families.selection import _log_probabilities, _mean_over_words, nearest_first
from d2vbench.families.words import OOV, Documents


def test_word_probabilities_are_add_one_with_one_unknown_word() -> None:
    documents = Documents(np.array([0, 0, 1, OOV, OOV], np.uint32), np.array([0, 3, 5]))
    # Counts 2, 1 and 2 (unknown), one added to each: 3, 2, 3 of 8.
    expected = [math.log2(3 / 8), math.log2(2 / 8), math.log2(3 / 8)]
    assert _log_probabilities(documents, 2).tolist() == pytest.approx(expected)


def test_a_document_scores_the_mean_of_its_words() -> None:
    documents = Documents(np.array([0, 1, 1, OOV], np.uint32), np.array([0, 2, 2, 4]))
    means = _mean_over_words(documents, np.array([1.0, 2.0, 6.0]))
    assert means.tolist() == [1.5, math.inf, 4.0]


def test_documents_of_the_domain_hidden_in_the_generic_corpus_come_first(small_pair: Pair) -> None:
    domain, generic = small_pair.train, small_pair.generic
    assert domain.corpus is generic.corpus
    half, hidden = (domain.take(np.arange(i, len(domain), 2)) for i in (0, 1))
    mixed = dataclasses.replace(
        generic, documents=np.concatenate([generic.documents, hidden.documents])
    )
    ranking = nearest_first(mixed, half)
    assert sorted(ranking.tolist()) == list(range(len(mixed)))
    first = ranking[: len(hidden)]
    # By chance it would be 13 in 100.
    assert (first >= len(generic)).mean() >= 0.7


def test_the_ranking_does_not_depend_on_the_global_generator(small_pair: Pair) -> None:
    one = nearest_first(small_pair.generic, small_pair.train)
    np.random.seed(1)  # noqa: NPY002
    assert np.array_equal(one, nearest_first(small_pair.generic, small_pair.train))
