"""The strategies by each classifier, side by side."""

from __future__ import annotations

import pandas as pd

from d2vbench.analysis.contrasts.classifiers import MAIN, agreement
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, table
from d2vbench.report.document.phrases import percent, points
from d2vbench.report.document.structure import Block, Chapter
from d2vbench.report.document.titles import group_title

_TITLES = {
    MAIN: "logistic regression", "knn": "k nearest neighbours", "centroid": "centroid",
    "logistic-balanced": "logistic regression, classes weighted",
}  # fmt: skip
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
        columns: Columns = {
            "comparison": _place,
            "classifier": lambda row: _title(row["classifier"]),
            "best by logistic regression": lambda row: cells.variant(row, "main_"),
            "best by it": lambda row: cells.variant(row, "other_"),
            "tau": cells.numbers("tau", "{:+.2f}".format),
            "lost, points": cells.numbers("loss", points),
            "strategies": "variants",
        }
        title = "The order of strategies by other classifiers"
        blocks.append(table("classifiers-order", title, orders, columns, caption=_ORDER))
    names = list(accuracies.columns)
    names = names[names.index(MAIN) :]
    columns = {
        "comparison": _place,
        "strategy": cells.variant,
        **{_title(name): cells.numbers(name, percent) for name in names},
        "seeds": "seeds",
    }
    title = "Accuracy by each classifier"
    blocks.append(table("classifiers-accuracy", title, accuracies, columns, caption=_ACCURACY))
    return Chapter("classifiers", "Do other classifiers agree?", tuple(blocks))


def _place(row: cells.Row) -> str:
    return f"{group_title(row['pair'], row['fraction'], row['model'])}, {cells.labels(row)}"


def _title(name: str) -> str:
    return _TITLES.get(name, name)
