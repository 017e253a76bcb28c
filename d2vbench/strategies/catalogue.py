"""The catalogue of strategies: each a short function that lays out phases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from d2vbench.errors import UsageError
from d2vbench.strategies.names import parse_name
from d2vbench.strategies.plan import Passes, Phase, Plan, Sizes
from d2vbench.strategies.schedules import Schedule

BUDGET = "budget"


def domain_only(sizes: Sizes, epochs: int, k: int) -> tuple[Phase, ...]:
    """D alone, k x E epochs. The control for whether generic text helps at all.

    ``domain-only(budget)`` takes as many epochs as go through the words that `combined` does:
    the control for mere training time.
    """
    del sizes
    return (Phase("domain", k * epochs, domain=Passes(0, k * epochs)),)


def generic_only(sizes: Sizes, epochs: int, k: int) -> tuple[Phase, ...]:
    """G alone, E epochs. The control for what the domain documents add; k does not apply."""
    del sizes, k
    return (Phase("generic", epochs, generic=Passes(0, epochs)),)


def combined(sizes: Sizes, epochs: int, k: int) -> tuple[Phase, ...]:
    """G and D in one, reshuffled each epoch: the common advice. The same as `oversampled(1)`."""
    del k
    return oversampled(sizes, epochs, 1)


def oversampled(sizes: Sizes, epochs: int, k: int) -> tuple[Phase, ...]:
    """G and k copies of D in one, reshuffled each epoch.

    Copies share their document's vector, and the vocabulary keeps its natural counts.
    """
    del sizes
    return (Phase("mixed", epochs, generic=Passes(0, epochs), domain=Passes(0, k * epochs)),)


def sequential(sizes: Sizes, epochs: int, k: int) -> tuple[Phase, ...]:
    """G for E epochs, then D for k x E: what the question asks about."""
    return (*generic_only(sizes, epochs, 1), *domain_only(sizes, epochs, k))


Layout = Callable[[Sizes, int, int], tuple[Phase, ...]]

STRATEGIES: dict[str, Layout] = {
    "domain-only": domain_only,
    "generic-only": generic_only,
    "combined": combined,
    "oversampled": oversampled,
    "sequential": sequential,
}
_NO_K = ("generic-only", "combined")


@dataclass(frozen=True)
class Strategy:
    """A strategy by name, with its k.

    Attributes
    ----------
    name : str
        A key of `STRATEGIES`.
    k : int or str
        How often a domain document is presented for each time a generic one is; or ``"budget"``
        for ``domain-only``.
    """

    name: str
    k: int | str = 1

    def __str__(self) -> str:
        """Return the form that `parse_strategy` reads."""
        return self.name if self.name in _NO_K else f"{self.name}({self.k})"

    def passes_per_epoch(self, sizes: Sizes) -> int:
        """Return k as a number; a budget is turned into the nearest whole one, at least 1."""
        if isinstance(self.k, int):
            return self.k
        words = sizes.generic_words + sizes.domain_words
        return max(round(words / sizes.domain_words), 1)


def parse_strategy(text: str) -> Strategy:
    """Read a strategy: ``combined``, ``sequential(4)``, ``domain-only(budget)``.

    Parameters
    ----------
    text : str
        ``NAME`` or ``NAME(K)``; k is 1 where it is left out.

    Returns
    -------
    Strategy
        Its ``str`` reads back as an equal one.

    Raises
    ------
    UsageError
        For an unknown name, or a k that is no whole number from 1 up.

    Examples
    --------
    >>> str(parse_strategy("sequential"))
    'sequential(1)'
    """
    name, argument = parse_name(text, "strategy", STRATEGIES)
    if name in _NO_K:
        if argument is not None:
            raise UsageError(f"strategy {name} takes no value, got {argument!r}")
        return Strategy(name)
    if argument is None:
        return Strategy(name)
    if argument == BUDGET and name == "domain-only":
        return Strategy(name, BUDGET)
    if not argument.isdecimal() or int(argument) < 1:
        also = ", or 'budget'" if name == "domain-only" else ""
        raise UsageError(
            f"strategy {name}: k must be a whole number from 1 up{also}; got {argument!r}"
        )
    return Strategy(name, int(argument))


def make_plan(
    strategy: Strategy,
    schedule: Schedule,
    sizes: Sizes,
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
) -> Plan:
    """Make a strategy and a schedule concrete.

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

    Returns
    -------
    Plan
        Checked.

    Raises
    ------
    UserError
        If anything is out of range; said before any training.
    """
    if epochs < 1:
        raise UsageError(f"epochs must be a whole number from 1 up, got {epochs}")
    phases = STRATEGIES[strategy.name](sizes, epochs, strategy.passes_per_epoch(sizes))
    pieces = schedule.pieces(phases, sizes, alpha, min_alpha)
    return Plan(tuple(dataclasses.replace(p, alpha=a) for p, a in zip(phases, pieces, strict=True)))
