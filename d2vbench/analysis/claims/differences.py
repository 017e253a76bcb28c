"""Tests of a claim by differences: of accuracies, and of measures of the same cells."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from d2vbench.analysis.claims.evidence import RESTART, USUAL, Estimand, Evidence, Gathered, voted
from d2vbench.analysis.contrasts.contrasts import Cells, Contrast, Scorebook, compare
from d2vbench.analysis.contrasts.drift import Moved, compare_measures
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.variants import variant_title
from d2vbench.analysis.statistics.verdicts import verdict


@dataclass(frozen=True)
class ContrastTest:
    """A difference of accuracies.

    Attributes
    ----------
    contrast : Contrast
        What is compared: in each place for each k, share of D and label budget.
    supports, contradicts : tuple of str
        Which verdicts speak for the claim and which against.
    estimand : Estimand
        Which of the comparisons votes.
    """

    contrast: Contrast
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare wherever the run has both sides."""
        found, skipped = compare([self.contrast], data, book)
        return [
            Evidence(
                c.contrast, *c.place, c.first, c.second, "accuracy", c.interval, len(c.seeds),
                self.estimand.role(c.place[1], c.place[3], c.variant), c.differences.variance,
            )
            for c in found
        ], skipped  # fmt: skip

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
    estimand : Estimand
        Which of the comparisons votes.
    """

    cells: Cells
    first: str
    second: str
    measure: str
    first_name: str
    second_name: str
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]
    estimand: Estimand = RESTART

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare the columns wherever both were measured."""
        del book
        found, skipped = compare_measures(data, self.cells, self.first, self.second, self.measure)
        return [self._piece(m) for m in found], skipped

    def _piece(self, m: Moved) -> Evidence:
        # Half-way between two texts, the last digit of a sum must not decide: ids hash them.
        means = [f"{round(value, 12):.3f}" for value in (m.first, m.second)]
        first = f"{variant_title(m.variant)}: {self.first_name} {means[0]}"
        second = f"{self.second_name} {means[1]}"
        values = list(m.differences.values())
        return Evidence(
            m.measure, m.pair, m.fraction, m.model, "", first, second, "cosine", m.interval,
            len(values), self.estimand.role(m.fraction, "", m.variant),
            statistics.variance(values) / len(values),
        )  # fmt: skip

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)
