"""Claims, recommendations, transfer, ranks, variance and drift show the numbers of the analysis."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import numpy as np
import pytest
from made_sections import drift_cells, run_of
from run_support import pair_entry

from d2vbench.analysis import CLAIMS, Interval, Regret, RunData, Skipped, across_pairs, judge
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.errors import UserError
from d2vbench.report.chapters.across import ranked
from d2vbench.report.chapters.claims import claims_chapter
from d2vbench.report.chapters.drift import drift_chapter, drift_columns, drift_means
from d2vbench.report.chapters.transfer import transfer_chapter
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.phrases import interval_text, skipped_line
from d2vbench.report.document.structure import Bullets, Chapter, FigureBlock, Paragraph, TableBlock
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.figures.drift import drift_figure
from d2vbench.report.figures.overview import ranks_figure


def titles(found: Iterable[Chapter]) -> list[str]:
    return [chapter.title for chapter in found]


def named(found: Iterable[Chapter], title: str) -> Chapter:
    return next(chapter for chapter in found if chapter.title == title)


def texts(chapter: Chapter) -> list[str]:
    said = []
    for block in chapter.all_blocks():
        said += [block.text] if isinstance(block, Paragraph) else []
        said += block.items if isinstance(block, Bullets) else []
    return said


def tables(chapter: Chapter) -> dict[str, TableBlock]:
    return {block.slug: block for block in chapter.all_blocks() if isinstance(block, TableBlock)}


def rows_of(chapter: Chapter, first: str) -> list[tuple[str, ...]]:
    return [row for table in tables(chapter).values() for row in table.rows if row[0] == first]


def chapters(data: RunData) -> tuple[Chapter, ...]:
    return make_document(data).chapters


def test_claims_show_verdicts_numbers_and_what_was_not_compared() -> None:
    judged = judge(CLAIMS, run_of())
    chapter = claims_chapter(judged)
    c3 = next(j for j in judged if j.claim.id == "C3")
    overview = {row[0]: row for row in tables(chapter)["claims"].rows}
    assert overview["C3"][2:] == (
        "supported", "2 votes on 1 pair, 1 model: 2 for, 0 against, 0 undecided", "-", "-"
    )  # fmt: skip
    counts = tables(chapter)["claims"].data.set_index("claim")
    assert counts.loc["C3", ["votes", "for", "against", "pairs"]].tolist() == [2, 2, 0, 1]
    piece, _ = (e for e in c3.evidence if e.role == "vote")
    interval = piece.interval
    low, high = (f"{100 * end:+.1f}" for end in (interval.low, interval.high))
    mine = named(chapter.chapters, "C3: supported")
    shown = tables(mine)["claim-c3-oversampled-minus-the-domain"]
    ((*_, of, found, _, _, _, says),) = shown.rows
    assert (of, says) == ("oversampled(4) against domain-only(4)", "supports")
    assert found == f"{100 * interval.estimate:+.1f} [{low}, {high}]"
    assert f"How to read it: {c3.claim.reading}" in texts(mine)
    c2 = next(c for c in chapter.chapters if c.title.startswith("C2"))
    assert any("needs 2 or more on both sides" in text for text in texts(c2))
    slugs = ("claim-c1-three", "claim-c2-three", "claim-c3-over-pairs")
    numbers = [
        t.data for slug, t in tables(chapter).items()
        if slug.startswith("claim-c") and slug not in slugs
    ]  # fmt: skip
    assert sum(map(len, numbers)) == sum(len(j.evidence) for j in judged)
    row = shown.data[shown.data["role"] == "vote"].iloc[0]
    assert (row["estimate"], row["vote"], row["outcome_here"]) == (
        interval.estimate, "supports", "supported",
    )  # fmt: skip
    skipped = tables(chapter)["claims-skipped"]
    assert len(skipped.data) == sum(len(j.skipped) for j in judged)
    assert sum(int(row[-1]) for row in skipped.rows) == len(skipped.data)


def test_what_was_skipped_is_one_line_however_much_there_is() -> None:
    place = ("p", 1.0, "dbow", "all")
    assert skipped_line([]) == ""
    many = [Skipped("c", place, f"reason {i % 5}") for i in range(11)]
    assert skipped_line(many) == (
        "Not compared: reason 0 (3 times); reason 1 (2 times); reason 2 (2 times); and 4 more."
    )


def test_classifiers_stand_side_by_side_where_there_is_more_than_the_main_one() -> None:
    data = run_of()
    chapter = "Do other classifiers agree?"
    assert chapter not in titles(chapters(data))
    # By neighbours the order is the reverse, but for the best, which is 30 points worse.
    cells = data.cells.assign(knn_accuracy_all=0.9 - data.cells["accuracy_all"])
    keys = dict.fromkeys(cells["key"], frozenset({"knn"}))
    found = chapters(dataclasses.replace(data, cells=cells, classifiers=keys))
    mine = tables(named(found, chapter))
    (order,) = mine["classifiers-order"].rows
    means = cells.groupby(["strategy", "schedule"])["accuracy_all"].mean()
    lost = 100 * (means.max() - means.min())
    assert order[:2] == ("p, PV-DBOW, all labels", "k nearest neighbours")
    assert order[-3:] == ("-1.00", f"+{lost:.1f}", str(len(means)))
    columns = mine["classifiers-accuracy"].columns
    assert columns[1:] == ("strategy", "logistic regression", "k nearest neighbours", "seeds")
    for row in mine["classifiers-accuracy"].rows:
        assert float(row[2]) + float(row[3]) == pytest.approx(90, abs=0.11)


def test_the_protocol_counts_fits_that_did_not_converge() -> None:
    data = run_of()
    assert "fits" not in tables(named(chapters(data), "Protocol"))
    more = {"converged_all": True, "unconverged_all": 2, "c_at_edge_all": False, "folds_all": 5}
    cells = data.cells.assign(**more)
    protocol = named(chapters(dataclasses.replace(data, cells=cells)), "Protocol")
    n = str(len(cells))
    assert tables(protocol)["fits"].rows == (("all labels", n, "0", n, "0", "0"),)


def test_one_pair_has_no_ranks_and_one_seed_has_no_recommendation() -> None:
    found = chapters(run_of(seeds=1))
    assert titles(found) == [
        "Claims", "What to train: all variants", "The main comparison: strategies",
        "What moves the outcome", "Protocol", "Provenance",
    ]  # fmt: skip
    (text,) = texts(named(found, "What to train: all variants"))
    assert "(one seed gives no interval): PV-DBOW, all labels: p" in text
    assert any("one seed says nothing about seeds" in text for text in texts(found[0]))
    (warning, *_) = found[2].blocks
    assert warning == Paragraph(
        "One seed gives no interval: how much seeds differ is not known.", strong=True
    )


def test_a_single_cell_and_none_at_all() -> None:
    one = run_of(seeds=1, names=("combined",))
    assert "What to train: all variants" in titles(chapters(one))
    for cells in (one.cells.assign(model=BASELINE, setting=""), one.cells.iloc[:0]):
        with pytest.raises(UserError, match="no finished cell of a trained model yet"):
            make_document(dataclasses.replace(one, cells=cells))


def test_cells_without_a_result_do_not_stop_the_report() -> None:
    data = run_of(("p", "q"))
    crashed = data.cells["strategy"] == "sequential"
    kept = {place: c for place, c in data.correct.items()
            if place[0] not in set(data.cells[crashed]["key"])}  # fmt: skip
    data.cells.loc[crashed, ["accuracy_all", "macro_f1_all"]] = np.nan
    ranks = named(chapters(dataclasses.replace(data, correct=kept)), "Across pairs")
    ranks_table, between = tables(ranks).values()
    names = ["combined", "domain-only(4)", "oversampled(4)"]
    assert sorted(row[0] for row in ranks_table.rows) == names
    assert {name for row in between.rows for name in row[:2]} == {*names}


def test_recommendations_name_the_cheapest_that_is_as_good() -> None:
    section = named(chapters(run_of()), "What to train: all variants")
    ((*_, best, _, gain, cheap, words, _, _, seeds),) = rows_of(section, "p")
    assert (best, cheap, seeds) == ("oversampled(4)", "domain-only(4)", "4")
    assert words == "2.0 M in place of 8.0 M"
    assert gain.startswith("+2")
    csv = tables(section)["recommendations"].data.set_index("strategy")
    assert csv["role"].to_dict() == {
        "oversampled": "best", "domain-only": "cheapest", "sequential": "", "combined": "simplest",
    }  # fmt: skip
    assert csv.loc["sequential", ["k", "schedule"]].tolist() == [4, "restart"]
    assert csv.loc["combined", "accuracy"] == pytest.approx(0.6, abs=0.02)


def test_transfer_shows_regrets_in_points() -> None:
    chosen, own = Variant("x", 4), Variant("x", 4, None, "follow-up", 0.005)
    regret = Regret("a_b", 0.5, "dbow", "all", chosen, own, ("q", "r"), 5,
                    Interval(0.032, -0.004, 0.068, 0.06), 3)  # fmt: skip
    section = transfer_chapter([regret], [Skipped("c", ("q", 1.0, "dbow", "all"), "one seed")])
    ((pair, _, _, elsewhere, own, lost, candidates, seeds),) = rows_of(
        section, "a_b (50 % of the domain)"
    )
    assert pair == "a_b (50 % of the domain)"
    assert (elsewhere, own) == ("x(4), linear (from q, r)", "x(4), follow-up(0.005)")
    assert (lost, candidates, seeds) == ("+3.2 [-0.4, +6.8]", "5", "3")
    assert "Not compared: one seed." in texts(section)
    data = tables(section)["transfer-regret"].data.iloc[0]
    assert data[["regret", "own_strategy", "own_k", "own_schedule_value"]].tolist() == [
        0.032, "x", 4, 0.005,
    ]  # fmt: skip
    assert tables(transfer_chapter([], [])) == {}


def test_ranks_over_pairs() -> None:
    data = run_of(("p", "q"))
    data.manifest["pairs"] = {name: pair_entry("web") for name in ("p", "q")}
    section = named(chapters(data), "Across pairs")
    assert rows_of(section, "oversampled(4)")[0][7] == "1.00"
    assert rows_of(section, "combined")[0][1:] == ("59.1", "reference", "", "", "", "", "4.00", "")
    text = "\n".join(texts(section))
    assert "No two are told apart. 2 pairs: no signed-rank test on fewer than six" in text
    assert "Shared: generic corpora of several pairs: web (2); domain corpora" in text
    assert "One generic and one domain corpus only: nothing can be said about new corpora." in text
    csv = tables(section)["across-dbow-all"].data
    assert len(csv) == 6
    assert len({frozenset(two) for two in zip(csv["first"], csv["second"], strict=True)}) == 6
    assert csv["p_better"].notna().sum() == csv["verdict"].notna().sum() == 3
    assert [block.slug for block in section.blocks if isinstance(block, FigureBlock)] == [
        "ranks-dbow"
    ]
    (one,) = ranked(data)
    best = one.against["oversampled(4)"].found
    assert best.better > best.worse
    gain = one.means["oversampled(4)"] - one.means["combined"]
    assert best.interval.estimate == pytest.approx(gain.mean(), abs=0.01)
    shown = interval_text(best.interval)
    assert rows_of(section, "oversampled(4)")[0][2] == shown
    assert rows_of(section, "oversampled(4)")[0][6] == f"{100 * best.of_seeds:.0f}"
    # Each two strategies: the same estimate, its p adjusted over six contrasts in place of three.
    two = tables(section)["across-dbow-all-two"].data.set_index(["first", "second"])
    assert len(two) == 6
    mine = two.loc[("oversampled(4)", "combined")]
    assert mine["estimate"] == best.interval.estimate
    assert mine["p_holm"] >= one.against["oversampled(4)"].p_holm
    assert mine["of_seeds"] == best.of_seeds
    order = ("oversampled(4)", "domain-only(4)")
    between = one.between[order].found.interval
    means = one.means[order[0]] - one.means[order[1]]
    assert between.estimate == pytest.approx(means.mean(), abs=0.01)


def test_of_many_strategies_each_two_would_be_a_long_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("d2vbench.report.chapters.across._FEW", 3)
    section = named(chapters(run_of(("p", "q"))), "Across pairs")
    assert list(tables(section)) == ["across-dbow-all"]


def test_one_seed_is_enough_over_pairs() -> None:
    """What seeds add is then part of what pairs differ by."""
    one, *_ = ranked(run_of(("p", "q", "r"), seeds=1))
    assert {len(o.found.limits) for o in one.against.values()} == {0}
    section = named(chapters(run_of(("p", "q", "r"), seeds=1)), "Across pairs")
    for block in tables(section).values():
        assert not any("seeds" in str(column) for column in block.columns)
        assert "more seeds" not in block.caption
    assert all(o.found.interval.low < o.found.interval.high for o in one.against.values())


def test_a_claim_has_a_verdict_over_new_corpora() -> None:
    """Four pairs of two corpora on either side; all agree."""
    data = run_of(("p", "q", "r", "s"))
    sides = {"p": "ax", "q": "ay", "r": "bx", "s": "by"}
    data.manifest["pairs"] = {
        pair: pair_entry(*both) | {"generic": both[0], "domain": both[1]}
        for pair, both in sides.items()
    }
    (c3,) = (j for j in judge(CLAIMS, data) if j.claim.id == "C3")
    beyond, *_ = c3.beyond
    assert (beyond.found.pairs, beyond.found.generic, beyond.found.domain) == (4, 2, 2)
    assert (str(c3.outcome), str(c3.outcome_new)) == ("supported", "supported")
    chapter = claims_chapter([c3])
    (row, *_) = tables(chapter)["claim-c3-over-pairs"].rows
    assert (row[6], row[8]) == ("4 (2 generic, 2 domain)", "supports")
    assert tables(chapter)["claims"].rows[0][-1] == "supported"
    assert any("Two generic and two domain corpora only" in text for text in texts(chapter))
    # With one generic corpus the verdict says what it is not about.
    for pair in data.manifest["pairs"].values():
        pair["generic"] = "a"
    text = "\n".join(texts(claims_chapter(judge(CLAIMS, data))))
    assert f"{beyond.piece.test}: One generic corpus only: nothing can be said" in text


def test_the_ranks_figure_joins_what_is_not_told_apart() -> None:
    rng = np.random.default_rng(0)
    far = np.array([0.9, 0.5, 0.5]) + rng.normal(0, 0.01, (9, 3))
    found = across_pairs(far, ["combined", "sequential(4), restart", "x"])
    of = {"sequential(4), restart": "sequential"}
    figure, drawn = ranks_figure(found, strategies=of)
    assert drawn["strategy"].iloc[0] == "combined"
    assert drawn["cliques"].tolist() == ["", "1", "1"]
    assert drawn["rank"].tolist() == list(found.average_ranks)
    axes, side = figure.axes
    marks = dict(zip(drawn["strategy"], axes.get_lines(), strict=True))
    for name in ("combined", "sequential(4), restart"):
        assert marks[name].get_color() == look_of(of.get(name, name)).colour
    assert [t.get_text() for t in axes.texts] == [f"{rank:.2f}" for rank in drawn["rank"]]
    (bar,) = side.get_lines()
    assert bar.get_ydata()[0] < 1 < 2 < bar.get_ydata()[1]
    texts = [text.get_text() for text in figure.texts]
    assert {"average rank over 9 pairs (1 is best)", "sequential(4), restart"} <= set(texts)


def test_shares_of_variance() -> None:
    section = named(chapters(run_of()), "What moves the outcome")
    (row,) = rows_of(section, "PV-DBOW, all labels")
    assert row[5] == "one value"
    csv = tables(section)["variance"].data
    assert csv["share"].sum() == pytest.approx(1)
    assert csv["cells"].unique().tolist() == [16]


def test_drift_before_and_after_alignment() -> None:
    data = drift_cells()
    means = drift_means(data)
    assert means["variant"].tolist() == ["sequential(4), restart", "sequential(4), linear"]
    assert means["drift_outputs_domain_raw"].tolist() == pytest.approx([0.5, 0.6])
    assert means["forgotten"].tolist() == pytest.approx([-0.1, -0.1])
    section = drift_chapter(means)
    first, *_ = rows_of(section, "sequential(4), restart")
    assert first[1:] == ("output vectors", "0.50 / 0.60 / -", "0.70 / 0.80 / -", "3")
    assert ("neighbours kept", "0.40", "") in [
        row[1:4] for row in rows_of(section, "sequential(4), restart")
    ]
    rows = [row[1:] for row in rows_of(section, "sequential(4), restart")]
    assert ("output vectors, cosines", "0.90", "0.40", "0.48", "0.20", "3") in rows
    assert ("change of accuracy on the generic task", "-0.01", "-0.05", "3") in rows
    ((_, _, name, before, after, lost, _), _) = rows_of(section, "p")
    assert (name, before, after) == ("sequential(4), restart", "80.0", "70.0")
    assert lost.startswith("-10.0 [-12.5")
    figure, drawn = drift_figure(means)
    found = drawn.set_index(["variant", "words", "way"])["cosine"]
    assert found["sequential(4), linear", "absent", "aligned"] == pytest.approx(0.9)
    assert len(found) == 8
    assert set(means["variant"]) <= {text.get_text() for text in figure.texts}


def test_drift_of_one_seed_has_no_interval() -> None:
    means = drift_means(drift_cells(seeds=1))
    assert math.isnan(means["forgotten_low"].iloc[0])
    assert "Where there is one seed there is no interval." in texts(drift_chapter(means))


def test_no_drift_no_section() -> None:
    assert drift_columns(run_of()) == []
    nothing = drift_cells()
    nothing.cells.loc[:, nothing.cells.columns.str.startswith(("drift_", "generic_"))] = np.nan
    assert "What a follow-up does to the model" not in titles(chapters(nothing))


def test_a_drift_study_shows_its_own_drift() -> None:
    data = drift_cells()
    data.manifest["studies"][0]["name"] = "drift"
    (main,) = (c for c in chapters(data) if c.title == "The main comparison: drift")
    assert titles(main.chapters) == ["What a follow-up does to the model"]


def test_the_document_reads_in_order() -> None:
    cells = run_of(("p", "q"), seeds=3)
    keys = cells.manifest["cells"]
    cells.manifest["studies"] = [
        {"name": name, "question": "Q?", "cells": keys} for name in ("strategies", "transfer")
    ]
    found = make_document(cells)
    assert titles(found.chapters) == [
        "Claims", "What to train: all variants", "The main comparison: strategies",
        "Study transfer",
        "Across pairs", "What moves the outcome", "Protocol", "Provenance",
    ]  # fmt: skip
    (study,) = (c for c in found.chapters if c.title == "Study transfer")
    assert titles(study.chapters) == ["Do schedules transfer?"]
    assert len(found.answer) == 3
    slugs = [block.slug for block in (*found.tables(), *found.figures())]
    assert len(set(slugs)) == len(slugs)
