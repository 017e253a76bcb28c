"""Samples of documents and words, where all of them would cost more than they tell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def sample(rows: npt.NDArray[np.int64], most: int, seed: int) -> npt.NDArray[np.int64]:
    """Draw some of a number of rows; smaller samples lie within larger ones.

    Parameters
    ----------
    rows : (n,) int64
        Ascending.
    most : int
        How many at most.
    seed : int
        Decides which.

    Returns
    -------
    (min(n, most),) int64
        Ascending.
    """
    chosen = np.random.default_rng(seed).permutation(len(rows))[:most]
    return rows[np.sort(chosen)]


def stratified_sample(labels: npt.NDArray[np.int32], most: int, seed: int) -> npt.NDArray[np.int64]:
    """Draw some documents, of each class in proportion; smaller samples lie within larger ones.

    Parameters
    ----------
    labels : (n,) int32
        Classes.
    most : int
        How many at most.
    seed : int
        Decides which.

    Returns
    -------
    (min(n, most),) int64
        Ascending indices. Classes have their shares as parties have seats by Sainte-Lague's
        method: of a very small class there may be none.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    # The i-th drawn of n of its class stands at (i + 1/2) / n; the sample are those that stand
    # lowest, which takes the same share of every class.
    place = np.empty(len(labels))
    for label in np.unique(labels):
        drawn = order[labels[order] == label]
        place[drawn] = (np.arange(len(drawn)) + 0.5) / len(drawn)
    return np.sort(order[np.argsort(place[order], kind="stable")[:most]])
