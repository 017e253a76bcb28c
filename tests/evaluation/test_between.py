"""Geometry between two groups of words: movements whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ortho_group

from d2vbench.evaluation.diagnostics import between
from d2vbench.evaluation.diagnostics.between import kept_between, paired_words

N, DIM = 400, 24
ABSENT, DOMAIN = np.arange(N), np.arange(N, 2 * N)


def meanings(seed: int = 0) -> np.ndarray:
    """Return two groups of words around the same twelve topics, with much in common."""
    rng = np.random.default_rng(seed)
    topics = rng.normal(size=(12, DIM))
    return 2 + topics[np.arange(2 * N) % 12] + rng.normal(0, 0.7, (2 * N, DIM))


def turn(seed: int = 1) -> np.ndarray:
    return np.asarray(ortho_group.rvs(DIM, random_state=np.random.default_rng(seed)))


def jitter(rows: np.ndarray, size: float, seed: int = 2) -> np.ndarray:
    return rows + np.random.default_rng(seed).normal(0, size, rows.shape)


def lost(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    found = kept_between(before, after, ABSENT, DOMAIN)
    return found["turn_lost"], found["products_lost"]


def test_nothing_moved_together_or_in_length_is_lost() -> None:
    before = meanings()
    centred = before - before.mean(axis=0)
    after = 3 * centred @ turn() + 5
    # The absent ones shrink besides: their length says how frequent they were.
    after[ABSENT] = 5 + (after[ABSENT] - 5) * 0.1
    found = kept_between(before, centred @ turn() * 3 + 5, ABSENT, DOMAIN)
    assert found.pop("turn_lost") == pytest.approx(0, abs=1e-9)
    assert found.pop("products_lost") == pytest.approx(0, abs=1e-9)
    assert found.pop("neighbours_lost") == pytest.approx(0, abs=1e-9)
    assert found == dict.fromkeys(found, pytest.approx(1))
    assert lost(before, after) == pytest.approx((0, 0), abs=0.02)


@pytest.mark.parametrize("size", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("moved", ["absent", "domain"])
def test_words_that_move_each_on_its_own_leave_nobody_behind(moved: str, size: float) -> None:
    turns, products = [], []
    for seed in range(8):
        before = meanings(seed)
        after = before.copy()
        rows = ABSENT if moved == "absent" else DOMAIN
        after[rows] = jitter(before[rows], size, seed)
        found = kept_between(before, after, ABSENT, DOMAIN)
        # One group stands still and the other does not: by which moved more, one is left behind.
        assert found[f"turn_{moved}"] < 0.97 < found["turn_absent"] + found["turn_domain"]
        turns.append(found["turn_lost"])
        products.append(found["products_lost"])
    assert np.mean(turns) == pytest.approx(0, abs=0.02)
    assert np.mean(products) == pytest.approx(0, abs=0.04)
    assert np.mean(products) < 0.02


def test_neighbours_do_not_multiply_and_so_do_not_judge() -> None:
    before = meanings()
    after = before.copy()
    after[DOMAIN] = jitter(before[DOMAIN], 0.3)
    assert kept_between(before, after, ABSENT, DOMAIN)["neighbours_lost"] > 0.02


@pytest.mark.parametrize("size", [0.0, 1.0])
def test_a_group_that_goes_somewhere_leaves_the_other_behind(size: float) -> None:
    before = meanings()
    after = before.copy()
    after[DOMAIN] = jitter(before[DOMAIN] @ turn(), size)
    assert min(lost(before, after)) > 0.5
    # Half of the topics go: they leave their own absent words, and all others.
    after = before.copy()
    some = DOMAIN[DOMAIN % 12 < 6]
    after[some] = jitter(before[some] @ turn(), size)
    assert min(lost(before, after)) > 0.1


def test_words_without_a_meaning_say_nothing() -> None:
    rng = np.random.default_rng(0)
    found = kept_between(rng.normal(size=(2 * N, DIM)), rng.normal(size=(2 * N, DIM)),
                         ABSENT, DOMAIN)  # fmt: skip
    assert not any(name.endswith("_lost") for name in found)
    assert found["products_absent"] == pytest.approx(0, abs=0.05)
    assert found["neighbours_absent"] == pytest.approx(0, abs=0.05)


def test_a_turn_needs_as_many_words_as_dimensions() -> None:
    before = meanings()
    assert kept_between(before, before, ABSENT[:46], DOMAIN[:46]) == {}
    assert kept_between(before, before, ABSENT[:48], DOMAIN[:48])
    # Parts of a concatenation turn each on its own.
    assert kept_between(before, before, ABSENT[:24], DOMAIN[:24], slices=2)
    assert kept_between(before[:, :4], before[:, :4], ABSENT[:20], DOMAIN[:20]) == {}


def test_pairs_are_of_like_frequency() -> None:
    rng = np.random.default_rng(0)
    counts = np.concatenate([rng.geometric(0.1, 500), rng.geometric(0.01, 800)])
    absent, domain = np.arange(500), np.arange(500, 1300)
    one, other = paired_words(absent, domain, counts, 3)
    assert 100 < len(one) == len(other)
    assert (len(set(one.tolist())), len(set(other.tolist()))) == (len(one), len(other))
    assert set(one.tolist()) <= set(absent.tolist())
    assert set(other.tolist()) <= set(domain.tolist())
    ratio = counts[one] / counts[other]
    assert 1 / 1.2 < ratio.min() <= 1 <= ratio.max() < 1.2
    again, different = (paired_words(absent, domain, counts, seed) for seed in (3, 4))
    assert np.array_equal(one, again[0])
    assert not np.array_equal(one, different[0][: len(one)])


def test_pairs_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(between, "MOST_PAIRED", 30)
    one, other = paired_words(ABSENT, DOMAIN, np.full(2 * N, 7), 0)
    assert len(one) == len(other) == 30
    assert [len(rows) for rows in paired_words(ABSENT, DOMAIN[:0], np.full(2 * N, 7), 0)] == [0, 0]
