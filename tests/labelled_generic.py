"""A pair whose generic corpus has a task of its own."""

from __future__ import annotations

import dataclasses

import numpy as np

from d2vbench.corpora import Pair


def with_generic_test(pair: Pair) -> Pair:
    """Hold every third document of G out of it, as a split of the corpus's own would."""
    held_out = np.arange(len(pair.generic)) % 3 == 0
    return dataclasses.replace(
        pair,
        generic=pair.generic.take(np.flatnonzero(~held_out)),
        generic_test=pair.generic.take(np.flatnonzero(held_out)),
        key="with a generic test",
    )
