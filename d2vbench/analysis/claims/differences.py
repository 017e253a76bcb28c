"""Tests of a claim by differences: of accuracies, and of measures of the same cells."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from d2vbench.analysis.claims.evidence import DETAIL, Evidence, Gathered, voted
from d2vbench.analysis.contrasts.contrasts import Cells, Compared, Contrast, Scorebook, compare
from d2vbench.analysis.contrasts.drift import Moved, compare_measures, seed_interval
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.statistics.bootstrap import mean_of
from d2vbench.analysis.statistics.verdicts import verdict


@dataclass(frozen=True)
class ContrastTest:
    """A difference of accuracies, the mean over what is compared on a pair with a model.

    Attributes
    ----------
    contrast : Contrast
        What is compared: in one place for each k, share of D and label budget. Their mean votes,
        so that one pair and model has one vote however many cells it has; they are its details.
    supports, contradicts : tuple of str
        Which verdicts speak for the claim and which against.
    """

    contrast: Contrast
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare wherever the run has both sides."""
        found, skipped = compare([self.contrast], data, book)
        together: dict[tuple[object, ...], list[Compared]] = {}
        for c in found:
            # Means are of the same seeds and documents.
            together.setdefault((c.place[0], c.place[2], c.seeds), []).append(c)
        evidence: list[Evidence] = []
        for group in together.values():
            details = [
                Evidence(
                    c.contrast, *c.place, c.first, c.second, "accuracy", c.interval, len(c.seeds)
                )
                for c in group
            ]
            mean = mean_of([c.differences for c in group]).interval()
            evidence += _with_details(replace(details[0], interval=mean), details)
        return evidence, skipped

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)


@dataclass(frozen=True)
class MeasureTest:
    """A difference of two measures of the same cells, the mean over what a pair and model have.

    Attributes
    ----------
    cells : Cells
        Which.
    first, second : str
        Columns; see `compare_measures`.
    measure, first_name, second_name : str
        In words.
    supports, contradicts : tuple of str
        As in `ContrastTest`; the region of practical equivalence is the same, +-0.01.
    """

    cells: Cells
    first: str
    second: str
    measure: str
    first_name: str
    second_name: str
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare the columns wherever both were measured."""
        del book
        found, skipped = compare_measures(data, self.cells, self.first, self.second, self.measure)
        together: dict[tuple[object, ...], list[Moved]] = {}
        for m in found:
            together.setdefault((m.pair, m.model, tuple(m.differences)), []).append(m)
        evidence: list[Evidence] = []
        for group in together.values():
            details = [self._detail(m) for m in group]
            by_seed = [
                sum(m.differences[seed] for m in group) / len(group)
                for seed in group[0].differences
            ]
            evidence += _with_details(replace(details[0], interval=seed_interval(by_seed)), details)
        return evidence, skipped

    def _detail(self, m: Moved) -> Evidence:
        # Half-way between two texts, the last digit of a sum must not decide: ids hash them.
        means = [f"{round(value, 12):.3f}" for value in (m.first, m.second)]
        first = f"{m.variant}: {self.first_name} {means[0]}"
        second = f"{self.second_name} {means[1]}"
        where = (m.pair, m.fraction, m.model, "")
        seeds = len(m.differences)
        return Evidence(m.measure, *where, first, second, "cosine", m.interval, seeds)

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)


def _with_details(mean: Evidence, details: list[Evidence]) -> list[Evidence]:
    """Return the piece that votes, and what it is the mean of where that is more than one."""
    if len(details) == 1:
        return [mean]
    fractions = {piece.fraction for piece in details}
    labels = {piece.labels for piece in details}
    mean = replace(
        mean,
        fraction=fractions.pop() if len(fractions) == 1 else math.nan,
        labels=labels.pop() if len(labels) == 1 else "",
        first=_said(piece.first for piece in details),
        second=_said(piece.second for piece in details),
    )
    return [mean, *(replace(piece, role=DETAIL) for piece in details)]


def _said(names: Iterable[str]) -> str:
    """Return what several names are the mean of."""
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else f"mean of {'; '.join(distinct)}"
