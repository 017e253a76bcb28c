"""For one pair: which strategy, how sure that is, and what is cheaper and as good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.pair_means import main_fraction
from d2vbench.analysis.contrasts.rivals import (
    NO_RIVALS,
    UNKNOWN_PASSES,
    Contender,
    PassCounts,
    Rivals,
    passes_by_variant,
    rivals,
)
from d2vbench.analysis.contrasts.scores import Stack, evaluated, variant_stacks
from d2vbench.analysis.contrasts.variants import (
    REFERENCE,
    Variant,
    mean_by_variant,
    variant_title,
    variants_of,
)
from d2vbench.analysis.statistics.bootstrap import Floats, Interval, percentile
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE
from d2vbench.analysis.studies.frontier import PLAIN
from d2vbench.analysis.studies.inference import ChosenInference, chosen_inference

# How sure is sure: a bootstrap probability.
SURE = 0.95
_NONE = Variant("")


@dataclass(frozen=True)
class Option:
    """A strategy that could be taken.

    Attributes
    ----------
    title : str
        Its name.
    accuracy : Interval
        Mean over seeds and documents, 95 %.
    words_trained : float
        Raw words trained, the mean over seeds: what it costs. NaN in older runs.
    best : float
        In which share of the resamples it is the best of all.
    near_best : float
        In which share it lies within a point of the best of that resample.
    variant : Variant
        Its structure.
    passes : PassCounts
        Of G and of D.
    """

    title: str
    accuracy: Interval
    words_trained: float
    best: float
    near_best: float
    variant: Variant = _NONE
    passes: PassCounts = UNKNOWN_PASSES


@dataclass(frozen=True)
class Recommendation:
    """What to train on a pair.

    Attributes
    ----------
    pair, model, labels : str
        Where.
    fraction : float
        Share of D.
    options : list of Option
        All that were compared, best mean first.
    best : Option
        The first of them.
    simplest : Option or None
        `combined` in its plainest form: one phase, one pass over documents as they are, nothing to
        choose. Where it was not run, `domain-only` of the fewest words; None without either.
    gain : Interval or None
        The best minus the simplest, in accuracy. The best is chosen anew in each resample, so that
        picking it after the fact is part of the interval; the estimate is less what that picking
        alone brings. Of eight equal strategies it excludes zero in 4 to 5 % of simulations; where
        one is ahead, 97 to 99 % of intervals hold the truth.
    cheapest : Option
        Least words trained of those whose mean is within a point of the best; its ``near_best``
        says how sure that is, and `sure` whether that is sure enough. The best itself where the
        words are not known.
    seeds : int
        How many it rests on.
    left_out : tuple of str
        Variants without a result of every seed.
    inference : ChosenInference or None
        What to infer with, where the run chose it for the best by cross-validation.
    rivals : Rivals
        The next best, and the cheapest that lies within noise of the best.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    options: list[Option]
    best: Option
    simplest: Option | None
    gain: Interval | None
    cheapest: Option
    seeds: int
    left_out: tuple[str, ...]
    inference: ChosenInference | None = None
    rivals: Rivals = NO_RIVALS

    @property
    def sure(self) -> bool:
        """Whether the cheapest is as good as the best in at least `SURE` of the resamples."""
        return self.cheapest.near_best >= SURE


def recommend(
    data: RunData,
    pair: str,
    model: str = "dbow",
    budget: str = "all",
    fraction: float | None = None,
    margin: float = EQUIVALENCE,
) -> Recommendation | None:
    """Say which strategy to take on a pair.

    Parameters
    ----------
    data : RunData
        The run. Cells of the run's usual settings are compared, of the usual vocabulary policy.
    pair : str
        Name of the pair.
    model : str
        Doc2Vec model.
    budget : str
        Label budget.
    fraction : float, optional
        Share of D; where not given, the one at which most variants were run.
    margin : float
        Half the width of the region of practical equivalence.

    Returns
    -------
    Recommendation or None
        None where fewer than two variants share two seeds: nothing can be said of how sure it is.
        ``best`` has the highest mean of those tried; it does not say that nothing else is as good
        (see ``near_best`` of the others), nor that it stays best with other settings. The
        probabilities are shares of bootstrap resamples: how often the same choice would come out
        with other seeds and test documents like these. What seeds and documents share counts
        twice in them, so they err towards doubt.
    """
    cells = data.cells[(data.cells["pair"] == pair) & (data.cells["model"] == model)]
    cells = cells[(cells["setting"] == "") & (cells["policy"] == "")]
    cells = evaluated(data, cells[cells["model"] != BASELINE], budget)
    if cells.empty:
        return None
    share = main_fraction(cells) if fraction is None else fraction
    cells = cells[cells["fraction"] == share]
    stacks = variant_stacks(data, cells, budget)
    seeds = max((stack.seeds for stack in stacks.values()), key=len, default=())
    left_out = tuple(variant_title(v) for v, stack in stacks.items() if stack.seeds != seeds)
    stacks = {v: stack for v, stack in stacks.items() if stack.seeds == seeds}
    if len(stacks) < 2 or len(seeds) < 2:
        return None
    stacks = dict(sorted(stacks.items(), key=lambda item: -item[1].mean))
    variants = list(stacks)
    options = _options(cells, stacks, margin)
    best = options[0]
    plain = _simplest(variants, options)
    sure = [option for option in options if option is best or option.near_best >= SURE]
    known = [option for option in sure if not np.isnan(option.words_trained)]
    mine = cells[np.array([variant == best.variant for variant in variants_of(cells)], dtype=bool)]
    return Recommendation(
        pair=pair,
        fraction=share,
        model=model,
        labels=budget,
        options=options,
        best=best,
        simplest=None if plain is None else options[plain],
        gain=None if plain is None else _gain(list(stacks.values()), plain),
        cheapest=min(known, key=lambda option: option.words_trained, default=best),
        seeds=len(seeds),
        left_out=left_out,
        inference=chosen_inference(data.only(data.cells["key"].isin(mine["key"])), budget),
        rivals=_rivals(options, stacks),
    )


def _rivals(options: Sequence[Option], stacks: dict[Variant, Stack]) -> Rivals:
    first, *others = (Contender(o.variant, o.words_trained, stacks[o.variant]) for o in options)
    return rivals(first, others)


def _simplest(variants: Sequence[Variant], options: Sequence[Option]) -> int | None:
    """Return the place of `combined` in its plainest form; without it that of the domain alone."""
    plain = [i for i, v in enumerate(variants) if v.schedule == "linear"]
    for name in (REFERENCE, PLAIN):
        of_it = [i for i in plain if variants[i].strategy == name]
        if of_it:
            return min(of_it, key=lambda i: np.nan_to_num(options[i].words_trained, nan=np.inf))
    return None


def _options(cells: pd.DataFrame, stacks: dict[Variant, Stack], margin: float) -> list[Option]:
    means = np.stack([stack.resampled.means for stack in stacks.values()])
    top = means.max(axis=0)
    # Equal scores share the place.
    ahead = means >= top - 1e-12
    won = (ahead / ahead.sum(axis=0)).mean(axis=1)
    near = (means >= top - margin).mean(axis=1)
    words = mean_by_variant(cells, "words_trained") if "words_trained" in cells else {}
    passes = passes_by_variant(cells)
    return [
        Option(
            title=variant_title(variant),
            accuracy=stack.resampled.interval(),
            words_trained=words.get(variant, float("nan")),
            best=float(won[i]),
            near_best=float(near[i]),
            variant=variant,
            passes=passes.get(variant, UNKNOWN_PASSES),
        )
        for i, (variant, stack) in enumerate(stacks.items())
    ]


def _gain(stacks: Sequence[Stack], simplest: int) -> Interval:
    """Return the gain of the best over the simplest, with the best chosen in each resample."""
    differences: Floats = np.stack(
        [(stack.resampled - stacks[simplest].resampled).means for stack in stacks]
    )
    seen = stacks[0].mean - stacks[simplest].mean
    drawn = differences.max(axis=0)
    # The highest of several means is too high, in each resample once more than in the data: as
    # much is taken off the estimate once and off the resamples twice (Efron 1979, bias correction).
    excess = max(0.0, float(np.median(drawn)) - seen)
    low, high, p = percentile(drawn - 2 * excess)
    # The simplest is one of those to choose from, so nothing is gained less than nothing.
    return Interval(max(0.0, seen - excess), max(0.0, low), max(0.0, high), p)
