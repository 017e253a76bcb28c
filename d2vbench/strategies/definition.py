"""How a strategy is defined: a function that lays out phases, and the arguments that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from d2vbench.strategies.phase import Passes, Phase

Phases = tuple[Phase, ...]

BUDGET = "budget"
BALANCED = "balanced"


@dataclass(frozen=True)
class Terms:
    """What a strategy lays out.

    Attributes
    ----------
    epochs : int
        E: passes over G.
    k : int
        How often a document of D is presented for each time one of G is.
    share : Fraction
        p, q or lambda, for the strategies that take one.
    saved : bool
        Whether a saved model stands for G.
    """

    epochs: int
    k: int = 1
    share: Fraction = Fraction(0)
    saved: bool = False

    @property
    def generic(self) -> Passes:
        """All passes over G."""
        return Passes(0, self.epochs)

    @property
    def domain(self) -> Passes:
        """All passes over D."""
        return Passes(0, self.k * self.epochs)


Layout = Callable[[Terms], Phases] | Callable[[Terms], tuple[Phases, ...]]


@dataclass(frozen=True)
class Share:
    """An argument that is a share, from 0 to 1, or another amount from 0 up.

    Attributes
    ----------
    name : str
        As in ``selected(q)``; for messages and lists.
    default : float
        Where it is left out.
    at_zero : str
        Why it may not be 0, as ``"leaves nothing of G"``; empty if it may.
    most : float
        The largest value; infinite where there is none.
    """

    name: str
    default: float
    at_zero: str = ""
    most: float = 1.0

    @property
    def range(self) -> str:
        """What it may be, in words."""
        if math.isinf(self.most):
            return "a number from 0 up"
        return f"a share from 0 to {self.most:g}"


@dataclass(frozen=True, eq=False)
class StrategyDefinition:
    """A strategy: its layout, and what it takes.

    Attributes
    ----------
    layout : callable
        From `Terms` to a tuple of phases without learning rates; a pure function. The first line of
        its docstring is what lists show. To be comparable with d2vbench's own of the same k it
        presents G from pass 0 to E and D from pass 0 to k x E: ``terms.generic``, ``terms.domain``.
    k : bool
        Whether it takes k, as its first argument.
    share : Share or None
        The share that it takes, after k.
    word : str
        What may stand for the number k: ``"balanced"`` for as many words of D as of G,
        ``"budget"`` for as many words of D as of both.
    models : int
        How many models it trains, which divide the vector's width evenly. Of more than one, the
        layout returns a tuple of phases for each.
    version : int or None
        Raised when the layout presents something else; results of two versions are not compared.
        Without one, the digest of the sources that the definition stands among takes its place.
    refuses : dict of str to str
        By model, why the strategy cannot be had in it: what follows ``strategy NAME(...)``.
    """

    layout: Layout
    k: bool = True
    share: Share | None = None
    word: str = BALANCED
    models: int = 1
    version: int | None = None
    refuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the arguments, in their order."""
        return (*(("k",) if self.k else ()), *((self.share.name,) if self.share else ()))

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return (self.layout.__doc__ or "").strip().split("\n")[0]

    def form(self, name: str) -> str:
        """Return how a strategy of this definition is written, as ``replay(k, p)``."""
        return f"{name}({', '.join(self.takes)})" if self.takes else name


def check_strategy(name: str, value: Any) -> str:
    """Return what is wrong with a third party's definition of a strategy; empty if nothing."""
    if not isinstance(value, StrategyDefinition):
        return f"must be a StrategyDefinition, got {value!r:.80}"
    if value.word not in (BUDGET, BALANCED):
        return f"has the word {value.word!r} for k, which must be {BUDGET!r} or {BALANCED!r}"
    return ""
