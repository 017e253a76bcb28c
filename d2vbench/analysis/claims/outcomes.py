"""Tests of a claim by what is no single difference: spreads, regrets, crashes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from d2vbench.analysis.claims.evidence import (
    CONTEXT,
    RESTART,
    USUAL,
    Estimand,
    Evidence,
    Gathered,
    voted,
)
from d2vbench.analysis.claims.transfer import STUDY as TRANSFER
from d2vbench.analysis.claims.transfer import transfer
from d2vbench.analysis.contrasts.contrasts import Cells, Scorebook, Skipped, copies
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.variants import Variant, by_variant, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.spread import spread_ratio
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS, Verdict, verdict
from d2vbench.strategies import STRATEGIES, Strategy


@dataclass(frozen=True)
class SpreadTest:
    """How far schedules of a follow-up spread, over how far strategies do; see `spread_ratio`.

    Attributes
    ----------
    name : str
        In words.
    schedules : Cells
        The follow-ups; all of their k and start alphas.
    schedule : str
        Of the follow-ups, whatever alpha it starts at.
    k, shares : tuple
        Of the strategies compared, `combined` among them with k = 1.
    least : int
        Options that a side takes.
    estimand : Estimand
        Which of the comparisons votes.
    """

    name: str
    schedules: Cells
    schedule: str = "follow-up"
    k: tuple[int, ...] = (1, 4)
    shares: tuple[float | None, ...] = (None, 0.1)
    least: int = 3
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Compare the spreads in each place that has enough of both."""
        del data
        found: list[Evidence] = []
        skipped: list[Skipped] = []
        for place in book.places():
            stacks = book.stacks(place)
            follow = {v: s for v, s in stacks.items() if self.schedules.takes(v)
                      and v.schedule == self.schedule}  # fmt: skip
            usual = {v: s for v, s in stacks.items() if self._usual(v)}
            if len(follow) < self.least:
                continue
            if len(usual) < self.least:
                reason = f"{len(usual)} strategies to compare {len(follow)} schedules with"
                skipped.append(Skipped(self.name, place, reason))
                continue
            seeds = {stack.seeds for stack in (*follow.values(), *usual.values())}
            if len(seeds) > 1 or len(next(iter(seeds))) == 1:
                reason = "cells of other seeds" if len(seeds) > 1 else "one seed: no interval"
                skipped.append(Skipped(self.name, place, reason, wants_seeds=True))
                continue
            first, second = ([s.resampled for s in side.values()] for side in (follow, usual))
            found.append(
                Evidence(self.name, *place, f"{len(follow)} schedules of {self.schedules}",
                         f"{len(usual)} strategies", "ratio", spread_ratio(first, second),
                         len(next(iter(seeds))), self.estimand.role(place[1], place[3]))
            )  # fmt: skip
        if not found and not skipped:
            reason = f"no place has {self.least} {self.schedule}(...) schedules"
            skipped.append(Skipped(self.name, None, reason))
        return found, skipped

    def _usual(self, variant: Variant) -> bool:
        """Return whether this is a strategy in its usual schedule, of one length, on D."""
        name = variant.strategy
        if name not in STRATEGIES.built_in or name == "generic-only":
            return False
        if copies(variant) not in self.k or variant.share not in self.shares:
            return False
        natural = "linear" if Strategy(name).phases == 1 else "restart"
        return variant.schedule == natural and replace(self.schedules, strategy=(), k=()).takes(
            variant
        )

    def judged(self, piece: Evidence) -> Evidence:
        """Let a larger spread support, and a smaller one contradict."""
        finding = "inconclusive"
        if piece.seeds < MIN_SEEDS:
            finding = str(Verdict.TOO_FEW_SEEDS)
        elif piece.p_holm < 0.05:
            finding = "larger" if piece.interval.low > 1 else "smaller"
        return voted(piece, finding, ("larger",), ("smaller",))


@dataclass(frozen=True)
class TransferTest:
    """The regret of a schedule chosen on the other pairs; see `transfer`."""

    name: str
    estimand: Estimand = USUAL

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Leave each pair out in turn."""
        del book
        if TRANSFER not in data.studies():
            return [], [Skipped(self.name, None, f"the run has no study {TRANSFER}")]
        found, skipped = transfer(data.study(TRANSFER))
        return [
            Evidence(
                self.name, r.pair, r.fraction, r.model, r.labels, f"own: {variant_title(r.own)}",
                f"from {', '.join(r.chosen_on)}: {variant_title(r.chosen)}", "accuracy",
                r.interval, r.seeds, self.estimand.role(r.fraction, r.labels), r.variance,
            )
            for r in found
        ], skipped  # fmt: skip

    def judged(self, piece: Evidence) -> Evidence:
        """Let a regret support; one within the margin, or a gain, contradicts."""
        finding = str(verdict(piece.interval, piece.p_holm, piece.seeds))
        return voted(piece, finding, ("better",), ("worse", "equivalent"))


@dataclass(frozen=True)
class ExpansionTest:
    """What became of gensim's vocabulary expansion: a share of cells, no accuracy.

    Attributes
    ----------
    name : str
        In words.
    policy : str
        Vocabulary policy.
    bad, fine : tuple of str
        Outcomes that speak for the claim, and against it.
    context : bool
        Shown, but without a vote.
    estimand : Estimand
        Which of the comparisons votes.
    """

    name: str
    policy: str
    bad: tuple[str, ...] = ("crash", "overwrite")
    fine: tuple[str, ...] = ("success",)
    context: bool = False
    estimand: Estimand = RESTART

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Count the outcomes of each pair, model and variant."""
        del book
        cells = data.cells
        if "expansion_outcome" not in cells:
            return [], [Skipped(self.name, None, "no cell expands a vocabulary")]
        mine = cells[
            (cells["vocabulary_policy"] == self.policy) & cells["expansion_outcome"].notna()
        ]
        found = []
        for where, variant, rows in by_variant(mine):
            counts = rows["expansion_outcome"].value_counts()
            share = float(rows["expansion_outcome"].isin(self.bad).mean())
            outcome = ", ".join(f"{n} of {len(rows)} {what}" for what, n in counts.items())
            interval = Interval(share, math.nan, math.nan, math.nan)
            role = CONTEXT if self.context else self.estimand.role(where[1], "", variant)
            found.append(
                Evidence(self.name, *where, "", variant_title(variant), outcome, "share",
                         interval, len(rows), role)
            )  # fmt: skip
        return found, [] if found else [Skipped(self.name, None, f"no cells of {self.policy}")]

    def judged(self, piece: Evidence) -> Evidence:
        """Supported if every trial failed, contradicted if none did, else undecided."""
        share = piece.interval.estimate
        finding = {1.0: "never worked", 0.0: "worked"}.get(share, "worked at times")
        return voted(piece, finding, ("never worked",), ("worked",))
