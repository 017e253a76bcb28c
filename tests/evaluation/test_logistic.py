"""Logistic regression: how C is chosen, also where classes are small."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from d2vbench.evaluation import scores
from d2vbench.evaluation.classifiers import logistic, path, terms
from d2vbench.evaluation.classifiers.folds import stratified_folds
from d2vbench.evaluation.classifiers.logistic import DENSE_C, MARGIN, classify


def blobs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3).astype(np.int32)
    centres = np.array([[0, 0], [400, 0], [0, 4]])
    return (centres[labels] + rng.normal(size=(n, 2))).astype(np.float32), labels


def test_a_separable_task_is_solved_whatever_the_scale() -> None:
    # The second dimension is a hundred times smaller; without standardising, C = 1e-4 fails.
    x, y = blobs(90, 0)
    test, truth = blobs(60, 1)
    outcome = classify(x, y, test, seed=0)
    assert scores(truth, outcome.predicted)["accuracy"] > 0.9
    assert outcome.details["c"] in DENSE_C
    assert outcome.details["converged"]


def test_test_vectors_do_not_influence_the_fit() -> None:
    x, y = blobs(90, 0)
    test, _ = blobs(60, 1)
    together = classify(x, y, test, seed=0).predicted
    alone = [classify(x, y, test[i : i + 1], seed=0).predicted[0] for i in range(0, 60, 20)]
    assert together[::20].tolist() == alone


def test_the_result_depends_on_the_seed_argument_alone() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)), (np.arange(60) % 3).astype(np.int32)
    first = classify(x, y, x, seed=1)
    np.random.seed(3)  # noqa: NPY002
    second = classify(x, y, x, seed=1)
    assert (first.details, first.predicted.tolist()) == (second.details, second.predicted.tolist())


def noisy(sizes: list[int], seed: int, dim: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors of overlapping classes of given sizes, and their classes."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    centres = rng.normal(scale=0.6, size=(len(sizes), dim))
    return centres[labels] + rng.normal(size=(len(labels), dim)), labels


def with_means(means: list[list[float]], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let cross-validation find these accuracies, (n_folds, n_c); return the C that are tried."""
    tried: list[float] = []

    def found(train, labels, values, folds, documents):  # type: ignore[no-untyped-def]
        tried.extend(values)
        columns = [DENSE_C.index(c) for c in values]
        return np.array(means)[:, columns], 0

    monkeypatch.setattr(logistic, "_of_vectors", found)
    return tried


def test_folds_too_large_to_fit_together_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = noisy([20, 30, 25], 0)
    together = classify(x, y, x, seed=0)
    monkeypatch.setattr(logistic, "_TOGETHER", 2 * x.size)
    one_by_one = classify(x, y, x, seed=0)
    assert one_by_one.details == together.details
    assert (one_by_one.predicted == together.predicted).all()


@pytest.mark.parametrize("seed", range(3))
def test_c_is_that_of_a_grid_search(seed: int) -> None:
    x, y = noisy([20, 30, 25], seed)
    found = classify(x, y, x, seed=seed).details
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, tol=1e-6)),
        {"logisticregression__C": DENSE_C[MARGIN:-MARGIN]},
        cv=StratifiedKFold(5, shuffle=True, random_state=seed),
    ).fit(x, y)
    assert found["c"] == search.best_params_["logisticregression__C"]
    assert found["cv_accuracy"] == pytest.approx(search.best_score_)
    assert (found["folds"], found["c_at_edge"], found["unconverged"]) == (5, False, 0)


@pytest.mark.parametrize("sizes", [[7, 2, 3, 1, 6], [3, 3], [1, 2], [4, 1, 1], [1, 1, 12]])
def test_every_document_of_a_class_of_several_is_held_out_once(sizes: list[int]) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    folds = list(stratified_folds(labels.astype(np.int32), 3))
    assert len(folds) == min(5, max(sizes))
    several = np.flatnonzero(np.bincount(labels)[labels] > 1)
    assert sorted(np.concatenate([unseen for _, unseen in folds])) == several.tolist()
    for seen, unseen in folds:
        assert len(unseen)
        assert sorted([*seen, *unseen]) == list(range(len(labels)))
        assert set(labels[seen]) == set(range(len(sizes)))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("classes", [2, 5])
def test_one_document_a_class_takes_the_strongest_regularisation(
    classes: int, sparse: bool
) -> None:
    x, y = noisy([1] * classes, 0)
    outcome = classify(x, y, x, seed=0, sparse=sparse)
    grid = logistic.SPARSE_C if sparse else DENSE_C
    assert outcome.details == {
        "c": grid[MARGIN], "folds": 0, "cv_accuracy": None, "c_at_edge": False,
        "converged": True, "unconverged": 0,
    }  # fmt: skip
    assert outcome.predicted.tolist() == y.tolist()


def test_scarce_classes_take_the_smallest_c_within_a_standard_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The best, C = 1, has mean 0.55 and a standard error of 0.05 over the two folds; 0.1 has 0.5.
    rows = [
        [0, 0, 0.3, 0.4, 0.45, 0.45, 0.5, 0.4, 0, 0],
        [0, 0, 0.3, 0.4, 0.45, 0.55, 0.6, 0.4, 0, 0],
    ]
    with_means(rows, monkeypatch)
    x, y = noisy([2, 2], 0)
    scarce = classify(x, y, x, seed=0).details
    assert (scarce["c"], scarce["cv_accuracy"], scarce["folds"]) == (0.1, 0.5, 2)
    with_means([row for row in rows for _ in range(3)][:5], monkeypatch)
    x, y = noisy([5, 2], 0)
    enough = classify(x, y, x, seed=0).details
    assert (enough["c"], enough["folds"]) == (1.0, 5)


@pytest.mark.parametrize(
    ("means", "c", "more", "at_edge"),
    [
        ([0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0], 10.0, [100.0], False),
        ([0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 1000.0, [100.0, 1000.0], True),
        ([0.9, 0.8, 0.7, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0], 1e-6, [1e-5, 1e-6], True),
        ([0.9, 0.7, 0.7, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0], 1e-5, [1e-5], False),
        ([0, 0, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0, 0], 0.0001, [], False),
        ([0, 0, 0.1, 0.2, 0.7, 0.2, 0.2, 0.7, 0.9, 0], 0.01, [], False),
    ],
)
def test_the_grid_widens_where_its_end_beats_all_others(
    means: list[float], c: float, more: list[float], at_edge: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = with_means([means] * 5, monkeypatch)
    x, y = noisy([5, 5], 0)
    details = classify(x, y, x, seed=0).details
    assert tried == [*DENSE_C[MARGIN:-MARGIN], *more]
    assert (details["c"], details["c_at_edge"]) == (c, at_edge)


def test_a_grid_widens_on_real_fits() -> None:
    # What tells the classes apart is a hundred times smaller than the noise beside it, and sparse
    # rows are not standardised: only large weights find it.
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(100, 4)), (np.arange(100) % 2).astype(np.int32)
    x[:, 0] = 0.01 * (y - 0.5 + 0.6 * rng.uniform(-1, 1, 100))
    details = classify(x, y, x, seed=0, sparse=True).details
    assert details["c"] > logistic.SPARSE_C[-MARGIN - 1]
    assert details["cv_accuracy"] > 0.8


@pytest.mark.parametrize("sparse", [False, True])
def test_fits_that_do_not_converge_are_counted_and_warn_of_nothing(
    sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = noisy([20, 20, 20], 0)
    for module in (path, terms):
        monkeypatch.setattr(module, "_STEPS", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        details = classify(x, y, x, seed=0, sparse=sparse).details
    tried = len(DENSE_C) - 2 * MARGIN
    assert not details["converged"]
    assert details["unconverged"] >= 5 * tried + 1
