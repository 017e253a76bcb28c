"""How far vectors have moved: cosines before and after, and neighbours kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.diagnostics.neighbours import nearest, unit_rows

#: Neighbours of a word that are compared.
NEIGHBOURS = 10

Rows = npt.NDArray[np.floating]


def rotation(before: Rows, after: Rows, slices: int = 1) -> npt.NDArray[np.float64]:
    """Return the orthogonal map after which vectors have moved least.

    A model's inner products stay as they are if all its vectors are turned or mirrored together,
    so such a movement is none of what a model says (Hamilton, Leskovec and Jurafsky 2016, arXiv
    1605.09096, align so). Nothing else is free: vectors are neither centred, for a shift changes
    inner products, nor scaled.

    Parameters
    ----------
    before, after : (n, dim) float
        The same rows at two times. Each is scaled to length 1, so that a frequent word, whose
        vector is long, weighs no more than another; a zero row weighs nothing.
    slices : int
        Into how many equal parts the columns fall that are turned each on its own: in PV-DM with
        concatenation an output vector has a part for the document and one for each place of the
        window.

    Returns
    -------
    (slices, dim / slices, dim / slices) float64
        For `rotated`. Of all orthogonal maps the one with the largest mean cosine between turned
        rows ``before`` and rows ``after``: orthogonal Procrustes (Schoenemann 1966).
    """
    from scipy.linalg import orthogonal_procrustes

    parts = zip(*(_parts(unit_rows(rows), slices) for rows in (before, after)), strict=True)
    return np.stack([orthogonal_procrustes(a, b)[0] for a, b in parts])


def rotated(rows: Rows, turn: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn rows, (n, dim) float, as `rotation` found; returns (n, dim) float64."""
    parts = _parts(np.asarray(rows, dtype=np.float64), len(turn))
    return np.hstack([part @ matrix for part, matrix in zip(parts, turn, strict=True)])


def _parts(rows: npt.NDArray[np.float64], slices: int) -> list[npt.NDArray[np.float64]]:
    return np.split(rows, slices, axis=1)


def mean_cosine(before: Rows, after: Rows) -> float | None:
    """Return the mean cosine of rows with themselves at another time.

    Parameters
    ----------
    before, after : (n, dim) float
        The same rows at two times.

    Returns
    -------
    float or None
        In [-1, 1]. A zero vector has no direction, and its row does not count; None if none does.
    """
    a, b = (np.asarray(rows, dtype=np.float64) for rows in (before, after))
    lengths = np.sqrt(_products(a, a) * _products(b, b))
    defined = lengths > 0
    if not defined.any():
        return None
    return float(np.clip(_products(a, b)[defined] / lengths[defined], -1, 1).mean())


def _products(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the inner product of each row with its other, (n,) float64."""
    products: npt.NDArray[np.float64] = np.einsum("ij,ij->i", a, b)
    return products


def neighbour_overlap(
    before: Rows, after: Rows, rows: npt.NDArray[np.int64], k: int = NEIGHBOURS
) -> float | None:
    """Return which share of their nearest neighbours vectors have kept.

    Parameters
    ----------
    before, after : (n, dim) float
        All vectors at two times; needs no alignment, for cosines within a time do not change when
        all turn together.
    rows : (m,) int64
        Those whose neighbours among all n are compared.
    k : int
        How many neighbours: the nearest by cosine, the row itself left out.

    Returns
    -------
    float or None
        Mean over ``rows`` of the share of the k that are the same, in [0, 1]; by chance about
        k / n. A row that is zero at either time does not count; None if none does, or if there
        are no more than k others to be near to.
    """
    rows = rows[before[rows].any(axis=1) & after[rows].any(axis=1)]
    if not len(rows) or len(before) <= k + 1:
        return None
    a, b = (nearest(x[rows], x, k, without=rows)[0] for x in (before, after))
    return float((a[:, :, None] == b[:, None, :]).sum() / a.size)
