"""What claims at equal exposure show: three comparisons side by side, the curve and its figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from figure_checks import assert_legible
from run_support import made_run, right, variant

from d2vbench.analysis import CLAIMS, Judged, RunData, judge
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.exposure import Fit, drawn, fit
from d2vbench.report.chapters.claims import claims_chapter, rests_on
from d2vbench.report.document.structure import Chapter, FigureBlock, Paragraph, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.figures.exposure import CURVE, exposure_figure, exposure_points
from d2vbench.report.studies.exposure import fit_blocks, views_table, views_text

NAMES = (("oversampled", "linear"), ("sequential", "restart"), ("domain-only", "linear"))


def run_of(pairs: tuple[str, ...] = ("p", "q")) -> RunData:
    """Six variants of each of three strategies on a curve; more epochs of combined beside."""
    cells: list[dict[str, Any]] = []
    for pair in pairs:
        made = [
            (variant(name, k, schedule), 0.05 * 2**k, 1e6 + 2.5e5 * k, {})
            for name, schedule in NAMES
            for k in (1, 2, 3, 4, 5, 6)
        ]
        made += [
            (variant("combined"), 0.05 * 2**i, 1e6 * i, {"setting": f"E = {i}" if i > 1 else "",
             "epochs": 10 * i})
            for i in (1, 2, 3, 4, 5)
        ]  # fmt: skip
        for sets, area, words, more in made:
            share = 0.6 + 0.05 * np.log2(area) - (0.1 if sets["strategy"] == "combined" else 0)
            cells += [
                {**sets, "pair": pair, "seed": s, "correct": right(share, 500, s, 0.005),
                 "domain_area": area, "words_trained": words, **more}
                for s in range(3)
            ]  # fmt: skip
    return made_run(cells)


@pytest.fixture(scope="module")
def data() -> RunData:
    return run_of()


@pytest.fixture(scope="module")
def fits(data: RunData) -> list[Fit]:
    book = Scorebook(data)
    return [found for place in book.places() if (found := fit(book, place))]


@pytest.fixture(scope="module")
def judged(data: RunData) -> dict[str, Judged]:
    return {one.claim.id: one for one in judge(CLAIMS, data)}


def tables(chapter: Chapter) -> dict[str, TableBlock]:
    return {block.slug: block for block in chapter.all_blocks() if isinstance(block, TableBlock)}


def test_the_three_comparisons_stand_side_by_side(judged: dict[str, Judged]) -> None:
    table = views_table(judged["C2"])
    assert table.columns == (
        "pair", "model", "labels", "at equal words", "at equal area of D",
        "each at its own best", "together",
    )  # fmt: skip
    assert [row[:3] for row in table.rows] == [
        ("p", "PV-DBOW", "all labels"), ("q", "PV-DBOW", "all labels")
    ]  # fmt: skip
    _, _, _, words, area, best, together = table.rows[0]
    assert words.endswith("] better")
    assert area.endswith("] better")
    assert (best, together) == ("not computed", "inconclusive")
    piece = next(
        e for e in judged["C2"].evidence
        if e.pair == "p" and e.role == "vote" and e.test.endswith("at equal area of D")
    )  # fmt: skip
    row = table.data.iloc[0]
    assert row["at equal area of D, estimate"] == piece.interval.estimate
    assert row["at equal area of D, low"] == piece.interval.low
    assert area.startswith(f"{100 * piece.interval.estimate:+.1f} [")


def test_a_verdict_says_which_comparisons_agree(judged: dict[str, Judged]) -> None:
    assert views_text(judged["C2"]) == (
        "supported at equal words and at equal area of D only; not tested each at its own best"
    )
    assert rests_on(judged["C2"]).endswith(views_text(judged["C2"]))
    chapter = claims_chapter(list(judged.values()))
    (mine,) = [c for c in chapter.chapters if c.title.startswith("C2")]
    assert mine.title == "C2: inconclusive"
    strong = [b.text for b in mine.blocks if isinstance(b, Paragraph) and b.strong]
    assert strong == [
        "Verdict: inconclusive. Supported at equal words and at equal area of D only; not tested "
        "each at its own best."
    ]


def test_what_is_not_tested_says_whether_cells_or_seeds_are_missing(data: RunData) -> None:
    claims = [claim for claim in CLAIMS if claim.id == "C2"]
    one_seed = data.only(data.cells["seed"] == 0)
    without = data.only(data.cells["strategy"] == "sequential")
    said = [rests_on(one) for run in (one_seed, without) for one in judge(claims, run)]
    assert said == [
        "nothing yet: needs more seeds of study strategies or tuned",
        "nothing yet: needs cells of study strategies or tuned",
    ]


def test_the_claim_about_exposure_has_one_table_of_strategies(
    judged: dict[str, Judged], fits: list[Fit]
) -> None:
    chapter = claims_chapter(list(judged.values()), fits)
    (mine,) = [c for c in chapter.chapters if c.title.startswith("C10")]
    assert mine.title == "C10: contradicted"
    assert list(tables(mine))[:2] == ["exposure-explained", "claim-c10-strategies"]
    rows = tables(mine)["claim-c10-strategies"].rows
    assert len(rows) == 8
    said = {row[3].split(",")[0]: row[-2:] for row in rows if row[0] == "p"}
    assert said["combined"] == ("short of the curve", "contradicts")
    explained = tables(mine)["exposure-explained"]
    assert explained.rows[0][:5] == ("p", "PV-DBOW", "all labels", "23", "4")
    assert explained.rows[0][5] == f"{100 * fits[0].r2:.0f} %"
    assert explained.data["r2_across"].tolist() == [one.r2_across for one in fits]
    assert fit_blocks([]) == []


def test_over_pairs_each_strategy_has_a_mean_of_its_own(judged: dict[str, Judged]) -> None:
    one = judged["C10"]
    assert len(one.beyond) == 4
    for mean in one.beyond:
        mine = [e.interval.estimate for e in one.votes if e.test == mean.piece.test]
        assert len(mine) == 2
        assert min(mine) - 1e-9 <= mean.piece.interval.estimate <= max(mine) + 1e-9


def test_the_figure_has_a_panel_a_pair_with_points_and_curve(fits: list[Fit]) -> None:
    points = exposure_points(fits)
    figure, shown = exposure_figure(points)
    assert len(figure.axes) == 2
    for axes, one in zip(figure.axes, fits, strict=True):
        assert axes.get_xscale() == "log"
        curve, *groups = axes.get_lines()
        expected = drawn(one.curve)
        assert np.asarray(curve.get_xdata()) == pytest.approx(expected["x"])
        assert np.asarray(curve.get_ydata()) == pytest.approx(100 * expected["accuracy"])
        found = sorted(
            (str(line.get_color()), float(x), float(y))
            for line in groups
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
        )
        assert found == sorted(
            (look_of(p.variant.strategy).colour, p.x, 100 * p.stack.mean) for p in one.curve
        )
    assert (shown["strategy"] == CURVE).sum() == 120
    text = describe_figure(shown)
    assert text.startswith("Accuracy in per cent over the area of D")
    assert f"explains {100 * fits[0].r2:.0f} %" in text
    assert "p, PV-DBOW, all labels: 23 variants" in text


@pytest.mark.parametrize("columns", [1, 2])
def test_the_figure_is_legible(fits: list[Fit], columns: int) -> None:
    pairs = [*"abcdef"] if columns == 1 else [f"a-long-name-of-a-pair-{i}" for i in range(12)]
    points = exposure_points(fits[:1])
    many = pd.concat([points.assign(panel=f"{pair}\nPV-DBOW, all labels") for pair in pairs])
    assert_legible(exposure_figure(many, columns=columns)[0], columns)


def test_more_pairs_than_a_page_holds_are_more_figures(fits: list[Fit]) -> None:
    figures = [b for b in fit_blocks(fits[:1] * 13) if isinstance(b, FigureBlock)]
    assert [f.slug for f in figures] == ["exposure-dbow-1", "exposure-dbow-2"]
    assert figures[1].title == "Accuracy over the area of D, PV-DBOW, 2 of 2"
    (one,) = [b for b in fit_blocks(fits) if isinstance(b, FigureBlock)]
    assert one.slug == "exposure-dbow"
