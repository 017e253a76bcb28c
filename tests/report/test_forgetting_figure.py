"""Gain on the domain against the change on the generic corpus."""

from __future__ import annotations

import pandas as pd
import pytest
from report.made_sections import drift_cells
from report.made_summary import made_summary

from d2vbench.report.chapters.drift import drift_chapter, drift_means, fullest_shares
from d2vbench.report.document.structure import FigureBlock, TableBlock
from d2vbench.report.figures.drift import drift_figure, forgetting_figure, forgetting_points

VARIANTS = [
    ("sequential", 4, "restart"),
    ("sequential", 4, "linear"),
    ("combined", "", "linear"),
]


def summary() -> pd.DataFrame:
    # Accuracies of 0.60, 0.61 and 0.62.
    return made_summary(("p",), VARIANTS)


def test_points_are_gains_against_combined_and_changes_in_points() -> None:
    points = forgetting_points(drift_means(drift_cells()), summary())
    assert points["against"].unique().tolist() == ["combined"]
    assert points["variant"].tolist() == ["sequential(4), restart", "sequential(4), linear"]
    assert points["gain"].tolist() == pytest.approx([-2, -1])
    assert points["change"].tolist() == pytest.approx([-10, -10])
    assert (points["change_low"] < -10).all()
    assert points["pair"].tolist() == ["p", "p"]


def test_without_combined_gains_are_against_generic_only() -> None:
    found = summary().replace({"strategy": {"combined": "generic-only"}})
    points = forgetting_points(drift_means(drift_cells()), found)
    assert points["against"].unique().tolist() == ["generic-only"]


def test_without_either_there_is_nothing_to_show() -> None:
    found = summary()
    assert forgetting_points(drift_means(drift_cells()), found[found["k"] == 4]).empty
    assert forgetting_points(pd.DataFrame({"pair": ["p"]}), found).empty


def test_each_point_is_named_and_at_its_place() -> None:
    points = forgetting_points(drift_means(drift_cells()), summary())
    figure, drawn = forgetting_figure(points)
    (axes,) = figure.axes
    marks = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    at = [(float(m.get_xdata()[0]), float(m.get_ydata()[0])) for m in marks]
    assert at == [tuple(p) for p in drawn[["gain", "change"]].to_numpy().tolist()]
    names = {text.get_text().replace("\n", " ") for text in axes.texts}
    assert names == set(drawn["variant"])


def test_the_chapter_has_the_figure_where_gains_are_known() -> None:
    means = drift_means(drift_cells())
    slugs = [getattr(block, "slug", "") for block in drift_chapter(means, summary()).blocks]
    assert "forgetting" in slugs
    without = drift_chapter(means).blocks
    assert "forgetting" not in [b.slug for b in without if isinstance(b, FigureBlock)]


def follow_ups(pairs: int, variants: int, model: str = "dbow", share: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pair": f"p{p}", "fraction": share, "model": model, "variant": f"sequential({k})",
            "strategy": "sequential", "seeds": 2, "drift_outputs_domain_raw": 0.5,
            "drift_outputs_domain_aligned": 0.6,
        }
        for p in range(pairs)
        for k in range(1, variants + 1)
    )  # fmt: skip


def figures(means: pd.DataFrame) -> dict[str, pd.DataFrame]:
    blocks = drift_chapter(means).blocks
    return {b.slug: b.draw()[1] for b in blocks if isinstance(b, FigureBlock)}


def test_each_model_has_a_figure_of_drift_and_each_pair_where_there_are_many_rows() -> None:
    few = pd.concat([follow_ups(2, 3), follow_ups(2, 3, "dm-mean")], ignore_index=True)
    drawn = figures(few)
    assert list(drawn) == ["drift-of-words", "drift-of-words-dm-mean"]
    assert [len(found) for found in drawn.values()] == [12, 12]
    many = pd.concat([follow_ups(2, 25), follow_ups(2, 3, "dm-mean")], ignore_index=True)
    assert list(figures(many)) == [
        "drift-of-words-on-p0", "drift-of-words-on-p1", "drift-of-words-dm-mean",
    ]  # fmt: skip


def test_of_several_shares_the_one_with_most_follow_ups_is_drawn() -> None:
    means = pd.concat(
        [follow_ups(1, 1, share=0.25), follow_ups(1, 3, share=0.5), follow_ups(1, 3, share=1.0)],
        ignore_index=True,
    )
    kept = fullest_shares(means)
    assert kept["fraction"].unique().tolist() == [1.0]
    assert len(kept) == 3
    assert len(figures(means)["drift-of-words"]) == 6
    # The tables have all.
    tables = [b for b in drift_chapter(means).blocks if isinstance(b, TableBlock)]
    assert sum(len(b.data) for b in tables) == 7


def crowded() -> pd.DataFrame:
    """Twelve variants within half a point of one another, on two pairs."""
    rows = [
        {
            "pair": pair, "fraction": 1.0, "model": "dbow", "panel": pair,
            "variant": f"sequential({i}), follow-up(0.005)", "strategy": "sequential",
            "against": "combined",
            "gain": 5 + 0.04 * i, "change": -3 + 0.03 * i, "change_low": -3.2, "change_high": -2.8,
        }
        for pair in ("p", "q")
        for i in range(1, 13)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("columns", [1, 2])
def test_where_names_have_no_room_points_have_numbers_and_a_key_says_whose(columns: int) -> None:
    points = crowded()
    figure, drawn = forgetting_figure(points, columns=columns)
    assert len(figure.axes) == 2
    variants = list(dict.fromkeys(drawn["variant"]))
    for axes in figure.axes:
        assert sorted(int(text.get_text()) for text in axes.texts) == list(range(1, 13))
    said = {text.get_text() for text in figure.texts}
    assert {f"{i + 1}: {name}" for i, name in enumerate(variants)} <= said
    assert figure.get_figheight() < 12


def test_gains_that_hardly_differ_do_not_have_equal_ticks() -> None:
    points = crowded().iloc[:2].assign(gain=[5.71, 5.73])
    (axes,) = forgetting_figure(points)[0].axes
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert len(set(ticks)) == len(ticks) >= 3
    low, high = axes.get_xlim()
    assert high - low >= 2


def test_a_kind_of_vector_that_was_not_measured_has_no_room() -> None:
    means = follow_ups(1, 3)
    empty = means.assign(drift_words_domain_raw=float("nan"))
    assert len(drift_figure(empty)[0].axes) == len(drift_figure(means)[0].axes) == 1
    widths = [drift_figure(one)[0].axes[0].get_position().width for one in (empty, means)]
    assert widths[0] == widths[1]
