"""Nested, stratified choices of documents: splits, shares of D, label budgets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from d2vbench.keys import derive_seed

#: Raised when other documents are drawn.
VERSION = 1
#: The same of `long_tail` alone.
LONG_TAIL_VERSION = 1
#: Documents that a class of a long tail has at least, where it has so many at all.
LEAST_OF_TAIL = 2


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


def long_tail(
    labels: npt.NDArray[np.int32], ratio: int, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Choose documents so that few classes have many and many have few.

    Parameters
    ----------
    labels : (n,) or (n, most labels of one) int32
        As of `per_class`.
    ratio : int
        How many times the documents of the last class the first one has.
    seed : int
        Decides which documents, and which place a class has.

    Returns
    -------
    documents : (m,) int64
        Sorted indices. The class at place r of K, from 0, has ``ratio ** (-r / (K - 1))`` times the
        median size of a class, rounded, `LEAST_OF_TAIL` at least; a smaller class gives all it has.
        Of one seed, they are the first that `per_class` chooses.
    rare : (K // 2,) int32
        The half of the classes that has the fewest of these documents, sorted.
    """
    classes = np.unique(labels[labels >= 0])
    rows = labels.reshape(len(labels), -1)
    sizes = np.asarray([int((rows == label).any(axis=1).sum()) for label in classes])
    places = np.random.default_rng(derive_seed(seed, "long tail")).permutation(len(classes))
    shares = float(ratio) ** (-places / max(len(classes) - 1, 1))
    wanted = np.maximum(np.round(np.median(sizes) * shares).astype(np.int64), LEAST_OF_TAIL)
    order = np.random.default_rng(seed).permutation(len(labels))
    chosen = np.zeros(len(labels), dtype=bool)
    for label, count in zip(classes, wanted, strict=True):
        members = (rows == label).any(axis=1)
        chosen[order[members[order]][:count]] = True
    kept = np.minimum(wanted, sizes)
    rare = np.lexsort((-places, kept))[: len(classes) // 2]
    return np.flatnonzero(chosen), np.sort(classes[rare]).astype(np.int32)


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
