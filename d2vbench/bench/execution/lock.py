"""The lock that allows one run at a time in a folder, and the progress that others can read."""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import Timeout

from d2vbench.bench.store.checkpoints import TOKEN
from d2vbench.bench.store.manifest import MANIFEST
from d2vbench.errors import UserError, option
from d2vbench.files import remove_left_over, write_json, write_text
from d2vbench.locks import lock_file, network_file_system

LOCK = ".lock"
PROGRESS = "progress.json"

# Seconds between two writes of the progress.
_PERIOD = 1.0
# Seconds in which a run that is at work has written its progress anew.
_WATCH = 4.0
# Errors of a lock file that this process may not write to.
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


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
    warning : str
        What is to be said about the folder's file system; empty: nothing.
    """

    def __init__(self, run: Path, warning: str = "") -> None:
        self._path = run / PROGRESS
        self.warning = warning
        self.token = secrets.token_hex(16)
        self.progress = Progress(os.getpid(), _now(), _now())
        self._last = 0.0

    def write_progress(self, now: bool = False) -> None:
        """Write the progress, but not more often than once a second unless asked to.

        Raises
        ------
        UserError
            If another run has begun in the folder, which its lock should have kept out.
        """
        if now or time.monotonic() - self._last >= _PERIOD:
            if not self.is_mine():
                raise UserError(
                    f"another run has begun in {self._path.parent}: its file system did not keep "
                    "the lock. This run ends; finished cells are kept, and the other one goes on"
                )
            self._last = time.monotonic()
            self.progress.updated = _now()
            write_json(self._path, asdict(self.progress))

    def is_mine(self) -> bool:
        """Return whether the folder still has this run's token, or none."""
        try:
            return (self._path.parent / TOKEN).read_text(encoding="utf-8") == self.token
        except (OSError, ValueError):
            return True


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
    nothing_kept = not (run / MANIFEST).exists()
    try:
        # `status` holds it for a moment.
        file = lock_file(run / LOCK, timeout=1.0)
    except Timeout:
        raise _in_use(run) from None
    network = network_file_system(run)
    if (file is None or network) and _is_at_work(run):
        if file is not None:
            file.release()
        raise _in_use(run)
    lock = RunLock(run, _warning(run, file is None, network))
    try:
        # Only the holder of the lock writes these.
        remove_left_over(run, (MANIFEST, PROGRESS, TOKEN))
        for folder in ("records", "failed", "checkpoints"):
            remove_left_over(run / folder)
        write_text(run / TOKEN, lock.token)
        lock.write_progress(now=True)
        try:
            yield lock
        except BaseException:
            # The last progress; on a full disk the one before stays.
            with contextlib.suppress(OSError, UserError):
                lock.write_progress(now=True)
            raise
        _remove_traces(run, lock)
    finally:
        nothing_kept = nothing_kept and not (run / MANIFEST).exists()
        if nothing_kept:
            # A run that wrote no manifest leaves no file. The lock's goes while it is held, where
            # the system can do that: afterwards it may be another's.
            _remove_traces(run, lock)
            with contextlib.suppress(PermissionError):
                (run / LOCK).unlink(missing_ok=True)
        if file is not None:
            file.release()
        if nothing_kept and sys.platform == "win32":
            with contextlib.suppress(PermissionError):
                (run / LOCK).unlink(missing_ok=True)


def _in_use(run: Path) -> UserError:
    other = read_progress(run)
    who = f" (process {other.process}, started {other.begun})" if other else ""
    return UserError(
        f"another run is using {run}{who}. Wait until it has ended, look at it with "
        f"`d2vbench status {run}`, or give another folder as {option('out')}"
    )


def _is_at_work(run: Path) -> bool:
    """Return whether a run that no lock tells of writes its progress; takes some seconds if so."""
    before = read_progress(run)
    if before is None or not (run / TOKEN).exists():
        return False
    end = time.monotonic() + _WATCH
    while time.monotonic() < end:
        time.sleep(_PERIOD / 4)
        now = read_progress(run)
        if now is not None and now != before:
            return True
    return False


def _warning(run: Path, no_locks: bool, network: str) -> str:
    if no_locks:
        return (
            f"WARNING: the file system of {run} has no locks: a second run there is noticed within "
            "seconds, not kept out. Begin no two at once"
        )
    if network:
        return (
            f"{run} lies on a network file system ({network}): a second run there is kept out "
            "as far as its locks reach, and noticed within seconds"
        )
    return ""


def _remove_traces(run: Path, lock: RunLock) -> None:
    if lock.is_mine():
        (run / TOKEN).unlink(missing_ok=True)
        (run / PROGRESS).unlink(missing_ok=True)


def is_locked(run: Path) -> bool:
    """Return whether a run is using a folder; this process need not be allowed to write there."""
    if not (run / LOCK).exists():
        return False
    try:
        file = lock_file(run / LOCK, timeout=0)
    except Timeout:
        return True
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
        file = None
    if file is None:
        return _is_at_work(run)
    file.release()
    return False


def read_progress(run: Path) -> Progress | None:
    """Read the last progress of a run; None if it ended by itself or wrote none."""
    try:
        return Progress(**json.loads((run / PROGRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
