"""Inference pinned and chosen, and the band over the grid, a row a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import GROUP, REFERENCE, variant_title, variants_of
from d2vbench.report.document.titles import group_title, labels_title
from d2vbench.report.drawing.canvas import KeyItem
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import note_mark
from d2vbench.report.drawing.rows import RowBlock, RowPanel, lay_rows, spread_limits
from d2vbench.report.drawing.style import Drawn, drawing

_KEY = [
    KeyItem("pinned", {"marker": "o", "color": "#333333", "ms": 4.5}),
    KeyItem(
        "chosen by cross-validation",
        {"marker": "D", "color": "#333333", "mfc": "white", "ms": 5.5, "mew": 0.9},
    ),
    KeyItem("band over the grid", {"fc": "#333333", "alpha": 0.3}, True),
]


@drawing("inference")
def inference_figure(summary: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw the accuracy of each strategy with inference pinned, chosen, and over the grid.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `inference_summary`.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A block for each pair, share of D and model, a panel for each label budget. Panels of a
        block have one scale, so that bands compare.
    drawn : pandas.DataFrame
        One row a strategy and panel: ``panel``, ``variant``, ``strategy``, ``y`` (row, from the
        top), ``pinned``, ``chosen`` (NaN where nothing was chosen), ``low``, ``high``, in per cent.
    """
    rows = summary.assign(variant=[variant_title(v) for v in variants_of(summary)])
    blocks: list[RowBlock] = []
    groups: list[tuple[pd.DataFrame, list[str]]] = []
    for (pair, fraction, model), group in rows.groupby(GROUP, sort=False):
        labels = list(dict.fromkeys(group["labels"]))
        first = group[group["labels"] == labels[0]].sort_values("accuracy", ascending=False)
        names = list(dict.fromkeys([*first["variant"], *group["variant"]]))
        low, high = spread_limits(100 * group[["band_low", "band_high"]].to_numpy(float).ravel())
        where = group_title(str(pair), float(str(fraction)), str(model))
        panels = [
            RowPanel(low, high, "accuracy (%)", f"{where}, {labels_title(budget)}")
            for budget in labels
        ]
        blocks.append(RowBlock("", names, panels))
        groups.append((group, labels))
    sheet, grid = lay_rows(blocks, columns=columns, key=_KEY, strong=(REFERENCE,))
    drawn = []
    for block, (group, labels), axes in zip(blocks, groups, grid, strict=True):
        for budget, panel, place in zip(labels, axes, block.panels, strict=True):
            assert place is not None
            found = _points(group[group["labels"] == budget], block.rows)
            _draw(panel, found)
            drawn.append(found.assign(panel=place.title))
    return sheet.figure, pd.concat(drawn, ignore_index=True)


def _points(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = {"pinned": "accuracy", "chosen": "chosen", "low": "band_low", "high": "band_high"}
    numbers = {new: 100 * rows[old].astype(float) for new, old in columns.items()}
    return rows[["variant", "strategy"]].assign(y=rows["variant"].map(list(names).index), **numbers)


def _draw(axes: Any, points: pd.DataFrame) -> None:
    for point in points.to_dict("records"):
        colour, y = look_of(point["strategy"]).colour, point["y"]
        axes.barh(y, point["high"] - point["low"], 0.46, point["low"], color=colour, alpha=0.25,
                  lw=0, zorder=1)  # fmt: skip
        axes.plot(point["pinned"], y, "o", color=colour, ms=4.5, zorder=3, clip_on=False)
        if not pd.isna(point["chosen"]):
            axes.plot(point["chosen"], y, "D", color=colour, mfc="white", ms=6.0, mew=0.9,
                      zorder=2.5, clip_on=False)  # fmt: skip
        text = f"{point['variant']}: {point['pinned']:.1f} % pinned, {point['chosen']:.1f} % chosen"
        note_mark(axes, point["pinned"], y, text, point["strategy"], (point["low"], point["high"]))
