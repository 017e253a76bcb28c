"""Tests of a claim at equal exposure: at equal words, at equal area of D, and beside the curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from d2vbench.analysis.claims.evidence import BESIDE, USUAL, Estimand, Evidence, Gathered, voted
from d2vbench.analysis.contrasts.contrasts import Cells, Place, Scorebook, Skipped
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.variants import variant_title
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE, MIN_SEEDS, Verdict, verdict
from d2vbench.analysis.studies.exposure import (
    AREA,
    VARIANTS,
    WORDS,
    Point,
    Residual,
    difference,
    distinct,
    fit,
    points,
    within,
)

# A curve through fewer distinct values says little of what lies between them.
LEAST = {AREA: 3, WORDS: 2}
_AXES = {AREA: "area of D", WORDS: "number of words"}


@dataclass(frozen=True)
class EqualTest:
    """A difference of two strategies at the same value of an axis of exposure.

    Attributes
    ----------
    name : str
        In words.
    anchor : Cells
        One variant, whose value on the axis is where both are compared: the same estimand on every
        pair.
    first, second : Cells
        The two sides. Each is a curve through all of its variants; see `points`.
    axis : str
        `AREA` or `WORDS`.
    varying : tuple of str
        Settings in which the variants of a curve may differ.
    supports, contradicts : tuple of str
        Which verdicts speak for the claim and which against.
    estimand : Estimand
        Which of the comparisons votes.
    """

    name: str
    anchor: Cells
    first: Cells
    second: Cells
    axis: str
    varying: tuple[str, ...]
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare wherever both curves reach the anchor."""
        found: list[Evidence] = []
        skipped: list[Skipped] = []
        for place in book.places():
            if self.axis in data.cells:
                one = self._one(book, place)
            else:
                one = Skipped(self.name, place, "no exposure is known")
            if isinstance(one, Evidence):
                found.append(one)
            elif one and self.estimand.role(place[1], place[3]) != BESIDE:
                skipped.append(one)
        if not found and not skipped:
            reason = f"no cells of {self.first} and of {self.second}"
            skipped.append(Skipped(self.name, None, reason))
        return found, skipped

    def _one(self, book: Scorebook, place: Place) -> Evidence | Skipped | None:
        """Return the comparison in one place, or why there is none; None without any cells."""
        sides = [
            points(book, place, self.axis, cells.takes, self.varying)
            for cells in (self.first, self.second)
        ]
        if not all(sides):
            return None
        anchors = points(book, place, self.axis, self.anchor.takes, ())
        if len(anchors) != 1:
            reason = f"not computed: needs {self.anchor} in its usual settings"
            return Skipped(self.name, place, reason)
        at = anchors[0].x
        for cells, side in zip((self.first, self.second), sides, strict=True):
            xs = [p.x for p in side]
            if side != anchors and (distinct(xs) < LEAST[self.axis] or not within(xs, at)):
                return Skipped(
                    self.name, place,
                    f"not computed: {cells} has {distinct(xs)} distinct values of the "
                    f"{_AXES[self.axis]} and needs {LEAST[self.axis]} or more on both sides of "
                    f"that of {variant_title(anchors[0].variant)} (studies tuned and schedules)",
                )  # fmt: skip
        made = difference(sides[0], sides[1], at)
        if made is None or len(made[1]) == 1:
            reason = "no seeds, or one, that all of the variants share"
            return Skipped(self.name, place, reason, wants_seeds=True)
        resampled, seeds = made
        names = [
            self._said(cells, side, at)
            for cells, side in zip((self.first, self.second), sides, strict=True)
        ]
        return Evidence(
            self.name, *place, names[0], names[1], "accuracy", resampled.interval(), len(seeds),
            self.estimand.role(place[1], place[3]), resampled.variance,
        )  # fmt: skip

    def _said(self, cells: Cells, side: list[Point], at: float) -> str:
        value = f"{at:.2f}" if self.axis == AREA else f"{at / 1e6:,.1f} M"
        if len(side) == 1:
            return f"{variant_title(side[0].variant)} ({value})"
        return f"{' or '.join(cells.strategy)}, curve of {len(side)} ({value})"

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the difference."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, self.supports, self.contradicts)


@dataclass(frozen=True)
class ResidualTest:
    """How far each strategy lies off the curve that the others make of the area of D; see `fit`.

    A strategy within the margin of practical equivalence supports; one beyond it, with the whole
    of its interval, contradicts.

    Attributes
    ----------
    name : str
        In words; the strategy follows.
    estimand : Estimand
        Which of the comparisons votes; of strategies with fewer than `VARIANTS` variants none does.
    """

    name: str
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Fit wherever a run has enough variants."""
        found: list[Evidence] = []
        skipped: list[Skipped] = []
        for place in book.places() if AREA in data.cells else ():
            made = fit(book, place)
            if made is not None:
                found += self._pieces(place, made.residuals)
            elif self.estimand.role(place[1], place[3]) != BESIDE:
                reason = "not computed: needs more variants of more strategies (study tuned)"
                skipped.append(Skipped(self.name, place, reason))
        if not found and not skipped:
            skipped.append(Skipped(self.name, None, "no cells with a known exposure of D"))
        return found, skipped

    def _pieces(self, place: Place, residuals: list[Residual]) -> Iterator[Evidence]:
        role = self.estimand.role(place[1], place[3])
        for r in residuals:
            if len(r.seeds) < 2:
                continue
            areas = f"{r.low:.2f}" if r.low == r.high else f"{r.low:.2f} to {r.high:.2f}"
            yield Evidence(
                f"{r.strategy}: {self.name}", *place, f"{r.strategy}, {r.variants} variants",
                f"the others at areas of {areas}", "accuracy", r.mean.interval(), len(r.seeds),
                role if r.variants >= VARIANTS else BESIDE, r.mean.variance,
            )  # fmt: skip

    def judged(self, piece: Evidence) -> Evidence:
        """Judge the residual by the margin."""
        low, high = piece.interval.low, piece.interval.high
        finding = "inconclusive"
        if piece.seeds < MIN_SEEDS:
            finding = str(Verdict.TOO_FEW_SEEDS)
        elif low >= -EQUIVALENCE and high <= EQUIVALENCE:
            finding = "equivalent"
        elif piece.p_holm < 0.05 and low > EQUIVALENCE:
            finding = "beyond the curve"
        elif piece.p_holm < 0.05 and high < -EQUIVALENCE:
            finding = "short of the curve"
        contradicts = ("beyond the curve", "short of the curve")
        return voted(piece, finding, ("equivalent",), contradicts)
