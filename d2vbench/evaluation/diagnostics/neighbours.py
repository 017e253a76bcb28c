"""Nearest rows by cosine: brute force, and the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# A cosine is rounded to a multiple of 1 / SCALE before anything is compared: the last bits of a
# sum depend on the order of its terms, and so on the processor and on what else is in the matrix.
SCALE = 10**9

# Cosines held at a time, 8 bytes each.
_BLOCK = 1 << 22


def unit_rows(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Scale rows to length 1; a zero row stays zero, with a cosine of 0 to everything.

    Parameters
    ----------
    rows : (n, dim) float
        Any vectors.

    Returns
    -------
    (n, dim) float64
        A copy.
    """
    rows = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def nearest(
    queries: npt.NDArray[np.floating],
    candidates: npt.NDArray[np.floating],
    k: int,
    *,
    without: npt.NDArray[np.int64] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the rows with the largest cosines.

    Parameters
    ----------
    queries : (n, dim) float
        Vectors whose neighbours are wanted.
    candidates : (m, dim) float
        Vectors among which they are looked for.
    k : int
        How many, at most m.
    without : (n,) int64, optional
        A row of ``candidates`` that is no neighbour of each query: the query itself. Then k is
        at most m - 1.

    Returns
    -------
    rows : (n, k) int64
        Rows of ``candidates``, the nearest first; of equally near ones the lower first.
    similarity : (n, k) int64
        Their cosines, in units of 1 / `SCALE`.

    Raises
    ------
    ValueError
        If there are fewer than k candidates.
    """
    m = len(candidates)
    if not 1 <= k <= m - (without is not None):
        raise ValueError(f"k must lie between 1 and the number of candidates, got {k} of {m}")
    queries, candidates = unit_rows(queries), unit_rows(candidates)
    found = np.empty((len(queries), k), dtype=np.int64)
    step = max(_BLOCK // m, 1)
    for begin in range(0, len(queries), step):
        block = slice(begin, begin + step)
        cosines = queries[block] @ candidates.T
        cosines *= SCALE
        # Cosine and row in one whole number: larger is nearer, and no two are equal.
        codes = np.rint(cosines, out=cosines).astype(np.int64)
        codes *= m
        codes -= np.arange(m)
        if without is not None:
            codes[np.arange(len(codes)), without[block]] = np.iinfo(np.int64).min
        found[block] = np.sort(np.partition(codes, m - k, axis=1)[:, m - k :], axis=1)[:, ::-1]
    rows = -found % m
    return rows, (found + rows) // m
