"""What the choice of a classifier changes, and how the fits of the main one went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    VARIANT,
    Variant,
    variant_columns,
    variants_of,
)

#: Name of the main classifier, whose columns go without it.
MAIN = "logistic"


def by_classifier(data: RunData) -> pd.DataFrame:
    """Return the accuracy of each variant by each classifier.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    pandas.DataFrame
        A row for each pair, share of D, model, label budget and variant of which some cell has
        more than the main classifier: ``seeds``, and the mean accuracy over them, in [0, 1], in a
        column a classifier, the main one first. NaN where a classifier was not asked for. Only
        cells with all classifiers of their place take part, so that means are of the same cells.
        Without rows where no cell has more than the main classifier.
    """
    names = sorted(set().union(*(data.classifiers.get(key, ()) for key in data.cells["key"])))
    cells = data.cells[data.cells["model"] != BASELINE]
    rows: list[dict[str, Any]] = []
    for place, group in cells.groupby(GROUP, sort=False):
        for budget in budgets(data):
            columns = {MAIN: f"accuracy_{budget}"}
            columns |= {name: f"{name}_accuracy_{budget}" for name in names}
            here = {
                name: column
                for name, column in columns.items()
                if column in group and group[column].notna().any()
            }
            there = group.dropna(subset=list(here.values()))
            if len(here) < 2 or there.empty:
                continue
            for variant, mine in there.groupby(VARIANT, sort=False, dropna=False):
                means = {name: float(mine[column].mean()) for name, column in here.items()}
                named = Variant.of(variant)._asdict()
                where = dict(zip([*GROUP, "labels"], [*place, budget], strict=True))
                rows.append({**where, **named, "seeds": mine["seed"].nunique(), **means})
    return pd.DataFrame(rows, columns=[*GROUP, "labels", *VARIANT, "seeds", MAIN, *names])


def agreement(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Compare the order in which classifiers put the variants of a place.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        From `by_classifier`.

    Returns
    -------
    pandas.DataFrame
        A row for each place, label budget and classifier beside the main one, with two variants or
        more: how many ``variants``; ``tau``, Kendall's tau-b (1945) of the mean accuracies by the
        main classifier and by the other, 1 for one order and -1 for its reverse, NaN where one
        finds no difference at all; the best variant by the main one and by the other, in columns
        that begin with ``main_`` and ``other_``; ``loss``, by how much the main classifier finds
        the latter worse, in [0, 1].
    """
    from scipy.stats import kendalltau

    names = list(accuracies.columns)
    others = names[names.index(MAIN) + 1 :]
    rows, best_by_main, best_by_other = [], [], []
    for place, group in accuracies.groupby([*GROUP, "labels"], sort=False):
        variants = variants_of(group)
        main = group[MAIN].to_numpy()
        for name in others:
            other = group[name].to_numpy()
            if len(group) < 2 or np.isnan(other).any():
                continue
            # Rounded: means that differ in their last bit are equal.
            tau = kendalltau(main.round(12), other.round(12)).statistic
            best, theirs = int(main.argmax()), int(other.argmax())
            loss = float(main[best] - main[theirs])
            rows.append((*place, name, len(group), tau, loss))
            best_by_main.append(variants[best])
            best_by_other.append(variants[theirs])
    columns = [*GROUP, "labels", "classifier", "variants", "tau", "loss"]
    found = [pd.DataFrame(rows, columns=columns)]
    found += [variant_columns(best_by_main, "main_"), variant_columns(best_by_other, "other_")]
    return pd.concat(found, axis=1)


#: How a fit may have gone: name, column of the cells, and what its value has to be.
_FITS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("final_unconverged", "converged", lambda values: values == 0),
    ("some_unconverged", "unconverged", lambda values: values > 0),
    ("c_at_edge", "c_at_edge", lambda values: values == 1),
    ("c_not_chosen", "folds", lambda values: values == 0),
)


def fit_counts(data: RunData) -> pd.DataFrame:
    """Count the cells in which a fit of the main classifier, or the choice of its C, went amiss.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    pandas.DataFrame
        A row a label budget: ``cells`` that say so, baselines included; of them those whose final
        fit did not converge (``final_unconverged``), or any fit, those of the folds included
        (``some_unconverged``); whose best C is the last of the widened grid (``c_at_edge``); where
        every class has one document, and C is a fallback (``c_not_chosen``). Records before 0.2 do
        not say so: without rows.
    """
    rows = []
    for budget in budgets(data):
        if f"unconverged_{budget}" not in data.cells:
            continue
        there = data.cells[data.cells[f"unconverged_{budget}"].notna()]
        counts = [
            int(amiss(there[f"{column}_{budget}"].astype(float)).sum())
            for _, column, amiss in _FITS
        ]
        rows.append((budget, len(there), *counts))
    return pd.DataFrame(rows, columns=["labels", "cells", *(name for name, *_ in _FITS)])
