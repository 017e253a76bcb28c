"""What the run says of each piece of common advice."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from d2vbench.analysis import Judged, Outcome
from d2vbench.analysis.claims.evidence import CONTRADICTS, DETAIL, MIXED, SUPPORTS, VOTE
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, brief_slug, table
from d2vbench.report.document.phrases import counted, p_text, skipped_line
from d2vbench.report.document.structure import Block, Bullets, Chapter, Paragraph, TableBlock
from d2vbench.report.document.titles import model_title

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
    data = overview_table(judged)
    rows = [
        {**row, "rests on": rests_on(one)}
        for row, one in zip(cells.rows(data), judged, strict=True)
    ]
    columns = {
        "claim": "claim",
        "what is claimed": "statement",
        "verdict": "verdict",
        "what that rests on": "rests on",
    }
    overview = table("claims", "Claims and verdicts", data, columns, rows=rows)
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
    data = skipped_table(judged)
    counts = data.groupby(["claim", "test", "reason"], sort=False).size().reset_index(name="times")
    columns = {"claim": "claim", "comparison": "test", "why not": "reason", "times": "times"}
    title, rows = "Comparisons that could not be made", cells.rows(counts)
    return table("claims-skipped", title, data, columns, rows=rows)


def rests_on(judged: Judged) -> str:
    """Return in a few words what a verdict rests on, or which cells it needs."""
    if judged.outcome is Outcome.NOT_TESTED:
        studies = dict.fromkeys(study for study, _ in judged.claim.needs)
        return f"nothing yet: needs cells of study {' or '.join(studies)}"
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


_PLACE = ["pair", "model"]
_NUMBERS = ("estimate", "low", "high", "p")
_OF_EVIDENCE = (
    "role", "test", "pair", "fraction", "model", "labels", "first", "second", "unit", "p_holm",
    "seeds", "finding", "vote",
)  # fmt: skip


def evidence_table(judged: Iterable[Judged]) -> pd.DataFrame:
    """Return every piece of evidence as a row, with all of its numbers."""
    rows = [
        {
            "claim": j.claim.id,
            "outcome": str(j.outcome),
            "outcome_here": str(j.by_place[e.pair, e.model]),
            **{name: getattr(e, name) for name in _OF_EVIDENCE},
            **{name: getattr(e.interval, name) for name in _NUMBERS},
        }
        for j in judged
        for e in j.evidence
    ]
    names = ("claim", "outcome", "outcome_here", *_OF_EVIDENCE, *_NUMBERS)
    return pd.DataFrame(rows, columns=list(names))


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
    everything = evidence_table([judged])
    if (everything["role"] == DETAIL).all():
        needs = "; ".join(f"{what} (study {study})" for study, what in claim.needs)
        yield Paragraph(f"It needs: {needs}.")
    for test, data in everything.groupby("test", sort=False):
        details = Counter(map(tuple, data.loc[data["role"] == DETAIL, _PLACE].to_numpy().tolist()))
        rows = [
            {**row, "details": details[tuple(row[name] for name in _PLACE)]}
            for row in cells.rows(data[data["role"] != DETAIL])
        ]
        if not rows:
            continue
        unit = rows[0]["unit"]
        yield table(
            f"claim-{claim.id.lower()}-{brief_slug(str(test))}",
            f"{claim.id}: {test}",
            data,
            _COLUMNS,
            rows=rows,
            caption=f"Claim: {claim.statement} Found: {_UNITS.get(unit, unit)}. p-values are "
            "adjusted by Holm's method over the votes of the claim.",
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


def _labels(row: cells.Row) -> str:
    return {"": "-", "generic": "generic task"}.get(row["labels"]) or cells.labels(row)


def _of(row: cells.Row) -> str:
    # The comparisons that it is the mean of are in the file.
    if row["details"]:
        return f"mean of {row['details']}"
    # Sides that say what they are by themselves, as "own: sequential(4)", are set side by side.
    between = ": " if row["unit"] == "share" else "; " if ": " in row["first"] else " against "
    return f"{row['first']}{between}{row['second']}"


_COLUMNS: Columns = {
    "pair": lambda r: r["pair"] if math.isnan(r["fraction"]) else cells.pair(r),
    "model": cells.model,
    "labels": _labels,
    "of": _of,
    "found [95 %]": lambda r: cells.intervals("estimate", unit=r["unit"])(r),
    "p (Holm)": cells.numbers("p_holm", p_text),
    "seeds": "seeds",
    "finding": "finding",
    "says": lambda r: r["vote"] if r["role"] == VOTE else "no vote",
    "verdict there": "outcome_here",
}
