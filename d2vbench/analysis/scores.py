"""The correctness of many cells, stacked by seed and resampled together."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.analysis.bootstrap import Interval, Resampled, Resamples
from d2vbench.analysis.frame import RunData
from d2vbench.analysis.variants import VARIANT, Variant
from d2vbench.keys import derive_seed

_Name = TypeVar("_Name", bound=Hashable)

# The task of the generic corpus, after all training and before the follow-up: no label budgets.
GENERIC = "generic"
GENERIC_BEFORE = "generic_before"


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


def budgets(data: RunData) -> list[str]:
    """Return the label budgets of a run: all labels first, then from few labels to many."""
    found = {budget for _, budget in data.correct} - {GENERIC, GENERIC_BEFORE}
    return sorted(found, key=lambda b: (b.isdigit(), int(b) if b.isdigit() else 0, b))


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


def scores_of(
    data: RunData, rows: pd.DataFrame, budget: str
) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Stack the correctness of the cells of one variant.

    Parameters
    ----------
    data : RunData
        The run.
    rows : pandas.DataFrame
        Cells that differ by seed alone, each with a result; see `evaluated`.
    budget : str
        Label budget.

    Returns
    -------
    scores : (n_seeds, n_documents) float64
        1 for right, 0 for wrong, in order of the seeds.
    seeds : list of int
        The seeds.
    """
    rows = rows.sort_values("seed")
    stack = np.stack([data.correct[key, budget] for key in rows["key"]]).astype(np.float64)
    return stack, rows["seed"].tolist()


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
        As `scores_of` returns them.

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
    members: dict[Variant, list[tuple[int, str]]] = {}
    columns = (there[name].tolist() for name in (*VARIANT, "seed", "key"))
    for a, b, c, d, e, seed, key in zip(*columns, strict=True):
        members.setdefault((str(a), str(b), str(c), str(d), str(e)), []).append((seed, key))
    found: dict[Variant, Stack | None] = {}
    scores = {}
    for name, cells in members.items():
        cells.sort()
        found[name] = _drawn(data, cells, budget)
        if found[name] is None:
            right = np.stack([data.correct[key, budget] for _, key in cells]).astype(np.float64)
            scores[name] = (right, [seed for seed, _ in cells])
    for name, stack in stack_all(scores).items():
        found[name] = stack
        arrays = [data.correct[key, budget] for _, key in members[name]]
        data.stacks[_cache_key(members[name], budget)] = (arrays, stack)
    return {name: stack for name, stack in found.items() if stack is not None}


def _cache_key(cells: list[tuple[int, str]], budget: str) -> tuple[str, ...]:
    return (budget, *(key for _, key in cells))


def _drawn(data: RunData, cells: list[tuple[int, str]], budget: str) -> Stack | None:
    """Return a stack that was drawn before, if it was of these very arrays."""
    arrays, stack = data.stacks.get(_cache_key(cells, budget), ([], None))
    same = len(arrays) == len(cells) and all(
        data.correct[key, budget] is array for (_, key), array in zip(cells, arrays, strict=True)
    )
    return stack if same else None


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
