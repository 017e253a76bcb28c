"""What every figure must keep to: its width, its smallest text, and texts that leave room."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from d2vbench.report.drawing.style import DPI, STYLE

MILLIMETRES = {1: 89, 2: 183}
SMALLEST = 6.0
# Pixels: boxes are as high as the tallest letters, which few texts have.
_SLACK = 1.5
_DPI = DPI


def texts_of(figure: Figure) -> list[Text]:
    """Return the texts that are drawn, without ticks of axes that are not."""
    hidden = {
        id(text)
        for axes in figure.axes
        if not axes.axison or not axes.get_visible()
        for axis in (axes.xaxis, axes.yaxis)
        for text in axis.findobj(Text)
    }
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]


def assert_legible(figure: Figure, columns: int, highest: float = 9.7) -> None:
    """Fail where a text overlaps another or leaves the figure, is too small, or the size is off.

    Parameters
    ----------
    figure : Figure
        Any.
    columns : int
        1 or 2: how wide it must be.
    highest : float
        Inches that a page has.
    """
    assert figure.get_figwidth() * 25.4 == MILLIMETRES[columns] or (
        abs(figure.get_figwidth() * 25.4 - MILLIMETRES[columns]) < 0.01
    )
    assert figure.get_figheight() <= highest
    figure.set_dpi(_DPI)
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from")
        figure.draw_without_rendering()
        boxes = [(text, text.get_window_extent()) for text in texts_of(figure)]
    assert boxes
    width, height = figure.get_figwidth() * _DPI, figure.get_figheight() * _DPI
    for text, box in boxes:
        said = text.get_text()
        assert text.get_fontsize() >= SMALLEST, said
        assert box.x0 >= 0, f"{said!r} is cut at the left"
        assert box.x1 <= width, f"{said!r} is cut at the right"
        assert box.y0 >= 0, f"{said!r} is cut at the foot"
        assert box.y1 <= height, f"{said!r} is cut at the top"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        assert not _overlap(a, b), f"{one.get_text()!r} overlaps {other.get_text()!r}"


def _overlap(a: Any, b: Any) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return bool(across > _SLACK and down > _SLACK)
