"""The study `tuned`: as many candidates for each strategy, from common axes that widen.

No strategy gets a search that another does not: the same learning rates, the same range of passes,
the same number of candidates, chosen by cross-validation on D-train. Where the best candidate of a
strategy lies at an end of an axis, the axis is made longer for all, within stated limits.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from d2vbench.bench.spec.cell import Cell, TrainedCell

#: Cross-validated accuracy of a cell by label budget; None while it has no record.
Scores = Callable[[TrainedCell], Mapping[str, float] | None]

# Axes grow no further than this: 16 times and a quarter of gensim's usual start alpha, 0.025; 4
# times the usual passes of G and 16 times as many of D.
LOWEST_ALPHA, HIGHEST_ALPHA = 0.00625, 0.4
MOST_GENERIC, MOST_DOMAIN = 4, 16
#: Times as many candidates as a search begins with, at most.
MOST_GROWTH = 2

_TWO_SIDED = ("oversampled", "sequential")
STRATEGIES_TUNED = ("domain-only", "combined", *_TWO_SIDED)


@dataclass(frozen=True)
class Candidate:
    """One point of the grid.

    Attributes
    ----------
    alpha : float
        Start of the learning rate.
    epochs : int
        Passes over G; 1 where there is none, and ``copies`` are the passes over D.
    copies : int
        Passes over D for each over G.
    """

    alpha: float
    epochs: int
    copies: int


@dataclass(frozen=True)
class Axes:
    """The axes that all strategies share.

    Attributes
    ----------
    alphas : tuple of float
        Start alphas, ascending.
    epochs : tuple of int
        Passes over G, ascending.
    copies : tuple of int
        Passes over D for each over G, ascending.
    """

    alphas: tuple[float, ...]
    epochs: tuple[int, ...]
    copies: tuple[int, ...]

    @classmethod
    def first(cls, base: int, *, full: bool) -> Axes:
        """Return the axes that a search begins with, around the usual passes."""
        alphas = (0.025, 0.05, 0.1, 0.2) if full else (0.025, 0.05, 0.1)
        return cls(alphas, tuple(sorted({max(base // 2, 1), base})), (2, 4))

    def passes(self, strategy: str) -> tuple[int, ...]:
        """Return the passes of a strategy that shows but one side, or both equally often.

        As many as there are pairs of ``epochs`` and ``copies``, in equal ratios over the range of
        passes over D that these have; from the fewest passes over G for ``combined``.
        """
        most = self.epochs[-1] * self.copies[-1]
        least = self.epochs[0] * (self.copies[0] if strategy == "domain-only" else 1)
        count = len(self.epochs) * len(self.copies)
        spread = np.geomspace(least, max(most, least + count - 1), count)
        # Rounded, and a step up where two would be one.
        found: list[int] = []
        for value in np.rint(spread).astype(int).tolist():
            found.append(max(value, found[-1] + 1 if found else 1))
        return tuple(found)

    def candidates(self, strategy: str) -> list[Candidate]:
        """Return the candidates of a strategy: as many for each."""
        if strategy in _TWO_SIDED:
            sizes = list(itertools.product(self.epochs, self.copies))
        elif strategy == "combined":
            sizes = [(passes, 1) for passes in self.passes(strategy)]
        else:
            sizes = [(1, passes) for passes in self.passes(strategy)]
        return [Candidate(alpha, *size) for alpha in self.alphas for size in sizes]

    def ends(self, strategy: str, best: Candidate) -> list[tuple[str, bool]]:
        """Return at which ends of which axes a candidate lies.

        Returns
        -------
        list of (str, bool)
            ``"alpha"``, ``"epochs"`` or ``"copies"``, and whether it is the upper end.
        """
        axes: list[tuple[str, float, Sequence[float]]] = [("alpha", best.alpha, self.alphas)]
        if strategy in _TWO_SIDED:
            axes += [("epochs", best.epochs, self.epochs), ("copies", best.copies, self.copies)]
        elif strategy == "combined":
            axes.append(("epochs", best.epochs, self.passes(strategy)))
        else:
            axes.append(("copies", best.copies, self.passes(strategy)))
        return [
            (name, value == values[-1])
            for name, value, values in axes
            if value in (values[0], values[-1])
        ]

    def __len__(self) -> int:
        """Return how many candidates each strategy has."""
        return len(self.alphas) * len(self.epochs) * len(self.copies)

    def widened(self, ends: Iterable[tuple[str, bool]], base: int, most: int) -> Axes:
        """Return the axes with one more value at each of some ends, where the limits allow.

        Parameters
        ----------
        ends : iterable of (str, bool)
            From `ends`, the most wanted first.
        base : int
            The usual passes over G, of which the limits are multiples.
        most : int
            Candidates that a strategy may have.
        """
        made = self
        for end in dict.fromkeys(ends):
            longer = made._longer(*end, base)
            made = longer if len(longer) <= most else made
        return made

    def _longer(self, name: str, upper: bool, base: int) -> Axes:
        """Return the axes with one more value at an end; the same where a limit is met."""
        if name == "alpha":
            alpha = self.alphas[-1] * 2 if upper else self.alphas[0] / 2
            if not LOWEST_ALPHA <= alpha <= HIGHEST_ALPHA:
                return self
            return replace(self, alphas=tuple(sorted({*self.alphas, alpha})))
        values = self.epochs if name == "epochs" else self.copies
        size = values[-1] * 2 if upper else values[0] // 2
        if not size:
            return self
        longer = replace(self, **{name: tuple(sorted({*values, size}))})
        within = longer.epochs[-1] <= MOST_GENERIC * base
        most = longer.epochs[-1] * longer.copies[-1]
        return longer if within and most <= MOST_DOMAIN * base else self


def candidate_of(cell: TrainedCell) -> Candidate:
    """Return the point of the grid that a cell is."""
    copies = cell.strategy.k if isinstance(cell.strategy.k, int) else 1
    return Candidate(cell.alpha, cell.epochs, copies)


def grow(
    axes: Axes, base: int, lay: Callable[[Axes], Sequence[Cell]], scores: Scores
) -> Sequence[Cell]:
    """Return the cells of the study, on axes that are as long as what is known asks for.

    Parameters
    ----------
    axes : Axes
        To begin with.
    base : int
        The usual passes over G.
    lay : callable
        From axes to the cells of the study.
    scores : callable
        What is known of a cell.

    Returns
    -------
    sequence of Cell
        Of the first axes while a cell of them has no score; else of axes that are longer wherever
        the best candidate of a strategy lies at an end, and so on until none does, or the limits
        are reached.
    """
    most = MOST_GROWTH * len(axes)
    while True:
        cells = lay(axes)
        ends = _ends(axes, [cell for cell in cells if isinstance(cell, TrainedCell)], scores)
        longer = axes if ends is None else axes.widened(ends, base, most)
        if longer == axes:
            return cells
        axes = longer


def _ends(
    axes: Axes, cells: Sequence[TrainedCell], scores: Scores
) -> list[tuple[str, bool]] | None:
    """Return the ends at which best candidates lie, the most frequent first.

    None while a score is missing.
    """
    by_place: dict[tuple[object, ...], dict[Candidate, list[float]]] = {}
    for cell in cells:
        known = scores(cell)
        if known is None:
            return None
        where: tuple[object, ...] = (cell.pair, cell.fraction, cell.settings, cell.strategy.name)
        for budget, score in known.items():
            of_place = by_place.setdefault((*where, budget), {})
            of_place.setdefault(candidate_of(cell), []).append(score)
    found: list[tuple[str, bool]] = []
    for (*_, strategy, _budget), candidates in by_place.items():
        best = max(candidates, key=lambda c: np.mean(candidates[c]))
        found += axes.ends(str(strategy), best)
    return [end for end, _ in Counter(found).most_common()]
