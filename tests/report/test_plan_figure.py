"""The picture of a plan shows the outline's numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from report.figure_checks import assert_legible

from d2vbench.report.drawing.style import write_figure
from d2vbench.report.figures.plan import plan_figure
from d2vbench.strategies import Plan, Sizes, make_plans, outline, parse_schedule, parse_strategy

SIZES = Sizes(700, 300, 100_000, 10_000)


def plans(strategy: str, schedule: str = "linear") -> tuple[Plan, ...]:
    return make_plans(
        parse_strategy(strategy), parse_schedule(schedule), SIZES,
        epochs=3, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip


@pytest.mark.parametrize("schedule", ["restart", "rewarmed", "cosine"])
@pytest.mark.parametrize("strategy", ["sequential(4)", "annealed(2)", "concatenated(2)"])
def test_the_picture_shows_the_outline(strategy: str, schedule: str) -> None:
    made = plans(strategy, schedule)
    figure, drawn = plan_figure("t", made, SIZES)
    expected = outline(made[0], SIZES)
    assert drawn["begin"].tolist() == [s.begin for s in expected]
    assert drawn["domain"].tolist() == [s.domain for s in expected]
    _, alpha = figure.axes
    line = alpha.lines[0].get_xydata()
    assert line[::2, 1].tolist() == [s.alpha_start for s in expected]
    assert line[1::2, 1].tolist() == [s.alpha_end for s in expected]
    assert line[1::2, 0].tolist() == pytest.approx([s.end / 1e6 for s in expected])


def test_each_model_of_an_ensemble_has_its_panels() -> None:
    figure, drawn = plan_figure("t", plans("ensemble(4)"), SIZES)
    assert drawn.groupby("model")["domain"].unique().tolist() == [[0], [1]]
    assert len(figure.axes) == 4
    assert {axes.get_xlim()[1] for axes in figure.axes} == {0.3}


def test_phases_are_named_where_they_begin() -> None:
    figure, _ = plan_figure("t", plans("sequential(4)", "restart"), SIZES)
    names = {text.get_text(): text for text in figure.axes[0].texts}
    assert set(names) == {"generic", "domain"}
    assert names["domain"].xy[0] == pytest.approx(0.3)
    # Too short to be named from its beginning: from its end.
    figure, _ = plan_figure("t", plans("sequential(1)", "restart"), SIZES, columns=1)
    last = figure.axes[0].texts[-1]
    assert (last.get_text(), last.xy[0], last.get_ha()) == ("domain", pytest.approx(0.33), "right")


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("strategy", ["sequential(1)", "ensemble(4)", "mixed-finish(4)"])
def test_texts_leave_each_other_room(strategy: str, columns: int) -> None:
    title = f"{strategy} on a pair with a name that is rather long, from alpha 0.025 to 0.0001"
    figure, _ = plan_figure(title, plans(strategy, "restart"), SIZES, columns=columns)
    assert_legible(figure, columns)


def test_of_many_phases_some_are_named() -> None:
    turns = tuple(
        dataclasses.replace(phase, name=f"{phase.name} {i}")
        for i in range(12)
        for phase in plans("sequential(1)")[0].phases
    )
    (plan,) = plans("sequential(1)")
    figure, drawn = plan_figure("t", [dataclasses.replace(plan, phases=turns)], SIZES, columns=1)
    assert_legible(figure, 1)
    assert 1 < len(figure.axes[0].texts) < drawn["phase"].nunique()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_plan_is_the_same_file(tmp_path: Path, ending: str) -> None:
    files = [
        write_figure(plan_figure("t", plans("combined"), SIZES)[0], tmp_path / f"{n}.{ending}")
        for n in "ab"
    ]
    assert files[0].read_bytes() == files[1].read_bytes()
