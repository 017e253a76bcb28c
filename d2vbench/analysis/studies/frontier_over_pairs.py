"""Strategies each at its own best, over new corpora: what `frontier` says of many pairs.

A strategy is at its best on each pair apart: cross-validation on the pair's training documents
chooses among its candidates, and the test documents say what the choice is worth. The differences
are then those of the pairs, and their mean is over new generic and new domain corpora.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.pair_corpora import PairDifference, over_corpora
from d2vbench.analysis.contrasts.scores import Stack, paired, variant_stacks
from d2vbench.analysis.statistics.crossed import OverPairs
from d2vbench.analysis.studies.frontier import PLAIN, Candidate, best_within, candidates

#: Of all strategies that show G, and of all strategies, the one that cross-validation puts first.
WITH_GENERIC, ANY = "best that shows G", "best of all"
#: What no model of documents is in: the rival to measure against.
RIVAL = "tf-idf"
#: Fewer pairs say little of new corpora.
FEWEST_PAIRS = 6
DOMAIN, BOTH, UNLIMITED = "four passes over D", "one over G, four over D", "no limit"
_PASSES = 4
# One strategy less another: what order does, what weight, and whose counts.
_BETWEEN = (("sequential", "oversampled"), ("oversampled", "combined"), ("adapted", "sequential"))


@dataclass(frozen=True)
class AtBest:
    """One strategy at its best less another at its best, for a budget of words.

    Attributes
    ----------
    model, labels : str
        Where.
    budget : str
        `DOMAIN`, `BOTH` or `UNLIMITED`.
    first, second : str
        Names of strategies, `WITH_GENERIC` or `ANY`, or of a baseline, which trains no words.
    differences : dict of str to PairDifference
        By pair: accuracy on test documents, of the first less that of the second.
    found : OverPairs
        What they say of new corpora.
    """

    model: str
    labels: str
    budget: str
    first: str
    second: str
    differences: Mapping[str, PairDifference]
    found: OverPairs


def at_best(book: Scorebook) -> list[AtBest]:
    """Return what strategies at their best differ by over new corpora.

    Parameters
    ----------
    book : Scorebook
        Of the study's cells; all of D counts.

    Returns
    -------
    list of AtBest
        By model, label budget and budget of words; of comparisons that `FEWEST_PAIRS` pairs have.
        A budget that pays for no candidate of a strategy on a pair leaves the pair out.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for pair, _, model, labels in book.places([1.0]):
        places.setdefault((model, labels), []).append(pair)
    return [
        one
        for (model, labels), pairs in places.items()
        if len(pairs) >= FEWEST_PAIRS
        for one in _over(book, pairs, model, labels)
    ]


def _over(book: Scorebook, pairs: list[str], model: str, labels: str) -> Iterator[AtBest]:
    found = {pair: candidates(book, (pair, 1.0, model, labels)) for pair in pairs}
    rivals = {pair: _rival(book, pair, labels) for pair in pairs}
    strategies = list(
        dict.fromkeys(one.variant.strategy for some in found.values() for one in some)
    )
    contrasts = [
        *((name, PLAIN) for name in strategies if name != PLAIN),
        *(both for both in _BETWEEN if set(both) <= set(strategies)),
        (WITH_GENERIC, PLAIN), (ANY, RIVAL),
    ]  # fmt: skip
    for budget in (DOMAIN, BOTH, UNLIMITED):
        best = {
            pair: _bests(found[pair], _words(book, (pair, 1.0, model, labels), budget))
            | rivals[pair]
            for pair in pairs
        }
        for first, second in contrasts:
            differences = {}
            for pair, mine in best.items():
                both = paired(mine[first], mine[second]) if {first, second} <= set(mine) else None
                if both is not None:
                    differences[pair] = PairDifference.of(both[0])
            if len(differences) >= FEWEST_PAIRS:
                over = over_corpora(differences, book.data)
                yield AtBest(model, labels, budget, first, second, differences, over)


def _words(book: Scorebook, place: tuple[str, float, str, str], budget: str) -> float:
    """Return a budget in words; NaN where records do not say how long the corpora are."""
    if budget == UNLIMITED:
        return math.inf
    cells = book.cells(place)
    sizes = ("domain_words", "generic_words")
    if not all(name in cells for name in sizes):
        return math.nan
    domain, generic = (float(cells[name].mean()) for name in sizes)
    return _PASSES * domain + (generic if budget == BOTH else 0)


def _bests(found: list[Candidate], budget: float) -> dict[str, Stack]:
    """Return each strategy at its best, the best with G and the best of all, where there is one."""
    groups: dict[str, list[Candidate]] = {}
    for one in found:
        strategy = one.variant.strategy
        for name in (strategy, ANY, *((WITH_GENERIC,) if strategy != PLAIN else ())):
            groups.setdefault(name, []).append(one)
    best = {name: best_within(some, budget) for name, some in groups.items()}
    return {name: one.stack for name, one in best.items() if one is not None}


def _rival(book: Scorebook, pair: str, labels: str) -> dict[str, Stack]:
    cells = book.data.cells
    mine = cells[
        (cells["model"] == BASELINE) & (cells["pair"] == pair) & (cells["fraction"] == 1.0)
    ]
    stacks = {v.strategy: s for v, s in variant_stacks(book.data, mine, labels).items()}
    return {RIVAL: stacks[RIVAL]} if RIVAL in stacks else {}
