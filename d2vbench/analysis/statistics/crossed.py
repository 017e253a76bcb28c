"""The mean over pairs of corpora, where pairs share corpora: crossed random effects."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval
from d2vbench.analysis.statistics.reml import DOMAIN, GENERIC, PAIR, Effects, Reml, checked
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE


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
    of_seeds : float
        Share, in [0, 1], of the variance of the mean that is of seeds, by estimates put in for what
        is not known: where it is small, a narrower interval takes more corpora, not more seeds. A
        rough guide with few seeds or pairs, and no bound: other seeds move the mean too, and what
        pairs are taken to differ by. NaN where it is not known.
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
    of_seeds: float = math.nan


def over_pairs(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    generic: Sequence[Hashable],
    domain: Sequence[Hashable],
    margin: float = EQUIVALENCE,
    by_seeds: npt.ArrayLike | None = None,
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
    by_seeds : (n_pairs,) array_like, optional
        The variance of each estimate that seeds make, part of its sampling variance; NaN where it
        is not known. It moves nothing but `OverPairs.of_seeds`, for which its mean counts.

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

    y, v = checked(estimates, variances, generic, domain)
    effects = Effects(generic, domain)
    counts = effects.counts
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
    fit = Reml(y / scale, v / scale**2, effects.kernels)
    (plain,), one = fit.coefficients.tolist(), np.ones(1)
    mean = plain * scale
    error, freedom = fit.spread(one, np.zeros(len(effects.names)))
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error * scale
    p = float(2 * stdtr(freedom, -abs(plain) / error)) if error > 0 else float(mean == 0)
    wide, wide_freedom = fit.spread(one, np.ones(len(effects.names)))
    reach = float(stdtrit(wide_freedom, (1 + LEVEL) / 2)) * wide * scale
    if reach < half:
        # No pair is better known than the mean: with as many degrees of freedom, it is not.
        wide_freedom = freedom
        reach = float(stdtrit(freedom, (1 + LEVEL) / 2)) * wide * scale
    deviations = dict.fromkeys((GENERIC, DOMAIN, PAIR), math.nan)
    for name, value in zip(effects.names, fit.variances.tolist(), strict=True):
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
        _of_seeds(fit, by_seeds, scale),
    )


def _of_seeds(fit: Reml, by_seeds: npt.ArrayLike | None, scale: float) -> float:
    """Return the share of the variance of the mean that is of seeds."""
    if by_seeds is None:
        return math.nan
    (of_mean,) = fit.weights
    # One for all pairs: of few seeds each is hardly known, and pairs weigh more where theirs came
    # out small by chance.
    each = float(np.mean(np.asarray(by_seeds, dtype=np.float64))) / scale**2
    seeds = float(of_mean @ of_mean) * each
    whole = float(fit.spread(np.ones(1), np.zeros(len(fit.variances)))[0]) ** 2
    if math.isnan(seeds) or not whole > 0:
        return math.nan
    # Seeds' part is an estimate of its own, and may come out above the whole.
    return min(1.0, seeds / whole)


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
