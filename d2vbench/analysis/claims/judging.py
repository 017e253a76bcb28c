"""Claims: common advice, each with the comparisons that test it and a measured verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from d2vbench.analysis.claims.beyond import Beyond, over_new_corpora
from d2vbench.analysis.claims.evidence import (
    BESIDE,
    CONTRADICTS,
    FEW,
    OTHER_FAMILY,
    SHARE,
    SUPPORTS,
    VOTE,
    ClaimTest,
    Evidence,
)
from d2vbench.analysis.contrasts.contrasts import Scorebook, Skipped
from d2vbench.analysis.contrasts.frame import BASELINE, DOC2VEC, RunData
from d2vbench.analysis.contrasts.pair_means import main_fraction
from d2vbench.analysis.contrasts.scores import holm


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
    views : tuple of (str, str)
        Ways to make the comparison fair, none of which is enough alone: each in words, with the
        name of its test. Only where all agree is the claim supported, or contradicted. Empty for
        most claims: all votes count alike.
    universal : bool
        Whether it is about every vote: see `verdict_of_all`.
    """

    id: str
    statement: str
    source: str
    tests: tuple[ClaimTest, ...]
    needs: tuple[tuple[str, str], ...]
    reading: str
    views: tuple[tuple[str, str], ...] = ()
    universal: bool = False

    def outcome(self, evidence: Sequence[Evidence]) -> Outcome:
        """Return what pieces of evidence amount to, by `verdict_of` and what is set above."""
        if self.universal:
            return verdict_of_all(evidence)
        if not self.views:
            return verdict_of(evidence)
        said = set(self.by_view(evidence).values())
        if len(said) == 1:
            return said.pop()
        both = {Outcome.SUPPORTED, Outcome.CONTRADICTED} <= said or Outcome.MIXED in said
        return Outcome.MIXED if both else Outcome.INCONCLUSIVE

    def by_view(self, evidence: Sequence[Evidence]) -> dict[str, Outcome]:
        """Return what the votes of each of the `views` amount to."""
        return {
            view: verdict_of(piece for piece in evidence if piece.test == test)
            for view, test in self.views
        }


@dataclass(frozen=True)
class Judged:
    """A claim and what a run says of it.

    Attributes
    ----------
    claim : Claim
        The claim.
    outcome : Outcome
        By the rule of `Claim.outcome` over the votes with all labels, and those of no classifier.
    outcome_few : Outcome
        The same with few labels, `FEW` a class; `NOT_TESTED` where no vote has labels.
    outcome_new : Outcome
        The verdict about new generic and new domain corpora: the same rule over ``beyond``, each
        test and model one vote, with all labels. `NOT_TESTED` with fewer than two pairs, and where
        a claim is about no difference of accuracies or cosines.
    by_place : dict of (str, str) to Outcome
        The rule of `outcome` for each pair and model alone.
    evidence : list of Evidence
        The numbers.
    beyond : list of Beyond
        What ``outcome_new`` rests on, and the same with few labels.
    skipped : list of Skipped
        What could not be looked at, and why.
    """

    claim: Claim
    outcome: Outcome
    outcome_few: Outcome
    outcome_new: Outcome
    by_place: Mapping[tuple[str, str], Outcome]
    evidence: list[Evidence] = field(default_factory=list)
    beyond: list[Beyond] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def votes(self) -> list[Evidence]:
        """The pieces that make `outcome`."""
        return [piece for piece in self.evidence if piece.role == VOTE and piece.labels != FEW]


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
    return outcome_of([piece.vote for piece in evidence if piece.role == VOTE])


def outcome_of(votes: Sequence[str]) -> Outcome:
    """Return what votes amount to: the rule of `verdict_of`."""
    for_it, against = (list(votes).count(way) for way in (SUPPORTS, CONTRADICTS))
    if not votes:
        return Outcome.NOT_TESTED
    if for_it and against:
        return Outcome.MIXED
    if 2 * for_it >= len(votes):
        return Outcome.SUPPORTED
    if 2 * against >= len(votes):
        return Outcome.CONTRADICTED
    return Outcome.INCONCLUSIVE


def verdict_of_all(evidence: Iterable[Evidence]) -> Outcome:
    """Return what pieces of evidence amount to for a claim about each of them.

    ``contradicted`` where one vote says so, ``supported`` where all support, ``not tested``
    without votes; else ``inconclusive``.
    """
    votes = {piece.vote for piece in evidence if piece.role == VOTE}
    if not votes:
        return Outcome.NOT_TESTED
    if CONTRADICTS in votes:
        return Outcome.CONTRADICTED
    return Outcome.SUPPORTED if votes == {SUPPORTS} else Outcome.INCONCLUSIVE


def judge(
    claims: Iterable[Claim], data: RunData, book: Scorebook | None = None, of: str = DOC2VEC
) -> list[Judged]:
    """Say of each claim what a run shows.

    Parameters
    ----------
    claims : iterable of Claim
        For instance `d2vbench.analysis.CLAIMS`.
    data : RunData
        The run.
    book : Scorebook, optional
        Of that run, where there is one already.
    of : str
        The family that the claims are about: comparisons of others have no vote.

    Returns
    -------
    list of Judged
        In their order. Each test compares in every place where the run has its cells; what it finds
        on one pair with one model, for the one estimand that it states (see `Estimand`), is one
        vote. Where a run compares a pair at smaller shares of D alone, the vote is that of the
        share at which the pair has most variants. Comparisons of other shares, k, schedules or
        label budgets stand beside and have no vote, and neither have those of models of another
        family: common advice is about Doc2Vec.
        p-values are adjusted by Holm's method over the votes of a claim with as many labels. A
        verdict is about the pairs, models and settings of the run; whether it holds for new generic
        and new domain corpora is a verdict of its own, by `over_pairs`.
        ``supported`` does not say that the advice holds elsewhere, nor how large the difference
        is; ``inconclusive`` is no evidence against it; and comparisons within one run share seeds,
        documents and corpora, so that ten of them are less than ten pieces of evidence.

    Raises
    ------
    ValueError
        If a test has two votes on one pair with one model and label budget.
    """
    book = book or Scorebook(data)
    return [_judge(claim, data, book, of) for claim in claims]


def _judge(claim: Claim, data: RunData, book: Scorebook, of: str) -> Judged:
    gathered: list[tuple[ClaimTest, Evidence]] = []
    skipped: list[Skipped] = []
    others, shares = _other_models(data, of), _main_shares(data)
    for test in claim.tests:
        found, left = test.gather(data, book)
        found = _at_the_share_of_the_pair(found, shares)
        gathered += [(test, _of_its_family(piece, others)) for piece in found]
        skipped += left
    _check_votes(claim, [piece for _, piece in gathered])
    evidence = _judged(gathered)
    few = [piece for piece in evidence if piece.labels == FEW]
    most = [piece for piece in evidence if piece.labels != FEW]
    places = dict.fromkeys((piece.pair, piece.model) for piece in most if piece.role == VOTE)
    means = [
        (test, *mean)
        for test in claim.tests
        for mean in over_new_corpora([p for t, p in gathered if t is test], data)
    ]
    pieces = _judged([(test, piece) for test, piece, _ in means])
    beyond = [Beyond(piece, found) for piece, (*_, found) in zip(pieces, means, strict=True)]
    return Judged(
        claim,
        claim.outcome(most),
        claim.outcome(few),
        claim.outcome([piece for piece in pieces if piece.labels != FEW]),
        {place: claim.outcome([p for p in most if (p.pair, p.model) == place]) for place in places},
        evidence,
        beyond,
        skipped,
    )


def _judged(gathered: list[tuple[ClaimTest, Evidence]]) -> list[Evidence]:
    """Return pieces with their findings and votes, p-values adjusted by family."""
    families: dict[tuple[str, ...], list[int]] = {}
    for i, (_, piece) in enumerate(gathered):
        families.setdefault(_holm_family(piece), []).append(i)
    adjusted: dict[int, float] = {}
    for members in families.values():
        p = holm([gathered[i][1].interval.p for i in members])
        adjusted |= dict(zip(members, p, strict=True))
    return [
        test.judged(replace(piece, p_holm=adjusted[i])) for i, (test, piece) in enumerate(gathered)
    ]


def _other_models(data: RunData, of: str) -> set[str]:
    """Return the models of a run of other families; older tables do not name the family."""
    cells = data.cells
    if "family" not in cells:
        return set()
    return set(cells["model"][cells["family"] != of])


def _main_shares(data: RunData) -> dict[str, float]:
    """Return the share of D at which each pair has most variants."""
    cells = data.cells
    trained = cells[cells["model"] != BASELINE] if len(cells) else cells
    return {str(pair): main_fraction(rows) for pair, rows in trained.groupby("pair")}


def _at_the_share_of_the_pair(
    pieces: Iterable[Evidence], shares: Mapping[str, float]
) -> list[Evidence]:
    """Let pieces vote at the share of a pair where the run has none with all of D."""
    pieces = list(pieces)

    def place(piece: Evidence) -> tuple[str, ...]:
        return piece.test, piece.pair, piece.model, piece.labels

    whole = {place(piece) for piece in pieces if piece.role == VOTE}

    def role(piece: Evidence) -> str:
        if piece.role != SHARE:
            return piece.role
        mine = piece.fraction == shares.get(piece.pair) and place(piece) not in whole
        return VOTE if mine else BESIDE

    return [replace(piece, role=role(piece)) for piece in pieces]


def _of_its_family(piece: Evidence, others: set[str]) -> Evidence:
    return replace(piece, role=OTHER_FAMILY) if _votes(piece) and piece.model in others else piece


def _votes(piece: Evidence) -> bool:
    return piece.role == VOTE


def _holm_family(piece: Evidence) -> tuple[str, ...]:
    """Return which p-values are adjusted together: the votes of a verdict, and others by place."""
    if _votes(piece):
        return piece.role, FEW if piece.labels == FEW else ""
    where = (piece.model,) if piece.role == OTHER_FAMILY else (piece.pair, piece.model)
    return piece.role, *where


def _check_votes(claim: Claim, pieces: Iterable[Evidence]) -> None:
    places = Counter((p.test, p.pair, p.model, p.labels) for p in pieces if _votes(p))
    for place, count in places.items():
        if count > 1:
            raise ValueError(
                f"a vote is one estimand, but {claim.id} has {count} on {' / '.join(place)}: name "
                "the k and the schedule that vote in the test's Estimand"
            )
