"""The two-level paired bootstrap: seeds and test documents are both drawn anew."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 4000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate with a 95 % percentile interval.

    Attributes
    ----------
    estimate : float
        Mean over seeds and documents.
    low, high : float
        Ends of the interval; both NaN with a single seed, which says nothing about seeds.
    p : float
        Two-sided bootstrap p-value of a mean of zero, at least 2 / (resamples + 1); NaN with a
        single seed.
    """

    estimate: float
    low: float
    high: float
    p: float


class Resamples:
    """Drawn counts of seeds and documents, to be used for many sets of scores.

    Seeds and documents are drawn independently: the design is crossed, every seed scores every
    document (Owen 2007, "The pigeonhole bootstrap"). Scores that share their draws are compared in
    pairs: the mean of a difference is the difference of the means, resample by resample.

    Parameters
    ----------
    n_seeds, n_documents : int
        Shape of the scores.
    rng : numpy.random.Generator
        Source of the draws.
    count : int
        How many resamples.

    Raises
    ------
    ValueError
        If there is nothing to draw from.
    """

    def __init__(
        self, n_seeds: int, n_documents: int, rng: np.random.Generator, count: int = RESAMPLES
    ) -> None:
        if n_seeds < 1 or n_documents < 1:
            raise ValueError(f"scores must not be empty, got shape ({n_seeds}, {n_documents})")
        self.count = count
        self.shape = (n_seeds, n_documents)
        seeds = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=count)
        # Drawing S of S seeds understates their variance by (S - 1) / S, which matters for few:
        # the counts are spread about 1 by the square root of the inverse (Davison and Hinkley
        # 1997, section 3.2, for small groups).
        spread = math.sqrt(n_seeds / (n_seeds - 1)) if n_seeds > 1 else 1.0
        self._seeds: npt.NDArray[np.float64] = (1 + spread * (seeds - 1.0)).astype(np.float64)
        # Counts are small whole numbers: exact in single precision. Drawn in blocks, since the
        # generator returns them in eight bytes each.
        self._documents = np.empty((count, n_documents), dtype=np.float32)
        share = np.full(n_documents, 1 / n_documents)
        for start in range(0, count, 250):
            part = self._documents[start : start + 250]
            part[:] = rng.multinomial(n_documents, share, size=len(part))

    def means(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the mean of the scores in each resample, (count,) float64."""
        means = np.empty(self.count)
        # Blocks keep the products at a few tens of megabytes.
        block = max(1, 4_000_000 // self.shape[1])
        for start in range(0, self.count, block):
            part = slice(start, start + block)
            by_seed = self._seeds[part] @ scores
            means[part] = np.einsum("bd,bd->b", by_seed, self._documents[part])
        return means / (self.shape[0] * self.shape[1])


def mean_interval(scores: npt.ArrayLike, draws: Resamples) -> Interval:
    """Return the mean of scores with its interval.

    Parameters
    ----------
    scores : (n_seeds, n_documents) array_like
        For instance 1 where a document was classified rightly, else 0.
    draws : Resamples
        Of the same shape.

    Returns
    -------
    Interval
        Percentile interval of the two-level bootstrap, corrected for the number of seeds. With
        two or three seeds it is still too narrow where seeds differ much, since so few say little
        about how much they do; see `verdict`.

    Raises
    ------
    ValueError
        If the scores do not have the shape of the draws, or hold NaN.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != draws.shape:
        raise ValueError(
            f"scores must be (n_seeds, n_documents) = {draws.shape}, got {values.shape}"
        )
    if np.isnan(values).any():
        raise ValueError("scores must not be NaN: a failed cell is no zero and no score")
    estimate = float(values.mean())
    if len(values) == 1:
        return Interval(estimate, float("nan"), float("nan"), float("nan"))
    means = draws.means(values)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    beyond = min((means <= 0).sum(), (means >= 0).sum())
    p = min(1.0, 2 * (beyond + 1) / (draws.count + 1))
    return Interval(estimate, float(low), float(high), float(p))


def paired_interval(scores: npt.ArrayLike, reference: npt.ArrayLike, draws: Resamples) -> Interval:
    """Return the mean difference of two sets of scores with its interval.

    Parameters
    ----------
    scores, reference : (n_seeds, n_documents) array_like
        The same seeds and documents in the same places: differences are taken in pairs.
    draws : Resamples
        Of the same shape.

    Returns
    -------
    Interval
        Of ``scores - reference``.

    Raises
    ------
    ValueError
        If the shapes differ, and as `mean_interval`.
    """
    a, b = np.asarray(scores, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired scores must have one shape, got {a.shape} and {b.shape}")
    return mean_interval(a - b, draws)
