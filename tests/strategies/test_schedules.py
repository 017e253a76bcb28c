"""Schedules are what their tables say."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import FEW, FORMS, SCHEDULES, SIZES, plan, sizes_strategy

from d2vbench.errors import UsageError
from d2vbench.strategies import (
    SCHEDULES as CATALOGUE,
)
from d2vbench.strategies import (
    Plan,
    Sizes,
    alpha_slices,
    area,
    make_plan,
    outline,
    parse_schedule,
    parse_strategy,
    schedule_forms,
)


def alphas(p: Plan) -> list[list[tuple[float, float]]]:
    return [
        [(round(a, 6), round(b, 6)) for a, b in map(phase.epoch_alpha, range(phase.epochs))]
        for phase in p.phases
    ]


# G has 1000 words, D 100; E = 3; k = 2: the phases are 3000 and 600 words long.
_DECAY = [(0.025, 0.0167), (0.0167, 0.0084), (0.0084, 0.0001)]
TABLES = {
    "lowered(0.03)": [[(0.025, 0.025)] * 3, [(-0.005, -0.005)] * 6],
    "linear": [
        [(0.025, 0.018083), (0.018083, 0.011167), (0.011167, 0.00425)],
        [
            (0.00425, 0.003558),
            (0.003558, 0.002867),
            (0.002867, 0.002175),
            (0.002175, 0.001483),
            (0.001483, 0.000792),
            (0.000792, 0.0001),
        ],
    ],
    "restart": [
        _DECAY,
        [
            (0.025, 0.02085),
            (0.02085, 0.0167),
            (0.0167, 0.01255),
            (0.01255, 0.0084),
            (0.0084, 0.00425),
            (0.00425, 0.0001),
        ],
    ],
    "follow-up(0.0061)": [
        _DECAY,
        [
            (0.0061, 0.0051),
            (0.0051, 0.0041),
            (0.0041, 0.0031),
            (0.0031, 0.0021),
            (0.0021, 0.0011),
            (0.0011, 0.0001),
        ],
    ],
    # The climb takes 0.6 of the first epoch, in 8 steps from 0.0001 + 0.0249 / 16 on; then down
    # from 0.025 over 5.4 epochs.
    "rewarmed": [
        _DECAY,
        [
            (0.001656, 0.023156),
            (0.023156, 0.018544),
            (0.018544, 0.013933),
            (0.013933, 0.009322),
            (0.009322, 0.004711),
            (0.004711, 0.0001),
        ],
    ],
    "constant": [[(0.025, 0.025)] * 3, [(0.025, 0.025)] * 6],
    # 0.0001 + 0.0249 (1 + cos(pi x)) / 2 at x = 0, 10/36, 20/36, 30/36, 31/36, ... 1.
    "cosine": [
        [(0.025, 0.020553), (0.020553, 0.010388), (0.010388, 0.001768)],
        [
            (0.001768, 0.001266),
            (0.001266, 0.000851),
            (0.000851, 0.000524),
            (0.000524, 0.000289),
            (0.000289, 0.000147),
            (0.000147, 0.0001),
        ],
    ],
}


@pytest.mark.parametrize("schedule", TABLES)
def test_a_schedule_is_its_table(schedule: str) -> None:
    assert alphas(plan("sequential(2)", schedule)) == TABLES[schedule]


def test_the_tables_are_those_of_all_schedules() -> None:
    assert {parse_schedule(text).name for text in TABLES} == set(CATALOGUE.built_in)
    assert {parse_schedule(text).name for text in SCHEDULES} == set(CATALOGUE.built_in)
    assert list(schedule_forms()) == [
        "linear", "restart", "follow-up(a)", "rewarmed", "lowered(s)", "constant", "cosine",
    ]  # fmt: skip


def test_the_stair_of_rewarmed() -> None:
    domain = plan("sequential(2)", "rewarmed").phases[1]
    first = domain.epoch_pieces(0)
    assert [piece.epochs for piece in first] == [Fraction(3, 40)] * 8 + [Fraction(2, 5)]
    levels = [0.00165625 + 0.0031125 * step for step in range(8)]
    assert [piece.start for piece in first[:8]] == pytest.approx(levels)
    assert all(piece.start == piece.end for piece in first[:8])
    assert (first[8].start, first[8].end) == pytest.approx((0.025, 0.0231556), abs=1e-7)
    # The area of the stair is that of the straight climb.
    stair = sum(piece.epochs * piece.start for piece in first[:8])
    assert stair == pytest.approx(0.6 * (0.025 + 0.0001) / 2)


def test_alpha_falls_in_words_where_epochs_differ() -> None:
    # Epochs of 1750 + 50, 1250 + 150, 750 + 250, 250 + 350 words; 4800 in all.
    (phase,) = plan("annealed(2)", "restart", Sizes(100, 100, 1000, 100), 4).phases
    fall = 0.025 - 0.0001
    ends = [0.025 - fall * words / 4800 for words in (0, 1800, 3200, 4200, 4800)]
    for epoch in range(4):
        assert phase.epoch_alpha(epoch) == pytest.approx((ends[epoch], ends[epoch + 1]))


# alpha x words, over G and over D: G 3 x 1000 words, D 6 x 100.
AREAS = {
    ("sequential(2)", "restart"): (3000 * 0.02510 / 2, 600 * 0.02510 / 2),
    ("sequential(2)", "constant"): (3000 * 0.025, 600 * 0.025),
    ("sequential(2)", "linear"): (3000 * (0.025 + 0.00425) / 2, 600 * (0.00425 + 0.0001) / 2),
    ("sequential(2)", "follow-up(0.0061)"): (3000 * 0.0251 / 2, 600 * 0.0062 / 2),
    ("sequential(2)", "rewarmed"): (3000 * 0.0251 / 2, 600 * 0.0251 / 2),
    ("oversampled(2)", "linear"): (3000 * 0.0251 / 2, 600 * 0.0251 / 2),
    ("generic-only", "constant"): (3000 * 0.025, 0),
    # Each epoch of 1200 words: G the first 1000, D the last 200; alpha falls by 0.0083 an epoch.
    ("concatenated(2)", "linear"): (
        sum(1000 * (0.025 - 0.0083 * (e + 5 / 12)) for e in range(3)),
        sum(200 * (0.025 - 0.0083 * (e + 11 / 12)) for e in range(3)),
    ),
}


@pytest.mark.parametrize(("strategy", "schedule"), AREAS)
def test_the_area_under_alpha(strategy: str, schedule: str) -> None:
    laid_out = outline(plan(strategy, schedule), SIZES)
    assert area(laid_out) == pytest.approx(AREAS[strategy, schedule])


def test_a_cosine_has_nearly_the_area_of_the_curve() -> None:
    for epochs in (1, 3, 20):
        laid_out = outline(plan("combined", "cosine", SIZES, epochs), SIZES)
        words = epochs * 1100
        assert sum(area(laid_out)) == pytest.approx(words * (0.025 + 0.0001) / 2, rel=1e-3)


@pytest.mark.parametrize("strategy", FORMS)
@pytest.mark.parametrize("schedule", SCHEDULES)
@FEW
@given(sizes=sizes_strategy, epochs=st.integers(1, 4))
def test_an_outline_has_no_gaps_and_alpha_stays_in_range(
    strategy: str, schedule: str, sizes: Sizes, epochs: int
) -> None:
    made = plan(strategy, schedule, sizes, epochs)
    laid_out = outline(made, sizes)
    assert laid_out[0].begin == 0
    lowered = schedule.startswith("lowered")
    assert laid_out[-1].end == pytest.approx(made.words(sizes), abs=0.5)
    for one, next_one in itertools.pairwise(laid_out):
        assert one.end == next_one.begin
    for stretch in laid_out:
        assert 0 <= stretch.domain <= 1
        assert stretch.alpha_start >= stretch.alpha_end
        least = -math.inf if lowered else 0.0001 * (1 - 1e-9)
        assert least <= stretch.alpha_end <= stretch.alpha_start <= 0.025
    fallen = 0.025 - 0.01 * (len(made.phases) - 1)
    last = 0.025 if schedule == "constant" else pytest.approx(fallen) if lowered else 0.0001
    assert made.phases[-1].epoch_alpha(made.phases[-1].epochs - 1)[1] == last
    share = sum(s.words * s.domain for s in laid_out)
    passes = made.presentations()[1]
    assert share == pytest.approx(float(passes * sizes.domain_words), rel=1e-9)


@given(st.integers(0, 30), st.sampled_from(FORMS), st.sampled_from(SCHEDULES))
def test_slices_of_an_epoch_leave_nothing_out(n: int, strategy: str, schedule: str) -> None:
    phase = plan(strategy, schedule).phases[-1]
    order = np.arange(n)
    slices = list(alpha_slices(phase, 0, order))
    assert all(len(part) for part, _, _ in slices)
    joined = np.concatenate([np.empty(0, int), *(part for part, _, _ in slices)])
    assert np.array_equal(joined, order)


@given(sizes_strategy, st.integers(1, 4), st.integers(1, 4))
def test_one_linear_decay_has_one_slope_in_words(sizes: Sizes, k: int, epochs: int) -> None:
    slopes = []
    for phase in plan(f"sequential({k})", "linear", sizes, epochs).phases:
        piece = phase.alpha[0]
        slopes.append((piece.start - piece.end) / phase.words(sizes))
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6)


@pytest.mark.parametrize("strategy", FORMS)
def test_schedules_of_later_phases_are_linear_where_there_is_one(strategy: str) -> None:
    phases = parse_strategy(strategy).phases
    assert phases == len(plan(strategy, epochs=2).phases)
    for schedule in SCHEDULES:
        same = plan(strategy, schedule) == plan(strategy, "linear")
        assert same == (
            schedule == "linear" or (phases == 1 and parse_schedule(schedule).needs_phases)
        )


@pytest.mark.parametrize("text", [*SCHEDULES, "follow-up(0.005)"])
def test_schedule_names_round_trip(text: str) -> None:
    assert str(parse_schedule(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("restart(1)", "schedule restart takes no value, got '1'"),
        ("cosine(1, 2)", "schedule cosine takes no value, got '1, 2'"),
        (
            "follow-up",
            "schedule follow-up takes a positive learning rate, as in follow-up(0.005); got None",
        ),
        (
            "follow-up(nan)",
            "schedule follow-up takes a positive learning rate, as in follow-up(0.005); got 'nan'",
        ),
        (
            "follow-up(0.1, 0.2)",
            "schedule follow-up takes a positive learning rate, as in follow-up(0.005); "
            "got '0.1, 0.2'",
        ),
        (
            "lineal",
            "unknown schedule 'lineal': did you mean 'linear'? "
            "(valid: constant, cosine, follow-up, linear, lowered, restart, rewarmed)",
        ),
    ],
)
def test_wrong_schedules(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_schedule(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("alpha", "min_alpha", "epochs", "message"),
    [
        (
            0.025,
            0.0,
            1,
            "min_alpha must be greater than 0 and less than alpha, got 0.0 "
            "(gensim silently ignores an end alpha of 0)",
        ),
        (
            0.025,
            -1.0,
            1,
            "min_alpha must be greater than 0 and less than alpha, got -1.0 "
            "(gensim silently ignores an end alpha of 0)",
        ),
        (0.0001, 0.0001, 1, "alpha must be greater than min_alpha 0.0001, got 0.0001"),
        (0.0001, 0.025, 1, "alpha must be greater than min_alpha 0.025, got 0.0001"),
        (math.inf, 0.0001, 1, "alpha must be greater than min_alpha 0.0001, got inf"),
        (
            0.025,
            0.02,
            1,
            "schedule follow-up(0.01): the start alpha must be greater than min_alpha 0.02",
        ),
        (0.025, 0.0001, 0, "epochs must be a whole number from 1 up, got 0"),
    ],
)
def test_wrong_learning_rates(alpha: float, min_alpha: float, epochs: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(
            parse_strategy("sequential"),
            parse_schedule("follow-up(0.01)"),
            SIZES,
            epochs=epochs,
            alpha=alpha,
            min_alpha=min_alpha,
        )
    assert str(caught.value) == message
