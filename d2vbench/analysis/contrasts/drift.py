"""What moved more between the phases: two measures of the same cells, compared by seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.contrasts.contrasts import Cells, Skipped
from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.variants import Variant, by_variant, variant_title, variants_of
from d2vbench.analysis.statistics.bootstrap import LEVEL, Interval


@dataclass(frozen=True)
class Moved:
    """Two measures of the same cells in one place.

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
    first, second : float
        Their means over seeds.
    interval : Interval
        Of the first minus the second: Student's t over seeds.
    differences : dict of int to float
        What the interval rests on, by seed: at least two.
    """

    measure: str
    pair: str
    fraction: float
    model: str
    variant: Variant
    first: float
    second: float
    interval: Interval
    differences: dict[int, float]


def seed_interval(values: npt.ArrayLike) -> Interval:
    """Return the mean of one value a seed, with Student's t interval.

    Parameters
    ----------
    values : (n_seeds,) array_like
        Numbers, no NaN.

    Returns
    -------
    Interval
        NaN ends and p with a single seed. Equal values have an interval of no length.
    """
    numbers = np.asarray(values, dtype=np.float64)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return Interval(mean, math.nan, math.nan, math.nan)
    if np.ptp(numbers) < 1e-12:
        return Interval(mean, mean, mean, 1.0 if abs(mean) < 1e-12 else 0.0)
    # Only here: it takes longer to load than all else that a report needs.
    from scipy import stats

    half = float(stats.sem(numbers) * stats.t.ppf((1 + LEVEL) / 2, len(numbers) - 1))
    return Interval(mean, mean - half, mean + half, float(stats.ttest_1samp(numbers, 0).pvalue))


def compare_measures(
    data: RunData, cells: Cells, first: str, second: str, measure: str
) -> tuple[list[Moved], list[Skipped]]:
    """Compare two columns of the same cells, in each place and variant.

    Parameters
    ----------
    data : RunData
        The run.
    cells : Cells
        Which.
    first, second : str
        Columns: one number a cell.
    measure : str
        What they are, in words.

    Returns
    -------
    moved : list of Moved
        In the order of the grid.
    skipped : list of Skipped
        Where there are no such numbers, or those of a single seed.
    """
    moved: list[Moved] = []
    skipped: list[Skipped] = []
    frame = data.cells
    if not {first, second} <= set(frame.columns):
        return [], [Skipped(measure, None, f"no cell has the columns {first} and {second}")]
    trained = frame[frame["model"] != BASELINE]
    chosen = trained[[cells.takes(variant) for variant in variants_of(trained)]]
    for where, variant, rows in by_variant(chosen):
        title, place = variant_title(variant), (*where, "")
        there = rows[rows[first].notna() & rows[second].notna()]
        if there.empty:
            skipped.append(Skipped(measure, place, f"{title}: not measured"))
            continue
        gaps = (there[first] - there[second]).astype(float)
        differences = dict(zip(there["seed"].astype(int), gaps.tolist(), strict=True))
        interval = seed_interval(list(differences.values()))
        if len(there) == 1:
            reason = f"{title}: one seed says nothing about seeds ({interval.estimate:+.3f})"
            skipped.append(Skipped(measure, place, reason))
            continue
        means = float(there[first].mean()), float(there[second].mean())
        moved.append(Moved(measure, *where, variant, *means, interval, differences))
    return moved, skipped
