"""The report as a page: one file, nothing from outside, every name as text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pandas as pd
import pytest
from report.made_document import HOSTILE, NAME, csv, document, ids, page, pictures, wide_table

from d2vbench.report.document.blocks import unique_slugs
from d2vbench.report.document.structure import (
    Chapter,
    Document,
    Mark,
    Number,
    Picture,
    TableBlock,
)
from d2vbench.report.render.html import LARGEST_FILE, MOST_ROWS, to_html


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[int] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append((tag, ""))
        if tag not in ("meta", "input", "img"):
            self._open.append(len(self.texts) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.texts[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self._open:
            tag, text = self.texts[place]
            self.texts[place] = (tag, text + data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def shown(made: Document, figures: dict[str, Picture] | None = None) -> str:
    return to_html(made, figures or {}, csv, ids(made))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page()


@pytest.fixture(scope="module")
def elements(text: str) -> Elements:
    return Elements(text)


def test_names_come_out_as_text(elements: Elements) -> None:
    items = [text for tag, text in elements.texts if tag == "li"]
    assert [name for name in HOSTILE if name not in items] == []
    cells = {text for tag, text in elements.texts if tag in ("th", "td")}
    assert set(HOSTILE) <= cells
    titles = [text for tag, text in elements.texts if tag == "title"]
    assert titles == [f"Report on {NAME}"]


def test_names_make_no_elements(elements: Elements) -> None:
    assert [set(img) for img in elements.of("img")] == [
        {"src", "width", "height", "alt", "aria-describedby"}
    ] * 2
    assert len(elements.of("script")) == 1
    assert len(elements.of("style")) == 1
    # What is laid over a figure is the page's own, and has names as texts alone.
    assert all(set(svg) <= {"class", "viewbox", "role", "aria-label"} for svg in elements.of("svg"))
    handlers = [name for _, found in elements.found for name in found if name.startswith("on")]
    assert handlers == []


def test_nothing_is_fetched(text: str, elements: Elements) -> None:
    loaded = {"src", "href", "srcset", "data", "action", "poster", "formaction", "xlink:href"}
    for tag, attributes in elements.found:
        for name in loaded & set(attributes):
            assert attributes[name].startswith(("#", "data:", "tables/")), (tag, attributes)
    assert elements.of("link") == []
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert "@import" not in style[1]
    assert set(re.findall(r"url\(([^)]*)\)", style[1])) <= {
        f"#{found['id']}" for _, found in elements.found if "id" in found
    }


def test_the_policy_lets_in_this_style_and_this_script_alone(text: str, elements: Elements) -> None:
    policy = next(
        m["content"] for m in elements.of("meta") if m.get("http-equiv")
    )  # fmt: skip
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert [found for _, found in elements.found if "style" in found] == []


def test_ids_are_one_of_a_kind_and_links_lead_to_them(elements: Elements) -> None:
    found = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(found) == len(set(found))
    for _, attributes in elements.found:
        if attributes.get("href", "").startswith("#"):
            assert unquote(attributes["href"][1:]) in found
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            assert attributes.get(name, found[0]) in found
        for reference in re.findall(r"url\(#(.*?)\)", " ".join(attributes.values())):
            assert reference in found
    assert {"d2v-0123-wide", "d2v-0123-curves", "claims", "contents-2", "main-3"} <= set(found)


def test_figures_have_a_text_in_their_place(text: str, elements: Elements) -> None:
    for slug, said in (("curves", f"Caption {NAME}"), ("bars", f"In words {NAME}")):
        anchor = f"d2v-0123-{slug}"
        described = f"{anchor}-description"
        img = next(img for img in elements.of("img") if img["aria-describedby"] == described)
        assert img["src"].startswith("data:image/svg+xml;charset=utf-8,")
        assert img["alt"] == f"Figure {NAME}"
        place = [a.get("id") for _, a in elements.found].index(f"{anchor}-description")
        assert elements.texts[place][1].strip() == said


def test_it_opens_with_the_answer(elements: Elements) -> None:
    paragraphs = [text.strip() for tag, text in elements.texts if tag == "p"]
    start = paragraphs.index(f"First {HOSTILE[0]}.")
    assert paragraphs[start : start + 3] == [f"First {HOSTILE[0]}.", "Second.", "Third."]
    headings = [text for tag, text in elements.texts if tag == "h2"]
    assert headings[0] == f"Claims {NAME} #"


def test_how_to_cite_stands_below(elements: Elements) -> None:
    code = [text for tag, text in elements.texts if tag == "code"]
    assert "d2vbench cite d2v-0123-wide" in code
    assert "d2vbench cite d2v-0123-bars" in code
    assert "figures/bars.pdf" in code


def test_the_numbers_of_a_table_are_in_a_link(elements: Elements) -> None:
    link = next(a for a in elements.of("a") if a.get("download") == "wide.csv")
    kind, content = link["href"].split(",", 1)
    assert kind == "data:text/csv;charset=utf-8"
    assert unquote(content) == csv(wide_table())


def test_a_table_in_another_script_takes_the_shorter_form() -> None:
    rows = tuple((f"語彙学習 {i}", Number(f"{i}", i)) for i in range(50))
    table = TableBlock("wide", "Wide", ("name", "n"), rows, pd.DataFrame(rows))
    made = shown(Document("T", (), (Chapter("c", "C", (table,)),)))
    (link,) = [a["href"] for a in Elements(made).of("a") if a.get("download") == "wide.csv"]
    kind, content = link.split(",", 1)
    assert kind == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(content).decode() == csv(table)


def test_many_numbers_stay_in_their_file_and_many_rows_too() -> None:
    rows = tuple((f"name {i}", Number(f"{i}.5", i + 0.5), "x" * 60) for i in range(MOST_ROWS + 500))
    table = TableBlock("all", "All", ("name", "n", "x"), rows, pd.DataFrame(rows))
    assert len(csv(table)) > LARGEST_FILE
    made = shown(Document("T", (), (Chapter("c", "C", (table,)),)))
    links = [a["href"] for a in Elements(made).of("a") if a.get("class") == "file"]
    assert links == ["tables/all.csv"]
    assert f"The first 1,000 of {MOST_ROWS + 500:,} rows; all are in the CSV file." in made
    assert made.count("<tr>") == 1 + MOST_ROWS


def test_all_files_together_are_not_too_many() -> None:
    tables = []
    for i in range(30):
        data = pd.DataFrame({"x": ["y" * 900] * 100})
        tables.append(TableBlock(f"t{i}", "T", ("x",), (("1",),), data))
    made = shown(Document("T", (), (Chapter("c", "C", tuple(tables)),)))
    links = [a["href"] for a in Elements(made).of("a") if a.get("class") == "file"]
    assert sum(link.startswith("data:") for link in links) == 11
    assert len(made) < 1.6e6


def test_a_control_character_in_a_figure_leaves_it_well_formed() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt"><text>a\x01</text></svg>'
    figures = {"curves": Picture(svg, "")}
    (img,) = Elements(shown(document(figures=1), figures)).of("img")
    assert img["width"] == "96"
    content = unquote(img["src"].partition(",")[2])
    assert ElementTree.fromstring(content)[0].text == "a\ufffd"


def test_the_same_report_is_the_same_page(text: str) -> None:
    assert page() == text


def test_a_figure_that_was_not_drawn_is_left_out() -> None:
    some = {"curves": pictures()["curves"]}
    made = shown(document(), some)
    assert len(Elements(made).of("img")) == 1


def test_what_html_cannot_hold_is_marked() -> None:
    made = shown(Document("a\x00b\x1b\ud800c", ("x\x00",), ()))
    made.encode("utf-8")
    assert "<title>a\ufffdb\ufffd\ufffdc</title>" in made


def test_a_figure_says_its_points_and_names_in_them_are_texts() -> None:
    marks = (
        Mark(10.0, 20.0, (5.0, 20.0, 15.0, 20.0), f"{NAME}: 81.2 %", NAME, "#0072B2"),
        Mark(30.0, 20.0, (), "b: 70.0 %", "combined", "#000000"),
    )
    some = {"curves": replace(pictures()["curves"], marks=marks)}
    found = Elements(shown(document(figures=1), some))
    (layer,) = found.of("svg")
    assert layer["viewbox"].startswith("0 0 518.")
    points = found.of("circle")
    assert [(point["cx"], point["cy"]) for point in points] == [("10.0", "20.0"), ("30.0", "20.0")]
    assert [path["d"] for path in found.of("path")] == ["M5.0 20.0L15.0 20.0"]
    titles = [text for tag, text in found.texts if tag == "title"]
    assert titles[1:] == [f"{NAME}: 81.2 %", "b: 70.0 %"]
    options = [text for tag, text in found.texts if tag == "option"]
    assert options == ["all strategies", *sorted([NAME, "combined"])]


def test_what_is_decided_stands_first_and_the_rest_is_folded() -> None:
    first = Chapter("decision", "What to train", (wide_table(2),))
    plain = document()
    chapters = (replace(plain.chapters[0], folded=True, line="A line.", word="mixed"),
                *plain.chapters[1:])  # fmt: skip
    made = replace(plain, first=first, chapters=chapters, question="Which?")
    made = replace(made, chapters=unique_slugs([first, *chapters])[1:])
    text = shown(made, pictures())
    assert text.index("Which?") < text.index('<div class="first"') < text.index("First &lt;script")
    found = Elements(text)
    summaries = [" ".join(text.split()) for tag, text in found.texts if tag == "summary"]
    assert f"Claims {NAME} A line. mixed" in summaries
    # In a part that is open, tables are lines that open, and so are figures after the first.
    assert any(line.startswith("Table 3 Wide") and line.endswith("40 rows") for line in summaries)
    assert sum(line.startswith("Figure") for line in summaries) == 1
    assert [a for a in found.of("details") if "open" in a] == [{"open": ""}]
