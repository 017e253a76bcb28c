"""Beside the best stand the next, and the cheapest that is not worse beyond noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import Recommendation, recommend
from d2vbench.analysis.contrasts.rivals import NO_RIVALS, PassCounts, passes_by_variant
from d2vbench.analysis.contrasts.variants import Variant

BEST = ("sequential", 4, "restart")


def cells(name: tuple[Any, ...], share: float, words: float, **more: Any) -> list[dict[str, Any]]:
    return [
        variant(*name)
        | {"seed": s, "words_trained": words, "correct": right(share, n=400, seed=s, noise=0.01)}
        | more
        for s in range(4)
    ]


def found(*rows: list[dict[str, Any]]) -> Recommendation:
    said = recommend(made_run([cell for some in rows for cell in some]), "p")
    assert said is not None
    return said


def test_the_next_best_has_its_difference_from_the_best() -> None:
    one = found(
        cells(BEST, 0.8, 9.0), cells(("combined",), 0.6, 5.0), cells(("oversampled", 4), 0.7, 9.0)
    )
    nearest = one.rivals.nearest
    assert nearest is not None and nearest.variant == Variant("oversampled", 4)
    means = {option.title: option.accuracy.estimate for option in one.options}
    gap = means["oversampled(4)"] - means["sequential(4), restart"]
    assert nearest.difference.estimate == pytest.approx(gap)
    assert nearest.difference.low < gap < nearest.difference.high < 0


def test_of_those_within_noise_the_cheapest_is_taken() -> None:
    one = found(
        cells(BEST, 0.8, 9.0), cells(("oversampled", 4), 0.799, 7.0),
        cells(("domain-only", 4), 0.799, 3.0), cells(("domain-only", 1), 0.5, 1.0),
    )  # fmt: skip
    cheaper = one.rivals.cheaper
    assert cheaper is not None and cheaper.variant == Variant("domain-only", 4)
    assert cheaper.cost == 3.0
    assert cheaper.difference.low <= 0 <= cheaper.difference.high
    assert one.rivals.tried == 3


def test_what_is_cheaper_and_worse_beyond_noise_is_not_taken() -> None:
    one = found(cells(BEST, 0.8, 9.0), cells(("domain-only", 4), 0.6, 3.0))
    assert one.rivals.cheaper is None
    assert one.rivals.tried == 1
    assert one.rivals.nearest is not None


def test_of_no_fewer_words_nothing_is_cheaper() -> None:
    one = found(cells(BEST, 0.8, 3.0), cells(("oversampled", 4), 0.8, 3.0 * (1 + 1e-12)))
    assert (one.rivals.cheaper, one.rivals.tried) == (None, 0)
    unknown = found(cells(BEST, 0.8, math.nan), cells(("oversampled", 4), 0.8, math.nan))
    assert (unknown.rivals.cheaper, unknown.rivals.tried) == (None, 0)
    assert NO_RIVALS.nearest is None


def test_passes_are_those_of_the_records() -> None:
    passes = {"generic_passes": 10.0, "domain_passes": 40.0}
    one = found(cells(BEST, 0.8, 9.0, **passes), cells(("combined",), 0.6, 5.0))
    assert one.best.passes == PassCounts(10.0, 40.0)
    assert one.options[-1].title == "combined"
    assert all(np.isnan(one.options[-1].passes))
    assert passes_by_variant(made_run(cells(BEST, 0.8, 9.0)).cells) == {}
