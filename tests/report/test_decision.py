"""The first table says what to train, and what trains no Doc2Vec and is more accurate."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from analysis.test_frontier import made as frontier_run

from d2vbench.analysis import load_run, recommend, summarise
from d2vbench.analysis.claims.within_budget import Budget, recommend_within
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.studies.frontier import choices, frontier
from d2vbench.bench.execution.runner import RunResult
from d2vbench.report.chapters.decided import (
    budget_rows,
    cheaper_text,
    decision_rows,
    frontier_rows,
    gain_text,
    passes_text,
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
        (
            {"simplest": "combined", "gain": 0.02, "gain_low": 0.004, "gain_high": 0.03,
             "verdict": "better"},
            "+2.0 [+0.4, +3.0]", "may be small",
        ),
        (
            # Of two seeds an interval reaches beyond all that is possible.
            {"simplest": "combined", "gain": 0.13, "gain_low": 0.0, "gain_high": 1.76, "seeds": 2,
             "verdict": "too few seeds"},
            "+13.0", "two seeds: too few",
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_called_the_simplest(
    row: dict[str, object], gain: str, sure: str
) -> None:
    nothing = {
        "train": "oversampled(4)", "simplest": "", "is_simplest": False, "verdict": "", "seeds": 3,
    }  # fmt: skip
    unknown = dict.fromkeys(("gain", "gain_low", "gain_high"), float("nan"))
    whole = {**nothing, **unknown, **row}
    assert (gain_text(whole), sure_text(whole)) == (gain, sure)


def test_the_first_table_is_adjusted_for_its_own_rows(finished_run: RunResult) -> None:
    data = load_run(finished_run.out)
    found = [one for labels in ("all", "5") if (one := recommend(data, "small", "dbow", labels))]
    assert [one.labels for one in shown_first(found)] == ["all"]
    assert "Holm's adjustment for the rows" in first_table(finished_run).caption


def row(**more: object) -> dict[str, object]:
    usual = {
        "is_simplest": False, "simplest": "combined", "verdict": "", "next": "", "cheaper": "",
        "cheaper_tried": 0, "seeds": 3, "generic_passes": float("nan"),
        "domain_passes": float("nan"),
    }  # fmt: skip
    return usual | more


def test_what_trains_nothing_is_no_division(finished_run: RunResult) -> None:
    found = recommend(load_run(finished_run.out), "small", "dbow", "all")
    assert found is not None and found.simplest is not None
    nothing = replace(found.best, words_trained=0.0)
    rows = decision_rows([
        replace(found, best=nothing, cheapest=nothing),
        replace(found, simplest=replace(found.simplest, words_trained=0.0)),
    ])  # fmt: skip
    assert rows["cheapest_cost"].iloc[0] == 1
    assert pd.isna(rows["cost"].iloc[1])


def test_passes_can_be_compared_whatever_the_name_says() -> None:
    short = row(generic_passes=0.0, domain_passes=20.0)
    both = row(generic_passes=10.0, domain_passes=40.0)
    assert (passes_text(short), passes_text(both)) == ("20 D", "10 G + 40 D")
    assert passes_text(row()) == ""


def test_nothing_better_found_has_the_numbers_of_the_next() -> None:
    ends = {"next_difference_low": -0.013, "next_difference_high": 0.004}
    said = row(is_simplest=True, next="reverse(4), linear", next_difference=-0.005, **ends)
    assert sure_text(said, beside=True) == (
        "nothing better found; next best reverse(4), linear: -0.5 [-1.3, +0.4]"
    )
    assert sure_text(said) == "nothing better found"
    assert sure_text(row(is_simplest=True), beside=True) == "nothing better found"


def test_the_cheapest_within_noise_says_by_how_much_it_is_cheaper() -> None:
    found = row(
        cheaper="domain-only(4)", cheaper_cost=0.54, cheaper_difference=-0.004, cheaper_tried=2
    )
    assert cheaper_text(found) == "domain-only(4) (-0.4, -46 %)"
    assert cheaper_text(row(cheaper_tried=2)) == "none"
    assert cheaper_text(row()) == "it is the cheapest"
    assert cheaper_text(found | {"seeds": 2}) == "not known"


def test_the_first_table_says_what_is_corrected(finished_run: RunResult) -> None:
    block = first_table(finished_run)
    assert "corrected for the best having been selected (later tables are not, and" in block.caption
    (shown,) = (dict(zip(block.columns, line, strict=True)) for line in block.rows)
    passes = block.data.iloc[0]
    assert shown["passes"] == passes_text(passes)
    assert passes["domain_passes"] > 0


def test_recommendations_budgets_and_the_frontier_are_rows_of_one_form() -> None:
    data = frontier_run()
    book = Scorebook(data)
    by_budget = budget_rows([recommend_within(data, "p", "dbow", "all", Budget(800))])
    frontier_ones = frontier_rows(choices(frontier(book)))
    found = recommend(data, "p")
    assert found is not None
    recommended = decision_rows([found])
    assert set(by_budget) == set(frontier_ones)
    assert set(recommended) - set(by_budget) == {"cheapest", "cheapest_cost"}
    assert set(by_budget) <= set(recommended)
    (row,) = by_budget.to_dict("records")
    # The budget pays for oversampled(4), and domain-only(2) is the simplest that it pays for.
    assert (row["train"], row["simplest"], row["verdict"]) == (
        "oversampled(4)", "domain-only", "better",
    )  # fmt: skip
    assert row["cost"] == pytest.approx(3.5)
    assert row["amount"] == 700


def test_on_the_frontier_selection_is_by_cross_validation() -> None:
    data = frontier_run()
    rows = frontier_rows(choices(frontier(Scorebook(data))))
    empty = summarise(data.only(data.cells["model"] == "baseline"))
    block = decision_table(with_baselines(rows, empty), "")
    assert "of what cross-validation chose" in block.caption
    assert "corrected for the best" not in block.caption
