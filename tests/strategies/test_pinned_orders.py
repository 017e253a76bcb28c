"""The orders that published results were trained in are those of today.

The file beside this one holds them. Whoever means to change them changes the file, and knows that
published cells are then no longer what the code computes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plan_support import FORMS, SCHEDULES, SIZES, orders, plan

PINNED: dict[str, Any] = json.loads(
    Path(__file__).with_name("pinned_orders.json").read_text(encoding="utf-8")
)


def described(strategy: str, schedule: str) -> list[dict[str, Any]]:
    """Each phase: its name, ends of the learning rate by epoch, and documents by epoch."""
    made = plan(strategy, schedule)
    return [
        {
            "name": phase.name,
            "rates": [
                [float(f"{rate:.12g}") for rate in phase.epoch_alpha(e)]
                for e in range(phase.epochs)
            ],
            "orders": epochs,
        }
        for phase, epochs in zip(made.phases, orders(made, SIZES, seed=7), strict=True)
    ]


def test_every_strategy_and_schedule_is_pinned() -> None:
    assert set(PINNED) == {f"{form} linear" for form in FORMS} | {
        f"sequential(2) {schedule}" for schedule in SCHEDULES
    }


@pytest.mark.parametrize("name", PINNED)
def test_what_a_plan_presents_is_what_it_presented(name: str) -> None:
    strategy, schedule = name.rsplit(" ", 1)
    assert described(strategy, schedule) == PINNED[name]
