"""The regression on properties of pairs: against least squares, statsmodels and known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from d2vbench.analysis.statistics.crossed import over_pairs
from d2vbench.analysis.statistics.meta_regression import meta_regression
from d2vbench.analysis.statistics.reml import Effects, Reml

A, B = 5, 7
GENERIC, DOMAIN = np.repeat(np.arange(A), B).tolist(), np.tile(np.arange(B), A).tolist()


def drawn(
    sds: tuple[float, float, float], slopes: tuple[float, float], rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    near, long = rng.standard_normal(A * B), rng.standard_normal(B)[DOMAIN]
    g, d = sds[0] * rng.standard_normal(A), sds[1] * rng.standard_normal(B)
    y = g[GENERIC] + d[DOMAIN] + sds[2] * rng.standard_normal(A * B)
    return 1.0 + y + slopes[0] * near + slopes[1] * long, {"near": near, "long": long}


def test_without_shared_corpora_it_is_least_squares() -> None:
    rng = np.random.default_rng(3)
    x = {"one": rng.standard_normal(14), "two": rng.uniform(5, 9, 14)}
    y = 2 + x["one"] - 0.5 * x["two"] + rng.standard_normal(14)
    names = [str(i) for i in range(14)]
    found = meta_regression(y, np.zeros(14), names, names, x)
    plain = sm.OLS(y, sm.add_constant(np.column_stack(list(x.values())))).fit()
    for i, one in enumerate(found.coefficients, start=1):
        low, high = plain.conf_int()[i] * one.deviation
        assert one.freedom == pytest.approx(11, rel=1e-4)
        assert one.interval.estimate == pytest.approx(plain.params[i] * one.deviation, rel=1e-5)
        assert (one.interval.low, one.interval.high) == pytest.approx((low, high), rel=1e-3)
        assert one.interval.p == pytest.approx(plain.pvalues[i], rel=1e-2)
    assert found.deviation**2 == pytest.approx(plain.mse_resid, rel=1e-4)
    assert found.explained == pytest.approx(1 - plain.mse_resid / y.var(ddof=1), rel=1e-3)
    # A new pair's true value, of which the residual is all that is not known.
    new = plain.get_prediction([[1, 0.3, 7.0]]).summary_frame(alpha=0.05).iloc[0]
    said = found.predict({"one": 0.3, "two": 7.0}, "new", "new")
    assert said.estimate == pytest.approx(new["mean"], rel=1e-5)
    # statsmodels takes t of 11 degrees of freedom for both parts, as is done here.
    assert (said.low, said.high) == pytest.approx(
        (new["obs_ci_lower"], new["obs_ci_upper"]), rel=2e-2
    )


def test_shared_corpora_are_the_mixed_model_of_statsmodels() -> None:
    y, x = drawn((1.0, 1.5, 0.7), (0.8, -1.0), np.random.default_rng(4))
    found = meta_regression(y, np.zeros(len(y)), GENERIC, DOMAIN, x)
    scaled = {name: (v - v.mean()) / v.std() for name, v in x.items()}
    table = pd.DataFrame({"y": y, "g": GENERIC, "d": DOMAIN, "all": 1, **scaled})
    mixed = sm.MixedLM.from_formula(
        "y ~ near + long", table, groups="all", vc_formula={"g": "0 + C(g)", "d": "0 + C(d)"}
    ).fit(reml=True)
    for one in found.coefficients:
        assert one.interval.estimate == pytest.approx(mixed.params[one.name], rel=1e-2)
    left = float(mixed.vcomp.sum() + mixed.scale)
    assert found.deviation**2 == pytest.approx(left, rel=2e-2)


def test_a_pair_of_known_corpora_is_predicted_nearer() -> None:
    """The best linear unbiased prediction, by the joint covariance of all pairs, one held out."""
    y, x = drawn((2.0, 2.0, 0.3), (0.5, 0.5), np.random.default_rng(5))
    rest, out = np.arange(1, A * B), 0
    g, d = [GENERIC[i] for i in rest], [DOMAIN[i] for i in rest]
    found = meta_regression(y[rest], np.zeros(len(rest)), g, d, {k: v[rest] for k, v in x.items()})
    mine = {name: float(v[out]) for name, v in x.items()}
    near, far = found.predict(mine, GENERIC[out], DOMAIN[out]), found.predict(mine, "new", "new")
    assert near.high - near.low < (far.high - far.low) / 3
    assert abs(near.estimate - y[out]) < 1.0 < abs(far.estimate - y[out])
    # By hand, from the variances that the fit has.
    fit, scale = found._fit, found._scale
    design = fit._design
    whole = np.tensordot(fit.variances, Effects(GENERIC, DOMAIN).kernels, 1)
    inside, across = whole[np.ix_(rest, rest)], whole[out, rest]
    residual = y[rest] / scale - design @ fit.coefficients
    row = [1, *((mine[c.name] - c.mean) / c.deviation for c in found.coefficients)]
    expected = row @ fit.coefficients + across @ np.linalg.solve(inside, residual)
    assert near.estimate == pytest.approx(expected * scale, rel=1e-6)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng, slope, covered = np.random.default_rng(6), 0.7, []
    for _ in range(120):
        y, x = drawn((0.8, 0.8, 0.5), (slope, 0.0), rng)
        y = y + 0.3 * rng.standard_normal(len(y))
        design = np.column_stack([np.ones(len(y)), x["near"], x["long"]])
        fit = Reml(y, np.full(len(y), 0.09), Effects(GENERIC, DOMAIN).kernels, design)
        for i, truth in ((1, slope), (2, 0.0)):
            error, freedom = fit.spread(np.eye(3)[i], np.zeros(3))
            covered.append(abs(fit.coefficients[i] - truth) < stats.t.ppf(0.975, freedom) * error)
    assert 0.92 <= np.mean(covered) <= 0.99


def test_each_pair_is_predicted_from_those_that_share_nothing_with_it() -> None:
    y, x = drawn((0.0, 0.0, 0.1), (3.0, 1.0), np.random.default_rng(7))
    found = meta_regression(y, np.zeros(len(y)), GENERIC, DOMAIN, x)
    assert found.explained > 0.95
    assert np.abs(found.left_out - y).max() < 1.0
    # Whatever the pairs that share a corpus with the first say, its prediction is the same.
    other = y.copy()
    other[:B] += 50
    again = meta_regression(other, np.zeros(len(y)), GENERIC, DOMAIN, x)
    assert again.left_out[0] == pytest.approx(found.left_out[0])


def test_what_cannot_be_regressed_is_said() -> None:
    y, x = drawn((1, 1, 1), (0, 0), np.random.default_rng(8))
    v = np.zeros(len(y))
    for properties, said in (
        ({"same": np.ones(len(y))}, "property same is the same on all pairs"),
        ({**x, "sum": x["near"] + x["long"]}, "near, long, sum: one is a sum of the others"),
        ({"gap": np.append(x["near"][1:], np.nan)}, "property gap: expected a number for each"),
    ):
        with pytest.raises(ValueError, match=said):
            meta_regression(y, v, GENERIC, DOMAIN, properties)
    with pytest.raises(ValueError, match="2 properties take 6 pairs, got 5"):
        few = {name: column[:5] for name, column in x.items()}
        meta_regression(y[:5], v[:5], GENERIC[:5], DOMAIN[:5], few)
    with pytest.raises(ValueError, match="nothing to explain"):
        meta_regression(np.ones(35), v, GENERIC, DOMAIN, x)
    assert over_pairs(y, v, GENERIC, DOMAIN).pairs == 35


def test_the_unit_of_a_difference_has_no_say() -> None:
    """In points or as a share: the same, times a hundred; and so with the unit of a property."""
    y, x = drawn((1.0, 0.5, 0.5), (0.8, -1.0), np.random.default_rng(9))
    v = np.random.default_rng(1).uniform(0.1, 0.4, len(y))
    one = meta_regression(y, v, GENERIC, DOMAIN, x)
    other = meta_regression(y / 100, v / 100**2, GENERIC, DOMAIN, {n: 7 * c for n, c in x.items()})
    for mine, theirs in zip(one.coefficients, other.coefficients, strict=True):
        a, b = mine.interval, theirs.interval
        assert (b.estimate, b.low, b.high) == pytest.approx(
            (a.estimate / 100, a.low / 100, a.high / 100), rel=1e-3
        )
        assert (b.p, theirs.freedom) == pytest.approx((a.p, mine.freedom), rel=1e-2)
        assert theirs.deviation == pytest.approx(7 * mine.deviation)
    assert other.deviation == pytest.approx(one.deviation / 100, rel=1e-3)
    assert other.explained == pytest.approx(one.explained, abs=1e-3)
    assert other.left_out == pytest.approx(one.left_out / 100, rel=1e-2)
    here = {"near": 0.3, "long": -1.0}
    a, b = one.predict(here, 2, 3), other.predict({n: 7 * z for n, z in here.items()}, 2, 3)
    assert (b.estimate, b.low, b.high) == pytest.approx(
        (a.estimate / 100, a.low / 100, a.high / 100), rel=1e-3
    )
    assert b.p == pytest.approx(a.p, rel=1e-2)
    # Sampling variance that is known is not what pairs differ by.
    assert one.deviation < meta_regression(y, 0 * v, GENERIC, DOMAIN, x).deviation


def test_a_pair_is_not_predicted_where_too_few_share_nothing_with_it() -> None:
    """Pairs 0 to 6 have one domain corpus with 7 to 10, and share nothing with 11 to 13."""
    y, x = drawn((1.0, 1.0, 0.5), (0.8, 0.0), np.random.default_rng(2))
    y, near, none = y[:14], {"near": x["near"][:14]}, np.zeros(14)
    generic = [0] * 7 + [1] * 7
    assert np.isfinite(meta_regression(y, none, generic, DOMAIN[:14], near).left_out).all()
    domain = ["one"] * 11 + ["two", "three", "four"]
    left_out = meta_regression(y, none, generic, domain, near).left_out
    assert np.isnan(left_out[:11]).all()
    assert np.isfinite(left_out[11:]).all()
    # Others that all say the same say it of these, too.
    flat = np.where(np.arange(14) < 7, 0.25, y)
    left_out = meta_regression(flat, none, generic, domain, near).left_out
    assert left_out[11:] == pytest.approx(np.full(3, 0.25), abs=1e-6)


def test_how_sure_a_prediction_is_of_zero() -> None:
    y, x = drawn((0.5, 0.5, 0.3), (1.0, 0.0), np.random.default_rng(3))
    found = meta_regression(y, np.zeros(len(y)), GENERIC, DOMAIN, x)
    for near in np.linspace(-6, 6, 13):
        said = found.predict({"near": near, "long": 0.0}, "new", "new")
        assert said.low < said.estimate < said.high
        assert said.high - said.estimate == pytest.approx(said.estimate - said.low)
        assert (said.p < 0.05) == (said.low > 0 or said.high < 0)
