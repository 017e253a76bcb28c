"""What the run says of each piece of common advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from d2vbench.analysis import Judged, Outcome
from d2vbench.analysis.claims.beyond import Beyond
from d2vbench.analysis.claims.evidence import (
    BESIDE,
    CONTRADICTS,
    FEW,
    OTHER_FAMILY,
    SUPPORTS,
    UNDECIDED,
    VOTE,
    Evidence,
)
from d2vbench.report.chapters.over_pairs import (
    OVER_PAIRS,
    new_pair_interval,
    over_pairs_numbers,
    pairs_text,
)
from d2vbench.report.document.blocks import brief_slug, table
from d2vbench.report.document.phrases import counted, interval_text, p_text, skipped_line
from d2vbench.report.document.structure import Block, Chapter, Paragraph, TableBlock
from d2vbench.report.document.titles import labels_title, model_title, pair_title

_RULE = (
    "A verdict counts comparisons: each test votes once for each pair and model, with all of D, "
    "k = 4 (or what the row says) and all labels; the verdict with 10 labels a class stands beside "
    "it. No vote averages cells of other k, shares of D or label budgets: those have no vote, and "
    "neither have models that are no Doc2Vec. supported or contradicted: at least half of the "
    "votes say so and none the other way; mixed: some say either; inconclusive: too few say "
    "anything, which is no evidence against a claim; not tested: the run lacks the cells. p-values "
    "are adjusted by Holm's method over the votes of a verdict. "
    "A verdict is about the pairs, models, sizes and settings of this run. Comparisons within a "
    "run share seeds, documents and corpora: ten of them are less than ten pieces of evidence."
)


def claims_chapter(judged: Sequence[Judged]) -> Chapter:
    """Lay the verdicts out: one table of all claims, then the numbers of each.

    Parameters
    ----------
    judged : sequence of Judged
        From `judge`.

    Returns
    -------
    Chapter
        A sub-chapter a claim, and one of what could not be compared.
    """
    columns = ("claim", "what is claimed", "verdict on these pairs", "what that rests on",
               "with 10 labels", "over new corpora")  # fmt: skip
    rows = [
        (j.claim.id, j.claim.statement, str(j.outcome), rests_on(j), _said(j.outcome_few),
         _said(j.outcome_new))
        for j in judged
    ]  # fmt: skip
    overview = table("claims", "Claims and verdicts", columns, rows, overview_table(judged), 6)
    chapters = [_claim(one) for one in judged]
    if any(one.skipped for one in judged):
        chapters.append(Chapter("not-compared", "What could not be compared", (_skipped(judged),)))
    return Chapter("claims", "Claims", (overview, Paragraph(_RULE)), tuple(chapters))


def overview_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return a row a claim: its verdict, and how many votes say what."""
    columns = ("claim", "statement", "verdict", "votes", "for", "against", "pairs", "models",
               "verdict_10", "votes_10", "for_10", "against_10", "verdict_new")  # fmt: skip
    rows = []
    for one in judged:
        votes = one.votes
        places = len({piece.pair for piece in votes}), len({piece.model for piece in votes})
        few = [piece for piece in one.evidence if piece.role == VOTE and piece.labels == FEW]
        rows.append((one.claim.id, one.claim.statement, str(one.outcome), *_counts(votes), *places,
                     str(one.outcome_few), *_counts(few), str(one.outcome_new)))  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _counts(votes: list[Evidence]) -> tuple[int, int, int]:
    said = Counter(piece.vote for piece in votes)
    return len(votes), said[SUPPORTS], said[CONTRADICTS]


def _said(outcome: Outcome) -> str:
    return "-" if outcome is Outcome.NOT_TESTED else str(outcome)


def _skipped(judged: Sequence[Judged]) -> TableBlock:
    counts = Counter((j.claim.id, s.contrast, s.reason) for j in judged for s in j.skipped)
    rows = [(*what, str(times)) for what, times in counts.items()]
    columns = ("claim", "comparison", "why not", "times")
    title = "Comparisons that could not be made"
    return table("claims-skipped", title, columns, rows, skipped_table(judged), 3)


def rests_on(judged: Judged) -> str:
    """Return in a few words what a verdict rests on, or what it would take."""
    if judged.outcome is Outcome.NOT_TESTED:
        studies = dict.fromkeys(study for study, _ in judged.claim.needs)
        return f"nothing yet: takes cells of study {' or '.join(studies)}"
    votes = judged.votes
    _, for_it, against = _counts(votes)
    said = f"{for_it} for, {against} against, {len(votes) - for_it - against} undecided"
    pairs = counted(len({piece.pair for piece in votes}), "pair")
    models = counted(len({piece.model for piece in votes}), "model")
    return f"{counted(len(votes), 'vote')} on {pairs}, {models}: {said}"


def evidence_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return every piece of evidence as a row, with all of its numbers."""
    columns = (
        "claim", "outcome", "outcome_here", "role", "test", "pair", "fraction", "model", "labels",
        "first", "second", "unit", "estimate", "low", "high", "p", "p_holm", "seeds", "finding",
        "vote",
    )  # fmt: skip
    rows = [
        (
            j.claim.id, str(j.outcome), str(j.by_place.get((e.pair, e.model), "")), e.role, e.test,
            e.pair, e.fraction, e.model, e.labels, e.first, e.second, e.unit, e.interval.estimate,
            e.interval.low, e.interval.high, e.interval.p, e.p_holm, e.seeds, e.finding, e.vote,
        )
        for j in judged
        for e in j.evidence
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def skipped_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return what could not be compared as rows."""
    rows = [
        (j.claim.id, s.contrast, *(s.place or ("", float("nan"), "", "")), s.reason)
        for j in judged
        for s in j.skipped
    ]
    return pd.DataFrame(
        rows, columns=["claim", "test", "pair", "fraction", "model", "labels", "reason"]
    )


def _claim(judged: Judged) -> Chapter:
    return Chapter(
        f"claim-{judged.claim.id.lower()}",
        f"{judged.claim.id}: {judged.outcome}",
        tuple(_claim_blocks(judged)),
    )


def _claim_blocks(judged: Judged) -> Iterator[Block]:
    claim = judged.claim
    yield Paragraph(f"{claim.statement} Said by: {claim.source}.")
    if not judged.evidence:
        needs = "; ".join(f"{what} (study {study})" for study, what in claim.needs)
        yield Paragraph(f"It takes: {needs}.")
    everything = evidence_table([judged])
    for test in dict.fromkeys(piece.test for piece in judged.evidence):
        found = [piece for piece in judged.evidence if piece.test == test]
        # What stands beside is shown where there is nothing that it could stand beside.
        mine = [piece for piece in found if piece.role != BESIDE] or found
        unit = _UNITS.get(mine[0].unit, mine[0].unit)
        yield table(
            f"claim-{claim.id.lower()}-{brief_slug(test)}",
            f"{claim.id}: {test}",
            _COLUMNS,
            [_row(piece) for piece in mine],
            everything[everything["test"] == test],
            4,
            f"Claim: {claim.statement} Found: {unit}. p-values are adjusted by Holm's method over "
            "the votes of a verdict.",
        )
    if judged.beyond:
        yield _over_pairs(judged)
        yield from map(Paragraph, dict.fromkeys(filter(None, map(_limits, judged.beyond))))
    if line := _beside(judged):
        yield Paragraph(line)
    if line := skipped_line(judged.skipped):
        yield Paragraph(line)
    yield Paragraph(f"How to read it: {claim.reading}")


_UNITS = {
    "accuracy": "difference of accuracy in percentage points",
    "cosine": "difference of cosines, or of shares of neighbours",
    "ratio": "a ratio, where 1 is no difference",
    "share": "the share of trials that went wrong",
}
_OVER = ("comparison", "model", "labels", "mean [95 %]", "on a new pair [95 %]", "p (Holm)",
         "pairs", "finding", "says")  # fmt: skip


def over_pairs_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return what the votes say of new corpora as rows, with all numbers."""
    rows = [
        {
            "claim": j.claim.id, "test": e.test, "model": e.model, "labels": e.labels,
            "fraction": e.fraction, "first": e.first, "second": e.second, "unit": e.unit,
            **over_pairs_numbers(o), "p_holm": e.p_holm, "seeds": e.seeds, "finding": e.finding,
            "vote": e.vote, "limits": o.limits,
        }
        for j in judged
        for e, o in ((one.piece, one.found) for one in j.beyond)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _over_pairs(judged: Judged) -> TableBlock:
    rows = []
    for one in judged.beyond:
        piece, found = one.piece, one.found
        rows.append((
            piece.test,
            model_title(piece.model),
            _LABELS.get(piece.labels) or labels_title(piece.labels),
            interval_text(piece.interval, piece.unit),
            interval_text(new_pair_interval(found), piece.unit),
            p_text(piece.p_holm),
            pairs_text(found),
            piece.finding,
            piece.vote,
        ))  # fmt: skip
    return table(
        f"claim-{judged.claim.id.lower()}-over-pairs",
        f"{judged.claim.id}: over new generic and new domain corpora",
        _OVER,
        rows,
        over_pairs_table([judged]),
        3,
        f"Claim: {judged.claim.statement} {OVER_PAIRS}",
    )


def _limits(one: Beyond) -> str:
    return f"{one.piece.test}: {one.found.limits}" if one.found.limits else ""


_COLUMNS = ("pair", "model", "labels", "what is compared", "found [95 %]", "p (Holm)", "seeds",
            "finding", "says")  # fmt: skip
_LABELS = {"": "-", "generic": "generic task"}
_NO_VOTE = {OTHER_FAMILY: " (no vote: no Doc2Vec)"}


def _beside(judged: Judged) -> str:
    """Return in a sentence what comparisons of other estimands say."""
    beside = [piece for piece in judged.evidence if piece.role == BESIDE]
    if not beside:
        return ""
    said = Counter(piece.vote for piece in beside)
    return (
        f"{counted(len(beside), 'comparison')} of other k, shares of D, schedules or label budgets "
        f"stand beside, without a vote: {said[SUPPORTS]} for, {said[CONTRADICTS]} against, "
        f"{said[UNDECIDED]} undecided. They are in the files of the tables."
    )


def _row(piece: Evidence) -> tuple[str, ...]:
    # Sides that say what they are by themselves, as "own: sequential(4)", are set side by side.
    between = ": " if piece.unit == "share" else "; " if ": " in piece.first else " against "
    says = "no vote" if piece.role not in (VOTE, OTHER_FAMILY) else piece.vote
    return (
        pair_title(piece.pair, piece.fraction),
        model_title(piece.model),
        _LABELS.get(piece.labels) or labels_title(piece.labels),
        f"{piece.first}{between}{piece.second}",
        interval_text(piece.interval, piece.unit),
        p_text(piece.p_holm),
        str(piece.seeds),
        piece.finding,
        says + _NO_VOTE.get(piece.role, ""),
    )
