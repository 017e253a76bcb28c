"""What the answer of a report rests on: the best, what schedules cost, what generic text adds."""

from __future__ import annotations

from typing import Any

import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import RunData, summarise
from d2vbench.analysis.claims.answer import best_choice, generic_help, schedule_costs
from d2vbench.analysis.contrasts.contrasts import Scorebook


def run(shares: dict[tuple[str, str, str], float], pair: str = "p", seeds: int = 4) -> list[Any]:
    return [
        variant(*what) | {"pair": pair, "seed": s, "correct": right(share, seed=s, n=400)}
        for what, share in shares.items()
        for s in range(seeds)
    ]


def accuracy(data: RunData, schedule: str) -> float:
    return float(data.cells[data.cells["schedule"] == schedule]["accuracy_all"].mean())


def test_a_schedule_costs_what_lies_between_the_best_and_the_worst() -> None:
    shares = {"restart": 0.9, "linear": 0.7, "constant": 0.5}
    data = made_run(run({("sequential", 4, name): share for name, share in shares.items()}))
    (found,) = schedule_costs(Scorebook(data))
    assert (found.strategy, found.best, found.worst) == ("sequential(4)", "restart", "constant")
    assert (found.schedules, found.seeds) == (3, 4)
    gap = accuracy(data, "restart") - accuracy(data, "constant")
    assert found.cost.estimate == pytest.approx(gap)
    assert found.cost.low < gap < found.cost.high


def test_two_schedules_are_enough_and_one_is_not() -> None:
    two = {("sequential", 4, "restart"): 0.8, ("sequential", 4, "linear"): 0.6}
    one = {("sequential", 4, "restart"): 0.8, ("sequential", 2, "restart"): 0.6}
    both = run(two) + run(one, "q")
    assert [(c.place[0], c.schedules) for c in schedule_costs(Scorebook(made_run(both)))] == [
        ("p", 2)
    ]


def test_where_the_reference_is_ahead_the_next_is_compared_with_it() -> None:
    shares = {("combined", "", "linear"): 0.9, ("oversampled", 4, "linear"): 0.8,
              ("sequential", 4, "linear"): 0.5}  # fmt: skip
    data = made_run(run(shares))
    found = best_choice(summarise(data))
    assert (found.best, found.runner_up, found.reference) == (
        "combined", "oversampled(4)", "combined",
    )  # fmt: skip
    mean = data.cells.groupby("strategy")["accuracy_all"].mean()
    assert found.accuracy == pytest.approx(mean["combined"])
    assert found.gains[0].estimate == pytest.approx(mean["oversampled"] - mean["combined"])
    assert dict(found.verdicts) == {"worse": 1}
    assert (found.places, found.tried, found.seeds) == (1, 3, 4)


def test_without_combined_the_simplest_is_the_domain_alone() -> None:
    shares = {("domain-only", 8, "linear"): 0.7, ("domain-only", 4, "linear"): 0.6,
              ("sequential", 4, "linear"): 0.8}  # fmt: skip
    data = made_run(run(shares))
    found = best_choice(summarise(data), Scorebook(data))
    assert (found.best, found.reference) == ("sequential(4), linear", "domain-only(4)")
    mean = data.cells.groupby(["strategy", "k"])["accuracy_all"].mean()
    gap = mean["sequential", 4] - mean["domain-only", 4]
    assert found.gains[0].estimate == pytest.approx(gap)
    assert dict(found.verdicts) == {"better": 1}
    assert best_choice(summarise(data)).reference == ""


def test_generic_text_is_what_it_adds_to_the_domain_alone_at_its_best_passes() -> None:
    """Its best by cross-validation: what is best on test documents would be a choice by luck."""
    shares = {("oversampled", 4, "linear"): 0.8, ("domain-only", 4, "linear"): 0.3,
              ("domain-only", 8, "linear"): 0.6, ("domain-only", 1, "linear"): 0.7,
              ("combined", "", "linear"): 0.2, ("sequential", 4, "restart"): 0.9}  # fmt: skip
    chosen = {4: 0.4, 8: 0.9, 1: 0.5}
    cells = [c | {"cv_accuracy_all": chosen.get(c["k"], 0.1)} for c in run(shares)]
    data = made_run([*cells, *(c | {"model": "dm-mean"} for c in cells)])
    (found,) = generic_help(Scorebook(data))
    assert (found.first, found.second) == ("oversampled(4)", "domain-only(8)")
    mean = data.cells.groupby(["strategy", "k"])["accuracy_all"].mean()
    gap = mean["oversampled", 4] - mean["domain-only", 8]
    assert found.gain.estimate == pytest.approx(gap)
    assert (found.verdict, found.seeds) == ("better", 4)


def test_the_best_is_of_one_model_and_one_share_of_the_domain() -> None:
    """Another model and a smaller share say the opposite, and have no part in the mean."""
    first = {("combined", "", "linear"): 0.6, ("oversampled", 4, "linear"): 0.8}
    other = {("combined", "", "linear"): 0.9, ("oversampled", 4, "linear"): 0.2}
    cells = [*run(first), *run(first, "q")]
    cells += [cell | {"model": "dm-mean"} for cell in run(other)]
    cells += [cell | {"fraction": 0.25} for cell in run(other, "q")]
    found = best_choice(summarise(made_run(cells)))
    assert (found.best, found.pairs, found.models) == ("oversampled(4)", ("p", "q"), ("dbow",))
    assert found.places == len(found.gains) == 2
    assert found.accuracy == pytest.approx(0.8, abs=0.02)
