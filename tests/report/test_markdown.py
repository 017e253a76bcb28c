"""The report in Markdown."""

from __future__ import annotations

import pandas as pd
import pytest

from d2vbench.report.document.blocks import table
from d2vbench.report.document.structure import Bullets, Chapter, Document, FigureBlock, Paragraph
from d2vbench.report.render.markdown import escape_markdown, markdown_table, to_markdown


def test_a_document_as_it_is_written() -> None:
    numbers = table(
        "some-table", "A_b", pd.DataFrame({"x": ["c"], "y": [1]}), ["x", "y"], caption="Caption."
    )
    figure = FigureBlock("some-figure", "F", lambda: NotImplemented, "What it shows.")
    chapter = Chapter(
        "one",
        "First <b>",
        (Paragraph("Mind this.", strong=True), Bullets(("- a", "b")), numbers),
        (Chapter("two", "Below", (figure,)),),
    )
    document = Document("Title", ("One.", "Two.", "Three."), (chapter,), subtitle="Of a run.")
    text = to_markdown(document, {"some-table": "t-1", "some-figure": "f-1"})
    assert text == (
        "# Title\n\nOf a run.\n\nOne.\n\nTwo.\n\nThree.\n\n"
        "## First \\<b\\>\n\n**Mind this.**\n\n- \\- a\n- b\n\n"
        "**A\\_b** (`t-1`, [CSV](tables/some-table.csv))\n\n"
        "| x | y |\n| :--- | ---: |\n| c | 1 |\n\nCaption.\n\n"
        "### Below\n\n![F](figures/some-figure.png)\n\n"
        "**F** (`f-1`, [PDF](figures/some-figure.pdf)) What it shows.\n"
    )


def test_a_table_shows_hostile_text_as_it_stands() -> None:
    rows = [("*x* <b>", "[1, 2]"), ("50 % & ~^\\", "`$`"), ("two\nlines", "=1")]
    frame = pd.DataFrame(rows, columns=["a|b", "c_d"])
    assert markdown_table(table("s", "t", frame, list(frame))) == (
        "| a\\|b | c\\_d |\n"
        "| :--- | :--- |\n"
        "| \\*x\\* \\<b\\> | \\[1, 2\\] |\n"
        "| 50 % & \\~^\\\\ | \\`\\$\\` |\n"
        "| two lines | =1 |\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a list", "\\- a list"), ("+ a list", "\\+ a list"), ("1. one", "1\\. one"),
        ("1) one", "1\\) one"), ("1.5 points", "1.5 points"), ("=== x", "\\=== x"),
        ("&lt;", "\\&lt;"), ("a\n# b", "a \\# b"), ("![x](y)", "!\\[x\\](y)"),
    ],
)  # fmt: skip
def test_nothing_at_the_beginning_of_a_line_is_markup(text: str, expected: str) -> None:
    assert escape_markdown(text) == expected
