"""The report of a run, before any form is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from d2vbench.analysis import (
    CLAIMS,
    OverPairs,
    Recommendation,
    RunData,
    accuracy_variance,
    judge,
    recommend,
    summarise,
    transfer,
)
from d2vbench.analysis.claims.answer import (
    Answer,
    Choice,
    best_choice,
    generic_help,
    schedule_costs,
)
from d2vbench.analysis.claims.evidence import ALL, FEW
from d2vbench.analysis.claims.transfer import STUDY as TRANSFER
from d2vbench.analysis.contrasts.classifiers import by_classifier, fit_counts
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.pair_corpora import pair_corpora
from d2vbench.analysis.contrasts.pair_means import over_corpora_against, over_corpora_between
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import REFERENCE, variant_title, variants_of
from d2vbench.analysis.studies.costs import STUDY as ENCODERS
from d2vbench.analysis.studies.exposure import fit
from d2vbench.analysis.studies.frontier import STUDY as FRONTIER
from d2vbench.analysis.studies.frontier import choices, frontier
from d2vbench.analysis.studies.generic_size import STUDY as GENERIC_SIZE
from d2vbench.analysis.studies.imbalance import STUDY as IMBALANCE
from d2vbench.analysis.studies.inference import chooses_all
from d2vbench.analysis.studies.new_words import STUDY as NEW_WORDS
from d2vbench.analysis.studies.replication import STUDY as REPLICATION
from d2vbench.analysis.studies.replication import replications
from d2vbench.analysis.studies.zero_shot import STUDY as ZERO_SHOT
from d2vbench.errors import UserError
from d2vbench.report.chapters.across import across_chapter, ranked
from d2vbench.report.chapters.answer import answer_sentences, new_corpora_sentence
from d2vbench.report.chapters.claims import claims_chapter
from d2vbench.report.chapters.classifiers import classifiers_chapter
from d2vbench.report.chapters.decided import decision_rows, frontier_rows
from d2vbench.report.chapters.decision import QUESTION, first_chapter, shown_first
from d2vbench.report.chapters.drift import drift_chapter, drift_columns, drift_means
from d2vbench.report.chapters.protocol import protocol_chapter, provenance_chapter
from d2vbench.report.chapters.recommendation import recommendations_chapter
from d2vbench.report.chapters.transfer import transfer_chapter
from d2vbench.report.chapters.variance import variance_chapter
from d2vbench.report.document.blocks import unique_slugs
from d2vbench.report.document.ids import content_settings, run_id
from d2vbench.report.document.phrases import counted
from d2vbench.report.document.settings import Settings, usual_settings
from d2vbench.report.document.structure import Chapter, Document, TableBlock
from d2vbench.report.document.titles import pairs_text
from d2vbench.report.studies.costs import costs_chapters
from d2vbench.report.studies.fine_tuning import STUDY as FINE_TUNING
from d2vbench.report.studies.fine_tuning import fine_tuning_chapter
from d2vbench.report.studies.frontier import frontier_chapter
from d2vbench.report.studies.generic_size import generic_size_chapter
from d2vbench.report.studies.imbalance import imbalance_chapters
from d2vbench.report.studies.inference import inference_chapter
from d2vbench.report.studies.moderators import moderators_chapter
from d2vbench.report.studies.new_words import new_words_chapters
from d2vbench.report.studies.replication import (
    NOT_COMPARED,
    replication_chapter,
    replication_sentence,
)
from d2vbench.report.studies.studies import (
    StudyPart,
    main_chapter,
    study_chapter,
    study_parts,
)
from d2vbench.report.studies.zero_shot import zero_shot_chapters

DRIFT = "drift"
# Of several studies, what these compare is compared in their own chapters alone.
_APART = (ENCODERS, FINE_TUNING, ZERO_SHOT, NEW_WORDS, IMBALANCE)


def make_document(data: RunData, parts: list[StudyPart] | None = None) -> Document:
    """Return what a run shows.

    Parameters
    ----------
    data : RunData
        The run.
    parts : list of StudyPart, optional
        From `study_parts`, where they are there already.

    Returns
    -------
    Document
        The answer, claims, the main comparison, what to train, each study, what the run says as a
        whole, protocol and provenance. A chapter is there where the run has the cells for it.

    Raises
    ------
    UserError
        If no cell of Doc2Vec has a result.
    """
    parts = study_parts(data) if parts is None else parts
    if not any((part.summary["model"] != BASELINE).any() for part in parts):
        raise UserError("the run has no finished cell of a trained model yet: nothing to report")
    whole = data
    # Of a run that has no others, the first of them is the main comparison.
    usual = [study for study in data.studies() if study not in _APART]
    for study in _APART if usual else data.studies()[1:]:
        data = data.without(study)
    # The main comparison is one of the studies that are left.
    left = data.studies()
    parts = sorted(parts, key=lambda part: part.name not in left)
    settings = usual_settings(data)
    rests_on = content_settings(data, settings)
    content = run_id(whole, rests_on)
    book = Scorebook(data)
    found, nothing = _recommendations(data) if not _only_replicates(data) else ([], [])
    first = _first(data, parts[0], found)
    chapters = _chapters(data, parts, settings, content, book, whole)
    if found or nothing:
        chapters = _inserted(chapters, recommendations_chapter(found, nothing))
    laid = unique_slugs([*([first] if first else []), *map(_folded, chapters)])
    return Document(
        title=_title(data),
        question=QUESTION if first else "",
        first=laid[0] if first else None,
        answer=_sentences(data, parts[0], book),
        chapters=laid[1:] if first else laid,
        run_id=content,
        subtitle=_subtitle(data, settings),
        note=settings.sentence(),
        settings=rests_on,
    )


def _title(data: RunData) -> str:
    """Say what was compared."""
    cells = data.cells[data.cells["model"] != BASELINE]
    pairs = list(dict.fromkeys(map(str, cells["pair"])))
    where = " and ".join(pairs) if len(pairs) <= 2 else pairs_text(pairs)
    if _only_replicates(data):
        return f"Published accuracies of Doc2Vec, trained again on {where}"
    n = cells["strategy"].nunique()
    what = f"{n} ways" if n > 1 else f"{cells['strategy'].iloc[0]}, one way"
    return f"{what} to train on a generic and a domain corpus, compared on {where}"


def _first(data: RunData, main: StudyPart, found: list[Recommendation]) -> Chapter | None:
    """Return the first screen: from the study `frontier` where there is one."""
    reached = []
    if FRONTIER in data.studies():
        mine = data.study(FRONTIER)
        reached = frontier(Scorebook(mine))
    if reached:
        summary = summarise(mine.only(mine.cells["model"] == BASELINE))
        rows, settings = frontier_rows(choices(reached)), usual_settings(mine)
    else:
        rows = decision_rows(shown_first(found)) if found else pd.DataFrame()
        summary, settings = main.summary, usual_settings(data)

    def over(model: str, labels: str) -> Mapping[str, OverPairs]:
        return over_corpora_against(main.data, REFERENCE, model, labels)

    return first_chapter(rows, summary, reached, settings.sentence(), over, data.cells)


def _inserted(chapters: Iterable[Chapter], recommended: Chapter) -> Iterator[Chapter]:
    """Yield chapters, with what to train behind the claims."""
    for i, chapter in enumerate(chapters):
        yield chapter
        if i == 0:
            yield recommended


# What a page shows open; all else is a line.
_OPEN = ("claims", "what-to-train", "main-comparison")


# Of more tables than so many, a chapter is a line as well: runs of many pairs have one a pair.
_TABLES = 18


def _folded(chapter: Chapter) -> Chapter:
    tables = sum(isinstance(block, TableBlock) for block in chapter.blocks)
    if chapter.slug in _OPEN and tables <= _TABLES:
        return chapter
    return replace(chapter, folded=True)


def _subtitle(data: RunData, settings: Settings) -> str:
    cells = data.cells[data.cells["model"] != BASELINE]
    return (
        f"{pairs_text(map(str, cells['pair']))}, "
        f"{counted(len(settings.models), 'model')}, {counted(len(settings.seeds), 'seed')}, "
        f"{counted(len(data.cells), 'cell')}; engine {', '.join(settings.engines)}."
    )


def _sentences(data: RunData, main: StudyPart, book: Scorebook) -> tuple[str, ...]:
    if _only_replicates(data):
        return tuple(filter(None, [replication_sentence(replications(data)), NOT_COMPARED]))
    answer = _answer(data, main, book)
    return answer_sentences(answer, _over_new_corpora(main.data, answer.choice))


def _over_new_corpora(data: RunData, choice: Choice) -> str:
    """Say of the best what many pairs say of new corpora: against the simplest, and D alone."""
    others = [choice.reference] if choice.reference else []
    titles = dict.fromkeys(map(variant_title, variants_of(data.cells)))
    alone = [t for t in titles if t.startswith("domain-only") and t not in others]
    # Of several passes of D alone those that the best has, where they are there.
    k = choice.best.partition("(")[2].partition(")")[0]
    mine = [t for t in alone if t == f"domain-only({k})"] or alone[:1]
    contrasts = [(choice.best, other) for other in [*others, *mine] if other != choice.best]
    over = over_corpora_between(data, contrasts, choice.models[0], choice.labels, choice.fraction)
    return new_corpora_sentence(choice, {other: one for (_, other), one in over.items()})


def _only_replicates(data: RunData) -> bool:
    return data.studies() == [REPLICATION]


def _answer(data: RunData, main: StudyPart, book: Scorebook) -> Answer:
    choice = best_choice(main.summary, Scorebook(main.data))
    regrets = transfer(data.study(TRANSFER))[0] if TRANSFER in data.studies() else []
    return Answer(
        choice,
        schedule_costs(book),
        [
            one.interval.estimate
            for one in regrets
            if one.labels == choice.labels and one.model in choice.models
        ],
        generic_help(book),
    )


def _chapters(
    data: RunData,
    parts: list[StudyPart],
    settings: Settings,
    content: str,
    book: Scorebook,
    whole: RunData,
) -> Iterator[Chapter]:
    if _only_replicates(data):
        # No strategies to compare: claims and recommendations would have nothing to say.
        yield replication_chapter(replications(data))
        yield protocol_chapter(settings, fit_counts(data))
        yield provenance_chapter(data, settings, content)
        return
    judged = judge(CLAIMS, data, book)
    places = [place for place in book.places((1.0,)) if place[3] in (ALL, FEW)]
    fits = [found for place in places if (found := fit(book, place))]
    yield claims_chapter(judged, fits)
    yield main_chapter(parts[0], data.missing, len(parts) > 1, tuple(_further(parts[0])))
    if parts[0].name in _CHAPTERS:
        yield _chapter_of(parts[0].name, data)
    if parts[0].name == FINE_TUNING:
        yield fine_tuning_chapter(parts[0], whole.study(FINE_TUNING), alone=True)
    for part in sorted(parts[1:], key=_place_of):
        if part.name in _CHAPTERS:
            yield _chapter_of(part.name, data)
        elif part.name == FINE_TUNING:
            yield fine_tuning_chapter(part, whole.study(part.name))
        else:
            yield study_chapter(part, tuple(_further(part)))
    yield from whole_chapters(data)
    if len(accuracies := by_classifier(data)):
        yield classifiers_chapter(accuracies)
    yield protocol_chapter(settings, fit_counts(data))
    yield provenance_chapter(data, settings, content)


# In the order of what is decided first; those that are not named come last.
_ORDER = (FRONTIER, "strategies", "tuned", TRANSFER, "schedules", GENERIC_SIZE, "domain-size",
          "labels", "inference", "counts", "vocabulary", "order", "shift", DRIFT)  # fmt: skip


def _place_of(part: StudyPart) -> int:
    return _ORDER.index(part.name) if part.name in _ORDER else len(_ORDER)


def _further(part: StudyPart) -> Iterator[Chapter]:
    """Yield what is said of a study beside its comparisons."""
    if part.name == TRANSFER:
        yield transfer_chapter(*transfer(part.data))
    if part.name == DRIFT and drift_columns(part.data):
        yield drift_chapter(drift_means(part.data), part.summary)
    if part.name == ENCODERS:
        yield from costs_chapters(part.data, usual_settings(part.data).sentence())
    if part.name == ZERO_SHOT:
        yield from zero_shot_chapters(part.data, usual_settings(part.data).sentence())
    if part.name == NEW_WORDS:
        yield from new_words_chapters(part.data, usual_settings(part.data).sentence())
    if part.name == IMBALANCE:
        yield from imbalance_chapters(part.data, usual_settings(part.data).sentence())
    if chooses_all(part.data):
        yield inference_chapter(part.data, usual_settings(part.data).sentence())
    if part.name == REPLICATION:
        yield replication_chapter(replications(part.data))


# Studies whose results are laid out in a way of their own.
_CHAPTERS = {FRONTIER: frontier_chapter, GENERIC_SIZE: generic_size_chapter}


def _chapter_of(study: str, data: RunData) -> Chapter:
    mine = data.study(study)
    return _CHAPTERS[study](mine, data.question(study), usual_settings(mine).sentence())


def whole_chapters(data: RunData) -> Iterator[Chapter]:
    """Yield what a run says over pairs and studies, where it has the cells for it."""
    comparisons = ranked(data)
    if comparisons:
        yield across_chapter(comparisons, pair_corpora(data))
    if why := moderators_chapter(data):
        yield why
    shares = {
        (model, labels): one
        for labels in budgets(data)
        for model, one in accuracy_variance(data, labels).items()
    }
    if shares:
        yield variance_chapter(shares)
    # Every follow-up is measured; where a study is about them, it shows its own.
    if DRIFT not in data.studies() and drift_columns(data):
        means = drift_means(data)
        yield drift_chapter(means, summarise(data) if "forgotten" in means else None)


def _recommendations(
    data: RunData,
) -> tuple[list[Recommendation], list[tuple[str, str, str]]]:
    """Return what to train on each pair, and where nothing can be said."""
    found, nothing = [], []
    cells = data.cells[data.cells["model"] != BASELINE]
    places = cells[["pair", "model"]].drop_duplicates().itertuples(index=False)
    for pair, model in places:
        for labels in budgets(data):
            one = recommend(data, str(pair), str(model), labels)
            if one is None:
                nothing.append((str(pair), str(model), labels))
            else:
                found.append(one)
    return found, nothing
