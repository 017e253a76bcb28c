"""The study `frontier`: what to train for a budget, how, and what a search is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from d2vbench.analysis import Interval, RunData, summarise
from d2vbench.analysis.contrasts.contrasts import Scorebook
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import GROUP, mean_by_variant, variant_title
from d2vbench.analysis.studies.exposure import fit
from d2vbench.analysis.studies.frontier import (
    STUDY,
    Choice,
    Reached,
    choices,
    expected_best,
    frontier,
)
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import counted, percent
from d2vbench.report.document.structure import (
    Block,
    Chapter,
    FigureBlock,
    Paragraph,
    TableBlock,
)
from d2vbench.report.document.titles import group_title, labels_title, model_title
from d2vbench.report.figures.frontier import frontier_figure, frontier_points
from d2vbench.report.studies.exposure import fit_figures
from d2vbench.report.studies.frontier_over_pairs import over_pairs_tables

_READING = (
    "Every strategy has as many candidates, which differ in start alpha, passes of G and of D, and "
    "k. For each budget the candidate with the best accuracy in cross-validation on the training "
    "documents of the domain, the mean over seeds, is taken from those that train no more words; "
    "what is shown of it is its accuracy on the test documents. What is reached for a budget "
    "serves all larger ones."
)
_CHOICE = (
    "What cross-validation puts first within the budget, over all strategies. G brings: the best "
    "that shows G less domain-only at its best, paired, in percentage points with the 95 % "
    "interval and verdict (p adjusted by Holm's method over all rows). Not told apart: those whose "
    "difference from it may be noise. Divergence: Jensen-Shannon, of the words of G and D, from 0 "
    "(alike) to 1 bit (no word in common)."
)
_FIGURE = (
    "Each strategy at its best for a budget of words, chosen by cross-validation; accuracy on test "
    "documents. Budgets double from one pass over D; bars: 95 % intervals over seeds and test "
    "documents, of three seeds or more. A ring: no strategy reaches as much for that budget or a "
    "smaller one."
)
_EXPECTED = (
    "Expected accuracy on the test documents, in per cent with the 95 % interval, of the best of "
    "so many candidates drawn at random with replacement and chosen by cross-validation (Dodge et "
    "al. 2019, arXiv 1909.03004): what a search of that size finds."
)
_SEARCHED = ("alpha", "epochs")
# Of a figure: three rows of two fill a page.
_PANELS = 6


def frontier_chapter(data: RunData, question: str = "", settings: str = "") -> Chapter:
    """Lay the study out in the order of what a reader decides.

    Parameters
    ----------
    data : RunData
        The study's cells, all of them.
    question, settings : str
        Of the study; what its cells share, in a sentence.

    Returns
    -------
    Chapter
        What many pairs say of new corpora; what to train for a budget; the curves; how each
        strategy is trained there; what a search of so many trials finds; and accuracy over the
        area of D.
    """
    book = Scorebook(data)
    reached = frontier(book)
    blocks: list[Block] = [Paragraph(question)] if question else []
    if not reached:
        blocks.append(Paragraph("No strategy has a result yet with cross-validated accuracy."))
        return Chapter(slug_of("study", STUDY), f"Study {STUDY}", tuple(blocks), line=question)
    chosen = choices(reached)
    blocks += [
        Paragraph(_READING),
        *over_pairs_tables(book, settings),
        _choice_table(book, chosen, settings),
        *_figures(data, reached, settings),
        _reached_table(book, reached, settings),
        Paragraph(_longest(reached)),
        _expected_table(book, settings),
    ]
    fits = [found for place in book.places() if (found := fit(book, place))]
    blocks += fit_figures(fits, STUDY)
    return Chapter(slug_of("study", STUDY), f"Study {STUDY}", tuple(blocks), line=question)


_TRAINED: dict[str, str | cells.Show] = {
    "train": "variant",
    "alpha": cells.numbers("alpha", "{:g}".format),
    "E": cells.numbers("epochs", "{:g}".format),
}


def _trained(book: Scorebook, one: Reached) -> dict[str, Any]:
    """Return what is trained: what a search varies stands apart from the variant's name."""
    place, variant = one.place, one.best.variant
    rows = book.cells(place)
    said = {name: mean_by_variant(rows, name)[variant] for name in _SEARCHED if name in rows}
    return {"variant": variant_title(variant._replace(setting="")), **said}


def _choice_table(book: Scorebook, chosen: Sequence[Choice], settings: str) -> TableBlock:
    data = book.data
    pairs = data.manifest.get("pairs", {})
    rows = []
    for one in chosen:
        pair, fraction, model, labels = one.best.place
        there = data.cells[(data.cells["pair"] == pair) & (data.cells["fraction"] == fraction)]
        gain = one.gain or Interval(math.nan, math.nan, math.nan, math.nan)
        accuracy = one.best.best.stack.accuracy
        rows.append({
            "pair": pair, "fraction": fraction, "model": model, "labels": labels,
            "ratio": _mean(there, "generic_words") / _mean(there, "domain_words"),
            "divergence": pairs.get(pair, {}).get("divergence", math.nan),
            "labelled": _mean(there, f"labelled_{labels}"),
            "passes": one.best.passes, "budget": one.best.budget, "words": one.best.best.cost,
            "strategy": one.best.strategy, **_trained(book, one.best),
            "cv_accuracy": one.best.best.cv,
            "accuracy": accuracy.estimate, "low": accuracy.low, "high": accuracy.high,
            "with_generic":
                one.with_generic and variant_title(one.with_generic.best.variant),
            "gain": gain.estimate, "gain_low": gain.low, "gain_high": gain.high,
            "verdict": one.verdict, "alike": ", ".join(one.alike),
        })  # fmt: skip
    columns: dict[str, str | cells.Show] = {
        "pair": cells.pair, "model": cells.model,
        "G to D, words": cells.numbers("ratio", "{:.1f}".format),
        "divergence, bits": cells.numbers("divergence", "{:.2f}".format),
        "labels": cells.labels,
        "labelled": cells.numbers("labelled", "{:,.0f}".format),
        "budget, passes of D": "passes",
        "million words": cells.numbers("budget", _millions),
        **_TRAINED,
        "accuracy %": cells.intervals("accuracy", "", "per cent"),
        "G brings": cells.worded(cells.intervals("gain", "gain_"), "verdict"),
        "not told apart": "alike",
    }  # fmt: skip
    frame = pd.DataFrame(rows)
    if frame["divergence"].isna().all():
        columns.pop("divergence, bits")
    return table(
        slug_of(STUDY, "what-to-train"), "What to train for a budget of words", frame, columns,
        caption=_CHOICE, settings=settings,
    )  # fmt: skip


def _mean(rows: pd.DataFrame, column: str) -> float:
    return float(rows[column].mean()) if column in rows else math.nan


def _millions(words: float) -> str:
    return f"{words / 1e6:,.3g}" if words < 1e9 else f"{words / 1e6:,.0f}"


def _figures(data: RunData, reached: Sequence[Reached], settings: str) -> list[Block]:
    """Return a figure a model, and more than one where it has more panels than a page."""
    baselines = summarise(data.only(data.cells["model"] == BASELINE))
    found: list[Block] = []
    for model in dict.fromkeys(one.place[2] for one in reached):
        places = list(dict.fromkeys(one.place for one in reached if one.place[2] == model))
        pages = [places[i : i + _PANELS] for i in range(0, len(places), _PANELS)]
        for number, page in enumerate(pages, 1):
            points = frontier_points([one for one in reached if one.place in page], baselines)
            several = len(pages) > 1
            found.append(FigureBlock(
                slug_of(STUDY, model, str(number) if several else ""),
                f"Accuracy over words trained, {model_title(model)}"
                + (f", {number} of {len(pages)}" if several else ""),
                partial(frontier_figure, points), _FIGURE, data=points, settings=settings,
            ))  # fmt: skip
    return found


def _longest(reached: Sequence[Reached]) -> str:
    """Say where a longer training than any that was tried might be better."""
    by_place: dict[str, list[str]] = {}
    for one in reached:
        if one.longest:
            place = f"{group_title(*one.place[:3])}, {labels_title(one.place[3])}"
            by_place.setdefault(place, []).append(one.strategy)
    if not by_place:
        return "No strategy is at its best in the longest of its trainings."
    said = "; ".join(f"{place}: {', '.join(dict.fromkeys(s))}" for place, s in by_place.items())
    return f"At its best in the longest of its trainings, so that more might bring more: {said}."


def _reached_table(book: Scorebook, reached: Sequence[Reached], settings: str) -> TableBlock:
    """Return what each strategy trains where more words bring something else."""
    rows: list[dict[str, Any]] = []
    before: Reached | None = None
    for one in reached:
        changed = before is None or (one.place, one.best.variant) != (
            before.place, before.best.variant,
        )  # fmt: skip
        before = one
        if changed:
            accuracy = one.best.stack.accuracy
            rows.append({
                **dict(zip([*GROUP, "labels"], one.place, strict=True)), "passes": one.passes,
                "strategy": one.strategy, **_trained(book, one),
                "words": one.best.cost, "candidates": one.candidates, "cv_accuracy": one.best.cv,
                "accuracy": accuracy.estimate, "low": accuracy.low, "high": accuracy.high,
                "front": one.front,
            })  # fmt: skip
    return table(
        slug_of(STUDY, "each-strategy"), "Each strategy at its best", pd.DataFrame(rows),
        {
            "pair": cells.pair, "model": cells.model, "labels": cells.labels,
            "from a budget of, passes of D": "passes", **_TRAINED,
            "million words": cells.numbers("words", _millions), "of candidates": "candidates",
            "cross-validation %": cells.numbers("cv_accuracy", percent),
            "accuracy %": cells.intervals("accuracy", "", "per cent"),
            "Pareto front": lambda row: "yes" if row["front"] else "",
        },
        caption="A row where a larger budget changes what is best. Where the first of several "
        "candidates stays the best, more words bring nothing that cross-validation sees.",
        settings=settings,
    )  # fmt: skip


def _expected_table(book: Scorebook, settings: str) -> TableBlock:
    found = expected_best(book)
    data = pd.DataFrame({
        **dict(zip([*GROUP, "labels"], one.place, strict=True)), "strategy": one.strategy,
        "candidates": one.candidates, "trials": one.trials, "cv_accuracy": one.cv,
        "accuracy": one.accuracy.estimate, "low": one.accuracy.low, "high": one.accuracy.high,
    } for one in found)  # fmt: skip
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in cells.rows(data):
        place = tuple(row[name] for name in (*GROUP, "labels", "strategy"))
        rows.setdefault(place, dict(row))[f"{row['trials']} trials"] = row
    show = cells.intervals("accuracy", "", "per cent")
    trials = dict.fromkeys(counted(n, "trial") for n in sorted(set(data["trials"])))
    return table(
        slug_of(STUDY, "expected-best"), "What a search of so many trials finds", data,
        {
            "pair": cells.pair, "model": cells.model, "labels": cells.labels,
            "strategy": "strategy", "candidates": "candidates",
            **{name: cells.within(f"{name.split()[0]} trials", show) for name in trials},
        },
        rows=list(rows.values()), caption=_EXPECTED, settings=settings,
    )  # fmt: skip
