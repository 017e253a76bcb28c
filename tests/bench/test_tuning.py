"""The search of study `tuned`: as many candidates for each strategy, and axes that widen."""

from __future__ import annotations

import pytest

from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.bench.spec.tuning import (
    HIGHEST_ALPHA,
    LOWEST_ALPHA,
    MOST_DOMAIN,
    MOST_GENERIC,
    STRATEGIES_TUNED,
    Axes,
    Candidate,
    candidate_of,
)

FIRST = Axes.first(10, full=False)


@pytest.mark.parametrize(
    "axes",
    [FIRST, Axes.first(10, full=True), Axes.first(1, full=False), Axes((0.1,), (1, 2), (1, 2, 4))],
)
def test_each_strategy_has_as_many_candidates(axes: Axes) -> None:
    counts = {name: len(set(axes.candidates(name))) for name in STRATEGIES_TUNED}
    assert set(counts.values()) == {len(axes.alphas) * len(axes.epochs) * len(axes.copies)}


def test_the_passes_cover_one_range() -> None:
    assert FIRST.passes("combined") == (5, 10, 20, 40)
    assert FIRST.passes("domain-only") == (10, 16, 25, 40)
    two_sided = [c.epochs * c.copies for c in FIRST.candidates("oversampled")]
    assert (min(two_sided), max(two_sided)) == (10, 40)


def test_where_a_candidate_lies() -> None:
    assert FIRST.ends("sequential", Candidate(0.05, 5, 4)) == [("epochs", False), ("copies", True)]
    assert FIRST.ends("combined", Candidate(0.1, 10, 1)) == [("alpha", True)]
    assert FIRST.ends("domain-only", Candidate(0.025, 1, 40)) == [
        ("alpha", False), ("copies", True),
    ]  # fmt: skip
    assert FIRST.ends("domain-only", Candidate(0.05, 1, 16)) == []


def test_axes_widen_as_far_as_the_limits() -> None:
    axes = FIRST
    for _ in range(20):
        axes = axes.widened([("alpha", True), ("epochs", True), ("copies", True)], 10, 999)
    assert axes.alphas[-1] == HIGHEST_ALPHA
    assert axes.epochs[-1] <= MOST_GENERIC * 10
    assert axes.epochs[-1] * axes.copies[-1] <= MOST_DOMAIN * 10
    assert axes.widened([("epochs", True), ("copies", True)], 10, 999) == axes
    for _ in range(20):
        axes = axes.widened([("alpha", False), ("epochs", False), ("copies", False)], 10, 999)
    assert axes.alphas[0] == LOWEST_ALPHA
    assert (axes.epochs[0], axes.copies[0]) == (1, 1)
    assert FIRST.widened([], 10, 999) == FIRST


def test_the_most_wanted_end_comes_first_and_candidates_are_bounded() -> None:
    ends = [("alpha", True), ("copies", True), ("epochs", False)]
    assert len(FIRST) == 12
    assert FIRST.widened(ends, 10, 24).alphas[-1] == 0.2
    assert len(FIRST.widened(ends, 10, 24)) == 24
    assert FIRST.widened(ends, 10, 16) == Axes((0.025, 0.05, 0.1, 0.2), FIRST.epochs, FIRST.copies)
    assert FIRST.widened(ends, 10, 15) == FIRST


def cells_with(best: dict[str, float]) -> list[TrainedCell]:
    """Return the cells of the study where accuracy peaks at a start alpha, by strategy."""

    def scores(cell: TrainedCell) -> dict[str, float]:
        middle = {"combined": 20, "domain-only": 25}.get(cell.strategy.name)
        sizes = candidate_of(cell)
        at = sizes.epochs * sizes.copies
        off = abs(cell.alpha - best[cell.strategy.name]) + (abs(at - middle) if middle else 0)
        return {"all": 1 - off / 1000}

    request = Request(pairs=("synthetic",), seeds=2, scores=scores)
    return [c for c in study_cells("tuned", request).cells if isinstance(c, TrainedCell)]


def test_a_winner_at_an_end_makes_the_axis_longer_for_all() -> None:
    inside = {"domain-only": 0.05, "combined": 0.05, "oversampled": 0.05, "sequential": 0.05}
    alphas = {cell.alpha for cell in cells_with(inside)}
    assert alphas == {0.025, 0.05, 0.1}
    outside = cells_with({**inside, "sequential": 0.2})
    by_strategy = {
        name: {c.alpha for c in outside if c.strategy.name == name} for name in STRATEGIES_TUNED
    }
    # 0.1 lies at the end; with 0.2 the search has as many candidates as it may.
    assert all(found == {0.025, 0.05, 0.1, 0.2} for found in by_strategy.values())
    counts = {n: len([c for c in outside if c.strategy.name == n]) for n in STRATEGIES_TUNED}
    assert set(counts.values()) == {2 * 12 * 2}


def test_nothing_widens_before_every_candidate_is_known() -> None:
    first = study_cells("tuned", Request(pairs=("synthetic",), seeds=2)).cells
    assert len(first) == 4 * 12 * 2

    def all_but_one(cell: TrainedCell) -> dict[str, float] | None:
        return None if cell == first[-1] else {"all": cell.alpha}

    request = Request(pairs=("synthetic",), seeds=2, scores=all_but_one)
    assert study_cells("tuned", request).cells == first
