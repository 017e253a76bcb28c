"""Labels of a long tail: how many each class has, which ones, and which half is rare."""

from __future__ import annotations

import numpy as np
import pytest

from d2vbench.corpora.pairs.subsets import LEAST_OF_TAIL, long_tail, per_class


def sizes(labels: np.ndarray, ratio: int, seed: int) -> tuple[list[int], np.ndarray]:
    chosen, rare = long_tail(labels, ratio, seed)
    return np.bincount(labels[chosen], minlength=labels.max() + 1).tolist(), rare


def test_documents_fall_from_class_to_class_by_one_factor() -> None:
    labels = np.repeat(np.arange(5), 200).astype(np.int32)
    found, rare = sizes(labels, 16, 3)
    assert sorted(found, reverse=True) == [200, 100, 50, 25, 12]
    assert set(rare.tolist()) == {found.index(12), found.index(25)}
    # The seed decides which class has which place.
    assert len({tuple(sizes(labels, 16, seed)[0]) for seed in range(8)}) > 3
    assert np.array_equal(long_tail(labels, 16, 3)[0], long_tail(labels, 16, 3)[0])


@pytest.mark.parametrize("seed", range(4))
def test_a_class_gives_what_it_has_and_two_at_least(seed: int) -> None:
    labels = np.repeat(np.arange(4), [40, 40, 3, 1]).astype(np.int32)
    found, rare = sizes(labels, 1000, seed)
    assert found[3] == 1 and all(n >= LEAST_OF_TAIL for n in found[:3])
    # Rare is what has few of these labels, whatever its place would have given it.
    assert 3 in rare and len(rare) == 2
    assert max(found[c] for c in rare) <= min(found[c] for c in range(4) if c not in rare)


def test_they_are_the_first_that_a_budget_has_and_documents_keep_all_labels() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 300).astype(np.int32)
    chosen, _ = long_tail(labels, 10, 7)
    for label in range(4):
        mine = chosen[labels[chosen] == label]
        first = per_class(labels, len(mine), 7)
        assert set(mine.tolist()) == set(first[labels[first] == label].tolist())
    rows = np.stack([labels, np.where(rng.random(300) < 0.2, (labels + 1) % 4, -1)], axis=1)
    several, rare = long_tail(rows.astype(np.int32), 10, 7)
    assert len(several) >= 10 and len(rare) == 2
    assert {int(c) for c in rows[several][rows[several] >= 0]} == {0, 1, 2, 3}
