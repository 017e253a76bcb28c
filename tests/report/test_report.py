"""Tables and figures show the numbers of the records."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from run_support import variant

from d2vbench.analysis import Finding, Interval, RunData, findings, load_run, summarise
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.bench.execution.runner import RunResult
from d2vbench.report import finding_lines
from d2vbench.report.document.structure import Number
from d2vbench.report.document.tables import brief_tables, comparison_tables, expansion_tables
from d2vbench.report.drawing.dot_plots import differences_figure, strategies_figure


@pytest.fixture(scope="session")
def data(finished_run: RunResult) -> RunData:
    return load_run(finished_run.out)


@pytest.fixture(scope="session")
def summary(data: RunData) -> pd.DataFrame:
    return summarise(data)


def made_up(accuracies: dict[str, float], seeds: int = 4, documents: int = 400) -> RunData:
    """Return a run whose strategies have known accuracies, paired by a common difficulty."""
    rng = np.random.default_rng(0)
    difficulty = rng.random(documents)
    rows, correct = [], {}
    for strategy, accuracy in accuracies.items():
        for seed in range(seeds):
            key = f"{strategy}-{seed}"
            # One document in twenty is decided by luck.
            luck = rng.random(documents) < 0.05
            right = np.where(luck, rng.random(documents) < accuracy, difficulty < accuracy)
            correct[key, "all"] = right
            rows.append(
                {
                    "pair": "p",
                    "fraction": 1.0,
                    "model": "dbow",
                    **variant(strategy),
                    "seed": seed,
                    "macro_f1_all": accuracy,
                    "key": key,
                }
            )
    return RunData({}, pd.DataFrame(rows), correct, 0)


def test_the_summary_holds_the_means_of_the_cells(data: RunData, summary: pd.DataFrame) -> None:
    for _, row in summary[summary["model"] != "baseline"].iterrows():
        mine = data.cells[
            (data.cells["model"] == row["model"])
            & (data.cells["strategy"] == row["strategy"])
            & (data.cells["schedule"] == row["schedule"])
        ]
        assert row["seeds"] == len(mine) == 2
        for metric in ("accuracy", "macro_f1"):
            mean = mine[f"{metric}_{row['labels']}"].mean()
            assert row[metric] == pytest.approx(mean)
        assert row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"]


def test_label_budgets_are_in_the_order_of_the_cells(data: RunData, summary: pd.DataFrame) -> None:
    assert budgets(data) == ["all", "5"]
    assert list(dict.fromkeys(summary["labels"])) == ["all", "5"]


def test_differences_are_paired_with_combined(summary: pd.DataFrame) -> None:
    dbow = summary[(summary["model"] == "dbow") & (summary["labels"] == "all")]
    combined = dbow[dbow["strategy"] == "combined"].iloc[0]
    sequential = dbow[dbow["strategy"] == "sequential"].iloc[0]
    assert combined["verdict"] == "reference"
    assert math.isnan(combined["difference"])
    assert sequential["difference"] == pytest.approx(sequential["accuracy"] - combined["accuracy"])


def test_known_differences_get_their_verdicts() -> None:
    run = made_up({"combined": 0.7, "oversampled": 0.8, "sequential": 0.6, "domain-only": 0.7})
    words = summarise(run).set_index("strategy")["verdict"]
    assert words["oversampled"] == "better"
    assert words["sequential"] == "worse"
    assert words["domain-only"] in ("equivalent", "inconclusive")
    (found,) = findings(run)
    assert (found.best, found.verdict, found.tied) == ("oversampled", "better", [])


def test_the_margin_of_combined_is_over_the_next() -> None:
    (found,) = findings(made_up({"combined": 0.8, "oversampled": 0.6}))
    assert (found.best, found.against, found.verdict) == ("combined", "oversampled", "better")
    assert found.ahead is not None
    assert found.ahead.estimate == pytest.approx(0.2, abs=0.05)


def test_variants_without_a_common_seed_are_not_compared() -> None:
    run = made_up({"combined": 0.6, "oversampled": 0.8}, seeds=6)
    late = run.cells["seed"] >= 3
    kept = run.cells[late == (run.cells["strategy"] == "combined")]
    (found,) = findings(RunData({}, kept, run.correct, 6))
    assert (found.best, found.ahead, found.tied) == ("oversampled", None, [])


def test_a_tie_is_called_a_tie() -> None:
    (found,) = findings(made_up({"combined": 0.7, "oversampled": 0.702, "sequential": 0.5}))
    assert len(found.tied) == 1
    assert found.tied[0] in ("combined", "oversampled")


def test_analysis_is_the_same_each_time(data: RunData, summary: pd.DataFrame) -> None:
    np.random.seed(1)  # noqa: NPY002
    pd.testing.assert_frame_equal(summarise(data), summary)


def test_one_seed_has_no_interval_and_says_so() -> None:
    run = made_up({"combined": 0.7, "oversampled": 0.8}, seeds=1)
    summary = summarise(run)
    assert summary["accuracy_low"].isna().all()
    assert summary.set_index("strategy").loc["oversampled", "verdict"] == "no interval"
    assert "too few to tell whether it is noise" in finding_lines(findings(run))[0]


def test_the_strategies_figure_draws_the_summary(summary: pd.DataFrame) -> None:
    figure, drawn = strategies_figure(summary)
    doc2vec = summary[summary["model"] != "baseline"]
    accuracy = drawn[drawn["measure"] == "accuracy"]
    assert len(accuracy) == len(doc2vec)
    # A panel of accuracies and one of differences, for each of two models.
    assert len(figure.axes) == 4
    assert sorted(accuracy["x"]) == pytest.approx(sorted(100 * doc2vec["accuracy"]))
    assert sorted(accuracy["low"]) == pytest.approx(sorted(100 * doc2vec["accuracy_low"]))
    difference = drawn[drawn["measure"] == "difference"]
    expected = 100 * doc2vec["difference"].dropna()
    others = difference[difference["verdict"] != "reference"]
    assert sorted(others["x"]) == pytest.approx(sorted(expected))
    assert set(drawn.loc[drawn["model"] == "dm-mean", "variant"]) == {"combined"}
    texts = [text.get_text() for text in figure.texts]
    assert texts.count("small") == 2
    assert {"PV-DBOW", "PV-DM (mean)"} <= set(texts)


def test_each_point_stands_in_the_row_of_its_name(summary: pd.DataFrame) -> None:
    mine = summary[(summary["model"] == "dbow") & (summary["labels"] == "all")]
    figure, drawn = strategies_figure(mine)
    figure.canvas.draw()
    axes = figure.axes[0]
    names = {text.get_text(): text.get_window_extent() for text in figure.texts}
    accuracy = drawn[drawn["measure"] == "accuracy"]
    for point in accuracy.itertuples():
        middle = axes.transData.transform((point.x, point.y))[1]
        assert names[point.variant].y0 < middle < names[point.variant].y1
    marks = axes.collections[-1].get_offsets()
    assert sorted(marks[:, 0].tolist()) == pytest.approx(sorted(accuracy["x"]))


def test_the_best_stands_on_top() -> None:
    run = made_up({"combined": 0.7, "oversampled": 0.8, "sequential": 0.5, "domain-only": 0.72})
    figure, drawn = strategies_figure(summarise(run))
    order = drawn.drop_duplicates("variant").set_index("variant")["y"].sort_values().index
    assert order.tolist() == [
        "oversampled", "domain-only", "combined", "sequential, linear"
    ]  # fmt: skip
    assert figure.get_figheight() < 2


def test_a_variant_far_out_is_named_at_the_edge() -> None:
    shares = {"combined": 0.7, "oversampled": 0.71, "domain-only": 0.69, "reverse": 0.7,
              "sequential": 0.1}  # fmt: skip
    figure, drawn = differences_figure(summarise(made_up(shares)))
    outside = drawn[drawn["outside"]]
    assert outside["variant"].tolist() == ["sequential, linear"]
    (axes,) = figure.axes
    low, _ = axes.get_xlim()
    assert outside["x"].iloc[0] < low < drawn.loc[~drawn["outside"], "low"].min()
    (text,) = axes.texts
    assert text.get_text() == f"−{abs(outside['x'].iloc[0]):.1f}"


def test_the_differences_figure_puts_combined_at_zero(summary: pd.DataFrame) -> None:
    _, drawn = differences_figure(summary)
    combined = drawn[drawn["variant"] == "combined"]
    assert (combined[["x", "low", "high"]] == 0).all(axis=None)
    others = drawn[drawn["variant"] != "combined"]
    expected = summary["difference"].dropna()
    assert sorted(others["x"]) == pytest.approx(sorted(100 * expected))


def test_the_tables_are_best_first_with_the_baseline_last(summary: pd.DataFrame) -> None:
    tables = comparison_tables(summary, "strategies", named=False)
    assert [t.title for t in tables] == ["small, PV-DBOW", "small, PV-DM (mean)"]
    assert [t.slug for t in tables] == ["strategies-small-dbow", "strategies-small-dm-mean"]
    accuracies = [float(row[1].split()[0]) for row in tables[0].rows[:-1]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert tables[0].rows[-1][0].startswith("TF-IDF")
    shown = [row[1] for row in tables[0].rows[:-1]]
    values = [cell.value for cell in shown if isinstance(cell, Number)]
    data = tables[0].data
    assert values == sorted(data["accuracy"][data["labels"] == "all"][:-1], reverse=True)
    assert tables[0].numeric == [False] + [True] * 9
    assert tables[0].columns[3:8] == (
        "passes of D", "area of D", "area of G", "million words", "core seconds",
    )  # fmt: skip
    first = tables[0].rows[0]
    trained = data[(data["labels"] == "all") & (data["model"] != "baseline")]
    row = trained.sort_values("accuracy", ascending=False).iloc[0]
    assert first[3:6] == (
        f"{row['domain_passes']:g}", f"{row['domain_area']:.3f}", f"{row['generic_area']:.3f}",
    )  # fmt: skip
    assert set(tables[0].rows[-1][3:7]) == {""}
    baselines = (tables[0].data["model"] == "baseline").sum()
    assert len(tables[0].data) == 2 * len(tables[0].rows) and baselines == 2
    brief = brief_tables(summary)
    assert len(brief[0].columns) == 5
    assert all("[" not in cell for table in brief for row in table.rows for cell in row)


def test_findings_in_words() -> None:
    finding = Finding(
        "p", 0.25, "dbow", "10", "oversampled(4)", 0.7253,
        "combined", Interval(0.127, 0.0931, 0.164, 0.0005), "better", ["sequential(4), restart"],
    )  # fmt: skip
    assert finding_lines([finding]) == [
        "p (25 % of the domain), PV-DBOW, 10 labels a class: oversampled(4) is ahead with 72.5 %, "
        "+12.7 points against combined [+9.3, +16.4]: more than noise. "
        "Within noise of it: sequential(4), restart."
    ]


@pytest.mark.parametrize(("seeds", "verdict"), [(1, "no interval"), (2, "too few seeds")])
def test_with_few_seeds_nothing_is_within_noise(seeds: int, verdict: str) -> None:
    run = made_up({"combined": 0.7, "oversampled": 0.702, "sequential": 0.5}, seeds=seeds)
    (found,) = findings(run)
    assert (found.verdict, found.tied) == (verdict, [])


def test_a_strategy_alone_is_ahead_of_nobody() -> None:
    finding = Finding("p", 1.0, "dbow", "all", "combined", 0.5, "combined", None, "", [])
    assert finding_lines([finding]) == [
        "p, PV-DBOW, all labels: combined has 50.0 %; nothing was compared."
    ]


def test_outcomes_of_expansions_are_counted() -> None:
    def cell(policy: str, outcome: str | None, signal: str | None) -> dict[str, object]:
        return {
            "pair": "p", "vocabulary_policy": policy, "expansion_gensim": "4.4.0",
            "expansion_outcome": outcome, "expansion_signal": signal,
        }  # fmt: skip

    cells = pd.DataFrame([
        cell("expanded", "crash", "SIGSEGV"), cell("expanded", "crash", "SIGABRT"),
        cell("expanded", "crash", "SIGSEGV"), cell("expanded-repaired", "success", None),
        cell("natural", None, None),
    ])  # fmt: skip
    (table,) = expansion_tables(cells, "vocabulary")
    assert table.rows == (
        ("p", "expanded", "4.4.0", "crash (SIGSEGV)", "2"),
        ("p", "expanded", "4.4.0", "crash (SIGABRT)", "1"),
        ("p", "expanded-repaired", "4.4.0", "success", "1"),
    )
    assert expansion_tables(cells[["pair"]], "vocabulary") == []
    assert expansion_tables(cells.tail(1), "vocabulary") == []  # another study of the same run
