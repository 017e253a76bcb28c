"""Samples: of the size asked for, in proportion, nested, by the seed alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.evaluation.diagnostics.samples import sample, stratified_sample


@given(st.lists(st.integers(0, 4), max_size=60), st.integers(0, 70), st.integers(0, 2**32 - 1))
def test_a_stratified_sample_takes_of_each_class_its_share(
    drawn: list[int], most: int, seed: int
) -> None:
    labels = np.asarray(drawn, dtype=np.int32)
    chosen = stratified_sample(labels, most, seed)
    assert len(chosen) == min(most, len(labels))
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    for label in set(drawn):
        expected = (labels == label).sum() * min(most / len(labels), 1)
        # Counts are those of a cut-off t, t times the size rounded; all of them add up, so that t
        # is off by at most half a document a class.
        slack = 0.5 + 0.5 * len(set(drawn)) * (labels == label).mean()
        assert abs((labels[chosen] == label).sum() - expected) <= slack + 1e-9
    smaller = stratified_sample(labels, most // 2, seed)
    assert set(smaller.tolist()) <= set(chosen.tolist())


def test_a_sample_is_nested_and_depends_on_its_seed() -> None:
    rows = np.arange(10, 1000, 7)
    large, small = sample(rows, 50, 1), sample(rows, 20, 1)
    assert len(large) == 50
    assert set(small.tolist()) < set(large.tolist()) < set(rows.tolist())
    assert sample(rows, 1000, 1).tolist() == rows.tolist()
    assert sample(rows, 50, 2).tolist() != large.tolist()
    labels = (np.arange(300) % 3).astype(np.int32)
    first = stratified_sample(labels, 50, 1)
    np.random.seed(5)  # noqa: NPY002
    assert stratified_sample(labels, 50, 1).tolist() == first.tolist()
    assert stratified_sample(labels, 50, 2).tolist() != first.tolist()
