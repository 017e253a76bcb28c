"""What a cell is worth when its column is put in order."""

from __future__ import annotations

import pandas as pd
import pytest

from d2vbench.report.document.sorting import number_columns, number_in, sort_keys
from d2vbench.report.document.structure import TableBlock


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("75.0 [73.2, 76.8]", 75.0),
        ("+3.3 [-1.8, +8.9] better", 3.3),
        ("-5.1", -5.1),
        ("−5.1", -5.1),
        ("1,234,567", 1234567.0),
        ("56 %", 56.0),
        ("0.93 / 0.60", 0.93),
        ("3 pairs", 3.0),
        ("1.5e-4", 1.5e-4),
        ("", None),
        ("-", None),
        ("reference", None),
        ("20newsgroups", None),
        ("1.2.3", None),
    ],
)  # fmt: skip
def test_the_number_that_a_cell_begins_with(text: str, value: float | None) -> None:
    assert number_in(text) == value


def test_less_than_comes_before() -> None:
    values = [number_in(text) for text in ("<0.001", "0.001", ">0.001")]
    assert values == sorted(values, key=lambda v: v or 0.0)
    assert len(set(values)) == 3


def table(**other: object) -> TableBlock:
    columns = ("name", "value", "verdict", "mixed")
    rows = (
        ("1", "2.0", "worse", "reference"),
        ("20", "10.0", "", "-1.0 worse"),
        ("3", "", "", "2"),
    )
    return TableBlock("t", "T", columns, rows, pd.DataFrame(), **other)  # type: ignore[arg-type]


def test_columns_of_numbers_and_of_words() -> None:
    assert number_columns(table()) == [False, True, False, True]
    assert sort_keys(table()) == [
        ["1", 2.0, "worse", None],
        ["20", 10.0, "", -1.0],
        ["3", None, "", 2.0],
    ]


def test_own_values_are_taken() -> None:
    own = ((1.0, 5.0, "b", "reference"), (2, 4.0, "a", 1.0), (3.0, float("nan"), "", 2.0))
    made = table(sort_values=own)
    assert number_columns(made) == [True, True, False, True]
    assert sort_keys(made) == [
        [1.0, 5.0, "b", None],
        [2.0, 4.0, "a", 1.0],
        [3.0, None, "", 2.0],
    ]
