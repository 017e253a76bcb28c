"""Each strategy at its best within a budget of words, and what a search of so many trials finds.

Candidates are chosen by their accuracy in cross-validation on D-train, the mean over seeds; what is
reported of the chosen is its accuracy on the test documents, which had no say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from d2vbench.analysis.contrasts.contrasts import Place, Scorebook
from d2vbench.analysis.contrasts.rivals import (
    NO_RIVALS,
    UNKNOWN_PASSES,
    Contender,
    PassCounts,
    Rivals,
    passes_by_variant,
    rivals,
)
from d2vbench.analysis.contrasts.scores import Stack, holm, paired_difference, weighted
from d2vbench.analysis.contrasts.variants import Variant, chosen_by, mean_by_variant
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.verdicts import verdict

STUDY = "frontier"
WORDS, SECONDS = "words_trained", "seconds_core"
# The strategy that shows D alone: what any use of G has to beat.
PLAIN = "domain-only"
# Sums of words are whole numbers, but their means over seeds are not.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Candidate:
    """A variant with all that is needed to choose it, or to score it.

    Attributes
    ----------
    variant : Variant
        Which.
    cost : float
        Words trained, or seconds of one core; mean over seeds.
    cv : float
        Accuracy in cross-validation on D-train, in [0, 1]; mean over seeds.
    stack : Stack
        Its scores on the test documents.
    passes : PassCounts
        Of G and of D.
    """

    variant: Variant
    cost: float
    cv: float
    stack: Stack = field(repr=False, compare=False)
    passes: PassCounts = field(default=UNKNOWN_PASSES, compare=False)

    @property
    def contender(self) -> Contender:
        """What it is compared by."""
        return Contender(self.variant, self.cost, self.stack)


@dataclass(frozen=True)
class Reached:
    """The best of a strategy within a budget.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    passes : int
        The budget, in passes over D.
    budget : float
        The budget, in words.
    strategy : str
        By name.
    best : Candidate
        Of those that the budget pays for, the one that cross-validation puts first.
    candidates : int
        How many the budget pays for.
    longest : bool
        Whether it trains as many words as any candidate of the strategy: a longer one, which was
        not tried, might be better.
    front : bool
        Whether it is on the Pareto front: no strategy reaches as high a mean accuracy on the test
        documents for this budget or a smaller one.
    """

    place: Place
    passes: int
    budget: float
    strategy: str
    best: Candidate
    candidates: int
    longest: bool
    front: bool = False


def candidates(book: Scorebook, place: Place, cost: str = WORDS) -> list[Candidate]:
    """Return the variants of a place that can be chosen, the cheapest first.

    Parameters
    ----------
    book : Scorebook
        Of the cells to choose from.
    place : tuple
        Pair, share of D, model, label budget.
    cost : str
        Column of what they cost: `WORDS` or `SECONDS`.

    Returns
    -------
    list of Candidate
        Those with a result, a cross-validated accuracy and a cost, of all seeds that there are.
    """
    cells, column = book.cells(place), f"cv_accuracy_{place[3]}"
    if column not in cells or cost not in cells:
        return []
    stacks = book.stacks(place)
    seeds = max((stack.seeds for stack in stacks.values()), key=len, default=())
    costs, cv = mean_by_variant(cells, cost), chosen_by(cells, column)
    passes = passes_by_variant(cells)
    found = [
        Candidate(variant, costs[variant], cv[variant], stack, passes.get(variant, UNKNOWN_PASSES))
        for variant, stack in stacks.items()
        if stack.seeds == seeds and not math.isnan(costs[variant] + cv[variant])
    ]
    return sorted(found, key=lambda one: one.cost)


def best_within(found: Sequence[Candidate], budget: float) -> Candidate | None:
    """Return the candidate that cross-validation puts first of those that a budget pays for.

    Of equals the cheapest, where candidates are in order of their cost; None if it pays for none.
    """
    there = [one for one in found if one.cost <= budget * (1 + _ROUNDING)]
    return max(there, key=lambda one: one.cv, default=None)


def frontier(book: Scorebook) -> list[Reached]:
    """Return what each strategy reaches for each budget.

    Parameters
    ----------
    book : Scorebook
        Of the study's cells.

    Returns
    -------
    list of Reached
        By place, strategy and budget. Budgets are one pass over D, two, four and so on, up to the
        first that pays for every candidate of the place.
    """
    reached: list[Reached] = []
    for place in book.places():
        found = candidates(book, place)
        cells = book.cells(place)
        if not found or "domain_words" not in cells:
            continue
        one_pass = float(cells["domain_words"].mean())
        steps = max(0, math.ceil(math.log2(found[-1].cost / one_pass) - _ROUNDING))
        mine = []
        for strategy in dict.fromkeys(v.strategy for v in book.variants(place)):
            of_it = [one for one in found if one.variant.strategy == strategy]
            for step in range(steps + 1):
                budget = one_pass * 2**step
                best = best_within(of_it, budget)
                if best is not None:
                    paid = sum(one.cost <= budget * (1 + _ROUNDING) for one in of_it)
                    longest = best.cost == of_it[-1].cost
                    mine.append(Reached(place, 2**step, budget, strategy, best, paid, longest))
        reached += _with_front(mine)
    return reached


def _with_front(reached: list[Reached]) -> list[Reached]:
    """Mark those that nothing reaches for as small a budget: of equals the first."""
    top, front = -math.inf, set()
    for one in sorted(reached, key=lambda r: (r.passes, -r.best.stack.mean)):
        if one.best.stack.mean > top:
            top = one.best.stack.mean
            front.add((one.strategy, one.passes))
    return [replace(one, front=(one.strategy, one.passes) in front) for one in reached]


@dataclass(frozen=True)
class Choice:
    """What to train for a budget.

    Attributes
    ----------
    best : Reached
        Of all strategies, the one that cross-validation puts first.
    with_generic : Reached or None
        The same of the strategies that show G.
    plain : Reached or None
        Of `domain-only`.
    gain : Interval or None
        What G brings: test accuracy of ``with_generic`` minus that of ``plain``, paired.
    verdict : str
        What that says, p adjusted by Holm's method over all budgets of all places; empty without.
    alike : tuple of str
        Strategies whose best within the budget is not told apart from it: the 95 % interval of
        the difference holds zero, or there is none.
    rivals : Rivals
        Of each strategy at its best within this budget or a smaller one: the next best, and the
        cheapest that lies within noise.
    """

    best: Reached
    with_generic: Reached | None
    plain: Reached | None
    gain: Interval | None
    verdict: str
    alike: tuple[str, ...]
    rivals: Rivals = NO_RIVALS


def choices(reached: Sequence[Reached]) -> list[Choice]:
    """Return what to train for each budget of each place; from `frontier`."""
    groups: dict[tuple[Place, int], list[Reached]] = {}
    for one in sorted(reached, key=lambda r: r.passes):
        groups.setdefault((one.place, one.passes), []).append(one)
    order = {place: i for i, place in enumerate(dict.fromkeys(one.place for one in reached))}
    found: list[Choice] = []
    seeds: list[int] = []
    for _, some in sorted(groups.items(), key=lambda item: order[item[0][0]]):
        best = max(some, key=lambda one: one.best.cv)
        plain = next((one for one in some if one.strategy == PLAIN), None)
        others = [one for one in some if one.strategy != PLAIN]
        generic = max(others, key=lambda one: one.best.cv, default=None)
        both = generic and plain and paired_difference(generic.best.stack, plain.best.stack)
        alike = []
        for one in some:
            apart = paired_difference(one.best.stack, best.best.stack)
            if one is not best and (apart is None or not apart[0].p < 0.05):
                alike.append(one.strategy)
        within = {
            one.best.variant: one.best.contender for one in reached
            if one.place == best.place and one.passes <= best.passes
        }  # fmt: skip
        beside = rivals(best.best.contender, list(within.values()))
        found.append(
            Choice(best, generic, plain, both[0] if both else None, "", tuple(alike), beside)
        )
        seeds.append(both[1] if both else 0)
    adjusted = holm([math.nan if one.gain is None else one.gain.p for one in found])
    return [
        one if one.gain is None else replace(one, verdict=str(verdict(one.gain, p, n)))
        for one, p, n in zip(found, adjusted, seeds, strict=True)
    ]


def best_of_weights(values: Sequence[float], trials: int) -> npt.NDArray[np.float64]:
    """Return how likely each of N trials is the best of ``trials`` drawn from them.

    Parameters
    ----------
    values : (N,) sequence of float
        What trials are chosen by.
    trials : int
        How many are drawn, with replacement; from 1.

    Returns
    -------
    (N,) float64
        With the values in ascending order, P(best = v_i) = (i / N)^n - ((i - 1) / N)^n: the
        distribution of the highest of n draws from the empirical one (Dodge et al. 2019, arXiv
        1909.03004). Equal values share their part evenly. The sum with the values is
        the expected best validation result for a budget of n trials; the sum with their test
        results is the expected test result of the trial that is chosen.
    """
    _, place, counts = np.unique(
        np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True
    )
    upto = np.concatenate([[0], np.cumsum(counts)]) / len(values)
    each = np.diff(upto**trials) / counts
    weights: npt.NDArray[np.float64] = each[place.reshape(-1)]
    return weights


@dataclass(frozen=True)
class ExpectedBest:
    """What a search of so many trials finds, if candidates are drawn at random.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    strategy : str
        By name.
    candidates : int
        How many there are to draw from.
    trials : int
        How many are drawn.
    cv : float
        Expected best accuracy in cross-validation.
    accuracy : Interval
        Expected test accuracy of the trial that has it.
    """

    place: Place
    strategy: str
    candidates: int
    trials: int
    cv: float
    accuracy: Interval


def expected_best(book: Scorebook) -> list[ExpectedBest]:
    """Return the expected best result for 1, 2, 4 ... trials, no more than candidates.

    Parameters
    ----------
    book : Scorebook
        Of the study's cells.

    Returns
    -------
    list of ExpectedBest
        By place, strategy and number of trials; see `best_of_weights`.
    """
    found = []
    for place in book.places():
        by_strategy: dict[str, list[Candidate]] = {}
        for one in candidates(book, place):
            by_strategy.setdefault(one.variant.strategy, []).append(one)
        for strategy, some in by_strategy.items():
            counts = [2**i for i in range(len(some).bit_length())]
            cv = [one.cv for one in some]
            rows = [best_of_weights(cv, n) for n in counts]
            sums = weighted([one.stack for one in some], rows)
            found += [
                ExpectedBest(place, strategy, len(some), n, float(row @ cv), total.interval())
                for n, row, total in zip(counts, rows, sums[0] if sums else [], strict=True)
            ]
    return found
