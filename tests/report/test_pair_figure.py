"""The picture of a pair shows the description's numbers."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import pytest
from report.figure_checks import assert_legible

from d2vbench.corpora import Pair
from d2vbench.corpora.pairs.describe import describe_pair
from d2vbench.report.drawing.style import write_figure
from d2vbench.report.figures.pair import pair_figure


def test_the_picture_shows_the_description(small_pair: Pair) -> None:
    description = describe_pair(small_pair)
    figure, drawn = pair_figure(description)
    assert drawn["lengths"]["generic"].sum() == pytest.approx(1)
    assert drawn["lengths"]["domain"].sum() == pytest.approx(1)
    assert drawn["classes"].to_numpy().tolist() == [list(c) for c in description.classes]
    first = description.typical[0]
    assert drawn["words"].iloc[0].tolist() == [
        first.word, 1000 * first.generic_share, 1000 * first.domain_share
    ]  # fmt: skip
    lengths, classes, words = figure.axes
    bars = [bar.get_width() for bar in classes.patches]
    assert bars == [*drawn["classes"]["train"], *drawn["classes"]["test"]]
    assert set(drawn["words"]["word"]) <= {text.get_text() for text in figure.texts}
    points = words.collections[-1].get_offsets()[:, 0]
    there = drawn["words"]["domain"] > 0
    assert points[there].tolist() == drawn["words"].loc[there, "domain"].tolist()
    # What does not occur stands at the left, where the axis says 0.
    zero = dict(zip([t.get_text() for t in words.get_xticklabels()], words.get_xticks(),
                    strict=True)).get("0")  # fmt: skip
    assert (points[~there] == zero).all()
    stairs = lengths.patches[0].get_data().values.tolist()
    assert stairs == (100 * drawn["lengths"]["generic"]).tolist()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_picture_is_the_same_file(small_pair: Pair, tmp_path: Path, ending: str) -> None:
    files = []
    for name in ("a", "b"):
        figure, _ = pair_figure(describe_pair(small_pair))
        files.append(write_figure(figure, tmp_path / f"{name}.{ending}").read_bytes())
    assert files[0] == files[1]


def test_classes_of_any_name_leave_room_for_the_rest(small_pair: Pair, tmp_path: Path) -> None:
    description = describe_pair(small_pair)
    names = ["long " * 100_000, "$\\frac{", "a\x1b[31m", "\u540d\u524d"]
    rows = [(name, 3, 2) for name in names]
    figure, drawn = pair_figure(dataclasses.replace(description, classes=rows))
    assert drawn["classes"]["name"].tolist() == [
        ("long " * 8)[:39] + "…", "$\\frac{", "a?[31m", "\u540d\u524d"
    ]  # fmt: skip
    with warnings.catch_warnings():
        # Neither a layout that collapsed nor a glyph that the font lacks.
        warnings.simplefilter("error")
        write_figure(figure, tmp_path / "x.png")


@pytest.mark.parametrize("columns", [1, 2])
def test_names_and_keys_leave_each_other_room(small_pair: Pair, columns: int) -> None:
    description = describe_pair(small_pair)
    assert_legible(pair_figure(description, columns=columns)[0], columns)
    rows = [(f"{name * 30} {i}", 3000, 2) for i, name in enumerate(("long ", "名前", "a_$"))]
    hostile = dataclasses.replace(description, classes=rows, name="a pair " * 30)
    assert_legible(pair_figure(hostile, columns=columns)[0], columns)
