"""Carrying out a plan with a learner of any family."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from d2vbench.families.base import Learner
from d2vbench.strategies import LEARNS, Phase, Plan, alpha_slices, epoch_order


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread within: sums may depend on the number of threads."""
    # The limit reaches only libraries that are loaded already: NumPy has a BLAS, SciPy another. A
    # library that a third party's classifier loads later reads the variable.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def train(learner: Learner, plan: Plan, seed: int) -> None:
    """Carry out a plan from beginning to end.

    Parameters
    ----------
    learner : Learner
        Untrained; is trained in place.
    plan : Plan
        What to present.
    seed : int
        Base seed of the pair, from which the orders derive.
    """
    for phase in plan.phases:
        train_phase(learner, phase, seed)


def train_phase(learner: Learner, phase: Phase, seed: int) -> None:
    """Carry out one phase.

    Parameters
    ----------
    learner : Learner
        As the phases before left it.
    phase : Phase
        With its learning rate.
    seed : int
        Base seed of the pair.
    """
    learner.begin(phase)
    sides = learner.sides
    nearest = sides.nearest if phase.nearest != 1 else None
    frozen = tuple(name for name in LEARNS if name not in phase.learns)
    for epoch in range(phase.epochs):
        order = epoch_order(phase, epoch, sides.sizes, seed, nearest)
        for documents, start, end in alpha_slices(phase, epoch, order):
            learner.present(documents, start, end, frozen)
