"""Strategies and schedules, and the plans that they make."""

from d2vbench.strategies.catalogue import (
    STRATEGIES,
    Strategy,
    make_plan,
    parse_strategy,
)
from d2vbench.strategies.orders import epoch_order
from d2vbench.strategies.plan import AlphaPiece, Passes, Phase, Plan, Sizes
from d2vbench.strategies.schedules import SCHEDULES, Schedule, parse_schedule

__all__ = [
    "SCHEDULES",
    "STRATEGIES",
    "AlphaPiece",
    "Passes",
    "Phase",
    "Plan",
    "Schedule",
    "Sizes",
    "Strategy",
    "epoch_order",
    "make_plan",
    "parse_schedule",
    "parse_strategy",
]
