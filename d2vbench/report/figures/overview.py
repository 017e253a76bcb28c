"""Strategies over pairs: gains over `combined` by pair and on average, and average ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis import AcrossPairs, OverPairs
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.pair_means import main_fraction
from d2vbench.analysis.contrasts.variants import REFERENCE
from d2vbench.report.document.titles import pair_title
from d2vbench.report.drawing.canvas import SMALL, KeyItem, signed, signed_tick, widest
from d2vbench.report.drawing.dot_plots import (
    difference_limits,
    mark_zero,
    with_titles,
    write_beyond,
)
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.rows import RowBlock, RowPanel, lay_rows
from d2vbench.report.drawing.style import Drawn, drawing

#: With fewer pairs an interval over pairs says nothing.
LEAST_PAIRS = 3
_PAIR_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
_PAIR_COLOUR = "#8C8C8C"
_SPREAD = 0.5
# Between the bars, in inches.
_BAR = 0.09


def has_overview(summary: pd.DataFrame, model: str | None = None) -> bool:
    """Return whether a summary has what `overview_figure` draws."""
    return not _table(summary, model, None)[0].empty


def pairs_of(summary: pd.DataFrame, model: str | None = None) -> list[str]:
    """Return the pairs that `overview_figure` draws."""
    return _table(summary, model, None)[1]


@drawing("overview")
def overview_figure(
    summary: pd.DataFrame,
    *,
    columns: int = 2,
    model: str | None = None,
    labels: str | None = None,
    over: Mapping[str, OverPairs] | None = None,
) -> Drawn:
    """Draw the difference of each strategy from `combined` on each pair, and its mean over pairs.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`. Of each pair one share of D counts, that with most variants, and variants
        that every pair has are drawn.
    columns : int
        1 or 2: 89 or 183 mm wide.
    model, labels : str, optional
        Which; the first of the summary where not given.
    over : mapping of str to OverPairs, optional
        By title of a variant: its mean over new corpora, from `over_corpora_against`.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row a variant, best mean on top: a light mark for each pair, of its own shape, and a
        filled one for the mean over pairs. From three pairs on it is that of ``over``, where it
        has these pairs, and the bar its interval: it speaks of new corpora. With fewer, each light
        mark has its own interval, over seeds and test documents, and the mean has none.
    drawn : pandas.DataFrame
        One row a mark: ``variant``, ``strategy``, ``y`` (row, from the top), ``pair``
        (empty for the mean), ``x``, ``low``, ``high`` in points, ``pairs`` (how many), ``outside``
        (beyond the axis).

    Raises
    ------
    ValueError
        If no variant beside `combined` is on every pair; see `has_overview`.
    """
    table, pairs = _table(summary, model, labels)
    if table.empty:
        raise ValueError("nothing to draw: no variant beside combined is on every pair")
    means = table.groupby("title", sort=False)["x"].mean()
    order = [str(t) for t in means.sort_values(ascending=False, kind="stable").index]
    drawn = _points(table, order, pairs, over or {})
    means = drawn[drawn["pair"] == ""].set_index("variant")["x"]
    names = [*order, REFERENCE]
    names.sort(key=lambda t: -(float(means[t]) if t in means.index else 0.0))
    with_intervals = len(pairs) < LEAST_PAIRS
    seen = drawn if with_intervals else drawn.assign(
        low=drawn["low"].where(drawn["pair"] == "", drawn["x"]),
        high=drawn["high"].where(drawn["pair"] == "", drawn["x"]),
    )  # fmt: skip
    low, high = difference_limits(seen[["x", "low", "high"]], seen["variant"].tolist())
    places = {name: y for y, name in enumerate(names)}
    drawn["y"] = drawn["variant"].map(places)
    drawn["outside"] = ~drawn["x"].between(low, high)
    label = f"accuracy minus that of {REFERENCE} (points)"
    texts = {row["variant"]: _mean_text(row, with_intervals or columns == 1)
             for row in drawn[drawn["pair"] == ""].to_dict("records")}  # fmt: skip
    texts[REFERENCE] = "0"
    title = "mean" if with_intervals or columns == 1 else "mean [95 %]"
    side_width = max(widest(texts.values(), SMALL), widest([title], SMALL, bold=True)) + 0.02
    panels = [
        RowPanel(low, high, label, tick=signed_tick),
        RowPanel(0, 1, "", title=title, inches=side_width, plain=True),
    ]
    sheet, ((axes, side),) = lay_rows(
        [RowBlock("", names, panels)], columns=columns, marks=2,
        strong=(REFERENCE,), key=_key(pairs, with_intervals),
    )  # fmt: skip
    assert axes is not None
    assert side is not None
    mark_zero(axes)
    axes.plot([0], [places[REFERENCE]], "o", color="#000000", ms=5.5, zorder=4)
    _draw_pairs(axes, drawn, pairs, with_intervals)
    _draw_means(axes, drawn[drawn["pair"] == ""])
    row: Any
    for row in drawn.itertuples():
        what = interval_words(row.x, row.low, row.high, "points", True)
        where = row.pair or f"mean over {len(pairs)} pairs"
        y = row.y if not row.pair else row.y + _shift(pairs.index(row.pair), len(pairs))
        note_mark(axes, row.x, y, f"{row.variant}: {what}; {where}", row.strategy,
                  (row.low, row.high) if with_intervals or not row.pair else None)  # fmt: skip
    for name, text in texts.items():
        side.text(0, places[name], text, fontsize=SMALL, va="center_baseline", color="#222222")
    return sheet.figure, drawn


def _table(
    summary: pd.DataFrame, model: str | None, labels: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return the differences that are drawn, and the names of the pairs."""
    rows = summary[summary["model"] != BASELINE]
    if rows.empty:
        return rows, []
    rows = rows[rows["model"] == (model or rows["model"].iloc[0])]
    rows = with_titles(rows[rows["labels"] == (labels or rows["labels"].iloc[0])])
    kept = []
    for _, group in rows.groupby("pair", sort=False):
        main = group[group["fraction"] == main_fraction(group)]
        if (main["verdict"] == "reference").any():
            name = pair_title(str(main["pair"].iloc[0]), float(main["fraction"].iloc[0]))
            kept.append(main.assign(place=name))
    if not kept:
        return rows.iloc[:0], []
    found = pd.concat(kept)
    found = found[found["difference"].notna()]
    pairs = list(dict.fromkeys(name for some in kept for name in some["place"]))
    counts = found.groupby("title")["place"].nunique()
    found = found[found["title"].map(counts) == len(pairs)]
    names = {"x": "difference", "low": "difference_low", "high": "difference_high"}
    ends = {new: 100 * found[old].astype(float) for new, old in names.items()}
    return found.assign(**ends), pairs


def _points(
    table: pd.DataFrame,
    order: Sequence[str],
    pairs: Sequence[str],
    over: Mapping[str, OverPairs],
) -> pd.DataFrame:
    """Return a row a mark: of each variant its pairs, then the mean over them."""
    marks = table.assign(variant=table["title"], pair=table["place"])
    # Of other shares of the domain, or of fewer pairs, the mean over corpora is another one.
    whole = len(pairs) >= LEAST_PAIRS and bool((table["fraction"] == 1).all())
    marks = marks[["variant", "strategy", "pair", "x", "low", "high"]]
    parts = []
    for title in order:
        mine = marks[marks["variant"] == title].set_index("pair").loc[list(pairs)].reset_index()
        x, low, high = float(mine["x"].mean()), np.nan, np.nan
        if whole and title in over and over[title].pairs == len(pairs):
            found = over[title].interval
            x, low, high = (100 * value for value in (found.estimate, found.low, found.high))
        parts += [mine, mine.iloc[:1].assign(pair="", x=x, low=low, high=high)]
    return pd.concat(parts, ignore_index=True).assign(pairs=len(pairs))


def _mean_text(row: dict[Any, Any], short: bool) -> str:
    text = signed(row["x"])
    if short or pd.isna(row["low"]):
        return text
    return f"{text} [{signed(row['low'])}, {signed(row['high'])}]"


def _shift(i: int, pairs: int) -> float:
    """Return how far below its row the mark of a pair stands."""
    return _SPREAD * ((i + 0.5) / pairs - 0.5)


def _draw_pairs(axes: Any, drawn: pd.DataFrame, pairs: Sequence[str], with_intervals: bool) -> None:
    """Draw the light marks, those of one row a little above each other."""
    for i, pair in enumerate(pairs):
        mine = drawn[drawn["pair"] == pair]
        shift = _shift(i, len(pairs))
        there = mine[~mine["outside"]]
        if with_intervals:
            axes.hlines(mine["y"] + shift, mine["low"], mine["high"], color="#B5B5B5", lw=0.8,
                        zorder=1)  # fmt: skip
        axes.scatter(
            there["x"], there["y"] + shift, s=13, marker=_PAIR_MARKERS[i % len(_PAIR_MARKERS)],
            facecolors="white", edgecolors=_PAIR_COLOUR, linewidths=0.8, zorder=2, clip_on=False,
        )  # fmt: skip
    wide = axes.get_position().width * axes.figure.get_figwidth()
    for _, some in drawn[drawn["outside"]].groupby(["variant", drawn["x"] < 0], sort=False):
        # What the mean is stands at the right in any case.
        values = some.loc[some["pair"] != "", "x"].tolist() or some["x"].tolist()
        colour = look_of(str(some["strategy"].iloc[0])).colour
        write_beyond(axes, sorted(values), float(some["y"].iloc[0]), wide, colour)


def _draw_means(axes: Any, means: pd.DataFrame) -> None:
    for row in means.to_dict("records"):
        look = look_of(row["strategy"])
        if pd.notna(row["low"]):
            axes.plot([row["low"], row["high"]], [row["y"]] * 2, color=look.colour, lw=2.2,
                      solid_capstyle="butt", zorder=3)  # fmt: skip
        if not row["outside"]:
            axes.plot([row["x"]], [row["y"]], marker=look.marker, ls="", color=look.colour,
                      ms=look.size + 2, mec="white", mew=0.6, zorder=4)  # fmt: skip


def _key(pairs: Sequence[str], with_intervals: bool) -> list[KeyItem]:
    mean = "mean over pairs" + ("" if with_intervals else ", 95 % interval over pairs")
    line = {} if with_intervals else {"ls": "-", "lw": 2.2}
    items = [KeyItem(mean, {"marker": "o", "color": "#333333", "ms": 6, **line})]
    items += [
        KeyItem(pair, {"marker": _PAIR_MARKERS[i % len(_PAIR_MARKERS)], "color": _PAIR_COLOUR,
                       "mfc": "white", "ms": 3.8, "mew": 0.8})
        for i, pair in enumerate(pairs)
    ]  # fmt: skip
    return [*items, KeyItem("practically equal (1 point)", {"fc": "#000000", "alpha": 0.12}, True)]


@drawing("ranks")
def ranks_figure(
    found: AcrossPairs,
    *,
    strategies: Mapping[str, str] | None = None,
    columns: int = 2,
) -> Drawn:
    """Draw average ranks, and bars over strategies that are not told apart (Demsar 2006).

    Parameters
    ----------
    found : AcrossPairs
        From `across_pairs`.
    strategies : mapping of str to str, optional
        From the names of `found` to those of their strategies; default: they are the same.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row a strategy, best at the top, with its rank on the axis; each bar at the right joins
        a clique of strategies, none of which differs from another by Wilcoxon's test and Holm.
    drawn : pandas.DataFrame
        One row a strategy: ``strategy``, ``rank``, ``cliques`` (numbers of its bars, from 1).
    """
    names, ranks = found.names, found.average_ranks
    n = len(names)
    count = len(found.cliques)
    axis = f"average rank over {len(found.pairs)} pairs (1 is best)"
    panels: list[RowPanel | None] = [RowPanel(0.6, max(n, 2) + 0.4, axis)]
    if count:
        wide = max(0.6, 0.2 + _BAR * count)
        panels.append(RowPanel(0, wide, "", title="not told apart", inches=wide, plain=True))
    sheet, (grid,) = lay_rows(
        [RowBlock("", list(names), panels)], columns=columns,
        strong=(REFERENCE,),
    )  # fmt: skip
    axes = grid[0]
    assert axes is not None
    axes.hlines(range(n), 0.6, ranks, color="#9A9A9A", lw=0.8, zorder=1)
    for y, (name, rank) in enumerate(zip(names, ranks, strict=True)):
        look = look_of((strategies or {}).get(name, name))
        axes.plot(
            [rank], [y], marker=look.marker, ls="", color=look.colour, ms=look.size + 0.6, zorder=2
        )
        # Where there is no room at the right the number stands at the left, over the line.
        left = rank > 0.85 * n
        axes.annotate(
            f"{rank:.2f}", (rank, y), xytext=(-5 if left else 5, 0), fontsize=SMALL,
            textcoords="offset points", va="center_baseline", ha="right" if left else "left",
            bbox={"fc": "white", "ec": "none", "pad": 0.8},
        )  # fmt: skip
    if count and grid[1] is not None:
        for i, clique in enumerate(found.cliques):
            grid[1].plot(
                [0.1 + i * _BAR] * 2, [clique[0] - 0.3, clique[-1] + 0.3], color="#000000",
                lw=2.6, solid_capstyle="butt",
            )  # fmt: skip
    cliques = [
        " ".join(str(c + 1) for c, clique in enumerate(found.cliques) if i in clique)
        for i in range(n)
    ]
    drawn = pd.DataFrame({"strategy": list(names), "rank": list(ranks), "cliques": cliques})
    drawn.attrs["pairs"] = len(found.pairs)
    return sheet.figure, drawn
