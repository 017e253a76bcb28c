"""Each strategy at its own best: the candidate chosen by cross-validation on D-train."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import GROUP

_PLACE = [*GROUP, "strategy", "seed"]
# What candidates differ by; the passes of G mean nothing where there is none.
AXES = {"alpha": "start alpha", "epochs": "passes of G", "k": "passes of D for each of G"}


def own_best(data: RunData) -> tuple[RunData, pd.DataFrame]:
    """Choose for each strategy, seed and label budget what training documents alone speak for.

    Parameters
    ----------
    data : RunData
        Candidates that differ in k, schedule, alpha, epochs and vocabulary policy; as many for each
        strategy, since the best of more candidates is better by luck alone.

    Returns
    -------
    chosen : RunData
        For each pair, share of D, model, strategy, seed and label budget one cell with predictions
        of that budget, named by the strategy alone.
    choices : pandas.DataFrame
        What was chosen: place, ``labels``, k, share, schedule, policy and setting, ``cv_accuracy``
        and ``candidates``, how many there were. Of equals the first in the grid is taken.
    """
    shown = ["k", "share", "schedule", "schedule_value", "policy", "setting"]
    parts, keys = [], set()
    for budget in budgets(data):
        candidates = _candidates(data, budget)
        groups = candidates.groupby(_PLACE, sort=False)
        best = candidates.loc[groups[f"cv_accuracy_{budget}"].idxmax().sort_values()]
        sizes = groups.size()
        keys |= {(key, budget) for key in best["key"]}
        parts.append(
            best[[*_PLACE, *shown]].assign(
                labels=budget,
                cv_accuracy=best[f"cv_accuracy_{budget}"],
                candidates=[int(sizes[tuple(row)]) for row in best[_PLACE].to_numpy()],
            )
        )
    chosen = data.only(data.cells["key"].isin({key for key, _ in keys}))
    plain = chosen.cells.assign(
        k="", share=None, schedule="-", schedule_value=None, policy="", setting="at its own best"
    )
    correct = {place: right for place, right in chosen.correct.items() if place in keys}
    choices = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return dataclasses.replace(data, cells=plain, correct=correct, stacks={}), choices


def at_ends(data: RunData) -> pd.DataFrame:
    """Return where the best candidate of a strategy lies at an end of an axis of the search.

    Parameters
    ----------
    data : RunData
        Candidates.

    Returns
    -------
    pandas.DataFrame
        A row for each pair, share of D, model, strategy, label budget and axis at whose end the
        candidate with the best mean accuracy in cross-validation lies: ``axis`` in words,
        ``value``, ``low`` and ``high`` of those tried. A gain beyond that end is not excluded.
    """
    rows: list[dict[str, Any]] = []
    axes = [axis for axis in AXES if axis in data.cells]
    for budget in budgets(data):
        candidates = _candidates(data, budget)
        place: Any
        for place, group in candidates.groupby([*GROUP, "strategy"], sort=False):
            numbers = group[axes].apply(pd.to_numeric, errors="coerce").fillna(1)
            means = group.groupby([numbers[axis] for axis in axes])[f"cv_accuracy_{budget}"].mean()
            top: Any = means.round(12).idxmax()
            best = dict(zip(axes, top if len(axes) > 1 else [top], strict=True))
            for axis in axes:
                low, high = float(numbers[axis].min()), float(numbers[axis].max())
                if low < high and best[axis] in (low, high):
                    rows.append(
                        {
                            **dict(zip([*GROUP, "strategy"], place, strict=True)),
                            "labels": budget,
                            "axis": AXES[axis],
                            "value": float(best[axis]),
                            "low": low,
                            "high": high,
                        }
                    )
    columns = [*GROUP, "strategy", "labels", "axis", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _candidates(data: RunData, budget: str) -> pd.DataFrame:
    column = f"cv_accuracy_{budget}"
    cells = data.cells
    if column not in cells:
        return cells.iloc[:0].assign(**{column: pd.Series(dtype=float)})
    return cells[(cells["model"] != BASELINE) & cells[column].notna()]
