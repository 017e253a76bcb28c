"""Contrasts: what is compared with what, and what is skipped and why."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_support import made_run, right, variant
from statsmodels.stats.multitest import multipletests

from d2vbench.analysis import Cells, Contrast, RunData, Skipped, compare, findings, summarise
from d2vbench.analysis.contrasts.scores import budgets, holm, variant_stacks

SHUFFLED = Cells(("combined", "oversampled"), schedule=("linear",))
SEQUENTIAL = Cells(("sequential",), schedule=("restart",))
C1 = Contrast("sequential minus shuffled", SEQUENTIAL, SHUFFLED)


def cells(strategy: str, k: int | str, schedule: str, share: float, seeds: int = 3, **more: object):  # type: ignore[no-untyped-def]
    return [
        variant(strategy, k, schedule) | {"seed": s, "correct": right(share, seed=s)} | more
        for s in range(seeds)
    ]


def run(*groups: list[dict[str, object]], **more: object) -> RunData:
    return made_run([cell for group in groups for cell in group], **more)  # type: ignore[arg-type]


def test_each_k_is_compared_with_its_own() -> None:
    data = run(
        cells("combined", "", "linear", 0.5),
        cells("oversampled", 4, "linear", 0.7),
        cells("sequential", 1, "restart", 0.6),
        cells("sequential", 4, "restart", 0.6),
        cells("sequential", 4, "follow-up(0.05)", 0.9),
    )
    found, skipped = compare([C1], data)
    assert [(c.first, c.second) for c in found] == [
        ("sequential(1), restart", "combined"),
        ("sequential(4), restart", "oversampled(4)"),
    ]
    assert not skipped
    for c, difference in zip(found, (0.1, -0.1), strict=True):
        assert c.place == ("p", 1.0, "dbow", "all")
        assert c.interval.low < difference < c.interval.high
        assert c.interval.estimate == pytest.approx(difference, abs=0.02)
        assert c.seeds == (0, 1, 2)
        assert str(c.verdict) == ("better" if difference > 0 else "worse")
        assert c.p_holm <= 2 * c.interval.p
        exact = c.differences.scores.mean()
        assert c.interval.estimate == pytest.approx(exact)


def test_no_interval_of_accuracy_goes_beyond_what_accuracy_can_be() -> None:
    # Two seeds that lie far apart: the resamples of their mean do.
    wide = [
        variant("combined", "", "linear") | {"seed": seed, "correct": right(share, seed=seed)}
        for seed, share in enumerate((0.55, 0.99))
    ]
    data = run(wide)
    (row,) = summarise(data).to_dict("records")
    assert row["accuracy_high"] == 1
    assert 0 <= row["accuracy_low"] < row["accuracy"] < 1
    stack = next(iter(variant_stacks(data, data.cells, "all").values()))
    assert stack.resampled.interval().high > 1
    assert stack.accuracy.high == 1


def test_missing_cells_are_skipped_and_listed() -> None:
    data = run(cells("combined", "", "linear", 0.5), cells("sequential", 8, "restart", 0.6))
    found, skipped = compare([C1], data)
    assert found == []
    assert skipped == [
        Skipped(
            "sequential minus shuffled",
            ("p", 1.0, "dbow", "all"),
            "no cells of combined or oversampled, linear to compare sequential(8), restart with",
        )
    ]


def test_a_run_without_any_of_the_cells() -> None:
    _, skipped = compare([C1], run(cells("reverse", 4, "restart", 0.5)))
    assert [(s.place, s.reason) for s in skipped] == [
        (None, "no cells of sequential, restart or of combined or oversampled, linear")
    ]
    _, skipped = compare(
        [Contrast("own", Cells(("a",)), Cells(("b",), k=("2",)), own_best=True)],
        run(cells("reverse", 4, "restart", 0.5)),
    )
    assert skipped[0].reason == "no cells of a or of b with k = 2 in study tuned"


def test_one_seed_has_no_interval_and_is_said_to() -> None:
    data = run(
        cells("combined", "", "linear", 0.5, seeds=1), cells("sequential", 1, "restart", 0.6)
    )
    found, skipped = compare([C1], data)
    assert found == []
    assert skipped[0].reason.startswith(
        "one seed says nothing about seeds: sequential(1), restart against combined, +"
    )
    assert skipped[0].reason.endswith("points without an interval")


def test_no_common_seed() -> None:
    first = cells("combined", "", "linear", 0.5)
    second = [c | {"seed": c["seed"] + 10} for c in cells("sequential", 1, "restart", 0.6)]
    _, skipped = compare([C1], run(first, second))
    assert skipped[0].reason == "no seed that sequential(1), restart and combined share"


def test_a_failed_cell_is_no_zero() -> None:
    """Of three seeds one has a NaN and one crashed without a result: neither counts as wrong."""
    failed = cells("sequential", 1, "restart", 0.6, seeds=5)
    failed[0]["accuracy_all"] = math.nan
    failed[1]["correct"] = None
    data = run(cells("combined", "", "linear", 0.5, seeds=5), failed)
    found, _ = compare([C1], data)
    assert found[0].seeds == (2, 3, 4)
    assert found[0].interval.estimate == pytest.approx(0.1, abs=0.02)
    table = summarise(data).set_index("strategy")
    assert table.loc["sequential", "seeds"] == 3
    assert table.loc["sequential", "accuracy"] == pytest.approx(0.6, abs=0.02)
    assert table.loc["sequential", "macro_f1"] == pytest.approx(0.6, abs=0.02)


def test_all_of_a_side_failed() -> None:
    failed = [c | {"correct": None} for c in cells("sequential", 1, "restart", 0.6)]
    data = run(cells("combined", "", "linear", 0.5), failed)
    found, skipped = compare([C1], data)
    assert found == []
    assert skipped[0].reason == "no result of sequential(1), restart: failed, or not evaluated"
    assert [f.best for f in findings(data)] == ["combined"]


def test_equal_predictions_have_no_difference() -> None:
    same = [c | variant("sequential", 1, "restart") for c in cells("combined", "", "linear", 0.5)]
    found, _ = compare([C1], run(cells("combined", "", "linear", 0.5), same))
    assert (found[0].interval.estimate, found[0].interval.low, found[0].interval.high) == (0, 0, 0)
    assert found[0].interval.p == 1
    everything = [c | {"correct": np.ones(50)} for c in cells("combined", "", "linear", 0.5)]
    row = summarise(run(everything)).iloc[0]
    assert (row["accuracy"], row["accuracy_low"], row["accuracy_high"]) == (1, 1, 1)


def test_more_than_one_kind_of_cells_is_ambiguous() -> None:
    data = run(
        cells("combined", "", "linear", 0.5),
        cells("combined", "", "cosine", 0.5),
        cells("sequential", 4, "restart", 0.5),
    )
    _, skipped = compare([Contrast("c", SEQUENTIAL, Cells(("combined",)), match=())], data)
    assert skipped[0].reason.startswith("more than one kind of cells of combined")


def test_a_contrast_of_the_generic_task_before_and_after() -> None:
    def cell(seed: int, after: float) -> dict[str, object]:
        correct = {
            "all": right(0.8, seed=seed),
            "10": right(0.7, seed=seed),
            "generic": right(after, n=90, seed=seed),
            "generic_before": right(0.9, n=90, seed=seed),
        }
        return variant("sequential", 4, "restart") | {
            "seed": seed, "correct": correct, "generic_accuracy_all": after,
            "generic_before_accuracy_all": 0.9,
        }  # fmt: skip

    data = made_run([cell(seed, 0.6) for seed in range(3)], budgets=("all", "10"))
    assert budgets(data) == ["all", "10"]
    forgotten = Contrast(
        "forgotten",
        Cells(("sequential",), budget="generic"),
        Cells(("sequential",), budget="generic_before"),
        match=("k", "schedule"),
    )
    found, skipped = compare([forgotten], data)
    assert not skipped
    assert [c.place for c in found] == [("p", 1.0, "dbow", "generic")]
    after, before = (
        np.mean([data.correct[key, budget] for key in data.cells["key"]])
        for budget in ("generic", "generic_before")
    )
    assert found[0].interval.estimate == pytest.approx(after - before)
    assert found[0].interval.high < 0
    assert set(summarise(data)["labels"]) == {"all", "10"}

    without = run(cells("sequential", 4, "restart", 0.5))
    _, skipped = compare([forgotten], without)
    assert [s.reason[:29] for s in skipped] == ["no result on the generic task"]


def test_each_at_its_own_best() -> None:
    tuned = []
    for share, alpha, cv in ((0.9, 0.025, 0.5), (0.6, 0.05, 0.7)):
        tuned += cells("sequential", 4, "restart", share, cv_accuracy_all=cv, setting=f"{alpha}")
    tuned += cells("combined", "", "linear", 0.5, cv_accuracy_all=0.1)
    data = run(tuned, studies={"tuned": list(range(len(tuned)))})
    own = Contrast(
        "own", Cells(("sequential",), setting=()), Cells(("combined",), setting=()),
        match=(), own_best=True,
    )  # fmt: skip
    found, _ = compare([own], data)
    # The one that training documents speak for, not the one that is right more often.
    assert found[0].interval.estimate == pytest.approx(0.1, abs=0.02)
    assert found[0].first == "sequential; at its own best"


def test_an_empty_run() -> None:
    data = run(cells("combined", "", "linear", 0.5))
    found, skipped = compare([C1], data.only(data.cells["key"].isna()))
    assert (found, len(skipped)) == ([], 1)


# Each call of statsmodels' collects all garbage, which takes a while.
@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([*p, math.nan])[:-1] == holm(p)
    assert math.isnan(holm([*p, math.nan])[-1])
