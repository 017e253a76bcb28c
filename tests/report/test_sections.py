"""Claims, recommendations, transfer, ranks, variance and drift show the numbers of the analysis."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from d2vbench.report.across_section import ranked
from d2vbench.report.claims_section import claims_section
from d2vbench.report.drift_section import drift_columns, drift_means, drift_section
from d2vbench.report.section import Section, skipped_line
from d2vbench.report.sections import TABLES, sections, write_tables
from d2vbench.report.transfer_section import transfer_section
from made_sections import drift_cells, run_of

from d2vbench.analysis import CLAIMS, Interval, Regret, Skipped, across_pairs, judge
from d2vbench.analysis.frame import BASELINE
from d2vbench.bench.runner import RunResult
from d2vbench.report import build_report
from d2vbench.report.drift_figure import drift_figure
from d2vbench.report.ranks_figure import ranks_figure


def titles(found: list[Section]) -> list[str]:
    return [section.title for section in found]


def text_of(section: Section) -> str:
    return "\n".join(section.lines)


def rows_of(section: Section, first: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for block in section.lines
        for line in block.split("\n")
        if line.startswith(f"| {first} ")
    ]


def test_claims_show_verdicts_numbers_and_what_was_not_compared() -> None:
    judged = judge(CLAIMS, run_of())
    section = claims_section(judged)
    c2 = next(j for j in judged if j.claim.id == "C2")
    (overview,) = rows_of(section, "C2")
    assert overview[2:] == ["supported", "1 vote on 1 pair, 1 model: 1 for, 0 against, 0 undecided"]
    assert rows_of(section, "C4")[0][2:] == [
        "not tested",
        "nothing yet: takes cells of study drift",
    ]
    (piece,) = c2.evidence
    text = text_of(section)
    mine = text[text.index("### C2: supported") : text.index("### C3")]
    interval = piece.interval
    low, high = (f"{100 * end:+.1f}" for end in (interval.low, interval.high))
    assert f"| {100 * interval.estimate:+.1f} \\[{low}, {high}\\] |" in mine
    assert "| oversampled(4) against combined |" in mine
    assert f"How to read it: {c2.claim.reading[:20]}" in mine
    assert "in study tuned" in mine
    csv = section.tables["claims.csv"]
    assert len(csv) == sum(len(j.evidence) for j in judged)
    row = csv[csv["claim"] == "C2"].iloc[0]
    assert (row["estimate"], row["vote"], row["outcome_here"]) == (
        interval.estimate, "supports", "supported",
    )  # fmt: skip
    skipped = section.tables["claims-skipped.csv"]
    assert len(skipped) == sum(len(j.skipped) for j in judged)


def test_what_was_skipped_is_one_line_however_much_there_is() -> None:
    place = ("p", 1.0, "dbow", "all")
    assert skipped_line([]) == ""
    many = [Skipped("c", place, f"reason {i % 5}") for i in range(11)]
    assert skipped_line(many) == (
        "Not compared: reason 0 (3 times); reason 1 (2 times); reason 2 (2 times); and 4 more."
    )


def test_one_pair_has_no_ranks_and_one_seed_has_no_recommendation() -> None:
    found = sections(run_of(seeds=1))
    assert titles(found) == ["Claims", "What to train", "What moves the outcome"]
    assert "(one seed gives no interval): p, PV-DBOW, all labels" in text_of(found[1])
    assert "one seed says nothing about seeds" in text_of(found[0])
    assert [section.early for section in found] == [True, True, False]


def test_a_single_cell_and_none_at_all() -> None:
    one = run_of(seeds=1, names=("combined",))
    assert titles(sections(one)) == ["Claims", "What to train"]
    baseline = one.cells.assign(model=BASELINE)
    assert sections(dataclasses.replace(one, cells=baseline)) == []
    assert sections(dataclasses.replace(one, cells=one.cells.iloc[:0])) == []


def test_cells_without_a_result_do_not_stop_the_report() -> None:
    data = run_of(("p", "q"))
    crashed = data.cells["strategy"] == "sequential"
    kept = {place: c for place, c in data.correct.items()
            if place[0] not in set(data.cells[crashed]["key"])}  # fmt: skip
    data.cells.loc[crashed, ["accuracy_all", "macro_f1_all"]] = np.nan
    found = sections(dataclasses.replace(data, correct=kept))
    assert "Across pairs" in titles(found)
    assert not any(row[0].startswith("sequential") for row in rows_of(found[2], "sequential"))


def test_recommendations_name_the_cheapest_that_is_as_good() -> None:
    section = sections(run_of())[1]
    ((*_, best, _, gain, cheap, words, _, _, seeds),) = rows_of(section, "p")
    assert (best, cheap, seeds) == ("oversampled(4)", "domain-only(4)", "4")
    assert words == "2.0 M in place of 8.0 M"
    assert gain.startswith("+2")
    csv = section.tables["recommend.csv"].set_index("strategy")
    assert csv["role"].to_dict() == {
        "oversampled(4)": "best", "domain-only(4)": "cheapest", "sequential(4), restart": "",
        "combined": "simplest",
    }  # fmt: skip
    assert csv.loc["combined", "accuracy"] == pytest.approx(0.6, abs=0.02)


def test_transfer_shows_regrets_in_points() -> None:
    regret = Regret("a_b", 0.5, "dbow", "all", "x(4), linear", "x(4), restart", ("q", "r"), 5,
                    Interval(0.032, -0.004, 0.068, 0.06), 3)  # fmt: skip
    section = transfer_section([regret], [Skipped("c", ("q", 1.0, "dbow", "all"), "one seed")])
    ((pair, _, _, elsewhere, own, lost, candidates, seeds),) = rows_of(section, "a\\_b")
    assert pair == "a\\_b (50 % of the domain)"
    assert (elsewhere, own) == ("x(4), linear (from q, r)", "x(4), restart")
    assert (lost, candidates, seeds) == ("+3.2 \\[-0.4, +6.8\\]", "5", "3")
    assert "Not compared: one seed." in section.lines
    assert section.tables["transfer.csv"].iloc[0]["regret"] == 0.032
    nothing = transfer_section([], [])
    assert nothing.tables["transfer.csv"].empty


def test_ranks_over_pairs() -> None:
    data = run_of(("p", "q"))
    data.manifest["pairs"] = {"p": {"sources": {"web": {}}}, "q": {"sources": {"web": {}}}}
    section = next(s for s in sections(data) if s.title == "Across pairs")
    assert rows_of(section, "oversampled(4)")[0][1] == "1.00"
    assert rows_of(section, "combined")[0][1:] == ["4.00", "59.1", "reference", "", "", ""]
    text = text_of(section)
    assert "No two are told apart. 2 pairs: no signed-rank test on fewer than six" in text
    assert "Several pairs share web: they are not independent" in text
    csv = section.tables["across.csv"]
    assert len(csv) == 6
    assert len({frozenset(two) for two in zip(csv["first"], csv["second"], strict=True)}) == 6
    assert csv["p_better"].notna().sum() == 3
    assert [name for name, _ in section.figures] == ["ranks-dbow"]
    (one,) = ranked(data)
    best = one.probabilities["oversampled(4)"]
    assert best.better > best.worse


def test_the_ranks_figure_joins_what_is_not_told_apart() -> None:
    rng = np.random.default_rng(0)
    far = np.array([0.9, 0.5, 0.5]) + rng.normal(0, 0.01, (9, 3))
    found = across_pairs(far, ["combined", "sequential(4), restart", "x"])
    figure, drawn = ranks_figure(found, "heading")
    assert drawn["strategy"].iloc[0] == "combined"
    assert drawn["cliques"].tolist() == ["", "1", "1"]
    assert drawn["rank"].tolist() == list(found.average_ranks)
    axes, side = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == list(found.names)
    (bar,) = side.get_lines()
    assert bar.get_ydata()[0] < 1 < 2 < bar.get_ydata()[1]
    assert axes.get_title(loc="left") == "heading: average rank over 9 pairs"


def test_shares_of_variance() -> None:
    section = next(s for s in sections(run_of()) if s.title == "What moves the outcome")
    (row,) = rows_of(section, "PV-DBOW, all labels")
    assert row[5] == "one value"
    csv = section.tables["variance.csv"]
    assert csv["share"].sum() == pytest.approx(1)
    assert csv["cells"].unique().tolist() == [16]


def test_drift_before_and_after_alignment() -> None:
    data = drift_cells()
    means = drift_means(data)
    assert means["variant"].tolist() == ["sequential(4), restart", "sequential(4), linear"]
    assert means["drift_outputs_domain_raw"].tolist() == pytest.approx([0.5, 0.6])
    assert means["forgotten"].tolist() == pytest.approx([-0.1, -0.1])
    section = drift_section(means)
    first, *_ = rows_of(section, "sequential(4), restart")
    assert first[1:] == ["output vectors", "0.50 / 0.60 / -", "0.70 / 0.80 / -", "3"]
    assert ["neighbours kept", "0.40", ""] in [
        row[1:4] for row in rows_of(section, "sequential(4), restart")
    ]
    ((_, _, name, before, after, lost, _), _) = rows_of(section, "p")
    assert (name, before, after) == ("sequential(4), restart", "80.0", "70.0")
    assert lost.startswith("-10.0 \\[-12.5")
    figure, drawn = drift_figure(means)
    found = drawn.set_index(["variant", "words", "way"])["cosine"]
    assert found["sequential(4), linear", "absent", "aligned"] == pytest.approx(0.9)
    assert len(found) == 8
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == means["variant"].tolist()


def test_drift_of_one_seed_has_no_interval() -> None:
    means = drift_means(drift_cells(seeds=1))
    assert math.isnan(means["forgotten_low"].iloc[0])
    assert "Where there is one seed there is no interval." in drift_section(means).lines


def test_no_drift_no_section() -> None:
    assert drift_columns(run_of()) == []
    nothing = drift_cells()
    nothing.cells.loc[:, nothing.cells.columns.str.startswith(("drift_", "generic_"))] = np.nan
    assert "What a follow-up does to the model" not in titles(sections(nothing))


def test_the_report_holds_the_sections(finished_run: RunResult) -> None:
    (finished_run.out / "transfer.csv").write_text("of an earlier command")
    report = build_report(finished_run.out).report.read_text(encoding="utf-8")
    headings = [line[3:] for line in report.splitlines() if line.startswith("## ")]
    assert headings == [
        "Who is ahead", "Claims", "What to train", "Tables", "What moves the outcome",
        "What a follow-up does to the model", "Provenance",
    ]  # fmt: skip
    there = {path.name for path in finished_run.out.glob("*.csv")}
    assert "transfer.csv" not in there
    assert "drift.csv" in there
    claims = pd.read_csv(finished_run.out / "claims.csv")
    assert set(claims["claim"]) <= {claim.id for claim in CLAIMS}


def test_tables_of_sections_have_names_that_are_cleaned_up(tmp_path: Path) -> None:
    found = sections(run_of(("p", "q"), study="transfer"))
    found.append(drift_section(drift_means(drift_cells())))
    write_tables(tmp_path, found)
    assert {path.name for path in tmp_path.iterdir()} == set(TABLES)
    write_tables(tmp_path, [])
    assert list(tmp_path.iterdir()) == []
