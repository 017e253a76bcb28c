"""Mean accuracy by pair of corpora and strategy: what comparisons across pairs take."""

from __future__ import annotations

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import evaluated
from d2vbench.analysis.contrasts.variants import VARIANT, mean_by_variant, variant_title


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


def mean_by_pair(data: RunData, model: str = "dbow", budget: str = "all") -> pd.DataFrame:
    """Return the mean accuracy of the strategies that every pair has.

    Parameters
    ----------
    data : RunData
        The run; one share of D of each pair counts, the one where most variants were run, since
        several shares of one pair are no pairs of their own.
    model : str
        Doc2Vec model.
    budget : str
        Label budget.

    Returns
    -------
    pandas.DataFrame
        A row a pair, a column a variant by its title, in the order of the grid: accuracy in [0, 1],
        the mean over seeds. Empty where nothing was evaluated.
    """
    doc2vec = data.cells[(data.cells["model"] == model) & (data.cells["model"] != BASELINE)]
    rows: dict[str, dict[str, float]] = {}
    for pair, group in evaluated(data, doc2vec, budget).groupby("pair", sort=False):
        main = group[group["fraction"] == main_fraction(group)]
        means = mean_by_variant(main, f"accuracy_{budget}")
        rows[str(pair)] = {variant_title(variant): mean for variant, mean in means.items()}
    if not rows:
        return pd.DataFrame(dtype=float)
    first, *others = rows.values()
    common = [title for title in first if all(title in other for other in others)]
    return pd.DataFrame([[row[title] for title in common] for row in rows.values()],
                        index=list(rows), columns=common, dtype=float)  # fmt: skip
