"""Documents that are almost the same, found by shingles."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
from scipy import sparse

from d2vbench.corpora.store import EncodedCorpus

SHINGLE = 5


def shingles(
    corpus: EncodedCorpus, documents: npt.NDArray[np.int64], size: int = SHINGLE
) -> list[npt.NDArray[np.uint64]]:
    """Return the set of shingles of each document.

    Parameters
    ----------
    corpus : EncodedCorpus
        The corpus.
    documents : (n,) int64
        Which documents.
    size : int
        Words in a shingle. A shorter document is one shingle.

    Returns
    -------
    list of (n_shingles,) uint64
        Sorted distinct hashes, comparable between corpora. An empty document has none.
    """
    words = np.asarray([zlib.crc32(w.encode("utf-8")) for w in corpus.lexicon], dtype=np.uint64)
    # Odd multipliers: a polynomial hash modulo 2**64.
    powers = np.cumprod(np.full(size, 0x9E3779B97F4A7C15, dtype=np.uint64))
    found = []
    for d in documents.tolist():
        hashes = words[corpus.tokens[corpus.offsets[d] : corpus.offsets[d + 1]]] + np.uint64(1)
        n = max(len(hashes) - size + 1, min(len(hashes), 1))
        total = np.zeros(n, dtype=np.uint64)
        for j in range(min(size, len(hashes))):
            total += hashes[j : j + n] * powers[j]
        found.append(np.unique(total))
    return found


def _matrix(
    sets: list[npt.NDArray[np.uint64]], columns: npt.NDArray[np.uint64]
) -> sparse.csr_array:
    flat = np.concatenate([*sets, np.empty(0, np.uint64)])
    starts = np.cumsum([0, *(len(s) for s in sets)])
    return sparse.csr_array(
        (np.ones(len(flat), np.int32), np.searchsorted(columns, flat), starts),
        shape=(len(sets), len(columns)),
    )


def similar_pairs(
    left: list[npt.NDArray[np.uint64]],
    right: list[npt.NDArray[np.uint64]],
    threshold: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the pairs of shingle sets with a Jaccard similarity of at least a threshold.

    Parameters
    ----------
    left, right : list of (n_shingles,) uint64
        From `shingles`.
    threshold : float
        In (0, 1].

    Returns
    -------
    i, j : (n_pairs,) int64
        ``left[i]`` resembles ``right[j]``. Exact, by a sparse matrix product.
    """
    columns = np.unique(np.concatenate([*left, *right, np.empty(0, np.uint64)]))
    a, b = _matrix(left, columns), _matrix(right, columns)
    common = sparse.coo_array(a @ b.T)
    i, j = common.row, common.col
    union = np.diff(a.indptr)[i] + np.diff(b.indptr)[j] - common.data
    near = common.data >= threshold * union
    return i[near].astype(np.int64), j[near].astype(np.int64)


def first_of_each(sets: list[npt.NDArray[np.uint64]], threshold: float) -> npt.NDArray[np.bool_]:
    """Mark the documents to keep so that no two that are kept resemble each other.

    Parameters
    ----------
    sets : list of (n_shingles,) uint64
        From `shingles`, in order of preference.
    threshold : float
        In (0, 1].

    Returns
    -------
    (n,) bool
        True where no earlier kept document is as similar as the threshold. Empty documents
        resemble nothing and are kept.
    """
    i, j = similar_pairs(sets, sets, threshold)
    earlier: dict[int, list[int]] = {}
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        if b < a:
            earlier.setdefault(a, []).append(b)
    keep = np.ones(len(sets), dtype=bool)
    for a in sorted(earlier):
        keep[a] = not keep[earlier[a]].any()
    return keep
