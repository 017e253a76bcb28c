"""Compiled products of sparse rows: the floats of scipy's, whatever the shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from d2vbench.evaluation.classifiers import products
from d2vbench.evaluation.classifiers.products import RowProducts

built = pytest.mark.skipif(products._built is None, reason="the extension is not built")


def rows_of(documents: int, terms: int, density: float) -> Any:
    rng = np.random.default_rng(7)
    there = rng.random((documents, terms)) < density
    return csr_matrix(np.where(there, rng.random((documents, terms)), 0.0).astype(np.float32))


def parts_of(documents: int, classes: int) -> products.Singles:
    return np.random.default_rng(8).standard_normal((documents, classes)).astype(np.float32)


@built
@pytest.mark.parametrize("classes", [1, 2, 7, 8, 9, 16, 20, 24, 31, 33, 57, 72])
def test_the_floats_are_those_of_scipy(classes: int) -> None:
    rows = rows_of(211, 530, 0.05)
    parts = parts_of(211, classes)
    found = RowProducts(rows, classes).of(parts)
    assert found.shape == parts.shape and found.dtype == np.float32
    np.testing.assert_array_equal(found, rows @ (rows.T.tocsr() @ parts))
    assert np.abs(found).max() > 0


@built
@pytest.mark.parametrize("shape", [(1, 1, 1.0), (1, 40, 0.0), (40, 1, 1.0), (30, 20, 0.0)])
def test_few_rows_few_terms_and_empty_rows(shape: tuple[int, int, float]) -> None:
    rows = rows_of(*shape)
    parts = parts_of(shape[0], 3)
    np.testing.assert_array_equal(RowProducts(rows, 3).of(parts), rows @ (rows.T.tocsr() @ parts))


@built
def test_one_product_leaves_nothing_to_the_next() -> None:
    rows = rows_of(50, 70, 0.1)
    made = RowProducts(rows, 5)
    first, second = parts_of(50, 5), parts_of(50, 5)[::-1].copy()
    kept = made.of(first)
    before = kept.copy()
    np.testing.assert_array_equal(made.of(second), RowProducts(rows, 5).of(second))
    np.testing.assert_array_equal(kept, before)


def test_without_the_extension_the_product_is_scipys(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, parts = rows_of(60, 90, 0.1), parts_of(60, 11)
    with_it = RowProducts(rows, 11).of(parts)
    monkeypatch.setattr(products, "_built", None)
    np.testing.assert_allclose(RowProducts(rows, 11).of(parts), with_it, rtol=1e-5, atol=1e-6)


@built
@pytest.mark.parametrize(
    ("begin", "place", "columns", "said"),
    [
        ([], [0], 3, "shapes do not fit"),
        ([0, 1], [0, 1], 3, "shapes do not fit"),
        ([1, 1], [0], 3, "rows do not end with the entries"),
        ([0, 2], [0], 3, "rows do not end with the entries"),
        ([0, 5, 1], [0], 3, "a row ends before it begins"),
        ([0, 1], [3], 3, "an entry lies beyond the columns"),
        ([0, 1], [-1], 3, "an entry lies beyond the columns"),
    ],
)
def test_rows_that_would_read_beyond_arrays_are_refused(
    begin: list[int], place: list[int], columns: int, said: str
) -> None:
    values = np.ones(1, dtype=np.float32)
    arrays = (np.array(x, dtype=np.int32) for x in (begin, place))
    with pytest.raises(ValueError, match=said):
        products._built.Rows(*arrays, values, columns)


@built
@pytest.mark.parametrize(
    ("dense", "out", "said"),
    [
        ((2, 8), (1, 8), "shapes do not fit"),
        ((3, 8), (2, 8), "shapes do not fit"),
        ((3, 8), (1, 16), "shapes do not fit"),
        ((3, 7), (1, 7), "no multiple of eight"),
    ],
)
def test_products_of_other_shapes_are_refused(
    dense: tuple[int, int], out: tuple[int, int], said: str
) -> None:
    rows = products._built.Rows(
        np.array([0, 1], dtype=np.int32), np.zeros(1, dtype=np.int32), np.ones(1, np.float32), 3
    )
    with pytest.raises(ValueError, match=said):
        rows.multiply(np.zeros(dense, dtype=np.float32), np.zeros(out, dtype=np.float32))
