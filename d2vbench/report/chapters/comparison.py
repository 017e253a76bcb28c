"""Which figures show a comparison of strategies: few enough to be read, none longer than a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from d2vbench.analysis import OverPairs
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import REFERENCE, VARIANT
from d2vbench.report.document.blocks import slug_of
from d2vbench.report.document.structure import Drawing, FigureBlock
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.drawing.dot_plots import (
    differences_figure,
    shows_differences,
    strategies_figure,
)
from d2vbench.report.figures.overview import LEAST_PAIRS, has_overview, overview_figure, pairs_of

# A figure of more rows is split by model and label budget.
_MOST_ROWS = 30
_BARS = "Bars: 95 % intervals over seeds and test documents."
_ACCURACY = f"Accuracy on held-out domain documents, mean over seeds. {_BARS}"
_BESIDE = f" Beside it the paired difference from {REFERENCE} in percentage points."
_DIFFERENCES = f"Paired difference from {REFERENCE} in percentage points, mean over seeds. {_BARS}"
_ORDER = (
    " Rows are ordered by the mean difference over panels. An arrow with a number: beyond the axis."
)


# The means over new corpora by title of a variant, for a model and label budget.
Over = Callable[[str, str], Mapping[str, OverPairs]]


def main_figures(
    name: str, summary: pd.DataFrame, settings: str = "", over: Over | None = None
) -> list[FigureBlock]:
    """Return the figures of the main comparison.

    Parameters
    ----------
    name : str
        Of the study; the first figure of accuracies has it as its slug.
    summary : pandas.DataFrame
        From `summarise`.
    settings : str
        That the figures share.
    over : callable, optional
        Returns the means over new corpora that the overview shows.

    Returns
    -------
    list of FigureBlock
        An overview for each model that has two pairs with `combined`; then for each model and label
        budget accuracies, with differences beside or in a figure of their own.
    """
    doc2vec = summary[summary["model"] != BASELINE]
    models = list(dict.fromkeys(map(str, doc2vec["model"])))
    budgets = list(dict.fromkeys(map(str, doc2vec["labels"])))
    found = []
    for model in models:
        if len(pairs_of(summary, model)) > 1 and has_overview(summary, model):
            first = model == models[0]
            found.append(_overview(summary, model, budgets[0], settings, first, over))
    for model in models:
        for labels in budgets:
            mine = summary[summary["model"].isin([model, BASELINE]) & (summary["labels"] == labels)]
            if (mine["model"] == BASELINE).all():
                continue
            first = (model, labels) == (models[0], budgets[0])
            more = [] if first else [model, *([labels] if len(budgets) > 1 else [])]
            where = f"{model_title(model)}, {labels_title(labels)}"
            found += _pair_of_figures(name, more, where, mine, settings)
    return found


def study_comparison(name: str, summary: pd.DataFrame, settings: str = "") -> list[FigureBlock]:
    """Return the figures of a further study that compares variants.

    Parameters
    ----------
    name, summary, settings
        As of `main_figures`.

    Returns
    -------
    list of FigureBlock
        One, where it is not too long; else one for each model.
    """
    doc2vec = summary[summary["model"] != BASELINE]
    models = list(dict.fromkeys(map(str, doc2vec["model"])))
    rows = len(doc2vec[["model", *VARIANT]].drop_duplicates())
    if rows <= _MOST_ROWS or len(models) == 1:
        return list(_pair_of_figures(name, [], "", summary, settings))
    found: list[FigureBlock] = []
    for model in models:
        mine = summary[summary["model"].isin([model, BASELINE])]
        more = [] if model == models[0] else [model]
        found += _pair_of_figures(name, more, model_title(model), mine, settings)
    return found


def _overview(
    summary: pd.DataFrame,
    model: str,
    labels: str,
    settings: str,
    first: bool,
    over: Over | None,
) -> FigureBlock:
    many = len(pairs_of(summary, model)) >= LEAST_PAIRS
    bars = (
        "Bars: 95 % interval of the mean over new generic and new domain corpora."
        if many
        else "Bars: 95 % intervals of each pair, over seeds and test documents; two pairs give the "
        "mean none."
    )
    where = f"{model_title(model)}, {labels_title(labels)}"
    mine = summary[(summary["model"] == model) & (summary["labels"] == labels)]
    return FigureBlock(
        "overview" if first else slug_of("overview", model),
        f"What each strategy gains or loses against {REFERENCE}, by pair and on average: {where}",
        lambda: overview_figure(
            summary, model=model, labels=labels, over=over(model, labels) if over else None
        ),
        f"Accuracy minus that of {REFERENCE} in percentage points. Light: each pair; filled: the "
        f"mean over pairs. {bars} Of each pair the share of the domain with most variants.",
        data=mine,
        settings=settings,
    )


def _pair_of_figures(
    name: str, more: list[str], where: str, summary: pd.DataFrame, settings: str
) -> Iterator[FigureBlock]:
    def figure(slug: str, title: str, draw: Drawing, caption: str) -> FigureBlock:
        title = f"{title}: {where}" if where else title
        return FigureBlock(
            slug_of(slug, *more), title, draw, caption, data=summary, settings=settings
        )

    beside = shows_differences(summary)
    caption = _ACCURACY + _BESIDE * beside + _ORDER
    title = "Accuracy by training strategy" if name == "strategies" else f"Accuracy, study {name}"
    yield figure(name, title, lambda: strategies_figure(summary), caption)
    if not beside and summary["difference"].notna().any():
        slug = "differences" if name == "strategies" else slug_of(name, "differences")
        yield figure(
            slug,
            f"What each variant gains or loses against {REFERENCE}",
            lambda: differences_figure(summary),
            _DIFFERENCES + _ORDER,
        )
