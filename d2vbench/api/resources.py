"""Where the work of a run is done, and with how much: processes, memory, disk, time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d2vbench.errors import UsageError, check_name, option

if TYPE_CHECKING:
    from d2vbench.bench.execution.backends import Backend

BACKENDS = ("local", "dask", "ray")
#: GiB of disk for checkpoints.
CHECKPOINT_LIMIT = 4.0
_GIB = 1 << 30


@dataclass(frozen=True)
class Resources:
    """Where a run computes its cells.

    Attributes
    ----------
    jobs : int or None
        Cells at once; None: one a processor core, fewer where memory is short.
    memory : float or None
        GiB for all cells together; None: what is free.
    checkpoint_limit : float
        GiB of disk for checkpoints.
    time_limit : float or None
        Seconds after which a cell is ended, and has failed.
    backend : str
        One of `BACKENDS`.
    address : str or None
        Of the scheduler of Dask or the cluster of Ray.
    """

    jobs: int | None = None
    memory: float | None = None
    checkpoint_limit: float = CHECKPOINT_LIMIT
    time_limit: float | None = None
    backend: str = "local"
    address: str | None = None

    def check(self) -> None:
        """Refuse what makes no sense, before any work.

        Raises
        ------
        UsageError
            One sentence that says which.
        """
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"{option('jobs')} must be 1 or more, got {self.jobs}")
        for name, value in (("memory", self.memory), ("time_limit", self.time_limit)):
            if value is not None and not 0 < value * _GIB < math.inf:
                raise UsageError(f"{option(name)} must be above 0, got {value:g}")
        if not 0 <= self.checkpoint_limit * _GIB < math.inf:
            raise UsageError(
                f"{option('checkpoint_limit')} must be 0 or more, got {self.checkpoint_limit:g}"
            )
        check_name("backend", self.backend, BACKENDS)
        if self.backend == "dask" and not self.address:
            raise UsageError(
                f"{option('backend', 'dask')} needs the scheduler's address, as in "
                f"{option('address', 'tcp://HOST:PORT')}"
            )
        if self.backend == "local" and self.address:
            raise UsageError(f"{option('address')} is for {option('backend', 'dask')} or ray")
        if self.backend != "local" and self.memory is not None:
            raise UsageError(
                f"{option('memory')} is for {option('backend', 'local')}: a cluster has limits of "
                "its own"
            )

    def checkpoint_bytes(self) -> int:
        """Return the bytes that checkpoints may take."""
        return int(self.checkpoint_limit * _GIB)

    def memory_bytes(self) -> int:
        """Return the bytes that cells of this machine may take together."""
        from d2vbench.bench.plan.memory import available_memory

        return available_memory() if self.memory is None else int(self.memory * _GIB)

    def local_jobs(self) -> int:
        """Return how many cells to compute at once on this machine, if memory allows."""
        from joblib import cpu_count

        return int(self.jobs or cpu_count())

    def make_backend(self) -> Backend:
        """Return the backend; a cluster is connected to."""
        if self.backend == "local":
            from d2vbench.bench.execution.backends import Local

            return Local(self.local_jobs(), self.memory_bytes(), self.time_limit)
        from d2vbench.bench.execution import clusters

        if self.backend == "dask":
            return clusters.Dask(self.address or "", self.jobs, self.time_limit)
        return clusters.Ray(self.address, self.jobs, self.time_limit)
