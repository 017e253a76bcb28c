"""The options that say where the work of a run is done, and with how much."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from d2vbench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from d2vbench.bench.execution.backends import Backend

BACKENDS = ("local", "dask", "ray")
_GIB = 1 << 30


def add_backend_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them to a verb."""
    where = parser.add_argument_group("where to compute, and with how much")
    where.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="compute N cells at once; default: one per processor core, fewer if memory is short",
    )
    where.add_argument(
        "--memory",
        type=float,
        metavar="GIB",
        help="limit the memory of all cells together, in GiB; default: what is free",
    )
    where.add_argument(
        "--checkpoint-limit",
        type=float,
        default=4.0,
        metavar="GIB",
        help="limit the disk space of checkpoints, in GiB (4)",
    )
    where.add_argument(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help="end a cell that takes longer; it counts as failed, the run continues",
    )
    where.add_argument(
        "--backend",
        default="local",
        metavar="NAME",
        help="compute on local (this machine), dask or ray (needs d2vbench[dask] or [ray])",
    )
    where.add_argument(
        "--address",
        metavar="ADDRESS",
        help="address of the Dask scheduler (tcp://HOST:PORT) or the Ray cluster",
    )


def check_backend(options: argparse.Namespace) -> None:
    """Refuse options that make no sense, before any work; a `UsageError` says which."""
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs must be 1 or more, got {options.jobs}")
    for name in ("memory", "time_limit"):
        value = getattr(options, name)
        if value is not None and not 0 < value * _GIB < math.inf:
            raise UsageError(f"--{name.replace('_', '-')} must be above 0, got {value:g}")
    if not 0 <= options.checkpoint_limit * _GIB < math.inf:
        raise UsageError(f"--checkpoint-limit must be 0 or more, got {options.checkpoint_limit:g}")
    if options.backend not in BACKENDS:
        raise unknown_name("backend", options.backend, BACKENDS)
    if options.backend == "dask" and not options.address:
        raise UsageError("--backend dask needs --address tcp://HOST:PORT, that of the scheduler")
    if options.backend == "local" and options.address:
        raise UsageError("--address is for --backend dask or ray")
    if options.backend != "local" and options.memory is not None:
        raise UsageError("--memory is for --backend local: a cluster has limits of its own")


def checkpoint_bytes(options: argparse.Namespace) -> int:
    """Return the bytes that checkpoints may take."""
    return int(options.checkpoint_limit * _GIB)


def memory_bytes(options: argparse.Namespace) -> int:
    """Return the bytes that cells of this machine may take together."""
    from d2vbench.bench.plan.memory import available_memory

    return available_memory() if options.memory is None else int(options.memory * _GIB)


def local_jobs(options: argparse.Namespace) -> int:
    """Return how many cells to compute at once on this machine, if memory allows."""
    from joblib import cpu_count

    return int(options.jobs or cpu_count())


def make_backend(options: argparse.Namespace) -> Backend:
    """Return the backend that was asked for; a cluster is spoken to."""
    if options.backend == "dask":
        from d2vbench.bench.execution.clusters import Dask

        return Dask(options.address, options.jobs, options.time_limit)
    if options.backend == "ray":
        from d2vbench.bench.execution.clusters import Ray

        return Ray(options.address, options.jobs, options.time_limit)
    from d2vbench.bench.execution.backends import Local

    return Local(local_jobs(options), memory_bytes(options), options.time_limit)
