"""The notice of a run stands before the answer, as plain text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report.made_document import csv, document, ids

from d2vbench.errors import UserError
from d2vbench.report.document.notice import NOTICE, parse_notice, read_notice
from d2vbench.report.document.structure import Bullets, Chapter, Paragraph
from d2vbench.report.render.html import to_html
from d2vbench.report.render.markdown import to_markdown

TEXT = "# In <b>doubt\n\nOne\nline & more.\n\n- first\n  goes on\n- <script>x</script>\n\nEnd.\n"


def test_headings_paragraphs_and_lists_are_read() -> None:
    assert parse_notice(TEXT) == Chapter(
        "notice",
        "In <b>doubt",
        (
            Paragraph("One line & more."),
            Bullets(("first goes on", "<script>x</script>")),
            Paragraph("End."),
        ),
    )


def test_the_line_of_a_notice_names_its_parts() -> None:
    found = parse_notice("# In doubt\n\n- Counts: are shared.\n- Few labels: shrink.\n- No part\n")
    assert found is not None
    assert found.line == "Counts, Few labels"
    page = to_html(replace(document(), notice=found), {}, csv, ids(document()))
    assert "Counts, Few labels" not in page
    first = Chapter("decision", "What to train")
    page = to_html(replace(document(), notice=found, first=first), {}, csv, ids(document()))
    assert '<span class="line">Counts, Few labels</span>' in page


def test_a_notice_without_heading_gets_one() -> None:
    assert parse_notice("Text.") == Chapter("notice", "Notice", (Paragraph("Text."),))


def test_no_file_and_an_empty_file_are_no_notice(tmp_path: Path) -> None:
    assert read_notice(tmp_path) is None
    (tmp_path / NOTICE).write_text("\n \n", encoding="utf-8")
    assert read_notice(tmp_path) is None


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / NOTICE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError) as error:
        read_notice(tmp_path)
    path = tmp_path / NOTICE
    assert str(error.value) == f"{path}: expected UTF-8 text; save the file as UTF-8"


def test_it_stands_before_the_answer_and_is_escaped(tmp_path: Path) -> None:
    (tmp_path / NOTICE).write_text(TEXT, encoding="utf-8")
    plain = document()
    made = replace(plain, notice=read_notice(tmp_path))
    page = to_html(made, {}, csv, ids(made))
    box = page.index('<aside class="notice">')
    assert box < page.index("In &lt;b&gt;doubt", box) < page.index('<section class="answer"')
    assert "<li>&lt;script&gt;x&lt;/script&gt;</li>" in page
    assert '<aside class="notice">' not in to_html(plain, {}, csv, ids(plain))
    text = to_markdown(made, ids(made))
    assert text.index("## In \\<b\\>doubt") < text.index("- first goes on") < text.index("Second.")
