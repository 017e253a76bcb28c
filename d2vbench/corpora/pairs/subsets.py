"""Nested, stratified choices of documents: splits, shares of D, label budgets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

#: Raised when other documents are drawn.
VERSION = 1


def split_by_hash(
    labels: npt.NDArray[np.int32], text_hash: npt.NDArray[np.uint64], train_share: float
) -> npt.NDArray[np.bool_]:
    """Split documents into train and test, stratified by label, fixed by the texts themselves.

    Parameters
    ----------
    labels : (n,) int32
        Class of each document.
    text_hash : (n,) uint64
        Hash of each text; the order of the documents does not matter.
    train_share : float
        In (0, 1): share of each class that is for training, rounded, at least one document and
        leaving at least one.

    Returns
    -------
    (n,) bool
        True for train.
    """
    train = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        members = members[np.argsort(text_hash[members], kind="stable")]
        count = min(max(round(train_share * len(members)), 1), max(len(members) - 1, 1))
        train[members[:count]] = True
    return train


def stratified_fraction(
    labels: npt.NDArray[np.int32], fraction: float, seed: int
) -> npt.NDArray[np.int64]:
    """Choose a share of each class; for one seed, smaller shares lie within larger ones.

    Parameters
    ----------
    labels : (n,) int32
        Class of each document.
    fraction : float
        In (0, 1]; of each class, rounded, at least one document.
    seed : int
        Decides which.

    Returns
    -------
    (m,) int64
        Sorted indices.
    """
    return _first(labels, seed, lambda size: max(round(fraction * size), 1))


def per_class(labels: npt.NDArray[np.int32], count: int, seed: int) -> npt.NDArray[np.int64]:
    """Choose so many documents of each class; smaller budgets lie within larger ones.

    Parameters
    ----------
    labels : (n,) or (n, most labels of one) int32
        Classes of each document. Of several labels, a document is chosen where one of its classes
        chooses it; a class may so have more documents.
    count : int
        Documents per class; a smaller class gives all it has.
    seed : int
        Decides which.

    Returns
    -------
    (m,) int64
        Sorted indices.
    """
    return _first(labels, seed, lambda size: count)


def _first(
    labels: npt.NDArray[np.int32], seed: int, count: Callable[[int], int]
) -> npt.NDArray[np.int64]:
    order = np.random.default_rng(seed).permutation(len(labels))
    rows = labels.reshape(len(labels), -1)
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(rows[rows >= 0]):
        members = (rows == label).any(axis=1)
        chosen[order[members[order]][: count(int(members.sum()))]] = True
    return np.flatnonzero(chosen)
