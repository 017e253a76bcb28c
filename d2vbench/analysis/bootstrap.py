"""The two-level paired bootstrap: seeds and test documents are both drawn anew."""

from __future__ import annotations

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
        Two-sided bootstrap p-value of a mean of zero, at least 1 / (resamples + 1); NaN with a
        single seed.
    """

    estimate: float
    low: float
    high: float
    p: float


def _resampled_means(
    values: npt.NDArray[np.float64], rng: np.random.Generator, resamples: int
) -> npt.NDArray[np.float64]:
    """Return the mean of each resample, (resamples,) float64.

    Seeds and documents are drawn independently: the design is crossed, every seed scores every
    document (Owen 2007, "The pigeonhole bootstrap").
    """
    seeds, documents = values.shape
    by_seed = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples)
    means = np.empty(resamples)
    # Blocks keep the document counts at a few tens of megabytes.
    block = max(1, 4_000_000 // max(documents, 1))
    for start in range(0, resamples, block):
        part = by_seed[start : start + block]
        by_document = rng.multinomial(documents, np.full(documents, 1 / documents), size=len(part))
        means[start : start + len(part)] = np.einsum(
            "bd,bd->b", part @ values, by_document, optimize=False
        )
    return means / (seeds * documents)


def mean_interval(
    scores: npt.ArrayLike, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Interval:
    """Return the mean of scores with its interval.

    Parameters
    ----------
    scores : (n_seeds, n_documents) array_like
        For instance 1 where a document was classified rightly, else 0.
    rng : numpy.random.Generator
        Source of the resamples.
    resamples : int
        How many.

    Returns
    -------
    Interval
        Percentile interval of the two-level bootstrap. With few seeds it is somewhat too narrow
        in the direction of the seeds.

    Raises
    ------
    ValueError
        If the scores are not two-dimensional, are empty, or hold NaN.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"scores must be (n_seeds, n_documents) and not empty, got {values.shape}")
    if np.isnan(values).any():
        raise ValueError("scores must not be NaN: a failed cell is no zero and no score")
    estimate = float(values.mean())
    if len(values) == 1:
        return Interval(estimate, float("nan"), float("nan"), float("nan"))
    means = _resampled_means(values, rng, resamples)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    beyond = min((means <= 0).sum(), (means >= 0).sum())
    p = min(1.0, 2 * (beyond + 1) / (resamples + 1))
    return Interval(estimate, float(low), float(high), float(p))


def paired_interval(
    scores: npt.ArrayLike,
    reference: npt.ArrayLike,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the mean difference of two sets of scores with its interval.

    Parameters
    ----------
    scores, reference : (n_seeds, n_documents) array_like
        The same seeds and documents in the same places: differences are taken in pairs.
    rng : numpy.random.Generator
        Source of the resamples.
    resamples : int
        How many.

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
    return mean_interval(a - b, rng, resamples)
