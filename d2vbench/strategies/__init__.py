"""Strategies and schedules, and the plans that they make."""

from d2vbench.defaults import ALPHA, EPOCHS, MIN_ALPHA
from d2vbench.strategies.catalogue import STRATEGIES
from d2vbench.strategies.definition import Share, StrategyDefinition, Terms
from d2vbench.strategies.exposure import Exposure, exposure, exposure_of_record
from d2vbench.strategies.orders import ORDERS_VERSION, alpha_slices, epoch_order
from d2vbench.strategies.outline import Stretch, area, order_text, outline, presented, rates_text
from d2vbench.strategies.phase import (
    ASKS,
    LEARNS,
    AlphaPiece,
    Passes,
    Phase,
    Sizes,
    follows_generic,
)
from d2vbench.strategies.plan import Plan
from d2vbench.strategies.schedules import (
    SCHEDULES,
    Rates,
    Schedule,
    ScheduleDefinition,
    parse_schedule,
    schedule_forms,
)
from d2vbench.strategies.strategy import (
    Strategy,
    make_plan,
    make_plans,
    parse_strategy,
    strategy_forms,
)

__all__ = [
    "ALPHA",
    "ASKS",
    "EPOCHS",
    "LEARNS",
    "MIN_ALPHA",
    "ORDERS_VERSION",
    "SCHEDULES",
    "STRATEGIES",
    "AlphaPiece",
    "Exposure",
    "Passes",
    "Phase",
    "Plan",
    "Rates",
    "Schedule",
    "ScheduleDefinition",
    "Share",
    "Sizes",
    "Strategy",
    "StrategyDefinition",
    "Stretch",
    "Terms",
    "alpha_slices",
    "area",
    "epoch_order",
    "exposure",
    "exposure_of_record",
    "follows_generic",
    "make_plan",
    "make_plans",
    "order_text",
    "outline",
    "parse_schedule",
    "parse_strategy",
    "presented",
    "rates_text",
    "schedule_forms",
    "strategy_forms",
]
