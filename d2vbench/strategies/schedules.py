"""Schedules: the learning rate over the phases of a plan, as pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from d2vbench.errors import UsageError
from d2vbench.plugins import Catalogue
from d2vbench.strategies.names import parse_name
from d2vbench.strategies.phase import AlphaPiece, Phase, Sizes

Pieces = tuple[tuple[AlphaPiece, ...], ...]

# Re-warming takes the first tenth of a phase. alpha cannot rise within a call of gensim's, so the
# climb is a stair; with the middle of each step on the straight line its area is that of the line.
WARM_SHARE = Fraction(1, 10)
WARM_STEPS = 8

# A cosine is drawn in straight pieces, so many at least over the whole plan.
_COSINE_PIECES = 16


@dataclass(frozen=True)
class Rates:
    """What a schedule has to go by.

    Attributes
    ----------
    phases : tuple of Phase
        Without learning rates.
    sizes : Sizes
        Words decide how far a phase reaches.
    alpha, min_alpha : float
        The highest and the lowest learning rate.
    value : float or None
        The schedule's own value, where it takes one.
    """

    phases: tuple[Phase, ...]
    sizes: Sizes
    alpha: float
    min_alpha: float
    value: float | None = None


def linear(of: Rates) -> Pieces:
    """One straight decay over all the words of all phases: what one `train()` call does."""
    total = sum(phase.words(of.sizes) for phase in of.phases)
    fall = of.alpha - of.min_alpha
    pieces, done = [], Fraction(0)
    for phase in of.phases:
        start = of.alpha - fall * float(done / total)
        done += phase.words(of.sizes)
        end = of.alpha - fall * float(done / total) if done < total else of.min_alpha
        pieces.append(_straight(phase, of.sizes, start, end))
    return tuple(pieces)


def restart(of: Rates) -> Pieces:
    """Each phase decays from alpha to min_alpha: what calling `train()` twice does by default."""
    return tuple(_straight(phase, of.sizes, of.alpha, of.min_alpha) for phase in of.phases)


def follow_up(of: Rates) -> Pieces:
    """As `restart`, but phases after the first start at a: the control for their alpha."""
    assert of.value is not None
    first, *others = of.phases
    return (
        _straight(first, of.sizes, of.alpha, of.min_alpha),
        *(_straight(phase, of.sizes, of.value, of.min_alpha) for phase in others),
    )


def rewarmed(of: Rates) -> Pieces:
    """As `restart`, but later phases climb to alpha over their first tenth: no sudden jump.

    Gupta et al. 2023 and Ibrahim et al. 2024 (arXiv 2403.08763) re-warm and re-decay language
    models in continued training. The climb is a stair of `WARM_STEPS` level steps; a phase of few
    epochs is cut inside an epoch.
    """
    first, *others = of.phases
    pieces = [_straight(first, of.sizes, of.alpha, of.min_alpha)]
    for phase in others:
        climb = (of.alpha - of.min_alpha) / WARM_STEPS
        levels = [of.min_alpha + climb * (step + 0.5) for step in range(WARM_STEPS)]
        warm = phase.epochs * WARM_SHARE
        stair = [AlphaPiece(warm / WARM_STEPS, level, level) for level in levels]
        rest = AlphaPiece(phase.epochs - warm, of.alpha, of.min_alpha)
        pieces.append((*stair, rest))
    return tuple(pieces)


def lowered(of: Rates) -> Pieces:
    """Level in each phase, and lower by s from one to the next, below zero if there are many.

    What code does that calls `train()` in a loop and takes a step off ``model.alpha`` after each
    call: below zero, training undoes what it has learned. The control for that mistake, with
    `loop(k)`.
    """
    assert of.value is not None
    levels = [of.alpha]
    for _ in of.phases[1:]:  # By subtraction, as the loop does: the rounding is part of the rate.
        levels.append(levels[-1] - of.value)
    return tuple(
        (AlphaPiece(phase.epochs, a, a),) for phase, a in zip(of.phases, levels, strict=True)
    )


def constant(of: Rates) -> Pieces:
    """Level at alpha from beginning to end: the control for decaying at all."""
    return tuple((AlphaPiece(phase.epochs, of.alpha, of.alpha),) for phase in of.phases)


def cosine(of: Rates) -> Pieces:
    """Half a cosine over all the words of all phases: the control for the shape of the decay.

    In straight pieces between points of the curve: at the ends of each epoch, and between them
    where a plan has few epochs.
    """
    total = sum(phase.words(of.sizes) for phase in of.phases)
    cuts = math.ceil(_COSINE_PIECES / sum(phase.epochs for phase in of.phases))
    pieces, done = [], Fraction(0)

    def curve(words: Fraction) -> float:
        height = (1 + math.cos(math.pi * float(words / total))) / 2
        return of.min_alpha + (of.alpha - of.min_alpha) * height

    for phase in of.phases:
        mine = []
        for epoch in range(phase.epochs):
            words = sum(phase.epoch_words(epoch, of.sizes))
            points = [curve(done + words * Fraction(i, cuts)) for i in range(cuts + 1)]
            mine += [AlphaPiece(Fraction(1, cuts), points[i], points[i + 1]) for i in range(cuts)]
            done += words
        pieces.append(tuple(mine))
    return tuple(pieces)


def _straight(phase: Phase, sizes: Sizes, start: float, end: float) -> tuple[AlphaPiece, ...]:
    """Return a decay that is straight in words over one phase."""
    if phase.spread == "even":
        return (AlphaPiece(phase.epochs, start, end),)
    # Epochs differ in length: straight in words is not straight in epochs.
    total, done = phase.words(sizes), Fraction(0)
    points = [start]
    for epoch in range(phase.epochs):
        done += sum(phase.epoch_words(epoch, sizes))
        points.append(start - (start - end) * float(done / total) if done < total else end)
    return tuple(AlphaPiece(1, points[i], points[i + 1]) for i in range(phase.epochs))


Rule = Callable[[Rates], Pieces]


@dataclass(frozen=True, eq=False)
class ScheduleDefinition:
    """A schedule: its rule, and what it takes.

    Attributes
    ----------
    rule : callable
        From `Rates` to the pieces of each phase; a pure function. The first line of its docstring
        is what lists show.
    value : str
        Name of the learning rate that it takes, as in ``follow-up(a)``; empty if it takes none.
    later_phases : bool
        Whether it differs from `linear` from the second phase on, and so not at all where there is
        but one.
    version : int or None
        Raised when the rule gives other rates; as of a `StrategyDefinition`.
    starts : bool
        Whether its value is a rate that a phase starts at, and so must be above ``min_alpha``.
    """

    rule: Rule
    value: str = ""
    later_phases: bool = False
    version: int | None = None
    starts: bool = True

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return (self.rule.__doc__ or "").strip().split("\n")[0]

    def form(self, name: str) -> str:
        """Return how a schedule of this definition is written, as ``follow-up(a)``."""
        return f"{name}({self.value})" if self.value else name


def _check(name: str, value: Any) -> str:
    if not isinstance(value, ScheduleDefinition):
        return f"must be a ScheduleDefinition, got {value!r:.80}"
    return ""


SCHEDULES: Catalogue[ScheduleDefinition] = Catalogue(
    "schedule",
    "d2vbench.schedules",
    {
        "linear": ScheduleDefinition(linear, version=1),
        "restart": ScheduleDefinition(restart, later_phases=True, version=1),
        "follow-up": ScheduleDefinition(follow_up, value="a", later_phases=True, version=1),
        "rewarmed": ScheduleDefinition(rewarmed, later_phases=True, version=1),
        "lowered": ScheduleDefinition(lowered, value="s", version=1, starts=False),
        "constant": ScheduleDefinition(constant, version=1),
        "cosine": ScheduleDefinition(cosine, version=1),
    },
    _check,
)


def schedule_forms() -> dict[str, str]:
    """Return how each of d2vbench's own schedules is written, and the first line of what it is.

    Examples
    --------
    >>> list(schedule_forms())
    ['linear', 'restart', 'follow-up(a)', 'rewarmed', 'lowered(s)', 'constant', 'cosine']
    """
    return {d.form(name): d.summary for name, d in SCHEDULES.built_in.items()}


@dataclass(frozen=True)
class Schedule:
    """A schedule by name, with its value where it takes one.

    Attributes
    ----------
    name : str
        A key of `SCHEDULES`.
    value : float or None
        The start alpha of ``follow-up``, the step of ``lowered``.
    """

    name: str
    value: float | None = None

    def __str__(self) -> str:
        """Return the form that `parse_schedule` reads."""
        return self.name if self.value is None else f"{self.name}({self.value!r})"

    @property
    def needs_phases(self) -> bool:
        """Whether it is `linear` for a plan of one phase."""
        return self.definition.later_phases

    @property
    def definition(self) -> ScheduleDefinition:
        """What it is."""
        return SCHEDULES[self.name]

    def to_json(self) -> dict[str, Any]:
        """Return the schedule as JSON values: its name, and its value or null."""
        return {"name": self.name, "value": self.value}

    def check(self, alpha: float, min_alpha: float) -> None:
        """Refuse learning rates that the schedule cannot have; see `check_alpha`."""
        check_alpha(alpha, min_alpha)
        if self.value is not None and self.definition.starts and not min_alpha < self.value:
            raise UsageError(
                f"schedule {self}: the start alpha must be greater than min_alpha {min_alpha}"
            )

    def pieces(
        self, phases: Sequence[Phase], sizes: Sizes, alpha: float, min_alpha: float
    ) -> Pieces:
        """Return the learning rates of the phases, a tuple of pieces for each.

        Raises
        ------
        PluginError
            If a third party's rule fails, or returns anything else.
        """
        self.check(alpha, min_alpha)
        if not any(phase.epochs for phase in phases):
            return ((),) * len(phases)
        with SCHEDULES.blame(self.name):
            made: Any = self.definition.rule(
                Rates(tuple(phases), sizes, alpha, min_alpha, self.value)
            )
        if not (
            isinstance(made, tuple)
            and len(made) == len(phases)
            and all(isinstance(pieces, tuple) for pieces in made)
            and all(isinstance(piece, AlphaPiece) for pieces in made for piece in pieces)
        ):
            raise SCHEDULES.error(self.name, "must make a tuple of AlphaPiece for each phase")
        # A saved model has no rate any more, but it is a first phase.
        return tuple(a if p.epochs else () for p, a in zip(phases, made, strict=True))


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
    name, arguments = parse_name(text, "schedule", SCHEDULES)
    given = ", ".join(arguments) if arguments else None
    if not SCHEDULES[name].value:
        if arguments:
            raise UsageError(f"schedule {name} takes no value, got {given!r}")
        return Schedule(name)
    try:
        value = float(given or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise UsageError(
            f"schedule {name} takes a positive learning rate, as in {name}(0.005); got {given!r}"
        )
    return Schedule(name, value)
