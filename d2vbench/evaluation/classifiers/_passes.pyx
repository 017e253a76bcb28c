# cython: language_level=3, boundscheck=False, wraparound=False
"""Arithmetic of a logistic regression on sparse rows, a pass over memory each.

`d2vbench.evaluation.classifiers.passes` says what each function computes.
"""

from libc.stdint cimport int64_t


cdef extern from "_passes.h" nogil:
    void d2v_stepped(int64_t, const double *, const double *, double, double *)
    void d2v_mixed(int64_t, const float *, double, const double *, double *)
    void d2v_slope(int64_t, const float *, const double *, double, double *)
    void d2v_shifted(int64_t, int64_t, const double *, const double *, float *)
    void d2v_shares(int64_t, int64_t, float *, float *)
    void d2v_over(int64_t, int64_t, const float *, const float *, float *, double *)


cdef int _fits(bint fitting) except -1:
    if not fitting:
        raise ValueError("shapes do not fit")
    return 0


def stepped(const double[::1] start not None, const double[::1] way not None, double step,
            double[::1] out not None):
    """Write ``start + step * way``."""
    cdef int64_t n = out.shape[0]
    _fits(start.shape[0] == n and way.shape[0] == n)
    if n:
        with nogil:
            d2v_stepped(n, &start[0], &way[0], step, &out[0])


def mixed(const float[::1] total not None, double times, const double[::1] slope not None,
          double[::1] out not None):
    """Write ``total + times * slope``."""
    cdef int64_t n = out.shape[0]
    _fits(total.shape[0] == n and slope.shape[0] == n)
    if n:
        with nogil:
            d2v_mixed(n, &total[0], times, &slope[0], &out[0])


def slope(const float[:, ::1] over not None, const double[::1] at not None, double c,
          double[::1] out not None):
    """Write ``over.ravel() + at / c`` into the first numbers of ``out``."""
    cdef int64_t n = over.shape[0] * over.shape[1]
    _fits(at.shape[0] >= n and out.shape[0] >= n)
    if n:
        with nogil:
            d2v_slope(n, &over[0, 0], &at[0], c, &out[0])


def shifted(const double[::1] scores not None, float[:, ::1] out not None):
    """Write scores plus intercepts, which follow them, less the largest of each row."""
    cdef int64_t rows = out.shape[0], classes = out.shape[1]
    _fits(scores.shape[0] == (rows + 1) * classes)
    if rows and classes:
        with nogil:
            d2v_shifted(rows, classes, &scores[0], &scores[rows * classes], &out[0, 0])


def shares(float[:, ::1] of not None, float[::1] total not None):
    """Write the sum of each row, and divide the row by it."""
    cdef int64_t rows = of.shape[0], classes = of.shape[1]
    _fits(total.shape[0] == rows)
    if rows and classes:
        with nogil:
            d2v_shares(rows, classes, &of[0, 0], &total[0])


def over(const float[:, ::1] sure not None, const float[:, ::1] truth not None,
         float[:, ::1] out not None, double[::1] tilt not None):
    """Write ``sure - truth``, and the sum of each column of that."""
    cdef int64_t rows = out.shape[0], classes = out.shape[1]
    _fits(sure.shape[0] == rows and truth.shape[0] == rows and tilt.shape[0] == classes)
    _fits(sure.shape[1] == classes and truth.shape[1] == classes)
    if not rows or not classes:
        return
    with nogil:
        d2v_over(rows, classes, &sure[0, 0], &truth[0, 0], &out[0, 0], &tilt[0])
