"""Shares of variance: against statsmodels where the grid is balanced, laws where it is not."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from run_support import made_run, right, variant
from statsmodels.stats.anova import anova_lm

from d2vbench.analysis import accuracy_variance, variance_shares


def grid(seed: int = 0, *sizes: int) -> pd.DataFrame:
    levels = itertools.product(*(range(n) for n in sizes or (3, 4, 2)))
    table = pd.DataFrame(list(levels), columns=["a", "b", "c", "d"][: len(sizes) or 3])
    rng = np.random.default_rng(seed)
    effects = [rng.normal(0, 1 / (i + 1), 10) for i in range(len(table.columns))]
    table["y"] = sum(e[table[n]] for e, n in zip(effects, table.columns, strict=True))
    table["y"] += rng.normal(0, 0.5, len(table))
    return table


def test_a_balanced_grid_is_the_analysis_of_variance() -> None:
    table = grid()
    found = variance_shares(table["y"], table, ["a", "b", "c"])
    squares = anova_lm(smf.ols("y ~ C(a) + C(b) + C(c)", table).fit())["sum_sq"]
    expected = squares / squares.sum()
    assert [*found.shares.values(), found.residual] == pytest.approx(expected.tolist())
    assert found.levels == {"a": 3, "b": 4, "c": 2}
    assert found.variance == pytest.approx(table["y"].var())
    assert (found.cells, found.confounded) == (24, ())


def test_two_factors_unbalanced_are_the_mean_of_both_orders() -> None:
    table = grid(1, 3, 4).drop(index=[0, 1, 5, 7])
    found = variance_shares(table["y"], table, ["a", "b"])
    first = anova_lm(smf.ols("y ~ C(a) + C(b)", table).fit())["sum_sq"]
    second = anova_lm(smf.ols("y ~ C(b) + C(a)", table).fit())["sum_sq"]
    assert found.shares["a"] == pytest.approx((first["C(a)"] + second["C(a)"]) / 2 / first.sum())
    assert found.residual == pytest.approx(first["Residual"] / first.sum())


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.3, 1.0))
def test_shares_sum_to_one_and_none_is_negative(seed: int, kept: float) -> None:
    table = grid(seed, 3, 3, 2, 2).sample(frac=kept, random_state=seed)
    found = variance_shares(table["y"], table, ["a", "b", "c", "d"])
    assert sum(found.shares.values()) + found.residual == pytest.approx(1)
    assert min(*found.shares.values(), found.residual) >= -1e-9
    turned = variance_shares(table["y"], table, ["d", "c", "b", "a"])
    assert turned.shares == pytest.approx(found.shares)


def test_factors_that_tell_the_same_divide_what_they_explain() -> None:
    table = grid(2, 4, 5)
    table["twin"] = table["a"].map(str)
    found = variance_shares(table["y"], table, ["a", "twin", "b"])
    alone = variance_shares(table["y"], table, ["a", "b"])
    assert found.shares["a"] == pytest.approx(found.shares["twin"])
    assert found.shares["a"] + found.shares["twin"] == pytest.approx(alone.shares["a"])
    assert found.confounded == ("a", "twin")


def test_a_failed_cell_is_left_out() -> None:
    table = grid()
    with_nan = table["y"].where(table.index != 3)
    found = variance_shares(with_nan, table, ["a", "b"])
    rest = table.drop(index=3)
    assert found.cells == 23
    assert found.shares == variance_shares(rest["y"], rest, ["a", "b"]).shares


def test_one_level_explains_nothing_and_no_variance_is_no_share() -> None:
    table = grid().assign(one="same")
    assert variance_shares(table["y"], table, ["a", "one"]).shares["one"] == 0
    flat = variance_shares(np.full(24, 0.7), table, ["a", "b"])
    assert math.isnan(flat.shares["a"])
    assert math.isnan(flat.residual)


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        (np.zeros(3), ["a"], "3 values and 24 rows of factors"),
        (np.zeros(24), [str(i) for i in range(11)], "at most ten factors, got 11"),
        (np.full(24, np.nan), ["a"], "variance takes two cells, got 0"),
    ],
)
def test_wrong_values(values: np.ndarray, names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        variance_shares(values, grid(), names)


def test_of_a_run() -> None:
    data = made_run(
        [
            variant(name)
            | {"seed": s, "pair": pair, "model": model, "correct": right(share, seed=s)}
            for model in ("dbow", "dm-mean")
            for pair in ("p", "q")
            for name, share in (("combined", 0.4), ("reverse", 0.8))
            for s in range(3)
        ]
        + [variant("failed") | {"seed": 0}]
    )
    found = accuracy_variance(data)
    assert list(found) == ["dbow", "dm-mean"]
    assert found["dbow"].shares["strategy"] > 0.95
    assert found["dbow"].shares["pair"] == pytest.approx(0, abs=1e-9)
    assert found["dbow"].cells == 12


def test_thousands_of_seeds_take_no_column_each() -> None:
    """Of 20,000 cells of 2,500 seeds the design would have 2,500 columns, and take minutes."""
    rng = np.random.default_rng(0)
    effects = np.array([0.0, 0.1, 0.3, 0.35])
    table = pd.DataFrame(
        [(s, a, p) for s in range(2_500) for a in range(4) for p in range(2)],
        columns=["seed", "a", "pair"],
    )
    seeds = rng.normal(0, 0.05, 2_500)
    table["y"] = effects[table["a"]] + seeds[table["seed"]] + rng.normal(0, 0.01, len(table))
    begun = time.process_time()
    found = variance_shares(table["y"], table, ["a", "seed", "pair"])
    assert time.process_time() - begun < 5
    # A balanced grid: the shares are sums of squares.
    total = np.square(table["y"] - table["y"].mean()).sum()
    for name in ("a", "seed", "pair"):
        means = table.groupby(name)["y"].transform("mean") - table["y"].mean()
        assert found.shares[name] == pytest.approx(np.square(means).sum() / total, abs=1e-12)
    assert found.confounded == ()


@pytest.mark.parametrize("seed", range(6))
def test_the_widest_factor_is_fitted_like_the_others(seed: int) -> None:
    """Against one least-squares fit of all indicators, with holes, twins and NaN levels."""
    rng = np.random.default_rng(seed)
    table = grid(seed, 3, 7, 2).sample(frac=0.6, random_state=seed)
    table["twin"] = table["b"].map({n: str(n % 5) for n in range(7)}).where(table["b"] != 3)
    names = [str(n) for n in rng.permutation(["a", "b", "c", "twin"])]
    found = variance_shares(table["y"], table, names)

    def r2_and_rank(some: list[str]) -> tuple[float, int]:
        columns = [pd.get_dummies(table[n], dummy_na=True).to_numpy(float) for n in some]
        design = np.concatenate([np.ones((len(table), 1)), *columns], axis=1)
        fit = design @ np.linalg.lstsq(design, table["y"], rcond=1e-10)[0]
        return fit.var() / table["y"].var(ddof=0), np.linalg.matrix_rank(design)

    whole, rank = r2_and_rank(names)
    assert 1 - found.residual == pytest.approx(whole)
    orders = list(itertools.permutations(names))
    for name in names:
        rest = [n for n in names if n != name]
        added = [
            r2_and_rank([*order[: order.index(name)], name])[0]
            - r2_and_rank(list(order[: order.index(name)]))[0]
            for order in orders
        ]
        assert found.shares[name] == pytest.approx(np.mean(added), abs=1e-10)
        less = rank - r2_and_rank(rest)[1]
        assert (name in found.confounded) == (less < found.levels[name] - 1)
