"""Figures of studies with a dial: accuracy over the share of D, over senses, over labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP
from d2vbench.report.document.titles import (
    dial_of,
    labels_title,
    model_title,
    pair_title,
    panel_title,
)
from d2vbench.report.drawing.canvas import (
    SMALL,
    KeyItem,
    set_y_ticks,
    spread_out,
    text_width,
    widest,
    wrapped,
)
from d2vbench.report.drawing.dot_plots import by_effect, with_titles
from d2vbench.report.drawing.looks import Look, looks_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.style import Drawn, drawing

_HEIGHT = 1.55
# Between lines at one place, in inches: bars stand beside each other.
_DODGE = 0.022
# Names take no more than this share of a figure's width.
_NAMES = 0.36


def share_curves(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over the share of D that there is, one panel a pair, model and label budget.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, of cells at several shares.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The share is on a logarithmic axis. A line a variant, named at its end; the bars of
        variants stand a little beside each other. Panels of one pair share their vertical axis.
    drawn : pandas.DataFrame
        One row a point: ``panel``, ``variant``, ``x``, ``y``, ``low``, ``high``, in per cent.
    """
    rows = with_titles(summary)
    names = [pair_title(str(pair), 1.0) for pair in rows["pair"]]
    panels = pd.Series(names, index=rows.index) + "\n" + _model_and_labels(rows)
    rows = rows.assign(panel=panels, x=100 * rows["fraction"], scale=rows["pair"])
    return _curves(rows, "share of the domain corpus (%)", columns, log=True)


def shift_curves(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over the dial of the synthetic pairs; see `share_curves`."""
    rows = with_titles(summary)
    rows = rows[rows["pair"].map(dial_of).notna()]
    rows = rows.assign(panel=_model_and_labels(rows), x=rows["pair"].map(dial_of), scale="")
    label = "words with another sense in the generic corpus (%)"
    return _curves(rows, label, columns, log=False)


def label_curves(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over the number of labelled documents a class; see `share_curves`.

    The whole of the labels stands at the right, where the axis has no number.
    """
    rows = with_titles(summary)
    most = 2 * max((float(b) for b in rows["labels"] if b != "all"), default=1.0)
    panel = [panel_title(*place) for place in rows[GROUP].to_numpy().tolist()]
    x = [most if b == "all" else float(b) for b in rows["labels"]]
    rows = rows.assign(panel=panel, x=x, scale=rows["pair"])
    label = "labelled documents a class"
    return _curves(rows, label, columns, log=True, named={most: "all"})


def size_curves(points: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over the words of G for one of D; see `share_curves`.

    Parameters
    ----------
    points : pandas.DataFrame
        A row a point: the columns `GROUP` and ``labels``, ``strategy``, ``title``, ``ratio``,
        ``accuracy``, ``accuracy_low``, ``accuracy_high`` in [0, 1].
    columns : int
        1 or 2: 89 or 183 mm wide.
    """
    panel = [
        f"{panel_title(*place)}, {labels_title(labels)}"
        for *place, labels in points[[*GROUP, "labels"]].to_numpy().tolist()
    ]
    rows = points.assign(panel=panel, x=points["ratio"], scale=panel, verdict="")
    named = {x: f"{x:.2g}" for x in rows["x"]}
    return _curves(rows, "words of G for one of D", columns, log=True, named=named)


def _model_and_labels(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["model"].map(model_title) + ", " + rows["labels"].map(labels_title)


@drawing("curves", axes__grid__axis="y", axes__spines__left=False)
def _curves(
    rows: pd.DataFrame,
    xlabel: str,
    columns: int,
    log: bool,
    named: Mapping[float, str] | None = None,
) -> Drawn:
    titles = list(dict.fromkeys(rows["panel"]))
    strategies = dict(zip(rows["title"], rows["strategy"], strict=True))
    looks = looks_of({title: strategies[title] for title in by_effect(rows)})
    names = min(widest(looks, SMALL) + 0.22, _NAMES * (7.2 if columns == 2 else 3.5))
    # With few panels each has its names; with many they stand once above all, or lines had no room.
    each = len(titles) <= (4 if columns == 2 else 1)
    key = [] if each else [
        KeyItem(title, {"color": look.colour, "marker": look.marker, "ls": look.line, "lw": 1.2,
                        "mfc": look.face, "ms": look.size})
        for title, look in looks.items()
    ]  # fmt: skip
    across = min(len(titles), 2 if each else 3 if columns == 2 else 2 if len(titles) > 2 else 1)
    room = Room(left=0.3, right=names if each else 0.06)
    least = _HEIGHT if across > 1 or columns == 1 else 1.3 * _HEIGHT
    height = max(least, len(looks) * _apart(_name_lines(looks, names))) if each else least
    drawn: list[dict[str, Any]] = []
    sheet, panels = lay_panels(
        titles, columns=columns, across=across, height=height, room=room,
        xlabel=xlabel, ylabel="accuracy (%)", key=key,
    )  # fmt: skip
    scales = {scale: _scale(group) for scale, group in rows.groupby("scale", sort=False)}
    for axes, panel in zip(panels, titles, strict=True):
        mine = rows[rows["panel"] == panel]
        ticks = sorted(set(mine["x"]))
        place = _set_x(axes, ticks, log, named or {})
        axes.set_ylim(*scales[mine["scale"].iloc[0]])
        set_y_ticks(axes, 6, "{:g}".format)
        axes.tick_params(axis="y", length=0)
        found = _draw_lines(axes, mine, looks, place)
        drawn += [{"panel": panel, **point} for point in found]
        if each:
            _label_ends(axes, found, looks, names, place)
    result = pd.DataFrame(drawn).drop(columns=["at"])
    result.attrs["x"] = xlabel
    result.attrs["named"] = {str(x): text for x, text in (named or {}).items()}
    return sheet.figure, result


def _scale(rows: pd.DataFrame) -> tuple[float, float]:
    names = ["accuracy", "accuracy_low", "accuracy_high"]
    numbers = 100 * rows[names].astype(float)
    low, high = float(numbers.min().min()), float(numbers.max().max())
    more = 0.04 * (high - low) or 1.0
    return low - more, high + more


def _set_x(axes: Any, ticks: list[float], log: bool, named: Mapping[float, str]) -> Any:
    """Set the horizontal axis; return what maps a number to a share of its width."""
    import numpy as np

    def scaled(x: float) -> float:
        return float(np.log(x)) if log else x

    low, high = scaled(ticks[0]), scaled(ticks[-1])
    span = (high - low) or 1.0

    def place(x: float) -> float:
        return 0.06 + 0.88 * (scaled(x) - low) / span

    # In shares of the width, so that marks can stand beside each other on either scale.
    axes.set_xlim(0, 1)
    wide = axes.get_position().width * axes.figure.get_figwidth()
    kept: list[float] = []
    until = float("inf")
    # From the right: the whole is what most is compared at.
    for x in reversed(ticks):
        half = text_width(named.get(x, f"{x:g}"), SMALL) / 2
        if place(x) * wide + half + 0.06 <= until:
            kept.append(x)
            until = place(x) * wide - half
    kept.reverse()
    axes.set_xticks([place(x) for x in kept], [named.get(x, f"{x:g}") for x in kept])
    axes.set_xticks([place(x) for x in ticks], minor=True)
    axes.tick_params(axis="x", which="minor", length=2, width=0.6, color="#555555")
    return place


def _draw_lines(
    axes: Any, rows: pd.DataFrame, looks: Mapping[str, Look], place: Any
) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = []
    there = [title for title in looks if title in set(rows["title"])]
    wide = axes.get_position().width * axes.figure.get_figwidth()
    for n, title in enumerate(there):
        look, shift = looks[title], _DODGE / wide * (n - (len(there) - 1) / 2)
        points = rows[rows["title"] == title].sort_values("x")
        y, low, high = (
            (100 * points[name].astype(float)).tolist()
            for name in ("accuracy", "accuracy_low", "accuracy_high")
        )
        x = points["x"].astype(float).tolist()
        at = [place(value) + shift for value in x]
        axes.vlines(at, low, high, color=look.colour, lw=0.7, alpha=0.75, zorder=2)
        axes.plot(
            at, y, color=look.colour, ls=look.line, lw=1.2, marker=look.marker, ms=look.size,
            mfc=look.face, mew=0.8, zorder=3, clip_on=False,
        )  # fmt: skip
        for a, b, c, d, e in zip(x, y, low, high, at, strict=True):
            text = f"{title}: {interval_words(b, c, d, '%')} at {a:g}"
            strategy = str(points["strategy"].iloc[0])
            note_mark(axes, e, b, text, strategy, (c, d), upright=True)
        drawn += [
            {"variant": title, "x": a, "y": b, "low": c, "high": d, "at": e}
            for a, b, c, d, e in zip(x, y, low, high, at, strict=True)
        ]
    return drawn


def _name_lines(titles: Iterable[str], names: float) -> dict[str, list[str]]:
    """Return the lines of each name, in a column of a width in inches."""
    return {title: wrapped(title, SMALL, names - 0.2) for title in titles}


def _apart(lines: Mapping[str, Sequence[str]]) -> float:
    """Return how far apart names must stand, in inches."""
    most = max(map(len, lines.values()))
    return 0.115 if most == 1 else most * 0.105 + 0.03


def _label_ends(
    axes: Any, drawn: list[dict[str, Any]], looks: Mapping[str, Look], names: float, place: Any
) -> None:
    """Name each line beside its right end, the names apart, with a thin line where they moved."""
    ends = {point["variant"]: point for point in drawn}
    box = axes.get_position()
    wide = box.width * axes.figure.get_figwidth()
    tall = box.height * axes.figure.get_figheight()
    low, high = axes.get_ylim()
    per_inch = (high - low) / tall
    lines = _name_lines(ends, names)
    most = max(map(len, lines.values()))
    apart = _apart(lines) * per_inch
    half = apart / 2
    spots = spread_out([p["y"] for p in ends.values()], apart, low + half * 0.8, high - half * 0.8)
    for (title, point), y in zip(ends.items(), spots, strict=True):
        start = point["at"] + 0.035 / wide + 0.01
        axes.plot(
            [start, 1 + 0.03 / wide, 1 + 0.1 / wide], [point["y"], point["y"], y],
            color=looks[title].colour, lw=0.5, clip_on=False, zorder=1,
        )  # fmt: skip
        axes.text(
            1 + 0.125 / wide, y, "\n".join(lines[title]), fontsize=SMALL, color="#222222",
            va="center_baseline" if most == 1 else "center", linespacing=1.05,
        )  # fmt: skip
