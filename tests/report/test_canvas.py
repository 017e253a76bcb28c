"""Texts are measured and moved apart before anything is drawn."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from report.figure_checks import assert_legible

from d2vbench.report.drawing.canvas import (
    KeyItem,
    Sheet,
    draw_key,
    round_ticks,
    spread_out,
    text_width,
    wrapped,
)
from d2vbench.report.drawing.style import DPI, STYLE


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(0.01, 0.5))
def test_places_are_apart_and_in_order(wanted: list[float], apart: float) -> None:
    placed = spread_out(wanted, apart, -100, 100)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= apart - 1e-9).all()
    # They move as a whole by nothing: the sum of moves is zero.
    assert placed.sum() == pytest.approx(sum(wanted), abs=1e-6)


def test_places_with_room_do_not_move() -> None:
    assert spread_out([3.0, 1.0, 2.0], 0.5, 0, 4).tolist() == [3.0, 1.0, 2.0]


def test_places_stay_within_bounds() -> None:
    assert spread_out([1.0, 1.0], 0.5, 0.9, 4).tolist() == pytest.approx([0.9, 1.4])
    assert spread_out([1.0, 1.0], 0.5, 0, 1).tolist() == pytest.approx([0.5, 1.0])


@given(st.floats(-100, 100), st.floats(0.01, 100), st.integers(2, 7))
def test_ticks_are_within_and_few(low: float, span: float, most: int) -> None:
    ticks = round_ticks(low, low + span, most)
    assert 1 <= len(ticks) <= max(most, 5)
    assert min(ticks) >= low - 1e-6 * span - 1e-9
    assert max(ticks) <= low + span + 1e-6 * span + 1e-9


@pytest.mark.parametrize("text", ["sequential(4), follow-up(0.005)", "WWWW", "illi", "a$b$_^{c}"])
@pytest.mark.parametrize("bold", [False, True])
def test_a_measured_width_is_that_of_the_picture(text: str, bold: bool) -> None:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4, 1), dpi=DPI)
        drawn = figure.text(0.1, 0.5, text, fontsize=7, fontweight="bold" if bold else "normal")
        width = drawn.get_window_extent().width / DPI
    assert width <= text_width(text, 7, bold) + 0.01
    assert width >= 0.9 * text_width(text, 7, bold) - 0.01


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=60), st.floats(0.3, 2))
def test_every_line_fits_and_nothing_is_lost(text: str, width: float) -> None:
    lines = wrapped(text, 7, width)
    kept = "".join(lines).replace(" ", "")
    assert "".join(kept.split()) == "".join(text.split())
    assert all(text_width(line, 7) <= width or len(line) == 1 for line in lines)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_key_goes_on_in_the_next_line(columns: int) -> None:
    with mpl.rc_context(STYLE):
        sheet = Sheet(columns, 3)
        items = [KeyItem(f"an entry, number {i}", {"marker": "o"}) for i in range(12)]
        draw_key(
            sheet, 0.06, 0.06, [*items, KeyItem("x" * 300, {}, patch=True)], sheet.width - 0.12
        )
    assert_legible(sheet.figure, columns)
