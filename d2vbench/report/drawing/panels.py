"""Figures made of equal panels in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from d2vbench.report.drawing.canvas import (
    BODY,
    MARGIN,
    SMALL,
    WIDTHS,
    KeyItem,
    Sheet,
    line_height,
    new_sheet,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE_LINES = 3


@dataclass(frozen=True)
class Room:
    """Space around each panel, in inches.

    Attributes
    ----------
    left, right : float
        For what stands beside a panel.
    bottom : float
        For the ticks below it.
    """

    left: float
    right: float = 0.05
    bottom: float = 0.17


def lay_panels(
    titles: Sequence[str],
    *,
    columns: int,
    across: int,
    height: float,
    room: Room,
    key: Sequence[KeyItem] = (),
    xlabel: str = "",
    ylabel: str = "",
) -> tuple[Sheet, list[Axes]]:
    """Lay out a panel for each title.

    Parameters
    ----------
    titles : sequence of str
        Stand above the panels.
    columns : int
        1 or 2: 89 or 183 mm wide.
    across : int
        Panels side by side.
    height : float
        Of a panel, in inches.
    room : Room
        Around each.
    key : sequence of KeyItem
        Above all.
    xlabel : str
        Below the lowest panel of each column.
    ylabel : str
        Beside the first panel of each row; ``room.left`` must hold it.

    Returns
    -------
    sheet : Sheet
        With all texts.
    axes : list of Axes
        As the titles.
    """
    width = WIDTHS[columns]
    rows = math.ceil(len(titles) / across)
    each = (width - 2 * MARGIN) / across
    wide = each - room.left - room.right
    above = wide + room.right
    lines = [wrapped(title, SMALL, above, bold=True, lines=_TITLE_LINES) for title in titles]
    heads = [
        max(len(some) for some in lines[r * across : (r + 1) * across]) * line_height(SMALL) + 0.06
        for r in range(rows)
    ]
    label = wrapped(xlabel, BODY, wide + 0.5 * (room.left + room.right)) if xlabel else []
    foot = room.bottom + len(label) * line_height(BODY)
    # Below a panel with nothing under it the axis is named too.
    lowest = {i for i in range(len(titles)) if i + across >= len(titles)}
    need = [
        foot if any(i in lowest for i in range(r * across, min((r + 1) * across, len(titles))))
        else room.bottom
        for r in range(rows)
    ]  # fmt: skip
    below = sum(head + height + f for head, f in zip(heads, need, strict=True)) + 0.08 * (rows - 1)
    sheet, top = new_sheet(columns, below, key=key)
    axes: list[Any] = []
    for r in range(rows):
        body = top + heads[r]
        for c in range(min(across, len(titles) - r * across)):
            i = r * across + c
            x = MARGIN + c * each + room.left
            axes.append(sheet.axes(x, body, wide, height))
            sheet.title(x, body, lines[i])
            if i in lowest:
                sheet.lines(x + wide / 2, body + height + room.bottom, label, BODY, ha="center")
            if ylabel and c == 0:
                sheet.upright(MARGIN, body + height / 2, ylabel)
        top = body + height + need[r] + 0.08
    return sheet, axes
