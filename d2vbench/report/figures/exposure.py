"""Accuracy over the area of D: variants as points, and the curve through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP, variant_title
from d2vbench.analysis.studies.exposure import Fit, drawn
from d2vbench.report.document.titles import labels_title, panel_title
from d2vbench.report.drawing.canvas import SMALL, KeyItem, set_y_ticks, text_width, tick_text
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.rows import spread_limits
from d2vbench.report.drawing.style import Drawn, drawing

_HEIGHT = 1.7
# Round numbers of a logarithmic axis, where there is room for them.
_TICKS = tuple(float(f"{digit}e{power}") for power in range(-3, 6) for digit in (1, 2, 5))
CURVE = "curve"


def exposure_points(fits: Sequence[Fit]) -> pd.DataFrame:
    """Return what the figure shows.

    Parameters
    ----------
    fits : sequence of Fit
        One a panel.

    Returns
    -------
    pandas.DataFrame
        One row a variant, and sixty of each curve, whose strategy and variant are `CURVE`:
        ``pair``, ``fraction``, ``model``, ``labels``, ``panel``, ``strategy``, ``variant``,
        ``area``, ``accuracy`` in [0, 1], ``r2`` and ``r2_across`` of the panel.
    """
    rows: list[dict[str, Any]] = []
    for one in fits:
        place = dict(zip([*GROUP, "labels"], one.place, strict=True))
        title = f"{panel_title(*one.place[:3])}, {labels_title(one.place[3])}"
        panel = {**place, "panel": title, "r2": one.r2, "r2_across": one.r2_across}
        rows += [
            {
                **panel, "strategy": p.variant.strategy, "variant": variant_title(p.variant),
                "area": p.x, "accuracy": p.stack.mean,
            }
            for p in one.curve
        ]  # fmt: skip
        curve = drawn(one.curve)
        rows += [
            {**panel, "strategy": CURVE, "variant": CURVE, "area": x, "accuracy": y}
            for x, y in zip(curve["x"].tolist(), curve["accuracy"].tolist(), strict=True)
        ]
    return pd.DataFrame(rows)


@drawing("exposure", axes__grid__axis="y")
def exposure_figure(points: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over the area of D, a panel for each pair, share of D, model and budget.

    Parameters
    ----------
    points : pandas.DataFrame
        From `exposure_points`, at least one row.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The area is on a logarithmic axis. A point a variant, by the colour and marker of its
        strategy; the line is the curve through all of them.
    drawn : pandas.DataFrame
        The points, accuracy in per cent.
    """
    rows = points.assign(accuracy=100 * points["accuracy"].astype(float))
    titles = list(dict.fromkeys(rows["panel"]))
    across = min(len(titles), 3 if columns == 2 else 2 if len(titles) > 2 else 1)
    names = [name for name in dict.fromkeys(rows["strategy"]) if name != CURVE]
    looks = {name: look_of(name) for name in names}
    key = [
        KeyItem(
            name,
            {"color": look.colour, "marker": look.marker, "mfc": look.face, "ms": look.size},
        )
        for name, look in looks.items()
    ]
    key.append(KeyItem("curve through all", {"color": "#555555", "ls": "-", "lw": 1.0}))
    sheet, panels = lay_panels(
        titles, columns=columns, across=across, height=_HEIGHT, room=Room(left=0.34, right=0.08),
        key=key, xlabel="area of D (sum of alpha)", ylabel="accuracy (%)",
    )  # fmt: skip
    ends = rows["area"].min() / 1.15, rows["area"].max() * 1.15
    for axes, title in zip(panels, titles, strict=True):
        mine = rows[rows["panel"] == title]
        set_log_axes(axes, ends, spread_limits(mine["accuracy"].to_numpy(float)))
        curve = mine[mine["strategy"] == CURVE]
        axes.plot(curve["area"], curve["accuracy"], color="#555555", lw=1.0, zorder=2)
        # The many lie below, so that strategies of one variant are seen.
        for name in sorted(looks, key=lambda n: -(mine["strategy"] == n).sum()):
            some, look = mine[mine["strategy"] == name], looks[name]
            axes.plot(
                some["area"], some["accuracy"], ls="", color=look.colour, marker=look.marker,
                ms=0.75 * look.size, mfc=look.face, mew=0.4, alpha=0.85, zorder=3, clip_on=False,
            )  # fmt: skip
            row: Any
            for row in some.itertuples():
                text = f"{row.variant}: {row.accuracy:.1f} % at an area of D of {row.area:.3g}"
                note_mark(axes, row.area, row.accuracy, text, name)
    return sheet.figure, rows


def set_log_axes(axes: Any, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    """Set a logarithmic horizontal axis and a vertical one in per cent, with ticks that fit."""
    axes.set_xscale("log")
    axes.set_xlim(*xs)
    axes.set_ylim(*ys)
    set_y_ticks(axes, 6, tick_text)
    axes.tick_params(axis="y", length=0)
    inside = [x for x in _TICKS if xs[0] <= x <= xs[1]]
    wide = axes.get_position().width * axes.figure.get_figwidth()
    room = sum(text_width(tick_text(x), SMALL) + 0.08 for x in inside)
    kept = inside if room <= wide else [x for x in inside if f"{x:.0e}".startswith("1")]
    axes.set_xticks(kept, [tick_text(x) for x in kept])
    axes.set_xticks([x for x in inside if x not in kept], minor=True, labels=[])
    axes.tick_params(axis="x", which="minor", length=2, width=0.6, color="#555555")
