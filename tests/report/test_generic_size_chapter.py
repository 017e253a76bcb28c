"""The chapter of the study `generic-size`: a curve for each strategy and policy, and a table."""

from __future__ import annotations

import re

from figure_checks import assert_legible
from run_support import sizes_run

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.generic_size import generic_sizes
from d2vbench.report.document.structure import FigureBlock, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.figures.studies import size_curves
from d2vbench.report.studies.generic_size import curve_points, generic_size_chapter


def test_the_chapter_has_a_curve_a_variant_and_a_level_one_for_the_domain_alone() -> None:
    data = sizes_run()
    data.cells["setting"] = [
        s.removesuffix(", alpha 0.05") for s in data.cells["setting"].fillna("")
    ]
    chapter = generic_size_chapter(data, "How much?", "Engine: native.")
    _, _, figure, table = chapter.blocks
    assert isinstance(figure, FigureBlock)
    assert isinstance(table, TableBlock)
    assert len(table.rows) == 10
    assert table.rows[0][4:6] == ("25 %", "2.5")
    for columns in (1, 2):
        drawn, shown = size_curves(curve_points(generic_sizes(Scorebook(data))), columns=columns)
        assert_legible(drawn, columns)
    level = shown[shown["variant"] == "domain-only(4)"]
    assert level["x"].tolist() == [2.5, 5.0, 10.0]
    assert level["y"].nunique() == 1
    said = describe_figure(shown)
    assert re.search(r"oversampled\(4\) from 62\.\d at 2.5 to 70\.\d at 10;", said)
