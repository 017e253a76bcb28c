"""Intervals over seeds alone, for scores that are no mean over test documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval


def over_seeds(values: Sequence[float]) -> Interval:
    """Return a mean with Student's interval over seeds.

    Parameters
    ----------
    values : sequence of float
        One a seed; at least one. Test documents are the same in all: the interval says how much
        seeds differ, and not how much other documents would.

    Returns
    -------
    Interval
        Ends and p are NaN with a single seed. Of values that are all the same, the ends are the
        mean, and p is 0, or 1 where that is zero.

    Examples
    --------
    >>> found = over_seeds([0.1, 0.2, 0.3])
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3), round(found.p, 3)
    (0.2, -0.048, 0.448, 0.074)
    """
    from scipy import stats

    given = np.asarray(values, dtype=np.float64)
    mean, n = float(given.mean()), len(given)
    if n < 2:
        return Interval(mean, math.nan, math.nan, math.nan)
    error = float(given.std(ddof=1)) / math.sqrt(n)
    if not error:
        return Interval(mean, mean, mean, float(mean == 0))
    half = error * float(stats.t.ppf((1 + LEVEL) / 2, n - 1))
    p = 2 * float(stats.t.sf(abs(mean) / error, n - 1))
    return Interval(mean, mean - half, mean + half, p)
