"""Processes that do tasks: when one dies, only the cell that it computed is lost.

A process is reused for the next task, and replaced when it has ended. The thread that sends a task
waits for it, so that it is known which task a process died of; joblib's pool of processes would not
say which task it was, and would abandon all the others.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from d2vbench.bench.compute.task import Task
from d2vbench.bench.execution.child import read_frame, write_frame
from d2vbench.bench.execution.events import SIGNAL, TIME_LIMIT, Began, CellDone, Event
from d2vbench.errors import UserError

# One thread for each cell, from the moment that a library is loaded.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from d2vbench.bench.execution.child import main; main()"
)
_LAST_LINES = 2000
# Bytes that a process may hold between tasks, however little its tasks take.
_LEAST_MEMORY = 640 << 20
# Windows knows no sessions.
_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class _ProcessEnded(Exception):
    """A process ended before its task."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class _Child:
    """One process."""

    def __init__(self) -> None:
        # For what a crash prints: not for the screen, and not lost.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **_ONE_THREAD},
            # Ctrl-C reaches every process of a terminal; only the first of them answers it.
            start_new_session=True,
            creationflags=_OWN_GROUP,
        )
        threading.Thread(target=self._end_what_is_left, daemon=True).start()

    def do(self, packed: bytes, limit: float | None) -> Iterator[Event]:
        """Do a task, each event of it within a limit in seconds; raises `_ProcessEnded`."""
        pipe = cast(BinaryIO, self._process.stdout)
        with contextlib.suppress(BrokenPipeError):  # Its end is reported below.
            write_frame(cast(BinaryIO, self._process.stdin), packed)
        while True:
            with _Watch(self, limit) as watch:
                frame = read_frame(pipe)
            if frame is None:
                raise self._ended(limit if watch.late else None)
            event = pickle.loads(frame)
            if event is None:
                return
            if watch.late:
                # It was ended between its last word and its next.
                raise self._ended(limit)
            if isinstance(event, str):
                raise UserError(f"a worker could not do its task: {event}")
            yield event

    def _ended(self, limit: float | None) -> _ProcessEnded:
        code = self._process.wait()
        if limit is not None:
            return _ProcessEnded(
                TIME_LIMIT, f"took longer than the time limit of {limit:g} seconds"
            )
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            text = f"its process was ended by {name}"
            if name == "SIGKILL":
                text += ", as the system does where memory runs out"
        else:
            text = f"its process ended with status {code}"
        said = self._stderr_tail()
        return _ProcessEnded(SIGNAL, f"{text}\n{said}" if said else text)

    def _stderr_tail(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _LAST_LINES))
        return self._errors.read().decode("utf-8", "replace").strip()

    def living(self) -> bool:
        """Return whether the process is there."""
        return self._process.poll() is None

    def _end_what_is_left(self) -> None:
        """End what a process started that is gone: it may hold the pipe open that is read from."""
        self._process.wait()
        self.kill()

    def memory(self) -> int:
        """Return the bytes that it holds of its own; 0 where the system does not say."""
        try:
            lines = (
                Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").split("\n")
            )
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))
        except (OSError, ValueError, IndexError, StopIteration):
            return 0

    def kill(self) -> None:
        """End the process, and what it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process and give back what it held."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._errors.close()


class _Watch:
    """Ends a process that does not tell anything within a limit in seconds."""

    def __init__(self, child: _Child, limit: float | None) -> None:
        self.late = False
        self._child = child
        self._timer = threading.Timer(limit, self._end) if limit else None

    def _end(self) -> None:
        self.late = True
        self._child.kill()

    def __enter__(self) -> _Watch:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._timer:
            self._timer.cancel()


class Children:
    """A pool of processes; threads may use it at once, each with one process.

    Examples
    --------
    >>> with Children() as children:
    ...     children.count
    0
    """

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def count(self) -> int:
        """Number of processes that there are."""
        return len(self._all)

    def close(self) -> None:
        """End all processes; tasks that are going on are given up."""
        with self._lock:
            self._closed = True
            children = list(self._all)
            self._all.clear()
            self._idle.clear()
        for child in children:
            child.close()

    def supervise(self, task: Task, limit: float | None = None) -> Iterator[Event]:
        """Have a task done, and yield an end for every one of its cells.

        Parameters
        ----------
        task : Task
            What to do.
        limit : float, optional
            Seconds until a cell is ended that has not finished; training that cells have in
            common has as long, each phase of it.

        Yields
        ------
        Event
            Where a process ends during a cell of its own, that cell has failed and
            the others go on in a new process. Where it ends while it trains for several cells,
            each of them is tried alone, but not after a time limit, which would run out for each.
        """
        waiting = [task]
        while waiting:
            now = waiting.pop(0)
            done: set[int] = set()
            began: int | None = None
            child = self._take()
            try:
                for event in child.do(pickle.dumps(now), limit):
                    if isinstance(event, Began):
                        began = event.index
                    elif isinstance(event, CellDone):
                        done.add(event.index)
                        began = None
                    yield event
            except _ProcessEnded as end:
                self._discard(child)
                left = [i for i in now.cells if i not in done]
                if began is not None or end.status == TIME_LIMIT or len(left) == 1:
                    lost = [began] if began is not None else left
                    yield from [CellDone(i, None, end.text, end.status) for i in lost]
                    rest = now.without({*done, *lost})
                    waiting += [rest] if rest.cells else []
                else:
                    waiting += [now.alone(i) for i in left]
            except BaseException:
                self._discard(child)
                raise
            else:
                self._give_back(child, now.memory)

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise UserError("the run has ended")
            while self._idle:
                child = self._idle.pop()
                if child.living():
                    return child
                # Ended while it had nothing to do: no task's fault.
                self._all.discard(child)
                child.close()
            child = _Child()
            self._all.add(child)
            return child

    def _give_back(self, child: _Child, expected: int) -> None:
        """Keep a process for the next task, unless it holds more than the last one was to take.

        Whatever a family leaves behind in each cell would fill the memory in the end.
        """
        if child.memory() > max(expected, _LEAST_MEMORY):
            self._discard(child)
            return
        with self._lock:
            if not self._closed:
                self._idle.append(child)

    def _discard(self, child: _Child) -> None:
        with self._lock:
            if child not in self._all:
                return  # Closed with the others.
            self._all.discard(child)
        child.close()
