"""The published tables hold the numbers that the analysis makes of the published records."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from d2vbench.analysis import load_run
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.structure import Document
from d2vbench.report.render.spreadsheet import csv_text

PUBLISHED = Path(__file__).resolve().parents[2] / "results" / "published"


@pytest.fixture(scope="module", params=["embedded", "counts", "strategies", "replication"])
def published(request: pytest.FixtureRequest) -> tuple[Path, Document]:
    folder = PUBLISHED / request.param
    return folder, make_document(load_run(folder))


def test_each_table_has_the_published_numbers(published: tuple[Path, Document]) -> None:
    folder, document = published
    slugs = {block.slug for block in document.tables()}
    assert slugs == {path.stem for path in (folder / "tables").glob("*.csv")}
    for block in document.tables():
        found = pd.read_csv(io.StringIO(csv_text(block.data)))
        expected = pd.read_csv(folder / "tables" / f"{block.slug}.csv")
        pd.testing.assert_frame_equal(found, expected, rtol=1e-6, atol=1e-9, obj=block.slug)
