"""What a claim rests on: comparisons that vote, and the details behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

from d2vbench.analysis.contrasts.contrasts import Scorebook, Skipped
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.statistics.bootstrap import Interval

VOTE = "vote"
DETAIL = "detail"
CONTEXT = "context"

SUPPORTS = "supports"
CONTRADICTS = "contradicts"
MIXED = "mixed"
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Evidence:
    """One comparison and what it says of a claim.

    Attributes
    ----------
    test : str
        What was compared, in words.
    pair, model, labels : str
        Where; ``labels`` is empty for the mean over label budgets and where no classifier is
        involved.
    fraction : float
        Share of D; NaN for the mean over several.
    first, second : str
        The two sides, in words.
    unit : str
        Of the interval: "accuracy" and "cosine" (differences in [-1, 1]), "ratio" or "share".
    interval : Interval
        What was found.
    seeds : int
        How many it rests on.
    role : str
        `VOTE`; `DETAIL`, one of those that a vote is the mean of; or `CONTEXT`, shown beside.
    p_holm : float
        Adjusted over all votes of the claim, or over all details of its pair and model; NaN where
        there is no p.
    finding : str
        In a word: a `Verdict`, or what became of an expansion.
    vote : str
        `SUPPORTS`, `CONTRADICTS` or `UNDECIDED`; `MIXED` where details say both.
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
    p_holm: float = math.nan
    finding: str = ""
    vote: str = UNDECIDED


Gathered = tuple[list[Evidence], list[Skipped]]


class ClaimTest(Protocol):
    """A way to test a claim."""

    def gather(self, data: RunData, book: Scorebook) -> Gathered:
        """Return what there is to see; nothing has voted yet."""
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
