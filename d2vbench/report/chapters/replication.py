"""Measured beside published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import pandas as pd

from d2vbench.analysis.contrasts.replication import Replication
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import counted, percent
from d2vbench.report.document.structure import Bullets, Chapter, Paragraph
from d2vbench.report.document.titles import model_title

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
    columns = ("pair", "model", "published by", "engine", "published %", "vectors of training %",
               "inferred vectors %", "seeds")  # fmt: skip
    rows = [
        (
            one.published.pair, model_title(one.published.model), one.published.by, one.engine,
            percent(one.published.accuracy), _mean(one.trained), _mean(one.inferred),
            str(max(len(one.trained), len(one.inferred))),
        )
        for one in found
    ]  # fmt: skip
    title = "Accuracy measured and accuracy published"
    return Chapter(
        "measured-and-published",
        "Measured beside published",
        (
            Paragraph(_READING),
            table("replication-published", title, columns, rows, replication_table(found), 4),
            Bullets(
                tuple(
                    dict.fromkeys(
                        f"{one.published.by}: {one.published.source}. Settings: "
                        f"{one.published.settings}."
                        for one in found
                    )
                )
            ),
        ),
    )  # fmt: skip


def replication_sentence(found: Sequence[Replication]) -> str:
    """Return how far measured and published are apart, where the settings are the source's own."""
    same = [one for one in found if one.trained and one.published.settings.startswith("theirs")]
    if not same:
        return ""
    farthest = max(abs(fmean(one.trained) - one.published.accuracy) for one in same)
    return (
        f"With the settings of the source, accuracy lies within {100 * farthest:.1f} points of "
        f"what is published ({counted(len(same), 'comparison')})."
    )


def _mean(accuracies: Sequence[float]) -> str:
    if not accuracies:
        return ""
    text = percent(fmean(accuracies))
    if len(accuracies) == 1:
        return text
    return f"{text} ({percent(min(accuracies))} to {percent(max(accuracies))})"


def replication_table(found: Sequence[Replication]) -> pd.DataFrame:
    """Return the same as rows, accuracies in [0, 1]."""
    rows = [
        (
            one.published.pair, one.published.model, one.published.by, one.engine,
            one.published.accuracy,
            fmean(one.trained) if one.trained else math.nan,
            fmean(one.inferred) if one.inferred else math.nan,
            len(one.trained), len(one.inferred), one.published.source, one.published.settings,
        )
        for one in found
    ]  # fmt: skip
    columns = ["pair", "model", "by", "engine", "published", "trained", "inferred", "seeds_trained",
               "seeds_inferred", "source", "settings"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
