"""The Bayesian signed-rank test with a region of practical equivalence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.statistics.verdicts import EQUIVALENCE


@dataclass(frozen=True)
class SignedRankProbabilities:
    """Posterior probabilities over pairs of corpora; they sum to 1.

    Attributes
    ----------
    worse, equivalent, better : float
        That the difference is mostly under the region, in it, over it.
    """

    worse: float
    equivalent: float
    better: float


def bayesian_signed_rank(
    differences: npt.ArrayLike,
    rng: np.random.Generator,
    rope: float = EQUIVALENCE,
    count: int = 50_000,
    prior: float = 0.5,
) -> SignedRankProbabilities:
    """Return how probable it is that one strategy is worse, practically equivalent or better.

    The test of Benavoli et al. (2014, ICML; 2017, JMLR 18/77): a Dirichlet process with a prior of
    strength ``prior`` at zero; in each draw of weights w, the mean of two of the differences, drawn
    by w, falls under, into or over the region, and the largest of the three shares wins the draw.

    Parameters
    ----------
    differences : (n_pairs,) array_like
        Mean score of one strategy minus that of another, on each pair of corpora; their order has
        no say.
    rng : numpy.random.Generator
        Source of the draws.
    rope : float
        Half the width of the region of practical equivalence: one percentage point.
    count : int
        How many draws of weights.
    prior : float
        Strength of the prior, in observations.

    Returns
    -------
    SignedRankProbabilities
        They are about the next pair like these, given the prior; with few pairs the prior still
        shows. They are no p-values: nothing is under 0.05 by chance once in twenty times.

    Raises
    ------
    ValueError
        If there is no difference, one is NaN, or ``rope`` is negative.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bayesian_signed_rank([0.03, 0.05, 0.02, 0.04, 0.06, 0.03], rng).better > 0.95
    True
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"differences must be (n_pairs,), got shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError("differences must not be NaN: a failed cell is no zero and no score")
    if rope < 0:
        raise ValueError(f"the region of practical equivalence must not be negative, got {rope}")
    # In one order, so that the same pairs give the same probabilities.
    values = np.sort(np.round(values, 12))
    points = np.concatenate([[0.0], values])
    # A mean on the very edge counts half for either side, and rounding must not move it off.
    sums = np.round(points[:, None] + points[None, :], 12)
    edge = round(2 * rope, 12)
    over = np.heaviside(sums - edge, 0.5)
    under = np.heaviside(-sums - edge, 0.5)
    weights = rng.dirichlet(np.concatenate([[prior], np.ones(len(values))]), size=count)
    shares = np.empty((count, 3))
    shares[:, 0] = ((weights @ under) * weights).sum(axis=1)
    shares[:, 2] = ((weights @ over) * weights).sum(axis=1)
    shares[:, 1] = 1 - shares[:, 0] - shares[:, 2]
    won = np.bincount(shares.argmax(axis=1), minlength=3) / count
    return SignedRankProbabilities(*won.tolist())
