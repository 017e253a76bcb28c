"""Where things stand in a figure: everything in inches, texts measured before they are placed.

Matplotlib's own layout engines measure every tick at each pass, and do not keep texts within panels
from running into each other. Here a figure is laid out by its texts, once.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.report.drawing.style import ONE_COLUMN, TWO_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In points. Journals ask for 6 or more in print.
TITLE, BODY, SMALL = 8.0, 7.0, 6.5
#: Free space at the edges of a figure, in inches.
MARGIN = 0.06
TEXT = "#222222"
QUIET = "#555555"

WIDTHS = {1: ONE_COLUMN, 2: TWO_COLUMNS}


def line_height(size: float) -> float:
    """Return the distance between two lines of text in inches."""
    return 1.22 * size / 72


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a line of text is set.

    Parameters
    ----------
    text : str
        One line.
    size : float
        In points.
    bold : bool
        Whether it is set in bold.

    Returns
    -------
    float
        Inches. A character that the font lacks counts as wide as it is in other fonts, since a
        browser takes it from one of them.
    """
    return _ems(text, bold) * size / 72


@functools.lru_cache(maxsize=4096)
def _ems(text: str, bold: bool) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    if not text:
        return 0.0
    font = FontProperties(
        family="DejaVu Sans", weight="bold" if bold else "normal", size=TextToPath.FONT_SCALE
    )
    # As wide as the font sets it, or as a browser would with another font: the wider of the two.
    wide = "".join("m" if unicodedata.east_asian_width(c) in "WF" else c for c in text)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from")
        widths = [
            float(TextToPath().get_text_width_height_descent(some, font, False)[0])
            for some in dict.fromkeys((text, wide))
        ]
    # In a picture of pixels letters stand on whole ones, a little further apart.
    return 1.02 * max(widths) / TextToPath.FONT_SCALE


def widest(texts: Iterable[str], size: float, bold: bool = False) -> float:
    """Return the width of the widest of some lines, in inches; 0 without any."""
    return max((text_width(text, size, bold) for text in texts), default=0.0)


def wrapped(
    text: str, size: float, width: float, bold: bool = False, lines: int | None = None
) -> list[str]:
    """Break a text into lines that fit.

    Parameters
    ----------
    text : str
        The text; line breaks in it are kept.
    size : float
        In points.
    width : float
        In inches.
    bold : bool
        Whether it is set in bold.
    lines : int, optional
        At most so many; what is left over becomes an ellipsis.

    Returns
    -------
    list of str
        Broken at spaces where possible, else after a hyphen or a slash, else anywhere.

    Examples
    --------
    >>> wrapped("sequential(4), follow-up(0.005)", 7, 1.2)
    ['sequential(4),', 'follow-up(0.005)']
    >>> wrapped("a very long name of a pair", 7, 0.8, lines=2)
    ['a very long', 'name of a pair']
    >>> wrapped("docstrings-scipy", 7, 0.6, lines=2), wrapped("abcdefghij", 7, 0.3, lines=1)
    (['docstrings-', 'scipy'], ['abc…'])
    """
    result: list[str] = []
    for part in text.split("\n"):
        line = ""
        for piece in re.findall(r"\S+\s*|\s+", part):
            if text_width((line + piece).rstrip(), size, bold) <= width:
                line += piece
                continue
            if line:
                result.append(line.rstrip())
            line = piece
            while text_width(line.rstrip(), size, bold) > width and len(line) > 1:
                cut = _cut(line, size, width, bold)
                result.append(line[:cut])
                line = line[cut:]
        result.append(line.rstrip())
    if lines is not None and len(result) > lines:
        last = result[lines - 1]
        while last and text_width(last + "…", size, bold) > width:
            last = last[:-1]
        result = [*result[: lines - 1], last.rstrip() + "…"]
    return result


def shortened(text: str, size: float, width: float) -> str:
    """Return a line that fits into a width in inches, with an ellipsis for what does not.

    Examples
    --------
    >>> shortened("comp.os.ms-windows.misc", 6.5, 0.8), shortened("comp", 6.5, 0.8)
    ('comp.os.ms-wi…', 'comp')
    """
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def _cut(line: str, size: float, width: float, bold: bool) -> int:
    """Return after how many characters to break a word that is too long: at least one."""
    fits = 1
    while fits < len(line) and text_width(line[: fits + 1], size, bold) <= width:
        fits += 1
    soft = max((m.end() for m in re.finditer(r"[-/_.,]", line[:fits])), default=0)
    return soft if soft > fits // 3 else fits


class Sheet:
    """A figure of one or two columns of a journal, with places in inches from its top left.

    Parameters
    ----------
    columns : int
        1 or 2: 89 or 183 mm wide.
    height : float
        In inches.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    width, height : float
        In inches.
    """

    def __init__(self, columns: int, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = WIDTHS[columns], height
        self.figure: Figure = Figure(figsize=(self.width, height))
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add a panel."""
        return self.figure.add_axes(
            (
                left / self.width, 1 - (top + height) / self.height,
                width / self.width, height / self.height,
            )
        )  # fmt: skip

    def place(self, axes: Axes) -> tuple[float, float, float, float]:
        """Return where a panel stands: left, top, width and height."""
        left, bottom, width, height = axes.get_position().bounds
        return (
            left * self.width, (1 - bottom - height) * self.height,
            width * self.width, height * self.height,
        )  # fmt: skip

    def write(self, x: float, y: float, text: str, size: float = BODY, **more: Any) -> None:
        """Write a text; ``y`` is its top unless ``va`` says otherwise."""
        more = {"va": "top", "ha": "left", "color": TEXT, "linespacing": 1.1, **more}
        self.figure.text(x / self.width, 1 - y / self.height, text, fontsize=size, **more)

    def lines(self, x: float, y: float, texts: Sequence[str], size: float, **more: Any) -> None:
        """Write lines of text below each other."""
        for i, text in enumerate(texts):
            self.write(x, y + i * line_height(size), text, size, **more)

    def title(self, x: float, bottom: float, texts: Sequence[str]) -> None:
        """Write lines in bold that end a little above a place."""
        self.lines(x, bottom - 0.04 - len(texts) * line_height(SMALL), texts, SMALL,
                   fontweight="bold")  # fmt: skip

    def upright(self, x: float, middle: float, text: str) -> None:
        """Write the name of a vertical axis, read from below."""
        x += line_height(BODY) / 2
        self.write(x, middle, text, BODY, rotation=90, ha="center", va="center")

    def add(self, artist: Any) -> None:
        """Add an artist whose coordinates are inches from the top left."""
        from matplotlib.transforms import Affine2D

        inches = Affine2D().scale(1 / self.width, -1 / self.height).translate(0, 1)
        artist.set_transform(inches + self.figure.transFigure)
        self.figure.add_artist(artist)


def new_sheet(
    columns: int, below: float, heading: str = "", key: Sequence[KeyItem] = ()
) -> tuple[Sheet, float]:
    """Return a figure with its heading and key, and where what follows them begins.

    Parameters
    ----------
    columns : int
        1 or 2.
    below : float
        Height of all that follows, in inches, without the margin.
    heading : str
        Empty: none.
    key : sequence of KeyItem
        Below the heading.

    Returns
    -------
    sheet : Sheet
        The figure.
    top : float
        In inches from its top.
    """
    wide = WIDTHS[columns] - 2 * MARGIN
    lines = wrapped(heading, TITLE, wide, bold=True) if heading else []
    middle = MARGIN + (len(lines) * line_height(TITLE) + 0.05 if lines else 0.0)
    top = middle + key_height(key, wide)
    sheet = Sheet(columns, top + below + MARGIN)
    sheet.lines(MARGIN, MARGIN, lines, TITLE, fontweight="bold")
    draw_key(sheet, MARGIN, middle, key, wide)
    return sheet, top


@dataclass(frozen=True)
class KeyItem:
    """An entry of a key.

    Attributes
    ----------
    text : str
        What it says.
    look : dict
        Properties of the `Line2D` that stands before it, or of the `Rectangle` where ``patch``.
    patch : bool
        Whether it is an area.
    """

    text: str
    look: dict[str, Any]
    patch: bool = False


_HANDLE, _BETWEEN = 0.2, 0.16


def key_rows(items: Sequence[KeyItem], width: float) -> list[list[KeyItem]]:
    """Lay the items of a key out in rows no wider than a width in inches."""
    rows: list[list[KeyItem]] = []
    used = math.inf
    for given in items:
        text = shortened(given.text, SMALL, width - _HANDLE - 0.05)
        item = replace(given, text=text)
        wide = _HANDLE + 0.05 + text_width(item.text, SMALL) + _BETWEEN
        if used + wide - _BETWEEN > width:
            rows.append([])
            used = 0.0
        rows[-1].append(item)
        used += wide
    return rows


def key_height(items: Sequence[KeyItem], width: float) -> float:
    """Return the height of a key in inches, with the space below it."""
    rows = key_rows(items, width)
    return len(rows) * (line_height(SMALL) + 0.03) + 0.05 if rows else 0.0


def draw_key(sheet: Sheet, x: float, y: float, items: Sequence[KeyItem], width: float) -> None:
    """Draw a key whose top left is at a place in inches."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    step = line_height(SMALL) + 0.03
    for r, row in enumerate(key_rows(items, width)):
        left, middle = x, y + r * step + step / 2
        for item in row:
            if item.patch:
                place = (left, middle - 0.04)
                sheet.add(Rectangle(place, _HANDLE, 0.08, **{"lw": 0, **item.look}))
            elif item.look.get("ls", "") in ("", "none"):
                sheet.add(Line2D([left + _HANDLE / 2], [middle], **{"ls": "", **item.look}))
            else:
                ends = [left, left + _HANDLE / 2, left + _HANDLE]
                sheet.add(Line2D(ends, [middle] * 3, markevery=[1], **item.look))
            sheet.write(left + _HANDLE + 0.05, middle, item.text, SMALL, va="center_baseline")
            left += _HANDLE + 0.05 + text_width(item.text, SMALL) + _BETWEEN


def spread_out(
    wanted: Sequence[float], apart: float, low: float, high: float
) -> npt.NDArray[np.float64]:
    """Move places as little as need be so that none is nearer to another than a distance.

    Parameters
    ----------
    wanted : (n,) sequence of float
        Where each would stand; at least one.
    apart : float
        The least distance.
    low, high : float
        Bounds; kept to where there is room for all.

    Returns
    -------
    (n,) float64
        Places in the same order as ``wanted``: the sum of squared moves is least.

    Examples
    --------
    >>> spread_out([5.0, 1.0, 5.2], 1.0, 0.0, 10.0).tolist()
    [4.6, 1.0, 5.6]
    """
    from scipy.optimize import isotonic_regression

    places = np.asarray(wanted, dtype=float)
    order = np.argsort(places, kind="stable")
    steps = np.arange(len(order)) * apart
    # Less its share of the distances, a place only must not come before the one below it.
    flat = isotonic_regression(places[order] - steps).x
    placed = np.empty(len(order))
    placed[order] = np.clip(flat, low, max(high - steps[-1], low)) + steps
    return placed


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers within a range.

    Parameters
    ----------
    low, high : float
        The range.
    most : int
        At most so many, but two where a range has them.

    Returns
    -------
    list of float
        Multiples of 1, 2 or 5 times a power of ten, ascending.

    Examples
    --------
    >>> round_ticks(52.1, 91.0, 4), round_ticks(-4, 7, 3)
    ([60.0, 70.0, 80.0, 90.0], [0.0, 5.0])
    """
    from matplotlib.ticker import MaxNLocator

    if not high > low:
        return [low]
    most, edge = max(most, 2), 1e-9 * (high - low)
    ticks: list[float] = []
    # The locator goes on to the next numbers beyond both ends, which do not count.
    for bins in range(most + 1, 0, -1):
        located = MaxNLocator(bins, steps=[1, 2, 5, 10]).tick_values(low, high)
        ticks = [float(t) + 0.0 for t in located if low - edge <= t <= high + edge]
        if len(ticks) <= most:
            return ticks
    # Where an end is a round number but for its last bit, the locator gives more than was asked.
    return [ticks[0], ticks[-1]]


def set_y_ticks(axes: Axes, most: int, form: Callable[[float], str]) -> None:
    """Set ticks at round numbers of a vertical axis, at most so many."""
    ticks = round_ticks(*axes.get_ylim(), most)
    axes.set_yticks(ticks, [form(tick) for tick in ticks])


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, a real minus.

    Examples
    --------
    >>> signed(-1.25, 1), signed(0.04), signed(-0.04), signed(3, 0)
    ('−1.2', '0.0', '0.0', '+3')
    """
    text = f"{value:+.{digits}f}"
    if float(text) == 0:
        return text[1:]
    return text.replace("-", "−")


def signed_tick(value: float) -> str:
    """Return a signed number, without a decimal that is zero.

    Examples
    --------
    >>> signed_tick(2.0), signed_tick(-2.5)
    ('+2', '−2.5')
    """
    return signed(value, 0 if value == round(value) else 1)


def tick_text(value: float) -> str:
    """Return the number at a tick, with a real minus.

    Examples
    --------
    >>> tick_text(-2.5), tick_text(20.0)
    ('−2.5', '20')
    """
    return f"{value:g}".replace("-", "−")
