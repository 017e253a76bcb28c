"""Dot plots of strategies. Each function returns what it drew, so that tests look at numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.summary import BASELINE_TITLES
from d2vbench.analysis.contrasts.variants import GROUP, REFERENCE, variant_title, variants_of
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE
from d2vbench.report.document.phrases import counted
from d2vbench.report.document.titles import labels_title, model_title, pair_title
from d2vbench.report.drawing.canvas import KeyItem, signed, signed_tick, text_width, tick_text
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.rows import RowBlock, RowPanel, lay_rows, panels_width, spread_limits
from d2vbench.report.drawing.style import Drawn, drawing

ACCURACY, DIFFERENCE = "accuracy", "difference"
_XLABELS = {
    ACCURACY: "accuracy (%)",
    DIFFERENCE: f"difference from {REFERENCE} (points)",
}
_MARKERS = ("o", "D", "s", "^", "v")
_SIZES = (15, 13, 13, 16, 16)
# A panel is no narrower, in inches.
_LEAST = {1: 0.45, 2: 0.62}
# Differences that lie this many times further out than all others are drawn at the edge.
_FAR = 2.0


def strategies_figure(
    summary: pd.DataFrame,
    *,
    columns: int = 2,
    paired: bool | None = None,
) -> Drawn:
    """Draw the accuracy of every variant and beside it its paired difference from `combined`.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`. Of one model, where there are many variants: blocks of models stand
        below each other.
    columns : int
        1 or 2: 89 or 183 mm wide.
    paired : bool, optional
        Whether differences stand beside; where not given, if there are any and room for them.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row for each variant, the one with the best mean difference on top; a panel, or two, for
        each pair and share of D. Where those are too many for the width, they go on below.
    drawn : pandas.DataFrame
        One row a point: the columns of the group, ``labels``, ``variant``, ``strategy``, ``y``
        (counted from the top of the block), ``measure`` (accuracy, difference), ``x``, ``low``,
        ``high`` in per cent or points, ``verdict``, and ``outside``, whether it lies beyond the
        axis.
    """
    if paired is None:
        paired = shows_differences(summary, columns)
    measures = (ACCURACY, DIFFERENCE) if paired else (ACCURACY,)
    return _dots(summary, measures, columns)


def shows_differences(summary: pd.DataFrame, columns: int = 2) -> bool:
    """Return whether `strategies_figure` has differences, and room for them beside accuracies.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`.
    columns : int
        1 or 2.
    """
    both = 2 * len(_places(summary)) * _LEAST[2]
    room = panels_width(_titles(summary), columns)
    return bool(summary["difference"].notna().any()) and both <= room


def differences_figure(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw the paired difference of every variant from `combined`; see `strategies_figure`.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, with a `combined` in every group.
    columns : int
        1 or 2.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair and share of D. The grey band is practical equivalence.
    drawn : pandas.DataFrame
        As of `strategies_figure`.
    """
    return _dots(summary, (DIFFERENCE,), columns)


def _places(summary: pd.DataFrame) -> list[tuple[str, float]]:
    doc2vec = summary[summary["model"] != BASELINE]
    return list(dict.fromkeys(zip(doc2vec["pair"], doc2vec["fraction"], strict=True)))


def _titles(summary: pd.DataFrame) -> list[str]:
    doc2vec = summary[summary["model"] != BASELINE]
    return [variant_title(variant) for variant in dict.fromkeys(variants_of(doc2vec))]


def with_titles(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of Doc2Vec with the ``title`` of their variant."""
    rows = summary[summary["model"] != BASELINE]
    return rows.assign(title=[variant_title(variant) for variant in variants_of(rows)])


def by_effect(rows: pd.DataFrame) -> list[str]:
    """Return the titles of variants, best first.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `with_titles`.

    Returns
    -------
    list of str
        By the mean over places of the difference from `combined`, which is 0 for itself, with the
        first label budget; by accuracy where there is no `combined`. Equals in the order of the
        grid.
    """
    first = rows[rows["labels"] == rows["labels"].iloc[0]]
    reference = first["verdict"] == "reference"
    if reference.any():
        values = first["difference"].astype(float).mask(reference, 0.0)
    else:
        values = first["accuracy"].astype(float)
    means = values.groupby(first["title"], sort=False).mean()
    missing = [t for t in dict.fromkeys(rows["title"]) if t not in means.index]
    return [*map(str, means.sort_values(ascending=False, kind="stable").index), *missing]


@drawing("dots")
def _dots(summary: pd.DataFrame, measures: Sequence[str], columns: int) -> Drawn:
    rows = with_titles(summary)
    places = _places(summary)
    budgets = list(dict.fromkeys(rows["labels"]))
    lines = _tf_idf(summary)
    limits = {
        (place, measure): _limits(rows, lines, place, measure)
        for place in places
        for measure in measures
    }
    blocks: list[RowBlock] = []
    shown: list[tuple[str, list[tuple[str, float]]]] = []
    least = len(measures) * (_LEAST[columns] + 0.14)
    bands = _bands(places, panels_width(_titles(summary), columns) / least)
    for model in dict.fromkeys(rows["model"]):
        mine = rows[rows["model"] == model]
        there = set(zip(mine["pair"], mine["fraction"], strict=True))
        order = by_effect(mine)
        for band in bands:
            if not there & set(band):
                continue
            panels: list[RowPanel | None] = []
            for place in band:
                for i, measure in enumerate(measures):
                    panels.append(
                        RowPanel(
                            *limits[place, measure],
                            _XLABELS[measure],
                            title="" if i else pair_title(*place),
                            span=len(measures),
                            tick=signed_tick if measure == DIFFERENCE else tick_text,
                        )
                        if place in there
                        else None
                    )
            # Panels are as wide in a band that is not full.
            panels += [None] * (len(measures) * len(bands[0]) - len(panels))
            named = mine[[p in band for p in zip(mine["pair"], mine["fraction"], strict=True)]]
            names = [title for title in order if title in set(named["title"])]
            blocks.append(RowBlock(model_title(str(model)), names, panels))
            shown.append((str(model), band))
    drawn: list[pd.DataFrame] = []
    sheet, grid = lay_rows(
        blocks, columns=columns, marks=len(budgets), strong=(REFERENCE,),
        key=_key(budgets, measures, bool(lines)),
    )  # fmt: skip
    for block, (model, band), axes in zip(blocks, shown, grid, strict=True):
        for p, place in enumerate(band):
            group = rows[
                (rows["pair"] == place[0]) & (rows["fraction"] == place[1])
                & (rows["model"] == model)
            ]  # fmt: skip
            for m, measure in enumerate(measures):
                panel = axes[p * len(measures) + m]
                if panel is None:
                    continue
                drawn.append(_draw(panel, group, measure, block.rows, budgets))
                if measure == ACCURACY:
                    for style, x in zip(("--", ":"), lines.get(place, ()), strict=False):
                        panel.axvline(x, color="#555555", lw=0.8, ls=style, zorder=0.5)
    return sheet.figure, pd.concat(drawn, ignore_index=True)


def _bands(places: list[tuple[str, float]], fit: float) -> list[list[tuple[str, float]]]:
    """Split places into as few bands as the width allows, equally long ones."""
    most = max(1, int(fit))
    count = math.ceil(len(places) / most)
    length = math.ceil(len(places) / max(count, 1))
    return [places[i : i + length] for i in range(0, len(places), max(length, 1))]


def _tf_idf(summary: pd.DataFrame) -> dict[tuple[str, float], list[float]]:
    """Return the accuracy of TF-IDF by place, for each label budget, in per cent."""
    found: dict[tuple[str, float], list[float]] = {}
    mine = summary[
        (summary["model"] == BASELINE) & (summary["strategy"] == BASELINE_TITLES["tf-idf"])
    ]
    for pair, fraction, accuracy in zip(
        mine["pair"], mine["fraction"], mine["accuracy"], strict=True
    ):
        found.setdefault((pair, fraction), []).append(100 * float(accuracy))
    return found


def _limits(
    rows: pd.DataFrame,
    lines: dict[tuple[str, float], list[float]],
    place: tuple[str, float],
    measure: str,
) -> tuple[float, float]:
    group = rows[(rows["pair"] == place[0]) & (rows["fraction"] == place[1])]
    names = [measure, f"{measure}_low", f"{measure}_high"]
    numbers = 100 * group[names].to_numpy(dtype=float)
    if measure == ACCURACY:
        return spread_limits([*numbers.ravel(), *lines.get(place, ())[:2]])
    return difference_limits(numbers, group["title"].tolist())


def difference_limits(numbers: Any, titles: Sequence[str]) -> tuple[float, float]:
    """Return the ends of an axis of differences, which few far-out variants do not stretch.

    Parameters
    ----------
    numbers : (n, 3) array_like
        Difference, low and high end, in points; NaN where there is none.
    titles : sequence of str
        The variant of each.

    Returns
    -------
    tuple of (float, float)
        Zero and all intervals lie within, but for those of at most a quarter of the variants, and
        only where these reach at least twice as far as all others.
    """
    values = np.asarray(numbers, dtype=float)
    reach: dict[str, float] = {}
    for title, some in zip(titles, values, strict=True):
        if np.isfinite(some).any():
            reach[title] = max(reach.get(title, 0.0), float(np.nanmax(np.abs(some))))
    order = sorted(reach, key=lambda t: reach[t])
    kept = len(order)
    for n in range(len(order) - len(order) // 4, len(order)):
        if n and reach[order[n]] > _FAR * max(reach[order[n - 1]], 2.0):
            kept = n
            break
    inside = set(order[:kept])
    taken = values[[t in inside for t in titles]].ravel()
    floor = 150 * EQUIVALENCE
    return spread_limits([*taken, -floor, floor])


def _draw(
    axes: Any, group: pd.DataFrame, measure: str, names: Sequence[str], budgets: Sequence[str]
) -> pd.DataFrame:
    """Draw the points of a panel, a step apart where there are several label budgets."""
    step = min(0.36, 0.72 / max(len(budgets), 1))
    places = {name: y for y, name in enumerate(names)}
    columns = {"x": measure, "low": f"{measure}_low", "high": f"{measure}_high"}
    numbers = {name: 100 * group[column].astype(float) for name, column in columns.items()}
    points = group[[*GROUP, "labels", "strategy", "verdict", "seeds"]].assign(
        variant=group["title"], measure=measure, **numbers
    )
    if measure == DIFFERENCE:
        mark_zero(axes)
        points.loc[points["verdict"] == "reference", list(columns)] = 0.0
    points = points[points["x"].notna()]
    shift = points["labels"].map(list(budgets).index) - (len(budgets) - 1) / 2
    points["y"] = points["variant"].map(places) + shift * step
    points["outside"] = ~points["x"].between(*axes.get_xlim())
    for b, budget in enumerate(budgets):
        mine = points[points["labels"] == budget]
        _mark(axes, mine, _MARKERS[b % 5], _SIZES[b % 5], filled=b == 0)
    wide = axes.get_position().width * axes.figure.get_figwidth()
    for name, mine in points[points["outside"]].groupby("variant", sort=False):
        # One stands in its own place, several in the middle of the row.
        at = mine["y"].iloc[0] if len(mine) == 1 else places[str(name)]
        colour = look_of(mine["strategy"].iloc[0]).colour
        write_beyond(axes, mine["x"].tolist(), at, wide, colour)
    for name in names if measure == ACCURACY else ():
        if name not in set(points["variant"]):
            low, high = axes.get_xlim()
            axes.text((low + high) / 2, places[name], "not run", fontsize=6, color="#6A6A6A",
                      ha="center", va="center_baseline")  # fmt: skip
    row: Any
    for row in points.itertuples():
        signs = measure == DIFFERENCE
        what = interval_words(row.x, row.low, row.high, "points" if signs else "%", signs)
        told = f", {row.verdict}" if signs else ""
        text = (
            f"{row.variant}: {what}{told}; {pair_title(row.pair, row.fraction)}, "
            f"{labels_title(row.labels)}, {counted(row.seeds, 'seed')}"
        )
        note_mark(axes, row.x, row.y, text, row.strategy, (row.low, row.high))
    return points.drop(columns="seeds")


def mark_zero(axes: Any) -> None:
    """Draw no difference as a line, and practical equivalence as a band."""
    band = 100 * EQUIVALENCE
    axes.axvspan(-band, band, color="#000000", alpha=0.08, lw=0, zorder=0)
    axes.axvline(0, color="#000000", lw=0.7, zorder=0.5)


def _mark(axes: Any, points: pd.DataFrame, marker: Any, size: float, filled: bool) -> None:
    """Draw points with their intervals, each in the colour of its strategy."""
    points = points.assign(colour=[look_of(name).colour for name in points["strategy"]])
    spans, inside = points[points["low"].notna()], points[~points["outside"]]
    axes.hlines(spans["y"], spans["low"], spans["high"], colors=spans["colour"], lw=1.1, zorder=2)
    axes.scatter(
        inside["x"], inside["y"], s=size, marker=marker, edgecolors=inside["colour"],
        facecolors=inside["colour"] if filled else "white", linewidths=0.9, zorder=3,
        clip_on=False,
    )  # fmt: skip


def write_beyond(axes: Any, values: Sequence[float], y: float, wide: float, colour: str) -> None:
    """Draw an arrow to points beyond the edge of a panel, and their numbers beside it.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    values : sequence of float
        Their places, all beyond the same end.
    y : float
        The row.
    wide : float
        Of the panel, in inches.
    colour : str
        Of the arrow.
    """
    low, high = axes.get_xlim()
    left = values[0] < low
    axes.plot(
        [low if left else high], [y], marker="<" if left else ">", color=colour, ms=3.5, ls="",
        clip_on=False, zorder=3,
    )  # fmt: skip
    texts = [signed(v) for v in values]
    text = ", ".join(texts)
    if text_width(text, 6) > wide - 0.12:
        text = texts[0]
    axes.annotate(
        text, (low if left else high, y), (5 if left else -5, 0), textcoords="offset points",
        ha="left" if left else "right", va="center_baseline", fontsize=6, color="#222222",
        zorder=4, bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85},
    )  # fmt: skip


def _key(budgets: Sequence[str], measures: Sequence[str], tf_idf: bool) -> list[KeyItem]:
    items = []
    if len(budgets) > 1:
        for b, budget in enumerate(budgets):
            look = {
                "marker": _MARKERS[b % 5], "color": "#333333", "ms": 4, "mew": 0.9,
                "mfc": "#333333" if b == 0 else "white",
            }  # fmt: skip
            items.append(KeyItem(labels_title(budget), look))
    if tf_idf and ACCURACY in measures:
        for budget, style in zip(budgets, ("--", ":"), strict=False):
            text = f"TF-IDF, {labels_title(budget)}" if len(budgets) > 1 else "TF-IDF"
            items.append(KeyItem(text, {"color": "#555555", "lw": 0.8, "ls": style}))
    if DIFFERENCE in measures:
        look = {"fc": "#000000", "alpha": 0.12}
        items.append(KeyItem("practically equal (1 point)", look, patch=True))
    return items
