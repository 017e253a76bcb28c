"""Accuracy by pair of corpora and strategy: what comparisons across pairs take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.pair_corpora import PairDifference, over_corpora
from d2vbench.analysis.contrasts.scores import Stack, evaluated, paired, variant_stacks
from d2vbench.analysis.contrasts.variants import (
    VARIANT,
    mean_by_variant,
    variant_title,
    variants_of,
)
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
    titles = [title for title in _titles(data, model, budget, fraction) if title != reference]
    found = over_corpora_between(
        data, [(title, reference) for title in titles], model, budget, fraction
    )
    return {title: one for (title, _), one in found.items()}


def over_corpora_between(
    data: RunData,
    contrasts: Iterable[tuple[str, str]],
    model: str = "dbow",
    budget: str = "all",
    fraction: float = 1.0,
) -> dict[tuple[str, str], OverPairs]:
    """Return what the pairs of a run say, for new corpora, of one strategy less another.

    Parameters
    ----------
    data : RunData
        The run.
    contrasts : iterable of (str, str)
        Titles of variants.
    model, budget, fraction
        As of `mean_by_pair`.

    Returns
    -------
    dict of (str, str) to OverPairs
        Of each contrast that two pairs or more have, with a seed that both variants have: the
        difference in accuracy over all such pairs.
    """
    return {
        contrast: over_corpora(of_pairs, data)
        for contrast, of_pairs in pair_differences(data, contrasts, model, budget, fraction).items()
        if len(of_pairs) > 1
    }


def _titles(data: RunData, model: str, budget: str, fraction: float) -> list[str]:
    """Return the titles of all variants, in the order of the grid."""
    titles: dict[str, None] = {}
    for _, group in _groups(data, model, budget, fraction):
        titles |= dict.fromkeys(variant_title(v) for v in variants_of(group))
    return list(titles)


def pair_differences(
    data: RunData,
    contrasts: Iterable[tuple[str, str]],
    model: str = "dbow",
    budget: str = "all",
    fraction: float = 1.0,
) -> dict[tuple[str, str], dict[str, PairDifference]]:
    """Return the differences of two variants each on each pair, with their sampling variance.

    Parameters
    ----------
    data : RunData
        The run.
    contrasts : iterable of (str, str)
        Titles of variants.
    model, budget, fraction
        As of `mean_by_pair`.

    Returns
    -------
    dict of (str, str) to dict of str to PairDifference
        By contrast, and by pair that has both with a seed in common.
    """
    found: dict[tuple[str, str], dict[str, PairDifference]] = {c: {} for c in contrasts}
    for pair, group in _groups(data, model, budget, fraction):
        stacks = {variant_title(v): s for v, s in variant_stacks(data, group, budget).items()}
        for first, second in found:
            both = _difference(stacks, first, second)
            if both is not None:
                found[first, second][pair] = both
    return found


def _difference(stacks: dict[str, Stack], first: str, second: str) -> PairDifference | None:
    if first not in stacks or second not in stacks:
        return None
    both = paired(stacks[first], stacks[second])
    return None if both is None else PairDifference.of(both[0])


def _groups(
    data: RunData, model: str, budget: str, fraction: float
) -> Iterator[tuple[str, pd.DataFrame]]:
    cells = data.cells[(data.cells["model"] == model) & (data.cells["fraction"] == fraction)]
    for pair, group in evaluated(data, cells, budget).groupby("pair", sort=False):
        yield str(pair), group
