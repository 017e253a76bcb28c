"""Which choice moves the outcome: shares of the variance of accuracy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import evaluated
from d2vbench.analysis.contrasts.variants import variants_of

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

FACTORS = ("strategy", "schedule", "k", "seed", "pair")


@dataclass(frozen=True)
class VarianceShares:
    """How the variance of a metric over cells divides among factors.

    Attributes
    ----------
    shares : dict of str to float
        By factor, in [0, 1]; with ``residual`` they sum to 1. All NaN where nothing varies.
    residual : float
        What is left, interactions among it.
    levels : dict of str to int
        How many values each factor takes; one of a single value explains nothing.
    cells : int
        How many cells.
    variance : float
        Total, of the metric in [0, 1].
    confounded : tuple of str
        Factors that others determine in this grid, as k may be by strategy: what they explain is
        divided among those that tell the same, and cannot be told apart.
    """

    shares: dict[str, float]
    residual: float
    levels: dict[str, int]
    cells: int
    variance: float
    confounded: tuple[str, ...]


def variance_shares(
    values: npt.ArrayLike, factors: pd.DataFrame, names: Sequence[str] | None = None
) -> VarianceShares:
    """Divide the variance of values among categorical factors.

    Each factor's share is what it adds to R2 of a main-effects linear model, averaged over all
    orders in which the factors may come in: the Shapley value of R2 (Lindeman, Merenda and Gold
    1980; Groemping 2007, "LMG"). In a balanced grid the order does not matter, and the shares are
    the sums of squares of the analysis of variance; in an unbalanced one they still sum to 1 with
    the residual and none is negative, which sums of squares of type II or III do not.

    Parameters
    ----------
    values : (n_cells,) array_like
        The metric. NaN, a failed cell, is left out.
    factors : pandas.DataFrame
        (n_cells, n_factors): their levels.
    names : sequence of str, optional
        Columns to use; all where not given. At most ten: 2**n models are fitted.

    Returns
    -------
    VarianceShares
        A description of this grid, not a test: widen what a factor ranges over and its share grows.
        Interactions are in the residual, for instance a schedule that only matters in one strategy.

    Raises
    ------
    ValueError
        If lengths differ, there are too many factors, or fewer than two cells.
    """
    chosen = list(names) if names is not None else list(factors.columns)
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) != len(factors):
        raise ValueError(f"{len(numbers)} values and {len(factors)} rows of factors")
    if len(chosen) > 10:
        raise ValueError(f"at most ten factors, got {len(chosen)}")
    there = ~np.isnan(numbers)
    numbers, table = numbers[there], factors.loc[there, chosen]
    if len(numbers) < 2:
        raise ValueError(f"variance takes two cells, got {len(numbers)}")
    codes = [pd.factorize(table[name], use_na_sentinel=False)[0] for name in chosen]
    levels = {name: int(table[name].nunique(dropna=False)) for name in chosen}
    total = float(np.square(numbers - numbers.mean()).sum())
    variance = total / (len(numbers) - 1)
    if total < 1e-20:
        nothing = dict.fromkeys(chosen, math.nan)
        return VarianceShares(nothing, math.nan, levels, len(numbers), 0.0, ())
    explained, rank = _all_fits(codes, numbers - numbers.mean(), total)
    n = len(chosen)
    shares = {}
    for i, name in enumerate(chosen):
        others = [j for j in range(n) if j != i]
        share = 0.0
        for size in range(n):
            weight = 1 / (n * math.comb(n - 1, size))
            for subset in itertools.combinations(others, size):
                before = frozenset(subset)
                share += weight * (explained[before | {i}] - explained[before])
        shares[name] = share
    everything = frozenset(range(n))
    confounded = tuple(
        name
        for i, name in enumerate(chosen)
        if rank[everything] - rank[everything - {i}] < levels[name] - 1
    )
    return VarianceShares(
        shares, 1 - explained[everything], levels, len(numbers), variance, confounded
    )


def accuracy_variance(
    data: RunData, budget: str = "all", factors: Sequence[str] = FACTORS
) -> dict[str, VarianceShares]:
    """Divide the variance of accuracy over a run's cells, for each model.

    Parameters
    ----------
    data : RunData
        The run; cells of the usual settings and vocabulary policy count, each pair at each share
        of D. Failed cells do not count.
    budget : str
        Label budget.
    factors : sequence of str
        Columns. What a strategy or schedule takes beside k (a share, a rate) counts as part of
        ``k`` and of ``schedule``; a strategy without k is a level of its own.

    Returns
    -------
    dict of str to VarianceShares
        By model; models with fewer than two cells are left out.
    """
    cells = data.cells[(data.cells["model"] != BASELINE) & (data.cells["setting"] == "")]
    cells = cells[cells["policy"] == ""]
    named = variants_of(cells)
    levels = {"k": [v.arguments for v in named], "schedule": [v.schedule_text for v in named]}
    cells = cells.assign(**levels)
    found = {}
    for model, group in evaluated(data, cells, budget).groupby("model", sort=False):
        if len(group) > 1:
            found[str(model)] = variance_shares(group[f"accuracy_{budget}"], group, factors)
    return found


def _indicators(codes: Codes) -> Floats:
    """Return centred indicators of all levels but the first, (n_cells, n_levels - 1)."""
    wide = (codes[:, None] == np.arange(1, codes.max() + 1)[None, :]).astype(np.float64)
    return wide - wide.mean(axis=0)


def _level_means(values: Floats, codes: Codes) -> Floats:
    """Return for each cell the mean of its level, (n_cells, n_columns)."""
    counts = np.bincount(codes)
    sums = [np.bincount(codes, column) for column in values.T]
    return (np.array(sums).reshape(-1, len(counts)) / counts)[:, codes].T


def _all_fits(
    codes: list[Codes], centred: Floats, total: float
) -> tuple[dict[frozenset[int], float], dict[frozenset[int], int]]:
    """Return R2 and rank of every subset of the factors.

    The factor of most levels, as a rule the seed, has no columns: values and columns less the means
    of its levels give what the others add to it (Frisch and Waugh 1933). What is fitted has then as
    many columns as the other factors have levels, however many seeds there are.
    """
    widest = max(range(len(codes)), key=lambda i: codes[i].max(), default=0)
    parts = [_indicators(c) if i != widest else np.empty((len(c), 0)) for i, c in enumerate(codes)]
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])
    places = [np.arange(ends[i], ends[i + 1]) for i in range(len(codes))]
    design = np.concatenate([*parts, centred[:, None]], axis=1)
    # What is smaller is rounding: a column that others determine.
    least = 1e-9 * float(np.linalg.norm(design[:, :-1], axis=0).max(initial=0.0))
    means = _level_means(design, codes[widest])
    of_widest = float(means[:, -1] @ means[:, -1]) / total
    # Few rows in place of many cells: lengths and angles of columns stay.
    triangles = [np.linalg.qr(each)[1] for each in (design, design - means)]
    explained: dict[frozenset[int], float] = {}
    rank: dict[frozenset[int], int] = {}
    for size in range(len(codes) + 1):
        for subset in itertools.combinations(range(len(codes)), size):
            beside = widest in subset
            some = np.concatenate([np.empty(0, np.intp), *(places[i] for i in subset)])
            triangle = triangles[beside]
            left, lengths, _ = np.linalg.svd(triangle[:, some], full_matrices=False)
            kept = lengths > least
            fit = left[:, kept].T @ triangle[:, -1]
            name = frozenset(subset)
            explained[name] = float(fit @ fit) / total + (of_widest if beside else 0.0)
            rank[name] = int(kept.sum()) + (int(codes[widest].max()) if beside else 0)
    return explained, rank
