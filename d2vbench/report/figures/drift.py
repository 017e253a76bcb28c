"""What a follow-up does: drift of vectors, and gain on the domain against what is forgotten."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP, REFERENCE
from d2vbench.report.document.titles import panel_title
from d2vbench.report.drawing.canvas import (
    MARGIN,
    SMALL,
    WIDTHS,
    KeyItem,
    line_height,
    set_y_ticks,
    signed_tick,
    widest,
    wrapped,
)
from d2vbench.report.drawing.dot_plots import with_titles
from d2vbench.report.drawing.looks import looks_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.rows import RowBlock, RowPanel, lay_rows, set_x_ticks, spread_limits
from d2vbench.report.drawing.style import Drawn, drawing

_KINDS = {"outputs": "output vectors", "words": "word vectors"}
# Told apart by shape as well: colours may be lost.
_GROUPS = {"domain": ("words in D", "#0072B2", "o"), "absent": ("absent from D", "#D55E00", "D")}
_WAYS = {"raw": "as they are", "aligned": "aligned"}
_STEP = 0.2


@drawing("drift")
def drift_figure(means: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw mean cosines of vectors before and after the follow-up.

    Parameters
    ----------
    means : pandas.DataFrame
        From `drift_means`, with columns ``drift_outputs_...`` or ``drift_words_...``.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row of panels for each pair and model, one for each kind of vector; in it a row a
        variant. Hollow is as they are, filled after Procrustes, and a line joins the two.
    drawn : pandas.DataFrame
        One row a point: ``panel``, ``kind``, ``variant``, ``words`` (domain, absent), ``way``
        (raw, aligned), ``cosine``.
    """
    kinds = [kind for kind in _KINDS if _measured(means, kind)]
    limits = {kind: _limits(means, kind) for kind in kinds}
    blocks, groups = [], []
    for place, rows in means.groupby(GROUP, sort=False):
        there = [kind for kind in kinds if _measured(rows, kind)]
        panels = [
            RowPanel(*limits[k], "mean cosine with what it was", title=_KINDS[k])
            if k in there
            else None
            for k in kinds
        ]
        blocks.append(RowBlock(panel_title(*place), rows["variant"].tolist(), panels))
        groups.append(rows)
    drawn: list[dict[str, Any]] = []
    sheet, grid = lay_rows(blocks, columns=columns, marks=2, key=_key())
    for block, rows, axes in zip(blocks, groups, grid, strict=True):
        for kind, panel in zip(kinds, axes, strict=True):
            if panel is not None:
                found = _draw_panel(panel, rows, kind)
                name = block.title.replace("\n", ", ")
                drawn += [{"panel": name, "kind": kind, **point} for point in found]
    return sheet.figure, pd.DataFrame(drawn)


def _columns(kind: str) -> list[str]:
    return [f"drift_{kind}_{group}_{way}" for group in _GROUPS for way in _WAYS]


def _measured(rows: pd.DataFrame, kind: str) -> bool:
    names = [name for name in _columns(kind) if name in rows]
    return bool(rows[names].notna().any(axis=None))


def _limits(means: pd.DataFrame, kind: str) -> tuple[float, float]:
    numbers = means[[name for name in _columns(kind) if name in means]].to_numpy(dtype=float)
    low, high = spread_limits(numbers.ravel())
    # A cosine of 1 is not moved: the end of the axis, with room for a mark.
    return max(low, -1.02), min(high, 1.02) if high < 1.02 else 1.02


def _key() -> list[KeyItem]:
    return [
        KeyItem(
            f"{name}, {text}",
            {"marker": marker, "color": colour, "ms": 4, "mew": 0.9,
             "mfc": "white" if way == "raw" else colour},
        )
        for name, colour, marker in _GROUPS.values()
        for way, text in _WAYS.items()
    ]  # fmt: skip


def _draw_panel(axes: Any, rows: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
    drawn = []
    for g, (group, (_, colour, marker)) in enumerate(_GROUPS.items()):
        places: dict[str, list[tuple[float, float]]] = {way: [] for way in _WAYS}
        lines = []
        for y, row in enumerate(rows.to_dict("records")):
            place = y + (g - 0.5) * 2 * _STEP
            found = {way: row.get(f"drift_{kind}_{group}_{way}") for way in _WAYS}
            there = {way: float(v) for way, v in found.items() if v is not None and pd.notna(v)}
            if len(there) == 2:
                lines.append((place, *there.values()))
            for way, value in there.items():
                places[way].append((value, place))
                text = f"{row['variant']}: cosine {value:.3f}; {_GROUPS[group][0]}, {_WAYS[way]}"
                note_mark(axes, value, place, text, str(row.get("strategy", "")))
                drawn.append({"variant": row["variant"], "words": group, "way": way,
                              "cosine": value})  # fmt: skip
        if lines:
            at, first, second = zip(*lines, strict=True)
            axes.hlines(at, first, second, colors=colour, lw=1.0, zorder=1)
        for way, points in places.items():
            if points:
                x, y_of = zip(*points, strict=True)
                axes.scatter(
                    x, y_of, s=16, marker=marker, edgecolors=colour, linewidths=0.9, zorder=2,
                    facecolors="white" if way == "raw" else colour, clip_on=False,
                )  # fmt: skip
    return drawn


GENERIC_ONLY = "generic-only"
# Of a panel, in inches: tried with names, then with numbers explained in a key.
_HEIGHTS = (1.9, 2.5, 3.2)
_POINT = 0.04
# Tries for a name, from nearest: inches away from its point, and directions in degrees.
_RINGS = (0.07, 0.12, 0.2, 0.3, 0.42, 0.56, 0.72)
_DIRECTIONS = (0, 180, 30, -30, 150, -150, 60, -60, 120, -120, 90, -90)

Box = tuple[float, float, float, float]
_Laid = tuple[tuple[float, float], tuple[float, float], list[dict[str, Any]], bool]


def forgetting_points(means: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Bring gain and loss of follow-ups together.

    Parameters
    ----------
    means : pandas.DataFrame
        From `drift_means`.
    summary : pandas.DataFrame
        From `summarise`, of the same cells.

    Returns
    -------
    pandas.DataFrame
        One row a variant of the run's usual vocabulary policy whose forgetting was measured and
        that has something to be compared with:
        ``pair``, ``fraction``, ``model``, ``panel``, ``variant``, ``strategy``; ``against``
        (`combined` where it is there, else `generic-only`); ``gain`` (accuracy on the domain minus
        that of ``against``, with the first label budget); ``change``, ``change_low``,
        ``change_high`` (accuracy on the generic corpus after the follow-up minus before), all in
        points. Empty where nothing was measured.
    """
    columns = [*GROUP, "panel", "variant", "strategy", "against", "gain", "change", "change_low",
               "change_high"]  # fmt: skip
    if "forgotten" not in means or summary.empty:
        return pd.DataFrame(columns=columns)
    rows = with_titles(summary).rename(columns={"title": "variant"})
    rows = rows[(rows["labels"] == rows["labels"].iloc[0]) & (rows["policy"] == "")]
    # The reference comes first where both are there.
    compared = rows[rows["variant"].isin([REFERENCE, GENERIC_ONLY])].sort_values("variant")
    compared = compared.drop_duplicates(GROUP).rename(columns={"variant": "against"})
    found = means[means["forgotten"].notna()].merge(
        rows[[*GROUP, "variant", "accuracy"]], on=[*GROUP, "variant"]
    )
    found = found.merge(
        compared[[*GROUP, "against", "accuracy"]], on=GROUP, suffixes=("", "_against")
    )
    found = found[found["variant"] != found["against"]]
    changes = {f"change{end}": 100 * found[f"forgotten{end}"] for end in ("", "_low", "_high")}
    return found.assign(
        panel=[panel_title(*place) for place in found[GROUP].to_numpy().tolist()],
        gain=100 * (found["accuracy"] - found["accuracy_against"]).astype(float),
        **changes,
    )[columns]


@drawing("forgetting", axes__grid__axis="both")
def forgetting_figure(points: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw the change on the generic corpus against the gain on the domain.

    Parameters
    ----------
    points : pandas.DataFrame
        From `forgetting_points`, at least one row.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair, share of D and model, a named point for each variant, with the
        interval over seeds of the change. Where names have no room, points have numbers, and a key
        above the panels says which is which. The higher, the less was forgotten; the further
        right, the more was gained.
    drawn : pandas.DataFrame
        The points, without ends where there is no interval.
    """
    titles = list(dict.fromkeys(points["panel"]))
    across = min(columns, len(titles))
    room = Room(left=0.42, right=0.06)
    wide = (WIDTHS[columns] - 2 * MARGIN) / across - room.left - room.right
    against = " or ".join(dict.fromkeys(points["against"]))
    looks = looks_of(dict(zip(points["variant"], points["strategy"], strict=True)))
    height, laid, key = _fitting(points, titles, wide)
    items = [
        KeyItem(
            f"{number}: {name}",
            {"color": look.colour, "marker": look.marker, "mfc": look.face, "ms": look.size},
        )
        for (name, look), number in zip(looks.items(), key, strict=False)
    ]
    sheet, panels = lay_panels(
        titles, columns=columns, across=across, height=height, room=room,
        key=items, xlabel=f"gain on the domain against {against} (points)",
        ylabel="change on the generic corpus (points)",
    )  # fmt: skip
    for axes, title in zip(panels, titles, strict=True):
        xs, ys, labels, _ = laid[title]
        mine = points[points["panel"] == title]
        axes.set_xlim(*xs)
        axes.set_ylim(*ys)
        set_x_ticks(axes, wide, signed_tick)
        set_y_ticks(axes, 6, signed_tick)
        axes.axhline(0, color="#000000", lw=0.7, zorder=0.5)
        if xs[0] <= 0 <= xs[1]:
            axes.axvline(0, color="#000000", lw=0.7, zorder=0.5)
        for row in mine.to_dict("records"):
            look = looks[row["variant"]]
            if pd.notna(row["change_low"]):
                axes.vlines(row["gain"], row["change_low"], row["change_high"],
                            color=look.colour, lw=0.8, zorder=2)  # fmt: skip
            axes.plot([row["gain"]], [row["change"]], marker=look.marker, ls="",
                      color=look.colour, mfc=look.face, ms=look.size + 0.8, mew=0.9,
                      zorder=3)  # fmt: skip
            ends = row["change_low"], row["change_high"]
            change = interval_words(row["change"], *ends, "points", True)
            text = f"{row['variant']}: {row['gain']:+.1f} points on the domain, {change} on G"
            note_mark(axes, row["gain"], row["change"], text, row["strategy"], ends, upright=True)
        _write_names(axes, labels, wide, height)
    return sheet.figure, points.reset_index(drop=True)


def _fitting(
    points: pd.DataFrame, titles: Sequence[str], wide: float
) -> tuple[float, dict[str, _Laid], list[str]]:
    """Return the least height at which every name fits, what lies where, and numbers if needed."""
    variants = list(dict.fromkeys(points["variant"]))
    numbers = [str(i + 1) for i in range(len(variants))]
    for texts in (variants, numbers):
        names = dict(zip(variants, texts, strict=True))
        for height in _HEIGHTS:
            laid = {t: _lay(points[points["panel"] == t], names, wide, height) for t in titles}
            if all(fits for _, _, _, fits in laid.values()):
                return height, laid, numbers if texts is numbers else []
    return height, laid, numbers


def _lay(points: pd.DataFrame, names: Mapping[str, str], wide: float, tall: float) -> _Laid:
    """Return the ends of both axes, where names stand in inches, and whether they are all free."""
    gains = points["gain"].astype(float)
    # Zero is shown where it is not far off.
    near = min(abs(gains.min()), abs(gains.max())) <= 0.6 * max(float(np.ptp(gains)), 2.0)
    middle = (gains.min() + gains.max()) / 2
    # Ticks have one decimal, and less than a point is no difference to stretch over a panel.
    xs = spread_limits([*gains, middle - 1, middle + 1, *([0.0] if near else [])], 0.1)
    # An interval of two seeds may be very long: it does not set the scale alone.
    reach = 2.5 * max(float(points["change"].abs().max()), 1.0)
    ends = points[["change_low", "change_high"]].to_numpy(dtype=float).ravel()
    ys = spread_limits([*points["change"], 0.0, *(max(min(e, reach), -reach) for e in ends)], 0.1)
    at = [
        (_inches(x, xs, wide), _inches(y, ys, tall))
        for x, y in zip(points["gain"], points["change"], strict=True)
    ]
    taken: list[Box] = [(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in at]
    # Better not across an interval or an axis, if there is room.
    avoided: list[Box] = [
        (x - 0.01, _inches(low, ys, tall), x + 0.01, _inches(high, ys, tall))
        for (x, _), low, high in zip(at, ends[::2], ends[1::2], strict=True)
        if low == low
    ]
    zero = _inches(0, ys, tall)
    avoided.append((0.0, zero - 0.005, wide, zero + 0.005))
    labels, fits = [], True
    # The most crowded points first.
    order = sorted(range(len(at)), key=lambda i: sum(math.dist(at[i], other) for other in at))
    for i in order:
        name = names[str(points["variant"].iloc[i])]
        lines = wrapped(name, SMALL, min(1.25, 0.45 * wide))
        box = _free(at[i], lines, [*taken, *avoided], wide, tall)
        box = box or _free(at[i], lines, taken, wide, tall)
        if box is None:
            fits = False
            box = _free(at[i], lines, [], wide, tall) or (*at[i], *at[i])
        taken.append(box)
        labels.append({"point": at[i], "box": box, "lines": lines})
    return xs, ys, labels, fits


def _inches(value: float, ends: tuple[float, float], length: float) -> float:
    return (value - ends[0]) / (ends[1] - ends[0]) * length


def _free(
    point: tuple[float, float], lines: Sequence[str], taken: Sequence[Box], wide: float, tall: float
) -> Box | None:
    """Return the nearest place of a name that nothing else has."""
    w, h = widest(lines, SMALL), len(lines) * line_height(SMALL)
    for ring in _RINGS:
        for degrees in _DIRECTIONS:
            dx, dy = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            x = point[0] + ring * dx - (w if dx < -0.1 else 0 if dx > 0.1 else w / 2)
            y = point[1] + ring * dy - (h if dy < -0.9 else 0 if dy > 0.9 else h / 2)
            box = (x, y, x + w, y + h)
            inside = x >= 0.02 and y >= 0.02 and x + w <= wide - 0.01 and y + h <= tall
            if inside and not any(_meet(box, other) for other in taken):
                return box
    return None


def _meet(one: Box, other: Box) -> bool:
    apart = 0.02
    return (
        one[0] < other[2] + apart and other[0] < one[2] + apart
        and one[1] < other[3] + apart and other[1] < one[3] + apart
    )  # fmt: skip


def _write_names(axes: Any, labels: Sequence[dict[str, Any]], wide: float, tall: float) -> None:
    for label in labels:
        left, low, right, high = label["box"]
        x, y = label["point"]
        near = min(max(x, left), right), min(max(y, low), high)
        if math.dist(near, (x, y)) > 0.1:
            axes.plot([x / wide, near[0] / wide], [y / tall, near[1] / tall], lw=0.4,
                      color="#888888", transform=axes.transAxes, zorder=1)  # fmt: skip
        axes.text(
            (left + right) / 2 / wide, (low + high) / 2 / tall, "\n".join(label["lines"]),
            fontsize=SMALL, ha="center", va="center", transform=axes.transAxes, linespacing=1.05,
            color="#222222", zorder=4,
        )  # fmt: skip
