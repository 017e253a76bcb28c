"""The chapter of the study `frontier`: what a reader decides first, and the figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from at_best_run import GAINS, at_best_run
from figure_checks import assert_legible
from run_support import made_run, pair_entry, right, variant

from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.frontier import frontier
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.structure import Chapter, FigureBlock, Paragraph, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.figures.frontier import frontier_figure, frontier_points
from d2vbench.report.studies.frontier import frontier_chapter

NAMES = (("domain-only", "linear", 0), ("oversampled", "linear", 4), ("sequential", "restart", 4))


def made(pairs: tuple[str, ...] = ("p", "q"), several: bool = False) -> RunData:
    """Candidates of 1, 2, 4, 8 and 16 passes of D; more is better up to 8, and G brings three."""
    cells: list[dict[str, Any]] = [
        {**variant(name, k, schedule), "pair": pair, "seed": s, "alpha": 0.1, "epochs": 1,
         "words_trained": 1e5 * (k + generic), "domain_words": 1e5, "generic_words": 4e5,
         "domain_area": 0.05 * k, "labelled_all": 60,
         "cv_accuracy_all": 0.5 + 0.02 * min(k, 8) + 0.03 * bool(generic),
         "correct": right(0.5 + 0.02 * min(k, 8) + 0.03 * bool(generic), 500, s, 0.005)}
        for pair in pairs
        for name, schedule, generic in NAMES
        for k in (1, 2, 4, 8, 16)
        for s in range(3)
    ]  # fmt: skip
    trained = len(cells)
    cells += [
        {**variant("tf-idf"), "schedule": "-", "pair": pair, "model": "baseline", "seed": s,
         "correct": right(0.6, 500, s, 0.005)}
        for pair in pairs
        for s in range(3)
    ]  # fmt: skip
    studies = {"frontier": list(range(len(cells)))}
    if several:
        studies = {"strategies": list(range(trained)), **studies}
    data = made_run(cells, studies)
    data.manifest["pairs"] = {pair: pair_entry("a", "b") | {"divergence": 0.25} for pair in pairs}
    return data


@pytest.fixture(scope="module")
def chapter() -> Chapter:
    return frontier_chapter(made(), "What for so many words?", "Engine: native.")


def test_the_chapter_begins_with_what_to_train(chapter: Chapter) -> None:
    kinds = [type(block).__name__ for block in chapter.blocks]
    assert kinds == [
        "Paragraph", "Paragraph", "TableBlock", "FigureBlock", "TableBlock", "Paragraph",
        "TableBlock", "FigureBlock",
    ]  # fmt: skip
    shown = [b for b in chapter.blocks if isinstance(b, TableBlock | FigureBlock)]
    assert [block.slug for block in shown] == [
        "frontier-what-to-train", "frontier-dbow", "frontier-each-strategy",
        "frontier-expected-best", "frontier-exposure-dbow",
    ]  # fmt: skip


def test_a_row_says_where_for_how_much_what_and_what_g_brings(chapter: Chapter) -> None:
    table = chapter.blocks[2]
    assert isinstance(table, TableBlock)
    assert table.columns == (
        "pair", "model", "G to D, words", "divergence, bits", "labels", "labelled",
        "budget, passes of D", "million words", "train", "alpha", "E", "accuracy %", "G brings",
        "not told apart",
    )  # fmt: skip
    mine = [row for row in table.rows if row[0] == "p"]
    assert [row[6] for row in mine] == ["1", "2", "4", "8", "16", "32"]
    assert [row[8] for row in mine] == [
        "domain-only(1)", "domain-only(2)", "domain-only(4)", "domain-only(8)", "oversampled(8)",
        "oversampled(8)",
    ]  # fmt: skip
    assert mine[0][2:6] == ("4.0", "0.25", "all labels", "60")
    assert mine[0][12] == ""
    # With four passes of D and one of G, cross-validation puts domain-only(8) first.
    assert mine[3][12].startswith("-5.")
    assert mine[4][12].startswith("+3.")
    assert mine[4][12].endswith("better")
    assert mine[4][13] == "sequential"


def test_each_strategy_has_a_row_where_more_words_change_what_is_best(chapter: Chapter) -> None:
    table = chapter.blocks[4]
    assert isinstance(table, TableBlock)
    mine = [row for row in table.rows if row[0] == "p" and row[4].startswith("domain-only")]
    assert [row[3:5] for row in mine] == [
        ("1", "domain-only(1)"), ("2", "domain-only(2)"), ("4", "domain-only(4)"),
        ("8", "domain-only(8)"),
    ]  # fmt: skip
    assert [row[-1] for row in mine] == ["yes"] * 4


def test_where_a_longer_training_might_be_better_is_said(chapter: Chapter) -> None:
    said = chapter.blocks[5]
    assert isinstance(said, Paragraph)
    # Sixteen passes are no better than eight.
    assert said.text == "No strategy is at its best in the longest of its trainings."
    data = made()
    data.cells.loc[data.cells["k"] == 16, "cv_accuracy_all"] = 0.9
    said = frontier_chapter(data).blocks[4]
    assert isinstance(said, Paragraph)
    assert said.text == (
        "At its best in the longest of its trainings, so that more might bring more: p, PV-DBOW, "
        "all labels: domain-only, oversampled, sequential; q, PV-DBOW, all labels: domain-only, "
        "oversampled, sequential."
    )


def test_a_search_of_more_trials_finds_no_less(chapter: Chapter) -> None:
    table = chapter.blocks[6]
    assert isinstance(table, TableBlock)
    assert table.columns[-3:] == ("1 trial", "2 trials", "4 trials")
    assert len(table.rows) == 6
    for _, rows in table.data.groupby(["pair", "strategy"]):
        assert rows["cv_accuracy"].is_monotonic_increasing


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("pairs", [("p",), ("p", "q", "r")])
def test_the_figure_has_a_curve_a_strategy_rings_and_a_line(
    columns: int, pairs: tuple[str, ...]
) -> None:
    data = made(pairs)
    block = frontier_chapter(data).blocks[2]
    assert isinstance(block, FigureBlock)
    points = block.data
    assert points is not None
    figure, shown = frontier_figure(points, columns=columns)
    assert_legible(figure, columns)
    assert len(figure.axes) == len(pairs)
    for axes, pair in zip(figure.axes, pairs, strict=True):
        mine = shown[shown["pair"] == pair]
        assert axes.get_xscale() == "log"
        lines = [line for line in axes.get_lines() if len(line.get_xdata()) > 0]
        levels = [line for line in lines if line.get_color() == "#555555"]
        assert [line.get_ydata()[0] for line in levels] == [
            pytest.approx(mine.loc[mine["words"].isna(), "accuracy"].iloc[0])
        ]
        rings = sum(len(line.get_xdata()) for line in lines if line.get_markersize() == 7.5)
        assert rings == mine["front"].sum() == 5
    said = describe_figure(shown)
    assert "5 points on the Pareto front; lines: TF-IDF + logistic regression 60." in said
    assert said.startswith("Accuracy in per cent over the words that a budget pays for")


def test_points_are_those_of_the_analysis() -> None:
    reached = frontier(Scorebook(made(("p",))))
    none = pd.DataFrame(columns=["pair", "fraction", "labels"])
    points = frontier_points(reached, none)
    assert points["accuracy"].tolist() == [one.best.stack.mean for one in reached]
    assert points["words"].tolist() == [one.budget / 1e6 for one in reached]
    assert points["low"].tolist() == [one.best.stack.accuracy.low for one in reached]
    # An interval of two seeds says next to nothing, and is as long as the figure is high.
    data = made(("p",))
    two = frontier(Scorebook(data.only(data.cells["seed"] < 2)))
    points = frontier_points(two, none)
    assert len(points) == len(two) > 0
    assert points[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("several", [False, True])
def test_a_report_has_the_chapter_alone_and_beside_others(several: bool) -> None:
    document = make_document(made(several=several))
    assert [c.title for c in document.chapters].count("Study frontier") == 1
    # What is compared in the usual way is each strategy at its own best, not every candidate.
    (main,) = [c for c in document.chapters if c.slug == "main-comparison"]
    rows = next(b for b in main.all_blocks() if isinstance(b, TableBlock)).rows
    assert len(rows) == (15 if several else 3)


def test_many_pairs_have_a_table_over_new_corpora_first() -> None:
    chapter = frontier_chapter(at_best_run())
    block = chapter.blocks[1]
    assert isinstance(block, TableBlock)
    assert block.title == "Strategies at their best over pairs: PV-DBOW, all labels"
    rows = block.data.set_index(["budget", "first", "second"])
    one = rows.loc["no limit", "oversampled", "domain-only"]
    assert (one["pairs"], one["generic_corpora"], one["domain_corpora"]) == (9, 3, 3)
    assert one["pairs_low"] == pytest.approx(min(GAINS), abs=0.004)
    assert one["pairs_high"] == pytest.approx(max(GAINS), abs=0.004)
    assert (rows["p_holm"] >= rows["p"] - 1e-12).all()


def test_few_pairs_have_none() -> None:
    assert not any("over-pairs" in getattr(b, "slug", "") for b in frontier_chapter(made()).blocks)
