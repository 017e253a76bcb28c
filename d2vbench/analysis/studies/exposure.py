"""Accuracy against exposure: curves through the variants of a place, and contrasts read off them.

A curve is a cubic of the logarithm of what is on its axis, by least squares through all variants
alike; fixed before there were data. With fewer than four distinct values its degree is lower. A
value on it, and what lies off it, are weighted means of the variants' accuracies, so that seeds and
test documents are resampled as for any other contrast. It is never read beyond its ends.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.contrasts.contrasts import Place, Scorebook
from d2vbench.analysis.contrasts.frame import usual_but_for
from d2vbench.analysis.contrasts.scores import Stack, weighted
from d2vbench.analysis.contrasts.variants import Variant, mean_by_variant
from d2vbench.analysis.statistics.bootstrap import Resampled

AREA = "domain_area"
WORDS = "words_trained"
DEGREE = 3
# Values nearer than this, relative to each other, are one value on the axis.
SAME = 0.02
# A mean over fewer variants says more of them than of their strategy.
VARIANTS = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """A variant of a place on the axis of a curve.

    Attributes
    ----------
    variant : Variant
        Which.
    stack : Stack
        Its scores.
    x : float
        What it lies at on the axis: area of D (`AREA`) or words trained (`WORDS`); positive.
    """

    variant: Variant
    stack: Stack = field(repr=False, compare=False)
    x: float


def points(
    book: Scorebook,
    place: Place,
    axis: str = AREA,
    takes: Callable[[Variant], bool] = lambda _: True,
    varying: tuple[str, ...] = ("epochs", "alpha", "min_alpha"),
) -> list[Point]:
    """Return the variants of a place that a curve goes through.

    Parameters
    ----------
    book : Scorebook
        Of the run.
    place : tuple
        Pair, share of D, model, label budget.
    axis : str
        Column of the axis.
    takes : callable
        Which variants are wanted.
    varying : tuple of str
        Settings that may differ from the usual of the run; all others, and the vocabulary policy,
        are the usual.

    Returns
    -------
    list of Point
        Those whose value on the axis is known and positive, in the order of the grid.
    """
    if axis not in book.data.cells:
        return []
    if (key := (*place[:3], axis, varying)) not in book.memory:
        if varying not in book.memory:
            book.memory[varying] = usual_but_for(book.data.cells, varying)
        cells = book.cells(place)
        cells = cells[(cells["policy"] == "") & book.memory[varying][cells.index]]
        book.memory[key] = mean_by_variant(cells, axis)
    there = {v: x for v, x in book.memory[key].items() if x > 0 and takes(v)}
    stacks = book.stacks(place) if there else {}
    return [Point(v, stacks[v], x) for v, x in there.items() if v in stacks]


def distinct(xs: Sequence[float]) -> int:
    """Return how many values there are that differ by more than `SAME`.

    Examples
    --------
    >>> distinct([0.5, 0.505, 1.0])
    2
    """
    logs = np.sort(np.log(np.asarray(xs, dtype=np.float64)))
    return 0 if not len(logs) else 1 + int((np.diff(logs) > SAME).sum())


def curve_weights(xs: Sequence[float], at: Sequence[float]) -> Floats:
    """Return what each point of a curve contributes to values on it.

    Parameters
    ----------
    xs : (n,) floats
        Where the points lie; positive.
    at : (m,) floats
        Where the curve is read.

    Returns
    -------
    (m, n) float64
        The value at ``at[i]`` is row i times the accuracies of the points.
    """
    degree = min(DEGREE, distinct(xs) - 1)
    logs = np.log(np.asarray(xs, dtype=np.float64))
    middle, half = (logs.max() + logs.min()) / 2, max((logs.max() - logs.min()) / 2, SAME)

    def basis(values: Floats) -> Floats:
        return np.polynomial.chebyshev.chebvander((values - middle) / half, degree)

    weights: Floats = basis(np.log(np.asarray(at, dtype=np.float64))) @ np.linalg.pinv(basis(logs))
    return weights


def within(xs: Sequence[float], at: float) -> bool:
    """Return whether a curve through points reaches a value; `SAME` beyond its ends counts."""
    return bool(xs) and math.log(min(xs)) - SAME <= math.log(at) <= math.log(max(xs)) + SAME


def difference(
    first: Sequence[Point], second: Sequence[Point], at: float
) -> tuple[Resampled, tuple[int, ...]] | None:
    """Return the first curve minus the second at one place of the axis; None without common seeds.

    A curve of one point is that point, wherever it is read.
    """
    one, two = (curve_weights([p.x for p in side], [at])[0] for side in (first, second))
    found = weighted([p.stack for p in (*first, *second)], [[*one, *-two]])
    return None if found is None else (found[0][0], found[1])


@dataclass(frozen=True)
class Residual:
    """How far the variants of a strategy lie off the curve through all the others.

    Attributes
    ----------
    strategy : str
        Its name.
    variants : int
        How many of its variants lie within the range of the others' areas.
    beyond : int
        How many do not, and are left out.
    low, high : float
        Ends of their areas.
    mean : Resampled
        Of accuracy minus curve, the mean over them.
    seeds : tuple of int
        Those that it rests on.
    """

    strategy: str
    variants: int
    beyond: int
    low: float
    high: float
    mean: Resampled = field(repr=False)
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Fit:
    """The curve of a place, and how much it explains of what variants differ by.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    curve : list of Point
        Its variants.
    r2 : float
        Share of the variance of the variants' mean accuracies that the curve explains, in sample.
    r2_words : float
        The same of a curve over words trained.
    r2_across : float
        The same for strategies that the curve has not seen: each strategy is left out in turn and
        predicted from the others, against the mean of the others. Negative where that mean
        predicts better than the curve.
    residuals : list of Residual
        By strategy.
    """

    place: Place
    curve: list[Point] = field(repr=False)
    r2: float
    r2_words: float
    r2_across: float
    residuals: list[Residual]


def fit(book: Scorebook, place: Place) -> Fit | None:
    """Fit accuracy to the area of D over all variants of a place.

    Parameters
    ----------
    book : Scorebook
        Of the run.
    place : tuple
        Pair, share of D, model, label budget.

    Returns
    -------
    Fit or None
        None where a cubic would go through hardly more than its own variants: fewer than five
        distinct areas, or fewer than two strategies of `VARIANTS` variants or more.
    """
    if place not in book.memory:
        book.memory[place] = _fit(book, place)
    found: Fit | None = book.memory[place]
    return found


def _fit(book: Scorebook, place: Place) -> Fit | None:
    curve = points(book, place)
    strategies = Counter(p.variant.strategy for p in curve)
    several = sum(count >= VARIANTS for count in strategies.values())
    if distinct([p.x for p in curve]) < DEGREE + 2 or several < 2:
        return None
    words = points(book, place, WORDS, {p.variant for p in curve}.__contains__)
    xs, names = np.array([p.x for p in curve]), np.array([p.variant.strategy for p in curve])
    means = _means(curve)
    left_out: list[tuple[str, int, int, float, float]] = []
    rows: list[Floats] = []
    press = base = 0.0
    for strategy in strategies:
        others = names != strategy
        if distinct(xs[others].tolist()) < DEGREE + 2:
            continue
        inside = ~others & np.array([within(xs[others].tolist(), x) for x in xs])
        if not inside.any():
            continue
        # Each variant less the curve of the others where it lies.
        weights = np.zeros((int(inside.sum()), len(curve)))
        weights[:, inside] = np.eye(len(weights))
        weights[:, others] = -curve_weights(xs[others].tolist(), xs[inside].tolist())
        press += float(np.square(weights @ means).sum())
        base += float(np.square(means[inside] - means[others].mean()).sum())
        rows.append(weights.mean(axis=0))
        beyond = int((~others & ~inside).sum())
        ends = float(xs[inside].min()), float(xs[inside].max())
        left_out.append((strategy, len(weights), beyond, *ends))
    found = weighted([p.stack for p in curve], rows) if rows else None
    sums, seeds = found or ([], ())
    residuals = [
        Residual(*one, mean, seeds) for one, mean in zip(left_out, sums, strict=found is not None)
    ]
    across = 1 - press / base if base else math.nan
    return Fit(place, curve, explained(curve), explained(words), across, residuals)


def explained(curve: Sequence[Point]) -> float:
    """Return the share of the variance of mean accuracies that a curve explains, in sample."""
    xs, means = [p.x for p in curve], _means(curve)
    total = float(np.square(means - means.mean()).sum())
    left = float(np.square(means - curve_weights(xs, xs) @ means).sum())
    return 1 - left / total if total else math.nan


def drawn(curve: Sequence[Point], count: int = 60) -> Mapping[str, Floats]:
    """Return a curve for drawing: ``x``, evenly spaced by its logarithm, and ``accuracy``."""
    xs = [p.x for p in curve]
    at = np.geomspace(min(xs), max(xs), count)
    return {"x": at, "accuracy": curve_weights(xs, list(at)) @ _means(curve)}


def _means(curve: Sequence[Point]) -> Floats:
    return np.array([p.stack.mean for p in curve])
