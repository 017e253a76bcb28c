"""What the classifiers have in common: their folds, and standardised vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDS = 5
#: Raised when documents fall into other folds; the versions of the classifiers that choose by folds
#: are raised with it. In the keys of what chooses by them and is no classifier.
FOLDS_VERSION = 1


def stratified_folds(
    labels: npt.NDArray[np.int32], seed: int, documents: npt.NDArray[np.int64] | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Go through the folds of training documents, the same for every classifier.

    Parameters
    ----------
    labels : (n,) int32
        Classes of the training documents.
    seed : int
        Of the folds.
    documents : (n,) int64, optional
        Which document a row is of, where one has several labels. Its rows are held out together,
        and it counts under that of its classes of which there are fewest. Of a class whose
        documents would all be held out in one fold, the first is seen.

    Yields
    ------
    seen, unseen : (m,) int64, (n - m,) int64
        Indices. Five stratified folds, or as many as the largest class has documents. A class of
        fewer is spread over as many folds as it has documents, so that each of them is held out
        once while the others are seen. The document of a class of one is seen in every fold. No
        fold at all where every class has one document.
    """
    if documents is not None:
        _, rows = np.unique(documents, return_inverse=True)
        # The last to be written is the rarest.
        order = np.lexsort((-labels, -np.bincount(labels)[labels]))
        rarest = np.empty(rows.max() + 1, dtype=np.int32)
        rarest[rows[order]] = labels[order]
        for _, unseen in stratified_folds(rarest, seed):
            apart = np.isin(rows, unseen)
            for label in np.setdiff1d(labels, labels[~apart]).tolist():
                if label not in labels[~apart]:
                    apart &= rows != rows[apart & (labels == label)][0]
            if apart.any():
                yield np.flatnonzero(~apart), np.flatnonzero(apart)
        return
    sizes = np.bincount(labels)[labels]
    several = np.flatnonzero(sizes > 1)
    if not len(several):
        return
    folds = min(FOLDS, int(sizes.max()))
    dealt = _dealt(labels[several], folds, seed)
    for fold in range(folds):
        unseen = several[dealt == fold]
        yield np.setdiff1d(np.arange(len(labels)), unseen), unseen


def _dealt(labels: npt.NDArray[np.int32], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold in which each document is held out.

    The classes, in the order in which they first come, are dealt over the folds in turn, each going
    on where the one before it ended; which of a class's documents goes where is drawn. The same as
    ``StratifiedKFold(folds, shuffle=True, random_state=seed)`` of scikit-learn 1.9, whose import
    alone takes a process a second.
    """
    random = np.random.RandomState(seed)
    classes, first = np.unique(labels, return_index=True)
    dealt = np.empty(len(labels), dtype=np.int64)
    start = 0
    for label in classes[np.argsort(first)]:
        of_class = np.flatnonzero(labels == label)
        places = np.sort(np.arange(start, start + len(of_class)) % folds)
        random.shuffle(places)
        dealt[of_class] = places
        start += len(of_class)
    return dealt


def right_share(
    predicted: npt.NDArray[np.integer],
    labels: npt.NDArray[np.integer],
    documents: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.float64]:
    """Return the accuracy in a fold.

    Parameters
    ----------
    predicted : (..., n) int32
        Predicted classes of the documents held out.
    labels : (n,) int32
        Their classes.
    documents : (n,) int64, optional
        As of `stratified_folds`: a document is right if any of its labels is met.

    Returns
    -------
    (...) float64
        In [0, 1].
    """
    right = predicted == labels
    if documents is not None:
        order = np.argsort(documents, kind="stable")
        starts = np.flatnonzero(np.diff(documents[order], prepend=documents.min() - 1))
        right = np.logical_or.reduceat(right[..., order], starts, axis=-1)
    share: npt.NDArray[np.float64] = right.mean(axis=-1)
    return share


def standardised(train: Any, test: Any) -> tuple[Any, Any]:
    """Give each dimension mean 0 and variance 1 over the training vectors.

    Parameters
    ----------
    train, test : (n_train, dim), (n_test, dim) float32
        Vectors; a dimension that is constant in ``train`` is centred alone. Whole numbers are taken
        as float64.

    Returns
    -------
    train, test : of the same shapes and dtypes
        Test vectors are moved as training vectors are, and take no part in the choice.

    Raises
    ------
    ValueError
        If a number is not finite.

    Notes
    -----
    The variance is that of the corrected two-pass algorithm, in float64 (Chan, Golub and LeVeque,
    Algorithms for computing the sample variance, The American Statistician 37, 1983); what lies
    within the error of its sums, by their bound there, is constant. The same to the last digit as
    the ``StandardScaler`` of scikit-learn from 1.8 on, whose import alone takes a process a second;
    older ones move float32 by a mean in float64.
    """
    train, test = (x if x.dtype.kind == "f" else x.astype(np.float64) for x in (train, test))
    if not (np.isfinite(train).all() and np.isfinite(test).all()):
        raise ValueError("a vector has a number that is not finite")
    n, epsilon = len(train), np.finfo(np.float64).eps
    mean = np.sum(train, axis=0, dtype=np.float64) / n
    centred = train - mean
    correction = np.sum(centred, axis=0)
    centred **= 2
    variance = (np.sum(centred, axis=0) - correction**2 / n) / n
    del centred  # twice as large as the vectors
    scale = np.sqrt(variance)
    scale[variance <= n * epsilon * variance + (n * mean * epsilon) ** 2] = 1.0

    def moved(x: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
        out = x - mean.astype(x.dtype)
        out /= scale.astype(x.dtype)
        return out

    return moved(train), moved(test)
