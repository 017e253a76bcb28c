"""What a follow-up did to the model: a measure of each cell, over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from d2vbench.analysis.contrasts.contrasts import Cells, Skipped
from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.variants import Variant, by_variant, variant_title, variants_of
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.seeds import seed_interval


@dataclass(frozen=True)
class Measured:
    """A measure of the cells of one place and variant.

    Attributes
    ----------
    measure : str
        In words.
    pair, model : str
        Where.
    fraction : float
        Share of D.
    variant : Variant
        Whose cells.
    means : dict of str to float
        Means over seeds of the columns that were asked for.
    interval : Interval
        Of the measure: Student's t over seeds.
    values : dict of int to float
        What the interval rests on, by seed: at least two.
    """

    measure: str
    pair: str
    fraction: float
    model: str
    variant: Variant
    means: dict[str, float]
    interval: Interval
    values: dict[int, float]


def take_measure(
    data: RunData, cells: Cells, name: str, columns: Sequence[str], minus: str = ""
) -> tuple[list[Measured], list[Skipped]]:
    """Take a measure of cells, in each place and variant.

    Parameters
    ----------
    data : RunData
        The run.
    cells : Cells
        Which.
    name : str
        What is measured, in words.
    columns : sequence of str
        One number a cell each: the last is the measure, the others are shown beside it.
    minus : str
        Column that is taken off the last; empty: none.

    Returns
    -------
    measured : list of Measured
        In the order of the grid.
    skipped : list of Skipped
        Where there are no such numbers, or those of a single seed.
    """
    found: list[Measured] = []
    skipped: list[Skipped] = []
    frame = data.cells
    wanted = [*columns, *([minus] if minus else [])]
    if missing := [column for column in wanted if column not in frame]:
        reason = f"no cell has {', '.join(missing)}; records of an older release have none"
        return [], [Skipped(name, None, reason)]
    trained = frame[frame["model"] != BASELINE]
    taken = np.array([cells.takes(variant) for variant in variants_of(trained)], dtype=bool)
    chosen = trained.loc[taken]
    for where, variant, rows in by_variant(chosen):
        place = (*where, "")
        there = rows[rows[wanted].notna().all(axis=1)]
        if there.empty:
            reason = "not measured: no such words or vectors, or next to nothing is kept"
            skipped.append(Skipped(name, place, reason))
            continue
        numbers = there[columns[-1]].astype(float)
        if minus:
            numbers -= there[minus].astype(float)
        values = dict(zip(there["seed"].astype(int), numbers.tolist(), strict=True))
        interval = seed_interval(list(values.values()))
        if len(there) == 1:
            reason = f"one seed says nothing about seeds ({interval.estimate:+.3f})"
            reason = f"{variant_title(variant)}: {reason}"
            skipped.append(Skipped(name, place, reason, wants_seeds=True))
            continue
        means = {column: float(there[column].astype(float).mean()) for column in columns}
        found.append(Measured(name, *where, variant, means, interval, values))
    return found, skipped
