"""Cells that failed: why, and how often. They have no record, and are tried again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2vbench.files import write_json

SCHEMA = 1


@dataclass(frozen=True)
class Failure:
    """How a cell failed the last time.

    Attributes
    ----------
    key : str
        Of the cell.
    cell : dict
        Its settings.
    status : str
        ``"exception"``, ``"signal"`` or ``"time limit"``.
    error : str
        A traceback, or a sentence.
    attempts : int
        How often it was tried.
    """

    key: str
    cell: dict[str, Any]
    status: str
    error: str
    attempts: int

    def reason(self) -> str:
        """Return the error in one line: the last of a traceback, the first of a sentence."""
        lines = [line for line in self.error.strip().splitlines() if line.strip()] or ["?"]
        return lines[-1] if lines[0].startswith("Traceback") else lines[0]


class FailureStore:
    """The failures of a run, one JSON file per cell, in the folder ``failed`` of the run.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder.
    """

    def __init__(self, run: Path) -> None:
        self.folder = run / "failed"

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def read(self, keys: Iterable[str]) -> dict[str, Failure]:
        """Read the failures of some cells, by key; a file that is damaged counts as none."""
        found = {}
        for key in keys if self.folder.is_dir() else ():
            try:
                values = json.loads(self._path(key).read_text(encoding="utf-8"))
                failure = Failure(
                    key,
                    dict(values["cell"]),
                    str(values["status"]),
                    str(values["error"]),
                    int(values["attempts"]),
                )
            except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue
            found[key] = failure
        return found

    def add(self, key: str, cell: dict[str, Any], status: str, error: str) -> Failure:
        """Keep one more failure of a cell."""
        cell = json.loads(json.dumps(cell))  # As it will be read.
        before = self.read([key])
        attempts = 1 + (before[key].attempts if before else 0)
        failure = Failure(key, cell, status, error, attempts)
        self._write(failure)
        return failure

    def take(self, failure: Failure) -> None:
        """Take over a failure of another run, unless more attempts are known here."""
        before = self.read([failure.key]).get(failure.key)
        if before is None or before.attempts < failure.attempts:
            self._write(failure)

    def _write(self, failure: Failure) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self._path(failure.key), {"schema": SCHEMA, **dataclasses.asdict(failure)})

    def forget(self, key: str) -> None:
        """Forget the failures of a cell that has succeeded."""
        if self.folder.is_dir():
            self._path(key).unlink(missing_ok=True)
