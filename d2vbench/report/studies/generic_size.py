"""The study `generic-size`: accuracy over the size of G."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd

from d2vbench.analysis import Interval, RunData
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.variants import GROUP
from d2vbench.analysis.studies.frontier import PLAIN
from d2vbench.analysis.studies.generic_size import STUDY, SizePoint, generic_sizes
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import share_text
from d2vbench.report.document.structure import Block, Chapter, FigureBlock, Paragraph
from d2vbench.report.document.titles import model_title
from d2vbench.report.figures.studies import size_curves

_READING = (
    "The domain stays as it is, and of the generic corpus there is a part: smaller parts lie "
    "within larger ones. With k = 4 the domain's share of what is presented falls as G grows; with "
    "k = balanced it stays at about a half. What is compared with is the domain alone, with a "
    "vocabulary of its own: that knows nothing of G."
)
_NONE_OF_G = "domain-only, the domain's own vocabulary"


def generic_size_chapter(data: RunData, question: str = "", settings: str = "") -> Chapter:
    """Lay the study out: a figure a model, and a table.

    Parameters
    ----------
    data : RunData
        The study's cells.
    question, settings : str
        Of the study; what its cells share, in a sentence.
    """
    points = generic_sizes(Scorebook(data))
    blocks: list[Block] = [Paragraph(question)] if question else []
    blocks.append(Paragraph(_READING))
    if points:
        shown = curve_points(points)
        blocks += [
            FigureBlock(
                slug_of(STUDY, str(model)),
                f"Accuracy over the size of G, {model_title(str(model))}",
                partial(size_curves, mine),
                "Words of the generic corpus for one of the domain, on a logarithmic axis; bars: "
                "95 % intervals over seeds and test documents. The domain alone, which sees no G, "
                "is the same at all sizes.",
                data=mine, settings=settings,
            )
            for model, mine in shown.groupby("model", sort=False)
            if mine["ratio"].nunique() > 1
        ]  # fmt: skip
        blocks.append(_table(points, settings))
    return Chapter(slug_of("study", STUDY), f"Study {STUDY}", tuple(blocks), line=question)


def curve_points(points: Sequence[SizePoint]) -> pd.DataFrame:
    """Return the points of the curves; what sees nothing of G has one at each size of the place."""
    rows = []
    for one in points:
        plain = one.strategy == PLAIN and not one.policy
        ratios = sorted({p.ratio for p in points if p.place == one.place})
        rows += [
            {
                **dict(zip([*GROUP, "labels"], one.place, strict=True)), "strategy": one.strategy,
                "title": one.title, "ratio": ratio, "accuracy": one.accuracy.estimate,
                "accuracy_low": one.accuracy.low, "accuracy_high": one.accuracy.high,
            }
            for ratio in (ratios if plain else [one.ratio])
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _table(points: Sequence[SizePoint], settings: str) -> Block:
    none = Interval(math.nan, math.nan, math.nan, math.nan)
    rows = []
    for one in points:
        gain = one.gain or none
        rows.append({
            **dict(zip([*GROUP, "labels"], one.place, strict=True)), "strategy": one.strategy,
            "title": one.title, "generic_fraction": one.share, "ratio": one.ratio,
            "words_trained": one.words, "accuracy": one.accuracy.estimate,
            "low": one.accuracy.low, "high": one.accuracy.high, "gain": gain.estimate,
            "gain_low": gain.low, "gain_high": gain.high,
            "verdict": one.verdict if one.gain else "",
        })  # fmt: skip
    return table(
        slug_of(STUDY, "accuracy"), "Accuracy by the size of G", pd.DataFrame(rows),
        {
            "pair": cells.pair, "model": cells.model, "labels": cells.labels, "train": "title",
            "of G": cells.numbers("generic_fraction", share_text),
            "words of G for one of D": cells.numbers("ratio", "{:.1f}".format),
            "million words": cells.numbers("words_trained", lambda n: f"{n / 1e6:,.1f}"),
            "accuracy %": cells.intervals("accuracy", "", "per cent"),
            f"less {_NONE_OF_G}":
                cells.worded(cells.intervals("gain", "gain_"), "verdict"),
        },
        caption="Differences are paired, in percentage points with 95 % intervals and verdicts (p "
        "adjusted by Holm's method over the rows of one pair, model and label budget).",
        settings=settings,
    )  # fmt: skip
