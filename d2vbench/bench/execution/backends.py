"""Backends: tasks are done in this process, or in processes of this machine.

A backend takes tasks and yields their events as they arrive. It knows nothing of records: only the
coordinator writes them. Clusters are in `d2vbench.bench.execution.clusters`.
"""

from __future__ import annotations

import abc
import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from d2vbench.bench.compute.task import Task
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import Event, TaskDone


class Backend(Protocol):
    """Does tasks and yields their events."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """Do tasks, the first ones first, and give back their events; `TaskDone` ends each."""
        ...  # pragma: no cover

    def close(self) -> None:
        """Abandon tasks in progress and free resources."""
        ...  # pragma: no cover


def task_done(task: Task) -> TaskDone:
    """Return the last event of a task."""
    stretch = task.stretch
    return TaskDone(stretch.key, stretch.parent) if stretch else TaskDone(None, None)


class Inline:
    """Does tasks one after the other in this process: for tests, and to look for errors."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """Do tasks; a crash of one ends the whole run."""
        for task in tasks:
            yield from task.events()
            yield task_done(task)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class SupervisedBackend(abc.ABC):
    """Does tasks in other processes, each supervised by a thread of this one.

    Subclasses set `jobs`, the number of tasks at once, and define `supervise`. joblib's pool of
    processes is not used: when one process dies, it abandons all tasks and does not say which task
    failed. Nor is a pool of threads, joblib's or another: Python ends those before the process
    ends, and after Ctrl-C it may wait for them for ever.
    """

    #: Tasks at once.
    jobs: int

    @abc.abstractmethod
    def supervise(self, task: Task) -> Iterator[Event]:
        """Have one task done elsewhere, and wait for it in this thread."""

    @abc.abstractmethod
    def close(self) -> None:
        """Abandon tasks in progress and free resources."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """Do tasks, the first ones first, and give back their events as they come."""
        told: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        left: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            left.put(task)
        stopped = threading.Event()

        def work() -> None:
            try:
                while not stopped.is_set():
                    try:
                        task = left.get_nowait()
                    except queue.Empty:
                        break
                    for event in self.supervise(task):
                        told.put(event)
                    told.put(task_done(task))
                told.put(None)
            except BaseException as error:
                told.put(error)

        working = min(self.jobs, len(tasks))
        for _ in range(working):
            threading.Thread(target=work, daemon=True).start()
        try:
            while working:
                event = told.get()
                if isinstance(event, BaseException):
                    raise event
                if event is None:
                    working -= 1
                else:
                    yield event
        finally:
            stopped.set()


class MemoryBudget:
    """Memory that running tasks reserve, so that they fit together.

    Parameters
    ----------
    total : int
        Bytes. A task that needs more than this is done alone.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._taken = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def take(self, size: int) -> Iterator[None]:
        """Wait until so many bytes are free, and reserve them."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + size <= self.total)
            self._taken += size
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()


class Local(SupervisedBackend):
    """Does tasks in processes of this machine, each with one thread.

    Parameters
    ----------
    jobs : int
        Tasks at once; fewer where memory does not suffice for so many.
    memory : int
        Bytes that all of them together may take.
    limit : float, optional
        Seconds for a cell.
    """

    def __init__(self, jobs: int, memory: int, limit: float | None = None) -> None:
        self.jobs = jobs
        self.limit = limit
        self._budget = MemoryBudget(memory)
        self._children = Children()

    def supervise(self, task: Task) -> Iterator[Event]:
        """Have one task done by a process, once there is memory for it."""
        with self._budget.take(task.memory):
            yield from self._children.supervise(task, self.limit)

    def close(self) -> None:
        """End all processes."""
        self._children.close()
