"""Curves of accuracy over exposure, and claims at equal exposure, on runs of known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import CLAIMS, Judged, RunData, judge
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.scores import paired, weighted
from d2vbench.analysis.studies.exposure import (
    WORDS,
    curve_weights,
    difference,
    distinct,
    drawn,
    fit,
    points,
    within,
)

BY_ID = {claim.id: claim for claim in CLAIMS}
PLACE = ("p", 1.0, "dbow", "all")
SEEDS = 4
# Documents, with as little noise as shares in steps of a document allow.
N = 2000


def cells(
    strategy: str, k: int | str, schedule: str, share: float, area: float, words: float = 1e6,
    **more: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    return [
        {
            **variant(strategy, k, schedule), "seed": s, "domain_area": area,
            "words_trained": words, "correct": right(share, N, s, 0.002), **more,
        }
        for s in range(SEEDS)
    ]  # fmt: skip


def truth(area: float) -> float:
    """A curve with a hump; a cubic of the logarithm is no better than near to it."""
    return 0.7 - 0.03 * (math.log(area) - 0.2) ** 2


def grid(
    beyond: dict[str, float] | None = None, shape: Callable[[float], float] = truth
) -> RunData:
    """Nine variants of each of four strategies; some strategies lie off the curve."""
    beyond = beyond or {}
    # Sees nothing of D; and makes 0.025 the usual alpha of the run.
    found = cells("generic-only", "", "linear", 0.3, area=0.0)
    for alpha in (0.0125, 0.025, 0.05):
        for j, k in enumerate((2, 4, 8)):
            for name, schedule in (
                ("combined", "linear"), ("oversampled", "linear"), ("sequential", "restart"),
                ("domain-only", "linear"),
            ):  # fmt: skip
                mine: dict[str, Any] = {"alpha": alpha, "setting": f"alpha {alpha:g}"}
                if alpha == 0.025:
                    mine["setting"] = ""
                area = 10 * k * alpha / 2
                words = {"combined": 2e6 + 1e6 * j, "domain-only": 1e5 * k}.get(name, 1e6 * (2 + k))
                if name == "combined":
                    mine |= {"epochs": 10 * k, "setting": f"E = {10 * k}, alpha {alpha:g}"}
                share = shape(area) + beyond.get(name, 0.0)
                arguments = "" if name == "combined" else k
                found += cells(name, arguments, schedule, share, area, words, **mine)
    return made_run(found)


def said(id: str, data: RunData) -> Judged:
    return judge([BY_ID[id]], data)[0]


def test_a_cubic_of_the_logarithm_is_read_exactly() -> None:
    xs = np.geomspace(0.01, 2, 9)
    y = 1 - 2 * np.log(xs) + 0.5 * np.log(xs) ** 3
    at = [0.015, 0.3, 1.9]
    weights = curve_weights(list(xs), at)
    assert weights @ y == pytest.approx(1 - 2 * np.log(at) + 0.5 * np.log(at) ** 3)
    assert weights.sum(axis=1) == pytest.approx(1)
    # Against NumPy's own fit, of values that no cubic goes through.
    y = np.sin(5 * np.log(xs))
    other = np.polynomial.Polynomial.fit(np.log(xs), y, 3)(np.log(at))
    assert curve_weights(list(xs), at) @ y == pytest.approx(other)


def test_a_curve_of_fewer_values_has_a_lower_degree() -> None:
    assert curve_weights([0.5], [0.5]).tolist() == [[1.0]]
    assert curve_weights([0.5, 0.504], [0.5]) == pytest.approx(np.array([[0.5, 0.5]]))
    assert curve_weights([1.0, 4.0], [2.0]) == pytest.approx(np.array([[0.5, 0.5]]))
    assert [distinct(xs) for xs in ([], [1.0], [1.0, 1.01], [4.0, 1.0, 2.0])] == [0, 1, 1, 3]


def test_a_curve_is_not_read_beyond_its_ends() -> None:
    assert within([0.1, 0.5], 0.3)
    assert within([0.1, 0.5], 0.505)
    assert not within([0.1, 0.5], 0.6)
    assert not within([0.1, 0.5], 0.09)
    assert not within([], 0.09)


def test_a_weighted_sum_is_the_paired_difference() -> None:
    book = Scorebook(grid({"combined": -0.05}))
    first, second = points(book, PLACE)[:2]
    one, seeds = paired(first.stack, second.stack) or (None, ())
    assert one is not None
    found = weighted([first.stack, second.stack], [[1, -1], [0, 2]])
    assert found is not None
    (two, twice), same = found
    assert twice.scores == pytest.approx(2 * second.stack.resampled.scores)
    assert seeds == same == tuple(range(SEEDS))
    a, b = one.interval(), two.interval()
    assert (a.estimate, a.low, a.high, a.p) == pytest.approx((b.estimate, b.low, b.high, b.p))


def test_seeds_that_some_variants_lack_are_left_out() -> None:
    data = grid()
    few = data.only(~((data.cells["strategy"] == "combined") & (data.cells["seed"] == 0)))
    book = Scorebook(few)
    mine = points(book, PLACE)
    found = weighted([p.stack for p in mine], [[1 / len(mine)] * len(mine)])
    assert found is not None
    assert found[1] == (1, 2, 3)
    assert found[0][0].scores.mean() == pytest.approx(
        data.cells.loc[
            (data.cells["seed"] > 0) & (data.cells["domain_area"] > 0), "accuracy_all"
        ].mean()
    )


def test_only_training_may_be_other_than_usual() -> None:
    data = grid()
    cells = data.cells.assign(inference_epochs=20, policy="")
    cells.loc[cells["strategy"] == "combined", "inference_epochs"] = 50
    cells.loc[cells["strategy"] == "domain-only", "policy"] = "natural"
    book = Scorebook(RunData(data.manifest, cells, data.correct, 0))
    assert {p.variant.strategy for p in points(book, PLACE)} == {"oversampled", "sequential"}
    assert len(points(book, PLACE, varying=())) == 6


def test_what_a_fit_explains() -> None:
    book = Scorebook(grid({"domain-only": 0.04}))
    found = fit(book, PLACE)
    assert found is not None
    means = np.array([p.stack.mean for p in found.curve])
    logs = np.log([p.x for p in found.curve])
    names = np.array([p.variant.strategy for p in found.curve])
    fitted = np.polynomial.Polynomial.fit(logs, means, 3)
    assert found.r2 == pytest.approx(1 - np.var(means - fitted(logs)) / np.var(means))
    assert found.r2_words < found.r2
    press = base = 0.0
    for residual in found.residuals:
        out = names == residual.strategy
        others = np.polynomial.Polynomial.fit(logs[~out], means[~out], 3)
        missed = means[out] - others(logs[out])
        press += float((missed**2).sum())
        base += float(((means[out] - means[~out].mean()) ** 2).sum())
        assert residual.mean.scores.mean() == pytest.approx(missed.mean())
    assert found.r2_across == pytest.approx(1 - press / base)
    by_name = {r.strategy: r.mean.interval() for r in found.residuals}
    assert by_name["domain-only"].low > 0.03
    curve = drawn(found.curve)
    assert curve["accuracy"] == pytest.approx(fitted(np.log(curve["x"])))


def test_variants_beyond_the_others_are_no_residuals() -> None:
    data = grid()
    extra = cells("sequential", 16, "restart", 0.1, area=5.0)
    both = made_run(
        [*data.cells.drop(columns=["key"]).to_dict("records"), *extra]  # type: ignore[list-item]
    )
    correct = {**data.correct, **{k: v for k, v in both.correct.items() if k not in data.correct}}
    found = fit(Scorebook(RunData(both.manifest, both.cells, correct, 0)), PLACE)
    assert found is not None
    (mine,) = [r for r in found.residuals if r.strategy == "sequential"]
    assert (mine.variants, mine.beyond, mine.high) == (9, 1, 2.0)


def test_exposure_explains_the_strategies_where_it_does() -> None:
    """C10 turns with the truth: nothing but exposure, or a strategy that has more of its own."""
    explained = said("C10", grid())
    assert str(explained.outcome) == "supported"
    assert {e.finding for e in explained.votes} == {"equivalent"}
    one_better = said("C10", grid({"domain-only": 0.05}))
    assert str(one_better.outcome) == "contradicted"
    by_test = {e.test.split(":")[0]: e.finding for e in one_better.votes}
    assert by_test["domain-only"] == "beyond the curve"
    worse = said("C10", grid({"domain-only": -0.05}))
    assert {e.test.split(":")[0]: e.finding for e in worse.votes}["domain-only"] == (
        "short of the curve"
    )


def test_without_enough_variants_nothing_is_fitted() -> None:
    data = grid()
    found = said("C10", data.only(data.cells["alpha"] == 0.025))
    assert str(found.outcome) == "not tested"
    assert [s.reason for s in found.skipped] == [
        "not computed: needs more variants of more strategies (study tuned)"
    ]
    unknown = RunData(data.manifest, data.cells.drop(columns="domain_area"), data.correct, 0)
    assert [s.reason for s in said("C10", unknown).skipped] == [
        "no cells with a known exposure of D"
    ]


def views(judged: Judged) -> dict[str, str]:
    return {view: str(o) for view, o in judged.claim.by_view(judged.votes).items()}


def tuned(data: RunData) -> RunData:
    """Let every cell be a candidate; the best on the test documents is the best in training."""
    keys = list(data.cells["key"])
    studies = [{"name": n, "question": "", "cells": keys} for n in ("strategies", "tuned")]
    cells = data.cells.assign(cv_accuracy_all=data.cells["accuracy_all"])
    return RunData({**data.manifest, "studies": studies}, cells, data.correct, 0)


def with_usual_combined(data: RunData) -> RunData:
    """At the usual alpha, the cells of `combined` differ in epochs alone."""
    usual = (data.cells["strategy"] == "combined") & (data.cells["alpha"] == 0.025)
    settings = data.cells["setting"].where(~usual, "E = " + data.cells["epochs"].astype(str))
    return RunData(data.manifest, data.cells.assign(setting=settings), data.correct, 0)


def test_the_three_comparisons_disagree_where_exposure_is_all() -> None:
    """More copies at equal words are more exposure; at equal area of D nothing is left of it."""
    found: list[dict[str, Any]] = []
    for k, area, words in ((2, 0.25, 1.5e6), (4, 0.5, 2e6), (8, 1.0, 3e6)):
        found += cells("oversampled", k, "linear", truth(area), area, words)
    for epochs, area, words in ((10, 0.125, 1e6), (40, 0.5, 4e6), (80, 1.0, 8e6)):
        setting = "" if epochs == 10 else f"E = {epochs}"
        more = {"epochs": epochs, "setting": setting}
        found += cells("combined", "", "linear", truth(area), area, words, **more)
    judged = said("C2", tuned(made_run(found)))
    assert views(judged) == {
        "at equal words": "supported",
        "at equal area of D": "contradicted",
        "each at its own best": "contradicted",
    }
    assert str(judged.outcome) == "mixed"
    (words,) = [e for e in judged.votes if e.test.endswith("at equal words")]
    # Between 1 and 4 million words, half-way by their logarithm.
    middle = curve_weights([1.0, 4.0, 8.0], [2.0])[0] @ [truth(a) for a in (0.125, 0.5, 1.0)]
    assert words.interval.estimate == pytest.approx(truth(0.5) - middle, abs=2e-3)
    assert (words.first, words.second) == ("oversampled(4) (2.0 M)", "combined, curve of 3 (2.0 M)")


def test_a_claim_is_supported_only_where_all_three_agree() -> None:
    data = tuned(with_usual_combined(grid({"oversampled": 0.06, "sequential": -0.06})))
    # The words of combined reach those of oversampled(4).
    more = data.cells["words_trained"].where(
        data.cells["strategy"] != "combined", 3e6 * data.cells["epochs"] / 20
    )
    usual = data.cells["words_trained"].where(data.cells["strategy"] != "oversampled", 4e6)
    both = more.where(data.cells["strategy"] == "combined", usual)
    data = RunData(data.manifest, data.cells.assign(words_trained=both), data.correct, 0)
    second = said("C2", data)
    assert views(second) == dict.fromkeys(
        ("at equal words", "at equal area of D", "each at its own best"), "supported"
    )
    assert str(second.outcome) == "supported"
    assert {str(o) for o in second.by_place.values()} == {"supported"}
    first = said("C1", data)
    assert str(first.outcome) == "supported"
    assert set(views(first).values()) == {"supported"}


def test_what_a_run_lacks_is_said() -> None:
    found = cells("oversampled", 4, "linear", 0.7, 0.5, 2e6)
    found += cells("combined", "", "linear", 0.6, 0.125, 1e6)
    judged = said("C2", made_run(found))
    assert views(judged) == dict.fromkeys(
        ("at equal words", "at equal area of D", "each at its own best"), "not tested"
    )
    assert str(judged.outcome) == "not tested"
    assert [s.reason for s in judged.skipped] == [
        "not computed: combined, linear has 1 distinct values of the number of words and needs 2 "
        "or more on both sides of that of oversampled(4) (studies tuned and schedules)",
        "not computed: combined has 1 distinct values of the area of D and needs 3 or more on "
        "both sides of that of oversampled(4) (studies tuned and schedules)",
        "no cells of oversampled or of combined in study tuned",
    ]


def test_a_curve_of_enough_values_that_does_not_reach_is_not_read() -> None:
    """Combined at 3 to 8 million words says nothing of what it is at 2 million."""
    found = cells("oversampled", 4, "linear", 0.7, 0.5, 2e6)
    for epochs, words in ((10, 3e6), (40, 5e6), (80, 8e6)):
        more = {"epochs": epochs, "setting": "" if epochs == 10 else f"E = {epochs}"}
        found += cells("combined", "", "linear", 0.6, 0.125, words, **more)
    judged = said("C2", made_run(found))
    assert views(judged)["at equal words"] == "not tested"
    assert judged.skipped[0].reason == (
        "not computed: combined, linear has 3 distinct values of the number of words and needs 2 "
        "or more on both sides of that of oversampled(4) (studies tuned and schedules)"
    )


def test_one_comparison_of_three_is_no_verdict() -> None:
    found = cells("sequential", 4, "restart", 0.6, 0.5) + cells(
        "oversampled", 4, "linear", 0.7, 0.5
    )
    judged = said("C1", made_run(found))
    assert views(judged)["at equal words"] == "supported"
    assert str(judged.outcome) == "inconclusive"


def test_curves_are_compared_at_one_place() -> None:
    book = Scorebook(grid({"sequential": 0.03}))
    one = points(book, PLACE, takes=lambda v: v.strategy == "sequential")
    two = points(book, PLACE, takes=lambda v: v.strategy == "combined")
    found = difference(one, two, 0.5)
    assert found is not None
    assert found[0].scores.mean() == pytest.approx(0.03, abs=1e-3)
    assert [p.x for p in points(book, PLACE, WORDS)[:2]] == [1e6, 2e6]
