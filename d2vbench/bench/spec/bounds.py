"""What no machine could carry out, refused before the work begins and not after hours of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from d2vbench.errors import UsageError
from d2vbench.families import InferenceSettings
from d2vbench.strategies import parse_schedule, parse_strategy

MOST_PASSES = 10_000
MOST_SEEDS = 1_000
# A hundred times what anybody trains with. Far less than what makes sums of learning rates
# overflow.
MOST_ALPHA = 100.0
MOST_COMPONENTS = 100_000

# A whole number of ten digits or more, where it is no fraction's. Python itself gives up on those
# of more than 4,300.
_LONG = re.compile(r"(?<![\d.])\d{10}")


def check_names(strategies: Iterable[str], schedules: Iterable[str]) -> None:
    """Refuse strategies and schedules that are none, or whose values are beyond bounds.

    Parameters
    ----------
    strategies, schedules : iterable of str
        As a person writes them.

    Raises
    ------
    UsageError
        Says which.
    """
    for text in strategies:
        if _LONG.search(text):
            raise UsageError(
                f"strategy {text:.60}: a k that long cannot be carried out: at most {MOST_PASSES:,}"
            )
        k = parse_strategy(text).k
        if isinstance(k, int) and k > MOST_PASSES:
            raise UsageError(f"strategy {text}: k must be at most {MOST_PASSES:,}")
    for text in schedules:
        value = parse_schedule(text).value
        if value is not None and value > MOST_ALPHA:
            raise UsageError(f"schedule {text:.60}: a learning rate is at most {MOST_ALPHA:g}")


def check_vector_size(size: int) -> None:
    """Refuse vectors of more components than any model has; a `UsageError` says how many."""
    if size > MOST_COMPONENTS:
        raise UsageError(f"vector_size must be at most {MOST_COMPONENTS:,}, got {size!s:.20}")


def check_amounts(strategies: Iterable[str], epochs: int, alpha: float) -> None:
    """Refuse more passes than anybody could wait for, and learning rates that overflow.

    Parameters
    ----------
    strategies : iterable of str
        Checked by `check_names`.
    epochs : int
        E: passes over G. Passes over D are k times as many.
    alpha : float
        The highest learning rate.

    Raises
    ------
    UsageError
        Says which is too large.
    """
    if epochs > MOST_PASSES:
        raise UsageError(f"epochs must be at most {MOST_PASSES:,}, got {epochs!s:.20}")
    if MOST_ALPHA < alpha < float("inf"):
        raise UsageError(f"alpha must be at most {MOST_ALPHA:g}, got {alpha:g}")
    for text in strategies:
        k = parse_strategy(text).k
        if isinstance(k, int) and k * epochs > MOST_PASSES:
            raise UsageError(
                f"strategy {text}: {k * epochs:,} passes over the domain corpus in {epochs:,} "
                f"epochs: at most {MOST_PASSES:,}"
            )


def check_inference(settings: InferenceSettings) -> None:
    """Refuse inference settings that no engine can carry out.

    Raises
    ------
    UsageError
        If there is no epoch, or alpha does not fall to a positive end.
    """
    if settings.epochs < 1:
        raise UsageError(
            f"epochs of inference must be a whole number from 1 up, got {settings.epochs}"
        )
    ends = (settings.min_alpha, settings.alpha)
    if not all(math.isfinite(a) for a in ends) or not 0 < settings.min_alpha <= settings.alpha:
        raise UsageError(
            "alpha of inference must fall to an end above 0, got "
            f"{settings.alpha:g} to {settings.min_alpha:g}"
        )
