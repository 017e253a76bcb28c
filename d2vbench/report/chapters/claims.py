"""What the run says of each piece of common advice."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from d2vbench.analysis import Judged, Outcome
from d2vbench.analysis.claims.evidence import CONTRADICTS, DETAIL, MIXED, SUPPORTS, VOTE, Evidence
from d2vbench.report.document.blocks import brief_slug, table
from d2vbench.report.document.phrases import counted, interval_text, p_text, skipped_line
from d2vbench.report.document.structure import Block, Bullets, Chapter, Paragraph, TableBlock
from d2vbench.report.document.titles import labels_title, model_title, pair_title

_RULE = (
    "A verdict counts comparisons: each test votes once for each pair and model. supported or "
    "contradicted: at least half of the votes say so and none the other way; mixed: some say "
    "either; inconclusive: too few say anything, which is no evidence against a claim; not tested: "
    "the run lacks the cells. p-values are adjusted by Holm's method over the votes of a claim. "
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
    columns = ("claim", "what is claimed", "verdict", "what that rests on")
    rows = [(j.claim.id, j.claim.statement, str(j.outcome), rests_on(j)) for j in judged]
    overview = table("claims", "Claims and verdicts", columns, rows, overview_table(judged), 4)
    chapters = [_claim(one) for one in judged]
    if any(one.skipped for one in judged):
        chapters.append(Chapter("not-compared", "What could not be compared", (_skipped(judged),)))
    return Chapter("claims", "Claims", (overview, Paragraph(_RULE)), tuple(chapters))


def overview_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return a row a claim: its verdict, and how many votes say what."""
    columns = ("claim", "statement", "verdict", "votes", "for", "against", "both", "pairs",
               "models")  # fmt: skip
    rows = []
    for one in judged:
        votes = [piece for piece in one.evidence if piece.role == VOTE]
        said = Counter(piece.vote for piece in votes)
        places = len({piece.pair for piece in votes}), len({piece.model for piece in votes})
        rows.append((one.claim.id, one.claim.statement, str(one.outcome), len(votes),
                     said[SUPPORTS], said[CONTRADICTS], said[MIXED], *places))  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


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
    votes = [piece for piece in judged.evidence if piece.role == VOTE]
    for_it = sum(piece.vote == SUPPORTS for piece in votes)
    against = sum(piece.vote == CONTRADICTS for piece in votes)
    torn = sum(piece.vote == MIXED for piece in votes)
    said = f"{for_it} for, {against} against"
    if torn:
        said += f", {torn} both"
    said += f", {len(votes) - for_it - against - torn} undecided"
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
            j.claim.id, str(j.outcome), str(j.by_place[e.pair, e.model]), e.role, e.test, e.pair,
            e.fraction, e.model, e.labels, e.first, e.second, e.unit, e.interval.estimate,
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
    shown = [piece for piece in judged.evidence if piece.role != DETAIL]
    if not shown:
        needs = "; ".join(f"{what} (study {study})" for study, what in claim.needs)
        yield Paragraph(f"It takes: {needs}.")
    everything = evidence_table([judged])
    for test in dict.fromkeys(piece.test for piece in shown):
        mine = [piece for piece in shown if piece.test == test]
        unit = _UNITS.get(mine[0].unit, mine[0].unit)
        yield table(
            f"claim-{claim.id.lower()}-{brief_slug(test)}",
            f"{claim.id}: {test}",
            _COLUMNS,
            [_row(judged, piece) for piece in mine],
            everything[everything["test"] == test],
            4,
            f"Claim: {claim.statement} Found: {unit}. p-values are adjusted by Holm's method over "
            "the votes of the claim.",
        )
    if judged.across:
        yield Bullets(tuple(
            f"Over pairs, {test}, {model_title(model)}: worse with probability {p.worse:.2f}, "
            f"equivalent {p.equivalent:.2f}, better {p.better:.2f} (Bayesian signed-rank test; it "
            "has no vote)."
            for (test, model), p in judged.across.items()
        ))  # fmt: skip
    if line := skipped_line(judged.skipped):
        yield Paragraph(line)
    yield Paragraph(f"How to read it: {claim.reading}")


_UNITS = {
    "accuracy": "difference of accuracy in percentage points",
    "cosine": "difference of cosines, or of shares of neighbours",
    "ratio": "a ratio, where 1 is no difference",
    "share": "the share of trials that went wrong",
}
_COLUMNS = ("pair", "model", "labels", "of", "found [95 %]", "p (Holm)", "seeds", "finding",
            "says", "verdict there")  # fmt: skip
_LABELS = {"": "-", "generic": "generic task"}


def _row(judged: Judged, piece: Evidence) -> tuple[str, ...]:
    details = sum(
        (e.test, e.pair, e.model) == (piece.test, piece.pair, piece.model) and e.role == DETAIL
        for e in judged.evidence
    )
    # Sides that say what they are by themselves, as "own: sequential(4)", are set side by side.
    between = ": " if piece.unit == "share" else "; " if ": " in piece.first else " against "
    pair = piece.pair if math.isnan(piece.fraction) else pair_title(piece.pair, piece.fraction)
    return (
        pair,
        model_title(piece.model),
        _LABELS.get(piece.labels) or labels_title(piece.labels),
        # The many of which it is the mean are in the file.
        f"mean of {details}" if details else f"{piece.first}{between}{piece.second}",
        interval_text(piece.interval, piece.unit),
        p_text(piece.p_holm),
        str(piece.seeds),
        piece.finding,
        piece.vote if piece.role == VOTE else "no vote",
        str(judged.by_place[piece.pair, piece.model]),
    )
