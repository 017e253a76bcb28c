"""What accuracy costs: seconds of one core, of models that are trained and of what stands beside.

Models are of kinds that are never ranked together: what reads the same texts as often, what goes
on from a checkpoint that others have trained, and what is taken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, ENCODER, RunData
from d2vbench.analysis.contrasts.scores import Stack, cell_stacks, evaluated, paired_difference
from d2vbench.analysis.contrasts.summary import baseline_title, is_pretrained
from d2vbench.analysis.contrasts.variants import Variant, by_variant, variant_title
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.families.encoder.settings import is_from_scratch

STUDY = "encoders"
# Columns; records of runs without encoders or cross-validation lack some.
_NEEDED = {"seconds_core", "encoder", "family"}
# Families that learn words' rows; what one of a third party reads is not known.
_OF_WORDS = {"doc2vec", "word2vec-mean"}


class Kind(str, Enum):
    """What a model is, and has read."""

    WORDS = "model of words"
    SCRATCH = "encoder from scratch"
    FURTHER = "checkpoint, trained further"
    TAKEN = "pre-trained by others, as it is"
    NONE = "no vectors trained"
    OTHER = "model of another family"

    def __str__(self) -> str:
        """Return the words alone."""
        return self.value


@dataclass(frozen=True)
class Cost:
    """What one variant takes, and how accurate it is.

    Attributes
    ----------
    pair, model, labels : str
        Where; the model of a baseline is ``baseline``.
    fraction : float
        Share of D.
    variant : Variant
        What is trained; of a baseline the strategy is its title.
    kind : Kind
        What it has read.
    seconds : float
        Of one core for a cell, reading to classification with all label budgets: the median over
        seeds, which a machine that was busy for one of them does not move.
    accuracy : Interval
        In [0, 1].
    rival : Variant or None
        Of an encoder: the model of words that takes no longer and is best in cross-validation on
        the training documents.
    less : Interval or None
        The encoder's accuracy less that of its rival, paired.
    seeds : int
        That the accuracy rests on.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    variant: Variant
    kind: Kind
    seconds: float
    accuracy: Interval
    rival: Variant | None
    less: Interval | None
    seeds: int

    @property
    def title(self) -> str:
        """What a table calls it, without its model."""
        return self.variant.strategy if self.model == BASELINE else variant_title(self.variant)


@dataclass(frozen=True)
class _Candidate:
    model: str
    variant: Variant
    kind: Kind
    seconds: float
    chosen_by: float
    stack: Stack


def costs(data: RunData, budgets: Iterable[str] = ("all",)) -> list[Cost]:
    """Return what each variant of a run takes and reaches.

    Parameters
    ----------
    data : RunData
        Cells with seconds.
    budgets : iterable of str
        Label budgets.

    Returns
    -------
    list of Cost
        By pair, share of D and label budget, the quickest first. Cells without a result or without
        seconds are left out.
    """
    found: list[Cost] = []
    if not set(data.cells).issuperset(_NEEDED):
        return found
    places = data.cells[["pair", "fraction"]].drop_duplicates()
    for pair, fraction in places.itertuples(index=False):
        here = data.cells[(data.cells["pair"] == pair) & (data.cells["fraction"] == fraction)]
        for budget in budgets:
            there = evaluated(data, here, budget)
            if there.empty:
                continue
            some = _candidates(data, there[there["seconds_core"].notna()], budget)
            found += [_cost(one, some, str(pair), float(fraction), budget) for one in some]
    return found


def _candidates(data: RunData, rows: pd.DataFrame, budget: str) -> list[_Candidate]:
    """Return what is compared in one place, the quickest first."""
    found, cv = [], f"cv_accuracy_{budget}"
    for (_, _, model), variant, mine in by_variant(rows):
        members = list(zip(mine["seed"].tolist(), mine["key"].tolist(), strict=True))
        if model == BASELINE:
            variant = Variant(baseline_title(variant.strategy), schedule="-")
        stack = cell_stacks(data, {(model, variant): members}, budget)[model, variant]
        found.append(
            _Candidate(
                model, variant, _kind(mine, variant), float(_seconds(mine).median()),
                float(mine[cv].mean()) if cv in mine else math.nan, stack,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.seconds)


def _seconds(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the seconds of each cell, without diagnostics that another study asked for."""
    spent = rows["seconds_core"]
    return spent - rows["seconds_diagnose"].fillna(0.0) if "seconds_diagnose" in rows else spent


def _kind(rows: pd.DataFrame, variant: Variant) -> Kind:
    """Return what a model has read, by one of its cells."""
    first = rows.iloc[0]
    if first["model"] == BASELINE:
        return Kind.TAKEN if is_pretrained(variant.strategy) else Kind.NONE
    if first["family"] != ENCODER:
        return Kind.WORDS if first["family"] in _OF_WORDS else Kind.OTHER
    return Kind.SCRATCH if is_from_scratch(str(first["encoder"])) else Kind.FURTHER


def _cost(
    one: _Candidate, others: list[_Candidate], pair: str, fraction: float, budget: str
) -> Cost:
    rival = less = None
    if one.kind in (Kind.SCRATCH, Kind.FURTHER):
        quicker = [
            o
            for o in others
            if o.kind == Kind.WORDS and o.seconds <= one.seconds and not math.isnan(o.chosen_by)
        ]
        best = max(quicker, key=lambda o: o.chosen_by, default=None)
        if best and (both := paired_difference(one.stack, best.stack)):
            rival, less = best.variant, both[0]
    return Cost(
        pair, fraction, one.model, budget, one.variant, one.kind, one.seconds,
        one.stack.accuracy, rival, less, len(one.stack.seeds),
    )  # fmt: skip
