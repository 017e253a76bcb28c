"""Drift of vectors between the phases, before and after alignment."""

from __future__ import annotations

from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP
from d2vbench.report.document.titles import panel_title
from d2vbench.report.figures.canvas import KeyItem
from d2vbench.report.figures.rows import RowBlock, RowPanel, lay_rows, spread_limits
from d2vbench.report.figures.style import Drawn, drawing

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
                found = _panel(panel, rows, kind)
                name = block.title.replace("\n", ", ")
                drawn += [{"panel": name, "kind": kind, **point} for point in found]
    return sheet.figure, pd.DataFrame(drawn)


def _names(kind: str) -> list[str]:
    return [f"drift_{kind}_{group}_{way}" for group in _GROUPS for way in _WAYS]


def _measured(rows: pd.DataFrame, kind: str) -> bool:
    names = [name for name in _names(kind) if name in rows]
    return bool(rows[names].notna().any(axis=None))


def _limits(means: pd.DataFrame, kind: str) -> tuple[float, float]:
    numbers = means[[name for name in _names(kind) if name in means]].to_numpy(dtype=float)
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


def _panel(axes: Any, rows: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
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
