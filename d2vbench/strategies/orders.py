"""The order of the documents of an epoch: a rule and a seed, never a stored list."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from d2vbench.keys import derive_seed
from d2vbench.strategies.phase import Passes, Phase, Sizes, exact_to_json

#: Raised when documents come in another order.
ORDERS_VERSION = 1

Indices = npt.NDArray[np.int64]


def epoch_order(
    phase: Phase, epoch: int, sizes: Sizes, seed: int, nearest: Indices | None = None
) -> Indices:
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
    nearest : (generic_documents,) int64, optional
        The documents of G from the nearest to D to the farthest; needed where the phase takes
        only a share of them.

    Returns
    -------
    (n_presentations,) int64
        Document g of G is g; document d of D is ``generic_documents + d``. May be empty where an
        epoch is so small a part of a pass that no document falls into it.

    Raises
    ------
    ValueError
        If the phase takes a share of G and ``nearest`` is missing.
    """
    generic, domain = phase.epoch_passes(epoch)
    chosen = np.arange(sizes.generic_documents, dtype=np.int64)
    if phase.nearest != 1:
        if nearest is None:
            raise ValueError(f"phase {phase.name!r} needs the documents of G by nearness to D")
        chosen = np.sort(nearest[: phase.generic_documents(sizes)])
    own = np.arange(sizes.domain_documents, dtype=np.int64) + sizes.generic_documents
    documents = np.concatenate(
        [_stretch(chosen, generic, seed, "generic"), _stretch(own, domain, seed, "domain")]
    )
    if phase.order == "concatenated":
        return documents
    if phase.order == "once":
        counts = [exact_to_json(generic.count), exact_to_json(domain.count)]
        rng = np.random.default_rng(derive_seed(seed, "order of every epoch", *counts))
        return rng.permutation(documents)
    passes = [
        # An empty run of passes is the same run wherever it stands.
        exact_to_json(end) if stretch.count else 0
        for stretch in (generic, domain)
        for end in (stretch.start, stretch.stop)
    ]
    rng = np.random.default_rng(derive_seed(seed, "order", *passes))
    return rng.permutation(documents)


def alpha_slices(
    phase: Phase, epoch: int, order: Indices
) -> Iterator[tuple[Indices, float, float]]:
    """Cut the order of an epoch where its learning rate bends.

    Parameters
    ----------
    phase : Phase
        Which phase.
    epoch : int
        In [0, phase.epochs).
    order : (n_presentations,) int64
        From `epoch_order`.

    Yields
    ------
    order : (n,) int64
        The next documents, at least one; cut by their count, which on average is by words.
    start, end : float
        Learning rate at both ends; never rising.
    """
    for begin, end, start_alpha, end_alpha in epoch_cuts(phase, epoch, len(order)):
        yield order[begin:end], start_alpha, end_alpha


def epoch_cuts(phase: Phase, epoch: int, n: int) -> Iterator[tuple[int, int, float, float]]:
    """Yield where the n presentations of an epoch are cut: begin, end and the alpha at both."""
    done = Fraction(0)
    for piece in phase.epoch_pieces(epoch):
        begin = math.floor(done * n)
        done += piece.epochs
        end = math.floor(done * n)
        if begin < end:
            yield begin, end, piece.start, piece.end


def _stretch(documents: Indices, passes: Passes, seed: int, corpus: str) -> Indices:
    """Return the documents of a stretch of passes.

    A stretch from a to b holds the documents at positions floor(a n) to floor(b n) - 1 of the
    line of passes, so that stretches that meet leave none out and repeat none, whatever n is.
    Where a pass is cut, a permutation of its own says which documents lie where.
    """
    n = len(documents)
    begin, end = passes.documents(n)
    parts = [np.empty(0, np.int64)]
    while begin < end:
        number, offset = divmod(begin, n)
        stop = min(end, (number + 1) * n)
        if stop - begin == n:
            parts.append(documents)
        else:
            rng = np.random.default_rng(derive_seed(seed, "pass", corpus, number))
            parts.append(documents[rng.permutation(n)[offset : stop - number * n]])
        begin = stop
    return np.concatenate(parts)
