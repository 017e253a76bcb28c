"""Figures inside a page: own ids, classes for styles, nothing that acts or leads outside."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report.made_document import NAME, draw, figure_files

from d2vbench.report.figures.style import write_figure
from d2vbench.report.render.inline_svg import StyleClasses, inline_svg, svg_width

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def test_two_figures_share_no_id_and_keep_their_references(tmp_path: Path) -> None:
    styles = StyleClasses()
    made = [
        inline_svg(svg, f"f{i}", styles, "t")
        for i, svg in enumerate(figure_files(tmp_path).values())
    ]
    ids = [set(re.findall(r' id="([^"]*)"', svg)) for svg in made]
    assert ids[0] and not ids[0] & ids[1]
    for svg, own in zip(made, ids, strict=True):
        used = set(re.findall(r'(?:href="|url\()#([^")]*)', svg))
        rules = dict(re.findall(r"\.(s\d+)\{(.*?)\}\n", styles.sheet()))
        classes = set(re.findall(r'class="(s\d+)"', svg))
        assert classes <= set(rules)
        for name in classes:
            used |= set(re.findall(r"url\(#([^)]*)\)", rules[name]))
        assert used == own


def test_text_stays_text_and_styles_become_classes(tmp_path: Path) -> None:
    path = write_figure(draw("a & b", hatch="xx")[0], tmp_path / "x.svg")
    before = path.read_text(encoding="utf-8")
    styles = StyleClasses()
    svg = inline_svg(before, "f", styles, "title", "description")
    root = ElementTree.fromstring(svg)
    texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("a & b") == 2
    assert "style=" not in svg
    assert "stroke-dasharray" in styles.sheet()
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title")
    assert root.get("aria-describedby") == "description"
    assert svg_width(svg) == round(7.2 * 96)
    assert len(svg) < 0.7 * len(before)
    for word in ("metadata", "DOCTYPE", "<style"):
        assert word in before
        assert word not in svg


def test_nothing_in_it_acts_or_leads_outside() -> None:
    text = (
        HEAD + 'width="72pt" height="72pt" viewBox="0 0 72 72" onload="alert(1)">'
        "<script>alert(1)</script><foreignObject><b>x</b></foreignObject>"
        '<a xlink:href="javascript:alert(1)"><path d="M 0 0" onclick="alert(1)"/></a>'
        '<image xlink:href="https://example.org/x.png"/><use xlink:href="other.svg#x"/>'
        '<path d="M 1 1" style="fill: url(https://example.org/x); stroke: #000000; } body { x: y"/>'
        "</svg>"
    )
    styles = StyleClasses()
    assert inline_svg(text, "f", styles, "t") == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" width="96" role="img" '
        'aria-labelledby="t"><g><path d="M 0 0" /></g><image /><use />'
        '<path d="M 1 1" class="s0" /></svg>'
    )
    assert styles.sheet() == ".s0{stroke:#000000}\n"


def test_names_with_characters_that_xml_lacks(tmp_path: Path) -> None:
    path = write_figure(draw(f"a\x01{NAME}")[0], tmp_path / "x.svg")
    svg = inline_svg(path.read_text(encoding="utf-8"), "f", StyleClasses(), "t")
    texts = [e.text for e in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count(f"a\ufffd{NAME}") == 2


@pytest.mark.parametrize("text", ["", "<html/>", "<svg>"])
def test_what_is_no_svg_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an SVG file: "):
        inline_svg(text, "f", StyleClasses(), "t")


@pytest.mark.parametrize("value", ["red /* ", "rgb(0", "'x", '"x'])
def test_a_style_leaves_nothing_open_in_the_sheet(value: str) -> None:
    styles = StyleClasses()
    assert styles.name(f"fill: {value}; stroke: #000000") == "s0"
    assert styles.sheet() == ".s0{stroke:#000000}\n"
