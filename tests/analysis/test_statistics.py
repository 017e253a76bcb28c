"""Intervals cover what they say, verdicts follow their rule."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from d2vbench.analysis import (
    Interval,
    Resamples,
    Verdict,
    mean_interval,
    paired_interval,
    verdict,
)
from d2vbench.analysis.statistics.bootstrap import (
    mean_of,
    mean_squares,
    percentile,
    weighted_sums,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def draws(scores: object, seed: int = 0, count: int = 4000) -> Resamples:
    return Resamples(*np.shape(scores), rng(seed), count)  # type: ignore[arg-type]


def test_the_estimate_is_the_mean() -> None:
    scores = rng().random((4, 50))
    interval = mean_interval(scores, draws(scores))
    assert interval.estimate == pytest.approx(scores.mean())
    assert interval.low < interval.estimate < interval.high


def test_documents_alone_agree_with_an_independent_bootstrap() -> None:
    """Equal seeds leave one level: then scipy's one-level bootstrap is the reference."""
    one = (rng(1).random(200) < 0.7).astype(float)
    tiled = np.tile(one, (3, 1))
    ours = mean_interval(tiled, draws(tiled, 2, 8000))
    # The argument's name until SciPy 1.15 was random_state.
    name = "rng" if "rng" in inspect.signature(stats.bootstrap).parameters else "random_state"
    theirs = stats.bootstrap(
        (one,), np.mean, method="percentile", n_resamples=8000, **{name: rng(3)}
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.006)
    assert ours.high == pytest.approx(theirs.high, abs=0.006)


def test_equal_scores_have_no_difference_and_no_doubt() -> None:
    scores = rng().random((3, 20))
    interval = paired_interval(scores, scores, draws(scores))
    assert (interval.estimate, interval.low, interval.high, interval.p) == (0, 0, 0, 1)


def test_pairing_narrows_the_interval() -> None:
    base = (rng(1).random((5, 300)) < 0.6).astype(float)
    better = base.copy()
    better[:, :12] = 1
    paired = paired_interval(better, base, draws(base))
    shuffled = better[:, rng(2).permutation(300)]
    unpaired = paired_interval(shuffled, base, draws(base))
    assert paired.high - paired.low < (unpaired.high - unpaired.low) / 2


def test_one_seed_has_no_interval() -> None:
    interval = mean_interval([[1, 0, 1]], Resamples(1, 3, rng()))
    assert interval.estimate == pytest.approx(2 / 3)
    assert all(math.isnan(x) for x in (interval.low, interval.high, interval.p))
    assert verdict(interval, float("nan"), 1) is Verdict.NO_INTERVAL


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros(2), r"must be \(n_seeds, n_documents\) = \(1, 2\), got \(2,\)"),
        (np.zeros((2, 2)), r"must be \(n_seeds, n_documents\) = \(1, 2\), got \(2, 2\)"),
        ([[1.0, float("nan")]], "must not be NaN"),
    ],
)
def test_wrong_scores(scores: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_interval(scores, Resamples(1, 2, rng()))  # type: ignore[arg-type]


def test_wrong_pairs() -> None:
    with pytest.raises(ValueError, match=r"one shape, got \(1, 2\) and \(1, 3\)"):
        paired_interval([[1, 0]], [[1, 0, 1]], Resamples(1, 2, rng()))
    with pytest.raises(ValueError, match=r"must not be empty, got shape \(2, 0\)"):
        Resamples(2, 0, rng())


@pytest.mark.parametrize(
    ("low", "high", "p", "word"),
    [
        (0.02, 0.05, 0.01, "better"),
        (-0.05, -0.02, 0.01, "worse"),
        (0.02, 0.05, 0.20, "inconclusive"),
        (-0.01, 0.01, 0.90, "equivalent"),
        (0.001, 0.009, 0.01, "equivalent"),
        (-0.02, 0.05, 0.30, "inconclusive"),
    ],
)
def test_verdicts(low: float, high: float, p: float, word: str) -> None:
    assert str(verdict(Interval((low + high) / 2, low, high, p), p, 3)) == word


@given(st.floats(-0.2, 0.2), st.floats(0, 0.2), st.floats(0, 1))
def test_verdicts_turn_with_the_sign(middle: float, half: float, p: float) -> None:
    turned = {"better": "worse", "worse": "better"}
    there = str(verdict(Interval(middle, middle - half, middle + half, p), p, 3))
    back = str(verdict(Interval(-middle, -middle - half, -middle + half, p), p, 3))
    assert back == turned.get(there, there)


def test_two_seeds_are_too_few_for_a_verdict() -> None:
    assert str(verdict(Interval(0.3, 0.2, 0.4, 0.001), 0.001, 2)) == "too few seeds"


def test_shared_draws_make_differences_of_means() -> None:
    a, b = rng(1).random((3, 40)), rng(2).random((3, 40))
    first, second, both = draws(a).draw([a, b, a - b])
    assert (first - second).means == pytest.approx(both.means)
    assert (first - second).interval().low == pytest.approx(both.interval().low)


def test_many_sets_at_once_are_one_by_one() -> None:
    sets = [(rng(i).random((3, 50)) < 0.5).astype(float) for i in range(4)]
    shared = draws(sets[0])
    together = [found.interval() for found in shared.draw(sets)]
    assert together == [mean_interval(scores, shared) for scores in sets]
    assert shared.draw([]) == []


def test_too_few_resamples() -> None:
    with pytest.raises(ValueError, match="takes at least 39 resamples, got 38"):
        Resamples(2, 3, rng(), 38)


def test_global_seeds_change_nothing() -> None:
    scores = (rng(1).random((3, 60)) < 0.5) - 0.4
    before = mean_interval(scores, draws(scores))
    np.random.seed(1)  # noqa: NPY002
    first = mean_interval(scores, draws(scores))
    np.random.seed(2)  # noqa: NPY002
    assert before == first == mean_interval(scores, draws(scores))


@given(st.integers(2, 5), st.integers(2, 40), st.integers(0, 10**6))
def test_p_and_interval_agree(n_seeds: int, n_documents: int, seed: int) -> None:
    generator = rng(seed)
    scores = generator.integers(-1, 2, size=(n_seeds, n_documents)) + generator.normal(0, 0.5)
    interval = mean_interval(scores, Resamples(n_seeds, n_documents, generator, 400))
    assert interval.low <= interval.estimate <= interval.high
    assert (interval.p < 0.05) == (interval.low > 0 or interval.high < 0)


def test_an_interval_turns_with_the_sign() -> None:
    scores = (rng(3).random((4, 90)) < 0.6) - 0.5
    shared = draws(scores)
    there, back = mean_interval(scores, shared), mean_interval(-scores, shared)
    assert (back.low, back.high, back.p) == pytest.approx((-there.high, -there.low, there.p))


def test_seeds_that_agree_by_chance_leave_no_short_interval() -> None:
    """Equal means of the seeds: what documents alone say is a bound from below."""
    half = np.repeat([1.0, 0.0], 200)
    scores = np.stack([half, half[::-1], np.roll(half, 100)])
    interval = mean_interval(scores, draws(scores))
    # Documents alone: the standard error of their means over seeds.
    alone = 2 * 1.96 * scores.mean(axis=0).std() / math.sqrt(400)
    assert 0.75 * alone <= interval.high - interval.low <= 1.1 * alone


def test_seeds_alone_are_students_t() -> None:
    """Documents all alike: the interval is the textbook's, of n_seeds - 1 degrees of freedom."""
    seeds = rng(5).normal(0.02, 0.01, size=5)
    scores = np.repeat(seeds[:, None], 30, axis=1)
    ours = mean_interval(scores, draws(scores, 1, 40_000))
    theirs = stats.ttest_1samp(seeds, 0).confidence_interval(0.95)
    assert ours.low == pytest.approx(theirs.low, abs=0.02 * (theirs.high - theirs.low))
    assert ours.high == pytest.approx(theirs.high, abs=0.02 * (theirs.high - theirs.low))
    assert ours.p == pytest.approx(stats.ttest_1samp(seeds, 0).pvalue, rel=0.1)


def test_mean_squares_are_those_of_the_two_way_layout() -> None:
    import pandas as pd
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    scores = rng(2).random((3, 12))
    long = pd.DataFrame(
        [(s, d, scores[s, d]) for s in range(3) for d in range(12)], columns=["s", "d", "y"]
    )
    table = anova_lm(smf.ols("y ~ C(s) + C(d)", long).fit())
    assert mean_squares(scores) == pytest.approx(table["mean_sq"].tolist())


def test_draws_at_the_null_count_on_both_sides() -> None:
    """Order statistics of 99 draws: the second smallest and the second largest."""
    middle = np.random.default_rng(0).permutation(np.arange(1.0, 100))
    assert percentile(middle, 50.0) == (2, 98, 1.0)
    for null, p in ((0.5, 0.02), (1, 0.04), (2, 0.06), (98, 0.06), (99, 0.04), (99.5, 0.02)):
        low, high, found = percentile(middle, null)
        assert found == pytest.approx(p)
        assert (found < 0.05) == (null < low or null > high)
    at_zero = np.array([0.0] * 3 + [1.0] * 96)
    assert percentile(at_zero) == (0, 1, pytest.approx(0.08))
    assert percentile(-at_zero) == (-1, 0, pytest.approx(0.08))


def test_resamples_by_documents_are_means_of_documents_drawn() -> None:
    """In single precision where that is exact, else in double; in parts where there are many."""
    scores = (rng(1).random((3, 40)) < 0.5).astype(float)
    shared = draws(scores, count=50)
    whole, third = shared.draw([scores, scores / 3])
    assert third.by_document * 3 == pytest.approx(whole.by_document, abs=1e-14)
    assert third.by_seed * 3 == pytest.approx(whole.by_seed, abs=1e-14)
    # Each draws as many documents as there are: nothing but ones has a mean of one.
    wide = np.ones((1, 110_000))
    (ones,) = draws(wide, count=40).draw([wide])
    assert ones.by_document == pytest.approx(np.zeros(40), abs=1e-12)
    assert not ones.by_seed.any()
    # Documents that are drawn once on average, with the variance of a multinomial.
    first = np.zeros((1, 40))
    first[0, 0] = 40
    (one,) = draws(first, count=4000).draw([first])
    assert set(one.by_document + 1) <= set(range(12))
    assert one.by_document.mean() == pytest.approx(0, abs=0.06)
    assert one.by_document.var() == pytest.approx(39 / 40, rel=0.1)


def test_the_sampling_variance_of_a_mean() -> None:
    """Of documents alone with one seed; never below the floor of documents; else unbiased."""
    one = (rng(1).random((1, 400)) < 0.3).astype(float)
    (alone,) = draws(one).draw([one])
    assert alone.variance == pytest.approx(one.var(ddof=1) / 400)
    single = np.array([[0.2], [0.4]])
    assert math.isnan(draws(single).draw([single])[0].variance)
    apart = rng(2).normal(0, 1, (5, 1)) + rng(3).normal(0, 2, (1, 30))
    apart = apart + rng(4).normal(0, 1, (5, 30))
    seeds, documents, rest = mean_squares(apart)
    assert draws(apart).draw([apart])[0].variance == pytest.approx((seeds + documents - rest) / 150)
    # Seeds whose means agree by chance: what would be taken off is more than there is.
    half = np.repeat([1.0, 0.0], 20)
    alike = np.stack([half, half[::-1]])
    documents = mean_squares(alike)[1]
    floor = draws(alike).draw([alike])[0].variance
    assert floor == pytest.approx(max(0.0, 0.64 * documents / 80))
    mixed = np.stack([half, np.roll(half, 10)])
    seeds, documents, rest = mean_squares(mixed)
    assert seeds + documents - rest < 0.64 * documents
    assert draws(mixed).draw([mixed])[0].variance == pytest.approx(0.64 * documents / 80)


def test_weights_of_sums_and_of_means() -> None:
    sets = [rng(i).random((3, 20)) for i in range(3)]
    made = draws(sets[0]).draw(sets)
    whole = mean_of(made)
    assert whole.scores == pytest.approx(np.mean(sets, axis=0))
    assert whole.means == pytest.approx(np.mean([one.means for one in made], axis=0))
    first, last = weighted_sums(made, [[1, -1, 0], [0, 0, 2]])
    assert first.interval() == (made[0] - made[1]).interval()
    assert last.interval().high == pytest.approx(2 * made[2].interval().high)


@pytest.mark.parametrize(
    ("low", "high", "p", "seeds", "word"),
    [
        (0.0, 0.05, 0.01, 3, "inconclusive"),
        (-0.05, 0.0, 0.01, 3, "inconclusive"),
        (0.02, 0.05, 0.05, 3, "inconclusive"),
        (0.02, 0.05, 0.049, 3, "better"),
        (-0.011, 0.01, 0.9, 3, "inconclusive"),
        (-0.01, 0.011, 0.9, 3, "inconclusive"),
        (-0.001, 0.001, 0.9, 1, "too few seeds"),
        (math.nan, math.nan, math.nan, 9, "no interval"),
    ],
)
def test_verdicts_at_their_bounds(low: float, high: float, p: float, seeds: int, word: str) -> None:
    assert str(verdict(Interval(0.0, low, high, p), p, seeds)) == word


def test_a_wider_margin_calls_more_equivalent() -> None:
    interval = Interval(0.0, -0.02, 0.02, 0.9)
    assert str(verdict(interval, 0.9, 3)) == "inconclusive"
    assert str(verdict(interval, 0.9, 3, margin=0.02)) == "equivalent"
