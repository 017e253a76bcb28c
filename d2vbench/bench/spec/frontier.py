"""The study `frontier`: candidates of every strategy, from one pass over D upwards.

Each strategy climbs the same ladder: on each rung the next candidate trains more words, about twice
as many from the third rung on (below it, a pass over G is most of what a strategy with G trains),
with the start alphas that so many passes of D can use (few passes need high ones; what counts is
the sum of alpha over them). All have as many candidates. What is best within a budget of words is
chosen afterwards, by cross-validation on D-train, from the candidates that the budget pays for; so
every point that is reached also serves larger budgets.

Schedules decay to the end of their own training: `linear`, and `restart` where there are two
phases. A longer training then does not pass through a shorter one. A constant rate would, and could
train a whole ladder at once; but its points have not decayed, and so are not what the strategy can
do for that budget. All rungs together take about twice the words of the longest, so no more than
half could be saved. What is shared is the first phase of follow-ups whose vocabulary counts alike:
under `natural` counts (profile ``full``) all of one alpha and E.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell
from d2vbench.bench.spec.laying import EMBEDDED, cells_of, main_fraction
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.tuning import Candidate
from d2vbench.families.counts import NATURAL, PRESENTED
from d2vbench.strategies import EPOCHS, Strategy

#: Add a name here, and the study has it. As few as there are, since each costs all candidates.
STRATEGIES_COMPARED = ("domain-only", "combined", "oversampled", "sequential", "adapted")
#: Drawn as lines: they have no words to train.
BASELINES_BESIDE = ("tf-idf",)
_ALPHAS = (0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Rung:
    """A step of the ladder.

    Attributes
    ----------
    domain : int
        Passes of D of a strategy that shows D alone.
    both : float
        Passes of a strategy that shows G and D equally often, in usual passes of G.
    generic : float
        Passes of G of a strategy that takes k, in usual passes of G.
    copies : int
        Its k.
    alphas : tuple of float
        Start alphas.
    """

    domain: int
    both: float
    generic: float
    copies: int
    alphas: tuple[float, ...]


LADDER = (
    Rung(1, 0.1, 0.1, 2, (0.2,)),
    Rung(2, 0.2, 0.1, 4, (0.2,)),
    Rung(4, 0.3, 0.1, 8, (0.1, 0.2)),
    Rung(8, 0.5, 0.2, 8, (0.1,)),
    Rung(16, 1.0, 0.5, 4, (0.05, 0.1)),
    Rung(32, 2.0, 1.0, 4, (0.05,)),
)


def frontier_candidates(strategy: str, base: int, profile: str) -> list[Candidate]:
    """Return the candidates of a strategy, as many for each.

    Parameters
    ----------
    strategy : str
        By name.
    base : int
        The usual passes over G, from 1.
    profile : str
        ``quick``: one alpha a rung; ``default``: those of `LADDER`; ``full``: all of them on all
        rungs.

    Returns
    -------
    list of Candidate
        From few words to many. For a strategy of D alone ``copies`` are its passes.
    """
    found: list[Candidate] = []
    seen: set[tuple[int, int]] = set()
    for rung in LADDER:
        if strategy == "domain-only":
            epochs, copies = 1, rung.domain
        elif not Strategy(strategy).definition.k:
            epochs, copies = max(round(rung.both * base), 1), 1
            # A small base rounds two rungs to one: a step up, so that all have as many.
            while (epochs, copies) in seen:
                epochs += 1
        else:
            epochs, copies = max(round(rung.generic * base), 1), rung.copies
            while (epochs, copies) in seen:
                copies *= 2
        seen.add((epochs, copies))
        alphas = {"quick": rung.alphas[-1:], "full": _ALPHAS}.get(profile, rung.alphas)
        found += [Candidate(alpha, epochs, copies) for alpha in alphas]
    return found


def candidate_cells(
    request: Request, pairs: Iterable[str], name: str, one: Candidate, **options: Any
) -> list[TrainedCell]:
    """Return the cells of a candidate of a strategy, in the strategy's natural schedule.

    Policies are an axis too, in the profile ``full``: each strategy has as many candidates under
    each.
    """
    both = (PRESENTED, NATURAL) if request.profile == "full" and request.has_vocabulary() else None
    strategy = Strategy(name, one.copies) if Strategy(name).definition.k else Strategy(name)
    return cells_of(
        replace(request, vocabulary=request.vocabulary or both),
        pairs,
        [(str(strategy), "linear" if strategy.phases == 1 else "restart")],
        alpha=one.alpha,
        epochs=one.epochs,
        **options,
    )


def frontier(request: Request) -> Sequence[Cell]:
    """Lay out a ladder of candidates for each strategy, from one pass over D upwards.

    Cells of the candidates, and of `BASELINES_BESIDE`.
    """
    base = request.epochs or EPOCHS
    quick = request.profile == "quick"
    pairs = request.pairs or (EMBEDDED[:1] if quick else EMBEDDED)
    cells: list[Cell] = [
        BaselineCell(pair, main_fraction(pair), name, seed, request.label_budgets())
        for pair in pairs
        for name in BASELINES_BESIDE
        for seed in request.seed_range()
    ]
    for name in STRATEGIES_COMPARED:
        for one in frontier_candidates(name, base, request.profile):
            cells += candidate_cells(request, pairs, name, one)
    return cells
