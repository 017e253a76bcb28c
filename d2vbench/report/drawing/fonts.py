"""Fonts of this machine for characters that the figures' own font lacks, such as Chinese names."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_OWN = "DejaVu Sans"
# Not drawn, or drawn as part of the character before: no font need have them.
_UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\n\t\r")


@functools.lru_cache(maxsize=256)
def characters_of(path: str) -> frozenset[int]:
    """Return the code points that a font file has a shape for; none of one that cannot be used."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):
        # Such as a font of coloured pictures, which Matplotlib does not draw.
        return frozenset()


def lacking(text: str) -> frozenset[str]:
    """Return the characters of a text that the figures' own font lacks."""
    if text.isascii():
        return frozenset()
    from matplotlib.font_manager import findfont

    own = characters_of(findfont(_OWN))
    return frozenset(c for c in text if ord(c) not in own and c not in _UNSEEN)


@functools.lru_cache(maxsize=1024)
def families_for(characters: frozenset[str]) -> tuple[str, ...]:
    """Return families of this machine that have characters which the figures' own font lacks.

    Parameters
    ----------
    characters : frozenset of str
        From `lacking`.

    Returns
    -------
    tuple of str
        Whichever has most of them first, then what has most of the others; none where no font
        has any.
    """
    from matplotlib.font_manager import fontManager

    # Collections (.ttc) and PostScript shapes (.otf) cannot be put whole into a PDF.
    fonts = sorted(
        {(not f.fname.lower().endswith(".ttf"), f.name, f.fname) for f in fontManager.ttflist}
    )
    found: list[str] = []
    left = {ord(c) for c in characters}
    while left and fonts:
        # Of equals the first: the same fonts give the same picture.
        best = max(fonts, key=lambda font: len(left & characters_of(font[2])))
        covered = left & characters_of(best[2])
        if not covered:
            break
        found.append(best[1])
        left -= covered
    return tuple(found)


@contextmanager
def with_fonts_for_all(figure: Figure) -> Iterator[None]:
    """Draw texts that the figures' own font has not all of with other fonts of this machine too.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Its texts are as they were at the end of the ``with``. Names in letters that the own font
        has look the same on every machine; what no font has is a box.
    """
    from matplotlib.text import Text

    changed: list[tuple[Text, list[str]]] = []
    try:
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            if families := families_for(lacking(text.get_text())):
                before = list(text.get_fontfamily())
                changed.append((text, before))
                text.set_fontfamily([*before, *families])
        yield
    finally:
        for text, before in changed:
            text.set_fontfamily(before)
