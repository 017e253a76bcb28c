"""What all tables have in common: which columns to take, and what makes a label and a split."""

from __future__ import annotations

import datetime
import decimal
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from d2vbench.corpora.store.documents import Document, joined_label, labels_in
from d2vbench.errors import UserError, option

SPLITS = ("train", "test")
#: What the third part of a corpus is called.
VALIDATION = frozenset({"validation", "valid", "val", "dev", "development"})
#: What may become of it.
VALIDATION_CHOICES = ("train", "test", "drop")
#: Which of several labels of a document may count.
SEVERAL_LABELS = ("first", "each")

# What writers of tables put where there is nothing.
_MISSING = frozenset({"", "nan", "NaN", "null", "NULL", "<NA>"})
_WHOLE = re.compile(r"([+-]?\d+)\.0+")
_LABEL_TYPES = (str, int, float, decimal.Decimal, datetime.date)
# Different numbers with fractions after which the rest is not read, where nearly all differ so far.
# Fewer may be classes such as 3.3 that have not come again yet.
_ENOUGH_FRACTIONS = 1000
_MOST_SHOWN = 20
_LONGEST_NAME = 60


class Row(NamedTuple):
    """One row of a table: its number among the rows, where it stands, and three of its values."""

    number: int
    place: str
    text: str
    label: Any
    split: Any


@dataclass(frozen=True)
class Columns:
    """Names of the columns to take; an empty name is no column."""

    text: str
    label: str = ""
    split: str = ""


def listed(names: Sequence[str]) -> str:
    """Return names for an error message: quoted, and not endless.

    Examples
    --------
    >>> listed(["id", "body"])
    "'id', 'body'"
    """
    shown = [repr(n if len(n) <= 40 else n[:39] + "…") for n in names[:_MOST_SHOWN]]
    return ", ".join(shown) + ", …" * (len(names) > _MOST_SHOWN)


def choose_columns(path: Path, names: Sequence[str], wanted: Columns) -> Columns:
    """Fill in the text column that was not named, and check those that were.

    Parameters
    ----------
    path : pathlib.Path
        The table, for the message.
    names : sequence of str
        The columns it has.
    wanted : Columns
        ``text`` may be empty: then the only column beside the others is meant, or else ``text``.

    Returns
    -------
    Columns
        With a text column.

    Raises
    ------
    UserError
        If a column is not there, there twice, or the text column cannot be told; it lists those
        there are.
    """
    others = [name for name in names if name not in (wanted.label, wanted.split)]
    text = wanted.text or (others[0] if len(others) == 1 else "text")
    if not wanted.text and len(text) > _LONGEST_NAME:
        raise UserError(
            f"{path}: the column {listed([text])} looks like a text, not like the name of a "
            f"column: give {option('no_header')} if there is no first row that names the columns"
        )
    chosen = Columns(text, wanted.label, wanted.split)
    for role, name in (("label", chosen.label), ("text", text), ("split", chosen.split)):
        if name and name not in names:
            raise UserError(
                f"{path} has no column {name!r}; it has {listed(names)}: give the name of the "
                f"{role} column as {option(role)}"
            )
        if name and list(names).count(name) > 1:
            raise UserError(f"{path} has more than one column {name!r}: rename all but one")
    return chosen


def label_text(value: Any) -> str | None:
    """Return a label as text, or None where there is none.

    Parameters
    ----------
    value : object
        Text, a number or a date. Missing are None, NaN, and what stands for them in text.

    Returns
    -------
    str or None
        With single spaces. Whole numbers lose their ``.0``: a table that once had a missing label
        may have turned its classes 1, 2 into 1.0, 2.0.

    Raises
    ------
    TypeError
        For a list, a mapping or bytes.

    Examples
    --------
    >>> label_text(" sci.space "), label_text(2.0), label_text("2.0"), label_text(2)
    ('sci.space', '2', '2', '2')
    >>> label_text(float("nan")), label_text(""), label_text("None")
    (None, None, 'None')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, _LABEL_TYPES):
        raise TypeError(type(value).__name__)
    text = " ".join(str(value).split())
    if text in _MISSING:
        return None
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _several_advice(label: Any) -> str:
    if not isinstance(label, (list, tuple)):
        return ""
    return (
        f"; where documents have several labels, give {option('several_labels', 'first')} to take "
        f"the first, {option('several_labels', 'each')} to count them under each, or leave such "
        "documents out"
    )


def _split_text(value: Any) -> str | None:
    try:
        text = label_text(value)
    except TypeError:
        text = str(value)
    return text.lower() if text else None


class _Measurements:
    """Notices a label column that holds measurements in place of classes."""

    def __init__(self, path: Path, column: str) -> None:
        self.path, self.column = path, column
        self.rows = 0
        self.numbers = True
        self.fractions: dict[str, None] = {}

    def see(self, label: str) -> None:
        if not self.numbers:
            return
        try:
            whole = float(label).is_integer()
        except ValueError:
            self.numbers = False
            return
        self.rows += 1
        if not whole:
            self.fractions[label] = None
            if len(self.fractions) >= _ENOUGH_FRACTIONS:
                self._refuse_if_most_differ()

    def end(self) -> None:
        if self.numbers:
            self._refuse_if_most_differ()

    def _refuse_if_most_differ(self) -> None:
        # Hardly two rows of one class.
        if len(self.fractions) <= max(self.rows // 2, 1):
            return
        some = ", ".join(list(self.fractions)[:3])
        raise UserError(
            f"{self.path}: the label column {self.column!r} holds numbers with fractions ({some}, "
            f"…), which are no classes: give another column as {option('label')}, or put the "
            "numbers into classes"
        )


def validation_unsaid(where: str, name: str, beside: Sequence[str] = SPLITS) -> UserError:
    """Return the error for documents of a third part, where nothing says what to do with it."""
    first, second, last = (option("validation", choice) for choice in VALIDATION_CHOICES)
    return UserError(
        f"{where} {name!r} beside {' and '.join(beside)}: say what becomes of these documents "
        f"with {first}, {second} or {last}"
    )


def split_label(label: str, separator: str) -> list[str]:
    """Return the labels that stand in one, without what is none.

    Examples
    --------
    >>> split_label("sci.space | sci.med|", "|")
    ['sci.space', 'sci.med']
    """
    found = (label_text(part) for part in label.split(separator))
    return [part for part in found if part is not None]


def one_label(value: Any, several: str, separator: str = "") -> str | None:
    """Return what stands in a label column as the label of a document.

    Parameters
    ----------
    value : object
        As of `label_text`; or a list of such values.
    several : str
        One of `SEVERAL_LABELS`, or empty: a list of several is no label.
    separator : str
        Where a text holds it, it is a list; empty: never.

    Returns
    -------
    str or None
        As of `label_text`, or of `joined_label` where each counts.

    Raises
    ------
    TypeError
        As from `label_text`.
    """
    if separator and isinstance(value, str):
        value = split_label(value, separator)
    if isinstance(value, (list, tuple)) and several:
        labels = [text for one in value if (text := label_text(one)) is not None]
        return joined_label(labels if several == "each" else labels[:1])
    if isinstance(value, (list, tuple)) and len(value) < 2:
        value = value[0] if value else None
    return label_text(value)


def documents(
    path: Path,
    rows: Iterator[Row],
    columns: Columns,
    validation: str = "",
    several_labels: str = "",
    label_separator: str = "",
) -> Iterator[Document]:
    """Turn rows into documents.

    Parameters
    ----------
    path : pathlib.Path
        The table, for messages.
    rows : iterator of Row
        Consumed one at a time.
    columns : Columns
        Those that were taken.
    validation : str
        What becomes of documents that are for validation: one of `VALIDATION_CHOICES`, or empty.
    several_labels, label_separator : str
        As of `one_label`.

    Yields
    ------
    Document
        Named by the number of the row. A row without a label is a document without one; an empty
        text is an empty document.

    Raises
    ------
    UserError
        For a label that is a list or the like, labels that are measurements, and a split other
        than train or test.
    """
    measurements = _Measurements(path, columns.label)
    seen: dict[str, None] = {}
    for row in rows:
        try:
            label = one_label(row.label, several_labels, label_separator)
        except TypeError as error:
            raise UserError(
                f"{path}, {row.place}: the label in column {columns.label!r} is a {error}: "
                "expected text or a number" + _several_advice(row.label)
            ) from None
        for one in labels_in(label) if label is not None else ():
            measurements.see(one)
        split = _split_text(row.split)
        if split is not None:
            seen[split] = None
        if split in VALIDATION:
            if not validation:
                where = f"{path}, {row.place}: the split column {columns.split!r} holds"
                raise validation_unsaid(where, split)
            if validation == "drop":
                continue
            split = validation
        if split not in (None, *SPLITS):
            # All values there are make the better message; the rest of the table is read for it.
            seen.update(dict.fromkeys(s for r in rows if (s := _split_text(r.split))))
            raise UserError(
                f"{path}, {row.place}: the split column {columns.split!r} holds {split!r}, but "
                f"only train and test are known (there are {listed(sorted(seen))}): rename or "
                f"remove those rows, or give {option('split', '')} to have the documents split by "
                "d2vbench"
            )
        if columns.split and split is None and label is not None:
            raise UserError(
                f"{path}, {row.place}: nothing in the split column {columns.split!r}: write train "
                f"or test, or give {option('split', '')} to have the documents split by d2vbench"
            )
        yield Document(f"{row.number:010}", row.text, label, split)
    measurements.end()
