"""Plans are data: they are checked when made, and survive JSON."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import FORMS, SCHEDULES, plan, sizes_strategy

from d2vbench.errors import UserError
from d2vbench.strategies import AlphaPiece, Passes, Phase, Plan, Sizes


@given(sizes_strategy, st.sampled_from(FORMS), st.sampled_from(SCHEDULES), st.integers(1, 4))
def test_json_round_trip(sizes: Sizes, strategy: str, schedule: str, epochs: int) -> None:
    made = plan(strategy, schedule, sizes, epochs)
    again = Plan.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.key() == made.key()


def test_keys_tell_plans_apart() -> None:
    keys = {plan(strategy, schedule).key() for strategy in FORMS for schedule in SCHEDULES}
    plans = {plan(strategy, schedule) for strategy in FORMS for schedule in SCHEDULES}
    assert len(keys) == len(plans)


def test_equal_plans_have_equal_keys() -> None:
    whole = Phase("p", 2, generic=Passes(0, 2), alpha=(AlphaPiece(2, 0.1, 0.01),))
    exact = Phase(
        "p",
        2,
        generic=Passes(Fraction(0), Fraction(2)),
        alpha=(AlphaPiece(Fraction(2), 0.1, 0.01),),
    )
    assert Plan((whole,)) == Plan((exact,))
    assert Plan((whole,)).key() == Plan((exact,)).key()


GOOD = Phase("p", 2, generic=Passes(0, 2), alpha=(AlphaPiece(2, 0.1, 0.01),))


def changed(**values: object) -> tuple[Phase, ...]:
    return (dataclasses.replace(GOOD, **values),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ((), "a plan needs at least one phase"),
        ((GOOD, GOOD), "a plan names the phase 'p' twice"),
        (
            changed(alpha=(AlphaPiece(1, 0.1, 0.01),)),
            "phase 'p': alpha pieces cover 1 of 2 epochs",
        ),
        (
            changed(alpha=(AlphaPiece(Fraction(5, 2), 0.1, 0.01),)),
            "phase 'p': alpha pieces cover 5/2 of 2 epochs",
        ),
        (
            changed(alpha=(AlphaPiece(3, 0.1, 0.01), AlphaPiece(-1, 0.1, 0.01))),
            "phase 'p': alpha pieces cover 2 of 2 epochs, one of them -1",
        ),
        (
            changed(alpha=(AlphaPiece(2, 0.1, 0.0),)),
            "phase 'p': alpha must be finite, and positive where it falls (gensim ignores an end "
            "of 0), got 0.1 to 0.0",
        ),
        (
            changed(alpha=(AlphaPiece(2, 0.1, 0.2),)),
            "phase 'p': within a piece alpha may not rise (gensim jumps to the end at once), "
            "got 0.1 to 0.2",
        ),
        (
            changed(generic=Passes(0, 3), order="once"),
            "phase 'p': 3 generic passes do not divide evenly over 2 epochs, as order 'once' needs",
        ),
        (
            changed(spread="rising", order="concatenated"),
            "phase 'p': 2 generic passes do not divide evenly over 2 epochs, as order "
            "'concatenated' needs",
        ),
        (changed(generic=Passes(2, 0)), "phase 'p': generic passes 2 to 0 are no range"),
        (changed(generic=Passes()), "phase 'p': presents nothing"),
        (changed(epochs=0), "phase 'p': epochs must be 1 or more, got 0"),
        (
            changed(order="sorted"),
            "phase 'p': order must be one of shuffled, once, concatenated, got 'sorted'",
        ),
        (
            changed(spread="odd"),
            "phase 'p': spread must be one of even, rising, got 'odd'",
        ),
        (
            changed(learns=("tags",)),
            "phase 'p': learns must be some of documents, words, outputs, got ('tags',)",
        ),
        (
            changed(nearest=Fraction(3, 2)),
            "phase 'p': the nearest share must be greater than 0 and at most 1, got 3/2",
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
