"""Cells of tables: each is made here from the numbers of its row, and has the value of a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import pandas as pd

from d2vbench.analysis import Interval
from d2vbench.analysis.contrasts.variants import VARIANT, Variant, variant_title
from d2vbench.report.document.phrases import interval_text
from d2vbench.report.document.structure import Number
from d2vbench.report.document.titles import labels_title, model_title, pair_title

#: A row of a table's numbers.
Row: TypeAlias = Mapping[str, Any]
#: What makes a cell of a row.
Show: TypeAlias = Callable[[Row], str]


def rows(data: pd.DataFrame) -> list[Row]:
    """Return the rows of a table."""
    return cast("list[Row]", data.to_dict("records"))


def plain(value: Any) -> str:
    """Return a value as a cell: text as it is, numbers with all digits, nothing for no value."""
    return value if isinstance(value, str) else number("{:,}".format, value)


def number(form: Callable[[Any], str], value: Any) -> str:
    """Return a number as a cell; an empty one for None and NaN.

    Examples
    --------
    >>> number("{:.2f}".format, 0.123), number("{:.2f}".format, float("nan"))
    ('0.12', '')
    """
    return "" if value is None or pd.isna(value) else Number(form(value), value)


def interval(found: Interval, unit: str = "accuracy") -> str:
    """Return an estimate with its interval as a cell, which sorts by the estimate."""
    return number(lambda _: interval_text(found, unit), found.estimate)


def numbers(name: str, form: Callable[[Any], str]) -> Show:
    """Return what shows a column of numbers in a form."""
    return lambda row: number(form, row[name])


def intervals(name: str, ends: str = "", unit: str = "accuracy") -> Show:
    """Return what shows an estimate with its interval; `ends` stands before ``low``, ``high``."""
    return lambda row: interval(
        Interval(row[name], row[f"{ends}low"], row[f"{ends}high"], math.nan), unit
    )


def worded(show: Show, name: str) -> Show:
    """Return what shows a number and behind it the word of a column; without a number the word."""

    def made(row: Row) -> str:
        cell, word = show(row), plain(row[name])
        return Number(f"{cell} {word}", cell.value) if isinstance(cell, Number) else word

    return made


def within(name: str, show: Show) -> Show:
    """Return what shows the row that a row holds under a name; empty where it holds none."""
    return lambda row: show(row[name]) if name in row else ""


def pair(row: Row) -> str:
    """Return the pair of a row, with the share of D where that is not all of it."""
    return pair_title(row["pair"], row["fraction"])


def model(row: Row) -> str:
    """Return the model of a row by its usual name."""
    return model_title(row["model"])


def labels(row: Row) -> str:
    """Return the label budget of a row in words."""
    return labels_title(row["labels"])


def variant(row: Row, prefix: str = "") -> str:
    """Return the title of the variant that the columns `VARIANT` of a row hold."""
    return variant_title(Variant.of(row[f"{prefix}{name}"] for name in VARIANT))
