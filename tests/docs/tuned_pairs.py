"""Each strategy at its own best on four pairs of the second study, from the published records."""

from __future__ import annotations

import functools
from pathlib import Path

from later_studies import PAIRS
from published_records import low_to_high, table_row

from d2vbench.analysis import load_run
from d2vbench.analysis.studies.tuned import at_ends, own_best

RUN = Path(__file__).resolve().parents[2] / "results" / "published" / "four-pairs"
STRATEGIES = ("domain-only", "combined", "oversampled", "sequential")


@functools.cache
def reached() -> dict[tuple[str, str, str], float]:
    """Return accuracy in % by pair, strategy and labels, of what cross-validation chose."""
    chosen, _ = own_best(load_run(RUN).study("tuned"))
    cells = chosen.cells.set_index("key")
    found = {
        (str(cells.loc[key, "pair"]), str(cells.loc[key, "strategy"]), labels): 100
        * float(cells.loc[key, f"accuracy_{labels}"])
        for key, labels in chosen.correct
    }
    assert len(found) == len(PAIRS) * len(STRATEGIES) * 3
    assert set(chosen.cells["seed"]) == {0}
    return found


@functools.cache
def ends() -> tuple[int, int, int]:
    """Return candidates of a strategy, choices, and how many of these lie at an end of an axis."""
    tuned = load_run(RUN).study("tuned")
    _, choices = own_best(tuned)
    (candidates,) = set(choices["candidates"])
    at = at_ends(tuned).groupby(["pair", "strategy", "labels"])
    return int(candidates), len(choices), len(at)


def rows() -> list[str]:
    return [
        table_row((f"`{strategy}`", labels), (reached()[p, strategy, labels] for p in PAIRS))
        for labels in ("all", "10")
        for strategy in STRATEGIES
    ]


def gaps(first: str, second: str, labels: str) -> list[float]:
    return [reached()[p, first, labels] - reached()[p, second, labels] for p in PAIRS]


def sentences() -> tuple[str, ...]:
    candidates, choices, at = ends()
    return (
        f"{candidates} candidates for each strategy",
        f"`oversampled` less `combined` is {low_to_high(gaps('oversampled', 'combined', 'all'))} "
        "points with all labels, and "
        f"{low_to_high(gaps('oversampled', 'combined', '10'))} with 10 a class",
        f"`sequential` less `oversampled` {low_to_high(gaps('sequential', 'oversampled', 'all'))} "
        f"and {low_to_high(gaps('sequential', 'oversampled', '10'))}",
        "`oversampled` less `domain-only` "
        f"{low_to_high(gaps('oversampled', 'domain-only', 'all'))} and "
        f"{low_to_high(gaps('oversampled', 'domain-only', '10'))}",
        f"In {at} of {choices} choices (50 labels a class included)",
    )
