"""Intervals over seeds alone, for numbers that are no mean over test documents."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval


def seed_interval(values: npt.ArrayLike) -> Interval:
    """Return the mean of one value a seed, with Student's t interval.

    Parameters
    ----------
    values : (n_seeds,) array_like
        Numbers, no NaN.

    Returns
    -------
    Interval
        How much seeds differ, and not how much other test documents would. NaN ends and p with a
        single seed. Equal values have an interval of no length.
    """
    numbers = np.asarray(values, dtype=np.float64)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return Interval(mean, math.nan, math.nan, math.nan)
    if np.ptp(numbers) < 1e-12:
        return Interval(mean, mean, mean, 1.0 if abs(mean) < 1e-12 else 0.0)
    # Only here: it takes longer to load than all else that a report needs.
    from scipy import stats

    half = float(stats.sem(numbers) * stats.t.ppf((1 + LEVEL) / 2, len(numbers) - 1))
    return Interval(mean, mean - half, mean + half, float(stats.ttest_1samp(numbers, 0).pvalue))
