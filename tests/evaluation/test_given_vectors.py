"""Averages of given word vectors: against sums by hand, and what takes no part in them."""

from __future__ import annotations

import numpy as np
import pytest
from models_support import selection

from d2vbench.corpora import Selection
from d2vbench.evaluation import Labelled, outcome_problem
from d2vbench.evaluation.given_vectors import (
    GIVEN,
    covered,
    mean_given_vectors,
    sif_given_vectors,
)
from d2vbench.evaluation.pretrained import find_baseline
from d2vbench.families.doc2vec.saved import keep_vectors

WORDS = {"orbit": [1.0, 0.0, 2.0], "probe": [0.0, 1.0, 2.0], "chip": [3.0, -1.0, 2.0],
         "late": [0.5, 0.5, 2.0]}  # fmt: skip
GENERIC = ["orbit orbit orbit chip unknown"]
DOMAIN = ["orbit probe", "chip chip orbit other", "probe chip chip"]
TEST = ["late orbit", "nothing here", ""]


@pytest.fixture
def name() -> str:
    return keep_vectors(list(WORDS), np.asarray(list(WORDS.values()), dtype=np.float32))


def sides(*texts: list[str]) -> tuple[Selection, ...]:
    return tuple(map(selection, texts))


def test_a_document_is_the_mean_of_its_known_words(name: str) -> None:
    train, test = mean_given_vectors(name, *sides(GENERIC, DOMAIN, TEST), 0)
    assert train.tolist() == pytest.approx(
        np.asarray([[0.5, 0.5, 2], [7 / 3, -2 / 3, 2], [2, -1 / 3, 2]])
    )
    assert test.tolist() == pytest.approx(np.asarray([[0.75, 0.25, 2], [0, 0, 0], [0, 0, 0]]))


def test_sif_weighs_by_g_and_d_and_removes_the_direction_of_d_train(name: str) -> None:
    train, test = sif_given_vectors(name, *sides(GENERIC, DOMAIN, TEST), 0)
    words = " ".join(GENERIC + DOMAIN).split()

    def average(text: str) -> np.ndarray:
        known = [w for w in text.split() if w in WORDS]
        weights = [1e-3 / (1e-3 + words.count(w) / len(words)) for w in known]
        rows = [a * np.asarray(WORDS[w]) for a, w in zip(weights, known, strict=True)]
        return np.sum(rows, axis=0) / max(len(known), 1) if rows else np.zeros(3)

    plain = np.stack([average(text) for text in DOMAIN])
    # The first principal component, by the eigenvectors of the products and not by the SVD.
    common = np.linalg.eigh(plain.T @ plain)[1][:, -1]
    unseen = np.stack([average(text) for text in TEST])
    for found, whole in ((train, plain), (test, unseen)):
        assert found == pytest.approx(whole - np.outer(whole @ common, common), abs=1e-6)
    # Neither G nor D-train has the word: nothing is known of how frequent it is.
    assert words.count("late") == 0 and average("late").tolist() == WORDS["late"]


def test_test_documents_take_no_part(name: str) -> None:
    before, _ = sif_given_vectors(name, *sides(GENERIC, DOMAIN, TEST), 0)
    after, _ = sif_given_vectors(name, *sides(GENERIC, DOMAIN, ["probe probe late"]), 0)
    assert np.array_equal(before, after)


def test_how_many_words_have_a_vector(name: str) -> None:
    assert covered(name, *sides(GENERIC, DOMAIN, TEST)) == {
        "covered_train": 8 / 9, "train_empty": 0, "train_all_out_of_vocabulary": 0,
        "covered_test": 0.5, "test_empty": 1, "test_all_out_of_vocabulary": 1,
    }  # fmt: skip


@pytest.mark.parametrize("baseline", GIVEN)
def test_as_a_baseline_it_tells_topics_apart(baseline: str) -> None:
    rng = np.random.default_rng(5)
    topics = [[f"{letter}{v}{w}" for v in "aeiou" for w in "nrst"] for letter in "bd"]
    # What all words share is the common direction; topics differ in another.
    vectors = 0.2 * rng.normal(size=(40, 8))
    vectors[:, 0] += 5
    vectors[:, 1] += np.repeat([1, -1], 20)
    kept = keep_vectors(topics[0] + topics[1], vectors.astype(np.float32))
    texts = [" ".join(rng.choice(topics[i % 2], 6)) for i in range(60)]
    generic, train, test = sides(texts[:4], texts[:40], texts[40:])
    labels = np.arange(40, dtype=np.int32) % 2
    budgets = [Labelled(np.arange(n), labels[:n], folds=0) for n in (40, 20)]
    definition = find_baseline(baseline, word_vectors=kept)
    outcomes = definition.predict(generic, train, test, budgets, 0)
    for outcome in outcomes:
        assert outcome_problem(outcome, 20) == ""
        assert (outcome.predicted == np.arange(20) % 2).mean() >= 0.9
    assert definition.measures is not None
    assert definition.measures(generic, train, test)["covered_train"] == 1
