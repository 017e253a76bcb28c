"""Names that come from data, made fit to be shown."""

from __future__ import annotations

LONGEST = 40
# Marks between letters that Persian, Indic scripts and emoji are spelt with.
_JOINERS = "\u200c\u200d"


def shown(name: str, longest: int = LONGEST) -> str:
    r"""Return a name that fits into a table, a plot or a message.

    Parameters
    ----------
    name : str
        A label or a word, of any length and with any characters in it.
    longest : int
        Characters to keep; the rest becomes an ellipsis.

    Returns
    -------
    str
        With a question mark for what cannot be printed: control characters would reach the
        terminal, and marks of direction would turn the rest of a line around.

    Examples
    --------
    >>> shown("sci.space"), shown("a\x1b[31m"), shown("abcdef", 4)
    ('sci.space', 'a?[31m', 'abc…')
    """
    cut = name if len(name) <= longest else name[: longest - 1] + "…"
    return "".join(c if c.isprintable() or c in _JOINERS else "?" for c in cut)
