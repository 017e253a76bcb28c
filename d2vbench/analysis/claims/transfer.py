"""Does the schedule that is best on the other pairs do on this one? Leave one pair out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from d2vbench.analysis.contrasts.contrasts import Skipped
from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.pair_means import main_fraction
from d2vbench.analysis.contrasts.scores import budgets, evaluated, paired, variant_stacks
from d2vbench.analysis.contrasts.variants import Variant, chosen_by, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval

STUDY = "transfer"
NAME = "own best minus best elsewhere"


@dataclass(frozen=True)
class Regret:
    """What a pair loses with the schedule that was chosen on the others.

    Attributes
    ----------
    pair, model, labels : str
        Where.
    fraction : float
        Share of D.
    chosen, own : Variant
        That which is best on the other pairs, and that which is best on this one.
    chosen_on : tuple of str
        The other pairs.
    candidates : int
        How many variants there were to choose from.
    interval : Interval
        Accuracy on the test documents with its own minus with the other's, in [-1, 1].
    seeds : int
        How many it rests on.
    variance : float
        Sampling variance of the estimate.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    chosen: Variant
    own: Variant
    chosen_on: tuple[str, ...]
    candidates: int
    interval: Interval
    seeds: int
    variance: float = math.nan


def transfer(data: RunData, by: str = "cv_accuracy") -> tuple[list[Regret], list[Skipped]]:
    """Choose on all pairs but one, and see what that one loses by it.

    Parameters
    ----------
    data : RunData
        The same variants on several pairs: study ``transfer``. Of each pair the share of D at which
        most variants were run.
    by : str
        Metric that chooses, ``cv_accuracy`` or ``accuracy``. By cross-validation on training
        documents, both choices are made without the test documents that the regret is measured
        on; by test accuracy, a pair's own best would look better than it is.

    Returns
    -------
    regrets : list of Regret
        One for each model, label budget and pair. It is 0, with an interval of no length, where
        both choices are the same variant. A negative one says that the other pairs chose better
        than the pair's own cross-validation. The interval is about seeds and documents; both
        choices are taken as given.
    skipped : list of Skipped
        Where there is nothing to choose from, or a single seed.
    """
    regrets: list[Regret] = []
    skipped: list[Skipped] = []
    doc2vec = data.cells[data.cells["model"] != BASELINE]
    for model, cells in doc2vec.groupby("model", sort=False):
        for budget in budgets(data):
            found, left = _one(data, cells, str(model), budget, f"{by}_{budget}")
            regrets += found
            skipped += left
    return regrets, skipped


def _one(
    data: RunData, cells: pd.DataFrame, model: str, budget: str, column: str
) -> tuple[list[Regret], list[Skipped]]:
    place = ("all pairs", 1.0, model, budget)
    if column not in cells:
        return [], [Skipped(NAME, place, f"no cell has {column} to choose by")]
    there = evaluated(data, cells, budget)
    there = there[there[column].notna()]
    groups = {
        str(pair): group[group["fraction"] == main_fraction(group)]
        for pair, group in there.groupby("pair", sort=False)
    }
    if len(groups) < 2:
        return [], [Skipped(NAME, place, f"{len(groups)} pair: none to choose on and one to try")]
    table, candidates = _table(groups, column)
    if len(candidates) < 2:
        return [], [Skipped(NAME, place, f"{len(candidates)} variants on every pair: no choice")]
    regrets: list[Regret] = []
    skipped: list[Skipped] = []
    for pair, group in groups.items():
        others = table.drop(index=pair)
        # Pairs differ in how easy they are; within each all candidates are there, so the mean of
        # accuracies and that of differences choose alike.
        chosen = candidates[int(others.mean().round(12).to_numpy().argmax())]
        own = candidates[int(table.loc[pair].to_numpy().argmax())]
        stacks = variant_stacks(data, group, budget)
        difference = paired(stacks[own], stacks[chosen])
        fraction = float(group["fraction"].iloc[0])
        where = (pair, fraction, model, budget)
        if difference is None or len(difference[1]) == 1:
            common = "no seed" if difference is None else "one seed: no interval"
            titles = f"{variant_title(own)} against {variant_title(chosen)}"
            skipped.append(Skipped(NAME, where, f"{common}, {titles}", wants_seeds=True))
            continue
        regrets.append(
            Regret(
                pair=pair,
                fraction=fraction,
                model=model,
                labels=budget,
                chosen=chosen,
                own=own,
                chosen_on=tuple(str(name) for name in others.index),
                candidates=len(candidates),
                interval=difference[0].interval(),
                seeds=len(difference[1]),
                variance=difference[0].variance,
            )
        )
    return regrets, skipped


def _table(groups: dict[str, pd.DataFrame], column: str) -> tuple[pd.DataFrame, list[Variant]]:
    """Return the mean of a metric by pair and variant, for the variants that every pair has."""
    rows = {pair: chosen_by(group, column) for pair, group in groups.items()}
    first, *others = rows.values()
    common = [variant for variant in first if all(variant in other for other in others)]
    values = [[row[variant] for variant in common] for row in rows.values()]
    return pd.DataFrame(values, index=list(rows), dtype=float), common
