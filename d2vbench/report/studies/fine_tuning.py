"""The study `fine-tuning`: what its claims come to, then bodies and arms in the usual tables."""

from __future__ import annotations

from d2vbench.analysis import RunData, judge
from d2vbench.analysis.claims.fine_tuning import ENCODER_CLAIMS, STUDY
from d2vbench.analysis.contrasts.frame import ENCODER
from d2vbench.report.chapters.claims import claim_chapters, overview_block
from d2vbench.report.document.blocks import slug_of
from d2vbench.report.document.structure import Chapter, Paragraph
from d2vbench.report.studies.studies import StudyPart, shown_blocks

__all__ = ["STUDY", "fine_tuning_chapter"]

_READING = (
    "A body is an encoder as it is (untrained), or further trained by a plan, which reads no "
    "label. Labels then train what a row says: fine-tuned all weights, the top layers, or a head "
    "alone; fine-tuned scratch begins with random weights of the same shape. A row without one is "
    "logistic regression on the frozen vectors. Each arm chooses its rate and its passes from six "
    "candidates, by a fifth of the labelled documents, which then train too."
)
_RULE = (
    "Each test votes once for each pair and encoder, with all labels; the verdict with 10 labels a "
    "class stands beside. supported or contradicted: at least half of the votes say so and none "
    "the other way. p-values are adjusted by Holm's method over the votes of a verdict."
)


def fine_tuning_chapter(part: StudyPart, data: RunData, alone: bool = False) -> Chapter:
    """Lay the study out.

    Parameters
    ----------
    part : StudyPart
        Of the study.
    data : RunData
        The study's cells.
    alone : bool
        Whether the main comparison shows its tables already.
    """
    judged = judge(ENCODER_CLAIMS, data, of=ENCODER)
    heading = f"{part.name}: {part.question}" if part.question else part.name
    blocks = (
        *([Paragraph(part.question)] if part.question else []),
        Paragraph(_READING),
        overview_block(judged, slug_of(STUDY, "claims"), "Fine-tuning: claims and verdicts"),
        Paragraph(_RULE),
        *(() if alone else shown_blocks(part, heading, True)),
    )
    return Chapter(
        slug_of("study", STUDY), f"Study {STUDY}", blocks, tuple(claim_chapters(judged)),
        line=part.question,
    )  # fmt: skip
