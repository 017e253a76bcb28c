"""From how many labels a class on a classifier beats the titles of classes alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.summary import baseline_title
from d2vbench.analysis.contrasts.variants import by_variant, variant_title
from d2vbench.analysis.statistics.verdicts import Verdict
from d2vbench.analysis.studies.paired_gains import PairedGain, judged, paired_gain

STUDY = "zero-shot"
# Baselines that read no label.
_WITHOUT_LABELS = ("zero-shot", "zero-shot-nli")
_ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Gain(PairedGain):
    """What labels add to the titles of classes, by one way to use them.

    Attributes
    ----------
    title : str
        What learns from labels: of a ``model`` the title of its variant; of a baseline, whose
        ``model`` is empty, its own.
    zero_shot : str
        What does without.
    """

    title: str
    zero_shot: str


@dataclass(frozen=True)
class Needed:
    """How many labels a class it takes.

    Attributes
    ----------
    pair, fraction, model, title, zero_shot
        As of `Gain`.
    labels : str
        The smallest label budget from which on labels are better, at it and at every larger one
        that was tried; empty where they are so at none.
    tried : tuple of str
        Label budgets, from few to all.
    verdicts : tuple of Verdict
        At each.
    """

    pair: str
    fraction: float
    model: str
    title: str
    zero_shot: str
    labels: str
    tried: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


def gains(data: RunData) -> list[Gain]:
    """Return what labels add, for each pair, zero-shot classification, way to learn and budget.

    Parameters
    ----------
    data : RunData
        The study's cells.

    Returns
    -------
    list of Gain
        By pair, zero-shot and way to learn, then from few labels to all; p is adjusted over those
        of one pair and one zero-shot.
    """
    found: list[Gain] = []
    place: Any
    for place, rows in data.cells.groupby(["pair", "fraction"], sort=False):
        named = dict(_named(rows))
        for zero, (without, reads) in named.items():
            if reads:
                continue
            here = [
                gain
                for title, (mine, reads) in named.items()
                if reads
                for gain in _gains(data, (*place, *title, zero[1]), mine, without)
            ]
            found += judged(here)
    return found


def _gains(
    data: RunData,
    place: tuple[str, float, str, str, str],
    mine: pd.DataFrame,
    without: pd.DataFrame,
) -> Iterator[Gain]:
    """Yield the gain of one way to use labels over one without, from few labels to all."""
    pair, fraction, model, title, zero_shot = place
    for budget in sorted(budgets(data), key=_size):
        if (measured := paired_gain(data, mine, without, budget)) is not None:
            yield Gain(
                pair=pair, fraction=fraction, model=model, title=title, zero_shot=zero_shot,
                **measured,
            )  # fmt: skip


def labels_needed(found: list[Gain]) -> list[Needed]:
    """Return from how many labels a class on labels are better, for each way to use them."""
    places: dict[tuple[str, float, str, str, str], list[Gain]] = {}
    for gain in found:
        place = (gain.pair, gain.fraction, gain.model, gain.title, gain.zero_shot)
        places.setdefault(place, []).append(gain)
    needed = []
    for place, here in places.items():
        here = sorted(here, key=lambda gain: _size(gain.labels))
        least = ""
        for gain in reversed(here):
            if gain.verdict != Verdict.BETTER:
                break
            least = gain.labels
        tried, said = tuple(g.labels for g in here), tuple(g.verdict for g in here)
        needed.append(Needed(*place, least, tried, said))
    return needed


def _named(
    rows: pd.DataFrame,
) -> Iterator[tuple[tuple[str, str], tuple[pd.DataFrame, bool]]]:
    """Yield what is compared by model and title, with its cells and whether it reads labels."""
    for (_, _, model), variant, mine in by_variant(rows):
        if model == BASELINE:
            reads = variant.strategy.partition(" ")[0] not in _WITHOUT_LABELS
            yield ("", baseline_title(variant.strategy)), (mine, reads)
        else:
            yield (model, variant_title(variant)), (mine, True)


def _size(budget: str) -> float:
    """Return how many labels a class a budget is, more than any number for all of them."""
    return float("inf") if budget == _ALL else float("".join(filter(str.isdigit, budget)) or "inf")
