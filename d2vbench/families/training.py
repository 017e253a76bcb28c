"""Carrying out a plan with a learner of any family."""

from __future__ import annotations

import numpy as np

from d2vbench.families.base import Learner
from d2vbench.strategies import LEARNS, Phase, Plan, alpha_slices, epoch_order


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


def train_phase(learner: Learner, phase: Phase, seed: int, first_epoch: int = 0) -> None:
    """Carry out one phase, or the rest of it.

    Parameters
    ----------
    learner : Learner
        As the phases before left it.
    phase : Phase
        With its learning rate.
    seed : int
        Base seed of the pair.
    first_epoch : int
        Where to begin.
    """
    sides = learner.sides
    nearest = sides.nearest if phase.nearest != 1 else None
    frozen = tuple(name for name in LEARNS if name not in phase.learns)
    for epoch in range(first_epoch, phase.epochs):
        order = epoch_order(phase, epoch, sides.sizes, seed, nearest)
        for documents, start, end in alpha_slices(phase, epoch, order):
            learner.present(documents, start, end, frozen)


def vectors_problem(vectors: object, documents: int) -> str:
    """Return what is wrong with vectors that a learner has encoded; empty if nothing.

    Parameters
    ----------
    vectors : object
        What `Learner.encode` returned.
    documents : int
        For how many documents.
    """
    expected = f"encode() must return a float32 array of shape ({documents}, dim)"
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32:
        kind = vectors.dtype if isinstance(vectors, np.ndarray) else type(vectors).__name__
        return f"{expected}, got {kind}"
    if vectors.ndim != 2 or len(vectors) != documents or not vectors.shape[1]:
        return f"{expected}, got shape {vectors.shape}"
    if not np.isfinite(vectors).all():
        return f"{expected} of finite numbers, got NaN or infinity"
    return ""
