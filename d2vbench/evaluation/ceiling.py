"""What TF-IDF reaches on a pair with all labels: how much room there is above a model."""

from __future__ import annotations

import numpy as np

from d2vbench.corpora import Pair
from d2vbench.evaluation.baselines import BASELINES, Labelled


def tf_idf_accuracy(pair: Pair) -> float:
    """Return the accuracy on D-test of TF-IDF and logistic regression with all of D-train.

    Parameters
    ----------
    pair : Pair
        Its generic side is not read.

    Returns
    -------
    float
        In [0, 1].
    """
    everything = Labelled(np.arange(len(pair.train)), pair.train_labels, folds=0)
    outcome = BASELINES["tf-idf"].predict(pair.generic, pair.train, pair.test, [everything], 0)[0]
    return float(np.mean(outcome.predicted == pair.test_labels))
