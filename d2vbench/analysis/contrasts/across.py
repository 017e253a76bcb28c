"""Across pairs of corpora: ranks, Friedman, Wilcoxon with Holm, critical differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.contrasts.scores import holm

ALPHA = 0.05
# Up to here all 2**n signs are counted, also with ties and zeros; beyond, it is as scipy does.
_EXACT = 12


@dataclass(frozen=True)
class AcrossPairs:
    """How strategies compare over several pairs of corpora.

    Attributes
    ----------
    names : tuple of str
        Strategies, best average rank first; all matrices are in this order.
    pairs : tuple of str
        What they were compared on.
    left_out : tuple of str
        Pairs without a score of every strategy.
    average_ranks : tuple of float
        1 is best; equal scores share the mean of their ranks.
    friedman, friedman_p : float
        Chi-square statistic and p-value that all strategies are alike; NaN with fewer than three
        strategies or two pairs.
    iman_davenport_p : float
        The same by the F distribution, which is less conservative (Iman and Davenport 1980).
    wilcoxon_p : (n, n) float64
        Two-sided p-values of the signed-rank test of two strategies each, exact up to 12 pairs;
        equal scores count half for either side (Demsar 2006). The diagonal is NaN.
    holm_p : (n, n) float64
        Adjusted for all n (n - 1) / 2 comparisons.
    critical_difference : float
        Average ranks that differ by less are not told apart by Nemenyi's test at 0.05 (Demsar
        2006). Its outcome for two strategies depends on which others were looked at, hence cliques
        are by Wilcoxon and Holm (Benavoli, Corani and Mangili 2016).
    cliques : tuple of tuple of int
        Longest runs of neighbours in rank, none of which differs from another in it by `holm_p`;
        the bars of the diagram. Runs of one are left out.
    least_p, least_holm_p : float
        Smallest p-value that any data on so many pairs can give one signed-rank test: 2 / 2**n,
        and adjusted for the number of comparisons.
    note : str
        What so few pairs cannot show; empty where they can.
    """

    names: tuple[str, ...]
    pairs: tuple[str, ...]
    left_out: tuple[str, ...]
    average_ranks: tuple[float, ...]
    friedman: float
    friedman_p: float
    iman_davenport_p: float
    wilcoxon_p: npt.NDArray[np.float64]
    holm_p: npt.NDArray[np.float64]
    critical_difference: float
    cliques: tuple[tuple[int, ...], ...]
    least_p: float
    least_holm_p: float
    note: str


def across_pairs(
    scores: npt.ArrayLike, names: Sequence[str], pairs: Sequence[str] | None = None
) -> AcrossPairs:
    """Compare strategies over pairs of corpora.

    Parameters
    ----------
    scores : (n_pairs, n_strategies) array_like
        Mean accuracy of each strategy on each pair, higher is better. NaN where there is none: the
        pair is left out and said to be.
    names : sequence of str
        The strategies.
    pairs : sequence of str, optional
        The pairs; numbered from 1 where not given.

    Returns
    -------
    AcrossPairs
        A difference found says that the strategies rank differently over pairs like these. It says
        nothing of its size, and none found is no evidence of equality, least of all with few pairs;
        see `over_pairs` for both. Pairs that share a corpus are not independent, and these tests
        take them as if they were.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are fewer than two strategies, or no pair has them all.
    """
    from scipy import stats

    values = np.asarray(scores, dtype=np.float64)
    labels = list(pairs) if pairs is not None else [str(i + 1) for i in range(len(values))]
    if values.ndim != 2 or values.shape != (len(labels), len(names)):
        raise ValueError(
            f"scores must be (n_pairs, n_strategies) = ({len(labels)}, {len(names)}), "
            f"got {values.shape}"
        )
    if len(names) < 2:
        raise ValueError(f"nothing to compare: {len(names)} strategies")
    whole = [not np.isnan(row).any() for row in values]
    if not any(whole):
        raise ValueError("no pair has a score of every strategy")
    left_out = tuple(label for label, there in zip(labels, whole, strict=True) if not there)
    values = values[whole]
    ranks = stats.rankdata(-np.round(values, 12), axis=1).mean(axis=0)
    order = np.argsort(ranks, kind="stable")
    values, ranks = values[:, order], ranks[order]
    n, k = values.shape
    raw, adjusted = _pairwise(values)
    least = min(1.0, 2 / 2**n)
    least_holm = min(1.0, least * k * (k - 1) / 2)
    friedman, p, f_p = _friedman(values)
    return AcrossPairs(
        names=tuple(names[i] for i in order),
        pairs=tuple(label for label, there in zip(labels, whole, strict=True) if there),
        left_out=left_out,
        average_ranks=tuple(ranks.tolist()),
        friedman=friedman,
        friedman_p=p,
        iman_davenport_p=f_p,
        wilcoxon_p=raw,
        holm_p=adjusted,
        critical_difference=critical_difference(n, k),
        cliques=_cliques(adjusted),
        least_p=least,
        least_holm_p=least_holm,
        note=_note(n, k, least, least_holm),
    )


def critical_difference(n_pairs: int, n_strategies: int, alpha: float = ALPHA) -> float:
    """Return Nemenyi's critical difference of average ranks (Demsar 2006, equation 5 and table 5).

    Examples
    --------
    >>> round(critical_difference(14, 4), 2)
    1.25
    """
    from scipy import stats

    q = stats.studentized_range.ppf(1 - alpha, n_strategies, np.inf) / math.sqrt(2)
    return float(q * math.sqrt(n_strategies * (n_strategies + 1) / (6 * n_pairs)))


def wilcoxon_p(differences: npt.ArrayLike) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test, zeros split between the signs.

    Parameters
    ----------
    differences : (n,) array_like
        One a pair of corpora.

    Returns
    -------
    float
        Exact up to 12 differences: over all signs, so ties and zeros are as they should be.
    """
    from scipy import stats

    # Scores that differ by rounding alone are equal.
    values = np.round(np.asarray(differences, dtype=np.float64), 12)
    if not values.any():
        return 1.0
    if len(values) > _EXACT:
        return float(stats.wilcoxon(values, zero_method="zsplit").pvalue)
    # A zero counts half for either side whatever the signs of the others: its rank cancels.
    ranks = stats.rankdata(np.abs(values))[values != 0]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(ranks))))
    seen = abs(float(np.sign(values[values != 0]) @ ranks))
    return float((np.abs(signs @ ranks) >= seen - 1e-9).mean())


def _pairwise(
    values: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    k = values.shape[1]
    places = list(itertools.combinations(range(k), 2))
    found = [wilcoxon_p(values[:, i] - values[:, j]) for i, j in places]
    raw, adjusted = np.full((k, k), np.nan), np.full((k, k), np.nan)
    for (i, j), p, p_holm in zip(places, found, holm(found), strict=True):
        raw[i, j] = raw[j, i] = p
        adjusted[i, j] = adjusted[j, i] = p_holm
    return raw, adjusted


def _friedman(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    from scipy import stats

    n, k = values.shape
    if k < 3 or n < 2:
        return math.nan, math.nan, math.nan
    if not np.ptp(values, axis=1).any():
        return 0.0, 1.0, 1.0
    statistic, p = stats.friedmanchisquare(*values.T)
    left = n * (k - 1) - statistic
    # All pairs rank alike: F is infinite.
    f = (n - 1) * statistic / left if left > 1e-12 else math.inf
    return float(statistic), float(p), float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))


def _cliques(adjusted: npt.NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    k = len(adjusted)
    runs: list[tuple[int, ...]] = []
    for start in range(k):
        stop = start + 1
        while stop < k and (adjusted[start:stop, stop] >= ALPHA).all():
            stop += 1
        if stop - start > 1 and (not runs or stop > runs[-1][-1] + 1):
            runs.append(tuple(range(start, stop)))
    return tuple(runs)


def _note(n: int, k: int, least: float, least_holm: float) -> str:
    pairs = f"{n} pair{'s' if n > 1 else ''}"
    if least >= ALPHA:
        return (
            f"{pairs}: no signed-rank test on fewer than six can reach p < {ALPHA:g} "
            f"(here at least {least:.3g}), so none found says nothing"
        )
    if least_holm >= ALPHA:
        return (
            f"{pairs} and {k} strategies: after Holm's adjustment no comparison can reach "
            f"p < {ALPHA:g} unless others do (the smallest is at least {least_holm:.3g})"
        )
    return ""
