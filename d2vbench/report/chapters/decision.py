"""What is seen first: a figure, and for each pair what to train, its gain, its cost, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pandas as pd

from d2vbench.analysis import Recommendation
from d2vbench.analysis.claims.evidence import ALL, FEW
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import REFERENCE
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS
from d2vbench.analysis.studies.frontier import Reached
from d2vbench.report.chapters.comparison import Over
from d2vbench.report.chapters.decided import (
    cheaper_text,
    gain_text,
    passes_text,
    sure_text,
    with_baselines,
)
from d2vbench.report.chapters.named import named_chapter, sizes_chapter
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import counted, times_text
from d2vbench.report.document.structure import Chapter, FigureBlock, TableBlock
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.drawing.dot_plots import by_effect, strategies_figure, with_titles
from d2vbench.report.figures.frontier import frontier_figure, frontier_points
from d2vbench.report.figures.overview import has_overview, overview_figure, pairs_of

QUESTION = (
    "Which way of training on a generic (G) and a domain corpus (D) classifies the domain's "
    "documents best, and at what cost?"
)
# Of the first figure: as many as fit beside the table on a screen.
_ROWS, _PANELS = 6, 6
_HOLDS = "Another corpus or setting may differ."
_WITH = " + logistic regression"
_CHEAPER = (
    "Cheaper within noise: the fewest words of those not worse beyond noise (95 %, unadjusted), "
    "its points and words against what is trained. "
)
_LABELS = "Labels: all, or so many a class. "
_PASSES = "Passes: over G, over D. "
_SHUFFLED = f"{REFERENCE}: G and D shuffled together, each once a pass. "
_CORRECTED = "corrected for the best having been selected (later tables are not, and show more)"
_UNCORRECTED = "of what cross-validation chose, so that no selection is to be corrected for"


def shown_first(found: Sequence[Recommendation]) -> list[Recommendation]:
    """Return the recommendations that the first table has room for: of one model, two budgets."""
    kept = _budgets(one.labels for one in found)
    return [one for one in found if one.model == found[0].model and one.labels in kept]


def _budgets(labels: Iterable[str]) -> list[str]:
    there = list(dict.fromkeys(labels))
    return [name for name in (ALL, FEW) if name in there] or there[:2]


def decision_table(rows: pd.DataFrame, settings: str) -> TableBlock:
    """Lay the rows of `with_baselines` out, those of the first model."""
    model = rows["model"].iloc[0]
    kept = _budgets(rows["labels"])
    mine = rows[(rows["model"] == model) & rows["labels"].isin(kept)].reset_index(drop=True)
    simplest = [name for name in dict.fromkeys(mine["simplest"]) if name]
    against = simplest[0] if len(simplest) == 1 else "the simplest"
    columns: dict[str, str | cells.Show] = {
        "pair": cells.pair,
        "labels": _labels,
        "train": "train",
        "passes": passes_text,
        f"gains over {against}": partial(gain_text, named=len(simplest) > 1),
        "words": cells.numbers("cost", lambda cost: f"{times_text(cost)} x"),
        "how sure": partial(sure_text, beside=True),
        "cheaper within noise": cheaper_text,
    }
    compared = [name.removesuffix(_WITH) for name in dict.fromkeys(mine["baseline"]) if name]
    if compared:
        columns["baseline"] = _baseline
    # What no row has is no column.
    there = {
        "labels": mine["labels"].nunique() > 1,
        "passes": bool(mine["domain_passes"].notna().any()),
        "cheaper within noise": bool(mine["cheaper_tried"].any()),
    }
    for name in (name for name, known in there.items() if not known):
        columns.pop(name)
    seeds = sorted(set(mine["seeds"]))
    of = counted(seeds[0], "seed") if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds"
    searched = bool(mine["p_holm"].isna().all()) and bool(mine["verdict"].any())
    return table(
        "decision", f"What to train ({model_title(model)})", mine, columns,
        caption=f"{_LABELS * there['labels']}{_PASSES * there['passes']}"
        f"Gains: points of accuracy{' [95 %]' * (seeds[-1] >= MIN_SEEDS)}, {of}, "
        f"{_UNCORRECTED if searched else _CORRECTED}. {_SHUFFLED * (against == REFERENCE)}"
        "Words: trained, times "
        f"{against}'s. How sure: Holm's adjustment for "
        f"{'all budgets of the frontier' if searched else 'the rows'}; where it may be noise, the "
        "simplest may do; may be small: beyond noise, but its low end is under 1 point. "
        f"{_CHEAPER * there['cheaper within noise']}{_versus(compared)}{_HOLDS}",
        settings=settings,
    )  # fmt: skip


def _labels(row: cells.Row) -> str:
    return labels_title(row["labels"]).replace(" labels a class", "").replace(" labels", "")


def _versus(baselines: Sequence[str]) -> str:
    if not baselines:
        return ""
    return (
        f"Baseline: points by which the best without Doc2Vec ({', '.join(baselines)}) is "
        "ahead of what is trained (+) or behind it (-). "
    )


def _baseline(row: cells.Row) -> str:
    return cells.number("{:+.1f}".format, 100 * (row["baseline_accuracy"] - row["accuracy"]))


def first_chapter(
    rows: pd.DataFrame,
    summary: pd.DataFrame,
    reached: Sequence[Reached],
    settings: str,
    over: Over,
    runs: pd.DataFrame,
) -> Chapter | None:
    """Return what a page begins with.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `decision_rows` or `frontier_rows`.
    summary : pandas.DataFrame
        Of the main comparison.
    reached : sequence of Reached
        From the study `frontier`, where there is one.
    settings : str
        What the cells share, in a sentence.
    over : callable
        Returns the means over new corpora of a model and label budget.
    runs : pandas.DataFrame
        Cells of the run, which say how large its corpora are.

    Returns
    -------
    Chapter or None
        None where nothing can be recommended.
    """
    if rows.empty:
        return None
    decision = decision_table(with_baselines(rows, summary), settings)
    figure = _frontier(reached, summary, settings) if reached else None
    figure = figure or _overview(decision, summary, settings, over)
    blocks = (decision, figure) if figure else (decision,)
    return Chapter("decision", "What to train", blocks, tuple(_beside(decision, figure, runs)))


def _beside(
    decision: TableBlock, figure: FigureBlock | None, runs: pd.DataFrame
) -> Iterator[Chapter]:
    """Yield what a reader of the table may not know: its names, and the sizes of its corpora."""
    shown = [
        one for name in ("train", "simplest", "cheaper", "next") for one in decision.data[name]
    ]
    if figure is not None and figure.data is not None:
        points = figure.data if "variant" in figure.data else with_titles(figure.data)
        shown += list(points["variant" if "variant" in points else "title"])
        shown += list(points["strategy"])
    yield named_chapter(shown)
    sizes = sizes_chapter(runs, decision.data)
    if sizes is not None:
        yield sizes


def _frontier(
    reached: Sequence[Reached], summary: pd.DataFrame, settings: str
) -> FigureBlock | None:
    first = reached[0].place
    mine = [one for one in reached if one.place[2:] == first[2:]]
    places = list(dict.fromkeys(one.place for one in mine))[:_PANELS]
    points = frontier_points([one for one in mine if one.place in places],
                             summary[summary["model"] == BASELINE])  # fmt: skip
    return FigureBlock(
        "first", f"Accuracy over words trained, {model_title(first[2])}, {labels_title(first[3])}",
        partial(frontier_figure, points, across=3, height=0.95),
        "Each strategy at its best for a budget, chosen by cross-validation. Bars: 95 % intervals.",
        data=points, settings=settings,
    )  # fmt: skip


def _overview(
    decision: TableBlock, summary: pd.DataFrame, settings: str, over: Over
) -> FigureBlock | None:
    """Return the overview with the rows that a decision is about, or accuracies without one."""
    place = decision.data.iloc[0]
    rows = summary[(summary["model"] == place["model"]) & (summary["labels"] == place["labels"])]
    if rows.empty:
        return None
    titled = with_titles(rows)
    order = by_effect(titled)
    table = decision.data
    here = table[table["labels"] == place["labels"]]
    wanted = [*here["train"], *table["train"], *here["cheaper"], *order]
    kept = {*[name for name in dict.fromkeys(wanted) if name in order][:_ROWS], REFERENCE}
    mine = rows[titled["title"].isin(kept)]
    model, labels = str(place["model"]), str(place["labels"])
    where = f"{model_title(model)}, {labels_title(labels)}"
    if len(pairs_of(mine, model)) > 1 and has_overview(mine, model):
        return FigureBlock(
            "first", f"Gain over {REFERENCE} in points: {where}",
            lambda: overview_figure(mine, model=model, labels=labels, over=over(model, labels)),
            f"The variants of the table and the best others, of {len(order)}. Light: each pair; "
            "filled: their mean. Not corrected for selection.",
            data=mine, settings=settings,
        )  # fmt: skip
    return FigureBlock(
        "first", f"Accuracy by strategy: {where}", lambda: strategies_figure(mine),
        f"The best of {len(order)} variants, mean over seeds. Bars: 95 % intervals.",
        data=mine, settings=settings,
    )  # fmt: skip
