"""The mean over pairs of corpora, where pairs share corpora: crossed random effects."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE

Floats = npt.NDArray[np.float64]

GENERIC, DOMAIN, PAIR = "generic", "domain", "pair"


@dataclass(frozen=True)
class OverPairs:
    """What pairs say of new generic and new domain corpora.

    Attributes
    ----------
    interval : Interval
        Of the mean over corpora like these, 95 %, with its two-sided p-value.
    new_pair : tuple of float
        Ends of the 95 % prediction interval for the true difference on one new pair; NaN where
        nothing can be said.
    worse, equivalent, better : float
        How probable it is, by the same prediction, that the difference on a new pair lies under
        the region of practical equivalence, in it, over it. They sum to 1.
    deviations : dict of str to float
        Standard deviations between generic corpora, between domain corpora, and of a pair beside
        both; NaN where these pairs cannot tell it from another of the three.
    pairs, generic, domain : int
        How many pairs, and how many different corpora they have on either side.
    freedom : float
        Degrees of freedom of the interval.
    limits : str
        What the interval is not about, in a sentence, or that it rests on two corpora of a side;
        empty where it is about new corpora on both sides.
    """

    interval: Interval
    new_pair: tuple[float, float]
    worse: float
    equivalent: float
    better: float
    deviations: dict[str, float]
    pairs: int
    generic: int
    domain: int
    freedom: float
    limits: str


def over_pairs(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    generic: Sequence[Hashable],
    domain: Sequence[Hashable],
    margin: float = EQUIVALENCE,
) -> OverPairs:
    """Estimate the mean of a difference over corpora from pairs that share corpora.

    Parameters
    ----------
    estimates : (n_pairs,) array_like
        The difference on each pair, the mean over its seeds: at least two.
    variances : (n_pairs,) array_like
        Sampling variance of each, by seeds and test documents (`Resampled.variance`); NaN where it
        is not known: it is then part of what pairs differ by.
    generic, domain : sequence of hashable
        The generic and the domain corpus of each pair.
    margin : float
        Half the width of the region of practical equivalence.

    Returns
    -------
    OverPairs
        Of the model ``y = mu + G + D + GD + e`` for the generic corpus G, the domain corpus D and
        what the two have together, GD, all random with mean zero, and e with the known sampling
        variance. Seeds are drawn for each pair anew (they derive from its name), so that seeds are
        nested in pairs: with several seeds their variance is in that of e, with one it is in GD.
        Test documents that pairs share through a domain corpus are in D.

        Variances by restricted maximum likelihood (Patterson and Thompson 1971), none negative;
        the mean by generalised least squares; its interval by Student's t with the degrees of
        freedom of Satterthwaite (1946) from the information of the variances (Giesbrecht and
        Burns 1985; Fai and Cornelius 1996), at most one less than there are pairs; and so is the
        prediction (Higgins, Thompson and Spiegelhalter 2009). Why so: the layouts are small, often
        incomplete and come with known sampling variances, which general software for mixed models
        does not take; a bootstrap of the pairs, or Student's t over them, takes pairs that share a
        corpus for independent ones; and a posterior with the usual prior (Box and Tiao 1973)
        covered 95 to 100 % in a trial, farther from 95 % than this.

        Coverage, simulated (``benchmarks/over_pairs.md``): 93 to 97 % with 3 x 5 and with 5 x 7
        crossed corpora, with a third of the pairs missing, and with eight pairs that come with
        d2vbench; up to 98 % where pairs differ more than corpora do, and 98 to 99 % where corpora
        do not differ at all: variances are not estimated below zero, which errs to the wide side.
        The prediction covers 93 to 99 %. With two to four pairs both are wide, and cover more.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two pairs, an estimate is NaN, or a variance is
        negative.

    Examples
    --------
    >>> found = over_pairs([0.03, 0.05, 0.02, 0.04], [1e-5] * 4, "aabb", "xyxy")
    >>> round(found.interval.estimate, 3), found.pairs, found.generic, found.domain
    (0.035, 4, 2, 2)
    """
    from scipy.special import stdtr, stdtrit

    y, v = _checked(estimates, variances, generic, domain)
    sides = {GENERIC: _indicators(generic), DOMAIN: _indicators(domain)}
    counts = {name: side.shape[1] for name, side in sides.items()}
    effects = _estimable(sides, len(y))
    kernels = np.stack([*(sides[name] @ sides[name].T for name in effects), np.eye(len(y))])
    scale = float(np.sqrt(y.var() + v.mean()))
    limits = _limits(counts, len(y))
    if scale < 1e-12:
        # All alike and nothing sampled: no doubt to be had.
        value = float(y[0])
        same = Interval(value, value, value, 1.0 if abs(value) < 1e-12 else 0.0)
        where = _shares(value, 0.0, 1.0, margin)
        zero = dict.fromkeys((GENERIC, DOMAIN, PAIR), 0.0)
        sizes = counts[GENERIC], counts[DOMAIN]
        return OverPairs(same, (value, value), *where, zero, len(y), *sizes, math.inf, limits)
    fit = _Fit(y / scale, v / scale**2, kernels)
    mean = fit.mean * scale
    error, freedom = fit.spread(np.zeros(len(kernels)))
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error * scale
    p = float(2 * stdtr(freedom, -abs(fit.mean) / error)) if error > 0 else float(mean == 0)
    wide, wide_freedom = fit.spread(np.ones(len(kernels)))
    reach = float(stdtrit(wide_freedom, (1 + LEVEL) / 2)) * wide * scale
    if reach < half:
        # No pair is better known than the mean: with as many degrees of freedom, it is not.
        wide_freedom = freedom
        reach = float(stdtrit(freedom, (1 + LEVEL) / 2)) * wide * scale
    deviations = dict.fromkeys((GENERIC, DOMAIN, PAIR), math.nan)
    for name, value in zip((*effects, PAIR), fit.variances.tolist(), strict=True):
        deviations[name] = math.sqrt(value) * scale
    return OverPairs(
        Interval(mean, mean - half, mean + half, p),
        (mean - reach, mean + reach),
        *_shares(mean, wide * scale, wide_freedom, margin),
        deviations,
        len(y),
        counts[GENERIC],
        counts[DOMAIN],
        freedom,
        limits,
    )


def _checked(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    generic: Sequence[Any],
    domain: Sequence[Any],
) -> tuple[Floats, Floats]:
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


def _indicators(names: Sequence[Hashable]) -> Floats:
    """Return which pair has which corpus, (n_pairs, n_corpora)."""
    distinct = list(dict.fromkeys(names))
    return np.array([[float(name == one) for one in distinct] for name in names])


def _estimable(sides: dict[str, Floats], n: int) -> list[str]:
    """Return the sides whose variance can be told from that of the pairs, and from each other's.

    A corpus that every pair has is part of the mean, one that each pair has alone is part of the
    pair; and where both sides group the pairs alike, the two are one.
    """
    names = [name for name, side in sides.items() if 1 < side.shape[1] < n]
    if len(names) == 2:
        one, two = (sides[name] @ sides[name].T for name in names)
        if np.array_equal(one, two):
            return names[:1]
    return names


def _limits(counts: dict[str, int], pairs: int) -> str:
    alone = [name for name, count in counts.items() if count == 1]
    two = [name for name, count in counts.items() if count == 2 < pairs]
    if len(alone) == 2:
        return "One generic and one domain corpus only: nothing can be said about new corpora."
    if alone:
        (name,) = alone
        other = DOMAIN if name == GENERIC else GENERIC
        return (
            f"One {name} corpus only: nothing can be said about new {name} corpora, and the "
            f"interval is about new {other} corpora beside this one."
        )
    if two:
        return (
            f"Two {' and two '.join(two)} corpora only: how much such corpora differ is hardly "
            "known, and the interval is as wide as that makes it."
        )
    return ""


def _shares(
    mean: float, spread: float, freedom: float, margin: float
) -> tuple[float, float, float]:
    """Return the probabilities of a t distribution under, in and over the region of equivalence."""
    from scipy.special import stdtr

    if spread == 0:
        return float(mean < -margin), float(-margin <= mean <= margin), float(mean > margin)
    under = float(stdtr(freedom, (-margin - mean) / spread))
    over = float(stdtr(freedom, (mean - margin) / spread))
    return under, 1 - under - over, over


class _Fit:
    """REML of ``y ~ N(mu 1, sum of variances x kernels + diag(v))``, variances not negative."""

    def __init__(self, y: Floats, v: Floats, kernels: Floats) -> None:
        from scipy import optimize

        self._y, self._v, self._kernels = y, v, kernels
        start = np.full(len(kernels), y.var() / len(kernels))
        bounds = [(0.0, None)] * len(kernels)
        if not v.min() > 0:
            # Without sampling variance a pair must differ by something, or there is no likelihood.
            bounds[-1] = (1e-8, None)
        found = optimize.minimize(
            self._objective, start, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"ftol": 1e-12, "gtol": 1e-7, "maxiter": 500},
        )  # fmt: skip
        self.variances: Floats = np.where(found.x > 1e-7, found.x, 0.0)
        inverse, precision, projection = self._parts(np.maximum(self.variances, found.x))
        self._weights = inverse.sum(axis=0) / precision
        self._variance = 1 / precision
        self.mean = float(self._weights @ y)
        moved = projection @ kernels
        self._information = np.einsum("aij,bji->ab", moved, moved) / 2

    def _parts(self, variances: Floats) -> tuple[Floats, float, Floats]:
        whole = np.tensordot(variances, self._kernels, 1) + np.diag(self._v)
        inverse = np.asarray(np.linalg.inv(whole), dtype=np.float64)
        sums = inverse.sum(axis=0)
        precision = float(sums.sum())
        return inverse, precision, inverse - np.outer(sums, sums) / precision

    def _objective(self, variances: Floats) -> tuple[float, Floats]:
        """Return twice the negative restricted log-likelihood and its gradient."""
        inverse, precision, projection = self._parts(variances)
        right = projection @ self._y
        value = -np.linalg.slogdet(inverse)[1] + math.log(precision) + self._y @ right
        traces = np.einsum("ij,aji->a", projection, self._kernels)
        return float(value), traces - np.einsum("i,aij,j->a", right, self._kernels, right)

    def spread(self, more: Floats) -> tuple[float, float]:
        """Return a standard deviation and its degrees of freedom.

        Of the estimated mean, and of it with ``more`` times each of the variances added.
        """
        free = self.variances > 0
        value = self._variance + float(more @ self.variances)
        slope = more + np.einsum("i,aij,j->a", self._weights, self._kernels, self._weights)
        # Pairs that agree by chance have variances of zero, and would leave nothing in doubt: what
        # pairs differ by is never known better than from as many independent ones.
        most = float(len(self._y) - 1)
        if not free.any():
            return math.sqrt(value), most
        covariance = np.linalg.pinv(self._information[np.ix_(free, free)], hermitian=True)
        doubt = float(slope[free] @ covariance @ slope[free])
        return math.sqrt(value), min(max(1.0, 2 * value**2 / doubt), most)
