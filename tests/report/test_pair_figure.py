"""The picture of a pair shows the description's numbers."""

from __future__ import annotations

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
