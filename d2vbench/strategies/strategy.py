"""Strategies by name, with their arguments, and the plans that they make."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from d2vbench.errors import UsageError
from d2vbench.strategies.catalogue import STRATEGIES
from d2vbench.strategies.definition import BUDGET, Phases, Share, StrategyDefinition, Terms
from d2vbench.strategies.names import parse_name
from d2vbench.strategies.phase import LEARNS, Phase, Sizes, follows_generic
from d2vbench.strategies.plan import Plan
from d2vbench.strategies.schedules import Schedule


def strategy_forms() -> dict[str, str]:
    """Return how each of d2vbench's own strategies is written, and the first line of what it is.

    Examples
    --------
    >>> [form for form in strategy_forms() if form.startswith(("re", "se"))]
    ['sequential(k)', 'reverse(k)', 'replay(k, p)', 'selected(q)']
    """
    return {d.form(name): d.summary for name, d in STRATEGIES.built_in.items()}


@dataclass(frozen=True)
class Strategy:
    """A strategy by name, with its arguments.

    Attributes
    ----------
    name : str
        A key of `STRATEGIES`.
    k : int or str
        How often a domain document is presented for each time a generic one is; ``"budget"`` for
        ``domain-only``, ``"balanced"`` for the others.
    share : float or None
        p, q or lambda, where the strategy takes one.
    """

    name: str
    k: int | str = 1
    share: float | None = None

    def __str__(self) -> str:
        """Return the form that `parse_strategy` reads."""
        values = [
            str(self.k) if argument == "k" else repr(self.share).removesuffix(".0")
            for argument in self.definition.takes
        ]
        return f"{self.name}({', '.join(values)})" if values else self.name

    @property
    def definition(self) -> StrategyDefinition:
        """What it is."""
        return STRATEGIES[self.name]

    @property
    def models(self) -> int:
        """How many models it trains; they divide the vector's width evenly."""
        return self.definition.models

    @property
    def follows_generic(self) -> bool:
        """Whether one model continues from a phase of G alone: then drift is measured."""
        layouts = self.layouts(Terms(2, 1, self._exact_share()))
        return len(layouts) == 1 and follows_generic(layouts[0])

    @property
    def idle(self) -> bool:
        """Whether it presents nothing at all."""
        terms = Terms(2, 1, self._exact_share())
        return not any(phase.epochs for phases in self.layouts(terms) for phase in phases)

    @property
    def phases(self) -> int:
        """How many phases the longest of its models has."""
        terms = Terms(2, 1, self._exact_share())
        return max(len(phases) for phases in self.layouts(terms))

    @property
    def freezes(self) -> bool:
        """Whether a phase leaves some of the weights as they are."""
        terms = Terms(2, 1, self._exact_share())
        return any(phase.learns != LEARNS for phases in self.layouts(terms) for phase in phases)

    @property
    def asks(self) -> frozenset[str]:
        """What its phases ask of a family beyond presenting documents; see `Phase.asks`."""
        terms = Terms(2, 1, self._exact_share())
        return frozenset().union(*(p.asks for phases in self.layouts(terms) for p in phases))

    def to_json(self) -> dict[str, Any]:
        """Return the strategy as JSON values: its name, its k and its share, null if it takes none.

        Examples
        --------
        >>> parse_strategy("replay(4)").to_json()
        {'name': 'replay', 'k': 4, 'share': 0.1}
        >>> parse_strategy("combined").to_json()
        {'name': 'combined', 'k': None, 'share': None}
        """
        return {
            "name": self.name,
            "k": self.k if self.definition.k else None,
            "share": self.share,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Strategy:
        """Return the strategy that `to_json` wrote."""
        return cls(value["name"], 1 if value["k"] is None else value["k"], value["share"])

    def layouts(self, terms: Terms) -> tuple[Phases, ...]:
        """Return the phases of each model.

        Raises
        ------
        PluginError
            If a third party's layout fails, or returns anything else.
        """
        models = self.definition.models
        with STRATEGIES.blame(self.name):
            laid_out: Any = self.definition.layout(terms)
        laid_out = laid_out if models > 1 else (laid_out,)
        if not _is_layout(laid_out, models):
            raise STRATEGIES.error(
                self.name, f"must lay out a tuple of Phase for each of {models} models"
            )
        return laid_out

    def passes_per_epoch(self, sizes: Sizes) -> int:
        """Return k as a number; a word for one is turned into the nearest whole, at least 1."""
        if isinstance(self.k, int):
            return self.k
        words = sizes.generic_words + (sizes.domain_words if self.k == BUDGET else 0)
        return max(round(words / max(sizes.domain_words, 1)), 1)

    def _exact_share(self) -> Fraction:
        # From the decimal text: 0.1 is a tenth, and not the nearest binary number to it.
        return Fraction(repr(self.share)) if self.share is not None else Fraction(0)


def _is_layout(value: Any, models: int) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == models
        and all(isinstance(phases, tuple) for phases in value)
        and all(isinstance(phase, Phase) for phases in value for phase in phases)
    )


def parse_strategy(text: str) -> Strategy:
    """Read a strategy: ``combined``, ``sequential(4)``, ``replay(4, 0.1)``.

    Parameters
    ----------
    text : str
        ``NAME``, or ``NAME`` with its arguments; those left out have their
        defaults: k = 1, p = 0.1, q = 0.5.

    Returns
    -------
    Strategy
        Its ``str`` reads back as an equal one.

    Raises
    ------
    UsageError
        For an unknown name, too many arguments, a k that is no whole number from 1 up, or a share
        outside [0, 1].

    Examples
    --------
    >>> str(parse_strategy("sequential")), str(parse_strategy("replay(4)"))
    ('sequential(1)', 'replay(4, 0.1)')
    """
    name, given = parse_name(text, "strategy", STRATEGIES)
    definition = STRATEGIES[name]
    takes = definition.takes
    if not takes and given:
        raise UsageError(f"strategy {name} takes no value, got {', '.join(given)!r}")
    if len(given) > len(takes):
        raise UsageError(
            f"strategy {name} is written {definition.form(name)}, got {', '.join(given)!r}"
        )
    strategy = Strategy(name)
    values = list(given)
    if definition.k and values:
        strategy = dataclasses.replace(strategy, k=_parse_k(name, definition.word, values.pop(0)))
    if definition.share:
        share = _parse_share(name, definition.share, values[0] if values else None)
        strategy = dataclasses.replace(strategy, share=share)
    return strategy


def _parse_k(name: str, word: str, text: str) -> int | str:
    if text == word:
        return word
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise UsageError(
            f"strategy {name}: k must be a whole number from 1 up, or {word!r}; got {text!r}"
        )
    return int(text)


def _parse_share(name: str, share: Share, text: str | None) -> float:
    if text is None:
        return share.default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (0 <= value <= share.most and math.isfinite(value)):
        raise UsageError(f"strategy {name}: {share.name} must be {share.range}, got {text!r}")
    if share.at_zero and not value:
        raise UsageError(f"strategy {name}: a {share.name} of 0 {share.at_zero}")
    return value


def make_plans(
    strategy: Strategy,
    schedule: Schedule,
    sizes: Sizes,
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
    saved: bool = False,
) -> tuple[Plan, ...]:
    """Make a strategy and a schedule concrete: a plan for each model that it trains.

    Parameters
    ----------
    strategy : Strategy
        What is presented.
    schedule : Schedule
        With which learning rates.
    sizes : Sizes
        Of the corpora.
    epochs : int
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate; 0 < min_alpha < alpha.
    saved : bool
        Whether a saved model stands for G.

    Returns
    -------
    tuple of Plan
        Checked; one for all but ensembles.

    Raises
    ------
    UserError
        If anything is out of range; said before any training.
    """
    if epochs < 1:
        raise UsageError(f"epochs must be a whole number from 1 up, got {epochs}")
    terms = Terms(epochs, strategy.passes_per_epoch(sizes), strategy._exact_share(), saved)
    plans = []
    for phases in strategy.layouts(terms):
        pieces = schedule.pieces(phases, sizes, alpha, min_alpha)
        plans.append(
            Plan(
                tuple(dataclasses.replace(p, alpha=a) for p, a in zip(phases, pieces, strict=True))
            )
        )
    return tuple(plans)


def make_plan(
    strategy: Strategy,
    schedule: Schedule,
    sizes: Sizes,
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
) -> Plan:
    """Make the plan of a strategy that trains one model; see `make_plans`.

    Raises
    ------
    UserError
        Also for a strategy of several models.
    """
    if strategy.models > 1:
        raise UsageError(f"strategy {strategy} has a plan for each of its {strategy.models} models")
    (plan,) = make_plans(strategy, schedule, sizes, epochs=epochs, alpha=alpha, min_alpha=min_alpha)
    return plan
