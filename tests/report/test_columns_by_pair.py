"""A long table of several pairs is folded where that lets a row be read across them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.columns_by_pair import by_pair


def rows(pairs: int, labels: tuple[str, ...] = ("all", "10")) -> list[dict[str, Any]]:
    return [
        {"pair": f"p{i}", "fraction": 1.0, "model": "dbow", "labels": name, "x": i + len(name)}
        for i in range(pairs)
        for name in labels
    ]


WHICH: dict[str, str | cells.Show] = {"model": cells.model, "labels": "labels"}


def shown(row: cells.Row) -> str:
    return f"{row['x']} points"


def test_a_pair_is_a_column_and_what_all_rows_say_is_none() -> None:
    folded = by_pair(rows(3), WHICH, shown)
    assert folded is not None
    block = table("t", "T", pd.DataFrame(rows(3)), folded[0], rows=folded[1])
    assert block.columns == ("labels", "p0", "p1", "p2")
    assert block.rows == (
        ("all", "3 points", "4 points", "5 points"),
        ("10", "2 points", "3 points", "4 points"),
    )


def test_a_place_that_a_pair_lacks_is_empty() -> None:
    folded = by_pair(rows(3)[:-1], WHICH, shown)
    assert folded is not None
    columns, (_, few) = folded
    show = columns["p2"]
    assert callable(show) and show(few) == ""


@pytest.mark.parametrize(
    "unfolded",
    [
        rows(1),
        rows(7),
        # The same place twice in a pair.
        rows(3) + rows(3)[:1],
        # A pair that is called as a column is.
        [row | {"pair": "model" if row["pair"] == "p0" else row["pair"]} for row in rows(3)],
        # No place in common.
        [row | {"labels": str(i)} for i, row in enumerate(rows(3))],
    ],
)
def test_nothing_is_folded_where_nothing_is_gained(unfolded: list[dict[str, Any]]) -> None:
    assert by_pair(unfolded, WHICH, shown) is None


def test_a_share_of_a_pair_is_a_column_of_its_own() -> None:
    folded = by_pair(
        [row | {"fraction": share} for share in (0.5, 1.0) for row in rows(2)], WHICH, shown
    )
    assert folded is not None
    half = [f"p{i} (50 % of the domain)" for i in range(2)]
    assert list(folded[0]) == ["labels", *half, "p0", "p1"]
