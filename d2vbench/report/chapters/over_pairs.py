"""How an estimate over pairs that share corpora is printed, wherever it is."""

from __future__ import annotations

from d2vbench.analysis import Interval, OverPairs

OVER_PAIRS = (
    "The mean is over corpora like these: generic corpora, domain corpora and pairs are random "
    "effects (REML; Student's t, degrees of freedom by Satterthwaite), so that pairs that share a "
    "corpus are not taken for independent. The interval on a new pair is where the true difference "
    "on one more pair, of a new generic and a new domain corpus, is expected."
)


def over_pairs_numbers(found: OverPairs) -> dict[str, float]:
    """Return all numbers of an estimate over pairs, by the name of their column."""
    low, high = found.new_pair
    return {
        "estimate": found.interval.estimate, "low": found.interval.low,
        "high": found.interval.high, "p": found.interval.p, "freedom": found.freedom,
        "new_low": low, "new_high": high, "p_worse": found.worse,
        "p_equivalent": found.equivalent, "p_better": found.better,
        **{f"sd_{name}": value for name, value in found.deviations.items()},
        "pairs": found.pairs, "generic_corpora": found.generic, "domain_corpora": found.domain,
    }  # fmt: skip


def new_pair_interval(found: OverPairs) -> Interval:
    """Return the prediction for a new pair, around the mean."""
    return Interval(found.interval.estimate, *found.new_pair, found.interval.p)


def pairs_text(found: OverPairs) -> str:
    """Return how many pairs an estimate rests on, and of how many different corpora."""
    return f"{found.pairs} ({found.generic} generic, {found.domain} domain)"
