"""What results/README.md registered before the second study: strategies, hypotheses, verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from published_records import (
    ADAPTED,
    ALONE,
    COMBINED,
    FINISH,
    GENERIC,
    OVERSAMPLED,
    RESTART,
    Strategy,
)
from scipy import stats

from d2vbench.analysis.contrasts.variants import Variant, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.crossed import OverPairs

HELD_OUT = ("reuters-sci", "imdb-bbc")
LABELS = ("all", "50", "10")
MARGIN = 0.01

STRATEGIES = (ALONE, COMBINED, OVERSAMPLED, RESTART, ADAPTED, FINISH, GENERIC)
# Of part 1, in its order.
HYPOTHESES = {
    "H1": (RESTART, OVERSAMPLED),
    "H2": (OVERSAMPLED, COMBINED),
    "H3": (OVERSAMPLED, ALONE),
    "H4": (ADAPTED, RESTART),
    "H5": (FINISH, OVERSAMPLED),
}


def drawn(pairs: Iterable[str]) -> list[str]:
    """Return pairs in the order that was drawn."""
    return sorted(pairs, key=lambda p: hashlib.sha256(f"d2vbench crossed {p}".encode()).hexdigest())


def corpora(manifest: dict[str, Any], pair: str) -> tuple[str, str]:
    """Return the generic corpus of a pair, and the domain with its classes."""
    entry = manifest["pairs"][pair]
    return entry["generic"], f"{entry['domain']}: {', '.join(entry['classes'])}"


def named(strategy: Strategy) -> str:
    """Return a strategy's name in the analysis."""
    return variant_title(Variant(strategy[0], strategy[1] or "", None, strategy[2], None))


def title(strategy: Strategy) -> str:
    return f"`{strategy[0]}({strategy[1]})`" if strategy[1] else f"`{strategy[0]}`"


def points(value: float) -> str:
    """Return a fraction as points of a hundred, with a sign."""
    return f"{100 * value:+.1f}".replace("-0.0", "+0.0")


def shown(interval: Interval) -> str:
    return f"{points(interval.estimate)} [{points(interval.low)}, {points(interval.high)}]"


def holm(p: list[float]) -> list[float]:
    """Adjust by Holm's method."""
    order, highest, adjusted = np.argsort(p), 0.0, [0.0] * len(p)
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = highest
    return adjusted


def verdicts(intervals: dict[str, Interval]) -> dict[str, str]:
    """Return the verdict on each of what is asked together."""
    said = {}
    adjusted = holm([one.p for one in intervals.values()])
    for (name, one), p in zip(intervals.items(), adjusted, strict=True):
        if one.low >= -MARGIN and one.high <= MARGIN:
            said[name] = "equivalent"
        elif p < 0.05:
            said[name] = "better" if one.estimate > 0 else "worse"
        else:
            said[name] = "inconclusive"
    return said


def seen(found: OverPairs, verdict: str) -> str:
    """Return what could have been seen with 80 % power at the 5 % level, where nothing was.

    2.8 standard errors, the sum of the normal quantiles of 0.975 and 0.8.
    """
    if verdict != "inconclusive":
        return "-"
    width = (found.interval.high - found.interval.low) / 2
    return f"{280 * width / float(stats.t.ppf(0.975, found.freedom)):.1f}"
