"""Figures made of rows: names at the left, panels side by side, blocks below each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
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
    round_ticks,
    text_width,
    tick_text,
    widest,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BETWEEN = 0.14
_TICKS = 0.17
_TITLE_LINES = 4
# Names of rows take no more than this share of the width; longer ones are broken.
_NAMES = {1: 0.38, 2: 0.3}


@dataclass(frozen=True)
class RowPanel:
    """A panel of a block.

    Attributes
    ----------
    low, high : float
        Ends of its horizontal axis.
    xlabel : str
        What the axis shows; written below the last block.
    title : str
        Stands above it; empty where the panel at its left has the title of both.
    span : int
        How many panels the title stands over.
    weight : float
        How wide it is beside the others.
    inches : float, optional
        How wide it is, whatever the others are.
    plain : bool
        Whether it has neither lines nor axis: for text.
    tick : callable
        From a number to its text.
    """

    low: float
    high: float
    xlabel: str
    title: str = ""
    span: int = 1
    weight: float = 1.0
    inches: float | None = None
    plain: bool = False
    tick: Callable[[float], str] = tick_text


@dataclass(frozen=True)
class RowBlock:
    """Rows with their panels.

    Attributes
    ----------
    title : str
        Stands at the left, above the names.
    rows : sequence of str
        Names, from the top.
    panels : sequence of (RowPanel or None)
        From the left; None leaves a place empty.
    """

    title: str
    rows: Sequence[str]
    panels: Sequence[RowPanel | None]


def names_width(rows: Sequence[str], columns: int) -> float:
    """Return how wide the column of names is, in inches."""
    return min(widest(rows, SMALL), _NAMES[columns] * WIDTHS[columns])


def panels_width(rows: Sequence[str], columns: int) -> float:
    """Return what is left of the width for the panels and the space between them, in inches."""
    return WIDTHS[columns] - 2 * MARGIN - names_width(rows, columns) - 0.06


def lay_rows(
    blocks: Sequence[RowBlock],
    *,
    columns: int,
    key: Sequence[KeyItem] = (),
    marks: int = 1,
    strong: Collection[str] = (),
) -> tuple[Sheet, list[list[Axes | None]]]:
    """Lay a figure out whose panels share rows.

    Parameters
    ----------
    blocks : sequence of RowBlock
        From the top.
    columns : int
        1 or 2: 89 or 183 mm wide.
    key : sequence of KeyItem
        Above all.
    marks : int
        How many marks stand below each other in a row.
    strong : collection of str
        Names to set in bold.

    Returns
    -------
    sheet : Sheet
        With all texts.
    axes : list of list of (Axes or None)
        By block and panel. Row ``i`` stands at y = i, counted from the top.
    """
    width = WIDTHS[columns]
    every = [name for block in blocks for name in block.rows]
    names = names_width(every, columns)
    broken = [[wrapped(n, SMALL, names, lines=3) for n in block.rows] for block in blocks]
    most = max((len(lines) for texts in broken for lines in texts), default=1)
    pitch = max(0.15, most * line_height(SMALL) + 0.05, 0.085 * marks + 0.045)
    left, right = MARGIN + names + 0.06, width - MARGIN
    places = [_places(block.panels, left, right) for block in blocks]
    titles = [
        [_title(block.panels, spots, i) for i in range(len(spots))]
        for block, spots in zip(blocks, places, strict=True)
    ]
    heads = [
        max((len(t) for t in [*some, _block_title(b.title, names)]), default=0)
        * line_height(SMALL) + 0.06
        for some, b in zip(titles, blocks, strict=True)
    ]  # fmt: skip
    # An axis is named below the last panel that stands over it.
    last = {(s, p.xlabel): i for i, (b, ss) in enumerate(zip(blocks, places, strict=True))
            for p, s in zip(b.panels, ss, strict=True) if p}  # fmt: skip
    labels = [
        [
            wrapped(p.xlabel, BODY, s[1] + 0.6 * _BETWEEN) if p and last[s, p.xlabel] == i else []
            for p, s in zip(block.panels, spots, strict=True)
        ]
        for i, (block, spots) in enumerate(zip(blocks, places, strict=True))
    ]
    feet = [
        _TICKS + max((len(one) for one in some), default=0) * line_height(BODY) for some in labels
    ]
    below = sum(h + len(b.rows) * pitch + f for h, b, f in zip(heads, blocks, feet, strict=True))
    sheet, top = new_sheet(columns, below + 0.1 * (len(blocks) - 1), key=key)
    grid = []
    for b, block in enumerate(blocks):
        body = top + heads[b]
        tall = len(block.rows) * pitch
        sheet.title(MARGIN, body, _block_title(block.title, names))
        for r, lines in enumerate(broken[b]):
            middle = body + (r + 0.5) * pitch
            weight = "bold" if block.rows[r] in strong else "normal"
            sheet.write(
                left - 0.06, middle, "\n".join(lines), SMALL, ha="right",
                va="center_baseline" if len(lines) == 1 else "center", fontweight=weight,
            )  # fmt: skip
        row: list[Axes | None] = []
        for p, (panel, (x, wide)) in enumerate(zip(block.panels, places[b], strict=True)):
            if panel is None:
                row.append(None)
                continue
            axes = sheet.axes(x, body, wide, tall)
            _dress(axes, panel, len(block.rows), wide)
            sheet.title(x, body, titles[b][p])
            sheet.lines(x + wide / 2, body + tall + _TICKS, labels[b][p], BODY, ha="center")
            row.append(axes)
        grid.append(row)
        top = body + tall + feet[b] + 0.1
    return sheet, grid


def _places(
    panels: Sequence[RowPanel | None], left: float, right: float
) -> list[tuple[float, float]]:
    """Return where panels begin and how wide they are, in inches."""
    fixed = [panel.inches if panel else None for panel in panels]
    weights = [
        0.0 if wide is not None else panel.weight if panel else 1.0
        for panel, wide in zip(panels, fixed, strict=True)
    ]
    free = right - left - _BETWEEN * (len(panels) - 1) - sum(wide or 0.0 for wide in fixed)
    places, x = [], left
    for weight, own in zip(weights, fixed, strict=True):
        wide = free * weight / (sum(weights) or 1.0) if own is None else own
        places.append((x, wide))
        x += wide + _BETWEEN
    return places


def _title(
    panels: Sequence[RowPanel | None], places: Sequence[tuple[float, float]], i: int
) -> list[str]:
    panel = panels[i]
    if panel is None or not panel.title:
        return []
    x, wide = places[min(i + panel.span, len(places)) - 1]
    return wrapped(panel.title, SMALL, x + wide - places[i][0], bold=True, lines=_TITLE_LINES)


def _block_title(title: str, names: float) -> list[str]:
    return wrapped(title, SMALL, names, bold=True, lines=_TITLE_LINES) if title else []


def _dress(axes: Axes, panel: RowPanel, rows: int, wide: float) -> None:
    """Set the axes of a panel, with ticks that leave each other room."""
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xlim(panel.low, panel.high)
    if panel.plain:
        axes.set_axis_off()
        return
    axes.set_yticks([])
    set_x_ticks(axes, wide, panel.tick)
    axes.hlines(range(rows), panel.low, panel.high, color="#E9E9E9", lw=0.5, zorder=0)


def set_x_ticks(axes: Axes, wide: float, form: Callable[[float], str]) -> None:
    """Set the ticks of a horizontal axis of a length in inches; see `fitting_ticks`."""
    ticks = fitting_ticks(*axes.get_xlim(), wide, form)
    axes.set_xticks(ticks, [form(tick) for tick in ticks])


def fitting_ticks(
    low: float, high: float, wide: float, tick: Callable[[float], str], size: float = SMALL
) -> list[float]:
    """Return round numbers whose texts stand beside each other below an axis.

    Parameters
    ----------
    low, high : float
        Ends of the axis.
    wide : float
        Its length in inches.
    tick : callable
        From a number to its text.
    size : float
        Of the texts, in points.

    Returns
    -------
    list of float
        Ascending; such whose texts would stand out at the ends by more than half the space
        between panels are left out.
    """
    per_unit = wide / (high - low) if high > low else 0.0

    def inside(value: float) -> bool:
        half = text_width(tick(value), size) / 2 - 0.4 * _BETWEEN
        return (value - low) * per_unit >= half and (high - value) * per_unit >= half

    found: list[float] = []
    for most in range(7, 1, -1):
        found = [t for t in round_ticks(low, high, most) if inside(t)]
        need = sum(text_width(tick(t), size) for t in found) + 0.05 * (len(found) - 1)
        gap = min((b - a for a, b in itertools.pairwise(found)), default=high - low)
        if need <= wide and gap * per_unit >= widest(map(tick, found), size) + 0.05:
            return found
    return [t for t in found if t == 0] or found[:1]


def spread_limits(values: Any, share: float = 0.06) -> tuple[float, float]:
    """Return the ends of an axis that has room for all numbers."""
    numbers = [float(v) for v in values if v == v]
    if not numbers:
        return 0.0, 1.0
    low, high = min(numbers), max(numbers)
    more = share * (high - low) or 1.0
    return low - more, high + more
