"""The correctness of many cells, stacked by seed and resampled together."""

from __future__ import annotations

import functools
import operator
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.variants import GROUP, Variant, variants_of
from d2vbench.analysis.statistics.bootstrap import Interval, Resampled, Resamples, weighted_sums
from d2vbench.keys import derive_seed

_Name = TypeVar("_Name", bound=Hashable)

# The task of the generic corpus, after all training and before the follow-up: no label budgets.
GENERIC = "generic"
GENERIC_BEFORE = "generic_before"

# Behind a label budget: with the inference that cross-validation chose for it.
CHOSEN = ".chosen"


@dataclass(frozen=True)
class Stack:
    """The cells of one variant.

    Attributes
    ----------
    resampled : Resampled
        Their correctness, a row a seed, and what the resamples make of it.
    seeds : tuple of int
        In order of the rows.
    """

    resampled: Resampled
    seeds: tuple[int, ...]

    @property
    def mean(self) -> float:
        """The mean accuracy, in [0, 1]."""
        return float(self.resampled.scores.mean())

    @property
    def accuracy(self) -> Interval:
        """The mean accuracy with its interval, which ends where accuracy does, at 0 and at 1.

        With two seeds the resamples alone may go beyond; no accuracy lies there, so nothing of
        what the interval should hold is cut off.
        """
        found = self.resampled.interval()
        low, high = (float(np.clip(end, 0, 1)) for end in (found.low, found.high))
        return replace(found, low=low, high=high)


def budgets(data: RunData) -> list[str]:
    """Return the label budgets of a run: all labels first, then from few labels to many.

    Those of the share of D come before those of all of D, and long tails after those.
    """
    found = {budget for _, budget in data.correct} - {GENERIC, GENERIC_BEFORE}
    found = {budget for budget in found if not budget.endswith(CHOSEN)}

    def place(budget: str) -> tuple[bool, bool, bool, int]:
        number = "".join(filter(str.isdigit, budget))
        tail = budget.startswith("tail")
        return tail, budget.startswith("whole"), bool(number), int(number or 0)

    return sorted(found, key=place)


def evaluated(data: RunData, rows: pd.DataFrame, budget: str) -> pd.DataFrame:
    """Return the cells that have a result: a crash or a NaN is a failed cell, never a zero.

    Parameters
    ----------
    data : RunData
        The run.
    rows : pandas.DataFrame
        Cells.
    budget : str
        Label budget.

    Returns
    -------
    pandas.DataFrame
        Those with predictions, whose accuracy is a number.
    """
    there = np.array([(key, budget) in data.correct for key in rows["key"]], dtype=bool)
    column = {GENERIC: "generic_accuracy_all", GENERIC_BEFORE: "generic_before_accuracy_all"}.get(
        budget, f"accuracy_{budget}"
    )
    if column in rows:
        there &= rows[column].notna().to_numpy(dtype=bool)
    return rows.loc[there]


@functools.lru_cache(maxsize=8)
def shared_draws(n_seeds: int, n_documents: int) -> Resamples:
    """Return the draws for scores of a shape, always the same.

    A fixed seed: intervals are part of a table that is to be the same wherever it is made.
    """
    rng = np.random.default_rng(derive_seed(0, "bootstrap", n_seeds, n_documents))
    return Resamples(n_seeds, n_documents, rng)


def stack_all(
    scores: Mapping[_Name, tuple[npt.NDArray[np.float64], list[int]]],
) -> dict[_Name, Stack]:
    """Resample many sets of scores with shared draws, sets of one shape together.

    Parameters
    ----------
    scores : mapping to (scores, seeds)
        Scores are (n_seeds, n_documents) float64, 1 for right and 0 for wrong.

    Returns
    -------
    dict of Stack
        Under the same names, in their order.
    """
    shapes: dict[tuple[int, int], list[_Name]] = {}
    for name, (values, _) in scores.items():
        shapes.setdefault((values.shape[0], values.shape[1]), []).append(name)
    found: dict[_Name, Stack] = {}
    for shape, names in shapes.items():
        drawn = shared_draws(*shape).draw([scores[name][0] for name in names])
        for name, resampled in zip(names, drawn, strict=True):
            found[name] = Stack(resampled, tuple(scores[name][1]))
    return {name: found[name] for name in scores}


def variant_stacks(data: RunData, group: pd.DataFrame, budget: str) -> dict[Variant, Stack]:
    """Return the scores of each variant of one comparison.

    Parameters
    ----------
    data : RunData
        The run.
    group : pandas.DataFrame
        Cells of one pair, share of D and model.
    budget : str
        Label budget.

    Returns
    -------
    dict of Variant to Stack
        In the order of the grid; variants without a result are left out.
    """
    there = evaluated(data, group, budget)
    return cell_stacks(data, _members(variants_of(there), there), budget)


# Cells that differ by seed alone, as (seed, key).
Members = list[tuple[int, str]]


def cell_stacks(data: RunData, members: Mapping[_Name, Members], budget: str) -> dict[_Name, Stack]:
    """Return the scores of sets of cells; what was drawn before is not drawn again.

    Parameters
    ----------
    data : RunData
        The run; its `stacks` remember.
    members : mapping to list of (int, str)
        Seed and key of each cell of a set; all with a result.
    budget : str
        Label budget.

    Returns
    -------
    dict of Stack
        Under the same names, in their order.
    """
    return {
        name: stack
        for (name, _), stack in _stacks(data, {(n, budget): m for n, m in members.items()}).items()
    }


def draw_all(data: RunData) -> None:
    """Draw the scores of every variant of a run at once, which takes little longer than of one.

    Parameters
    ----------
    data : RunData
        The run; its `stacks` will remember.
    """
    everything: dict[tuple[tuple[Any, ...], str], Members] = {}
    for budget in budgets(data):
        there = evaluated(data, data.cells, budget)
        places = (there[name].tolist() for name in GROUP)
        found = _members(zip(*places, variants_of(there), strict=True), there)
        everything |= {(name, budget): members for name, members in found.items()}
    _stacks(data, everything)


def _members(names: Iterable[_Name], rows: pd.DataFrame) -> dict[_Name, Members]:
    """Return the cells of rows by the name of each row, in the order of the rows."""
    found: dict[_Name, Members] = {}
    for name, seed, key in zip(names, rows["seed"].tolist(), rows["key"].tolist(), strict=True):
        found.setdefault(name, []).append((seed, key))
    return found


def _stacks(
    data: RunData, members: Mapping[tuple[_Name, str], Members]
) -> dict[tuple[_Name, str], Stack]:
    found: dict[tuple[_Name, str], Stack | None] = {}
    scores = {}
    for name, cells in members.items():
        cells = sorted(cells)
        arrays = [data.correct[key, name[1]] for _, key in cells]
        place = (name[1], *(key for _, key in cells))
        before, stack = data.stacks.get(place, ((), None))
        # A run made from another by changing what was right shares what was drawn, not its scores.
        same = len(before) == len(arrays) and all(map(operator.is_, before, arrays))
        found[name] = stack if same else None
        if not same:
            right = np.stack(arrays).astype(np.float64)
            scores[name] = (right, [seed for seed, _ in cells])
            data.stacks[place] = (arrays, None)
    for name, stack in stack_all(scores).items():
        found[name] = stack
        place = (name[1], *(key for _, key in sorted(members[name])))
        data.stacks[place] = (data.stacks[place][0], stack)
    return {name: stack for name, stack in found.items() if stack is not None}


def paired(scores: Stack, reference: Stack) -> tuple[Resampled, tuple[int, ...]] | None:
    """Return the differences of two stacks on the seeds that both have.

    Parameters
    ----------
    scores, reference : Stack
        Of the same documents.

    Returns
    -------
    tuple of (Resampled, tuple of int) or None
        The differences and their seeds; None where no seed is common.
    """
    if scores.seeds == reference.seeds:
        return scores.resampled - reference.resampled, scores.seeds
    common = tuple(seed for seed in scores.seeds if seed in reference.seeds)
    if not common:
        return None
    mine = scores.resampled.scores[[scores.seeds.index(s) for s in common]]
    theirs = reference.resampled.scores[[reference.seeds.index(s) for s in common]]
    return shared_draws(*mine.shape).draw([mine - theirs])[0], common


def weighted(
    stacks: Sequence[Stack], weights: npt.ArrayLike
) -> tuple[list[Resampled], tuple[int, ...]] | None:
    """Return weighted sums of stacks on the seeds that all have.

    Parameters
    ----------
    stacks : (n,) sequence of Stack
        Of the same documents; at least one.
    weights : (m, n) array_like
        A row a sum.

    Returns
    -------
    tuple of (list of Resampled, tuple of int) or None
        The m sums and their seeds; None where no seed is common.
    """
    common = tuple(s for s in stacks[0].seeds if all(s in stack.seeds for stack in stacks))
    if not common:
        return None
    if all(stack.seeds == common for stack in stacks):
        return weighted_sums([stack.resampled for stack in stacks], weights), common
    rows = [stack.resampled.scores[[stack.seeds.index(s) for s in common]] for stack in stacks]
    sums = np.tensordot(np.asarray(weights), np.stack(rows), axes=1)
    return shared_draws(*sums.shape[1:]).draw(list(sums)), common


def paired_difference(scores: Stack, reference: Stack) -> tuple[Interval, int] | None:
    """Return the difference with its interval, and how many seeds it rests on; see `paired`."""
    found = paired(scores, reference)
    return None if found is None else (found[0].interval(), len(found[1]))


def holm(p: list[float]) -> list[float]:
    """Adjust p-values by Holm's method (1979); NaN stays NaN and does not count.

    Parameters
    ----------
    p : list of float
        p-values.

    Returns
    -------
    list of float
        Adjusted, in the same order.
    """
    # statsmodels has it too, but collects the garbage of the whole process at each call: a tenth
    # of a second, for every table.
    values = np.asarray(p, dtype=np.float64)
    adjusted = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    steps = values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted.tolist()
