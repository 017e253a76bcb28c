"""What the run says of each piece of common advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from d2vbench.analysis import Judged, Outcome
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
from d2vbench.analysis.studies.exposure import Fit
from d2vbench.report.chapters.over_pairs import claim_blocks
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, brief_slug, table
from d2vbench.report.document.columns_by_pair import by_pair
from d2vbench.report.document.phrases import counted, p_text, skipped_line
from d2vbench.report.document.structure import Block, Chapter, Paragraph, TableBlock
from d2vbench.report.document.titles import pairs_text
from d2vbench.report.studies.exposure import (
    fit_blocks,
    residual_table,
    views_table,
    views_text,
)

_RULE = (
    "A verdict counts comparisons: each test votes once for each pair and model, with all of D "
    "(or, where the run compares a pair at smaller shares alone, at the one with most variants), "
    "k = 4 (or what the row says) and all labels; the verdict with 10 labels a class stands beside "
    "it. No vote averages cells of other k, shares of D or label budgets: those have no vote, and "
    "neither have models that are no Doc2Vec. supported or contradicted: at least half of the "
    "votes say so and none the other way; mixed: some say either; inconclusive: too few say "
    "anything, which is no evidence against a claim; not tested: the run lacks the cells. p-values "
    "are adjusted by Holm's method over the votes of a verdict. "
    "A verdict is about the pairs, models, sizes and settings of this run. Comparisons within a "
    "run share seeds, documents and corpora: ten of them are less than ten pieces of evidence."
)


def claims_chapter(judged: Sequence[Judged], fits: Sequence[Fit] = ()) -> Chapter:
    """Lay the verdicts out: one table of all claims, then the numbers of each.

    Parameters
    ----------
    judged : sequence of Judged
        From `judge`.
    fits : sequence of Fit
        Of accuracy to exposure, for the claim about it.

    Returns
    -------
    Chapter
        A sub-chapter a claim, and one of what could not be compared.
    """
    overview = overview_block(judged, "claims", "Claims and verdicts")
    chapters = claim_chapters(judged, fits)
    return Chapter("claims", "Claims", (overview, Paragraph(_RULE)), tuple(chapters))


def overview_block(judged: Sequence[Judged], slug: str, title: str) -> TableBlock:
    """Return the table of all claims."""
    data = overview_table(judged)
    columns: Columns = {
        "claim": "claim", "what is claimed": "statement", "verdict on these pairs": "verdict",
        "what that rests on": "rests_on", "with 10 labels": _said("verdict_10"),
        "over new corpora": _said("verdict_new"),
    }  # fmt: skip
    rows = [
        {**row, "rests_on": rests_on(one)}
        for row, one in zip(cells.rows(data), judged, strict=True)
    ]
    return table(slug, title, data, columns, rows=rows)


def claim_chapters(judged: Sequence[Judged], fits: Sequence[Fit] = ()) -> list[Chapter]:
    """Return the numbers of each claim, and what could not be compared."""
    chapters = [_claim(one, fits) for one in judged]
    if any(one.skipped for one in judged):
        chapters.append(Chapter("not-compared", "What could not be compared", (_skipped(judged),),
                                folded=True))  # fmt: skip
    return chapters


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


def _said(name: str) -> cells.Show:
    """Return what shows a verdict beside the main one; a dash where there are no votes for it."""
    return lambda row: "-" if row[name] == str(Outcome.NOT_TESTED) else str(row[name])


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
        there = "no comparison that votes" if judged.evidence else "nothing yet"
        named = f"study {' or '.join(studies)}"
        if any(one.wants_seeds for one in judged.skipped):
            return f"{there}: needs more seeds of {named}"
        return f"{there}: needs cells of {named}"
    votes = judged.votes
    _, for_it, against = _counts(votes)
    said = f"{for_it} for, {against} against, {len(votes) - for_it - against} undecided"
    if judged.claim.views:
        said += f"; {views_text(judged)}"
    pairs = pairs_text(piece.pair for piece in votes)
    models = counted(len({piece.model for piece in votes}), "model")
    return f"{counted(len(votes), 'vote')} on {pairs}, {models}: {said}"


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
            "outcome_here": str(j.by_place.get((e.pair, e.model), "")),
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


def _claim(judged: Judged, fits: Sequence[Fit]) -> Chapter:
    return Chapter(
        f"claim-{judged.claim.id.lower()}",
        f"{judged.claim.id}: {judged.outcome}",
        tuple(_claim_blocks(judged, fits)),
        folded=True,
        line=judged.claim.statement,
        word=str(judged.outcome),
    )


def _claim_blocks(judged: Judged, fits: Sequence[Fit]) -> Iterator[Block]:
    claim = judged.claim
    yield Paragraph(f"{claim.statement} Said by: {claim.source}.")
    if not judged.evidence:
        needs = "; ".join(f"{what} (study {study})" for study, what in claim.needs)
        yield Paragraph(f"It needs: {needs}.")
    everything = evidence_table([judged])
    if claim.views and judged.evidence:
        yield Paragraph(f"Verdict: {judged.outcome}. {_sentence(views_text(judged))}", strong=True)
        yield views_table(judged)
    if claim.universal:
        yield from fit_blocks(fits)
        if judged.evidence:
            yield residual_table(judged, everything, _COLUMNS)
    by_test = () if claim.universal else everything.groupby("test", sort=False)
    for test, data in by_test:
        # What stands beside is shown where there is nothing that it could stand beside.
        shown = data[data["role"] != BESIDE] if (data["role"] != BESIDE).any() else data
        unit = str(shown["unit"].iloc[0])
        folded = by_pair(cells.rows(shown), _WHICH, _found)
        columns, rows = folded or (_COLUMNS, cells.rows(shown))
        same = _alike(cells.rows(shown)) if folded else ""
        yield table(
            f"claim-{claim.id.lower()}-{brief_slug(str(test))}",
            f"{claim.id}: {test}",
            data,
            columns,
            rows=rows,
            caption=f"Claim: {claim.statement} Found: {same}{_UNITS.get(unit, unit)}. p-values are "
            "adjusted by Holm's method over the votes of a verdict"
            f"{_FOLDED if folded else '.'}",
        )
    if judged.beyond:
        yield from claim_blocks(judged, _labels)
    if line := _beside(judged):
        yield Paragraph(line)
    if line := skipped_line(judged.skipped):
        yield Paragraph(line)
    yield Paragraph(f"How to read it: {claim.reading}")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


_UNITS = {
    "accuracy": "difference of accuracy in percentage points",
    "cosine": "difference of cosines, or of shares of neighbours",
    "lost": "share of what is kept within groups of words that is lost across them",
    "ratio": "a ratio, where 1 is no difference",
    "share": "the share of trials that went wrong",
}


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


def _labels(row: cells.Row) -> str:
    return {"": "-", "generic": "generic task"}.get(row["labels"]) or cells.labels(row)


def _compared(row: cells.Row) -> str:
    # Sides that say what they are by themselves, as "own: sequential(4)", are set side by side.
    between = ": " if row["unit"] == "share" else "; " if ": " in row["first"] else " against "
    return f"{row['first']}{between}{row['second']}"


def _says(row: cells.Row) -> str:
    if row["role"] == OTHER_FAMILY:
        return f"{row['vote']} (no vote: no Doc2Vec)"
    return row["vote"] if row["role"] == VOTE else "no vote"


def _alike(rows: Iterable[cells.Row]) -> str:
    """Return what all rows say of which they are: it has no column then."""
    said = [[show(row) for show in _WHICH.values()] for row in rows]
    alike = [values[0] for values in zip(*said, strict=True) if len(set(values)) == 1]
    return f"{', '.join(alike)}. " if alike else ""


def _found(row: cells.Row) -> str:
    """Return what a row found, for a column of its pair."""
    interval = cells.intervals("estimate", unit=row["unit"])(row)
    vote = f", {_says(row)}" if row["role"] != VOTE else ""
    return cells.number(lambda _: f"{interval} {row['finding']}{vote}", row["estimate"])


_FOLDED = "; they and the number of seeds are in the file."
_WHICH = {"model": cells.model, "labels": _labels, "what is compared": _compared}
_COLUMNS: Columns = {
    "pair": cells.pair, **_WHICH,
    "found [95 %]": lambda r: cells.intervals("estimate", unit=r["unit"])(r),
    "p (Holm)": cells.numbers("p_holm", p_text), "seeds": "seeds", "finding": "finding",
    "says": _says,
}  # fmt: skip
