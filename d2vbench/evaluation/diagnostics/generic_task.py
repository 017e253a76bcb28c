"""The generic corpus as a task of its own, by which forgetting is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Pair, Selection
from d2vbench.evaluation.classifiers.folds import FOLDS
from d2vbench.evaluation.classifiers.logistic import classify
from d2vbench.evaluation.classifiers.outcome import scores
from d2vbench.evaluation.diagnostics.samples import sample, stratified_sample
from d2vbench.keys import derive_seed

#: Raised when the generic corpus' own task is measured otherwise.
DIAGNOSTICS_VERSION = 1

#: Documents to learn from and to be tested by, at most.
MOST_TRAIN = 1500
MOST_TEST = 1000


@dataclass(frozen=True)
class GenericTask:
    """Labelled documents of G to learn from, and held-out ones to be tested by.

    Attributes
    ----------
    train : Selection
        Documents of G: a sample stratified by class, less the classes of which it has fewer than
        there are folds.
    labels : (n_train,) int32
        Their classes: indices into ``label_names`` of the generic corpus.
    test : Selection
        A sample of the documents held out of G, of the same classes.
    truth : (n_test,) int32
        Their classes.
    """

    train: Selection
    labels: npt.NDArray[np.int32]
    test: Selection
    truth: npt.NDArray[np.int32]

    @classmethod
    def of(cls, pair: Pair, seed: int) -> GenericTask | None:
        """Draw the task of a pair.

        Parameters
        ----------
        pair : Pair
            With documents held out of G.
        seed : int
            Base seed of the pair: every strategy has the same task.

        Returns
        -------
        GenericTask or None
            None where no test document is held out, or G has fewer than two labelled classes.
        """
        labels = pair.generic.corpus.labels
        own = labels[pair.generic.documents]
        labelled = np.flatnonzero(own >= 0)
        drawn = labelled[
            stratified_sample(own[labelled], MOST_TRAIN, derive_seed(seed, "generic training"))
        ]
        classes, counts = np.unique(own[drawn], return_counts=True)
        classes = classes[counts >= FOLDS]
        train = pair.generic.take(drawn[np.isin(own[drawn], classes)])
        held_out = np.flatnonzero(np.isin(labels[pair.generic_test.documents], classes))
        test = pair.generic_test.take(
            sample(held_out, MOST_TEST, derive_seed(seed, "generic test"))
        )
        if len(classes) < 2 or not len(test):
            return None
        return cls(train, labels[train.documents], test, labels[test.documents])

    def judge(
        self, train: npt.NDArray[np.float32], test: npt.NDArray[np.float32], seed: int
    ) -> tuple[dict[str, Any], npt.NDArray[np.int32]]:
        """Do the task with vectors that a model has inferred.

        Parameters
        ----------
        train, test : (n_train, dim), (n_test, dim) float32
            Of the documents.
        seed : int
            Base seed of the pair: the folds are the same before and after, and in every strategy.

        Returns
        -------
        metrics : dict
            Of logistic regression: scores, details, and how many documents and classes there are.
        predicted : (n_test,) int32
            Class of each test document.
        """
        outcome = classify(train, self.labels, test, seed=derive_seed(seed, "generic folds"))
        metrics = {
            **scores(self.truth, outcome.predicted),
            **outcome.details,
            "labelled": len(train),
            "tested": len(test),
            "classes": len(np.unique(self.labels)),
        }
        return metrics, outcome.predicted
