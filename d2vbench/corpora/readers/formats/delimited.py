"""CSV and TSV, with or without a first row that names the columns."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.readers.formats.rows import Columns, Row
from d2vbench.errors import UserError

# Characters in a field. Python's own limit of 131,072 is less than a long document; without any, a
# quotation mark that is never closed would take the rest of the file into memory.
_LARGEST_FIELD = 64 * 1024 * 1024


def _delimiter(path: Path, encoding: str, delimiter: str) -> str:
    if delimiter != ",":
        return delimiter
    # Where the comma is the decimal mark, spreadsheets write "CSV" with semicolons.
    head = next(text_lines(path, encoding), "")
    return next((d for d in ",;\t" if d in head), ",")


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line that it begins on, fields) of each record, blank lines left out."""
    csv.field_size_limit(max(_LARGEST_FIELD, csv.field_size_limit()))
    reader = csv.reader(
        text_lines(path, encoding), delimiter=_delimiter(path, encoding, delimiter), strict=True
    )
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UserError(
                f"{path}: the row that begins on line {line} cannot be read ({error}): a field "
                "with quotation marks in it must stand in quotation marks, and those in it must "
                "be doubled"
            ) from None
        if record:
            yield line, record


def _names(first: list[str], header: bool) -> list[str]:
    return [name.strip() if header else str(i) for i, name in enumerate(first, 1)]


def columns(path: Path, encoding: str, delimiter: str, header: bool = True) -> list[str]:
    """Return the names of the columns.

    Parameters
    ----------
    path : pathlib.Path
        Plain or gzipped.
    encoding : str
        Python's name of it.
    delimiter : str
        A comma also stands for the semicolon or tab of a first line without any comma.
    header : bool
        Whether the first row names the columns.

    Returns
    -------
    list of str
        The first row; without a header, numbers from 1.

    Raises
    ------
    UserError
        If there is none.
    """
    for _, first in _records(path, encoding, delimiter):
        return _names(first, header)
    raise UserError(f"{path} is empty: expected a first row with the names of the columns")


def rows(
    path: Path, encoding: str, delimiter: str, chosen: Columns, header: bool = True
) -> Iterator[Row]:
    """Read the rows of a table.

    Parameters
    ----------
    path, encoding, delimiter
        As for `columns`.
    chosen : Columns
        Which columns to take.
    header : bool
        As for `columns`.

    Yields
    ------
    Row
        Blank lines are no rows.

    Raises
    ------
    UserError
        For a row with more or fewer fields than the first, and for a misplaced quotation mark.
    """
    records = _records(path, encoding, delimiter)
    first = next(records)
    names = _names(first[1], header)
    places = [
        names.index(name) if name else None for name in (chosen.text, chosen.label, chosen.split)
    ]
    if not header:
        records = itertools.chain([first], records)
    for number, (line, record) in enumerate(records, 1):
        if len(record) != len(names):
            raise UserError(
                f"{path}: the row that begins on line {line} has {len(record)} fields, but the "
                f"first row {'names' if header else 'has'} {len(names)} columns: a field with "
                "delimiters or line breaks in it must stand in quotation marks"
            )
        text, label, split = (None if p is None else record[p] for p in places)
        yield Row(number, f"line {line}", text or "", label, split)
