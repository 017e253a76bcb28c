"""What the classifiers have in common: their folds, and standardised vectors."""

from __future__ import annotations

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
        Indices. Five stratified folds, or as many as the smallest class allows; none at all with
        a class of one document.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(labels)[np.unique(labels)].min()))
    if folds > 1:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
        yield from splitter.split(np.zeros(len(labels)), labels)


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
