"""What nobody could wait for is refused at once."""

from __future__ import annotations

import pytest
from fuzz_support import assert_clear, examples
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.bench.spec.bounds import check_amounts, check_names, check_vector_size
from d2vbench.errors import UsageError, UserError
from d2vbench.strategies import Plan, Sizes, make_plans, parse_schedule, parse_strategy

PIECES = [
    "sequential",
    "replay",
    "follow-up",
    "linear",
    "(",
    ")",
    ",",
    " ",
    "4",
    "0.1",
    "9" * 5000,
    "-1",
    "nan",
    "1e400",
    "budget",
    "balanced",
    "\udcff",
    "\n",
    "²",
    "٣",
    "1_0",
    "0" * 12,
]
words = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=12)


@examples(200)
@given(words)
def test_fuzz_names_of_strategies_and_schedules(text: str) -> None:
    for strategies, schedules, parse in (
        ([text], [], parse_strategy),
        ([], [text], parse_schedule),
    ):
        try:
            check_names(strategies, schedules)
        except UserError as error:
            assert str(error)
        else:
            assert parse(str(parse(text))) == parse(text)


@examples(60)
@given(
    strategy=st.sampled_from(
        ["combined", "sequential(4)", "replay(2, 0.3)", "annealed(3)", "ensemble"]
    ),
    schedule=st.sampled_from(["linear", "restart", "cosine", "rewarmed", "constant"]),
    numbers=st.tuples(*[st.integers(1, 10**12)] * 4),
    epochs=st.integers(1, 30),
)
def test_any_plan_survives_json_and_presents_what_it_says(
    strategy: str, schedule: str, numbers: tuple[int, int, int, int], epochs: int
) -> None:
    chosen = parse_strategy(strategy)
    plans = make_plans(
        chosen,
        parse_schedule(schedule),
        Sizes(*numbers),
        epochs=epochs,
        alpha=0.025,
        min_alpha=0.0001,
    )
    for plan in plans:
        assert Plan.from_json(plan.to_json()) == plan
        assert sum(piece.epochs for phase in plan.phases for piece in phase.alpha) == sum(
            phase.epochs for phase in plan.phases
        )
    assert sum(plan.presentations()[0] for plan in plans) == epochs


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: check_names(["sequential(20000)"], []),
            "strategy sequential(20000): k must be at most 10,000",
        ),
        (
            lambda: check_names([], ["follow-up(1e308)"]),
            "schedule follow-up(1e308): a learning rate is at most 100",
        ),
        (lambda: check_amounts([], 10**9, 0.1), "epochs must be at most 10,000, got 1000000000"),
        (lambda: check_amounts([], 1, 1e308), "alpha must be at most 100, got 1e+308"),
        (
            lambda: check_amounts(["sequential(2000)"], 10, 0.1),
            "strategy sequential(2000): 20,000 passes over the domain corpus in 10 epochs: "
            "at most 10,000",
        ),
        (lambda: check_vector_size(10**9), "vector_size must be at most 100,000, got 1000000000"),
    ],
)
def test_amounts_beyond_bounds(call, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError) as caught:
        call()
    assert_clear(caught.value)
    assert str(caught.value) == message


def test_a_number_of_thousands_of_digits_is_refused_before_it_is_read() -> None:
    with pytest.raises(UsageError, match="a k that long cannot be carried out: at most 10,000"):
        check_names([f"sequential({'9' * 5000})"], [])
