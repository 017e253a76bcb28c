"""A section of the report: its Markdown, its numbers as tables, its figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from d2vbench.analysis import Interval, Skipped
from d2vbench.report.tables import Table, points, to_markdown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Reasons that a line names before it counts the others.
_REASONS = 3

Drawing = Callable[[], tuple["Figure", pd.DataFrame]]


@dataclass(frozen=True)
class Section:
    """What the report says of one question.

    Attributes
    ----------
    title : str
        Heading.
    lines : tuple of str
        Markdown, escaped where it holds names; without the heading.
    tables : dict of str to pandas.DataFrame
        By name of the CSV file: all numbers, also those that the text leaves out.
    figures : list of (str, Drawing)
        File name without its ending, and what draws it; nothing is drawn yet.
    early : bool
        Whether it comes before the tables of the studies.
    """

    title: str
    lines: tuple[str, ...]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: list[tuple[str, Drawing]] = field(default_factory=list)
    early: bool = False


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]], text: int = 1) -> str:
    """Return a table in Markdown whose first columns are text.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : sequence of sequence of str
        Cells; escaped here.
    text : int
        How many columns stand at the left; the others are numbers, and stand at the right.
    """
    table = Table("", tuple(columns), tuple(tuple(row) for row in rows))
    head, _, *body = to_markdown(table).split("\n")
    ruler = "|" + "|".join([" :--- "] * text + [" ---: "] * (len(columns) - text)) + "|"
    return "\n".join([head, ruler, *body])


def share_text(share: float) -> str:
    """Return a share in whole per cent.

    Examples
    --------
    >>> share_text(0.559)
    '56 %'
    """
    return f"{100 * share:.0f} %"


def interval_text(interval: Interval, unit: str = "accuracy") -> str:
    """Return an estimate with its interval, as people read it.

    Parameters
    ----------
    interval : Interval
        NaN ends where there is none.
    unit : str
        "accuracy": a difference, in points; "cosine": a difference; "ratio" or "share".

    Examples
    --------
    >>> interval_text(Interval(0.031, -0.004, 0.068, 0.06))
    '+3.1 [-0.4, +6.8]'
    >>> interval_text(Interval(1.444, 0.7, 2.05, 0.2), "ratio")
    '1.44 [0.70, 2.05]'
    >>> interval_text(Interval(1.0, math.nan, math.nan, math.nan), "share")
    '100 %'
    """
    text = _number(interval.estimate, unit)
    if math.isnan(interval.low):
        return text
    return f"{text} [{_number(interval.low, unit)}, {_number(interval.high, unit)}]"


def _number(value: float, unit: str) -> str:
    if unit == "accuracy":
        return points(value)
    if unit == "cosine":
        return f"{value:+.3f}"
    return share_text(value) if unit == "share" else f"{value:.2f}"


def p_text(p: float) -> str:
    """Return a p-value, empty where there is none.

    Examples
    --------
    >>> p_text(0.0761), p_text(0.0002), p_text(float("nan"))
    ('0.076', '<0.001', '')
    """
    if math.isnan(p):
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def counted(n: int, what: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "pair"), counted(2, "pair")
    ('1 pair', '2 pairs')
    """
    return f"{n} {what}{'' if n == 1 else 's'}"


def skipped_line(skipped: Iterable[Skipped]) -> str:
    """Return what could not be looked at and why, in one line; empty where there is nothing."""
    counts = Counter(one.reason for one in skipped)
    if not counts:
        return ""
    # Of equally frequent reasons the first met.
    shown = [
        f"{reason} ({n} times)" if n > 1 else reason
        for reason, n in sorted(counts.items(), key=lambda item: -item[1])[:_REASONS]
    ]
    rest = sum(counts.values()) - sum(sorted(counts.values(), reverse=True)[:_REASONS])
    if rest:
        shown.append(f"and {rest} more")
    return f"Not compared: {'; '.join(shown)}."
