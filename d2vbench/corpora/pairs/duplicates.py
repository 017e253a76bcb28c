"""Documents that are almost the same, found by shingles."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.encoded import EncodedCorpus

if TYPE_CHECKING:
    from scipy import sparse

SHINGLE = 5
# The bits of a hash by which a table of shingles is addressed; sets that are looked up at once.
_BITS = np.uint64((1 << 24) - 1)
_SETS = 4096

#: Raised when other documents count as almost the same.
VERSION = 1


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


def _grouped(
    sets: list[npt.NDArray[np.uint64]],
) -> tuple[list[npt.NDArray[np.uint64]], npt.NDArray[np.int64]]:
    """Group equal sets, so that what is compared is not the square of how often one occurs.

    Returns
    -------
    distinct : list of (n_shingles,) uint64
        Each set once, in the order in which they first occur.
    group : (n_sets,) int64
        Which of the distinct sets each one is.
    """
    numbers: dict[bytes, int] = {}
    distinct: list[npt.NDArray[np.uint64]] = []
    group = np.empty(len(sets), dtype=np.int64)
    for i, one in enumerate(sets):
        # A digest, since the bytes of all sets would be a second copy of them.
        key = hashlib.blake2b(one.tobytes(), digest_size=16).digest()
        group[i] = numbers.setdefault(key, len(numbers))
        if group[i] == len(distinct):
            distinct.append(one)
    return distinct, group


def _rows(sets: list[npt.NDArray[np.uint64]]) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(sets)), [len(s) for s in sets])


def _prefixes(
    sets: list[npt.NDArray[np.uint64]], rank: npt.NDArray[np.int64], threshold: float, distinct: int
) -> sparse.csr_array:
    """Return the rarest shingles of each set, as many as a similar set cannot all lack.

    A set of n shingles shares at least ``ceil(threshold * n)`` with a similar one, so that one of
    its n - ceil(threshold * n) + 1 rarest is shared.
    """
    rows = _rows(sets)
    sizes = np.asarray([len(s) for s in sets], dtype=np.int64)
    order = np.lexsort((rank, rows))
    place = np.arange(len(rank)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # Rounding errors of the product must not shorten a prefix.
    length = sizes - np.ceil(threshold * sizes - 1e-9).astype(np.int64) + 1
    first = order[place < length[rows]]
    from scipy import sparse

    return sparse.csr_array(
        (np.ones(len(first), np.int32), (rows[first], rank[first])),
        shape=(len(sets), distinct),
    )


def similar_pairs(
    left: list[npt.NDArray[np.uint64]],
    right: list[npt.NDArray[np.uint64]],
    threshold: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the pairs of shingle sets with a Jaccard similarity of at least a threshold.

    Exact. Sets that share too few shingles with all of the other side together are left out first:
    of a large generic corpus, nearly all. Candidates come from a filter on the rarest shingles of
    each set (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007), so that phrases
    which thousands of documents share make no candidates.

    Parameters
    ----------
    left, right : list of (n_shingles,) uint64
        From `shingles`.
    threshold : float
        In (0, 1].

    Returns
    -------
    i, j : (n_pairs,) int64
        ``left[i]`` resembles ``right[j]``; sorted. Empty sets resemble nothing.
    """
    left_kept = _may_resemble(left, right, threshold)
    left = [left[i] for i in left_kept.tolist()]
    right_kept = _may_resemble(right, left, threshold)
    right = [right[j] for j in right_kept.tolist()]
    flat = np.concatenate([*left, *right, np.empty(0, np.uint64)])
    _, column, count = np.unique(flat, return_inverse=True, return_counts=True)
    rank = np.empty(len(count), dtype=np.int64)
    rank[np.argsort(count, kind="stable")] = np.arange(len(count))
    ranks = rank[column]
    cut = sum(len(s) for s in left)
    a = _prefixes(left, ranks[:cut], threshold, len(count))
    b = _prefixes(right, ranks[cut:], threshold, len(count))
    from scipy import sparse

    found = sparse.coo_array(a @ b.T)
    keep = [
        k
        for k, (i, j) in enumerate(zip(found.row.tolist(), found.col.tolist(), strict=True))
        if _similar(left[i], right[j], threshold)
    ]
    i, j = left_kept[found.row[keep]], right_kept[found.col[keep]]
    order = np.lexsort((j, i))
    return i[order], j[order]


def shared_counts(
    sets: list[npt.NDArray[np.uint64]], others: list[npt.NDArray[np.uint64]]
) -> npt.NDArray[np.int64]:
    """Return of each set how many of its shingles the others have, or a few more.

    Parameters
    ----------
    sets, others : list of (n_shingles,) uint64
        From `shingles`.

    Returns
    -------
    (n_sets,) int64
        Never too small; a shingle that only has 24 bits in common with one of the others counts.
    """
    there = np.zeros(int(_BITS) + 1, dtype=bool)
    for other in others:
        there[other & _BITS] = True
    counts = np.zeros(len(sets), dtype=np.int64)
    for start in range(0, len(sets), _SETS):
        block = sets[start : start + _SETS]
        flat = np.concatenate(block)
        counts[start : start + len(block)] = np.bincount(
            _rows(block)[there[flat & _BITS]], minlength=len(block)
        )
    return counts


def _may_resemble(
    sets: list[npt.NDArray[np.uint64]], others: list[npt.NDArray[np.uint64]], threshold: float
) -> npt.NDArray[np.int64]:
    """Return the sets that share enough shingles with the others together to resemble one."""
    sizes = np.asarray([len(s) for s in sets], dtype=np.int64)
    # Rounding errors of the product must leave none out.
    least = np.ceil(threshold * sizes - 1e-9)
    return np.flatnonzero((sizes > 0) & (shared_counts(sets, others) >= least))


def containment(
    sets: list[npt.NDArray[np.uint64]], others: list[npt.NDArray[np.uint64]]
) -> npt.NDArray[np.float64]:
    """Return of each set the largest share of it that one of the others has.

    Unlike the Jaccard similarity, it finds a short document that is a part of a long one; see
    Broder 1997, "On the resemblance and containment of documents".

    Parameters
    ----------
    sets, others : list of (n_shingles,) uint64
        From `shingles`.

    Returns
    -------
    (n_sets,) float64
        In [0, 1]; 0 for an empty set.
    """
    from scipy import sparse

    sets, group = _grouped(sets)
    others, _ = _grouped(others)
    best = np.zeros(len(sets))
    known, columns = np.unique(np.concatenate([*sets, np.empty(0, np.uint64)]), return_inverse=True)
    if not len(known):
        return best[group]
    mine = sparse.csr_array(
        (np.ones(len(columns), np.int32), (columns, _rows(sets))), shape=(len(known), len(sets))
    )
    sizes = np.asarray([len(s) for s in sets], dtype=np.float64)
    for start in range(0, len(others), _SETS):
        block = others[start : start + _SETS]
        flat = np.concatenate(block)
        place = np.minimum(np.searchsorted(known, flat), len(known) - 1)
        shared = known[place] == flat
        theirs = sparse.csr_array(
            (np.ones(int(shared.sum()), np.int32), (_rows(block)[shared], place[shared])),
            shape=(len(block), len(known)),
        )
        common = sparse.coo_array(theirs @ mine)
        np.maximum.at(best, common.col, common.data / sizes[common.col])
    return best[group]


def _similar(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64], threshold: float) -> bool:
    small, large = sorted((len(a), len(b)))
    if small < threshold * large:
        return False
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common >= threshold * (len(a) + len(b) - common)


def resembling(
    sets: list[npt.NDArray[np.uint64]], others: list[npt.NDArray[np.uint64]], threshold: float
) -> npt.NDArray[np.int64]:
    """Return which sets resemble one of the others.

    Parameters
    ----------
    sets, others : list of (n_shingles,) uint64
        From `shingles`.
    threshold : float
        In (0, 1].

    Returns
    -------
    (n_resembling,) int64
        Ascending. Empty sets resemble nothing.
    """
    distinct, group = _grouped(sets)
    near = np.zeros(len(distinct), dtype=bool)
    near[similar_pairs(distinct, _grouped(others)[0], threshold)[0]] = True
    return np.flatnonzero(near[group])


def with_twins(sets: list[npt.NDArray[np.uint64]], threshold: float) -> npt.NDArray[np.bool_]:
    """Mark the documents that resemble another of them.

    Parameters
    ----------
    sets : list of (n_shingles,) uint64
        From `shingles`.
    threshold : float
        In (0, 1].

    Returns
    -------
    (n,) bool
        Empty documents resemble nothing.
    """
    distinct, group = _grouped(sets)
    i, j = similar_pairs(distinct, distinct, threshold)
    # A set resembles itself, and so the others that are equal to it.
    near = (np.bincount(group) > 1) & np.asarray([len(s) > 0 for s in distinct], dtype=bool)
    near[i[i != j]] = True
    return near[group]


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
    distinct, group = _grouped(sets)
    i, j = similar_pairs(distinct, distinct, threshold)
    earlier: dict[int, list[int]] = {}
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        if b < a:
            earlier.setdefault(a, []).append(b)
    kept = np.ones(len(distinct), dtype=bool)
    for a in sorted(earlier):
        kept[a] = not kept[earlier[a]].any()
    # Of equal documents, none after the first is kept: whatever they resemble, it does too.
    keep = np.asarray([len(s) == 0 for s in sets], dtype=bool)
    keep[np.unique(group, return_index=True)[1]] = kept
    return keep
