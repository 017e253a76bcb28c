"""Tables as CSV that a spreadsheet shows as it stands."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

# What makes a spreadsheet take a text for a formula or drop a part of it; some of them read the
# wide forms of East Asian typing as the plain ones.
_BEGINS = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SPACES = " \u00a0\u3000"
# A carriage return alone ends a row for some readers, quoted or not.
_LINE_ENDS = re.compile("[\r\n\v\f\x85\u2028\u2029]+")


def csv_text(frame: pd.DataFrame) -> str:
    r"""Return a table as CSV whose texts no spreadsheet takes for formulas.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table. Numbers are written with all of their digits.

    Returns
    -------
    str
        UTF-8 text with ``\n`` line ends. An apostrophe stands before a text (and a heading) that
        begins with ``=``, ``+``, ``-``, ``@`` (or a wide form of them) or a tab, also after spaces;
        a lone ``-`` or ``+`` is left as it is, and so are numbers. Line ends within a text become
        spaces.
    """
    safe = frame.rename(columns=lambda name: plain_text(str(name)))
    for place, (_, column) in enumerate(frame.items()):
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            safe.isetitem(place, list(map(plain_text, column)))
    return safe.to_csv(index=False, lineterminator="\n")


def plain_text(value: Any) -> Any:
    """Return a text that is no formula; other values as they are.

    Examples
    --------
    >>> plain_text("=1+1"), plain_text("-"), plain_text(-1.0), plain_text("a=b")
    ("'=1+1", '-', -1.0, 'a=b')
    """
    if not isinstance(value, str):
        return value
    line = _LINE_ENDS.sub(" ", value)
    return (
        f"'{line}" if line.lstrip(_SPACES).startswith(_BEGINS) and line not in ("-", "+") else line
    )
