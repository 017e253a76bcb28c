"""The first table says what to train, and what trains no Doc2Vec and is more accurate."""

from __future__ import annotations

import pandas as pd
import pytest

from d2vbench.analysis import load_run, recommend
from d2vbench.bench.execution.runner import RunResult
from d2vbench.report.chapters.decided import (
    decision_rows,
    gain_text,
    sure_text,
    with_baselines,
)
from d2vbench.report.chapters.decision import decision_table, shown_first
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.structure import TableBlock
from d2vbench.report.studies.studies import study_parts


def first_table(run: RunResult) -> TableBlock:
    document = make_document(load_run(run.out))
    return next(
        block for block in document.shown()
        if isinstance(block, TableBlock) and block.slug == "decision"
    )  # fmt: skip


def test_the_best_baseline_stands_beside_what_to_train(finished_run: RunResult) -> None:
    data = load_run(finished_run.out)
    block = first_table(finished_run)
    cells = data.cells[(data.cells["model"] == "baseline") & (data.cells["fraction"] == 1.0)]
    (row,) = block.rows
    shown = dict(zip(block.columns, row, strict=True))
    trained = data.cells[data.cells["model"] == "dbow"].groupby("strategy")
    ahead = cells["accuracy_all"].mean() - trained["accuracy_all"].mean().max()
    assert float(shown["baseline"]) == pytest.approx(100 * ahead, abs=0.051)
    assert "Baseline: points by which the best without Doc2Vec (TF-IDF) is ahead" in block.caption


def test_of_several_baselines_the_most_accurate_of_the_same_place(finished_run: RunResult) -> None:
    summary = study_parts(load_run(finished_run.out))[0].summary
    mine = summary[(summary["model"] == "baseline") & (summary["labels"] == "all")]
    better = mine.assign(strategy="LSA + logistic regression", accuracy=0.99)
    elsewhere = better.assign(pair="another", accuracy=0.999, strategy="SIF")
    rows = pd.DataFrame([{"pair": "small", "fraction": 1.0, "labels": labels}
                         for labels in ("all", "whole")])  # fmt: skip
    found = with_baselines(rows, pd.concat([summary, elsewhere, better]))
    assert found["baseline"].tolist() == ["LSA + logistic regression", ""]
    assert found["baseline_accuracy"].iloc[0] == 0.99
    assert pd.isna(found["baseline_accuracy"].iloc[1])


def test_without_a_baseline_there_is_no_column(finished_run: RunResult) -> None:
    data = load_run(finished_run.out)
    found = recommend(data, "small", "dbow", "all")
    assert found is not None
    summary = study_parts(data)[0].summary
    none = summary[summary["model"] != "baseline"]
    block = decision_table(with_baselines(decision_rows([found]), none), "")
    assert "baseline" not in block.columns
    assert "Baseline" not in block.caption


@pytest.mark.parametrize(
    ("row", "gain", "sure"),
    [
        ({"is_simplest": True}, "it is the simplest", "nothing better found"),
        ({"simplest": "domain-only"}, "not known", "not known"),
        ({}, "not known", "not known"),
        (
            {"simplest": "combined", "gain": 0.02, "gain_low": 0.01, "gain_high": 0.03,
             "verdict": "inconclusive"},
            "+2.0 [+1.0, +3.0]", "not sure (Holm)",
        ),
        (
            {"simplest": "combined", "gain": 0.02, "gain_low": 0.01, "gain_high": 0.03,
             "verdict": "better"},
            "+2.0 [+1.0, +3.0]", "beyond noise",
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_called_the_simplest(
    row: dict[str, object], gain: str, sure: str
) -> None:
    nothing = {"train": "oversampled(4)", "simplest": "", "is_simplest": False, "verdict": ""}
    unknown = dict.fromkeys(("gain", "gain_low", "gain_high"), float("nan"))
    whole = {**nothing, **unknown, **row}
    assert (gain_text(whole), sure_text(whole)) == (gain, sure)


def test_the_first_table_is_adjusted_for_its_own_rows(finished_run: RunResult) -> None:
    data = load_run(finished_run.out)
    found = [one for labels in ("all", "5") if (one := recommend(data, "small", "dbow", labels))]
    assert [one.labels for one in shown_first(found)] == ["all"]
    assert "Holm's adjustment for the rows" in first_table(finished_run).caption
