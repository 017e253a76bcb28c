"""What the run says of each piece of common advice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from d2vbench.analysis import Judged, Outcome
from d2vbench.analysis.evidence import CONTRADICTS, DETAIL, MIXED, SUPPORTS, VOTE, Evidence
from d2vbench.report.section import (
    Section,
    counted,
    interval_text,
    p_text,
    skipped_line,
    text_table,
)
from d2vbench.report.tables import escape_markdown
from d2vbench.report.titles import labels_title, model_title, pair_title

_RULE = (
    "A verdict counts comparisons: each test votes once for each pair and model. supported or "
    "contradicted: at least half of the votes say so and none the other way; mixed: some say "
    "either; inconclusive: too few say anything, which is no evidence against a claim; not tested: "
    "the run lacks the cells. p-values are adjusted by Holm's method over the votes of a claim. "
    "A verdict is about the pairs, models, sizes and settings of this run. Comparisons within a "
    "run share seeds, documents and corpora: ten of them are less than ten pieces of evidence."
)


def claims_section(judged: Sequence[Judged]) -> Section:
    """Lay the verdicts out: one table of all claims, then the numbers of each.

    Parameters
    ----------
    judged : sequence of Judged
        From `judge`.

    Returns
    -------
    Section
        With ``claims.csv``, a row a piece of evidence, and ``claims-skipped.csv``, a row a
        comparison that could not be made.
    """
    columns = ("claim", "what is claimed", "verdict", "what that rests on")
    rows = [(j.claim.id, j.claim.statement, str(j.outcome), rests_on(j)) for j in judged]
    lines = [text_table(columns, rows, len(columns)), escape_markdown(_RULE), ""]
    for one in judged:
        lines += _claim_lines(one)
    return Section(
        "Claims",
        tuple(lines),
        {"claims.csv": evidence_table(judged), "claims-skipped.csv": skipped_table(judged)},
        early=True,
    )


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


def _claim_lines(judged: Judged) -> Iterator[str]:
    claim = judged.claim
    yield f"### {claim.id}: {judged.outcome}"
    yield ""
    yield f"{escape_markdown(claim.statement)} Said by: {escape_markdown(claim.source)}."
    yield ""
    shown = [piece for piece in judged.evidence if piece.role != DETAIL]
    if shown:
        for test in dict.fromkeys(piece.test for piece in shown):
            mine = [piece for piece in shown if piece.test == test]
            unit = _UNITS.get(mine[0].unit, mine[0].unit)
            yield f"{escape_markdown(test[0].upper() + test[1:])}; {unit}:"
            yield ""
            yield text_table(_COLUMNS, [_row(judged, piece) for piece in mine], 4)
    else:
        needs = "; ".join(f"{what} (study {study})" for study, what in claim.needs)
        yield f"It takes: {escape_markdown(needs)}."
        yield ""
    for (test, model), p in judged.across.items():
        yield (
            f"- Over pairs, {escape_markdown(test)}, {escape_markdown(model_title(model))}: "
            f"worse with probability {p.worse:.2f}, equivalent {p.equivalent:.2f}, "
            f"better {p.better:.2f} (Bayesian signed-rank test; it has no vote)."
        )
    if judged.across:
        yield ""
    if line := skipped_line(judged.skipped):
        yield escape_markdown(line)
        yield ""
    yield f"How to read it: {escape_markdown(claim.reading)}"
    yield ""


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
