"""What a claim rests on: comparisons of one estimand each, of which one for each place votes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

from d2vbench.analysis.contrasts.contrasts import Scorebook, Skipped, copies
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.scores import GENERIC
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.analysis.statistics.bootstrap import Interval

VOTE = "vote"
BESIDE = "beside"
SHARE = "another share"
OTHER_FAMILY = "other family"
CONTEXT = "context"

SUPPORTS = "supports"
CONTRADICTS = "contradicts"
UNDECIDED = "undecided"

# All labels make the verdict of a claim, the few make another beside it.
ALL, FEW = "all", "10"


@dataclass(frozen=True)
class Estimand:
    """Which of the comparisons of a test votes, fixed before there are data.

    Of each pair, model and label budget it is one comparison, so that no vote averages unlike
    cells. The default: all of D, k = 4, all labels, and beside it 10 labels a class.

    Attributes
    ----------
    k : int or str or None
        Of the first side, 1 for `combined`; None where comparisons do not differ by k.
    schedule : str
        Of the first side; empty where comparisons do not differ by schedule.
    fraction : float
        Share of D; where a run has the comparison on a pair at other shares alone, it is the share
        at which the pair has most variants.
    """

    k: int | str | None = 4
    schedule: str = ""
    fraction: float = 1.0

    def role(self, fraction: float, labels: str, variant: Variant | None = None) -> str:
        """Return the role of a comparison.

        Parameters
        ----------
        fraction : float
            Share of D.
        labels : str
            Label budget; empty or the name of the generic task where there is none.
        variant : Variant, optional
            The first side, where comparisons differ by it.

        Returns
        -------
        str
            `VOTE`; `SHARE` where but for the share of D it would vote; or `BESIDE`.
        """
        # Labels of all of D, whatever share trains, are another estimand.
        usual = labels in ("", GENERIC, ALL, FEW)
        mine = variant is None or (
            self.k in (None, copies(variant)) and self.schedule in ("", variant.schedule)
        )
        if not (usual and mine):
            return BESIDE
        return VOTE if fraction == self.fraction else SHARE


USUAL = Estimand()
RESTART = Estimand(schedule="restart")


@dataclass(frozen=True)
class Evidence:
    """One comparison and what it says of a claim.

    Attributes
    ----------
    test : str
        What was compared, in words.
    pair, model, labels : str
        Where; ``labels`` is empty where no classifier is involved.
    fraction : float
        Share of D.
    first, second : str
        The two sides, in words: strategy, k, schedule and vocabulary policy.
    unit : str
        Of the interval: "accuracy" and "cosine" (differences in [-1, 1]), "lost", "ratio" or
        "share".
    interval : Interval
        What was found.
    seeds : int
        How many it rests on.
    role : str
        `VOTE`; `BESIDE`, another estimand than the one that votes; `OTHER_FAMILY`, the estimand
        that votes, of a model that is no Doc2Vec; or `CONTEXT`, which says nothing of the claim.
    variance : float
        Sampling variance of the estimate, by seeds and test documents; NaN where not known.
    p_holm : float
        Adjusted over the votes of the claim with as many labels; beside them over the comparisons
        of the pair and model, or of the model. NaN where there is no p.
    finding : str
        In a word: a `Verdict`, or what became of an expansion.
    vote : str
        What it says of the claim, whether it counts or not: `SUPPORTS`, `CONTRADICTS` or
        `UNDECIDED`.
    """

    test: str
    pair: str
    fraction: float
    model: str
    labels: str
    first: str
    second: str
    unit: str
    interval: Interval
    seeds: int
    role: str = VOTE
    variance: float = math.nan
    p_holm: float = math.nan
    finding: str = ""
    vote: str = UNDECIDED


Gathered = tuple[list[Evidence], list[Skipped]]


class ClaimTest(Protocol):
    """A way to test a claim."""

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Return what there is to see, each piece one estimand; nothing has voted yet.

        Of each test, pair, model and label budget one piece may have the role `VOTE`; see
        `Estimand.role`.
        """
        ...

    def judged(self, piece: Evidence) -> Evidence:
        """Return a piece with its finding and its vote, from its interval and adjusted p."""
        ...


def voted(
    piece: Evidence, finding: str, supports: tuple[str, ...], contradicts: tuple[str, ...]
) -> Evidence:
    """Return a piece with a finding, and the vote that goes with it."""
    vote = SUPPORTS if finding in supports else UNDECIDED
    vote = CONTRADICTS if finding in contradicts else vote
    vote = UNDECIDED if piece.role == CONTEXT else vote
    return replace(piece, finding=finding, vote=vote)
