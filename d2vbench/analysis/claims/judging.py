"""Claims: common advice, each with the comparisons that test it and a measured verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from d2vbench.analysis.claims.evidence import (
    CONTRADICTS,
    DETAIL,
    MIXED,
    SUPPORTS,
    VOTE,
    ClaimTest,
    Evidence,
)
from d2vbench.analysis.contrasts.contrasts import Scorebook, Skipped
from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.contrasts.scores import holm
from d2vbench.analysis.statistics.bayesian import SignedRankProbabilities, bayesian_signed_rank
from d2vbench.keys import derive_seed


class Outcome(str, Enum):
    """What a run says of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    MIXED = "mixed"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTED = "not tested"

    def __str__(self) -> str:
        """Return the words alone."""
        return self.value


@dataclass(frozen=True)
class Claim:
    """A piece of advice as data.

    Attributes
    ----------
    id, statement : str
        For reference, and what is claimed.
    source : str
        Who says so.
    tests : tuple of ClaimTest
        What is looked at, and which finding speaks for or against. Fixed before there are data.
    needs : tuple of (str, str)
        The studies whose cells it takes, and which cells.
    reading : str
        What a verdict on it does and does not mean, beside what `judge` says of all.
    """

    id: str
    statement: str
    source: str
    tests: tuple[ClaimTest, ...]
    needs: tuple[tuple[str, str], ...]
    reading: str


@dataclass(frozen=True)
class Judged:
    """A claim and what a run says of it.

    Attributes
    ----------
    claim : Claim
        The claim.
    outcome : Outcome
        By the rule of `verdict_of` over all of the evidence that counts.
    by_place : dict of (str, str) to Outcome
        The same rule for each pair and model alone.
    evidence : list of Evidence
        The numbers.
    across : dict of (str, str) to SignedRankProbabilities
        By test and model, for differences of accuracy on two pairs or more: how probable it is that
        the first side is worse, equivalent or better on a pair like these, each pair counting
        once. It has no vote. Pairs that share a corpus are not independent, and are taken as if.
    skipped : list of Skipped
        What could not be looked at, and why.
    """

    claim: Claim
    outcome: Outcome
    by_place: Mapping[tuple[str, str], Outcome]
    evidence: list[Evidence] = field(default_factory=list)
    across: Mapping[tuple[str, str], SignedRankProbabilities] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def verdict_of(evidence: Iterable[Evidence]) -> Outcome:
    """Return what pieces of evidence amount to.

    Parameters
    ----------
    evidence : iterable of Evidence
        Those whose role is to vote count.

    Returns
    -------
    Outcome
        ``mixed`` where some speak for and some against: after Holm's adjustment either is unlikely
        to be chance, so it depends on where one looks. ``supported`` or ``contradicted`` where at
        least half speak that way and none the other way; ``inconclusive`` where fewer do;
        ``not tested`` where there is no evidence.
    """
    votes = [piece.vote for piece in evidence if piece.role == VOTE]
    for_it = sum(vote in (SUPPORTS, MIXED) for vote in votes)
    against = sum(vote in (CONTRADICTS, MIXED) for vote in votes)
    if not votes:
        return Outcome.NOT_TESTED
    if for_it and against:
        return Outcome.MIXED
    if 2 * for_it >= len(votes):
        return Outcome.SUPPORTED
    if 2 * against >= len(votes):
        return Outcome.CONTRADICTED
    return Outcome.INCONCLUSIVE


def judge(claims: Iterable[Claim], data: RunData, book: Scorebook | None = None) -> list[Judged]:
    """Say of each claim what a run shows.

    Parameters
    ----------
    claims : iterable of Claim
        For instance `d2vbench.analysis.CLAIMS`.
    data : RunData
        The run.
    book : Scorebook, optional
        Of that run, where there is one already.

    Returns
    -------
    list of Judged
        In their order. Each test compares in every place where the run has its cells; what a test
        finds on one pair with one model is one vote. p-values are adjusted by Holm's method over
        the votes of a claim. A verdict is about the pairs, models, sizes and settings of the run.
        ``supported`` does not say that the advice holds
        elsewhere, nor how large the difference is; ``inconclusive`` is no evidence against it;
        and comparisons within one run share seeds, documents and corpora, so that ten of them are
        less than ten pieces of evidence.
    """
    book = book or Scorebook(data)
    return [_judge(claim, data, book) for claim in claims]


def _judge(claim: Claim, data: RunData, book: Scorebook) -> Judged:
    evidence: list[Evidence] = []
    skipped: list[Skipped] = []
    gathered: list[tuple[ClaimTest, Evidence]] = []
    for test in claim.tests:
        found, left = test.gather(data, book)
        gathered += [(test, piece) for piece in found]
        skipped += left
    # One family of all votes, and one of the details of each pair and model.
    families: dict[tuple[str, ...], list[int]] = {}
    for i, (_, piece) in enumerate(gathered):
        where = (piece.pair, piece.model) if piece.role == DETAIL else ()
        families.setdefault((piece.role, *where), []).append(i)
    adjusted: dict[int, float] = {}
    for members in families.values():
        p = holm([gathered[i][1].interval.p for i in members])
        adjusted |= dict(zip(members, p, strict=True))
    evidence = [
        test.judged(replace(piece, p_holm=adjusted[i])) for i, (test, piece) in enumerate(gathered)
    ]
    evidence = [_torn(piece, evidence) for piece in evidence]
    places = dict.fromkeys((piece.pair, piece.model) for piece in evidence)
    by_place = {
        place: verdict_of(p for p in evidence if (p.pair, p.model) == place) for place in places
    }
    return Judged(
        claim, verdict_of(evidence), by_place, evidence, _across(claim.id, evidence), skipped
    )


def _across(claim: str, evidence: list[Evidence]) -> dict[tuple[str, str], SignedRankProbabilities]:
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for piece in evidence:
        if piece.role == VOTE and piece.unit == "accuracy":
            by_pair = found.setdefault((piece.test, piece.model), {})
            by_pair.setdefault(piece.pair, []).append(piece.interval.estimate)
    return {
        name: bayesian_signed_rank(
            [float(np.mean(values)) for values in by_pair.values()],
            np.random.default_rng(derive_seed(0, "signed rank", claim, *name)),
        )
        for name, by_pair in found.items()
        if len(by_pair) > 1
    }


def _torn(piece: Evidence, evidence: list[Evidence]) -> Evidence:
    """Return a vote as mixed where its details say both: a mean of the two would hide it."""
    if piece.role != VOTE:
        return piece
    where = (piece.test, piece.pair, piece.model)
    said = {
        other.vote
        for other in evidence
        if other.role == DETAIL and (other.test, other.pair, other.model) == where
    }
    return replace(piece, vote=MIXED) if {SUPPORTS, CONTRADICTS} <= said else piece
