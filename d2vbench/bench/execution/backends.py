"""Backends: tasks are done in this process, or in processes of this machine.

A backend takes tasks and yields their events as they arrive. It knows nothing of records: only the
coordinator writes them. Clusters are in `d2vbench.bench.execution.clusters`.
"""

from __future__ import annotations

import abc
import contextlib
import heapq
import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from d2vbench.bench.compute.task import Task
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import Event, TaskDone, Waiting

# Seconds without an event until a consumer is given the chance to do something else.
_PERIOD = 1.0

# From the end of a task, which the consumer of the events has dealt with, to what can be done then.
Follow = Callable[[TaskDone], Sequence[Task]]


def nothing_follows(done: TaskDone) -> Sequence[Task]:
    """Return no task."""
    return ()


class Backend(Protocol):
    """Does tasks and yields their events."""

    def run(self, tasks: Sequence[Task], follow: Follow = nothing_follows) -> Iterator[Event]:
        """Do tasks and what follows them, and give back their events; `TaskDone` ends each.

        Of the tasks that can be done, that with the longest `Task.chain` is begun first. While
        tasks are done elsewhere and tell nothing, `Waiting` comes once a second.
        """
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

    def run(self, tasks: Sequence[Task], follow: Follow = nothing_follows) -> Iterator[Event]:
        """Do tasks; a crash of one ends the whole run."""
        ready = _Ready(tasks)
        while ready:
            task = ready.take()
            yield from task.events()
            done = task_done(task)
            yield done
            ready.put(follow(done))

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class _Ready:
    """Tasks that can be done, the longest chain first, equal ones in the order they came."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._heap: list[tuple[float, int, Task]] = []
        self._places = itertools.count()
        self.put(tasks)

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            heapq.heappush(self._heap, (-task.chain, next(self._places), task))

    def take(self) -> Task:
        return heapq.heappop(self._heap)[2]


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

    def run(self, tasks: Sequence[Task], follow: Follow = nothing_follows) -> Iterator[Event]:
        """Do tasks and what follows them, and give back their events as they come."""
        told: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        given: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        stopped = threading.Event()

        def work() -> None:
            while (task := given.get()) is not None:
                try:
                    for event in self.supervise(task):
                        told.put(event)
                        if stopped.is_set():
                            return
                    told.put(task_done(task))
                except BaseException as error:
                    told.put(error)
                    return

        ready, idle, started, busy = _Ready(tasks), 0, 0, 0
        try:
            while True:
                while ready and (idle or started < self.jobs):
                    if idle:
                        idle -= 1
                    else:
                        threading.Thread(target=work, daemon=True).start()
                        started += 1
                    given.put(ready.take())
                    busy += 1
                if not busy:
                    return
                try:
                    event = told.get(timeout=_PERIOD)
                except queue.Empty:
                    event = Waiting()
                if isinstance(event, BaseException):
                    raise event
                yield event
                if isinstance(event, TaskDone):
                    busy, idle = busy - 1, idle + 1
                    ready.put(follow(event))
        finally:
            stopped.set()
            for _ in range(started):
                given.put(None)


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
