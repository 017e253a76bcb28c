"""K-nearest neighbours by cosine, with k chosen by cross-validation on the training documents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.folds import right_share, standardised, stratified_folds
from d2vbench.evaluation.classifiers.outcome import Outcome
from d2vbench.evaluation.diagnostics.neighbours import SCALE, nearest

K = (1, 3, 5, 10, 20, 50)


def knn(
    train: npt.NDArray[np.floating],
    labels: npt.NDArray[np.int32],
    test: npt.NDArray[np.floating],
    *,
    seed: int,
    documents: npt.NDArray[np.int64] | None = None,
) -> Outcome:
    """Let the nearest training documents vote.

    Parameters
    ----------
    train : (n_train, dim) float32
        Training vectors.
    labels : (n_train,) int32
        Their classes.
    test : (n_test, dim) float32
        Test vectors.
    seed : int
        Of the folds.
    documents : (n_train,) int64, optional
        As of `stratified_folds`. A document of several labels votes for each of them.

    Returns
    -------
    Outcome
        The class of most of the k nearest by cosine, each dimension standardised by the training
        vectors; of classes with as many votes the one whose voters are nearer in sum, and of
        those the lower. k is the one of `K` with the best mean accuracy over stratified folds,
        the smallest of equals, and 1 without folds; one that exceeds the training documents of a
        fold does not take part. The details are ``k`` and, with folds, ``cv_accuracy``.

    Notes
    -----
    All k share one matrix product and one selection of neighbours a fold.
    """
    folds = list(stratified_folds(labels, seed, documents))
    grid = [k for k in K if k <= min((len(seen) for seen, _ in folds), default=1)]
    best, details = grid[0], {}
    if folds:
        accuracies = np.zeros(len(grid))
        for seen, unseen in folds:
            voted = _voted(train[seen], labels[seen], train[unseen], grid)
            held_out = documents if documents is None else documents[unseen]
            accuracies += right_share(voted, labels[unseen], held_out) / len(folds)
        # Rounded, so that the last bit of a mean decides nothing.
        best = grid[int(np.argmax(np.round(accuracies, 12)))]
        details["cv_accuracy"] = float(accuracies[grid.index(best)])
    (predicted,) = _voted(train, labels, test, [best])
    return Outcome(predicted, {"k": best, **details})


def _voted(
    train: npt.NDArray[np.floating],
    labels: npt.NDArray[np.int32],
    test: npt.NDArray[np.floating],
    grid: list[int],
) -> npt.NDArray[np.int32]:
    """Return the class that the k nearest vote for, for each k of a rising grid; (n_k, n_test)."""
    classes, members = np.unique(labels, return_inverse=True)
    rows, similarity = nearest(*standardised(train, test)[::-1], grid[-1])
    voters = members[rows]
    # One vote outweighs any sum of cosines, which lies between -k and k.
    worth = similarity + (2 * grid[-1] + 1) * SCALE
    totals = np.zeros((len(test), len(classes)), dtype=np.int64)
    everyone = np.arange(len(test))
    voted = np.empty((len(grid), len(test)), dtype=np.int32)
    counted = 0
    for i, k in enumerate(grid):
        for place in range(counted, k):
            totals[everyone, voters[:, place]] += worth[:, place]
        counted = k
        voted[i] = classes[np.argmax(totals, axis=1)]
    return voted


CLASSIFIER = Classifier(knn, "k nearest neighbours", version=2, rank=2)
