"""The study `frontier` on many pairs: strategies at their best, over new corpora."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.scores import holm
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS, verdict
from d2vbench.analysis.studies.frontier_over_pairs import AtBest, at_best
from d2vbench.report.chapters.over_pairs import OVER_PAIRS, over_pairs_numbers
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import p_text
from d2vbench.report.document.structure import TableBlock
from d2vbench.report.document.titles import labels_title, model_title

_CAPTION = (
    "Each strategy at its best on each pair, chosen by cross-validation from the candidates that a "
    "budget of words pays for; differences in accuracy on test documents, in percentage points. A "
    "baseline trains no words. p is adjusted by Holm's method over the rows; a pair whose budget "
    f"pays for nothing of a strategy is left out. {OVER_PAIRS}"
)


def over_pairs_tables(book: Scorebook, settings: str = "") -> Iterator[TableBlock]:
    """Yield a table a model and label budget that enough pairs have.

    Parameters
    ----------
    book : Scorebook
        Of the study's cells.
    settings : str
        What its cells share, in a sentence.
    """
    places: dict[tuple[str, str], list[AtBest]] = {}
    for one in at_best(book):
        places.setdefault((one.model, one.labels), []).append(one)
    for (model, labels), some in places.items():
        yield table(
            slug_of("frontier", "over-pairs", model, labels),
            f"Strategies at their best over pairs: {model_title(model)}, {labels_title(labels)}",
            at_best_rows(some),
            {
                "budget, words": "budget", "strategy": "first", "less": "second",
                "points [95 %]": cells.intervals("estimate"),
                "on a new pair [95 %]": cells.intervals("estimate", "new_"),
                "these pairs": cells.intervals("median", "pairs_"),
                "p (Holm)": cells.numbers("p_holm", p_text),
                "pairs": "pairs", "over new corpora": "verdict",
            },
            caption=_CAPTION, settings=settings,
        )  # fmt: skip


def _values(one: AtBest) -> list[float]:
    return [difference.value for difference in one.differences.values()]


def at_best_rows(found: list[AtBest]) -> pd.DataFrame:
    """Return a row a comparison, with all numbers; p is adjusted over them.

    ``median``, ``pairs_low`` and ``pairs_high`` are the middle, the least and the most of the
    pairs of the run.
    """
    adjusted = holm([one.found.interval.p for one in found])
    return pd.DataFrame(
        {
            "model": one.model, "labels": one.labels, "budget": one.budget,
            "first": one.first, "second": one.second, **over_pairs_numbers(one.found),
            "median": float(np.median(_values(one))),
            "pairs_low": min(_values(one)),
            "pairs_high": max(_values(one)),
            # One seed is enough: what seeds add is then part of what pairs differ by.
            "p_holm": p, "verdict": str(verdict(one.found.interval, p, MIN_SEEDS)),
        }
        for one, p in zip(found, adjusted, strict=True)
    )  # fmt: skip
