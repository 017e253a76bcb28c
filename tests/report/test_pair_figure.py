"""The picture of a pair shows the description's numbers."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import pytest

from d2vbench.corpora import Pair
from d2vbench.corpora.describe import describe_pair
from d2vbench.report.pair_figure import pair_figure
from d2vbench.report.style import write_figure


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
    assert [t.get_text() for t in words.get_yticklabels()] == drawn["words"]["word"].tolist()
    points = words.collections[-1].get_offsets()[:, 0].tolist()
    assert points == drawn["words"]["domain"].tolist()
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


def test_no_legend_hides_a_bar_or_a_point(small_pair: Pair, tmp_path: Path) -> None:
    figure, _ = pair_figure(describe_pair(small_pair))
    write_figure(figure, tmp_path / "x.png")
    _, classes, words = figure.axes
    for axes, lowest in (
        (classes, min(bar.get_window_extent().y0 for bar in classes.patches)),
        (words, words.transData.transform((0, 0))[1] - 3),
    ):
        assert axes.get_legend().get_window_extent().y1 < lowest
