"""The chapter about inference: its warning, its tables and its figure show what was summarised."""

from __future__ import annotations

import pandas as pd
import pytest
from figure_checks import assert_legible
from inference_support import TURNED, run_of
from made_sections import run_of as run_without_a_choice

from d2vbench.analysis import inference_summary
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.structure import Bullets, Chapter, Paragraph, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.figures.inference import inference_figure
from d2vbench.report.studies.inference import inference_chapter

ALIKE = {
    ("combined", ""): [(0.80, 0.8), (0.81, 0.9), (0.79, 0.7)],
    ("oversampled", 4): [(0.70, 0.8), (0.71, 0.9), (0.69, 0.7)],
}


def tables(chapter: Chapter) -> dict[str, TableBlock]:
    return {block.slug: block for block in chapter.blocks if isinstance(block, TableBlock)}


def test_a_band_wider_than_all_strategies_differ_is_warned_of() -> None:
    chapter = inference_chapter(run_of(TURNED), "settings")
    assert [b.text.split(".")[0] for b in chapter.blocks if isinstance(b, Paragraph) and b.strong]
    (warnings,) = (block.items for block in chapter.blocks if isinstance(block, Bullets))
    assert warnings == (
        "p, PV-DBOW, all labels: the band of oversampled(4) is 33.0 points wide; from the best to "
        "the worst strategy it is 4.0.",
    )
    calm = inference_chapter(run_of(ALIKE), "settings")
    assert not [block for block in calm.blocks if isinstance(block, Bullets)]
    assert not [block for block in calm.blocks if isinstance(block, Paragraph) and block.strong]


def test_tables_of_orders_of_strategies_and_of_the_grid() -> None:
    found = tables(inference_chapter(run_of(TURNED), "settings"))
    assert list(found) == ["inference-order", "inference-p-dbow", "inference-grid-p-dbow-all"]
    (order,) = found["inference-order"].rows
    assert order[:5] == ("p", "PV-DBOW", "all labels", "combined", "oversampled(4)")
    assert order[5].startswith("+3.0 [")
    assert order[6:] == ("0.33", "-0.33", "3 of 3", "4.0", "33.0")
    rows = {row[0]: row[1:] for row in found["inference-p-dbow"].rows}
    assert list(rows) == ["combined", "oversampled(4)", "domain-only(4)"]
    pinned, chosen, band, taken = rows["oversampled(4)"]
    assert (pinned[:4], chosen[:4]) == ("78.0", "83.0")
    assert (band, taken) == ("50.0 to 83.0", "10 x 0.05 (3 of 3)")
    grid = found["inference-grid-p-dbow-all"]
    assert grid.columns == ("inference", "combined", "oversampled(4)", "domain-only(4)")
    assert grid.rows == (
        ("20 x 0.025, pinned", "80.0", "78.0", "76.0"),
        ("10 x 0.05", "79.0", "83.0", "77.0"),
        ("100 x 0.1", "70.0", "50.0", "75.0"),
    )


def test_the_same_winner_has_no_lead() -> None:
    (row,) = tables(inference_chapter(run_of(ALIKE), ""))["inference-order"].rows
    assert row[3:6] == ("combined", "combined", "")


@pytest.mark.parametrize("columns", [1, 2])
def test_the_figure_shows_pinned_chosen_and_band(columns: int) -> None:
    summary = inference_summary(run_of(TURNED))
    few = summary.assign(labels="10", accuracy=summary["accuracy"] - 0.2)
    figure, drawn = inference_figure(pd.concat([summary, few]), columns=columns)
    assert_legible(figure, columns)
    first = drawn[drawn["panel"] == "p, PV-DBOW, all labels"].set_index("variant")
    assert first["y"].to_dict() == {"combined": 0, "oversampled(4)": 1, "domain-only(4)": 2}
    row = first.loc["oversampled(4)", ["pinned", "chosen", "low", "high"]]
    assert row.tolist() == pytest.approx([78, 83, 50, 83])
    axes = figure.axes[0]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert bars == [pytest.approx(ends) for ends in [(70, 80), (50, 83), (75, 77)]]
    said = describe_figure(drawn)
    assert "oversampled(4) 78.0, chosen 83.0, band 50.0 to 83.0" in said


def test_the_chapter_stands_where_every_cell_chose() -> None:
    def slugs(chapters: tuple[Chapter, ...]) -> list[str]:
        return [slug for c in chapters for slug in (c.slug, *slugs(c.chapters))]

    assert "inference-chosen" in slugs(make_document(run_of(TURNED)).chapters)
    assert "inference-chosen" not in slugs(make_document(run_without_a_choice()).chapters)
