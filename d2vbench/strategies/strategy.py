"""Strategies by name, with their arguments, and the plans that they make."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from d2vbench.errors import UsageError
from d2vbench.strategies.catalogue import ENSEMBLES, STRATEGIES, Phases, Terms
from d2vbench.strategies.names import parse_name
from d2vbench.strategies.phase import Sizes
from d2vbench.strategies.plan import Plan
from d2vbench.strategies.schedules import Schedule

BUDGET = "budget"
BALANCED = "balanced"

_ALL = {**STRATEGIES, **ENSEMBLES}
_OTHER_ARGUMENTS = {
    "generic-only": (),
    "combined": (),
    "replay": ("k", "p"),
    "selected": ("q",),
}
_SHARES = {"p": 0.1, "q": 0.5}

# What frozen output weights leave to learn is nothing that inference reads.
_FROZEN_NEEDS = {
    "dbow": "nothing but the output weights decides an inferred vector",
    "dbow-words": "inference leaves the word vectors out, so nothing but the output weights "
    "decides an inferred vector",
}


def _arguments(name: str) -> tuple[str, ...]:
    return _OTHER_ARGUMENTS.get(name, ("k",))


def strategy_forms() -> dict[str, str]:
    """Return how each strategy is written, and the first line of what it is.

    Examples
    --------
    >>> [form for form in strategy_forms() if form.startswith(("re", "se"))]
    ['sequential(k)', 'reverse(k)', 'replay(k, p)', 'selected(q)']
    """
    forms = {}
    for name, layout in _ALL.items():
        arguments = ", ".join(_arguments(name))
        forms[f"{name}({arguments})" if arguments else name] = (layout.__doc__ or "").split("\n")[0]
    return forms


@dataclass(frozen=True)
class Strategy:
    """A strategy by name, with its arguments.

    Attributes
    ----------
    name : str
        A key of `STRATEGIES` or `ENSEMBLES`.
    k : int or str
        How often a domain document is presented for each time a generic one is; ``"budget"`` for
        ``domain-only``, ``"balanced"`` for the others.
    share : float or None
        p or q, where the strategy takes one; in [0, 1].
    """

    name: str
    k: int | str = 1
    share: float | None = None

    def __str__(self) -> str:
        """Return the form that `parse_strategy` reads."""
        values = [
            str(self.k) if argument == "k" else repr(self.share).removesuffix(".0")
            for argument in _arguments(self.name)
        ]
        return f"{self.name}({', '.join(values)})" if values else self.name

    @property
    def models(self) -> int:
        """How many models it trains; they divide the vector's width evenly."""
        return len(self.layouts(Terms(1)))

    @property
    def phases(self) -> int:
        """How many phases the longest of its models has."""
        terms = Terms(2, 1, self._exact_share())
        return max(len(phases) for phases in self.layouts(terms))

    def layouts(self, terms: Terms) -> tuple[Phases, ...]:
        """Return the phases of each model."""
        if self.name in ENSEMBLES:
            return ENSEMBLES[self.name](terms)
        return (STRATEGIES[self.name](terms),)

    def passes_per_epoch(self, sizes: Sizes) -> int:
        """Return k as a number; a word for one is turned into the nearest whole, at least 1."""
        if isinstance(self.k, int):
            return self.k
        words = sizes.generic_words + (sizes.domain_words if self.k == BUDGET else 0)
        return max(round(words / max(sizes.domain_words, 1)), 1)

    def check_model(self, model: str) -> None:
        """Refuse a model in which the strategy would not be what its name says.

        Raises
        ------
        UsageError
            For `frozen` in PV-DBOW, with or without words.
        """
        if self.name == "frozen" and model in _FROZEN_NEEDS:
            raise UsageError(
                f"strategy {self} cannot be told from generic-only in model {model}: "
                f"{_FROZEN_NEEDS[model]}; use a PV-DM model, as in --model dm-mean"
            )

    def _exact_share(self) -> Fraction:
        # From the decimal text: 0.1 is a tenth, and not the nearest binary number to it.
        return Fraction(repr(self.share)) if self.share is not None else Fraction(0)


def parse_strategy(text: str) -> Strategy:
    """Read a strategy: ``combined``, ``sequential(4)``, ``replay(4, 0.1)``.

    Parameters
    ----------
    text : str
        ``NAME``, or ``NAME`` with its arguments; those left out are k = 1, p = 0.1, q = 0.5.

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
    name, given = parse_name(text, "strategy", _ALL)
    takes = _arguments(name)
    if not takes and given:
        raise UsageError(f"strategy {name} takes no value, got {', '.join(given)!r}")
    if len(given) > len(takes):
        raise UsageError(
            f"strategy {name} is written {name}({', '.join(takes)}), got {', '.join(given)!r}"
        )
    strategy = Strategy(name)
    for i, argument in enumerate(takes):
        if argument == "k":
            if i < len(given):
                strategy = dataclasses.replace(strategy, k=_parse_k(name, given[i]))
        else:
            share = _parse_share(name, argument, given[i]) if i < len(given) else _SHARES[argument]
            strategy = dataclasses.replace(strategy, share=share)
    return strategy


def _parse_k(name: str, text: str) -> int | str:
    word = BUDGET if name == "domain-only" else BALANCED
    if text == word:
        return word
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise UsageError(
            f"strategy {name}: k must be a whole number from 1 up, or {word!r}; got {text!r}"
        )
    return int(text)


def _parse_share(name: str, argument: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"strategy {name}: {argument} must be a share from 0 to 1, got {text!r}")
    if argument == "q" and not value:
        raise UsageError(f"strategy {name}: a q of 0 leaves nothing of G; use domain-only")
    return value


def make_plans(
    strategy: Strategy,
    schedule: Schedule,
    sizes: Sizes,
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
    model: str | None = None,
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
    model : str, optional
        Which model it is for; see `Strategy.check_model`.

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
    if model is not None:
        strategy.check_model(model)
    terms = Terms(epochs, strategy.passes_per_epoch(sizes), strategy._exact_share())
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
    model: str | None = None,
) -> Plan:
    """Make the plan of a strategy that trains one model; see `make_plans`.

    Raises
    ------
    UserError
        Also for a strategy of several models.
    """
    if strategy.models > 1:
        raise UsageError(f"strategy {strategy} has a plan for each of its {strategy.models} models")
    (plan,) = make_plans(
        strategy, schedule, sizes, epochs=epochs, alpha=alpha, min_alpha=min_alpha, model=model
    )
    return plan
