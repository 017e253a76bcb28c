"""Tests of a claim by differences of accuracies, and by measures of a follow-up."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from d2vbench.analysis.claims.evidence import (
    BESIDE,
    CONTEXT,
    RESTART,
    USUAL,
    Estimand,
    Evidence,
    Gathered,
    voted,
)
from d2vbench.analysis.contrasts.contrasts import (
    Cells,
    Compared,
    Contrast,
    Scorebook,
    Skipped,
    compare,
    copies,
)
from d2vbench.analysis.contrasts.drift import Measured, take_measure
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.scores import weighted
from d2vbench.analysis.contrasts.variants import variant_title
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE, MIN_SEEDS, verdict


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
    context : bool
        The one that would vote is shown, but without a vote.
    """

    contrast: Contrast
    supports: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    estimand: Estimand = USUAL
    context: bool = False

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare wherever the run has both sides."""
        found, skipped = compare([self.contrast], data, book)
        return [
            Evidence(
                c.contrast, *c.place, c.first, c.second, "accuracy", c.interval, len(c.seeds),
                self._role(c), c.differences.variance,
            )
            for c in found
        ], skipped  # fmt: skip

    def _role(self, c: Compared) -> str:
        role = self.estimand.role(c.place[1], c.place[3], c.variant)
        return CONTEXT if self.context and role != BESIDE else role

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)


@dataclass(frozen=True)
class PartsTest:
    """Which of two steps from one strategy to another makes more of the difference.

    Attributes
    ----------
    name : str
        What is compared, in words.
    start, middle, end : Cells
        Where the two steps begin, meet and end. What is judged is the second step minus the first:
        ``end - 2 * middle + start``, in pairs of seeds and test documents.
    supports, contradicts : tuple of str
        As of a `ContrastTest`.
    estimand : Estimand
        Which comparison votes, by the variant of ``end``.
    """

    name: str
    start: Cells
    middle: Cells
    end: Cells
    supports: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare wherever the run has all three."""
        del data
        found: list[Evidence] = []
        skipped: list[Skipped] = []
        for place in book.places():
            stacks = book.stacks(place)
            starts = [v for v in stacks if self.start.takes(v)]
            for end in filter(self.end.takes, stacks):
                middles = [v for v in stacks if self.middle.takes(v) and copies(v) == copies(end)]
                if len(starts) != 1 or len(middles) != 1:
                    reason = f"no cells of {self.start} or of {self.middle} beside"
                    skipped.append(Skipped(self.name, place, f"{reason} {variant_title(end)}"))
                    continue
                three = [stacks[v] for v in (*starts, *middles, end)]
                sums = weighted(three, ((1.0, -2.0, 1.0),))
                if sums is None or len(sums[1]) < 2:
                    reason = "no two seeds that all three share"
                    skipped.append(Skipped(self.name, place, reason, wants_seeds=True))
                    continue
                (resampled,), seeds = sums
                begin, middle, last = map(variant_title, (starts[0], middles[0], end))
                found.append(
                    Evidence(
                        self.name, *place, f"second step: {middle} to {last}",
                        f"first step: {begin} to {middle}",
                        "accuracy", resampled.interval(), len(seeds),
                        self.estimand.role(place[1], place[3], end), resampled.variance,
                    )
                )  # fmt: skip
        if not found and not skipped:
            skipped.append(Skipped(self.name, None, f"no cells of {self.end}"))
        return found, skipped

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference of the two steps."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)


@dataclass(frozen=True)
class MeasureTest:
    """A measure of a follow-up that speaks for a claim where it exceeds a margin.

    Attributes
    ----------
    cells : Cells
        Which.
    measure, unit : str
        In words, and as in `Evidence`.
    value : str
        Column of the measure.
    minus : str
        Column that is taken off it; empty: none.
    shown : tuple of (str, str)
        Two or more columns whose means are shown beside, each after its name in words.
    margin : float
        Supported where the whole interval lies above it and the adjusted p is under 0.05;
        contradicted where the whole interval lies below: about zero, or less.
    context : bool
        Shown, but without a vote.
    estimand : Estimand
        Which of the comparisons votes.
    """

    cells: Cells
    measure: str
    unit: str
    value: str
    minus: str = ""
    shown: tuple[tuple[str, str], ...] = ()
    margin: float = EQUIVALENCE
    context: bool = False
    estimand: Estimand = RESTART

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Take the measure wherever it was measured."""
        del book
        columns = (*(column for _, column in self.shown), self.value)
        found, skipped = take_measure(data, self.cells, self.measure, columns, self.minus)
        return [self._piece(m) for m in found], skipped

    def _piece(self, m: Measured) -> Evidence:
        # Half-way between two texts, the last digit of a sum must not decide: ids hash them.
        first, *others = (f"{name} {round(m.means[c], 12):.3f}" for name, c in self.shown)
        values = list(m.values.values())
        role = CONTEXT if self.context else self.estimand.role(m.fraction, "", m.variant)
        return Evidence(
            m.measure, m.pair, m.fraction, m.model, "", f"{variant_title(m.variant)}: {first}",
            ", ".join(others), self.unit, m.interval, len(values), role,
            statistics.variance(values) / len(values),
        )  # fmt: skip

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the measure against the margin."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds, self.margin))
        if piece.seeds >= MIN_SEEDS:
            above = piece.interval.low > self.margin and piece.p_holm < 0.05
            below = piece.interval.high < self.margin
            finding = "beyond the margin" if above else "within it or less" if below else finding
        return voted(piece, finding, ("beyond the margin",), ("within it or less",))
