"""Accuracy over words trained: each strategy at its best for every budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP, variant_title
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS
from d2vbench.analysis.studies.frontier import Reached
from d2vbench.report.document.titles import labels_title, panel_title
from d2vbench.report.drawing.canvas import KeyItem
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.rows import spread_limits
from d2vbench.report.drawing.style import Drawn, drawing
from d2vbench.report.figures.exposure import set_log_axes

# Bars of strategies at one budget stand beside each other: by so much of a budget.
_DODGE = 0.06
_BASELINE_LINES: Sequence[Any] = ("--", ":", "-.")
_BASELINE = "#555555"


def frontier_points(reached: Sequence[Reached], baselines: pd.DataFrame) -> pd.DataFrame:
    """Return what the figure shows.

    Parameters
    ----------
    reached : sequence of Reached
        From `frontier`.
    baselines : pandas.DataFrame
        Rows of `summarise` for what trains no model by a plan; may be empty.

    Returns
    -------
    pandas.DataFrame
        One row a strategy and budget: ``pair``, ``fraction``, ``model``, ``labels``, ``panel``,
        ``strategy``, ``variant``, ``passes`` of D, ``words`` of the budget in millions,
        ``accuracy``, ``low`` and ``high`` in [0, 1], NaN of fewer than three seeds, ``front``; and
        one a baseline, without words.
    """
    rows: list[dict[str, Any]] = []
    for one in reached:
        interval = one.best.stack.accuracy
        if len(one.best.stack.seeds) < MIN_SEEDS:  # It would reach beyond all that is possible.
            interval = replace(interval, low=math.nan, high=math.nan)
        rows.append({
            **_panel(one.place), "strategy": one.strategy,
            "variant": variant_title(one.best.variant), "passes": one.passes,
            "words": one.budget / 1e6, "accuracy": interval.estimate, "low": interval.low,
            "high": interval.high, "front": one.front,
        })  # fmt: skip
    for place in dict.fromkeys(one.place for one in reached):
        pair, fraction, _, labels = place
        there = baselines[
            (baselines["pair"] == pair)
            & (baselines["fraction"] == fraction)
            & (baselines["labels"] == labels)
        ]
        rows += [
            {
                **_panel(place), "strategy": row.strategy, "variant": row.strategy,
                "accuracy": row.accuracy, "low": row.accuracy_low, "high": row.accuracy_high,
                "front": False,
            }
            for row in there.itertuples()
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _panel(place: tuple[str, float, str, str]) -> dict[str, Any]:
    title = f"{panel_title(*place[:3])}, {labels_title(place[3])}"
    return {**dict(zip([*GROUP, "labels"], place, strict=True)), "panel": title}


@drawing("frontier", axes__grid__axis="y")
def frontier_figure(
    points: pd.DataFrame, *, columns: int = 2, across: int = 2, height: float = 1.8
) -> Drawn:
    """Draw accuracy over words trained, a panel for each pair, share of D, model and label budget.

    Parameters
    ----------
    points : pandas.DataFrame
        From `frontier_points`, at least one row with words.
    columns : int
        1 or 2: 89 or 183 mm wide.
    across : int
        Panels side by side, at most.
    height : float
        Of a panel, in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Words are on a logarithmic axis. A line a strategy with a bar for each 95 % interval, a ring
        around what is on the Pareto front, a level line a baseline.
    drawn : pandas.DataFrame
        The points, accuracy in per cent.
    """
    names = ["accuracy", "low", "high"]
    rows = points.assign(**{name: 100 * points[name].astype(float) for name in names})
    titles = list(dict.fromkeys(rows["panel"]))
    across = min(len(titles), across if columns == 2 else 1)
    trained = rows[rows["words"].notna()]
    strategies = list(dict.fromkeys(trained["strategy"]))
    levels = list(dict.fromkeys(rows.loc[rows["words"].isna(), "strategy"]))
    lines = {name: _BASELINE_LINES[i % len(_BASELINE_LINES)] for i, name in enumerate(levels)}
    looks = {name: look_of(name) for name in strategies}
    key = [
        KeyItem(name, {"color": look.colour, "marker": look.marker, "ls": look.line, "lw": 1.2,
                       "mfc": look.face, "ms": look.size})
        for name, look in looks.items()
    ]  # fmt: skip
    ring: dict[str, Any] = {
        "ls": "",
        "marker": "o",
        "mfc": "none",
        "mec": "#222222",
        "mew": 0.8,
        "ms": 7.5,
    }
    key.append(KeyItem("Pareto front", {"color": "#222222", **ring}))
    key += [KeyItem(name, {"color": _BASELINE, "ls": line, "lw": 1.0})
            for name, line in lines.items()]  # fmt: skip
    sheet, panels = lay_panels(
        titles, columns=columns, across=across, height=height, room=Room(left=0.34, right=0.08),
        key=key, xlabel="budget: words trained (millions)", ylabel="accuracy (%)",
    )  # fmt: skip
    for axes, title in zip(panels, titles, strict=True):
        mine = rows[rows["panel"] == title]
        there = mine[mine["words"].notna()]
        ends = there["words"].min() / 1.3, there["words"].max() * 1.3
        set_log_axes(axes, ends, spread_limits(mine[names].to_numpy(float).ravel()))
        for row in mine[mine["words"].isna()].itertuples():
            axes.axhline(row.accuracy, color=_BASELINE, ls=lines[str(row.strategy)], lw=1.0)
        for n, (name, look) in enumerate(looks.items()):
            some = there[there["strategy"] == name].sort_values("words")
            x = some["words"] * 2 ** (_DODGE * (n - (len(looks) - 1) / 2))
            axes.vlines(x, some["low"], some["high"], color=look.colour, lw=0.7, alpha=0.75)
            axes.plot(
                x, some["accuracy"], color=look.colour, ls=look.line, lw=1.2, marker=look.marker,
                ms=look.size, mfc=look.face, mew=0.8, zorder=3, clip_on=False,
            )  # fmt: skip
            front = some["front"].astype(bool)
            point: Any
            for at, point in zip(x, some.itertuples(), strict=True):
                what = interval_words(point.accuracy, point.low, point.high, "%")
                text = (
                    f"{point.variant}: {what} for {point.words:.3g} million words "
                    f"({point.passes:.0f} passes of D); {point.panel}"
                ).replace("\n", ", ")
                note_mark(
                    axes, at, point.accuracy, text, name, (point.low, point.high), upright=True
                )
            axes.plot(x[front], some.loc[front, "accuracy"], **ring, zorder=4, clip_on=False)
    return sheet.figure, rows
