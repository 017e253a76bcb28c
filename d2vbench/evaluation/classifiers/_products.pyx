# cython: language_level=3, boundscheck=False, wraparound=False
"""Products of a sparse matrix in compressed rows with a dense one."""

from libc.stdint cimport int32_t, int64_t


cdef extern from "_products.h" nogil:
    void d2v_multiply(int64_t, const int32_t *, const int32_t *, const float *, const float *,
                      int64_t, float *)


cdef class Rows:
    """The compressed rows of a sparse matrix.

    Parameters
    ----------
    begin : (n + 1,) int32
        Where each row begins and ends in ``place`` and ``values``.
    place : (n_entries,) int32
        Columns.
    values : (n_entries,) float32
    columns : int
        How many there are.

    Raises
    ------
    ValueError
        If ``begin`` does not go from 0 to the number of entries, never falling, or an entry lies
        beyond the columns.
    """

    cdef const int32_t[::1] _begin
    cdef const int32_t[::1] _place
    cdef const float[::1] _values
    cdef int64_t _columns

    def __cinit__(
        self,
        const int32_t[::1] begin not None,
        const int32_t[::1] place not None,
        const float[::1] values not None,
        int64_t columns,
    ):
        cdef int64_t i, entries = values.shape[0]
        if not begin.shape[0] or place.shape[0] != entries:
            raise ValueError("shapes do not fit")
        if begin[0] != 0 or begin[begin.shape[0] - 1] != entries:
            raise ValueError("rows do not end with the entries")
        for i in range(begin.shape[0] - 1):
            if begin[i] > begin[i + 1]:
                raise ValueError("a row ends before it begins")
        for i in range(entries):
            if not 0 <= place[i] < columns:
                raise ValueError("an entry lies beyond the columns")
        self._begin, self._place, self._values, self._columns = begin, place, values, columns

    def multiply(self, const float[:, ::1] dense not None, float[:, ::1] out not None):
        """Write the product with ``dense`` into ``out``.

        Parameters
        ----------
        dense : (columns, width) float32
            ``width`` is a multiple of eight.
        out : (n, width) float32
            Another array.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        cdef int64_t n = self._begin.shape[0] - 1, width = dense.shape[1]
        if dense.shape[0] != self._columns or out.shape[0] != n or out.shape[1] != width:
            raise ValueError("shapes do not fit")
        if width % 8:
            raise ValueError("the width is no multiple of eight")
        if not n or not width:
            return
        if not self._values.shape[0]:
            out[:, :] = 0
            return
        with nogil:
            d2v_multiply(n, &self._begin[0], &self._place[0], &self._values[0], &dense[0, 0],
                         width, &out[0, 0])
