"""Events of a task."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from d2vbench.bench.compute.measure import Result

#: How a cell may end.
DONE, EXCEPTION, SIGNAL, TIME_LIMIT = "done", "exception", "signal", "time limit"


@dataclass(frozen=True)
class Began:
    """A cell's own work begins: what was trained for it and for others is done."""

    index: int


@dataclass(frozen=True)
class CellDone:
    """A cell is finished, with its result or with what went wrong.

    Attributes
    ----------
    index : int
        In the grid.
    result : Result or None
        Record and predictions.
    error : str
        A traceback or a sentence; empty where there is a result.
    status : str
        `DONE`, `EXCEPTION`, `SIGNAL` or `TIME_LIMIT`.
    """

    index: int
    result: Result | None
    error: str = ""
    status: str = DONE


@dataclass(frozen=True)
class Words:
    """Words were trained, repeats included."""

    count: int


@dataclass(frozen=True)
class TaskDone:
    """A task is finished: every one of its cells has been reported.

    Attributes
    ----------
    stretch : str or None
        Key of its stretch of the plan tree.
    parent : str or None
        Key of the stretch that it went on from.
    """

    stretch: str | None
    parent: str | None


@dataclass(frozen=True)
class Waiting:
    """Nothing was reported for a second: a moment to look at the clock."""


Event = Began | CellDone | Words | TaskDone | Waiting


def failed(index: int) -> CellDone:
    """Return the end of a cell by the exception that is being handled."""
    return CellDone(index, None, traceback.format_exc(), EXCEPTION)
