"""The study `new-words`: what new words of the domain add to a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.analysis.studies.new_words import CLAIM, STUDY, WordGain, claim_outcome, word_gains
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.structure import Block, Chapter, Paragraph

_READING = (
    "The most frequent words of the domain that the checkpoint splits are given a row each, the "
    "mean of the rows of their pieces. Judged on the checkpoint as it is, with all labels: "
    "'worse' and 'equivalent' speak for the claim, 'better' against it. Few labels, and what "
    "further pre-training makes of the new words, stand beside."
)


def new_words_chapters(data: RunData, settings: str = "") -> Iterator[Chapter]:
    """Yield the chapter of claim E5; none where a run has no checkpoint with and without words.

    Parameters
    ----------
    data : RunData
        The study's cells.
    settings : str
        What they share, in a sentence.
    """
    if not (found := word_gains(data)):
        return
    blocks: tuple[Block, ...] = (
        Paragraph(f"E5. {CLAIM} In this run: {claim_outcome(found)}.", strong=True),
        Paragraph(_READING),
        _table(found, settings),
    )
    yield Chapter(slug_of(STUDY, "claim"), "Do new words help?", blocks)


def _table(found: list[WordGain], settings: str) -> Block:
    rows = [
        {
            "pair": one.pair, "fraction": one.fraction, "model": one.model,
            "training": one.training, "words": one.words, "labels": one.labels,
            "without": one.without.estimate, "without_low": one.without.low,
            "without_high": one.without.high, "with": one.with_words.estimate,
            "with_low": one.with_words.low, "with_high": one.with_words.high,
            "gain": one.gain.estimate, "gain_low": one.gain.low, "gain_high": one.gain.high,
            "verdict": str(one.verdict), "vote": one.vote,
        }
        for one in found
    ]  # fmt: skip
    return table(
        slug_of(STUDY, "gains"), "What new words add to a checkpoint", pd.DataFrame(rows),
        {
            "pair": cells.pair, "model": "model", "further pre-training": "training",
            "new words": "words", "labels": cells.labels,
            "its own pieces %": cells.intervals("without", "without_", "per cent"),
            "with new words %": cells.intervals("with", "with_", "per cent"),
            "difference": cells.worded(cells.intervals("gain", "gain_"), "verdict"),
            "says of E5": "vote",
        },
        caption="Differences are paired, in percentage points with 95 % intervals and verdicts (p "
        "adjusted by Holm's method over all rows).",
        settings=settings,
    )  # fmt: skip
