"""What a cell of a table is worth when its column is put in order."""

from __future__ import annotations

import math
import re

from d2vbench.report.document.structure import TableBlock

# "75.0 [73.2, 76.8]", "+3.3 better", "<0.001", "1,234", "56 %", "0.93 / 0.60", "3 pairs".
_NUMBER = re.compile(
    r"\s*(<|>)?\s*([-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])"
)


def number_in(text: str) -> float | None:
    """Return the number that a cell begins with; None where it begins with none.

    Parameters
    ----------
    text : str
        A cell, as people read it. An interval, a unit or a verdict may follow the number.

    Examples
    --------
    >>> number_in("75.0 [73.2, 76.8]"), number_in("-5.1 worse"), number_in("4,000")
    (75.0, -5.1, 4000.0)
    >>> number_in("<0.001") < number_in("0.001")
    True
    >>> number_in("reference"), number_in("")
    (None, None)
    """
    found = _NUMBER.match(text)
    if not found:
        return None
    value = float(found[2].replace(",", "").replace("−", "-"))
    if found[1]:
        return math.nextafter(value, -math.inf if found[1] == "<" else math.inf)
    return value


def sort_keys(table: TableBlock) -> list[list[float | str | None]]:
    """Return what each cell is sorted by.

    Parameters
    ----------
    table : TableBlock
        Its own ``sort_values`` are taken where it has any.

    Returns
    -------
    list of list of (float, str or None)
        A list for each row. In a column of numbers a float, or None where the cell has none, which
        comes last in either direction; in a column of text the cell itself.
    """
    numeric = number_columns(table)
    values = table.sort_values or table.rows
    return [
        [_number(value) if numeric[i] else str(value) for i, value in enumerate(row)]
        for row in values
    ]


def number_columns(table: TableBlock) -> list[bool]:
    """Return for each column whether it is sorted as numbers.

    Where the table has its own ``sort_values``, those are that hold a number; otherwise, of the
    columns beside the first that are text, those with a number in most cells. A column of words
    that stands at the right, such as one of verdicts, is sorted as words.
    """
    if table.sort_values:
        return [
            any(isinstance(row[i], (int, float)) for row in table.sort_values)
            for i in range(len(table.columns))
        ]
    return [i >= table.text_columns and _mostly(table, i) for i in range(len(table.columns))]


def _number(value: float | str) -> float | None:
    if isinstance(value, str):
        return number_in(value)
    return None if math.isnan(value) else float(value)


def _mostly(table: TableBlock, column: int) -> bool:
    said = [row[column] for row in table.rows if row[column].strip(" -–")]
    return 2 * sum(number_in(cell) is not None for cell in said) > len(said)
