"""What stands beside the best: the next, and the cheapest that lies within noise of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from d2vbench.analysis.contrasts.scores import Stack, paired_difference
from d2vbench.analysis.contrasts.variants import Variant, mean_by_variant
from d2vbench.analysis.statistics.bootstrap import Interval

# Words are whole numbers, but their means over seeds are not.
_ROUNDING = 1e-9


class PassCounts(NamedTuple):
    """How often each corpus is gone through; NaN where records do not say.

    Attributes
    ----------
    generic, domain : float
        Passes of G, of D.
    """

    generic: float = math.nan
    domain: float = math.nan


UNKNOWN_PASSES = PassCounts()


def passes_by_variant(cells: pd.DataFrame) -> dict[Variant, PassCounts]:
    """Return the passes of each variant, the mean over its cells; empty where none says them."""
    names = ("generic_passes", "domain_passes")
    if not all(name in cells for name in names):
        return {}
    generic, domain = (mean_by_variant(cells, name) for name in names)
    return {variant: PassCounts(generic[variant], domain[variant]) for variant in generic}


class Contender(NamedTuple):
    """A variant that could be the best.

    Attributes
    ----------
    variant : Variant
        Which.
    cost : float
        Words trained, or seconds; NaN where that is not known.
    stack : Stack
        Its scores.
    """

    variant: Variant
    cost: float
    stack: Stack


class Rival(NamedTuple):
    """A variant beside the best.

    Attributes
    ----------
    variant : Variant
        Which.
    cost : float
        In what the best one's is.
    difference : Interval
        Its accuracy minus that of the best, paired, not adjusted.
    """

    variant: Variant
    cost: float
    difference: Interval


class Rivals(NamedTuple):
    """What stands beside the best.

    Attributes
    ----------
    nearest : Rival or None
        The highest mean of the others.
    cheaper : Rival or None
        The least cost of those that cost less and are not worse beyond noise: the 95 % interval of
        the difference reaches zero. Of equal cost the higher mean.
    tried : int
        How many cost less.
    """

    nearest: Rival | None = None
    cheaper: Rival | None = None
    tried: int = 0


NO_RIVALS = Rivals()


def rivals(best: Contender, others: Sequence[Contender]) -> Rivals:
    """Return what stands beside the best.

    Parameters
    ----------
    best : Contender
        What is recommended.
    others : sequence of Contender
        All that were compared; the best itself does not count.

    Returns
    -------
    Rivals
        Of those that share a seed with the best.
    """
    found: list[tuple[float, Rival]] = []
    for one in others:
        both = paired_difference(one.stack, best.stack)
        if one.variant != best.variant and both is not None:
            found.append((one.stack.mean, Rival(one.variant, one.cost, both[0])))
    found.sort(key=lambda item: -item[0])
    ranked = [rival for _, rival in found]
    less = [rival for rival in ranked if rival.cost < best.cost * (1 - _ROUNDING)]
    within = [rival for rival in less if rival.difference.high >= 0]
    return Rivals(
        nearest=ranked[0] if ranked else None,
        cheaper=min(within, key=lambda rival: rival.cost, default=None),
        tried=len(less),
    )
