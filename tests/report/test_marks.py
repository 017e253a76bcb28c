"""Points of a figure are where they are drawn, and a drawing made smaller is the same drawing."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from report.made_document import HOSTILE, draw

from d2vbench.report.drawing.dot_plots import strategies_figure
from d2vbench.report.drawing.marks import marks_of, note_mark
from d2vbench.report.drawing.style import figure_bytes
from d2vbench.report.render.svg import smaller_svg


def test_a_mark_is_where_the_svg_has_its_point() -> None:
    figure, _ = draw("t")
    axes = figure.axes[0]
    axes.plot([2.5], [1.5], "s", gid="here")
    note_mark(axes, 2.5, 1.5, "text", "combined", (2.0, 99.0))
    note_mark(axes, 99.0, 1.5, "beyond", "combined")
    (mark,) = marks_of(figure)
    svg = figure_bytes(figure, ".svg").decode()
    found = re.search(r'<g id="here">.*?<use[^>]* x="([0-9.]+)" y="([0-9.]+)"', svg, re.DOTALL)
    assert found is not None
    assert (mark.x, mark.y) == pytest.approx((float(found[1]), float(found[2])), abs=0.01)
    assert (mark.text, mark.strategy, mark.colour) == ("text", "combined", "#000000")
    left, _, right, level = mark.span
    assert left < mark.x < right and level == pytest.approx(mark.y)
    # An interval ends where the panel does.
    edge = axes.transData.transform((axes.get_xlim()[1], 0))[0] * 72 / figure.dpi
    assert right == pytest.approx(edge)


def test_points_of_strategies_have_value_interval_and_seeds() -> None:
    row = {
        "pair": "p", "fraction": 1.0, "model": "dbow", "labels": "all", "strategy": "combined",
        "k": 1, "share": math.nan, "schedule": "linear", "schedule_value": math.nan, "policy": "",
        "setting": "", "accuracy": 0.8, "accuracy_low": 0.75, "accuracy_high": 0.85,
        "difference": math.nan, "difference_low": math.nan, "difference_high": math.nan,
        "verdict": "reference", "seeds": 3,
    }  # fmt: skip
    figure, _ = strategies_figure(pd.DataFrame([row]), paired=False)
    (mark,) = marks_of(figure)
    assert mark.text == "combined(1): 80.0 % [75.0, 85.0]; p, all labels, 3 seeds"
    assert mark.span[0] < mark.x < mark.span[2]


@pytest.mark.parametrize("name", ["plain", *HOSTILE])
def test_a_smaller_drawing_has_the_same_elements_texts_and_styles(name: str) -> None:
    svg = figure_bytes(draw(name, hatch="//")[0], ".svg", name, name).decode()
    small = smaller_svg(svg)
    assert len(small) < 0.75 * len(svg)
    old, new = ElementTree.fromstring(svg), ElementTree.fromstring(small)
    kept = [one for one in old.iter() if not _within_metadata(old, one)]
    assert [one.tag for one in kept] == [one.tag for one in new.iter()]
    sheet = "".join(one.text or "" for one in new.iter() if one.tag.endswith("style"))
    rules = dict(re.findall(r"\.(c[0-9]+)\{([^}]*)\}", sheet))
    for before, after in zip(kept, new.iter(), strict=True):
        if not before.tag.endswith("style"):
            assert (before.text or "").strip() == (after.text or "").strip()
        if before.get("style"):
            assert rules[str(after.get("class"))] == before.get("style")


def _within_metadata(root: ElementTree.Element, one: ElementTree.Element) -> bool:
    return any(
        one in list(metadata.iter())
        for metadata in root.iter()
        if metadata.tag.endswith("metadata")
    )
