"""As many figures of a comparison as can be read."""

from __future__ import annotations

from report.made_summary import MANY, PAIRS, made_summary

from d2vbench.report.chapters.comparison import main_figures, study_comparison
from d2vbench.report.drawing.description import describe_figure


def test_a_small_comparison_is_one_figure() -> None:
    (found,) = main_figures("strategies", made_summary(("p",)))
    assert found.slug == "strategies"
    assert found.title == "Accuracy by training strategy: PV-DBOW, all labels"
    assert "Beside it the paired difference" in found.caption
    figure, drawn = found.draw()
    assert len(figure.axes) == 2
    assert describe_figure(drawn)


def test_many_pairs_have_an_overview_and_differences_of_their_own() -> None:
    summary = made_summary(PAIRS, MANY, models=("dbow", "dm-mean"), labels=("all", "10"))
    found = main_figures("strategies", summary)
    assert [one.slug for one in found] == [
        "overview", "overview-dm-mean", "strategies", "differences", "strategies-dbow-10",
        "differences-dbow-10", "strategies-dm-mean-all", "differences-dm-mean-all",
        "strategies-dm-mean-10", "differences-dm-mean-10",
    ]  # fmt: skip
    assert all(set(one.data["model"]) == {"dm-mean"} for one in found if "dm-mean" in one.slug)
    _, drawn = found[5].draw()
    assert set(drawn["labels"]) == {"10"}
    assert "over new generic and new domain corpora" in found[0].caption


def test_a_study_is_split_by_model_where_it_is_long() -> None:
    short = study_comparison("order", made_summary(("p",), models=("dbow", "dm-mean")))
    assert [one.slug for one in short] == ["order"]
    long = study_comparison("order", made_summary(("p",), MANY, models=("dbow", "dm-mean")))
    assert [one.slug for one in long] == ["order", "order-dm-mean"]
    assert long[1].title == "Accuracy, study order: PV-DM (mean)"
