"""Progress of a run: silent, a bar on a terminal, or lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from d2vbench.bench.execution.failures import Failure
    from d2vbench.bench.spec.cell import Cell

# Without a terminal, a line each so many seconds.
_PERIOD = 15.0


def time_left(seconds: float) -> str:
    """Return a duration for people.

    Examples
    --------
    >>> time_left(75), time_left(3700)
    ('1:15', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Silent:
    """Prints nothing."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def start(self, total: int, present: int, work: float) -> None:
        """Ignore it."""

    def trained(self, words: int) -> None:
        """Ignore it."""

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        """Ignore it."""


def lines() -> Display:
    """Return a listener that writes lines to standard error."""
    return Display(
        Console(file=sys.stderr, force_terminal=False, highlight=False, markup=False, emoji=False)
    )


class Display:
    """Shows cells done and the time left, by the words still to be trained.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = self.done = self.cells = 0
        self.work = self.work_done = 0.0
        self.started = self.last_line = time.monotonic()
        self.progress = Progress(
            TextColumn("cells"),
            MofNCompleteColumn(),
            BarColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[speed]}"),
            TextColumn("{task.fields[best]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task(
            "cells", total=None, visible=False, left="", speed="", best=""
        )
        self.words = 0
        self.best: dict[str, tuple[float, str]] = {}

    def __enter__(self) -> Display:
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()

    def note(self, text: str) -> None:
        """Print a line about something that takes time."""
        self.console.print(text, soft_wrap=True)

    def start(self, total: int, present: int, work: float) -> None:
        """Begin to count; a study whose grid has grown begins again."""
        self.total, self.cells, self.work = total, total - present, work
        self.done, self.work_done, self.words = 0, 0.0, 0
        self.started = self.last_line = time.monotonic()
        if self.cells:
            known = f" ({present} of {total} are there already)" if present else ""
            self.note(f"computing {self.cells} cells{known}")
            self.progress.reset(
                self.task, total=self.cells, visible=True, left="", speed="", best=""
            )

    def trained(self, words: int) -> None:
        """Count words."""
        self.words += words
        self.progress.update(self.task, speed=self._speed())

    def _speed(self) -> str:
        seconds = time.monotonic() - self.started
        # The first seconds go into starting processes.
        known = self.words and seconds > 5
        return f"{self.words / seconds / 1e6:.1f} M words/s" if known else ""

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        """Count a cell."""
        self.done += 1
        self.work_done += work
        now = time.monotonic()
        left = (now - self.started) * (self.work - self.work_done) / max(self.work_done, 1.0)
        text = f"about {time_left(left)} left" if self.done < self.cells else ""
        if accuracy is not None:
            self.best[cell.pair] = max(
                self.best.get(cell.pair, (0.0, "")), (accuracy, cell.variant)
            )
        best = self._best(cell.pair)
        self.progress.update(self.task, advance=1, left=text, speed=self._speed(), best=best)
        if failure is not None:
            again = f" (attempt {failure.attempts})" if failure.attempts > 1 else ""
            self.note(f"failed: {cell.title}: {failure.status}: {failure.reason()}{again}")
        ended = self.done == self.cells
        if not self.console.is_terminal and (ended or now - self.last_line >= _PERIOD):
            self.last_line = now
            elapsed = time_left(now - self.started)
            parts = [f"{self.done}/{self.cells} cells", f"{elapsed} so far", text, self._speed()]
            self.note(", ".join(part for part in [*parts, best] if part))

    def _best(self, pair: str) -> str:
        """Say which strategy is ahead on the pair that something was just heard of."""
        if pair not in self.best:
            return ""
        accuracy, strategy = self.best[pair]
        return f"best so far on {pair}: {strategy} {accuracy:.3f}"
