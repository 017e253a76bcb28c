"""CSV that a spreadsheet shows as it stands."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from d2vbench.report.render.spreadsheet import csv_text


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_texts_are_no_formulas_and_numbers_stay_numbers(kind: str) -> None:
    names = [
        "=cmd()",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\n=1",
        "a=b",
        "-",
        "'q",
        "x\r=1",
        "\uff1d1",
        "\u00a0=1",
    ]
    frame = pd.DataFrame({"=name": pd.Series(names, dtype=kind), "value": -0.1234567890123456})
    text = csv_text(frame)
    read = pd.read_csv(io.StringIO(text), dtype={"'=name": str}, keep_default_na=False)
    assert list(read.columns) == ["'=name", "value"]
    assert read["'=name"].tolist() == [
        "'=cmd()", "'+1", "'-1", "'@x", "'\tx", " x", "' =1", "a=b", "-", "'q", "x =1", "'\uff1d1",
        "'\u00a0=1",
    ]  # fmt: skip
    assert (read["value"] == -0.1234567890123456).all()


def test_every_digit_is_written() -> None:
    values = np.random.default_rng(0).normal(size=100)
    frame = pd.DataFrame({"x": values, "n": range(100), "some": [None, -1.5] * 50})
    read = pd.read_csv(io.StringIO(csv_text(frame)))
    assert (read["x"] == values).all()
    assert read["some"].dropna().eq(-1.5).all()
    assert csv_text(frame.iloc[:0]) == "x,n,some\n"
