"""Arithmetic of regressions on sparse rows: compiled or not, the same floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from d2vbench.evaluation.classifiers import passes

built = pytest.mark.skipif(passes._built is None, reason="the extension is not built")
CLASSES = [2, 3, 4, 5, 7, 8, 9, 16, 23, 31, 57, 128, 129, 150, 300]


def doubles(*shape: int, seed: int = 0) -> passes.Doubles:
    # Of all sizes, so that another order of a sum shows.
    rng = np.random.default_rng(seed)
    made: passes.Doubles = rng.standard_normal(shape) * np.exp(3 * rng.standard_normal(shape))
    return made


def singles(*shape: int, seed: int = 0) -> passes.Singles:
    return doubles(*shape, seed=seed).astype(np.float32)


def both(monkeypatch: pytest.MonkeyPatch, compute: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what is computed by the extension, and what NumPy computes."""
    compiled = compute()
    with monkeypatch.context() as patch:
        patch.setattr(passes, "_built", None)
        return compiled, compute()


def same(one: Any, two: Any) -> None:
    assert one.dtype == two.dtype and one.shape == two.shape
    np.testing.assert_array_equal(one, two)


@built
@pytest.mark.parametrize("n", [0, 1, 6, 1001])
def test_a_step_and_a_direction(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at, way, total = doubles(n), doubles(n, seed=1), singles(n, seed=2)
    for step in (1.0, 0.125, -0.3):
        same(*both(monkeypatch, lambda step=step: passes.stepped(at, way, step)))
        same(*both(monkeypatch, lambda step=step: passes.mixed(total, step, way)))


@built
@pytest.mark.parametrize("classes", [1, *CLASSES])
def test_a_slope(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    over, tilt = singles(41, classes), doubles(classes, seed=2)
    at = doubles(42 * classes, seed=1)
    for c in (0.001, 1.0, 1e5):
        one, two = both(monkeypatch, lambda c=c: passes.slope(over, at, c, tilt))
        same(one, two)
        np.testing.assert_array_equal(one[-classes:], tilt)


@built
@pytest.mark.parametrize("classes", CLASSES)
def test_scores_and_probabilities(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = doubles(42 * classes)
    one, two = both(monkeypatch, lambda: passes.shifted(scores, 41, classes))
    same(one, two)
    assert (one.max(axis=1) == 0).all()

    def shares() -> Any:
        sure = np.exp(one)
        return sure, passes.shares(sure)

    (sure, total), (plain, plain_total) = both(monkeypatch, shares)
    same(sure, plain)
    same(total, plain_total)
    np.testing.assert_allclose(sure.sum(axis=1), 1, rtol=1e-5)


@built
@pytest.mark.parametrize("classes", [1, *CLASSES])
def test_residuals_and_the_sum_of_each_column(
    classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure, truth = singles(500, classes), singles(500, classes, seed=1)
    (over, tilt), (plain, plain_tilt) = both(monkeypatch, lambda: passes.over(sure, truth))
    same(over, plain)
    same(tilt, plain_tilt)


@built
def test_arrays_of_other_shapes_are_refused() -> None:
    made, two, three = passes._built, np.zeros(2), np.zeros(3)
    square, wide = np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32)
    for call in (
        lambda: made.stepped(two, three, 1.0, two),
        lambda: made.stepped(three, two, 1.0, two),
        lambda: made.mixed(np.zeros(3, np.float32), 1.0, two, two),
        lambda: made.mixed(np.zeros(2, np.float32), 1.0, three, two),
        lambda: made.slope(square, three, 1.0, np.zeros(4)),
        lambda: made.slope(square, np.zeros(4), 1.0, three),
        lambda: made.shifted(np.zeros(5), square),
        lambda: made.shares(square, np.zeros(3, np.float32)),
        lambda: made.over(wide, square, square, two),
        lambda: made.over(square, wide, square, two),
        lambda: made.over(square, square, square, three),
    ):
        with pytest.raises(ValueError, match="shapes do not fit"):
            call()


@built
def test_a_single_column_is_added_as_numpy_adds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    sure = np.exp(8 * rng.standard_normal((20_000, 1))).astype(np.float32)
    truth = np.zeros_like(sure)
    (one, tilt), (two, plain) = both(monkeypatch, lambda: passes.over(sure, truth))
    same(one, two)
    same(tilt, plain)
    # Row by row it would be another float.
    by_row = 0.0
    for value in sure[:, 0]:
        by_row += float(value)
    assert by_row != float(tilt[0])


@built
@pytest.mark.parametrize("classes", [1, 3])
def test_nothing_adds_up_to_nothing(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = np.empty((0, classes), dtype=np.float32)
    (_, tilt), (_, plain) = both(monkeypatch, lambda: passes.over(nothing, nothing))
    same(tilt, plain)
    assert not tilt.any()
