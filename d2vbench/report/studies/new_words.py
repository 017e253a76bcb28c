"""The study `new-words`: what new words of the domain add to a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

from d2vbench.analysis import RunData
from d2vbench.analysis.studies.new_words import CLAIM, STUDY, WordGain, claim_outcome, word_gains
from d2vbench.report.document.blocks import slug_of
from d2vbench.report.document.structure import Block, Chapter, Paragraph
from d2vbench.report.studies.paired_gains import gains_table

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
    return gains_table(
        slug_of(STUDY, "gains"), "What new words add to a checkpoint", found,
        ("model", "training", "words", "vote"),
        {"model": "model", "further pre-training": "training", "new words": "words"},
        {"its own pieces %": "without", "with new words %": "accuracy"},
        {"says of E5": "vote"}, "all rows", settings,
    )  # fmt: skip
