"""The order of the documents of an epoch: a rule and a seed, never a stored list."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.keys import derive_seed
from d2vbench.strategies.plan import Phase, Sizes


def epoch_order(phase: Phase, epoch: int, sizes: Sizes, seed: int) -> npt.NDArray[np.int64]:
    """Return the documents of one epoch in the order in which they are presented.

    Parameters
    ----------
    phase : Phase
        Which phase.
    epoch : int
        In [0, phase.epochs).
    sizes : Sizes
        How many documents there are.
    seed : int
        Base seed of the order. The stream depends on it and on which passes the epoch presents,
        and on nothing else: an epoch that two strategies share is the same in both.

    Returns
    -------
    (n_presentations,) int64
        Document g of G is g; document d of D is ``generic_documents + d``.
    """
    generic, domain = phase.epoch_passes(epoch)
    documents = np.concatenate(
        [
            np.tile(np.arange(sizes.generic_documents, dtype=np.int64), generic.count),
            np.tile(
                np.arange(sizes.domain_documents, dtype=np.int64) + sizes.generic_documents,
                domain.count,
            ),
        ]
    )
    passes = [generic.start, generic.stop, domain.start, domain.stop]
    # An empty run of passes is the same run wherever it stands.
    if not generic.count:
        passes[:2] = [0, 0]
    if not domain.count:
        passes[2:] = [0, 0]
    rng = np.random.default_rng(derive_seed(seed, "order", *passes))
    return rng.permutation(documents)
