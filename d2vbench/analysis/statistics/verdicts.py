"""From an interval to a word."""

from __future__ import annotations

import math
from enum import Enum

from d2vbench.analysis.statistics.bootstrap import Interval

# One percentage point of accuracy: a smaller difference would not change anybody's choice.
EQUIVALENCE = 0.01

# With fewer seeds nothing is called better, worse or equivalent.
MIN_SEEDS = 3


class Verdict(str, Enum):
    """What an interval of a difference says."""

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"
    NO_INTERVAL = "no interval"
    TOO_FEW_SEEDS = "too few seeds"

    def __str__(self) -> str:
        """Return the word alone."""
        return self.value


#: What says nothing of how large the noise is.
UNTOLD = (Verdict.NO_INTERVAL, Verdict.TOO_FEW_SEEDS)


def verdict(
    interval: Interval, p_adjusted: float, seeds: int, margin: float = EQUIVALENCE
) -> Verdict:
    """Judge a difference.

    Parameters
    ----------
    interval : Interval
        Of the difference, 95 %.
    p_adjusted : float
        Its p-value, adjusted for the number of contrasts looked at.
    seeds : int
        Seeds that the interval rests on.
    margin : float
        Half the width of the region of practical equivalence.

    Returns
    -------
    Verdict
        ``equivalent`` where the whole interval lies within the margin; ``better`` or ``worse``
        where it excludes zero and the adjusted p-value is under 0.05; else ``inconclusive``:
        not shown to differ, nor shown not to. ``no interval`` with a single seed, and
        ``too few seeds`` with two: they say next to nothing about how much seeds differ.

        ``better`` is about the mean over all seeds and documents like those seen, with the
        settings of the cells: it does not say that a single training will be better, nor that
        another corpus or another schedule would show the same. ``inconclusive`` is no evidence of
        equality.
    """
    if math.isnan(interval.low):
        return Verdict.NO_INTERVAL
    if seeds < MIN_SEEDS:
        return Verdict.TOO_FEW_SEEDS
    if -margin <= interval.low and interval.high <= margin:
        return Verdict.EQUIVALENT
    if p_adjusted < 0.05:
        if interval.low > 0:
            return Verdict.BETTER
        if interval.high < 0:
            return Verdict.WORSE
    return Verdict.INCONCLUSIVE
