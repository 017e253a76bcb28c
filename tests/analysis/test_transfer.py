"""Leave one pair out, and the small statistics that claims rest on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant
from scipy import stats

from d2vbench.analysis import CLAIMS, Resamples, judge, seed_interval, spread_ratio, transfer
from d2vbench.analysis.claims.transfer import NAME
from d2vbench.analysis.contrasts.variants import variant_title

LOW, HIGH, FLAT = "follow-up(0.005)", "follow-up(0.05)", "constant"


def cells(pair: str, shares: dict[str, float], cv: dict[str, float], seeds: int = 4) -> list[Any]:
    return [
        variant("sequential", 4, schedule)
        | {"seed": s, "pair": pair, "correct": right(share, seed=s, n=300)}
        | {"cv_accuracy_all": cv[schedule]}
        for schedule, share in shares.items()
        for s in range(seeds)
    ]


def test_the_others_choose_by_training_documents() -> None:
    """Test accuracy says LOW on p; cross-validation says HIGH, and that is what counts."""
    shares = {LOW: 0.8, HIGH: 0.7, FLAT: 0.5}
    data = made_run(
        cells("p", shares, {LOW: 0.6, HIGH: 0.9, FLAT: 0.1})
        + cells("q", shares, {LOW: 0.7, HIGH: 0.6, FLAT: 0.2})
        + cells("r", shares, {LOW: 0.5, HIGH: 0.9, FLAT: 0.3})
    )
    found, skipped = transfer(data)
    assert not skipped
    titled = [(r.pair, variant_title(r.own), variant_title(r.chosen), r.chosen_on) for r in found]
    assert titled == [
        ("p", f"sequential(4), {HIGH}", f"sequential(4), {HIGH}", ("q", "r")),
        ("q", f"sequential(4), {LOW}", f"sequential(4), {HIGH}", ("p", "r")),
        ("r", f"sequential(4), {HIGH}", f"sequential(4), {HIGH}", ("p", "q")),
    ]
    assert [r.candidates for r in found] == [3, 3, 3]
    assert {(r.model, r.labels) for r in found} == {("dbow", "all")}
    regret = {r.pair: r.interval for r in found}
    assert (regret["p"].estimate, regret["p"].low, regret["p"].high) == (0, 0, 0)
    assert regret["q"].low < 0.1 < regret["q"].high
    assert regret["q"].low > 0


def test_by_test_accuracy_where_asked_for() -> None:
    shares = {LOW: 0.8, HIGH: 0.7}
    cv = {LOW: 0.1, HIGH: 0.9}
    data = made_run(cells("p", shares, cv) + cells("q", shares, cv))
    found, _ = transfer(data, by="accuracy")
    assert {variant_title(r.own) for r in found} == {f"sequential(4), {LOW}"}


def test_what_cannot_be_transferred_is_said() -> None:
    both, cv = {LOW: 0.8, HIGH: 0.7}, {LOW: 0.9, HIGH: 0.1}
    turned = {LOW: 0.1, HIGH: 0.9}

    def reasons(run: list[Any]) -> list[str]:
        found, skipped = transfer(made_run(run))
        assert found == []
        assert {s.contrast for s in skipped} == {NAME}
        return [s.reason for s in skipped]

    assert reasons(cells("p", both, cv)) == ["1 pair: none to choose on and one to try"]
    assert reasons(cells("p", both, cv) + cells("q", {LOW: 0.8}, cv)) == [
        "1 variants on every pair: no choice"
    ]
    without = [
        {k: v for k, v in cell.items() if k != "cv_accuracy_all"}
        for cell in cells("p", both, cv) + cells("q", both, cv)
    ]
    assert reasons(without) == ["no cell has cv_accuracy_all to choose by"]
    one = cells("p", both, cv, seeds=1) + cells("q", both, turned, seeds=1)
    assert all(s.wants_seeds for s in transfer(made_run(one))[1])
    assert reasons(one) == [
        f"one seed: no interval, sequential(4), {LOW} against sequential(4), {HIGH}",
        f"one seed: no interval, sequential(4), {HIGH} against sequential(4), {LOW}",
    ]


def test_seed_interval_is_students() -> None:
    values = np.random.default_rng(0).normal(0.1, 0.05, 6)
    found = seed_interval(values)
    theirs = stats.ttest_1samp(values, 0)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.p < 0.05) == (found.low > 0)


def test_seed_interval_of_one_or_equal_seeds() -> None:
    one = seed_interval([0.3])
    assert one.estimate == 0.3
    assert all(math.isnan(x) for x in (one.low, one.high, one.p))
    same = seed_interval([0.3, 0.3, 0.3])
    assert (same.low, same.high, same.p) == pytest.approx((0.3, 0.3, 0))
    assert seed_interval([0.0, 0.0]).p == 1


def options(means: list[float], seeds: int = 6, n: int = 2000, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    draws = Resamples(seeds, n, np.random.default_rng(1), 1000)
    return draws.draw([(rng.random((seeds, n)) < mean).astype(float) for mean in means])


def test_spread_ratio() -> None:
    wide, narrow = [0.5, 0.6, 0.7], [0.58, 0.6, 0.62]
    found = spread_ratio(options(wide), options(narrow, seed=2))
    assert found.low < 5 < found.high
    assert found.low > 1
    back = spread_ratio(options(narrow, seed=2), options(wide))
    assert back.estimate == pytest.approx(1 / found.estimate)
    assert back.high < 1
    assert (found.p < 0.05, back.p < 0.05) == (True, True)
    assert math.isnan(spread_ratio(options(wide, seeds=1), options(narrow, seeds=1)).low)


def test_spread_of_what_is_all_alike_is_noise_taken_off() -> None:
    """Equal options differ in their means by chance; a ratio of raw deviations would be 0.1."""
    found = spread_ratio(options([0.6] * 4, n=300), options([0.4, 0.5, 0.6, 0.7], n=300, seed=2))
    assert found.estimate < 0.07
    assert found.high < 0.5
    same = options([0.6, 0.6])
    equal = spread_ratio([same[0], same[0]], [same[0], same[0]])
    assert (equal.estimate, equal.low, equal.high, equal.p) == (1, 1, 1, 1)
    with pytest.raises(ValueError, match="a spread takes two options, got 1 and 2"):
        spread_ratio(same[:1], same)


def test_verdicts_do_not_depend_on_global_seeds() -> None:
    shares, cv = {LOW: 0.8, HIGH: 0.7, FLAT: 0.5}, {LOW: 0.9, HIGH: 0.1, FLAT: 0.0}
    run = cells("p", shares, cv) + cells("q", shares, dict(zip(cv, (0.1, 0.9, 0), strict=True)))
    data = made_run(run, studies={"transfer": list(range(len(run)))})
    np.random.seed(1)  # noqa: NPY002
    first = judge(CLAIMS, data)
    np.random.seed(2)  # noqa: NPY002
    assert [str(j) for j in first] == [str(j) for j in judge(CLAIMS, data)]
