"""Intervals cover what they say, verdicts follow their rule."""

from __future__ import annotations

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
    theirs = stats.bootstrap(
        (one,), np.mean, method="percentile", n_resamples=8000, rng=rng(3)
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


def test_coverage_with_documents_and_seeds_both_random() -> None:
    """With many seeds, 95 % intervals hold the truth about 95 % of the time."""
    generator = rng(7)
    covered = 0
    trials = 300
    for _ in range(trials):
        documents = generator.normal(0.1, 1.0, size=(1, 80))
        seeds = generator.normal(0.0, 0.2, size=(20, 1))
        noise = generator.normal(0.0, 0.5, size=(20, 80))
        scores = documents + seeds + noise
        interval = mean_interval(scores, Resamples(20, 80, generator, 400))
        covered += interval.low <= 0.1 <= interval.high
    assert 0.90 <= covered / trials <= 0.985


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


@pytest.mark.parametrize(("n_seeds", "least"), [(3, 0.86), (5, 0.90)])
def test_coverage_with_few_seeds_is_what_the_docstring_warns_of(n_seeds: int, least: float) -> None:
    """Seeds that shift a score by two points: three of them already tell most of it."""
    generator = rng(11)
    covered = 0
    trials = 300
    for _ in range(trials):
        documents = generator.normal(0.1, 0.4, size=(1, 300))
        seeds = generator.normal(0.0, 0.02, size=(n_seeds, 1))
        scores = documents + seeds + generator.normal(0.0, 0.4, size=(n_seeds, 300))
        interval = mean_interval(scores, Resamples(n_seeds, 300, generator, 400))
        covered += interval.low <= 0.1 <= interval.high
    assert least <= covered / trials <= 0.99


def test_shared_draws_make_differences_of_means() -> None:
    a, b = rng(1).random((3, 40)), rng(2).random((3, 40))
    shared = draws(a)
    assert shared.means(a) - shared.means(b) == pytest.approx(shared.means(a - b))
