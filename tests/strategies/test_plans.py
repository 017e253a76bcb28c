"""Strategies present what the protocol says; schedules are what their tables say."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.errors import UsageError, UserError
from d2vbench.strategies import (
    AlphaPiece,
    Passes,
    Phase,
    Plan,
    Sizes,
    epoch_order,
    make_plan,
    parse_schedule,
    parse_strategy,
)

sizes_strategy = st.builds(
    Sizes,
    generic_documents=st.integers(1, 12),
    domain_documents=st.integers(1, 12),
    generic_words=st.integers(1, 5000),
    domain_words=st.integers(1, 5000),
)
SIZES = Sizes(7, 3, 1000, 100)


def plan(strategy: str, schedule: str = "linear", sizes: Sizes = SIZES, epochs: int = 3) -> Plan:
    return make_plan(
        parse_strategy(strategy),
        parse_schedule(schedule),
        sizes,
        epochs=epochs,
        alpha=0.025,
        min_alpha=0.0001,
    )


def presented(p: Plan, sizes: Sizes, seed: int = 0) -> Counter[int]:
    total: Counter[int] = Counter()
    for phase in p.phases:
        for epoch in range(phase.epochs):
            total.update(epoch_order(phase, epoch, sizes, seed).tolist())
    return total


@given(sizes_strategy, st.integers(1, 4), st.integers(1, 5), st.integers(0, 3))
def test_sequential_and_oversampled_present_the_same(
    sizes: Sizes, k: int, epochs: int, seed: int
) -> None:
    expected = Counter(
        dict.fromkeys(range(sizes.generic_documents), epochs)
        | {sizes.generic_documents + d: k * epochs for d in range(sizes.domain_documents)}
    )
    for strategy in (f"sequential({k})", f"oversampled({k})"):
        for schedule in ("linear", "restart", "follow-up(0.01)"):
            made = plan(strategy, schedule, sizes, epochs)
            assert presented(made, sizes, seed) == expected
            assert made.presentations() == (epochs, k * epochs)
            words = epochs * sizes.generic_words + k * epochs * sizes.domain_words
            assert made.words(sizes) == words


@given(sizes_strategy, st.integers(1, 5))
def test_combined_is_oversampled_once(sizes: Sizes, epochs: int) -> None:
    assert plan("combined", sizes=sizes, epochs=epochs) == plan(
        "oversampled(1)", sizes=sizes, epochs=epochs
    )


@given(sizes_strategy, st.integers(1, 4))
def test_the_single_corpus_controls(sizes: Sizes, epochs: int) -> None:
    generic = presented(plan("generic-only", sizes=sizes, epochs=epochs), sizes)
    assert generic == Counter(dict.fromkeys(range(sizes.generic_documents), epochs))
    domain = presented(plan("domain-only(2)", sizes=sizes, epochs=epochs), sizes)
    assert set(domain.values()) == {2 * epochs}
    assert min(domain) == sizes.generic_documents
    budget = plan("domain-only(budget)", sizes=sizes, epochs=epochs)
    combined = plan("combined", sizes=sizes, epochs=epochs).words(sizes)
    # The nearest whole number of passes an epoch.
    assert abs(budget.words(sizes) - combined) <= epochs * sizes.domain_words / 2 + 1


def test_the_first_phase_of_sequential_is_generic_only() -> None:
    first = plan("sequential(4)", "restart").phases[0]
    assert first == plan("generic-only").phases[0]


def test_orders_are_shuffled_anew_and_paired() -> None:
    sizes = Sizes(50, 20, 1000, 100)
    phase = plan("oversampled(2)", sizes=sizes).phases[0]
    orders = [epoch_order(phase, e, sizes, 0).tolist() for e in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    assert all(sorted(order) == sorted(orders[0]) for order in orders)
    assert orders[0] != sorted(orders[0])
    assert epoch_order(phase, 0, sizes, 0).tolist() == orders[0]
    assert epoch_order(phase, 0, sizes, 1).tolist() != orders[0]
    # An epoch of generic documents alone is the same in both strategies that have it.
    alone = plan("generic-only", sizes=sizes).phases[0]
    first = plan("sequential(2)", "restart", sizes).phases[0]
    assert np.array_equal(epoch_order(alone, 1, sizes, 5), epoch_order(first, 1, sizes, 5))


def test_an_order_does_not_read_the_global_generator() -> None:
    phase = plan("combined").phases[0]
    np.random.seed(0)  # noqa: NPY002
    first = epoch_order(phase, 0, SIZES, 0)
    np.random.seed(1)  # noqa: NPY002
    assert np.array_equal(first, epoch_order(phase, 0, SIZES, 0))


def alphas(p: Plan) -> list[list[tuple[float, float]]]:
    return [
        [(round(a, 6), round(b, 6)) for a, b in map(phase.epoch_alpha, range(phase.epochs))]
        for phase in p.phases
    ]


# G has 1000 words, D 100; E = 3; k = 2: the phases are 3000 and 600 words long.
TABLES = {
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
        [(0.025, 0.0167), (0.0167, 0.0084), (0.0084, 0.0001)],
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
        [(0.025, 0.0167), (0.0167, 0.0084), (0.0084, 0.0001)],
        [
            (0.0061, 0.0051),
            (0.0051, 0.0041),
            (0.0041, 0.0031),
            (0.0031, 0.0021),
            (0.0021, 0.0011),
            (0.0011, 0.0001),
        ],
    ],
}


@pytest.mark.parametrize("schedule", TABLES)
def test_a_schedule_is_its_table(schedule: str) -> None:
    assert alphas(plan("sequential(2)", schedule)) == TABLES[schedule]


@given(sizes_strategy, st.integers(1, 4), st.integers(1, 4))
def test_one_linear_decay_has_one_slope_in_words(sizes: Sizes, k: int, epochs: int) -> None:
    slopes = []
    for phase in plan(f"sequential({k})", "linear", sizes, epochs).phases:
        piece = phase.alpha[0]
        slopes.append((piece.start - piece.end) / phase.words(sizes))
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6)


@given(
    sizes_strategy,
    st.sampled_from(["combined", "sequential(3)", "oversampled(4)", "domain-only(budget)"]),
    st.sampled_from(list(TABLES)),
)
def test_json_round_trip(sizes: Sizes, strategy: str, schedule: str) -> None:
    made = plan(strategy, schedule, sizes)
    again = Plan.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.key() == made.key()


@pytest.mark.parametrize(
    "text", ["sequential(4)", "combined", "domain-only(budget)", "oversampled(2)", "generic-only"]
)
def test_strategy_names_round_trip(text: str) -> None:
    assert str(parse_strategy(text)) == text


@pytest.mark.parametrize("text", ["linear", "restart", "follow-up(0.005)"])
def test_schedule_names_round_trip(text: str) -> None:
    assert str(parse_schedule(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sequential(0)", "strategy sequential: k must be a whole number from 1 up; got '0'"),
        ("sequential(-1)", "strategy sequential: k must be a whole number from 1 up; got '-1'"),
        ("oversampled(1.5)", "strategy oversampled: k must be a whole number from 1 up; got '1.5'"),
        (
            "domain-only(x)",
            "strategy domain-only: k must be a whole number from 1 up, or 'budget'; got 'x'",
        ),
        ("combined(2)", "strategy combined takes no value, got '2'"),
        ("sequential(4", "a strategy is written NAME or NAME(VALUE), got 'sequential(4'"),
        ("", "a strategy is written NAME or NAME(VALUE), got ''"),
        (
            "combind",
            "unknown strategy 'combind': did you mean 'combined'? (valid: combined, domain-only, "
            "generic-only, oversampled, sequential)",
        ),
    ],
)
def test_wrong_strategies(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_strategy(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("restart(1)", "schedule restart takes no value, got '1'"),
        (
            "follow-up",
            "schedule follow-up takes a positive learning rate, as in follow-up(0.005); got None",
        ),
        (
            "follow-up(nan)",
            "schedule follow-up takes a positive learning rate, as in follow-up(0.005); got 'nan'",
        ),
        (
            "lineal",
            "unknown schedule 'lineal': did you mean 'linear'? (valid: follow-up, linear, restart)",
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
        (0.025, 0.0, 1, "min_alpha must be greater than 0 and less than alpha, got 0.0"),
        (0.025, -1.0, 1, "min_alpha must be greater than 0 and less than alpha, got -1.0"),
        (0.0001, 0.0001, 1, "alpha must be greater than min_alpha 0.0001, got 0.0001"),
        (float("inf"), 0.0001, 1, "alpha must be greater than min_alpha 0.0001, got inf"),
        (0.025, 0.02, 1, "schedule follow-up(0.01): the start alpha must be greater than min_alp"),
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
    assert str(caught.value).startswith(message)


GOOD = Phase("p", 2, generic=Passes(0, 2), alpha=(AlphaPiece(2, 0.1, 0.01),))


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ((), "a plan needs at least one phase"),
        ((GOOD, GOOD), "a plan names the phase 'p' twice"),
        (
            (dataclasses.replace(GOOD, alpha=(AlphaPiece(1, 0.1, 0.01),)),),
            "phase 'p': alpha pieces cover 1 of 2 epochs",
        ),
        (
            (dataclasses.replace(GOOD, alpha=(AlphaPiece(2, 0.1, 0.0),)),),
            "phase 'p': alpha must be positive and finite (gensim ignores an end of 0), "
            "got 0.1 to 0.0",
        ),
        (
            (dataclasses.replace(GOOD, alpha=(AlphaPiece(2, 0.1, 0.2),)),),
            "phase 'p': within a piece alpha may not rise (gensim jumps to the end at once), "
            "got 0.1 to 0.2",
        ),
        (
            (dataclasses.replace(GOOD, generic=Passes(0, 3)),),
            "phase 'p': 3 generic passes do not divide evenly over 2 epochs",
        ),
        (
            (dataclasses.replace(GOOD, generic=Passes(2, 0)),),
            "phase 'p': generic passes 2 to 0 are no range",
        ),
        ((dataclasses.replace(GOOD, generic=Passes()),), "phase 'p': presents nothing"),
        ((dataclasses.replace(GOOD, epochs=0),), "phase 'p': epochs must be 1 or more, got 0"),
        (
            (dataclasses.replace(GOOD, order="sorted"),),
            "phase 'p': order must be one of shuffled, got 'sorted'",
        ),
    ],
)
def test_wrong_plans_are_refused_when_made(phases: tuple[Phase, ...], message: str) -> None:
    with pytest.raises(UserError) as caught:
        Plan(phases)
    assert str(caught.value) == message


def test_an_epoch_outside_the_phase_has_no_alpha() -> None:
    with pytest.raises(IndexError, match="has no epoch 2"):
        GOOD.epoch_alpha(2)
