"""The study `encoders`: what accuracy costs, and what Doc2Vec reaches in no more time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import pandas as pd

from d2vbench.analysis import Interval, RunData
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import variant_title
from d2vbench.analysis.studies.costs import STUDY, Cost, costs
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.structure import Block, Chapter, FigureBlock, Paragraph
from d2vbench.report.document.titles import model_title
from d2vbench.report.figures.costs import cost_points, costs_figure

_READING = (
    "Seconds are those of one core for a cell as it was computed, from reading the texts to "
    "classifying with every label budget: the median over seeds, on the machines that the records "
    "name. They are a time of day's, not a benchmark's. Models of one kind are compared; kinds "
    "read different things, and what a checkpoint has read before, and for how long, is in none "
    "of these numbers. Beside each encoder stands the model of words that took no longer and is "
    "best in cross-validation on the training documents."
)
_FIGURE = (
    "Accuracy over seconds of one core. Colours are kinds of models, markers what is trained; a "
    "line joins a variant with the same under other settings, such as more passes. Bars: 95 % "
    "intervals."
)
_ALL = "all"


def costs_chapters(data: RunData, settings: str = "") -> Iterator[Chapter]:
    """Yield the chapter of what accuracy costs; none where no encoder has a model of words beside.

    Parameters
    ----------
    data : RunData
        The study's cells.
    settings : str
        What they share, in a sentence.
    """
    found = costs(data, budgets(data))
    if not any(one.rival for one in found):
        return
    shown = [one for one in found if one.labels == _ALL] or found
    points = cost_points(shown)
    figure = FigureBlock(
        slug_of(STUDY, "costs"), "Accuracy over seconds", partial(costs_figure, points), _FIGURE,
        data=points, settings=settings,
    )  # fmt: skip
    blocks: tuple[Block, ...] = (Paragraph(_READING), figure, _table(found, settings))
    yield Chapter(slug_of(STUDY, "cost"), "What accuracy costs", blocks)


def _table(found: Sequence[Cost], settings: str) -> Block:
    nothing = Interval(math.nan, math.nan, math.nan, math.nan)
    rows = []
    for one in found:
        less = one.less or nothing
        rows.append({
            "pair": one.pair, "fraction": one.fraction, "labels": one.labels,
            "kind": str(one.kind), "model": one.model, "title": one.title,
            "seconds": one.seconds, "accuracy": one.accuracy.estimate,
            "accuracy_low": one.accuracy.low, "accuracy_high": one.accuracy.high,
            "rival": variant_title(one.rival) if one.rival else "", "less": less.estimate,
            "less_low": less.low, "less_high": less.high, "seeds": one.seeds,
        })  # fmt: skip
    return table(
        slug_of(STUDY, "seconds"), "Seconds and accuracy", pd.DataFrame(rows),
        {
            "pair": cells.pair, "labels": cells.labels, "kind": "kind", "what": _what,
            "seconds of a core": cells.numbers("seconds", "{:,.1f}".format),
            "accuracy %": cells.intervals("accuracy", "accuracy_", "per cent"),
            "words in no more time": "rival",
            "less that, points": cells.intervals("less", "less_"),
        },
        settings=settings,
    )  # fmt: skip


def _what(row: cells.Row) -> str:
    name = str(row["title"])
    return name if row["model"] == BASELINE else f"{model_title(row['model'])}, {name}"
