"""Measured beside published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import pandas as pd

from d2vbench.analysis.studies.replication import Replication
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, table
from d2vbench.report.document.phrases import counted, percent
from d2vbench.report.document.structure import Bullets, Chapter, Paragraph

_READING = (
    "Most published numbers classify the vectors of training: the test documents are trained on as "
    "well, without their labels. The benchmark never does that elsewhere: it infers vectors of "
    "documents that training has not seen. Both are here, each from a training of its own. Where "
    "the source does not state all settings, measured and published may differ by several points "
    "for that reason alone."
)

NOT_COMPARED = "This study checks engine and evaluation; it compares no strategies."


def replication_chapter(found: Sequence[Replication]) -> Chapter:
    """Lay out what is measured beside what is published; from `replications`."""
    columns: Columns = {
        "pair": "pair",
        "model": cells.model,
        "published by": "by",
        "engine": "engine",
        "published %": cells.numbers("published", percent),
        "vectors of training %": lambda r: _mean(r, "trained"),
        "inferred vectors %": lambda r: _mean(r, "inferred"),
        "seeds": lambda r: cells.plain(max(r["seeds_trained"], r["seeds_inferred"])),
    }
    title = "Accuracy measured and accuracy published"
    sources = (
        f"{one.by}: {one.source}. Settings: {one.settings}."
        for one in (each.published for each in found)
    )
    return Chapter(
        "measured-and-published",
        "Measured beside published",
        (
            Paragraph(_READING),
            table("replication-published", title, replication_table(found), columns),
            Bullets(tuple(dict.fromkeys(sources))),
        ),
    )


def replication_sentence(found: Sequence[Replication]) -> str:
    """Return how far measured and published are apart, where the settings are the source's own."""
    same = [one for one in found if one.trained and one.published.their_settings]
    if not same:
        return ""
    farthest = max(abs(fmean(one.trained) - one.published.accuracy) for one in same)
    return (
        f"With the settings of the source, accuracy lies within {100 * farthest:.1f} points of "
        f"what is published ({counted(len(same), 'comparison')})."
    )


def _mean(row: cells.Row, what: str) -> str:
    def text(mean: float) -> str:
        if row[f"seeds_{what}"] == 1:
            return percent(mean)
        low, high = (percent(row[f"{what}_{end}"]) for end in ("low", "high"))
        return f"{percent(mean)} ({low} to {high})"

    return cells.number(text, row[what])


def replication_table(found: Sequence[Replication]) -> pd.DataFrame:
    """Return the same as rows: the mean, the least and the highest accuracy in [0, 1]."""
    return pd.DataFrame(
        {
            "pair": one.published.pair, "model": one.published.model, "by": one.published.by,
            "engine": one.engine, "published": one.published.accuracy,
            **_spread("trained", one.trained), **_spread("inferred", one.inferred),
            "source": one.published.source, "settings": one.published.settings,
        }
        for one in found
    )  # fmt: skip


def _spread(what: str, accuracies: Sequence[float]) -> dict[str, float]:
    said = accuracies or (math.nan,)
    return {
        what: fmean(said),
        f"{what}_low": min(said),
        f"{what}_high": max(said),
        f"seeds_{what}": len(accuracies),
    }
