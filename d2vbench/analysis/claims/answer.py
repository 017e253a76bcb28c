"""The numbers of a run's answer: which strategy, what a wrong schedule costs, does G help."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.contrasts import Cells, Place, Scorebook
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.scores import holm, paired, paired_difference
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    REFERENCE,
    Variant,
    variant_title,
    variants_of,
)
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.verdicts import verdict


@dataclass(frozen=True)
class Choice:
    """The strategy of the highest mean accuracy among those tried everywhere.

    Attributes
    ----------
    labels : str
        Label budget.
    pairs, models : tuple of str
        Where it was compared.
    fraction : float
        Share of D at which it was compared.
    places : int
        Comparisons: pairs.
    seeds : int
        The fewest that a comparison rests on.
    tried : int
        Variants that every comparison has, the best included.
    best : str
        Its title.
    accuracy : float
        Its mean over the comparisons, in [0, 1].
    runner_up : str
        The next; empty where there is none.
    reference : str
        Title of the simplest: `combined`; where it is not among them, `domain-only` of the fewest
        passes; empty without either.
    gains : tuple of Interval
        By comparison: the best minus the simplest, in [-1, 1]; where the best is the simplest, that
        of the runner-up.
    verdicts : Counter of str
        What those say, Holm-adjusted within their comparison.
    each_at_its_best : bool
        Whether titles leave out that each strategy has settings of its own.
    """

    labels: str
    pairs: tuple[str, ...]
    models: tuple[str, ...]
    fraction: float
    places: int
    seeds: int
    tried: int
    best: str
    accuracy: float
    runner_up: str
    reference: str
    gains: tuple[Interval, ...]
    verdicts: Mapping[str, int]
    each_at_its_best: bool = False


def best_choice(summary: pd.DataFrame, book: Scorebook | None = None) -> Choice:
    """Say which strategy is best in the mean over the pairs of a study.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, with a row of Doc2Vec. The usual settings and vocabulary policy count,
        at the first label budget, of the first model, with all of D; where nothing was run with all
        of it, with the largest share.
    book : Scorebook, optional
        Of the same cells: by it the best is compared with `domain-only` where `combined` was not
        run.

    Returns
    -------
    Choice
        Over all pairs, of the variants that all of them have; where no two variants are on all,
        over the one pair that has most. The best is picked after the fact.
    """
    rows = summary[summary["model"] != BASELINE]
    usual = rows[(rows["policy"] == "") & (rows["setting"] == "")]
    rows = usual if len(usual) else rows
    labels = str(rows["labels"].iloc[0])
    rows = rows[(rows["labels"] == labels) & (rows["model"] == rows["model"].iloc[0])]
    # One model and one share of D: a mean over several would be over unlike cells.
    rows = rows[rows["fraction"] == rows["fraction"].max()]
    groups: list[_Rows] = [
        dict(zip(variants_of(group), group.to_dict("records"), strict=True))
        for _, group in rows.groupby(GROUP, sort=False)
    ]
    common = [v for v in groups[0] if all(v in other for other in groups)]
    if len(common) < 2:
        most = max(groups, key=len)
        groups, common = [most], list(most)
    means = {
        variant: sum(float(group[variant]["accuracy"]) for group in groups) / len(groups)
        for variant in common
    }
    best, *others = sorted(common, key=lambda v: -means[v])
    reference = next((v for v in common if _is_reference(groups, v)), None)
    plain = _plain(common) if reference is None and book is not None else None
    simplest = reference or plain
    compared = (others[0] if others else None) if best == simplest else best
    gains: list[Interval] = []
    verdicts: Counter[str] = Counter()
    if compared is not None and (reference is not None or plain is not None):
        for group in groups:
            row = group[compared]
            if book is not None and plain is not None:
                gain, word = _against(book, row, list(group), compared, plain)
            else:
                gain = Interval(*(float(row[name]) for name in _DIFFERENCE))
                word = str(row["verdict"])
            gains.append(gain)
            verdicts[word] += 1
    there = [row for group in groups for row in group.values()]
    return Choice(
        labels=labels,
        pairs=tuple(dict.fromkeys(str(row["pair"]) for row in there)),
        models=tuple(dict.fromkeys(str(row["model"]) for row in there)),
        fraction=float(rows["fraction"].iloc[0]),
        places=len(groups),
        seeds=min(int(row["seeds"]) for row in there),
        tried=len(common),
        best=variant_title(best),
        accuracy=means[best],
        runner_up=variant_title(others[0]) if others else "",
        reference=variant_title(simplest) if simplest and gains else "",
        gains=tuple(gains),
        verdicts=verdicts,
    )


# The rows of one comparison.
_Rows = dict[Variant, Mapping[Any, Any]]
_DIFFERENCE = ("difference", "difference_low", "difference_high", "p_holm")


def _is_reference(groups: Sequence[_Rows], variant: Variant) -> bool:
    """Return whether all others were compared with it."""
    if variant.strategy != REFERENCE:
        return False
    return all(group[variant]["verdict"] == "reference" for group in groups)


def _plain(variants: Sequence[Variant]) -> Variant | None:
    """Return `domain-only` of the fewest passes; None where there is none."""
    found = [v for v in variants if _WITHOUT.takes(v)]
    return min(found, key=lambda v: (isinstance(v.k, str), v.k), default=None)


def _against(
    book: Scorebook, row: Mapping[Any, Any], variants: list[Variant], first: Variant, plain: Variant
) -> tuple[Interval, str]:
    """Return a difference from `plain` in a place, adjusted for all that have one."""
    place = (str(row["pair"]), float(row["fraction"]), str(row["model"]), str(row["labels"]))
    stacks = book.stacks(place)
    found = {
        variant: difference
        for variant in variants
        if variant != plain
        and (difference := paired_difference(stacks[variant], stacks[plain])) is not None
    }
    p = dict(zip(found, holm([gain.p for gain, _ in found.values()]), strict=True))
    if first not in found:
        return Interval(math.nan, math.nan, math.nan, math.nan), "no interval"
    gain, seeds = found[first]
    return gain, str(verdict(gain, p[first], seeds))


@dataclass(frozen=True)
class ScheduleCost:
    """What lies between the best and the worst schedule of one follow-up.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    strategy : str
        Such as ``sequential(4)``.
    best, worst : str
        Schedules.
    schedules : int
        How many were tried.
    cost : Interval
        Accuracy under the best minus under the worst, in [-1, 1]; both were picked after the fact.
    seeds : int
        How many it rests on.
    """

    place: Place
    strategy: str
    best: str
    worst: str
    schedules: int
    cost: Interval
    seeds: int


def schedule_costs(book: Scorebook, strategy: str = "sequential") -> list[ScheduleCost]:
    """Return what schedules make of the same documents, equally often.

    Parameters
    ----------
    book : Scorebook
        Of the run.
    strategy : str
        Of two phases.

    Returns
    -------
    list of ScheduleCost
        For each place of the first label budget, of the k with most schedules; those with most
        schedules first. None where a k has but one schedule.
    """
    found = []
    wanted = Cells((strategy,))
    for place in _first_budget(book):
        stacks = {v: stack for v, stack in book.stacks(place).items() if wanted.takes(v)}
        by_k: dict[str, list[Variant]] = {}
        for variant in stacks:
            by_k.setdefault(variant.strategy_text, []).append(variant)
        title = max(by_k, key=lambda text: len(by_k[text]), default="")
        mine = sorted(by_k.get(title, []), key=lambda v: -stacks[v].mean)
        if len(mine) < 2:
            continue
        difference = paired(stacks[mine[0]], stacks[mine[-1]])
        if difference is not None:
            ends = mine[0].schedule_text, mine[-1].schedule_text
            found.append(ScheduleCost(place, title, *ends, len(mine),
                                      difference[0].interval(), len(difference[1])))  # fmt: skip
    return sorted(found, key=lambda one: -one.schedules)


@dataclass(frozen=True)
class Help:
    """What generic text adds to the domain alone, in one comparison.

    Attributes
    ----------
    place : tuple
        Pair, share of D, model, label budget.
    first, second : str
        Titles of the variant with generic text and of the one without.
    gain : Interval
        The first minus the second, in [-1, 1].
    seeds : int
        How many it rests on.
    verdict : str
        Holm-adjusted over all comparisons.
    """

    place: Place
    first: str
    second: str
    gain: Interval
    seeds: int
    verdict: str


_WITH = Cells(("oversampled",), k=(4,), schedule=("linear",))
_WITHOUT = Cells(("domain-only",), schedule=("linear",))


def generic_help(book: Scorebook) -> list[Help]:
    """Compare oversampled(4) with domain-only at its own best passes.

    Parameters
    ----------
    book : Scorebook
        Of the run.

    Returns
    -------
    list of Help
        One for each pair and share of D that has both, of the first model and label budget. The
        passes of domain-only are chosen by cross-validation on training documents.
    """
    found: list[tuple[Place, Variant, Variant, Interval, int]] = []
    places = _first_budget(book)
    for place in places:
        stacks = book.stacks(place)
        best = book.best(place, [v for v in stacks if _WITHOUT.takes(v)])
        for variant in filter(_WITH.takes, stacks if place[2] == places[0][2] else ()):
            pair = paired(stacks[variant], stacks[best[0]]) if best else None
            if pair:
                found.append((place, variant, best[0], pair[0].interval(), len(pair[1])))
    adjusted = holm([interval.p for _, _, _, interval, _ in found])
    return [
        Help(place, variant_title(first), variant_title(second), interval, seeds,
             str(verdict(interval, p, seeds)))
        for (place, first, second, interval, seeds), p in zip(found, adjusted, strict=True)
    ]  # fmt: skip


def _first_budget(book: Scorebook) -> list[Place]:
    return [place for place in book.places() if place[3] == book.budgets[0]]


@dataclass(frozen=True)
class Answer:
    """All three.

    Attributes
    ----------
    choice : Choice
        Which strategy.
    costs : list of ScheduleCost
        What a wrong schedule costs.
    regrets : list of float
        What pairs lose with the schedule chosen on the others, at the first label budget.
    helps : list of Help
        What generic text adds.
    """

    choice: Choice
    costs: list[ScheduleCost] = field(default_factory=list)
    regrets: list[float] = field(default_factory=list)
    helps: list[Help] = field(default_factory=list)
