"""Arithmetic of `TermsPath`, a pass over memory each where it is compiled.

An array of a fit has 60,000 numbers and more: an operation costs what reading and writing its
arrays does, and NumPy makes an array for each. Compiled or not, the floats are the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

try:
    from d2vbench.evaluation.classifiers import _passes as _built
except ImportError:  # Built without a C compiler.
    _built = None  # type: ignore[assignment]

Doubles = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


def stepped(start: Doubles, way: Doubles, step: float) -> Doubles:
    """Return ``start + step * way``, (n,) float64."""
    if _built is None:
        return start + step * way
    out = np.empty_like(start)
    _built.stepped(start, way, step, out)
    return out


def mixed(total: Singles, times: float, slope: Doubles) -> Doubles:
    """Return ``total + times * slope``, (n,) float64."""
    if _built is None:
        return total + times * slope
    out = np.empty_like(slope)
    _built.mixed(total, times, slope, out)
    return out


def slope(over: Singles, at: Doubles, c: float, tilt: Doubles) -> Doubles:
    """Return ``over.ravel() + at / c``, and ``tilt`` behind it.

    Parameters
    ----------
    over : (n, classes) float32
    at : (n * classes or more,) float64
        Of which the first are taken.
    c : float
    tilt : (classes,) float64
    """
    if _built is None:
        return np.concatenate([over.ravel() + at[: over.size] / c, tilt])
    out = np.empty(over.size + len(tilt))
    _built.slope(over, at, c, out)
    out[over.size :] = tilt
    return out


def shifted(scores: Doubles, rows: int, classes: int) -> Singles:
    """Return scores plus intercepts, less the largest of each row.

    Parameters
    ----------
    scores : (rows * classes + classes,) float64
        Scores row by row, then intercepts.

    Returns
    -------
    (rows, classes) float32
        The sum is rounded before the largest is taken off.
    """
    if _built is None:
        split = rows * classes
        found = (scores[:split].reshape(rows, classes) + scores[split:]).astype(np.float32)
        found -= found.max(axis=1, keepdims=True)
        return found
    found = np.empty((rows, classes), dtype=np.float32)
    _built.shifted(scores, found)
    return found


def shares(of: Singles) -> Singles:
    """Divide each row by its sum, in place; return the sums, (rows,) float32."""
    if _built is None:
        total: Singles = of.sum(axis=1)
        of /= total[:, None]
        return total
    total = np.zeros(len(of), dtype=np.float32)
    _built.shares(of, total)
    return total


def over(sure: Singles, truth: Singles) -> tuple[Singles, Doubles]:
    """Return ``sure - truth``, and the sum of each column of that, (classes,) float64."""
    if _built is None or sure.shape[1] == 1:
        # NumPy adds a single column in pairs, several row by row.
        found = sure - truth
        return found, found.sum(axis=0, dtype=np.float64)
    found, tilt = np.empty_like(sure), np.zeros(sure.shape[1])
    _built.over(sure, truth, found, tilt)
    return found, tilt
