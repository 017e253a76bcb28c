"""Estimates on pairs that share corpora: generic corpus, domain corpus and pair are random."""

from __future__ import annotations

import functools
import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GENERIC, DOMAIN, PAIR = "generic", "domain", "pair"


def checked(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    generic: Sequence[Any],
    domain: Sequence[Any],
) -> tuple[Floats, Floats]:
    """Return estimates and variances as arrays, those that are not known as zero.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two pairs, an estimate is NaN, or a variance is
        negative.
    """
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if y.ndim != 1 or not len(y) == len(v) == len(generic) == len(domain):
        raise ValueError(
            f"estimates, variances and corpora must be of one length, got {y.shape}, {v.shape}, "
            f"{len(generic)} and {len(domain)}"
        )
    if len(y) < 2:
        raise ValueError(f"a mean over pairs takes two pairs, got {len(y)}")
    if np.isnan(y).any():
        raise ValueError("estimates must not be NaN: a failed cell is no zero and no score")
    if (v < 0).any():
        raise ValueError(f"variances must not be negative, got {float(np.nanmin(v)):g}")
    return y, np.nan_to_num(v, nan=0.0)


class Effects:
    """Which pairs share which corpora, and whose variances can be told apart.

    Parameters
    ----------
    generic, domain : sequence of hashable
        The corpora of each pair.

    Attributes
    ----------
    names : list of str
        Of the random effects: `GENERIC` and `DOMAIN` where they can be told from the pair's and
        from each other's, then `PAIR`.
    kernels : (n_names, n_pairs, n_pairs) float64
        Of each, 1 where two pairs share it.
    counts : dict of str to int
        Different corpora on either side.
    """

    def __init__(self, generic: Sequence[Hashable], domain: Sequence[Hashable]) -> None:
        self._sides = {GENERIC: list(generic), DOMAIN: list(domain)}
        shared = {name: _same(side, side) for name, side in self._sides.items()}
        self.counts = {name: len(set(side)) for name, side in self._sides.items()}
        n = len(self._sides[GENERIC])
        # A corpus that every pair has is part of the mean, one that each pair has alone is part of
        # the pair; and where both sides group the pairs alike, the two are one.
        told = [name for name, count in self.counts.items() if 1 < count < n]
        if len(told) == 2 and np.array_equal(shared[GENERIC], shared[DOMAIN]):
            told = told[:1]
        self.names = [*told, PAIR]
        self.kernels = np.stack([*(shared[name] for name in told), np.eye(n)])

    def with_new(self, generic: Hashable, domain: Hashable) -> Floats:
        """Return what one more pair shares with each, (n_names, n_pairs)."""
        new = {GENERIC: generic, DOMAIN: domain}
        n = len(self._sides[GENERIC])
        return np.stack(
            [
                np.zeros(n) if name == PAIR else _same(self._sides[name], [new[name]])[:, 0]
                for name in self.names
            ]
        )


def _same(one: Sequence[Hashable], other: Sequence[Hashable]) -> Floats:
    return np.array([[float(a == b) for b in other] for a in one])


@functools.cache
def _libraries() -> Any:
    """Return what limits the threads of libraries that are loaded; to look for them takes time."""
    from scipy import optimize  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class Reml:
    """REML of ``y ~ N(X b, sum of variances x kernels + diag(v))``, variances not negative.

    Parameters
    ----------
    y : (n,) float64
        Estimates.
    v : (n,) float64
        Their sampling variances.
    kernels : (n_effects, n, n) float64
        Of the random effects, that of the pair last.
    design : (n, n_coefficients) float64, optional
        X; default: a column of ones, so that b is the mean.

    Attributes
    ----------
    variances : (n_effects,) float64
        Of the random effects.
    weights : (n_coefficients, n) float64
        What each estimate adds to each coefficient.
    coefficients : (n_coefficients,) float64
        b, by generalised least squares.

    Notes
    -----
    Restricted maximum likelihood: Patterson and Thompson 1971. Degrees of freedom of a combination
    of coefficients: Satterthwaite (1946), from the information of the variances (Giesbrecht and
    Burns 1985; Fai and Cornelius 1996).
    """

    def __init__(self, y: Floats, v: Floats, kernels: Floats, design: Floats | None = None) -> None:
        from scipy import optimize

        self._y, self._v, self._kernels = y, v, kernels
        self._design = np.ones((len(y), 1)) if design is None else design
        start = np.full(len(kernels), y.var() / len(kernels))
        bounds = [(0.0, None)] * len(kernels)
        if not v.min() > 0:
            # Without sampling variance a pair must differ by something, or there is no likelihood.
            bounds[-1] = (1e-8, None)
        # SciPy's L-BFGS solves systems of a few rows: to wake a second thread takes longer.
        with _libraries().limit(limits=1):
            found = optimize.minimize(
                self._objective, start, jac=True, method="L-BFGS-B", bounds=bounds,
                options={"ftol": 1e-12, "gtol": 1e-7, "maxiter": 500},
            )  # fmt: skip
        self.variances: Floats = np.where(found.x > 1e-7, found.x, 0.0)
        self._inverse, self._covariance, projection = self._parts(
            np.maximum(self.variances, found.x)
        )
        self.weights: Floats = self._covariance @ self._design.T @ self._inverse
        self.coefficients: Floats = self.weights @ y
        moved = projection @ kernels
        self._information = np.einsum("aij,bji->ab", moved, moved) / 2

    def _parts(self, variances: Floats) -> tuple[Floats, Floats, Floats]:
        whole = np.tensordot(variances, self._kernels, 1) + np.diag(self._v)
        inverse = np.asarray(np.linalg.inv(whole), dtype=np.float64)
        of_design = inverse @ self._design
        covariance = np.asarray(np.linalg.inv(self._design.T @ of_design), dtype=np.float64)
        return inverse, covariance, inverse - of_design @ covariance @ of_design.T

    def _objective(self, variances: Floats) -> tuple[float, Floats]:
        """Return twice the negative restricted log-likelihood and its gradient."""
        inverse, covariance, projection = self._parts(variances)
        right = projection @ self._y
        value = -np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(covariance)[1]
        traces = np.einsum("ij,aji->a", projection, self._kernels)
        slope = traces - np.einsum("i,aij,j->a", right, self._kernels, right)
        return float(value + self._y @ right), slope

    def spread(self, times: Floats, more: Floats) -> tuple[float, float]:
        """Return a standard deviation and its degrees of freedom.

        Parameters
        ----------
        times : (n_coefficients,) float64
            Of which sum of the coefficients.
        more : (n_effects,) float64
            How often each variance is added to that of the sum.
        """
        of_sum = times @ self.weights
        value = float(times @ self._covariance @ times + more @ self.variances)
        slope = more + np.einsum("i,aij,j->a", of_sum, self._kernels, of_sum)
        return self._with_freedom(value, slope)

    def predicted(self, times: Floats, shared: Floats) -> tuple[float, float, float]:
        """Predict the true value of one more pair, by what it shares with those that there are.

        Parameters
        ----------
        times : (n_coefficients,) float64
            Its row of the design.
        shared : (n_effects, n) float64
            1 where it shares an effect with a pair; see `Effects.with_new`.

        Returns
        -------
        value, spread, freedom : float
            The best linear unbiased prediction (Goldberger 1962), its standard deviation, and its
            degrees of freedom as of `spread`, the slope by differences.
        """

        def at(variances: Floats) -> tuple[float, float]:
            inverse, covariance, _ = self._parts(variances)
            near = variances @ shared
            b = covariance @ self._design.T @ inverse @ self._y
            value = times @ b + near @ inverse @ (self._y - self._design @ b)
            off = times - self._design.T @ inverse @ near
            doubt = variances.sum() - near @ inverse @ near + off @ covariance @ off
            return float(value), float(doubt)

        value, doubt = at(self.variances)
        slope = np.zeros(len(self.variances))
        for i in np.flatnonzero(self.variances > 0):
            step = np.zeros_like(slope)
            step[i] = 1e-4 * self.variances[i]
            higher, lower = at(self.variances + step)[1], at(self.variances - step)[1]
            slope[i] = (higher - lower) / (2 * step[i])
        return value, *self._with_freedom(doubt, slope)

    def _with_freedom(self, value: float, slope: Floats) -> tuple[float, float]:
        free = self.variances > 0
        # Pairs that agree by chance have variances of zero, and would leave nothing in doubt: what
        # pairs differ by is never known better than from as many independent ones.
        most = float(len(self._y) - self._design.shape[1])
        if not free.any():
            return math.sqrt(value), most
        covariance = np.linalg.pinv(self._information[np.ix_(free, free)], hermitian=True)
        doubt = float(slope[free] @ covariance @ slope[free])
        return math.sqrt(value), min(max(1.0, 2 * value**2 / doubt), most)
