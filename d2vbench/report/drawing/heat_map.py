"""The heat map of follow-ups: start alpha x length, and the shapes of the schedule beside it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP, REFERENCE, variants_of
from d2vbench.report.document.titles import labels_title, panel_title
from d2vbench.report.drawing.canvas import (
    BODY,
    MARGIN,
    SMALL,
    WIDTHS,
    KeyItem,
    line_height,
    signed,
    text_width,
    widest,
)
from d2vbench.report.drawing.looks import text_colour
from d2vbench.report.drawing.marks import note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.style import Drawn, drawing

_FOLLOW_UP = "follow-up"
_SHAPES = ("linear", "restart", "rewarmed", "cosine", "constant")
# Blue for gains, orange for losses, white at zero: told apart without red or green cones. In grey
# both darken, and the sign of the number tells.
_LOSS, _NONE, _GAIN = "#B35806", "#F7F7F7", "#2166AC"
_TALL = 0.19
_MOST_WIDE = 0.42
_BETWEEN = 0.2


@drawing("heat-map", axes__grid=False, axes__spines__bottom=False)
def schedules_heat_map(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw what follow-ups gain or lose against `combined`, by start alpha, length and shape.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, with ``sequential(k)`` under ``follow-up(a)`` and a `combined`.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair, share of D, model and label budget, and beside it one with the
        other schedules. The number in a field is the paired difference in percentage points, bold
        where the verdict is better or worse.
    drawn : pandas.DataFrame
        One row a field: ``panel``, ``schedule`` (a shape; empty for a follow-up), ``alpha`` (NaN
        for a shape), ``k``, ``difference`` (points), ``verdict``, ``colour``.
    """
    drawn = _fields(summary)
    bound = max(float(drawn["difference"].abs().max()), 1.0)
    drawn["colour"] = [field_colour(value / bound) for value in drawn["difference"]]
    titles = list(dict.fromkeys(drawn["panel"]))
    alphas = sorted(drawn["alpha"].dropna().unique())
    ks = sorted(drawn.loc[drawn["schedule"] == "", "k"].unique())
    shapes = [s for s in _SHAPES if s in set(drawn["schedule"])]
    shapes += [s for s in dict.fromkeys(drawn["schedule"]) if s and s not in _SHAPES]
    shape_ks = sorted(drawn.loc[drawn["schedule"] != "", "k"].unique())
    across = min(columns, len(titles))
    left = line_height(BODY) + widest([f"{k}" for k in ks], SMALL) + 0.1
    names = widest(shapes, SMALL) + 0.22 if shapes else 0.0
    each = (WIDTHS[columns] - 2 * MARGIN) / across - _BETWEEN
    cell = min((each - left - names) / (len(alphas) + len(shape_ks)), _MOST_WIDE)
    need = max(text_width(signed(v), SMALL) for v in drawn["difference"])
    size = SMALL if need + 0.03 <= cell else 6.0
    # Texts at the ticks may be wider than a field.
    slanted = widest([f"{a:g}" for a in alphas], SMALL) > cell - 0.04
    ticks = widest([f"{a:g}" for a in alphas], SMALL) + 0.06 if slanted else 0.17
    wide = len(alphas) * cell
    sheet, panels = lay_panels(
        titles, columns=columns, across=across, height=max(len(ks), len(shapes)) * _TALL,
        room=Room(left, each + _BETWEEN - left - wide, ticks),
        key=[KeyItem(f"sequential(k) minus {REFERENCE}, points; bold: beyond noise", {})],
        xlabel="alpha at the start of the follow-up", ylabel="k",
    )  # fmt: skip
    for axes, title in zip(panels, titles, strict=True):
        mine = drawn[drawn["panel"] == title]
        _draw(axes, mine[mine["schedule"] == ""], "alpha", alphas, "k", ks, size)
        axes.set_xticks(range(len(alphas)), [f"{a:g}" for a in alphas],
                        rotation=90 if slanted else 0)  # fmt: skip
        axes.set_yticks(range(len(ks)), [f"{k}" for k in ks])
        if shapes:
            # Beside it and equally high, whichever has more rows.
            x, top, _, tall = sheet.place(axes)
            there, side_wide = x + wide + 0.16, len(shape_ks) * cell
            side = sheet.axes(there, top, side_wide, tall)
            order = shapes[::-1]
            _draw(side, mine[mine["schedule"] != ""], "k", shape_ks, "schedule", order, size)
            side.set_xticks(range(len(shape_ks)), [f"{k}" for k in shape_ks])
            side.yaxis.tick_right()
            side.set_yticks(range(len(order)), order)
            sheet.write(there + side_wide / 2, top + tall + 0.17, "k", BODY, ha="center")
    return sheet.figure, drawn


def _fields(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the fields: follow-ups, and other schedules of ``sequential(k)`` as named."""
    rows = summary[
        (summary["strategy"] == "sequential") & (summary["policy"] == "")
        & (summary["setting"] == "") & summary["difference"].notna()
    ]  # fmt: skip
    rows = rows[pd.to_numeric(rows["k"], errors="coerce").notna()]
    follows = rows["schedule"] == _FOLLOW_UP
    names = [variant.schedule_text for variant in variants_of(rows)]
    panel = [
        f"{panel_title(*place)}, {labels_title(labels)}"
        for *place, labels in rows[[*GROUP, "labels"]].to_numpy().tolist()
    ]
    return pd.DataFrame(
        {
            "panel": panel,
            "schedule": ["" if start else name for start, name in zip(follows, names, strict=True)],
            "alpha": rows["schedule_value"].where(follows).astype(float).tolist(),
            "k": rows["k"].astype(int).tolist(),
            "difference": (100 * rows["difference"].astype(float)).tolist(),
            "verdict": rows["verdict"].tolist(),
        }
    )


def field_colour(share: float) -> str:
    """Return the colour of a field.

    Parameters
    ----------
    share : float
        Of the largest difference, in [-1, 1].

    Returns
    -------
    str
        ``#RRGGBB``, from orange over white at 0 to blue.

    Examples
    --------
    >>> field_colour(0), field_colour(1), field_colour(-1)
    ('#F7F7F7', '#2166AC', '#B35806')
    """
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    colours = LinearSegmentedColormap.from_list("", [_LOSS, _NONE, _GAIN], N=511)
    return to_hex(colours(0.5 + 0.5 * share)).upper()


def _draw(
    axes: Any, fields: pd.DataFrame, across: str, xs: list[Any], down: str, ys: list[Any],
    size: float,
) -> None:  # fmt: skip
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    patches, colours = [], []
    for field in fields.to_dict("records"):
        x, y = xs.index(field[across]), ys.index(field[down])
        patches.append(Rectangle((x - 0.5, y - 0.5), 1, 1))
        schedule = field["schedule"] or f"follow-up({field['alpha']:g})"
        what = f"{signed(field['difference'])} points, {field['verdict']}"
        text = f"sequential({field['k']}), {schedule}: {what}; {field['panel']}"
        note_mark(axes, x, y, text.replace("\n", ", "), "sequential")
        colours.append(field["colour"])
        axes.text(
            x, y, signed(field["difference"]), ha="center", va="center_baseline", fontsize=size,
            fontweight="bold" if field["verdict"] in ("better", "worse") else "normal",
            color=text_colour(field["colour"]),
        )  # fmt: skip
    axes.add_collection(PatchCollection(patches, facecolors=colours, edgecolors="white", lw=0.8))
    axes.set_xlim(-0.5, len(xs) - 0.5)
    axes.set_ylim(-0.5, len(ys) - 0.5)
    axes.tick_params(length=0)
