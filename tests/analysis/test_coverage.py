"""95 % intervals hold the truth 95 % of the time; the long table is benchmarks/coverage.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

from d2vbench.analysis import CrossedEffects, Resamples, spread_ratio

TRIALS = 1500
# Coverage is to lie between 93 and 97 %. A share of 1,500 trials misses its mean by more than three
# standard errors once in 370 times, and the seeds are fixed.
LEAST = 0.93 - 3 * math.sqrt(0.93 * 0.07 / TRIALS)
MOST = 0.97 + 3 * math.sqrt(0.97 * 0.03 / TRIALS)


def coverage(effects: CrossedEffects, n_seeds: int, n_documents: int = 300) -> float:
    generator = np.random.default_rng(n_seeds)
    draws = Resamples(n_seeds, n_documents, generator, 1000)
    covered = 0
    for _ in range(TRIALS // 100):
        pairs = [effects.draw(n_seeds, n_documents, generator) for _ in range(100)]
        for found in draws.draw([first - second for first, second in pairs]):
            interval = found.interval()
            covered += interval.low <= effects.truth <= interval.high
    return covered / TRIALS


@pytest.mark.parametrize("n_seeds", [3, 5, 10])
@pytest.mark.parametrize(
    ("documents", "seeds"),
    [(1.0, 0.0), (0.3, 0.05), (0.3, 0.3), (0.0, 1.0)],
    ids=["documents", "both", "seeds more", "nothing but seeds"],
)
def test_coverage(n_seeds: int, documents: float, seeds: float) -> None:
    effects = CrossedEffects(documents=documents, seeds=seeds, common_seeds=0.1)
    assert LEAST <= coverage(effects, n_seeds) <= MOST


def test_an_interval_without_seeds_would_fail_this_test() -> None:
    """The bound has teeth: documents alone, where seeds matter, cover far less."""
    effects = CrossedEffects(documents=0.3, seeds=0.3)
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        first, second = effects.draw(5, 300, generator)
        by_document = (first - second).mean(axis=0)
        half = 1.96 * by_document.std() / math.sqrt(300)
        covered += abs(by_document.mean() - effects.truth) <= half
    assert covered / 200 < LEAST - 0.2


def test_the_truth_of_the_simulation() -> None:
    effects = CrossedEffects((0.8, 0.2), 0.7, 0.2, 0.4, 0.3)
    first, second = effects.draw(400, 2000, np.random.default_rng(1))
    assert first.mean() - second.mean() == pytest.approx(effects.truth, abs=0.03)
    assert set(np.unique(first)) == {0.0, 1.0}


def test_coverage_of_a_ratio_of_spreads() -> None:
    """Five seeds, spreads of 6 and 3 points: bounds as the docstring has them, 150 trials."""
    trials, n_seeds, n_documents = 150, 5, 200
    generator = np.random.default_rng(2)
    draws = Resamples(n_seeds, n_documents, generator, 600)
    steps = np.linspace(-1, 1, 6) / np.linspace(-1, 1, 6).std(ddof=1)
    inside = 0
    for _ in range(trials):
        easy = 0.3 * generator.standard_normal(n_documents)
        scores = []
        for mean in (*(0.6 + 0.06 * steps), *(0.6 + 0.03 * steps)):
            noise = 0.2 * generator.standard_normal((n_seeds, n_documents))
            lucky = 0.02 * generator.standard_normal((n_seeds, 1))
            scores.append(mean + easy + noise + lucky)
        found = draws.draw(scores)
        interval = spread_ratio(found[:6], found[6:])
        inside += interval.low <= 2 <= interval.high
    assert inside / trials >= 0.94 - 3 * math.sqrt(0.94 * 0.06 / trials)
