"""The study `imbalance`: what each loss does to rare classes, of documents and of words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.studies.imbalance import (
    CLAIM,
    STUDY,
    LossScore,
    claim_outcome,
    loss_scores,
)
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import Block, Chapter, Paragraph

_READING = (
    "Judged by macro-F1 against the plain loss of the same learner: 'better' speaks for the claim, "
    "'worse' and 'equivalent' (within one point) against it. A vote has the loss that weighs each "
    "class alike; drawing classes alike and the focal loss stand beside. What it costs is the "
    "difference of accuracy. Settings of a learner of documents are chosen by accuracy on held-out "
    "training documents under every loss, those of a learner of tokens by macro-F1."
)
_DOCUMENTS = (
    "Labels of a long tail: from class to class one factor fewer, the order drawn by the seed; "
    "test documents are all there. Where those have the classes about equally often, what helps "
    "rare classes helps accuracy as well. Recall is the mean over the rare half of the classes."
)
_TOKENS = (
    "The first piece of a word is told; a word is outside of all names, or of a class. Outside: "
    "the share of words that are, which is the accuracy of telling nothing. Macro-F1 leaves the "
    "words outside out. Seen: names that labelled documents may have; unseen: names that no "
    "training document has. Task planted: invented names in the texts of D, the truth is exact. "
    "Task tagged: names that articles of Reuters list, wherever the text spells them so; the truth "
    "is distant supervision, and not exact."
)
_CAPTION = (
    "Differences from the plain loss are paired by seed, in percentage points with 95 % intervals "
    "over seeds (Student's) and verdicts (p adjusted by Holm's method over all rows of both "
    "tables)."
)


def imbalance_chapters(data: RunData, settings: str = "") -> Iterator[Chapter]:
    """Yield the chapter of claim E6; none where a run has neither a long tail nor tokens.

    Parameters
    ----------
    data : RunData
        The study's cells.
    settings : str
        What they share, in a sentence.
    """
    if not (found := loss_scores(data)):
        return
    documents = [one for one in found if not one.task]
    tokens = [one for one in found if one.task]
    blocks: list[Block] = [
        Paragraph(f"E6. {CLAIM} In this run: {claim_outcome(found)}.", strong=True),
        Paragraph(_READING),
    ]
    if documents:
        blocks += [Paragraph(_DOCUMENTS), _of_documents(documents, settings)]
    if tokens:
        blocks += [Paragraph(_TOKENS), _of_tokens(tokens, settings)]
    yield Chapter(slug_of(STUDY, "claim"), "Does a weighted loss help rare classes?", tuple(blocks))


def _of_documents(found: list[LossScore], settings: str) -> Block:
    return table(
        slug_of(STUDY, "documents"), "Losses and rare classes of documents", _frame(found),
        {
            "pair": cells.pair, "model": cells.model, "trained by": "training",
            "learner": "learner", "loss": "loss", "labels": cells.labels,
            "macro-F1 %": cells.numbers("macro_f1", percent), "difference": _GAIN,
            "accuracy %": cells.numbers("accuracy", percent), "cost": _COST,
            "rare recall %": cells.numbers("rare_recall", percent),
            "more rare recall": cells.intervals("rare", "rare_"),
            "says of E6": "vote",
        },
        caption=_CAPTION, settings=settings,
    )  # fmt: skip


def _of_tokens(found: list[LossScore], settings: str) -> Block:
    return table(
        slug_of(STUDY, "tokens"), "Losses and rare classes of words", _frame(found),
        {
            "pair": cells.pair, "model": cells.model, "trained by": "training", "task": "task",
            "learner": "learner", "loss": "loss", "documents": "labels", "names": "names",
            "outside %": cells.numbers("outside", percent),
            "accuracy %": cells.numbers("accuracy", percent), "cost": _COST,
            "macro-F1 %": cells.numbers("macro_f1", percent), "difference": _GAIN,
            "F1 % by class": "by_class", "says of E6": "vote",
        },
        caption=_CAPTION, settings=settings,
    )  # fmt: skip


_COST = cells.intervals("cost", "cost_")
_GAIN = cells.worded(cells.intervals("gain", "gain_"), "verdict")


def _frame(found: list[LossScore]) -> pd.DataFrame:
    return pd.DataFrame([_row(one) for one in found])


def _row(one: LossScore) -> dict[str, Any]:
    row: dict[str, Any] = {
        "pair": one.pair, "fraction": one.fraction, "model": one.model, "training": one.training,
        "task": one.task, "learner": one.learner, "labels": one.labels, "names": one.names,
        "loss": one.loss, "seeds": one.seeds, "macro_f1": one.macro_f1, "accuracy": one.accuracy,
        "rare_recall": one.rare_recall, "outside": one.outside,
        **{f"f1_{name}": value for name, value in one.f1.items()},
        "by_class": ", ".join(f"{name} {percent(value)}" for name, value in one.f1.items()),
    }  # fmt: skip
    for name, found in (("gain", one.gain), ("cost", one.cost), ("rare", one.rare_gain)):
        row |= _interval(name, found)
    return {**row, "verdict": str(one.verdict) if one.gain else "", "vote": one.vote}


def _interval(name: str, found: Interval | None) -> dict[str, float | None]:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
