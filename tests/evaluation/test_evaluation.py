"""Classifier, metrics, baseline."""

from __future__ import annotations

import numpy as np
import pytest

from d2vbench.corpora import Pair
from d2vbench.evaluation import BASELINES, Labelled, scores
from d2vbench.evaluation.classifiers.logistic import DENSE_C, classify


def blobs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3).astype(np.int32)
    centres = np.array([[0, 0], [400, 0], [0, 4]])
    return (centres[labels] + rng.normal(size=(n, 2))).astype(np.float32), labels


def test_a_separable_task_is_solved_whatever_the_scale() -> None:
    # The second dimension is a hundred times smaller; without standardising, C = 1e-4 fails.
    x, y = blobs(90, 0)
    test, truth = blobs(60, 1)
    outcome = classify(x, y, test, seed=0)
    assert scores(truth, outcome.predicted)["accuracy"] > 0.9
    assert outcome.details["c"] in DENSE_C
    assert outcome.details["converged"]


def test_test_vectors_do_not_influence_the_fit() -> None:
    x, y = blobs(90, 0)
    test, _ = blobs(60, 1)
    together = classify(x, y, test, seed=0).predicted
    alone = [classify(x, y, test[i : i + 1], seed=0).predicted[0] for i in range(0, 60, 20)]
    assert together[::20].tolist() == alone


def test_the_result_depends_on_the_seed_argument_alone() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)), (np.arange(60) % 3).astype(np.int32)
    first = classify(x, y, x, seed=1)
    np.random.seed(3)  # noqa: NPY002
    second = classify(x, y, x, seed=1)
    assert (first.details, first.predicted.tolist()) == (second.details, second.predicted.tolist())


def test_a_class_of_one_document_has_no_folds() -> None:
    x, y = blobs(9, 0)
    keep = np.array([0, 1, 2, 3, 4, 6, 7])
    outcome = classify(x[keep], y[keep], x, seed=0)
    assert outcome.details == {"c": 1.0, "converged": True, "cv_accuracy": None}
    assert outcome.predicted.shape == (9,)


def test_scores_by_hand() -> None:
    truth = np.array([0, 0, 1, 1], dtype=np.int32)
    predicted = np.array([0, 0, 1, 2], dtype=np.int32)
    # F1: class 0 is 1, class 1 has precision 1 and recall 1/2; class 2 is not in the truth.
    assert scores(truth, predicted) == {
        "accuracy": 0.75,
        "macro_f1": pytest.approx((1 + 2 / 3) / 2),
    }


def test_tfidf_beats_chance_by_far(small_pair: Pair) -> None:
    everything = Labelled(np.arange(len(small_pair.train)), small_pair.train_labels, folds=0)
    (outcome,) = BASELINES["tf-idf"].predict(
        small_pair.generic, small_pair.train, small_pair.test, [everything], 0
    )
    assert scores(small_pair.test_labels, outcome.predicted)["accuracy"] > 0.6
