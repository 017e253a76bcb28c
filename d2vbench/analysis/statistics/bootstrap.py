"""The two-level paired bootstrap: seeds and test documents both vary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES = 4000
LEVEL = 0.95

# An interval is at least this share of what documents alone make of it. Without a floor, few seeds
# that agree by chance leave an interval of nearly no length; with all of it, intervals of five
# seeds without an effect of their own cover 98 % (see benchmarks/coverage.py).
FLOOR = 0.8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with a 95 % interval.

    Attributes
    ----------
    estimate : float
        Mean over seeds and documents.
    low, high : float
        Ends of the interval; both NaN with a single seed, which says nothing about seeds.
    p : float
        Two-sided bootstrap p-value of a mean of zero, at least 2 / (resamples + 1); under 0.05 if
        and only if the interval excludes zero. NaN with a single seed.
    """

    estimate: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Resampled:
    """Scores with what the resamples make of their mean.

    Differences are taken in pairs, scores and resamples alike: ``a - b`` is what the same
    resamples make of the differences of the scores.

    Attributes
    ----------
    scores : (n_seeds, n_documents) float64
        The scores.
    by_seed, by_document : (count,) float64
        How far the mean of each resample lies from the mean of the scores, for the seeds drawn
        and for the documents drawn.
    """

    scores: Floats
    by_seed: Floats
    by_document: Floats

    def __sub__(self, other: Resampled) -> Resampled:
        """Return what the same resamples make of the differences."""
        return Resampled(
            self.scores - other.scores,
            self.by_seed - other.by_seed,
            self.by_document - other.by_document,
        )

    @property
    def means(self) -> Floats:
        """The mean in each resample, (count,) float64; what seeds and documents share counts twice.

        For choosing the best of several in each resample; `interval` counts it once.
        """
        return float(self.scores.mean()) + self.by_seed + self.by_document

    @property
    def once(self) -> Floats:
        """The mean in each resample, with what seeds and documents share counted once.

        (count,) float64. Scaled for these scores alone: unlike in `means`, a difference of two
        is not what the resamples make of the difference.
        """
        own = _own_share(self.scores) * self.by_document
        return float(self.scores.mean()) + self.by_seed + own

    @property
    def variance(self) -> float:
        """Sampling variance of the mean over seeds and documents; of documents with one seed.

        The unbiased estimate of `mean_squares`, but at least the floor that `interval` has.
        """
        n_seeds, n_documents = self.scores.shape
        if n_documents == 1:
            return math.nan
        if n_seeds == 1:
            return float(self.scores.var(ddof=1)) / n_documents
        seeds, documents, rest = mean_squares(self.scores)
        least = FLOOR**2 * documents
        return max(seeds + documents - rest, least) / (n_seeds * n_documents)

    @property
    def variance_by_seeds(self) -> float:
        """The part of `variance` that more seeds would make smaller; NaN with one seed."""
        n_seeds = len(self.scores)
        if n_seeds == 1:
            return math.nan
        return float(self.scores.mean(axis=1).var(ddof=1)) / n_seeds

    def interval(self) -> Interval:
        """Return the mean with its 95 % interval; see `mean_interval`."""
        estimate = float(self.scores.mean())
        if len(self.scores) == 1:
            return Interval(estimate, math.nan, math.nan, math.nan)
        count = len(self.by_seed)
        if np.ptp(self.scores) == 0:
            # All alike: no draw can differ, and rounding must not look like doubt.
            p = 1.0 if estimate == 0 else 2 / (count + 1)
            return Interval(estimate, estimate, estimate, p)
        ends = [percentile(d) for d in (self.once, estimate + FLOOR * self.by_document)]
        lows, highs, ps = zip(*ends, strict=True)
        return Interval(estimate, min(lows), max(highs), max(ps))


def mean_of(sets: Sequence[Resampled]) -> Resampled:
    """Return what the resamples make of the mean of several scores of the same seeds and documents.

    Parameters
    ----------
    sets : sequence of Resampled
        At least one, all of one shape and of the same draws.

    Returns
    -------
    Resampled
        Of the mean of the scores.
    """
    (mean,) = weighted_sums(sets, [[1 / len(sets)] * len(sets)])
    return mean


def weighted_sums(sets: Sequence[Resampled], weights: npt.ArrayLike) -> list[Resampled]:
    """Return what the resamples make of weighted sums of several scores; see `mean_of`.

    Parameters
    ----------
    sets : sequence of Resampled
        At least one, all of one shape and of the same draws.
    weights : (m, n) array_like
        A row a sum, with a weight for each set.
    """
    parts = [
        np.tensordot(np.asarray(weights), np.stack([getattr(one, name) for one in sets]), axes=1)
        for name in ("scores", "by_seed", "by_document")
    ]
    return [Resampled(*some) for some in zip(*parts, strict=True)]


def percentile(draws: Floats, null: float = 0.0) -> tuple[float, float, float]:
    """Return the ends of the 95 % percentile interval of resampled statistics, and p.

    Parameters
    ----------
    draws : (count,) float64
        The statistic in each resample.
    null : float
        Value that p is about.

    Returns
    -------
    low, high, p : float
        Order statistics of (count + 1) quantiles (Davison and Hinkley 1997, section 5.2), so that p
        is under 0.05 if and only if the null value lies outside.
    """
    k = int((1 - LEVEL) / 2 * (len(draws) + 1) + 1e-9)
    parted = np.partition(draws, [k - 1, len(draws) - k])
    beyond = min(np.count_nonzero(draws <= null), np.count_nonzero(draws >= null))
    p = min(1.0, 2 * (beyond + 1) / (len(draws) + 1))
    return float(parted[k - 1]), float(parted[-k]), float(p)


def mean_squares(scores: Floats) -> tuple[float, float, float]:
    """Return the mean squares of seeds, documents and their interaction.

    Parameters
    ----------
    scores : (n_seeds, n_documents) float64
        At least two of each.

    Returns
    -------
    tuple of float
        Of the two-way layout without replicates. With S seeds and J documents their expectations
        are J a + e, S b + e and e, for the variances a of seeds, b of documents and e of what is
        neither (Searle, Casella and McCulloch 1992, chapter 4); the variance of the mean is
        (first + second - third) / (S J).
    """
    n_seeds, n_documents = scores.shape
    centred = scores - scores.mean()
    seeds = n_documents * float(np.square(centred.mean(axis=1)).sum())
    documents = n_seeds * float(np.square(centred.mean(axis=0)).sum())
    rest = max(0.0, float(np.square(centred).sum()) - seeds - documents)
    freedom = (n_seeds - 1) * (n_documents - 1)
    return seeds / (n_seeds - 1), documents / (n_documents - 1), rest / freedom


def _own_share(scores: Floats) -> float:
    """Return the factor that leaves documents what is theirs alone, without the interaction."""
    if min(scores.shape) == 1:
        return 0.0 if scores.shape[1] == 1 else 1.0
    _, documents, interaction = mean_squares(scores)
    return math.sqrt(max(0.0, 1 - interaction / documents)) if documents > 0 else 0.0


class Resamples:
    """Drawn weights of seeds and documents, to be used for many sets of scores.

    Seeds and documents are drawn independently: the design is crossed, every seed scores every
    document (Owen 2007, "The pigeonhole bootstrap"). Documents are drawn with replacement. Drawing
    S of S seeds would give but a few different means, of a variance too small by 1 / S, so seeds
    have normal weights (the multiplier bootstrap) over the root of a chi-square of S - 1 degrees
    of freedom: by seeds alone, the mean of a resample deviates as Student's t of S - 1 says.

    Parameters
    ----------
    n_seeds, n_documents : int
        Shape of the scores.
    rng : numpy.random.Generator
        Source of the draws.
    count : int
        How many resamples, at least 39.

    Raises
    ------
    ValueError
        If there is nothing to draw from, or too few resamples for a 95 % interval.
    """

    def __init__(
        self, n_seeds: int, n_documents: int, rng: np.random.Generator, count: int = RESAMPLES
    ) -> None:
        if n_seeds < 1 or n_documents < 1:
            raise ValueError(f"scores must not be empty, got shape ({n_seeds}, {n_documents})")
        if count < 39:
            raise ValueError(f"a 95 % interval takes at least 39 resamples, got {count}")
        self.count = count
        self.shape = (n_seeds, n_documents)
        self._seeds = np.zeros((count, n_seeds))
        if n_seeds > 1:
            spread = np.sqrt(rng.chisquare(n_seeds - 1, size=(count, 1)) / (n_seeds - 1))
            self._seeds = rng.standard_normal((count, n_seeds)) / spread
            self._seeds /= math.sqrt(n_seeds * (n_seeds - 1))
        # A byte each: none is drawn 256 times.
        self._documents = np.empty((count, n_documents), dtype=np.uint8)
        for i in range(count):
            drawn = rng.integers(n_documents, size=n_documents)
            self._documents[i] = np.bincount(drawn, minlength=n_documents)

    def draw(self, sets: Iterable[npt.ArrayLike]) -> list[Resampled]:
        """Return what the resamples make of several sets of scores.

        Parameters
        ----------
        sets : iterable of (n_seeds, n_documents) array_like
            For instance 1 where a document was classified rightly, else 0. Many at once take
            little longer than one.

        Returns
        -------
        list of Resampled
            In their order.

        Raises
        ------
        ValueError
            If scores do not have the shape of the draws, or hold NaN.
        """
        checked = [self._checked(scores) for scores in sets]
        if not checked:
            return []
        sums = np.stack([scores.sum(axis=0) for scores in checked], axis=1)
        by_document = self._document_sums(sums) / (self.shape[0] * self.shape[1])
        return [
            Resampled(
                scores,
                self._seeds @ (scores.mean(axis=1) - scores.mean()),
                by_document[:, i] - scores.mean(),
            )
            for i, scores in enumerate(checked)
        ]

    def _checked(self, scores: npt.ArrayLike) -> Floats:
        values = np.asarray(scores, dtype=np.float64)
        if values.shape != self.shape:
            raise ValueError(
                f"scores must be (n_seeds, n_documents) = {self.shape}, got {values.shape}"
            )
        if np.isnan(values).any():
            raise ValueError("scores must not be NaN: a failed cell is no zero and no score")
        return values

    def _document_sums(self, sums: Floats) -> Floats:
        """Return the sums over the documents drawn, (count, n_sets) float64."""
        # Sums of whole numbers under 2**24 are exact in single precision, in any order: half the
        # time, and the same bytes from every BLAS.
        whole = bool((sums == np.rint(sums)).all()) and np.abs(sums).sum(axis=0).max() < 2**20
        kind: type[np.float32 | np.float64] = np.float32 if whole else np.float64
        values: npt.NDArray[Any] = sums.astype(kind)
        found = np.empty((self.count, values.shape[1]))
        block = max(1, 4_000_000 // self.shape[1])
        for start in range(0, self.count, block):
            part = slice(start, start + block)
            counts: npt.NDArray[Any] = self._documents[part].astype(kind)
            found[part] = counts @ values
        return found


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
        Percentile interval of the two-level bootstrap. What seeds and documents share (documents
        that turn right or wrong from seed to seed) is in the deviations of both; it is counted
        once, by scaling those of documents to the variance that is theirs alone. The result is the
        Behrens-Fisher problem of a sum of two variances, answered by the fiducial distribution
        (Fisher 1935; Weerahandi 1993, generalised intervals), with documents as they are in place
        of normal ones; and it is never shorter than `FLOOR` of what documents alone make.

        Coverage, simulated over ratios of the variances from no seed effect to nothing but seeds
        (``benchmarks/coverage.py``, 0/1 scores): 94 to 97 % with 5 and 10 seeds; 94 to 98 % with 3,
        where it errs to the wide side if seeds and documents matter alike; up to 99 % with 2.

    Raises
    ------
    ValueError
        If the scores do not have the shape of the draws, or hold NaN.
    """
    return draws.draw([scores])[0].interval()


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
        Of ``scores - reference``; see `mean_interval`.

    Raises
    ------
    ValueError
        If the shapes differ, and as `mean_interval`.
    """
    a, b = np.asarray(scores, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired scores must have one shape, got {a.shape} and {b.shape}")
    return mean_interval(a - b, draws)
