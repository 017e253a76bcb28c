"""Classifiers side by side, and how the fits of the main one went."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right

from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.classifiers import agreement, by_classifier, fit_counts
from d2vbench.analysis.contrasts.frame import BASELINE

STRATEGIES = ("combined", "sequential", "oversampled", "reverse")


def with_others(data: RunData, *names: str) -> RunData:
    return dataclasses.replace(data, classifiers=dict.fromkeys(data.cells["key"], frozenset(names)))


def run(
    knn: tuple[float, ...], main: tuple[float, ...] = (0.5, 0.6, 0.7, 0.8), seeds: int = 2
) -> RunData:
    """Return a run with these mean accuracies by strategy, by either classifier."""
    cells = [
        {
            "strategy": strategy, "seed": seed, "correct": right(0.5),
            "accuracy_all": one + (0.02 * seed - 0.01 if seeds > 1 else 0),
            "knn_accuracy_all": other + (0.04 * seed - 0.02 if seeds > 1 else 0),
        }
        for strategy, one, other in zip(STRATEGIES, main, knn, strict=True)
        for seed in range(seeds)
    ]  # fmt: skip
    return with_others(made_run(cells), "knn")


def tau(knn: tuple[float, ...], **more: Any) -> float:
    (found,) = agreement(by_classifier(run(knn, **more)))["tau"]
    return float(found)


def test_accuracies_are_means_over_seeds() -> None:
    found = by_classifier(run((0.4, 0.3, 0.2, 0.1)))
    assert found["strategy"].tolist() == list(STRATEGIES)
    assert found["logistic"].tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8])
    assert found["knn"].tolist() == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert set(found["seeds"]) == {2}
    assert set(found["labels"]) == {"all"}


def test_tau_is_the_share_of_pairs_in_order_less_that_out_of_order() -> None:
    assert tau((0.1, 0.2, 0.3, 0.4)) == pytest.approx(1)
    assert tau((0.4, 0.3, 0.2, 0.1)) == pytest.approx(-1)
    # Of six pairs one is the other way round.
    assert tau((0.1, 0.2, 0.4, 0.3)) == pytest.approx(4 / 6)
    # tau-b: five pairs in order, one tied in one of the two; (5 - 0) / sqrt(6 * 5).
    assert tau((0.1, 0.2, 0.3, 0.3)) == pytest.approx(5 / math.sqrt(30))
    assert math.isnan(tau((0.3, 0.3, 0.3, 0.3)))


def test_the_best_by_each_and_what_the_other_loses() -> None:
    (row,) = agreement(by_classifier(run((0.1, 0.9, 0.3, 0.4)))).itertuples()
    assert (row.classifier, row.variants) == ("knn", 4)
    assert (row.main_strategy, row.other_strategy) == ("reverse", "sequential")
    assert row.loss == pytest.approx(0.2)


def test_a_run_with_the_main_classifier_alone_has_nothing_to_show() -> None:
    found = by_classifier(with_others(made_run([{"seed": 0, "correct": right(0.5)}])))
    assert found.empty
    assert agreement(found).empty


def test_means_are_of_cells_that_have_every_classifier() -> None:
    data = run((0.1, 0.2, 0.3, 0.4))
    data.cells.loc[0, "knn_accuracy_all"] = np.nan
    found = by_classifier(data).set_index("strategy")
    assert found.loc["combined", ["seeds", "logistic"]].tolist() == [1, pytest.approx(0.51)]
    # A place without a second classifier does not show, nor does a baseline.
    more = made_run([
        {"strategy": "combined", "seed": 0, "correct": right(0.5), "knn_accuracy_all": 0.3},
        {"strategy": "combined", "seed": 0, "correct": right(0.5), "pair": "q"},
        {"strategy": "lsa", "model": BASELINE, "seed": 0, "correct": right(0.5)},
    ])  # fmt: skip
    assert by_classifier(with_others(more, "knn"))["pair"].tolist() == ["p"]


def test_one_variant_has_no_order() -> None:
    cell = {"strategy": "combined", "seed": 0, "correct": right(0.5), "knn_accuracy_all": 0.3}
    found = by_classifier(with_others(made_run([cell]), "knn"))
    assert len(found) == 1
    assert agreement(found).empty


def test_cells_are_counted_by_how_their_fits_went() -> None:
    well = {"converged_all": True, "unconverged_all": 0, "c_at_edge_all": False, "folds_all": 5}
    cells = [
        {"seed": 0, **well},
        {"seed": 1, **well, "unconverged_all": 3},
        {"seed": 2, **well, "converged_all": False, "unconverged_all": 1, "c_at_edge_all": True},
        {"seed": 3, **well, "folds_all": 0, "strategy": "tf-idf", "model": BASELINE},
        {"seed": 4},
    ]
    data = made_run([{"correct": right(0.5), **cell} for cell in cells])
    (row,) = fit_counts(data).itertuples(index=False)
    assert tuple(row) == ("all", 4, 1, 2, 1, 1)


def test_records_before_these_counts_say_nothing_of_fits() -> None:
    data = made_run([{"seed": 0, "correct": right(0.5), "converged_all": True}])
    assert fit_counts(data).empty
