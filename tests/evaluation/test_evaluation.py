"""Metrics and a baseline."""

from __future__ import annotations

import numpy as np
import pytest

from d2vbench.corpora import Pair
from d2vbench.evaluation import BASELINES, Labelled, scores


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
