"""Each strategy at its own best: the candidate chosen by cross-validation on D-train."""

from __future__ import annotations

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData

_PLACE = ["pair", "fraction", "model", "strategy", "seed"]


def own_best(data: RunData, budget: str = "all") -> tuple[RunData, pd.DataFrame]:
    """Choose for each strategy and seed the candidate that training documents alone speak for.

    Parameters
    ----------
    data : RunData
        Candidates that differ in k, schedule, alpha and epochs; as many for each strategy, since
        the best of more candidates is better by luck alone.
    budget : str
        Whose cross-validated accuracy decides.

    Returns
    -------
    chosen : RunData
        One cell for each pair, share of D, model, strategy and seed, named by the strategy alone.
    choices : pandas.DataFrame
        What was chosen: the columns `VARIANT` of it, ``cv_accuracy`` and ``candidates``, how many
        there were. Of equals the first in the grid is taken.
    """
    column = f"cv_accuracy_{budget}"
    candidates = data.cells[(data.cells["model"] != BASELINE) & data.cells[column].notna()]
    groups = candidates.groupby(_PLACE, sort=False)
    best = groups[column].idxmax()
    chosen = data.only(data.cells.index.to_series().isin(best))
    shown = [*_PLACE, "k", "share", "schedule", "schedule_value", "setting", column]
    choices = chosen.cells[shown].rename(columns={column: "cv_accuracy"})
    sizes = groups.size()
    choices["candidates"] = [int(sizes[tuple(row)]) for row in choices[_PLACE].to_numpy()]
    plain = chosen.cells.assign(
        k="", share=None, schedule="-", schedule_value=None, setting="at its own best"
    )
    return RunData(
        data.manifest, plain, chosen.correct, data.missing, data.environments
    ), choices.reset_index(drop=True)
