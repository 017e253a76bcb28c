"""Drift: known movements are measured as what they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist, cosine
from scipy.stats import ortho_group

from d2vbench.evaluation.diagnostics.drift import mean_cosine, neighbour_overlap, rotated, rotation


def rows(n: int = 80, dim: int = 6, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def turn(dim: int, seed: int = 0) -> np.ndarray:
    return np.asarray(ortho_group.rvs(dim, random_state=np.random.default_rng(seed)))


def test_mean_cosine_is_that_of_scipy() -> None:
    a, b = rows(seed=1), rows(seed=2)
    expected = np.mean([1 - cosine(x, y) for x, y in zip(a, b, strict=True)])
    assert mean_cosine(a, b) == pytest.approx(expected)
    # Lengths do not matter.
    assert mean_cosine(a * 7, b * np.linspace(1, 9, len(b))[:, None]) == pytest.approx(expected)
    assert mean_cosine(a, a) == 1
    assert mean_cosine(a, -a) == -1


def test_a_zero_vector_does_not_count() -> None:
    a, b = rows(seed=1), rows(seed=2)
    expected = mean_cosine(a[2:], b[2:])
    a[0] = b[1] = 0
    assert mean_cosine(a, b) == expected
    assert mean_cosine(a[:2], b[:2]) is None
    assert mean_cosine(a[:0], b[:0]) is None


def test_a_common_turn_is_no_drift_once_aligned() -> None:
    before = rows()
    after = 3 * before @ turn(6)
    raw = mean_cosine(before, after)
    assert raw is not None
    assert raw < 0.9
    assert mean_cosine(rotated(before, rotation(before, after)), after) == pytest.approx(1)


def test_the_turn_is_the_one_with_the_largest_mean_cosine() -> None:
    # In two dimensions: all turns, and all turns of the mirrored rows.
    rng = np.random.default_rng(3)
    before = rng.normal(size=(40, 2)) * rng.uniform(0.1, 9, (40, 1))
    after = before @ turn(2, 5) + rng.normal(size=(40, 2))

    def turned(angle: float, mirror: float) -> float:
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        found = mean_cosine(before * [1, mirror] @ matrix, after)
        assert found is not None
        return -found

    best = max(
        -minimize_scalar(
            turned, bounds=(low, low + 1), args=(mirror,), method="bounded",
            options={"xatol": 1e-9},
        ).fun
        for low in range(7)
        for mirror in (1, -1)
    )  # fmt: skip
    assert mean_cosine(rotated(before, rotation(before, after)), after) == pytest.approx(best)


def test_alignment_never_takes_rows_farther_apart() -> None:
    for seed in range(20):
        before = rows(30, 5, seed)
        after = before + 0.8 * rows(30, 5, seed + 100)
        raw = mean_cosine(before, after)
        aligned = mean_cosine(rotated(before, rotation(before, after)), after)
        assert raw is not None and aligned is not None
        assert aligned >= raw - 1e-12


def test_parts_turn_each_on_their_own() -> None:
    before = rows(dim=6)
    after = before @ block_diag(turn(2, 1), turn(2, 2), turn(2, 3))
    found = rotation(before, after, slices=3)
    assert found.shape == (3, 2, 2)
    assert mean_cosine(rotated(before, found), after) == pytest.approx(1)
    # A turn across parts is none that they can make.
    across = before @ turn(6, 4)
    left = mean_cosine(rotated(before, rotation(before, across, slices=3)), across)
    assert left is not None
    assert left < 0.9


def test_zero_rows_do_not_disturb_the_turn() -> None:
    before = rows()
    after = before @ turn(6)
    expected = rotation(before, after)
    before[:5] = 0
    after[5:9] = 0
    assert rotation(before, after) == pytest.approx(expected, abs=1e-6)


def test_overlap_by_hand_and_by_scipy() -> None:
    before, after = rows(seed=1), rows(seed=1) + 0.5 * rows(seed=2)
    chosen = np.arange(0, 80, 3)
    shares = []
    for row in chosen:
        sets = []
        for x in (before, after):
            distances = cdist(x[row : row + 1], x, "cosine")[0]
            distances[row] = np.inf
            sets.append(set(np.argsort(distances)[:10].tolist()))
        shares.append(len(sets[0] & sets[1]) / 10)
    assert 0.1 < np.mean(shares) < 0.9
    assert neighbour_overlap(before, after, chosen) == pytest.approx(np.mean(shares))


def test_overlap_does_not_see_a_common_turn_and_sees_noise() -> None:
    before, everyone = rows(500), np.arange(500)
    assert neighbour_overlap(before, before @ turn(6) * 2, everyone) == pytest.approx(1)
    by_chance = neighbour_overlap(before, rows(500, seed=9), everyone)
    assert by_chance == pytest.approx(10 / 499, abs=0.01)


def test_overlap_that_cannot_be_said() -> None:
    before, after = rows(), rows(seed=1)
    whole = neighbour_overlap(before, after, np.arange(1, 80))
    after[0] = 0
    # The zero row is not asked; that it may be a neighbour is another matter.
    assert neighbour_overlap(before, after, np.arange(1)) is None
    assert whole is not None
    assert neighbour_overlap(before[:11], after[:11], np.arange(11)) is None
    assert neighbour_overlap(before[:12], after[:12], np.arange(12)) is not None
    assert neighbour_overlap(before, after, np.arange(0)) is None
