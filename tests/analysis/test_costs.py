"""What accuracy costs: on runs whose seconds and accuracies are made."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis.contrasts.frame import RunData
from d2vbench.analysis.studies.costs import Kind, costs
from d2vbench.report.document.structure import FigureBlock, TableBlock
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.studies.costs import costs_chapters

SEEDS = range(3)


def cell(strategy: str, seed: int, seconds: float, share: float, **more: Any) -> dict[str, Any]:
    return {
        **variant(strategy), "family": "doc2vec", "encoder": np.nan, "seed": seed,
        "seconds_core": seconds, "correct": right(share), "cv_accuracy_all": share, **more,
    }  # fmt: skip


def priced_run() -> RunData:
    cells: list[dict[str, Any]] = []
    for seed in SEEDS:
        # One seed was computed on a machine that was busy.
        busy = 50.0 if seed == 1 else 1.0
        cells += [
            cell("combined", seed, 2.0 * busy, 0.5),
            # Better on test documents than in cross-validation, which chooses.
            cell("domain-only", seed, 3.0, 0.7, cv_accuracy_all=0.4),
            cell("combined", seed, 20.0, 0.6, setting="E = 20"),
            cell("oversampled", seed, 900.0, 0.9),
        ]
        scratch = {"family": "encoder", "model": "scratch-2x8-crops", "encoder": "scratch:2x8"}
        further = {"family": "encoder", "model": "mine-crops", "encoder": "models/mine"}
        alone = {"family": "-", "model": "baseline", "schedule": "-"}
        cells += [
            cell("combined", seed, 100.0, 0.4, **scratch),
            cell("combined", seed, 10.0, 0.8, **further),
            cell("tf-idf", seed, 1.0, 0.65, **alone),
            cell("frozen-encoder mine", seed, 30.0, 0.75, **alone, encoder="models/mine"),
            # Failed.
            cell("sequential", seed, 4.0, 0.5, correct=None),
        ]
    return made_run(cells, {"encoders": list(range(len(cells)))})


def test_seconds_kinds_and_what_words_reach_in_no_more_time() -> None:
    found = costs(priced_run())
    assert [one.seconds for one in found] == [1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 100.0, 900.0]
    assert [one.kind for one in found] == [
        Kind.NONE, Kind.WORDS, Kind.WORDS, Kind.FURTHER, Kind.WORDS, Kind.TAKEN, Kind.SCRATCH,
        Kind.WORDS,
    ]  # fmt: skip
    assert {one.seeds for one in found} == {3}
    by = {(one.model, one.seconds): one for one in found}
    scratch, further = by["scratch-2x8-crops", 100.0], by["mine-crops", 10.0]
    # Not what would be best on test documents, and not what takes longer.
    assert scratch.rival is not None and scratch.rival.setting == "E = 20"
    assert scratch.less is not None and further.less is not None
    assert scratch.less.estimate == pytest.approx(-0.2, abs=0.03)
    assert scratch.less.high < 0
    assert further.rival is not None and further.rival.setting == ""
    assert further.less.estimate == pytest.approx(0.3, abs=0.03)
    # Nothing that is taken as it is, and no model of words, is measured against one.
    assert all(one.rival is None for one in found if one not in (scratch, further))
    assert found[0].title == "TF-IDF + logistic regression"


def test_a_family_of_a_third_party_is_no_rival_of_an_encoder() -> None:
    cells = []
    for seed in SEEDS:
        cells += [
            cell("combined", seed, 1.0, 0.5),
            cell("combined", seed, 2.0, 0.9, family="theirs", model="theirs"),
            cell("combined", seed, 9.0, 0.6, family="encoder", model="s", encoder="scratch:2x8"),
        ]
    words, theirs, encoder = costs(made_run(cells, {"encoders": list(range(len(cells)))}))
    assert (words.kind, theirs.kind, encoder.kind) == (Kind.WORDS, Kind.OTHER, Kind.SCRATCH)
    assert theirs.rival is None
    assert encoder.less is not None
    assert encoder.less.estimate == pytest.approx(0.1, abs=0.03)


def test_diagnostics_that_another_study_asked_for_cost_nothing_here() -> None:
    whole = priced_run()
    words = whole.cells["family"] == "doc2vec"
    more = whole.cells.assign(
        seconds_core=whole.cells["seconds_core"] + np.where(words, 500.0, 0.0),
        seconds_diagnose=np.where(words, 500.0, np.nan),
    )
    assert costs(dataclasses.replace(whole, cells=more)) == costs(priced_run())


def test_without_seconds_or_a_choice_nothing_is_said() -> None:
    whole = priced_run()
    data = dataclasses.replace(whole, cells=whole.cells.drop(columns="cv_accuracy_all"))
    assert {one.rival for one in costs(data)} == {None}
    assert list(costs_chapters(data)) == []
    unknown = whole.cells.assign(seconds_core=math.nan)
    assert costs(dataclasses.replace(whole, cells=unknown)) == []
    assert costs(made_run([cell("combined", 0, 1.0, 0.5)]).without("none")) != []
    assert costs(made_run([{"seed": 0, "correct": right(0.5)}])) == []


def test_the_chapter_draws_every_variant_and_says_it_in_words() -> None:
    (chapter,) = costs_chapters(priced_run(), "Engine: native.")
    (figure,) = (block for block in chapter.blocks if isinstance(block, FigureBlock))
    (table,) = (block for block in chapter.blocks if isinstance(block, TableBlock))
    assert len(table.data) == 8
    assert table.data["seconds"].tolist() == sorted(table.data["seconds"])
    drawn, points = figure.draw()
    (axes,) = drawn.axes
    marks = sorted(x for line in axes.lines for x in line.get_xdata())
    assert marks == table.data["seconds"].tolist()
    # A line joins combined with the same at more passes; all else stands alone.
    joined = [line.get_xdata().tolist() for line in axes.lines if len(line.get_xdata()) > 1]
    assert joined == [[2.0, 20.0]]
    colours = {line.get_color() for line in axes.lines}
    assert len(colours) == len(set(points["kind"])) == 5
    said = describe_figure(points)
    assert "encoder from scratch: at best 39.5 [" in said and "in 100 s" in said
