"""The best, the simplest, the cheapest that is as good, and how sure that is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import recommend

COMBINED = variant("combined")
STRONG = variant("sequential", 4, "restart")
CHEAP = variant("domain-only", 4)


def cells(name: dict[str, Any], share: float, seeds: int = 5, **more: Any) -> list[dict[str, Any]]:
    return [
        name | {"seed": s, "correct": right(share, n=500, seed=s, noise=0.01)} | more
        for s in range(seeds)
    ]


def test_best_simplest_and_cheapest() -> None:
    data = made_run(
        cells(COMBINED, 0.6, words_trained=5.0)
        + cells(STRONG, 0.75, words_trained=7.0)
        + cells(CHEAP, 0.748, words_trained=2.0)
        + cells(variant("generic-only"), 0.3, words_trained=1.0)
    )
    found = recommend(data, "p")
    assert found is not None
    assert found.cheapest.title == "domain-only(4)"
    assert found.sure
    assert found.simplest is not None and found.gain is not None
    assert found.simplest.title == "combined"
    assert found.gain.low < 0.15 < found.gain.high
    assert found.gain.low > 0
    assert sum(option.best for option in found.options) == pytest.approx(1)
    assert found.options[-1].title == "generic-only"
    assert (found.options[-1].best, found.options[-1].near_best) == (0, 0)
    assert [o.accuracy.estimate for o in found.options] == sorted(
        (o.accuracy.estimate for o in found.options), reverse=True
    )


def test_what_is_cheaper_and_worse_is_not_taken() -> None:
    data = made_run(
        cells(COMBINED, 0.6, words_trained=1.0) + cells(STRONG, 0.75, words_trained=9.0)
    )
    found = recommend(data, "p")
    assert found is not None
    assert found.cheapest is found.best


def test_noise_is_not_sure() -> None:
    rng = np.random.default_rng(0)
    names = [COMBINED, STRONG, CHEAP, variant("oversampled", 4)]
    data = made_run(
        [n | {"seed": s, "correct": rng.random(80) < 0.6} for n in names for s in range(3)]
    )
    found = recommend(data, "p")
    assert found is not None
    assert found.best.best < 0.95
    assert not found.sure
    assert found.gain is not None
    assert found.gain.low == 0


def test_picking_after_the_fact_is_no_gain() -> None:
    """Eight that are equal: the best looks better, and its gain must not."""
    names = [COMBINED, *(variant("sequential", k, "restart") for k in range(7))]
    claimed, naive = 0, []
    trials = 60
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        base = rng.random(100)
        data = made_run(
            [
                n | {"seed": s, "correct": 0.8 * base + 0.2 * rng.random(100) < 0.6}
                for n in names
                for s in range(5)
            ]
        )
        found = recommend(data, "p")
        assert found is not None and found.gain is not None
        claimed += found.gain.low > 0
        if found.simplest is not None:
            naive.append(found.best.accuracy.estimate - found.simplest.accuracy.estimate)
    # One in twenty at most, and three standard errors of 60 trials.
    assert claimed / trials <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)
    assert np.mean(naive) > 0.01


def test_one_that_is_ahead_keeps_its_gain() -> None:
    inside = 0
    trials = 40
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        shares = {"combined": 0.6, "sequential": 0.75, "reverse": 0.6}
        data = made_run(
            [
                variant(name) | {"seed": s, "correct": rng.random(300) < share}
                for name, share in shares.items()
                for s in range(5)
            ]
        )
        found = recommend(data, "p")
        assert found is not None and found.gain is not None
        inside += found.gain.low <= 0.15 <= found.gain.high
    assert inside / trials >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / trials)


def test_too_little_to_recommend() -> None:
    assert recommend(made_run(cells(COMBINED, 0.6)), "p") is None
    assert recommend(made_run(cells(COMBINED, 0.6)), "elsewhere") is None
    one_seed = made_run(cells(COMBINED, 0.6, seeds=1) + cells(STRONG, 0.7, seeds=1))
    assert recommend(one_seed, "p") is None


def test_without_combined_the_simplest_is_domain_only() -> None:
    found = recommend(made_run(cells(STRONG, 0.7) + cells(CHEAP, 0.6)), "p")
    assert found is not None
    assert found.simplest is not None
    assert found.gain is not None
    assert found.simplest.title == "domain-only(4)"
    assert found.gain.estimate == pytest.approx(
        found.best.accuracy.estimate - found.simplest.accuracy.estimate
    )


def test_with_neither_there_is_no_gain_to_tell() -> None:
    found = recommend(made_run(cells(STRONG, 0.7) + cells(variant("oversampled", 4), 0.6)), "p")
    assert found is not None
    assert (found.simplest, found.gain) == (None, None)


def test_a_variant_with_a_failed_seed_is_left_out_and_said_to_be() -> None:
    failed = cells(variant("oversampled", 4), 0.99)
    failed[0]["correct"] = None
    found = recommend(made_run(cells(COMBINED, 0.6) + cells(STRONG, 0.7) + failed), "p")
    assert found is not None
    assert found.left_out == ("oversampled(4)",)
    assert found.best.title == "sequential(4), restart"


def test_the_share_of_d_with_most_variants_is_looked_at() -> None:
    data = made_run(
        cells(COMBINED, 0.6, fraction=0.25)
        + cells(STRONG, 0.7, fraction=0.25)
        + cells(COMBINED, 0.9)
    )
    found = recommend(data, "p")
    assert found is not None
    assert found.fraction == 0.25
    assert recommend(data, "p", fraction=1.0) is None
