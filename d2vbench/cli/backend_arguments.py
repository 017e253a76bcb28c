"""The options that say where the work of a run is done, and with how much."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import TYPE_CHECKING

from d2vbench.api.resources import CHECKPOINT_LIMIT, Resources

if TYPE_CHECKING:
    from d2vbench.bench.execution.backends import Backend


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
        default=CHECKPOINT_LIMIT,
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


def resources(options: argparse.Namespace) -> Resources:
    """Return what the options ask for; a `UsageError` says what makes no sense."""
    found = Resources(**{field.name: getattr(options, field.name) for field in fields(Resources)})
    found.check()
    return found


def make_backend(options: argparse.Namespace) -> Backend:
    """Return the backend that was asked for; a cluster is connected to."""
    return resources(options).make_backend()
