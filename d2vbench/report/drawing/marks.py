"""What a page says of each point of a figure, noted where the point is drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from d2vbench.report.document.structure import Mark
from d2vbench.report.drawing.looks import look_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOTED = "d2vbench_marks"


def note_mark(
    axes: Any,
    x: float,
    y: float,
    text: str,
    strategy: str = "",
    ends: tuple[float, float] | None = None,
    upright: bool = False,
) -> None:
    """Note a point of a panel.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The panel.
    x, y : float
        In its numbers. A point beyond the panel is not noted.
    text : str
        What it is, with its numbers.
    strategy : str
        Its name; empty where it is of none.
    ends : tuple of float, optional
        Of its interval, along the horizontal axis.
    upright : bool
        Along the vertical axis.
    """
    noted = vars(axes.figure).setdefault(_NOTED, [])
    noted.append((axes, float(x), float(y), text, strategy, ends, upright))


def interval_words(value: float, low: float, high: float, unit: str, signs: bool = False) -> str:
    """Return an estimate with its interval in per cent or points, for one that points at it.

    Examples
    --------
    >>> interval_words(81.23, 79.0, 84.0, "%")
    '81.2 % [79.0, 84.0]'
    >>> interval_words(1.2, math.nan, math.nan, "points", signs=True)
    '+1.2 points'
    """
    form = "{:+.1f}" if signs else "{:.1f}"
    text = f"{form.format(value)} {unit}"
    if math.isnan(low):
        return text
    return f"{text} [{form.format(low)}, {form.format(high)}]"


def marks_of(figure: Figure) -> tuple[Mark, ...]:
    """Return the noted points of a figure that is laid out, in the order of drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.

    Returns
    -------
    tuple of Mark
        Places are in points from the top left.
    """
    height, scale = figure.get_figheight() * 72, 72 / figure.dpi
    found = []
    for axes, x, y, text, strategy, ends, upright in vars(figure).get(_NOTED, ()):
        (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        if not (left <= x <= right and low <= y <= high):
            continue
        span: tuple[float, ...] = ()
        if ends is not None and not any(math.isnan(end) for end in ends):
            some = [min(max(end, low if upright else left), high if upright else right)
                    for end in ends]  # fmt: skip
            places = [(x, end) if upright else (end, y) for end in some]
            span = tuple(
                value
                for a, b in axes.transData.transform(places).tolist()
                for value in (a * scale, height - b * scale)
            )
        a, b = axes.transData.transform((x, y)).tolist()
        colour = look_of(strategy).colour if strategy else "#222222"
        found.append(Mark(a * scale, height - b * scale, span, text, strategy, colour))
    return tuple(found)
