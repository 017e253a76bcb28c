"""Labels of documents, one or several each: spelt in several ways, held as numbers, and met.

Several labels of a document are a row of class numbers, the first label first, filled up with -1. A
corpus whose documents have one label each has rows of one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.documents import joined_label, labels_in
from d2vbench.corpora.store.encoded import EncodedCorpus

Rows = npt.NDArray[np.int32]


def label_sizes(corpus: EncodedCorpus) -> dict[str, int]:
    """Return the single labels of a corpus in their order, and how many documents have each."""
    codes = np.bincount(corpus.labels[corpus.labels >= 0], minlength=len(corpus.label_names))
    sizes: dict[str, int] = {}
    for name, n in zip(corpus.label_names, codes.tolist(), strict=True):
        for label in labels_in(name):
            sizes[label] = sizes.get(label, 0) + n
    return dict(sorted(sizes.items()))


def spellings(corpus: EncodedCorpus) -> list[list[str]]:
    """Return the labels of a corpus, those together that differ by blanks and case only.

    Parameters
    ----------
    corpus : EncodedCorpus
        With labels.

    Returns
    -------
    list of list of str
        In each list the most frequent spelling first.
    """
    groups: dict[str, list[str]] = {}
    for label, _ in sorted(label_sizes(corpus).items(), key=lambda item: -item[1]):
        groups.setdefault("".join(label.split()).casefold(), []).append(label)
    return list(groups.values())


def joined_labels(corpus: EncodedCorpus) -> EncodedCorpus:
    """Return a view of a corpus in which labels of one spelling group are one, the most frequent.

    Parameters
    ----------
    corpus : EncodedCorpus
        With labels.

    Returns
    -------
    EncodedCorpus
        The same documents; it must not be pickled, which would bring the old labels back.
    """
    first = {name: group[0] for group in spellings(corpus) for name in group}
    new = [joined_label(first[one] for one in labels_in(name)) for name in corpus.label_names]
    names = sorted({name for name in new if name is not None})
    place = {name: i for i, name in enumerate(names)}
    # The last is for -1, no label.
    rows = np.asarray([*(place[str(name)] for name in new), -1], dtype=np.int32)
    return dataclasses.replace(corpus, labels=rows[corpus.labels], label_names=tuple(names))


def label_rows(
    corpus: EncodedCorpus,
    documents: npt.NDArray[np.int64],
    wanted: Callable[[str], bool] = lambda label: True,
    least: int = 0,
) -> tuple[tuple[str, ...], Rows]:
    """Return the classes of documents.

    Parameters
    ----------
    corpus : EncodedCorpus
        Where they are.
    documents : (n,) int64
        Which.
    wanted : callable
        From a label to whether it is a class.
    least : int
        Labels that fewer of the documents have are no classes.

    Returns
    -------
    names : tuple of str
        The classes that occur, sorted.
    rows : (n, most labels of one) int32
        Indices into ``names``.
    """
    parts = [[one for one in labels_in(name) if wanted(one)] for name in corpus.label_names]
    names = np.asarray(sorted({one for part in parts for one in part}), dtype=object)
    place = {name: i for i, name in enumerate(names.tolist())}
    # The last is for -1, no label.
    table = np.full((len(parts) + 1, max(map(len, parts), default=0) or 1), -1, dtype=np.int32)
    for row, part in zip(table, parts, strict=False):
        row[: len(part)] = [place[one] for one in part]
    rows = table[corpus.labels[documents]]
    sizes = class_sizes(rows, len(names))
    kept = sizes >= max(least, 1)
    number = np.asarray([*(np.cumsum(kept) - 1), -1], dtype=np.int32)
    number[:-1][~kept] = -1
    rows = number[rows]
    # Labels that are left move to the front.
    order = np.argsort(rows < 0, axis=1, kind="stable")
    rows = np.take_along_axis(rows, order, axis=1)
    width = max(int((rows >= 0).sum(axis=1).max(initial=1)), 1)
    return tuple(names[kept].tolist()), np.ascontiguousarray(rows[:, :width])


def class_sizes(rows: Rows, classes: int) -> npt.NDArray[np.int64]:
    """Return how many documents have each class, (classes,) int64."""
    return np.bincount(rows[rows >= 0], minlength=classes)


def strata(rows: Rows) -> Rows:
    """Return one class for each document, by which documents are split and drawn in proportion.

    Parameters
    ----------
    rows : (n, most) int32
        Classes; each document has one or more.

    Returns
    -------
    (n,) int32
        Of a document's classes the one that the fewest of these documents have, the lower of
        equals: so rare classes are spread as evenly as if their documents had no other.
    """
    sizes = class_sizes(rows, int(rows.max(initial=0)) + 1)
    worth = sizes[rows] * len(sizes) + rows
    worth[rows < 0] = np.iinfo(np.int64).max
    return np.take_along_axis(rows, worth.argmin(axis=1)[:, np.newaxis], axis=1)[:, 0]


def every_label(rows: Rows) -> tuple[npt.NDArray[np.int64], Rows]:
    """Return documents as often as they have labels, (m,) int64, and these labels, (m,) int32."""
    documents, places = np.nonzero(rows >= 0)
    return documents.astype(np.int64), rows[documents, places]


def met(predicted: Rows, rows: Rows) -> npt.NDArray[np.bool_]:
    """Return of each document whether what was predicted, (n,) int32, is one of its classes."""
    found: npt.NDArray[np.bool_] = (rows == predicted[:, np.newaxis]).any(axis=1)
    return found
