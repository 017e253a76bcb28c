"""Tasks for worker processes that die in every way there is; importable in the workers too."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from d2vbench.bench.execution.events import Began, CellDone, Event, Words, failed
from d2vbench.errors import UserError


@dataclass(frozen=True)
class DyingTask:
    """Stands in for a `Task`: one cell for each name, which says what becomes of it."""

    cells: dict[int, str]
    training: str = ""
    together: bool = True
    memory: int = 0
    chain: float = 0.0
    stretch: None = None
    log: Path | None = None
    tried: list[int] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{os.getpid()} {sorted(self.cells)} {self.together}\n")
        yield Words(10)
        if self.together:
            do(self.training)
        for index, what in self.cells.items():
            yield Began(index)
            begun = time.monotonic()
            try:
                do(what)
            except RuntimeError:
                yield failed(index)
            else:
                span = (begun, time.monotonic())
                yield CellDone(index, ({"pid": os.getpid(), "span": span, "metrics": {}}, {}))

    def without(self, done: Collection[int]) -> DyingTask:
        left = {i: what for i, what in self.cells.items() if i not in done}
        return dataclasses.replace(self, cells=left)

    def alone(self, index: int) -> DyingTask:
        return dataclasses.replace(self, cells={index: self.cells[index]}, together=False)


_leaked: list[bytearray] = []


def do(what: str) -> None:
    """Do what a cell's name says."""
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "segfault":
        ctypes.string_at(0)
    elif what == "abort":
        print("last words", file=sys.stderr, flush=True)
        os.abort()
    elif what == "exit":
        os._exit(3)
    elif what == "raise":
        raise RuntimeError("no luck")
    elif what == "nap":
        time.sleep(1.0)
    elif what == "hang":
        time.sleep(600)
    elif what == "hang with a child":
        subprocess.run(["sleep", "600.25"], check=True)
    elif what.startswith("fork"):
        # A copy of the process that lives on, with all that was open; perhaps beyond its group.
        if os.fork() == 0:
            if what.endswith("away"):
                os.setsid()
            time.sleep(600.5)
        if "die" in what:
            time.sleep(0.5)
            os._exit(3)
    elif what.startswith("leak"):
        _leaked.append(bytearray(b"x" * (int(what.split()[1]) << 20)))
    elif what == "chatter":
        print("something on standard output", flush=True)
        os.write(1, b"and behind Python's back\n")
    elif what == "refuse":
        raise UserError("the corpora are not here")
    elif what == "bug":
        raise TypeError("not of a cell")
