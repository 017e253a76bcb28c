"""The study `zero-shot`: from how many labels a class on they are better than titles alone."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.analysis.studies.zero_shot import STUDY, Gain, Needed, gains, labels_needed
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.structure import Block, Chapter, Paragraph
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.studies.paired_gains import gains_table

_READING = (
    "Zero-shot classification reads the title of each class and no label. What a checkpoint was "
    "trained on is not known here, and may hold documents of these pairs. Labels count as needed "
    "from the smallest number a class on at which they are better, and at every larger number that "
    "was tried. 'none' says that they are better at none of these, which does not say that they "
    "never are."
)


def zero_shot_chapters(data: RunData, settings: str = "") -> Iterator[Chapter]:
    """Yield the chapter of what labels add; none where a run has no zero-shot classification.

    Parameters
    ----------
    data : RunData
        The study's cells.
    settings : str
        What they share, in a sentence.
    """
    if not (found := gains(data)):
        return
    blocks: tuple[Block, ...] = (
        Paragraph(_READING),
        _needed(labels_needed(found), settings),
        _gains(found, settings),
    )
    yield Chapter(slug_of(STUDY, "labels"), "Are labels needed?", blocks)


def _needed(found: list[Needed], settings: str) -> Block:
    rows = [
        {
            "pair": one.pair, "fraction": one.fraction, "zero_shot": one.zero_shot,
            "model": one.model, "title": one.title, "labels": one.labels,
            "needed": _said(one),
            "tried": ", ".join(
                f"{labels_title(labels)}: {said}"
                for labels, said in zip(one.tried, one.verdicts, strict=True)
            ),
        }
        for one in found
    ]  # fmt: skip
    return table(
        slug_of(STUDY, "needed"), "From how many labels a class labels beat titles alone",
        pd.DataFrame(rows),
        {
            "pair": cells.pair, "without labels": "zero_shot", "with labels": _learner,
            "needed": "needed", "with labels, against without": "tried",
        },
        settings=settings,
    )  # fmt: skip


def _said(one: Needed) -> str:
    if not one.labels:
        return "none"
    fewest = ", the fewest tried" * (one.labels == one.tried[0] and len(one.tried) > 1)
    return f"{labels_title(one.labels)}{fewest}"


def _learner(row: cells.Row) -> str:
    return f"{model_title(row['model'])}, {row['title']}" if row["model"] else str(row["title"])


def _gains(found: list[Gain], settings: str) -> Block:
    return gains_table(
        slug_of(STUDY, "gains"), "What labels add to titles", found,
        ("zero_shot", "model", "title"),
        {"without labels": "zero_shot", "with labels": _learner},
        {"accuracy %": "accuracy", "without labels %": "without"}, {},
        "the rows of one pair and one zero-shot classification", settings,
    )  # fmt: skip
