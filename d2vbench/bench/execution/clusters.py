"""Tasks on a cluster of other machines: Dask or Ray, both optional.

A thread of the coordinator supervises each task. joblib's own backends are not used: its Dask
backend waits for ever for a task that Dask has abandoned, and its Ray backend returns nothing until
all tasks are done, and abandons all when one worker dies.

On a worker, a task is done in a process of its own, as on one machine; see
`d2vbench.bench.execution.children`. Corpora are opened from a folder that the machines share, or
from the worker's own store by their content, or built there; see `d2vbench.corpora.Provision`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import secrets
import time
from collections.abc import Iterator
from typing import Any

from d2vbench.bench.compute.task import Task
from d2vbench.bench.execution.backends import MemoryBudget, SupervisedBackend
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import SIGNAL, CellDone, Event
from d2vbench.bench.plan.memory import available_memory
from d2vbench.errors import UserError, option

# Seconds until a scheduler must have answered, and until there must be a worker.
PATIENCE = 10.0

# Seconds that a cluster may be without a worker in the middle of a run: one may be replaced.
WITHOUT_WORKERS = 60.0
# Seconds between two looks at a cluster that tells nothing.
_LOOK = 2.0

# In a worker: its processes and its memory, by the run that they are for.
_POOLS: dict[str, Children] = {}
_BUDGETS: dict[str, MemoryBudget] = {}


def supervise_here(run: str, task: Task, limit: float | None) -> list[Event]:
    """Have a task done by a process of this worker, once there is memory for it.

    Parameters
    ----------
    run : str
        For which run; its processes are used again.
    task : Task
        What to do.
    limit : float or None
        Seconds for a cell.

    Returns
    -------
    list of Event
        All of them at the end.
    """
    if run not in _BUDGETS:
        _BUDGETS.setdefault(run, MemoryBudget(memory_here()))
    with _BUDGETS[run].take(task.memory):
        return list(_POOLS.setdefault(run, Children()).supervise(task, limit))


def memory_here() -> int:
    """Return the bytes that tasks of this worker may take: its limit, or what is free if less."""
    free = available_memory()
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        from distributed import get_worker

        limit = get_worker().memory_manager.memory_limit
        return min(free, int(limit)) if limit else free
    return free


def close_here(run: str) -> None:
    """End the processes that work for a run."""
    _BUDGETS.pop(run, None)
    pool = _POOLS.pop(run, None)
    if pool is not None:
        pool.close()


def _lost(task: Task, error: BaseException) -> list[Event]:
    """Return the events of a task whose workers all died."""
    text = f"its workers died ({type(error).__name__}: {error})"
    return [CellDone(i, None, text, SIGNAL) for i in task.cells]


class Dask(SupervisedBackend):
    """Does tasks on the workers of a Dask scheduler.

    A task whose worker dies is given to another by Dask; after its third worker the task has
    failed. A worker that has several threads does as much at once as fits into its memory
    (``--memory-limit``).

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://HOST:PORT``.
    jobs : int, optional
        Tasks at once; default: as many as the workers have threads.
    limit : float, optional
        Seconds for a cell.

    Raises
    ------
    UserError
        If Dask is not installed, nobody answers, or there is no worker.
    """

    def __init__(self, address: str, jobs: int | None = None, limit: float | None = None) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise _not_installed("dask") from None
        failure = ""
        try:
            self._client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            failure = str(error) or type(error).__name__
        if failure:
            # The client that was not made closes itself when it is collected. Let that be now:
            # within a later client's start it would wait for a lock that the start holds.
            gc.collect()
            raise UserError(
                f"no Dask scheduler answers at {address} ({failure}). Start one with "
                "`dask scheduler`, and workers with `dask worker ADDRESS`"
            )
        self._run = secrets.token_hex(8)
        self.limit = limit
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self._client.close()
            raise UserError(
                f"the Dask scheduler at {address} has no worker. Start one with `dask worker "
                f"{address}`"
            ) from None
        threads = sum(self._client.nthreads().values())
        self.jobs = min(jobs or threads, threads)

    def supervise(self, task: Task) -> Iterator[Event]:
        """Have one task done by a worker."""
        from distributed import CancelledError, KilledWorker

        future = self._client.submit(
            supervise_here,
            self._run,
            task,
            self.limit,
            pure=False,
            key=f"d2vbench-{secrets.token_hex(8)}",
        )
        alone_since: float | None = None
        while True:
            try:
                events = future.result(timeout=_LOOK)
            except (TimeoutError, asyncio.TimeoutError):  # Two until Python 3.11.
                alone_since = self._alone_since(alone_since)
            except KilledWorker as error:
                yield from _lost(task, error)
                return
            except CancelledError:
                raise _scheduler_gone() from None
            else:
                yield from events
                return

    def _alone_since(self, before: float | None) -> float | None:
        """Return since when there is no worker; None while there is one."""
        try:
            workers = self._client.nthreads()
        except (OSError, ValueError):
            raise _scheduler_gone() from None
        if workers:
            return None
        now = time.monotonic()
        since = now if before is None else before
        if now - since >= WITHOUT_WORKERS:
            raise UserError(
                "the last worker of the Dask cluster has gone, and none came within "
                f"{WITHOUT_WORKERS:g} seconds. Finished cells are kept; start workers, and the "
                "same command continues from there"
            )
        return since

    def close(self) -> None:
        """End the processes of this run on the workers, and disconnect from the scheduler."""
        with contextlib.suppress(Exception):
            self._client.run(close_here, self._run, on_error="ignore")
        self._client.close(timeout=PATIENCE)


class Ray(SupervisedBackend):
    """Does tasks on a Ray cluster.

    A task whose worker dies is given to another by Ray, three times. Ray counts the memory that
    tasks are expected to take, machine by machine.

    Parameters
    ----------
    address : str, optional
        Of the cluster, as ``HOST:PORT``; default: one is started on this machine.
    jobs : int, optional
        Tasks at once; default: as many as the cluster has processors.
    limit : float, optional
        Seconds for a cell.

    Raises
    ------
    UserError
        If Ray is not installed or nobody answers.
    """

    def __init__(
        self, address: str | None = None, jobs: int | None = None, limit: float | None = None
    ) -> None:
        try:
            import ray
        except ImportError:
            raise _not_installed("ray") from None
        # A person's own session, which has the cluster already, is left as it is.
        self._theirs = ray.is_initialized()
        quiet = {"include_dashboard": False} if address is None else {}
        try:
            if not self._theirs:
                ray.init(address=address, log_to_driver=False, configure_logging=False, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UserError(
                f"no Ray cluster answers at {address} ({error}). Start one with `ray start --head`"
            ) from None
        self._ray = ray
        self._run = secrets.token_hex(8)
        self.limit = limit
        processors = int(ray.cluster_resources().get("CPU", 1))
        self.jobs = min(jobs or processors, processors)
        self._remote = ray.remote(num_cpus=1, max_retries=3)(supervise_here)
        # More than the largest machine has would never be begun.
        nodes = (node for node in ray.nodes() if node.get("Alive"))
        self._largest = int(max((n["Resources"].get("memory", 0) for n in nodes), default=0))

    def supervise(self, task: Task) -> Iterator[Event]:
        """Have one task done by a worker."""
        from ray.exceptions import RayError, RayTaskError

        size = min(task.memory, self._largest)
        remote = self._remote.options(memory=size) if size else self._remote
        try:
            yield from self._ray.get(remote.remote(self._run, task, self.limit))
        except RayTaskError as error:
            raise UserError(str(error.cause)) from None
        except RayError as error:
            # A worker, its memory or its machine has gone, three times over.
            yield from _lost(task, error)

    def close(self) -> None:
        """Disconnect from the cluster; its workers end what they started."""
        if not self._theirs:
            self._ray.shutdown()


def _scheduler_gone() -> UserError:
    return UserError(
        "the Dask scheduler has gone. Finished cells are kept; the same command continues from "
        "there"
    )


def _not_installed(name: str) -> UserError:
    return UserError(f"{option('backend', name)} needs {name}: pip install 'd2vbench[{name}]'")
