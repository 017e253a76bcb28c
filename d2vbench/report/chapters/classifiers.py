"""The strategies by each classifier, side by side."""

from __future__ import annotations

import math

import pandas as pd

from d2vbench.analysis.contrasts.classifiers import MAIN, agreement
from d2vbench.analysis.contrasts.variants import variant_title, variants_of, with_texts
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import percent, points
from d2vbench.report.document.structure import Block, Chapter, TableBlock
from d2vbench.report.document.titles import group_title, labels_title

_TITLES = {MAIN: "logistic regression", "knn": "k nearest neighbours", "centroid": "centroid"}
_ORDER = (
    "Kendall's tau of the mean accuracies: 1 where both classifiers put the strategies in one "
    "order, 0 where the orders have nothing in common, -1 where one is the reverse of the other. "
    "Noise between seeds lowers it too. Lost is the accuracy that logistic regression loses, in "
    "points, with the strategy that the other finds best."
)
_ACCURACY = "Accuracy in per cent, mean over seeds, of the same vectors and the same labels."


def classifiers_chapter(accuracies: pd.DataFrame) -> Chapter:
    """Lay the classifiers out.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        From `by_classifier`; with rows.

    Returns
    -------
    Chapter
        Whether they order the strategies alike, where there are two or more, and the accuracies.
    """
    blocks: list[Block] = []
    orders = agreement(accuracies)
    if len(orders):
        blocks.append(_orders_table(orders))
    blocks.append(_accuracy_table(accuracies))
    return Chapter("classifiers", "Do other classifiers agree?", tuple(blocks))


def _orders_table(orders: pd.DataFrame) -> TableBlock:
    columns = ("comparison", "classifier", "best by logistic regression", "best by it", "tau",
               "lost, points", "strategies")  # fmt: skip
    rows = [
        (
            _place(row), _title(row.classifier), row.best_main, row.best_other,
            "" if math.isnan(row.tau) else f"{row.tau:+.2f}", points(row.loss), str(row.variants),
        )
        for row in orders.itertuples()
    ]  # fmt: skip
    title = "The order of strategies by other classifiers"
    return table("classifiers-order", title, columns, rows, orders, 4, _ORDER)


def _accuracy_table(accuracies: pd.DataFrame) -> TableBlock:
    names = list(accuracies.columns[accuracies.columns.get_loc(MAIN) :])
    shown = [
        (
            _place(row), variant_title(variant),
            *("" if math.isnan(value) else percent(value) for value in values), str(row.seeds),
        )
        for row, variant, values in zip(
            accuracies.itertuples(), variants_of(accuracies), accuracies[names].to_numpy(),
            strict=True,
        )
    ]  # fmt: skip
    columns = ("comparison", "strategy", *map(_title, names), "seeds")
    title = "Accuracy by each classifier"
    data = with_texts(accuracies)
    return table("classifiers-accuracy", title, columns, shown, data, 2, _ACCURACY)


def _place(row: object) -> str:
    pair, fraction, model, labels = (
        getattr(row, name) for name in ("pair", "fraction", "model", "labels")
    )
    return f"{group_title(pair, fraction, model)}, {labels_title(labels)}"


def _title(name: str) -> str:
    return _TITLES.get(name, name)
