"""Accuracy by pair of corpora and strategy: what comparisons across pairs take."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.pair_corpora import over_corpora
from d2vbench.analysis.contrasts.scores import evaluated, paired, variant_stacks
from d2vbench.analysis.contrasts.variants import VARIANT, mean_by_variant, variant_title
from d2vbench.analysis.statistics.crossed import OverPairs


def main_fraction(cells: pd.DataFrame) -> float:
    """Return the share of D at which most variants were run; of equals the smallest.

    Parameters
    ----------
    cells : pandas.DataFrame
        Of one pair, at least one.

    Returns
    -------
    float
        In (0, 1].
    """
    named = cells[["fraction", *VARIANT]].drop_duplicates()
    counts = named["fraction"].value_counts()
    return float(min(counts[counts == counts.max()].index))


def mean_by_pair(
    data: RunData, model: str = "dbow", budget: str = "all", fraction: float = 1.0
) -> pd.DataFrame:
    """Return the mean accuracy of the strategies that every pair has.

    Parameters
    ----------
    data : RunData
        The run.
    model : str
        Doc2Vec model.
    budget : str
        Label budget.
    fraction : float
        Share of D, the same of every pair: others are other questions.

    Returns
    -------
    pandas.DataFrame
        A row a pair, a column a variant by its title, in the order of the grid: accuracy in [0, 1],
        the mean over seeds. Empty where nothing was evaluated.
    """
    rows: dict[str, dict[str, float]] = {}
    for pair, group in _groups(data, model, budget, fraction):
        means = mean_by_variant(group, f"accuracy_{budget}")
        rows[pair] = {variant_title(variant): mean for variant, mean in means.items()}
    if not rows:
        return pd.DataFrame(dtype=float)
    first, *others = rows.values()
    common = [title for title in first if all(title in other for other in others)]
    return pd.DataFrame([[row[title] for title in common] for row in rows.values()],
                        index=list(rows), columns=common, dtype=float)  # fmt: skip


def over_corpora_against(
    data: RunData,
    reference: str,
    model: str = "dbow",
    budget: str = "all",
    fraction: float = 1.0,
) -> dict[str, OverPairs]:
    """Return what the pairs of a run say, for new corpora, of strategies against one of them.

    Parameters
    ----------
    data : RunData
        The run.
    reference : str
        Title of a variant.
    model, budget, fraction
        As of `mean_by_pair`.

    Returns
    -------
    dict of str to OverPairs
        By title, of each variant that two pairs or more have beside the reference, with a seed that
        both have: the difference in accuracy over all such pairs.
    """
    estimates: dict[str, dict[str, float]] = {}
    variances: dict[str, dict[str, float]] = {}
    for pair, group in _groups(data, model, budget, fraction):
        stacks = {variant_title(v): s for v, s in variant_stacks(data, group, budget).items()}
        for title, stack in stacks.items():
            both = paired(stack, stacks[reference]) if reference in stacks else None
            if both is not None and title != reference:
                estimates.setdefault(title, {})[pair] = float(both[0].scores.mean())
                variances.setdefault(title, {})[pair] = both[0].variance
    return {
        title: over_corpora(found, variances[title], data)
        for title, found in estimates.items()
        if len(found) > 1
    }


def _groups(
    data: RunData, model: str, budget: str, fraction: float
) -> Iterator[tuple[str, pd.DataFrame]]:
    cells = data.cells[(data.cells["model"] == model) & (data.cells["fraction"] == fraction)]
    for pair, group in evaluated(data, cells, budget).groupby("pair", sort=False):
        yield str(pair), group
