"""How each strategy is drawn: its colour, its marker and its line, the same in every figure.

Colours say which kind of strategy it is. Markers differ between all strategies and lines between
kinds, so that no figure needs colour to be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

# Colours of Okabe and Ito (2008), which colour-blind readers tell apart, one for each kind of
# strategy; and markers. Both are fixed by strategy, in every figure.
_ONE_AFTER_THE_OTHER, _MIXED, _ORDER_CONTROL = "#009E73", "#D55E00", "#56B4E9"
_WORDS_ALONE = "#5C00E6"
# Corners of markers that Matplotlib has no name for.
_HOURGLASS = ((-1, 1), (1, 1), (-1, -1), (1, -1), (-1, 1))
_BOW_TIE = ((-1, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
_HALF = ((-1, -0.5), (1, -0.5), (0.7, 0.35), (0, 0.7), (-0.7, 0.35), (-1, -0.5))
_LOOKS: dict[str, tuple[str, Any]] = {
    "domain-only": ("#0072B2", "s"),
    "generic-only": ("#7F7F7F", "X"),
    "combined": ("#000000", "o"),
    "oversampled": (_MIXED, "D"),
    "sequential": (_ONE_AFTER_THE_OTHER, "^"),
    "reverse": (_ORDER_CONTROL, "v"),
    "concatenated": (_ORDER_CONTROL, "<"),
    "shuffled-once": (_ORDER_CONTROL, ">"),
    "replay": (_ONE_AFTER_THE_OTHER, "p"),
    "annealed": (_MIXED, "h"),
    "mixed-finish": (_MIXED, "d"),
    "selected": ("#E69F00", "*"),
    "frozen": (_ONE_AFTER_THE_OTHER, (4, 1, 45)),
    "ensemble": ("#CC79A7", "P"),
    "adapted": (_ONE_AFTER_THE_OTHER, _HOURGLASS),
    "anchored": (_ONE_AFTER_THE_OTHER, (3, 1, 0)),
    "untrained": ("#7F7F7F", (7, 1, 0)),
    "warm": (_ONE_AFTER_THE_OTHER, _HALF),
    "pretrained-words": (_WORDS_ALONE, (4, 1, 0)),
    "pretrained-words-frozen": (_WORDS_ALONE, (6, 1, 0)),
    "loop": (_MIXED, _BOW_TIE),
}
COLOURS = {name: colour for name, (colour, _) in _LOOKS.items()}
OTHER_COLOUR, OTHER_MARKER = "#661100", "8"


@dataclass(frozen=True)
class Look:
    """How a strategy is drawn.

    Attributes
    ----------
    colour : str
        ``#RRGGBB``.
    marker : str or tuple
        Of Matplotlib.
    line : str or tuple
        Line style of Matplotlib.
    filled : bool
        Whether the marker is; further variants of a strategy in a panel are hollow.
    """

    colour: str
    marker: Any
    line: Any
    filled: bool = True

    @property
    def face(self) -> str:
        """Return the colour inside the marker."""
        return self.colour if self.filled else "white"

    @property
    def size(self) -> float:
        """Return the size of the marker in points: shapes of equal width are not equally large."""
        return _SIZES.get(self.marker, 4.2)


_SIZES = {"o": 4.2, "s": 3.8, "D": 3.6, "d": 4.4, "*": 6.0, "X": 4.6, "P": 4.8, (4, 1, 45): 5.6,
          (3, 1, 0): 6.0, (4, 1, 0): 5.6, (6, 1, 0): 5.6}  # fmt: skip

# By colour, that is by kind.
_LINES: dict[str, Any] = {
    "#000000": (0, ()),
    "#009E73": (0, (7, 1.2)),
    "#D55E00": (0, (4, 1.2)),
    "#0072B2": (0, (2, 1)),
    "#56B4E9": (0, (6, 1.2, 1, 1.2)),
    "#7F7F7F": (0, (1, 1)),
    "#E69F00": (0, (4, 1.2, 1, 1.2, 1, 1.2)),
    "#CC79A7": (0, (9, 2)),
    _WORDS_ALONE: (0, (3, 1.2, 3, 1.2, 1, 1.2)),
}
_OTHER_LINE: Any = (0, (2, 2, 6, 2))


def look_of(strategy: str) -> Look:
    """Return how a strategy is drawn; those of third parties share a look."""
    colour, marker = _LOOKS.get(strategy, (OTHER_COLOUR, OTHER_MARKER))
    return Look(colour, marker, _LINES.get(colour, _OTHER_LINE))


def looks_of(strategies: Mapping[str, str]) -> dict[str, Look]:
    """Return how the variants of a panel are drawn, none like another.

    Parameters
    ----------
    strategies : mapping of str to str
        From the title of a variant to the name of its strategy.

    Returns
    -------
    dict of str to Look
        The first variant of a strategy has its look; the second is hollow, the third has another
        line, and so on.

    Examples
    --------
    >>> looks = looks_of({"sequential(1), restart": "sequential", "sequential(4)": "sequential"})
    >>> [look.filled for look in looks.values()]
    [True, False]
    """
    found: dict[str, Look] = {}
    counts: Counter[str] = Counter()
    for title, strategy in strategies.items():
        n = counts[strategy]
        counts[strategy] += 1
        look = look_of(strategy)
        if n:
            # Marks become shorter from variant to variant.
            line: Any = (0, (max(6 - n, 1), 1 + 0.6 * n, 1, 1 + 0.6 * n))
            look = replace(look, filled=n % 2 == 0, line=line)
        found[title] = look
    return found


def linear_rgb(colour: str) -> tuple[float, float, float]:
    """Return a colour ``#RRGGBB`` in linear sRGB, each channel in [0, 1] (IEC 61966-2-1)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, in [0, 1]: what is left of it in grey.

    Examples
    --------
    >>> luminance("#FFFFFF"), round(luminance("#D55E00"), 2)
    (1.0, 0.22)
    """
    red, green, blue = linear_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_colour(background: str) -> str:
    """Return black or white, whichever contrasts more with a colour (WCAG 2.2)."""
    light = luminance(background)
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#FFFFFF"
