"""Contrasts: two selections of cells, compared wherever a run has both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import (
    GENERIC,
    GENERIC_BEFORE,
    Stack,
    budgets,
    holm,
    paired,
    variant_stacks,
)
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    Variant,
    chosen_by,
    variant_title,
    variants_of,
)
from d2vbench.analysis.statistics.bootstrap import Interval, Resampled
from d2vbench.analysis.statistics.verdicts import Verdict, verdict
from d2vbench.analysis.studies.tuned import own_best

TUNED = "tuned"
Place = tuple[str, float, str, str]  # (pair, share of D, model, label budget)


@dataclass(frozen=True)
class Cells:
    """Which cells: a predicate on what sets cells of one comparison apart.

    Attributes
    ----------
    strategy, schedule, policy, setting : tuple of str
        Values that are taken; empty for any.
    k : tuple of int or str
        The same; the k of `combined` is 1.
    budget : str
        Predictions to compare in place of those of the label budget: `GENERIC` or
        `GENERIC_BEFORE`; empty for the label budget.
    best : bool
        Of the variants that fit, only the one with the best mean accuracy in cross-validation on
        training documents, for the label budget of the comparison.
    """

    strategy: tuple[str, ...]
    k: tuple[int | str, ...] = ()
    schedule: tuple[str, ...] = ()
    policy: tuple[str, ...] = ("",)
    setting: tuple[str, ...] = ("",)
    budget: str = ""
    best: bool = False

    def takes(self, variant: Variant) -> bool:
        """Return whether a variant is one of them."""
        mine = variant._replace(k=copies(variant))._asdict()
        wanted = ((value, getattr(self, name, ())) for name, value in mine.items())
        return all(not taken or value in taken for value, taken in wanted)

    def __str__(self) -> str:
        """Return them in words."""
        text = " or ".join(self.strategy)
        if self.k:
            text += f" with k = {' or '.join(map(str, self.k))}"
        if self.best:
            text += " at its own best"
        if any(self.policy):
            text += f" with {' or '.join(self.policy)} counts"
        return f"{text}, {' or '.join(self.schedule)}" if self.schedule else text


def copies(variant: Variant) -> int | str:
    """Return how often the domain is presented for each time the generic corpus is.

    `combined` is `oversampled(1)`, and goes with k = 1.
    """
    return 1 if variant.strategy == "combined" and not variant.k else variant.k


@dataclass(frozen=True)
class Contrast:
    """A difference to be looked at wherever a run has both sides, fixed before there are data.

    Attributes
    ----------
    name : str
        In words: which against which.
    first, second : Cells
        The difference is the first minus the second.
    match : tuple of str
        Of `VARIANT`: what both sides must have in common; each variant of the first side is
        compared with the one of the second that matches it.
    own_best : bool
        Compare each strategy at its own best, chosen by cross-validation in study ``tuned``, in
        place of fixed settings.
    """

    name: str
    first: Cells
    second: Cells
    match: tuple[str, ...] = ("k",)
    own_best: bool = False


@dataclass(frozen=True)
class Compared:
    """One contrast in one place.

    Attributes
    ----------
    contrast : str
        Its name.
    place : tuple
        Pair, share of D, model, label budget.
    first, second : str
        Titles of the variants.
    interval : Interval
        Of the first minus the second, accuracy in [0, 1].
    seeds : tuple of int
        Those that both sides have: at least two.
    differences : Resampled
        What it was made from.
    variant : Variant
        The first side.
    p_holm : float
        Adjusted by Holm's method over all that were compared in one call.
    verdict : Verdict
        What interval and adjusted p say; see `verdict`.
    """

    contrast: str
    place: Place
    first: str
    second: str
    interval: Interval
    seeds: tuple[int, ...]
    differences: Resampled = field(repr=False, compare=False)
    variant: Variant
    p_holm: float = math.nan
    verdict: Verdict = Verdict.INCONCLUSIVE


@dataclass(frozen=True)
class Skipped:
    """A contrast that could not be looked at.

    Attributes
    ----------
    contrast : str
        Its name.
    place : tuple or None
        Pair, share of D, model, label budget; None where no place has any of its cells.
    reason : str
        Why.
    wants_seeds : bool
        Whether the cells are there, and more seeds of them would do.
    """

    contrast: str
    place: Place | None
    reason: str
    wants_seeds: bool = False


class Scorebook:
    """The scores of a run, resampled once for all contrasts that look at them.

    Parameters
    ----------
    data : RunData
        The run.
    """

    def __init__(self, data: RunData) -> None:
        self.data = data
        self.budgets = budgets(data)
        doc2vec = data.cells[data.cells["model"] != BASELINE] if len(data.cells) else data.cells
        self._groups: dict[tuple[str, float, str], pd.DataFrame] = {}
        if len(doc2vec):
            for name, group in doc2vec.groupby(GROUP, sort=False):
                pair, fraction, model = (str(value) for value in name)
                self._groups[pair, float(fraction), model] = group
        # What `d2vbench.analysis.studies.exposure` has found already.
        self.memory: dict[Any, Any] = {}
        self._stacks: dict[Place, dict[Variant, Stack]] = {}
        self._variants: dict[tuple[str, float, str], list[Variant]] = {}

    def places(self, fractions: Sequence[float] = ()) -> Iterator[Place]:
        """Yield the comparisons in the order of the grid."""
        for pair, fraction, model in self._groups:
            if not fractions or fraction in fractions:
                for budget in self.budgets:
                    yield pair, fraction, model, budget

    def variants(self, place: Place) -> list[Variant]:
        """Return the variants that a comparison has cells of, with a result or without."""
        where = place[:3]
        if where not in self._variants:
            self._variants[where] = list(dict.fromkeys(variants_of(self._groups[where])))
        return self._variants[where]

    def cells(self, place: Place) -> pd.DataFrame:
        """Return the cells of a comparison, with a result or without."""
        return self._groups[place[:3]]

    def best(self, place: Place, variants: Sequence[Variant]) -> list[Variant]:
        """Return the variant that cross-validation on training documents puts first.

        Parameters
        ----------
        place : tuple
            Pair, share of D, model, label budget.
        variants : sequence of Variant
            To choose from.

        Returns
        -------
        list of Variant
            One; none where no variant has a cross-validated accuracy. Of equals the first; where
            there is but one to choose from, that one.
        """
        if len(variants) < 2:
            return list(variants)
        column = f"cv_accuracy_{place[3]}"
        group = self._groups[place[:3]]
        means = chosen_by(group, column) if column in group else {}
        there = [v for v in variants if v in means and not math.isnan(means[v])]
        return [max(there, key=lambda v: means[v])] if there else []

    def stacks(self, place: Place) -> dict[Variant, Stack]:
        """Return the scores of the variants that have a result."""
        if place not in self._stacks:
            group = self._groups[place[:3]]
            self._stacks[place] = variant_stacks(self.data, group, place[3])
        return self._stacks[place]


def compare(
    contrasts: Iterable[Contrast], data: RunData, book: Scorebook | None = None
) -> tuple[list[Compared], list[Skipped]]:
    """Look at contrasts wherever a run has their cells.

    Parameters
    ----------
    contrasts : iterable of Contrast
        What to compare.
    data : RunData
        The run.
    book : Scorebook, optional
        Of that run, where there is one already.

    Returns
    -------
    compared : list of Compared
        One for each place and variant of the first side.
    skipped : list of Skipped
        What could not be compared, and why: cells missing, failed, or of a single seed.
    """
    book = book or Scorebook(data)
    compared: list[Compared] = []
    skipped: list[Skipped] = []
    tuned: Scorebook | None = None
    for contrast in contrasts:
        mine = book
        if contrast.own_best:
            tuned = tuned or Scorebook(_own_best(data))
            mine = tuned
        found, left = _everywhere(contrast, mine)
        compared += found
        skipped += left
        if not found and not left:
            reason = f"no cells of {contrast.first} or of {contrast.second}"
            if contrast.own_best:
                reason += f" in study {TUNED}"
            skipped.append(Skipped(contrast.name, None, reason))
    adjusted = holm([c.interval.p for c in compared])
    compared = [
        replace(c, p_holm=p, verdict=verdict(c.interval, p, len(c.seeds)))
        for c, p in zip(compared, adjusted, strict=True)
    ]
    return compared, skipped


def _own_best(data: RunData) -> RunData:
    there = TUNED in data.studies() and "cv_accuracy_all" in data.cells
    return own_best(data.study(TUNED))[0] if there else data.only(data.cells["key"].isna())


def _everywhere(contrast: Contrast, book: Scorebook) -> tuple[list[Compared], list[Skipped]]:
    compared: list[Compared] = []
    skipped: list[Skipped] = []
    for place in book.places():
        variants = book.variants(place)
        firsts = [v for v in variants if contrast.first.takes(v)]
        seconds = [v for v in variants if contrast.second.takes(v)]
        generic = bool(contrast.first.budget and contrast.second.budget)
        if not generic and not book.stacks(place):
            continue  # No cell was asked for so many labels here.
        if not firsts and seconds and not contrast.match:
            skipped.append(Skipped(contrast.name, place, f"no cells of {contrast.first}"))
        if firsts and generic:
            # The generic task knows no label budgets: once is enough.
            if place[3] != book.budgets[0]:
                continue
            place = (*place[:3], GENERIC)
            if not book.stacks(place):
                reason = (
                    "no result on the generic task: no labelled test documents, or an older run"
                )
                skipped.append(Skipped(contrast.name, place, reason))
                continue
        for first in firsts:
            fits = [v for v in seconds if _matched(v, contrast) == _matched(first, contrast)]
            if contrast.second.best:
                fits = book.best(place, fits)
            if len(fits) != 1:
                what = "no cells" if not fits else "more than one kind of cells"
                reason = f"{what} of {contrast.second} to compare {variant_title(first)} with"
                skipped.append(Skipped(contrast.name, place, reason))
                continue
            found = _one(contrast, book, place, first, fits[0])
            if isinstance(found, Compared):
                compared.append(found)
            else:
                skipped.append(found)
    return compared, skipped


def _matched(variant: Variant, contrast: Contrast) -> tuple[Any, ...]:
    values = variant._replace(k=copies(variant))._asdict()
    return tuple(values[name] for name in contrast.match)


def _one(
    contrast: Contrast, book: Scorebook, place: Place, first: Variant, second: Variant
) -> Compared | Skipped:
    sides = ((contrast.first, first), (contrast.second, second))
    stacks = []
    for cells, variant in sides:
        stack = book.stacks((*place[:3], cells.budget or place[3])).get(variant)
        if stack is None:
            task = {GENERIC: " on the generic task", GENERIC_BEFORE: " before the follow-up"}
            where = task.get(cells.budget, "")
            reason = f"no result of {variant_title(variant)}{where}: failed, or not evaluated"
            return Skipped(contrast.name, place, reason)
        stacks.append(stack)
    pair = paired(*stacks)
    titles = variant_title(first), variant_title(second)
    if pair is None:
        reason = f"no seed that {titles[0]} and {titles[1]} share"
        return Skipped(contrast.name, place, reason, wants_seeds=True)
    differences, seeds = pair
    interval = differences.interval()
    if len(seeds) == 1:
        reason = (
            f"one seed says nothing about seeds: {titles[0]} against {titles[1]}, "
            f"{100 * interval.estimate:+.1f} points without an interval"
        )
        return Skipped(contrast.name, place, reason, wants_seeds=True)
    return Compared(contrast.name, place, *titles, interval, seeds, differences, first)
