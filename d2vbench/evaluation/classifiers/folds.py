"""What the classifiers have in common: their folds, and standardised vectors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDS = 5


def stratified_folds(
    labels: npt.NDArray[np.int32], seed: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Go through the folds of training documents, the same for every classifier.

    Parameters
    ----------
    labels : (n,) int32
        Classes of the training documents.
    seed : int
        Of the folds.

    Yields
    ------
    seen, unseen : (m,) int64, (n - m,) int64
        Indices. Five stratified folds, or as many as the largest class has documents. A class of
        fewer is spread over as many folds as it has documents, so that each of them is held out
        once while the others are seen. The document of a class of one is seen in every fold. No
        fold at all where every class has one document.
    """
    from sklearn.model_selection import StratifiedKFold

    sizes = np.bincount(labels)[labels]
    several = np.flatnonzero(sizes > 1)
    if not len(several):
        return
    folds = min(FOLDS, int(sizes.max()))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # That a class is smaller than the folds is meant.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        held_out = [several[rows] for _, rows in splitter.split(several, labels[several])]
    for unseen in held_out:
        yield np.setdiff1d(np.arange(len(labels)), unseen), unseen


def standardised(train: Any, test: Any) -> tuple[Any, Any]:
    """Give each dimension mean 0 and variance 1 over the training vectors.

    Parameters
    ----------
    train, test : (n_train, dim), (n_test, dim) float32
        Vectors; a dimension that is constant in ``train`` is centred alone.

    Returns
    -------
    train, test : of the same shapes
        Test vectors are moved as training vectors are, and take no part in the choice.
    """
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)
