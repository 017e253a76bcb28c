"""The lock that allows one run at a time in a folder, and the progress that others can read."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from d2vbench.bench.store.checkpoints import TOKEN
from d2vbench.bench.store.manifest import MANIFEST
from d2vbench.errors import UserError, option
from d2vbench.files import remove_left_over, write_json, write_text

LOCK = ".lock"
PROGRESS = "progress.json"

# Seconds between two writes of the progress.
_PERIOD = 1.0


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@dataclass
class Progress:
    """Progress of a run.

    Attributes
    ----------
    process : int
        Process id of the coordinator, on its own machine.
    begun, updated : str
        Times, UTC, ISO 8601.
    total, present, computed, failed : int
        Cells of the grid, those that had records, those that got one, those that failed.
    words : int
        Trained in this run.
    work, work_done : float
        Estimated seconds of a usual processor: of all that was missing, and of what is done.
    """

    process: int
    begun: str
    updated: str
    total: int = 0
    present: int = 0
    computed: int = 0
    failed: int = 0
    words: int = 0
    work: float = 0.0
    work_done: float = 0.0


class RunLock:
    """The lock on the folder of a run in progress.

    Attributes
    ----------
    token : str
        Identifies the folder to other processes.
    progress : Progress
        Change it, then call `write_progress`.
    """

    def __init__(self, run: Path) -> None:
        self._path = run / PROGRESS
        self.token = secrets.token_hex(16)
        self.progress = Progress(os.getpid(), _now(), _now())
        self._last = 0.0

    def write_progress(self, now: bool = False) -> None:
        """Write the progress, but not more often than once a second unless asked to."""
        if now or time.monotonic() - self._last >= _PERIOD:
            self._last = time.monotonic()
            self.progress.updated = _now()
            write_json(self._path, asdict(self.progress))


@contextlib.contextmanager
def lock_run(run: Path) -> Iterator[RunLock]:
    """Lock a run's folder, so that no second run works in it.

    Parameters
    ----------
    run : pathlib.Path
        The folder; it must exist.

    Yields
    ------
    RunLock
        The system releases the lock when the process ends, also after a crash.

    Raises
    ------
    UserError
        If another run holds the lock; the sentence names its process.
    """
    file = FileLock(run / LOCK)
    nothing_kept = not (run / MANIFEST).exists()
    try:
        # `status` holds it for a moment.
        file.acquire(timeout=1.0)
    except Timeout:
        other = read_progress(run)
        who = f" (process {other.process}, started {other.begun})" if other else ""
        raise UserError(
            f"another run is using {run}{who}. Wait until it has ended, look at it with "
            f"`d2vbench status {run}`, or give another folder as {option('out')}"
        ) from None
    try:
        # Only the holder of the lock writes these.
        remove_left_over(run, (MANIFEST, PROGRESS, TOKEN))
        for folder in ("records", "failed", "checkpoints"):
            remove_left_over(run / folder)
        lock = RunLock(run)
        write_text(run / TOKEN, lock.token)
        lock.write_progress(now=True)
        try:
            yield lock
        except BaseException:
            # The last progress; on a full disk the one before stays.
            with contextlib.suppress(OSError):
                lock.write_progress(now=True)
            raise
        _remove_traces(run)
    finally:
        nothing_kept = nothing_kept and not (run / MANIFEST).exists()
        if nothing_kept:
            _remove_traces(run)
        file.release()
        if nothing_kept:
            # A run that wrote no manifest leaves no file.
            (run / LOCK).unlink(missing_ok=True)


def _remove_traces(run: Path) -> None:
    (run / TOKEN).unlink(missing_ok=True)
    (run / PROGRESS).unlink(missing_ok=True)


def is_locked(run: Path) -> bool:
    """Return whether a run is using a folder."""
    if not (run / LOCK).exists():
        return False
    lock = FileLock(run / LOCK)
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


def read_progress(run: Path) -> Progress | None:
    """Read the last progress of a run; None if it ended by itself or wrote none."""
    try:
        return Progress(**json.loads((run / PROGRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
