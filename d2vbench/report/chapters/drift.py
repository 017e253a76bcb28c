"""What a follow-up did to the model it started from: drift of vectors, and what was forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from d2vbench.analysis import RunData, seed_interval
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import GROUP, by_variant, variant_title
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, share_slug, slug_of, table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import (
    Block,
    Chapter,
    FigureBlock,
    Number,
    Paragraph,
    TableBlock,
)
from d2vbench.report.document.titles import group_title, model_title, pair_title
from d2vbench.report.figures.drift import drift_figure, forgetting_figure, forgetting_points

BEFORE, AFTER = "generic_before_accuracy_all", "generic_accuracy_all"
# What was compared, and the groups of which each has a column.
KINDS = {
    "outputs": ("output vectors", ("domain", "absent")),
    "words": ("word vectors", ("domain", "absent")),
    "inferred": ("held-out documents, inferred", ("domain", "generic")),
}
WAYS = ("raw", "aligned", "centred")
NEIGHBOURS = ("drift_neighbours_domain", "drift_neighbours_absent")
# What is kept between words: measures, tables of vectors, and where.
MEASURES = {"products": "cosines", "turn": "fit of a rotation", "neighbours": "ten nearest"}
PLACES = ("absent", "domain", "across", "lost")
HALVES = {"share": "share of absent words", "neighbours": "ten nearest documents kept",
          "accuracy": "change of accuracy on the generic task"}  # fmt: skip

_READING = (
    "Mean cosines of the same vectors before and after the follow-up, over seeds: 1 means not "
    "moved. raw / aligned / centred: as they are; after the rotation that fits best (Procrustes); "
    "and after the mean of all of them is subtracted. Words in D are those that its training "
    "documents have; words absent from D still move as negative samples. Neighbours: the "
    "share of a word's ten nearest that it keeps."
)
_BETWEEN = (
    "Two groups of words of the generic corpus, equally frequent there: those absent from D, and "
    "those that D has. cosines: slope of cosines after on cosines before; fit of a rotation: mean "
    "cosine after the rotation (Procrustes) that was fitted on other words; ten nearest: the "
    "share kept beyond chance. Kept within each group, and across: fitted on one group and applied "
    "to the other, pairs of a word of each, nearest words of the other group. lost: what is "
    "missing across from the geometric mean of both groups, which each word's own movement leaves."
)
_HALVES = (
    "Held-out documents of the generic corpus in two halves, by the share of their words that D "
    "lacks. The halves differ in topic too."
)
_FORGETTING = (
    "Accuracy on held-out documents of the generic corpus by the same inference, before and after "
    "the follow-up, in per cent; the difference in points. The interval is Student's t over seeds."
)
_SHARE = (
    "Where a pair was measured with several shares of the domain, the one with most follow-ups is "
    "drawn; the tables have all."
)
# More than this in one figure would not fit a page.
_MOST_ROWS = 45


def drift_columns(data: RunData) -> list[str]:
    """Return the columns of a run that this section shows and that hold a number."""
    wanted = [
        f"drift_{kind}_{group}_{way}"
        for kind, (_, groups) in KINDS.items()
        for group in groups
        for way in WAYS
    ]
    wanted += [
        f"drift_{measure}_{kind}_{place}"
        for measure in MEASURES
        for kind in ("outputs", "words")
        for place in PLACES
    ]
    wanted += [f"drift_{half}_{what}" for half in ("fewest", "most") for what in HALVES]
    there = [name for name in (*wanted, *NEIGHBOURS, BEFORE, AFTER) if name in data.cells]
    return [name for name in there if data.cells[name].notna().any()]


def drift_means(data: RunData) -> pd.DataFrame:
    """Return the means over seeds of what was measured.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    pandas.DataFrame
        A row for each pair, share of D, model and variant with a number: ``pair``, ``fraction``,
        ``model``, ``variant`` (its title), the columns `VARIANT`, ``seeds``, the columns of
        `drift_columns`, and ``forgotten`` with ``_low`` and ``_high``, the accuracy on the generic
        task after minus before (NaN where it was not measured, its ends with one seed).
    """
    columns = drift_columns(data)
    cells = data.cells[(data.cells["model"] != BASELINE) & data.cells[columns].notna().any(axis=1)]
    rows = []
    for place, variant, group in by_variant(cells):
        row = {**dict(zip(GROUP, place, strict=True)), "variant": variant_title(variant),
               **variant._asdict(), "seeds": len(group)}  # fmt: skip
        row |= {name: float(group[name].astype(float).mean()) for name in columns}
        if {BEFORE, AFTER} <= set(columns):
            lost = (group[AFTER] - group[BEFORE]).astype(float).dropna()
            if len(lost):
                interval = seed_interval(lost.to_numpy())
                row |= {"forgotten": interval.estimate, "forgotten_low": interval.low,
                        "forgotten_high": interval.high}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def drift_chapter(means: pd.DataFrame, summary: pd.DataFrame | None = None) -> Chapter:
    """Lay drift and forgetting out.

    Parameters
    ----------
    means : pandas.DataFrame
        From `drift_means`; at least one row.
    summary : pandas.DataFrame, optional
        From `summarise`, of the same cells: what the figure of forgetting takes gains from.

    Returns
    -------
    Chapter
        Figures by model, a table of drift for each pair and model, and one of what was forgotten.
    """
    blocks: list[Block] = []
    measured = [name for name in map(str, means.columns) if name.startswith("drift_")]
    moved = means[means[measured].notna().any(axis=1)] if measured else means.iloc[:0]
    if len(moved):
        blocks.append(Paragraph(_READING))
        if any(name.startswith(("drift_outputs", "drift_words")) for name in measured):
            blocks += _drift_figures(moved)
        for _, group in moved.groupby(GROUP, sort=False):
            blocks += [*_drift(group), *_between(group), *_by_absent_words(group)]
    if "forgotten" in means and means["forgotten"].notna().any():
        blocks += _forgetting_figures(means, summary)
        blocks.append(_forgetting(means[means["forgotten"].notna()]))
    if int(means["seeds"].min()) == 1:
        blocks.append(Paragraph("Where there is one seed there is no interval."))
    return Chapter("what-a-follow-up-does", "What a follow-up does to the model", tuple(blocks))


def fullest_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one share of D for each pair and model: of that with most variants.

    Parameters
    ----------
    rows : pandas.DataFrame
        With the columns ``pair``, ``fraction``, ``model``, ``variant``.

    Returns
    -------
    pandas.DataFrame
        Some of the rows, in their order; of equally full shares the largest.
    """
    kept = []
    for _, group in rows.groupby(["pair", "model"], sort=False):
        counts = group.groupby("fraction")["variant"].nunique()
        kept.append(group[group["fraction"] == counts[counts == counts.max()].index.max()])
    return pd.concat(kept).sort_index() if kept else rows


def _drift_figures(moved: pd.DataFrame) -> list[Block]:
    """Return a figure for each model, and for each pair where there are many rows."""
    blocks: list[Block] = []
    first = str(moved["model"].iloc[0])
    for model, rows in fullest_shares(moved).groupby("model", sort=False):
        of_model = "" if model == first else str(model)
        by_pair = len(rows) > _MOST_ROWS and rows["pair"].nunique() > 1
        parts = [part for _, part in rows.groupby("pair", sort=False)] if by_pair else [rows]
        for part in parts:
            pair = str(part["pair"].iloc[0])
            of = [model_title(str(model)), *([pair_title(pair, 1.0)] if by_pair else [])]
            blocks.append(
                FigureBlock(
                    slug_of("drift-of-words-on", pair, of_model)
                    if by_pair
                    else slug_of("drift-of-words", of_model),
                    f"What moved in the follow-up: {', '.join(of)}",
                    partial(drift_figure, part),
                    f"{_READING} {_SHARE}",
                    data=part,
                )
            )
    return blocks


def _forgetting_figures(means: pd.DataFrame, summary: pd.DataFrame | None) -> list[Block]:
    points = forgetting_points(means, pd.DataFrame() if summary is None else summary)
    if points.empty:
        return []
    caption = (
        "Each point is a follow-up: to the right, what it gains on the domain; below zero, what it "
        "forgets of the generic corpus. Bars: 95 % intervals over seeds of the change, cut where "
        f"the axis ends. {_SHARE}"
    )
    first = str(points["model"].iloc[0])
    return [
        FigureBlock(
            slug_of("forgetting", "" if model == first else str(model)),
            f"Forgetting against gain: {model_title(str(model))}",
            partial(forgetting_figure, rows),
            caption,
            data=rows,
        )
        for model, rows in fullest_shares(points).groupby("model", sort=False)
    ]


def _drift(group: pd.DataFrame) -> list[TableBlock]:
    """Return the table of a pair and model; measures that a variant has not are left out."""
    measures = [
        (title, [[f"drift_{kind}_{name}_{way}" for way in WAYS] for name in groups])
        for kind, (title, groups) in KINDS.items()
    ]
    measures.append(("neighbours kept", [[name] for name in NEIGHBOURS]))
    rows: list[cells.Row] = [
        {**row, "what": title, "in D": _cosines(row, first), "absent": _cosines(row, second)}
        for row in cells.rows(group)
        for title, (first, second) in measures
    ]
    columns = {
        "variant": "variant",
        "of what": "what",
        f"in D: {' / '.join(WAYS)}": "in D",
        f"absent from D, or of G: {' / '.join(WAYS)}": "absent",
        "seeds": "seeds",
    }
    rows = [row for row in rows if row["in D"] or row["absent"]]
    return _of_group(group, "drift-of", "Drift", columns, rows, _READING)


def _between(group: pd.DataFrame) -> list[TableBlock]:
    """Return the table of what is kept within groups of words and across; none of older records."""
    columns = {
        "variant": "variant",
        "of what": "what",
        "within absent words": "absent",
        "within words in D": "domain",
        "across": "across",
        "lost": "lost",
        "seeds": "seeds",
    }
    rows: list[cells.Row] = [
        {**row, "what": f"{KINDS[kind][0]}, {title}"}
        | {place: _cosines(row, [f"drift_{measure}_{kind}_{place}"]) for place in PLACES}
        for row in cells.rows(group)
        for kind in ("outputs", "words")
        for measure, title in MEASURES.items()
    ]
    rows = [row for row in rows if row["across"]]
    return _of_group(group, "between-words-of", "Kept between words", columns, rows, _BETWEEN)


def _by_absent_words(group: pd.DataFrame) -> list[TableBlock]:
    """Return the table of documents with few and with many absent words; none of older records."""
    columns = {
        "variant": "variant",
        "of what": "what",
        "half with fewest": "fewest",
        "half with most": "most",
        "seeds": "seeds",
    }
    rows: list[cells.Row] = [
        {**row, "what": title}
        | {half: _cosines(row, [f"drift_{half}_{what}"]) for half in ("fewest", "most")}
        for row in cells.rows(group)
        for what, title in HALVES.items()
    ]
    title = "Generic documents by their absent words"
    rows = [row for row in rows if row["most"]]
    return _of_group(group, "by-absent-words-of", title, columns, rows, _HALVES)


def _of_group(
    group: pd.DataFrame,
    slug: str,
    title: str,
    columns: Columns,
    rows: list[cells.Row],
    caption: str,
) -> list[TableBlock]:
    if not rows:
        return []
    pair, fraction, model = (str(group[name].iloc[0]) for name in GROUP)
    slug = slug_of(slug, pair, share_slug(float(fraction)), model)
    title = f"{title}: {group_title(pair, float(fraction), model)}"
    return [table(slug, title, group, columns, rows=rows, caption=caption)]


def _cosines(row: cells.Row, names: Sequence[str]) -> str:
    """Return numbers side by side, sorted by the first; empty where there is none of them."""
    found = [cells.number("{:.2f}".format, row.get(name)) for name in names]
    there = [one for one in found if isinstance(one, Number)]
    return Number(" / ".join(one or "-" for one in found), there[0].value) if there else ""


def _forgetting(rows: pd.DataFrame) -> TableBlock:
    columns: Columns = {
        "pair": cells.pair,
        "model": cells.model,
        "variant": "variant",
        "before %": cells.numbers(BEFORE, percent),
        "after %": cells.numbers(AFTER, percent),
        "difference, points [95 %]": cells.intervals("forgotten", "forgotten_"),
        "seeds": "seeds",
    }
    title = "What a follow-up forgets of the generic corpus"
    return table("forgetting", title, rows, columns, caption=_FORGETTING)
