"""What one way to classify adds to another at a label budget, test document by test document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.scores import cell_stacks, evaluated, holm, paired_difference
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.verdicts import Verdict, verdict


@dataclass(frozen=True, kw_only=True)
class PairedGain:
    """What is added in one place.

    Attributes
    ----------
    pair : str
        Name of the pair.
    fraction : float
        Share of D.
    model : str
        What is judged; of a baseline a study may say it otherwise.
    labels : str
        Label budget.
    accuracy, without : Interval
        With what is added, and without it.
    gain : Interval
        Their paired difference.
    seeds : int
        That it rests on.
    verdict : Verdict
        What the gain says, p adjusted by `judged`.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    accuracy: Interval
    without: Interval
    gain: Interval
    seeds: int
    verdict: Verdict = Verdict.INCONCLUSIVE


_Gain = TypeVar("_Gain", bound=PairedGain)


def paired_gain(
    data: RunData, rows: pd.DataFrame, without: pd.DataFrame, budget: str
) -> dict[str, Any] | None:
    """Return the measured fields of a `PairedGain` by name.

    Parameters
    ----------
    data : RunData
        With the cells.
    rows, without : pandas.DataFrame
        Cells of either side, by seed.
    budget : str
        Label budget.

    Returns
    -------
    dict or None
        None where a side has no cell with this budget, or they share no seed.
    """
    there = [evaluated(data, part, budget) for part in (rows, without)]
    if any(part.empty for part in there):
        return None
    members = {
        side: list(zip(part["seed"].tolist(), part["key"].tolist(), strict=True))
        for side, part in enumerate(there)
    }
    stacks = cell_stacks(data, members, budget)
    if (difference := paired_difference(stacks[0], stacks[1])) is None:
        return None
    accuracy, less = (stacks[side].accuracy for side in (0, 1))
    gain, seeds = difference
    return {
        "labels": budget, "accuracy": accuracy, "without": less, "gain": gain, "seeds": seeds,
    }  # fmt: skip


def judged(found: Sequence[_Gain]) -> list[_Gain]:
    """Return gains with their verdicts, p adjusted by Holm's method over all of them."""
    adjusted = holm([gain.gain.p for gain in found])
    return [
        replace(gain, verdict=verdict(gain.gain, p, gain.seeds))
        for gain, p in zip(found, adjusted, strict=True)
    ]
