"""The main comparison and each further study: a figure, and a table for each pair and model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from d2vbench.analysis import Finding, OverPairs, RunData, findings, own_best, summarise
from d2vbench.analysis.contrasts.pair_means import over_corpora_against
from d2vbench.analysis.contrasts.scores import draw_all
from d2vbench.analysis.contrasts.variants import GROUP, REFERENCE
from d2vbench.analysis.studies.frontier import STUDY as FRONTIER
from d2vbench.analysis.studies.tuned import at_ends
from d2vbench.report.chapters.answer import finding_lines
from d2vbench.report.chapters.comparison import main_figures, study_comparison
from d2vbench.report.document.blocks import slug_of
from d2vbench.report.document.settings import usual_settings
from d2vbench.report.document.structure import (
    Block,
    Bullets,
    Chapter,
    Drawing,
    FigureBlock,
    Paragraph,
)
from d2vbench.report.document.tables import comparison_tables, expansion_tables
from d2vbench.report.document.titles import group_title, labels_title
from d2vbench.report.drawing.heat_map import schedules_heat_map
from d2vbench.report.drawing.style import Drawn
from d2vbench.report.figures.studies import (
    label_curves,
    share_curves,
    shift_curves,
)

# The study that the report opens with, and the one whose cells are candidates.
MAIN = "strategies"
TUNED = "tuned"
# Of these, what is compared in the usual way is each strategy at its own best.
_SEARCHES = (TUNED, FRONTIER)


@dataclass(frozen=True)
class StudyPart:
    """A study with its summary.

    Attributes
    ----------
    name, question : str
        Of the study.
    data : RunData
        Its cells; of a study that searches each strategy's own best.
    summary : pandas.DataFrame
        From `summarise`.
    notes : tuple of str
        What must be known of it, in sentences.
    """

    name: str
    question: str
    data: RunData
    summary: pd.DataFrame
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def found(self) -> list[Finding]:
        """Who is ahead."""
        return findings(self.data)


def study_parts(data: RunData) -> list[StudyPart]:
    """Return the studies of a run that have a result, in the order of the run.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    list of StudyPart
        The first is the main comparison.
    """
    if len(data.cells):
        draw_all(data)
    parts: list[StudyPart] = []
    for name in data.studies() if len(data.cells) else ():
        mine, notes = data.study(name), tuple[str, ...]()
        if name in _SEARCHES and "cv_accuracy_all" in mine.cells:
            notes = tuple(_end_lines(at_ends(mine))) if name == TUNED else ()
            mine, _ = own_best(mine)
        if len(mine.cells) and len(summary := summarise(mine)):
            parts.append(StudyPart(name, data.question(name), mine, summary, notes))
    return parts


def _end_lines(ends: pd.DataFrame) -> Iterator[str]:
    """Say which best candidates lie at an end of an axis of the search."""
    if ends.empty:
        yield "No best candidate lies at the end of an axis of the search."
        return
    yield (
        "Axes grow while a best candidate lies at their end, up to a limit. Where the limit was "
        "met, a better candidate beyond it is not excluded:"
    )
    place: Any
    for place, rows in ends.groupby([*GROUP, "labels"], sort=False):
        said = ", ".join(
            f"{row.strategy} {row.axis} {row.value:g} (of {row.low:g} to {row.high:g})"
            for row in rows.itertuples()
        )
        yield f"{group_title(*place[:3])}, {labels_title(place[3])}: {said}."


def main_chapter(
    part: StudyPart, missing: int, several: bool, further: Sequence[Chapter] = ()
) -> Chapter:
    """Return the chapter of the main comparison.

    Parameters
    ----------
    part : StudyPart
        The first study.
    missing : int
        Cells of the run without a record.
    several : bool
        Whether the run has more studies than this.
    further : sequence of Chapter
        What else is said of it.

    Returns
    -------
    Chapter
        Who is ahead, figures and tables.
    """
    warnings = [f"{missing} cells of this run have no record yet."] if missing else []
    if (seeds := int(part.summary["seeds"].min())) < 3:
        warnings.append(_few_seeds(seeds))
    first = [*(Paragraph(text, strong=True) for text in warnings)]
    said = Bullets(tuple(finding_lines(part.found)))
    blocks = (*_question(part), *first, said, *shown_blocks(part, "", several))
    title = f"The main comparison: {part.name}"
    return Chapter("main-comparison", title, blocks, tuple(further))


def study_chapter(part: StudyPart, further: Sequence[Chapter] = ()) -> Chapter:
    """Return the chapter of a study that is not the first: its question, figures and tables."""
    heading = f"{part.name}: {part.question}" if part.question else part.name
    notes = [Bullets(part.notes)] if part.notes else []
    blocks = (*_question(part), *notes, *shown_blocks(part, heading, True))
    return Chapter(slug_of("study", part.name), f"Study {part.name}", blocks, tuple(further),
                   line=part.question)  # fmt: skip


def _question(part: StudyPart) -> list[Block]:
    return [Paragraph(part.question)] if part.question else []


def _few_seeds(seeds: int) -> str:
    if seeds == 1:
        return "One seed gives no interval: how much seeds differ is not known."
    return "Two seeds are too few for verdicts: intervals say little about seeds."


def shown_blocks(part: StudyPart, heading: str, several: bool) -> list[Block]:
    """Return the figures and tables of a study in the usual way."""
    note = usual_settings(part.data).sentence()
    return [
        Paragraph(note),
        *_figures(part, heading, note),
        *comparison_tables(part.summary, part.name, several, note),
        *expansion_tables(part.data.cells, part.name, note),
    ]


def _figures(part: StudyPart, heading: str, note: str) -> list[Block]:
    """Return what to draw of a study; nothing is drawn yet."""
    study, summary = part.name, part.summary
    title = heading or study
    contrasts = bool(summary["difference"].notna().any())

    def figure(slug: str, title: str, draw: Drawing, shows: str) -> FigureBlock:
        return FigureBlock(slug_of(slug), title, draw, shows, data=summary, settings=note)

    if study == "schedules" and contrasts and _has_follow_ups(summary):
        return [figure(study, title, lambda: schedules_heat_map(summary), _SCHEDULES)]
    if study in _CURVES:
        column, draw, shows = _CURVES[study]
        if summary[column].nunique() > 1:
            return [figure(study, title, lambda: draw(summary), f"{shows}; {_BANDS}")]
    if heading:
        return [*study_comparison(study, summary, note)]

    def over(model: str, labels: str) -> Mapping[str, OverPairs]:
        return over_corpora_against(part.data, REFERENCE, model, labels)

    return [*main_figures(MAIN, summary, note, over)]


_SCHEDULES = (
    "sequential(k) minus combined in percentage points, by the alpha that the follow-up starts "
    "from and by k, and at the right under other schedules; bold where it is better or worse "
    "beyond noise."
)
# By study: the column that varies, what draws accuracy over it, and its caption.
_CURVES: dict[str, tuple[str, Callable[[pd.DataFrame], Drawn], str]] = {
    "domain-size": (
        "fraction",
        share_curves,
        "Accuracy over the share of the domain corpus that there is",
    ),
    "shift": (
        "pair",
        shift_curves,
        "Accuracy over the share of words that have another sense in the generic corpus",
    ),
    "labels": ("labels", label_curves, "Accuracy over the number of labelled documents a class"),
}
_BANDS = "bars: 95 % intervals over seeds and test documents."


def _has_follow_ups(summary: pd.DataFrame) -> bool:
    return bool((summary["schedule"] == "follow-up").any())
