"""Inner products of sparse rows with sums of them, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

try:
    from d2vbench.evaluation.classifiers import _products as _built
except ImportError:  # Built without a C compiler.
    _built = None  # type: ignore[assignment]

Singles = npt.NDArray[np.float32]

# Columns that the compiled product goes by.
_STEP = 8


class RowProducts:
    """Products of sparse rows with sums of rows.

    Parameters
    ----------
    rows : (n, n_terms) sparse float32, compressed rows
    classes : int
        How many sums at once.

    Notes
    -----
    Compiled, a product of a few classes takes two fifths of scipy's time, and gives the same
    floats: sums run over the entries of a row in their order. Without the extension it is scipy's.
    """

    def __init__(self, rows: Any, classes: int) -> None:
        self._rows, self._columns = rows, rows.T.tocsr()
        self._classes = classes
        width = -(-classes // _STEP) * _STEP
        self._compiled = _built is not None and rows.nnz < 2**31 and max(rows.shape) < 2**31
        if self._compiled:
            self._of_rows, self._of_columns = _compressed(self._rows), _compressed(self._columns)
            # Columns beyond the classes stay zero.
            self._parts, self._found = np.zeros((2, rows.shape[0], width), dtype=np.float32)
            self._weights = np.zeros((rows.shape[1], width), dtype=np.float32)

    def parts(self) -> tuple[npt.NDArray[Any], ...]:
        """Return what the rows are made of: values, columns, and where each row begins."""
        return self._rows.data, self._rows.indices, self._rows.indptr

    def weights(self, parts: Singles) -> Singles:
        """Return sums of rows, (n_terms, classes) float32; ``parts`` is (n, classes) float32."""
        return np.asarray(self._columns @ parts)

    def of(self, parts: Singles) -> Singles:
        """Return the inner products of each row with sums of rows.

        Parameters
        ----------
        parts : (n, classes) float32
            How much of each row there is in each sum.

        Returns
        -------
        (n, classes) float32
        """
        if not self._compiled:
            return np.asarray(self._rows @ self.weights(parts))
        self._parts[:, : self._classes] = parts
        self._of_columns.multiply(self._parts, self._weights)
        self._of_rows.multiply(self._weights, self._found)
        return self._found[:, : self._classes].copy()


def _compressed(matrix: Any) -> Any:
    begin, place = (
        np.ascontiguousarray(x, dtype=np.int32) for x in (matrix.indptr, matrix.indices)
    )
    return _built.Rows(begin, place, matrix.data, matrix.shape[1])
