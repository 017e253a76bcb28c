"""Progress of a run from a script or a notebook: silent, or lines on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from d2vbench.bench.execution.failures import Failure
    from d2vbench.bench.spec.cell import Cell

# A line each so many seconds.
_PERIOD = 10.0


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


class Lines(Silent):
    """Writes lines to standard error."""

    def __init__(self) -> None:
        self._total = self._done = 0
        self._started = self._last = time.monotonic()

    def note(self, text: str) -> None:
        """Write a line."""
        print(text, file=sys.stderr, flush=True)

    def start(self, total: int, present: int, work: float) -> None:
        """Print how many cells are to be computed."""
        self._total = total - present
        self._started = self._last = time.monotonic()
        if self._total:
            known = f" ({present} of {total} are there already)" if present else ""
            self.note(f"computing {self._total} cells{known}")

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        """Print the progress every ten seconds, and failures at once."""
        self._done += 1
        now = time.monotonic()
        if failure is not None:
            self.note(f"failed: {cell.title}: {failure.status}: {failure.reason()}")
        if self._done == self._total or now - self._last >= _PERIOD:
            self._last = now
            self.note(f"{self._done}/{self._total} cells, {now - self._started:.0f} s")
