"""The chapter that says why pairs differ."""

from __future__ import annotations

import pytest
from figure_checks import assert_legible
from moderated_run import moderated_run
from run_support import sizes_run

from d2vbench.analysis.studies.moderators import Moderators, moderators
from d2vbench.report.document.structure import FigureBlock, Paragraph, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.drawing.marks import marks_of
from d2vbench.report.figures.moderators import moderator_points, moderators_figure
from d2vbench.report.studies.moderators import moderators_chapter


def test_the_chapter_says_what_is_explained_and_what_is_predicted() -> None:
    chapter = moderators_chapter(moderated_run())
    assert chapter is not None
    texts = [block.text for block in chapter.blocks if isinstance(block, Paragraph)]
    assert texts[1].startswith("PV-DBOW, all labels: oversampled(4) is ")
    assert "from domain-only(4) on 24 pairs. The properties explain " in texts[1]
    assert "Predicted from pairs of other corpora, a pair is missed by " in texts[1]
    tables = [block for block in chapter.blocks if isinstance(block, TableBlock)]
    properties, pairs = tables
    assert properties.rows[0][2] == "Jensen-Shannon divergence (bits)"
    assert properties.data["p_holm"].iloc[0] < 0.001
    assert len(pairs.rows) == 24
    assert pairs.data["difference"].is_monotonic_decreasing
    assert sum(isinstance(block, FigureBlock) for block in chapter.blocks) == 1


def test_a_run_of_few_pairs_has_no_such_chapter() -> None:
    assert moderators_chapter(sizes_run()) is None


@pytest.mark.parametrize("columns", [1, 2])
def test_the_figure_has_a_panel_a_property_and_one_of_predictions(columns: int) -> None:
    one = moderators(moderated_run(), "dbow", "all")
    assert isinstance(one, Moderators)
    points = moderator_points(one)
    figure, drawn = moderators_figure(points, columns=columns)
    assert_legible(figure, columns)
    assert drawn["panel"].nunique() == 6
    assert len(drawn) == 6 * 24
    assert len(marks_of(figure)) == 6 * 24
    assert set(drawn["domain"]) == {f"d{i}" for i in range(6)}
    text = describe_figure(drawn)
    assert "over 24 pairs of 6 domains" in text
    assert "Jensen-Shannon divergence (bits): " in text
