"""Schedules: the learning rate over the phases of a plan, as pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from d2vbench.errors import UsageError
from d2vbench.strategies.names import parse_name
from d2vbench.strategies.plan import AlphaPiece, Phase, Sizes

Pieces = tuple[tuple[AlphaPiece, ...], ...]


def linear(
    phases: Sequence[Phase],
    sizes: Sizes,
    alpha: float,
    min_alpha: float,
    value: float | None,
) -> Pieces:
    """One straight decay over all the words of all phases: what one `train()` call does.

    Parameters
    ----------
    phases : sequence of Phase
        Without learning rates.
    sizes : Sizes
        Words decide how far a phase reaches.
    alpha, min_alpha : float
        At the start of the first and at the end of the last phase.
    value : None
        Takes none.

    Returns
    -------
    tuple of tuple of AlphaPiece
        One tuple a phase.
    """
    del value
    total = sum(phase.words(sizes) for phase in phases)
    pieces, done = [], 0
    for phase in phases:
        start = alpha - (alpha - min_alpha) * done / total
        done += phase.words(sizes)
        end = alpha - (alpha - min_alpha) * done / total if done < total else min_alpha
        pieces.append((AlphaPiece(phase.epochs, start, end),))
    return tuple(pieces)


def restart(
    phases: Sequence[Phase],
    sizes: Sizes,
    alpha: float,
    min_alpha: float,
    value: float | None,
) -> Pieces:
    """Each phase decays from alpha to min_alpha: what calling `train()` twice does by default.

    Parameters
    ----------
    phases, sizes, alpha, min_alpha, value
        As in `linear`.

    Returns
    -------
    tuple of tuple of AlphaPiece
        One tuple a phase.
    """
    del sizes, value
    return tuple((AlphaPiece(phase.epochs, alpha, min_alpha),) for phase in phases)


def follow_up(
    phases: Sequence[Phase],
    sizes: Sizes,
    alpha: float,
    min_alpha: float,
    value: float | None,
) -> Pieces:
    """As `restart`, but the last phase starts at a learning rate of its own.

    Parameters
    ----------
    phases, sizes, alpha, min_alpha
        As in `linear`.
    value : float
        Learning rate at the start of the last phase, above ``min_alpha``.

    Returns
    -------
    tuple of tuple of AlphaPiece
        One tuple a phase.
    """
    assert value is not None
    pieces = restart(phases, sizes, alpha, min_alpha, None)
    return (*pieces[:-1], (AlphaPiece(phases[-1].epochs, value, min_alpha),))


Rule = Callable[[Sequence[Phase], Sizes, float, float, float | None], Pieces]

SCHEDULES: dict[str, Rule] = {
    "linear": linear,
    "restart": restart,
    "follow-up": follow_up,
}
_TAKES_VALUE = ("follow-up",)


@dataclass(frozen=True)
class Schedule:
    """A schedule by name, with its value where it takes one.

    Attributes
    ----------
    name : str
        A key of `SCHEDULES`.
    value : float or None
        The start alpha of ``follow-up``.
    """

    name: str
    value: float | None = None

    def __str__(self) -> str:
        """Return the form that `parse_schedule` reads."""
        return self.name if self.value is None else f"{self.name}({self.value!r})"

    def check(self, alpha: float, min_alpha: float) -> None:
        """Refuse learning rates that the schedule cannot have; see `check_alpha`."""
        check_alpha(alpha, min_alpha)
        if self.value is not None and not min_alpha < self.value:
            raise UsageError(
                f"schedule {self}: the start alpha must be greater than min_alpha {min_alpha}"
            )

    def pieces(
        self, phases: Sequence[Phase], sizes: Sizes, alpha: float, min_alpha: float
    ) -> Pieces:
        """Return the learning rates of the phases, a tuple of pieces for each."""
        self.check(alpha, min_alpha)
        return SCHEDULES[self.name](phases, sizes, alpha, min_alpha, self.value)


def check_alpha(alpha: float, min_alpha: float) -> None:
    """Refuse learning rates that gensim would ignore or turn around.

    Raises
    ------
    UsageError
        Unless 0 < min_alpha < alpha, both finite.
    """
    if not math.isfinite(min_alpha) or min_alpha <= 0:
        raise UsageError(
            f"min_alpha must be greater than 0 and less than alpha, got {min_alpha} "
            "(gensim silently ignores an end alpha of 0)"
        )
    if not math.isfinite(alpha) or alpha <= min_alpha:
        raise UsageError(f"alpha must be greater than min_alpha {min_alpha}, got {alpha}")


def parse_schedule(text: str) -> Schedule:
    """Read a schedule: ``linear``, ``restart``, ``follow-up(0.005)``.

    Parameters
    ----------
    text : str
        ``NAME`` or ``NAME(VALUE)``.

    Returns
    -------
    Schedule
        Its ``str`` reads back as an equal one.

    Raises
    ------
    UsageError
        For an unknown name, or a value that is missing, unwanted or no positive number.

    Examples
    --------
    >>> parse_schedule("follow-up(0.005)")
    Schedule(name='follow-up', value=0.005)
    """
    name, argument = parse_name(text, "schedule", SCHEDULES)
    if name not in _TAKES_VALUE:
        if argument is not None:
            raise UsageError(f"schedule {name} takes no value, got {argument!r}")
        return Schedule(name)
    try:
        value = float(argument or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise UsageError(
            f"schedule {name} takes a positive learning rate, as in {name}(0.005); got {argument!r}"
        )
    return Schedule(name, value)
