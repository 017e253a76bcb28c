"""The regularisation path gives scikit-learn's logistic regressions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from regression_objective import objective
from sklearn.linear_model import LogisticRegression

from d2vbench.evaluation.classifiers.path import RegularisationPath

C = (1e-6, 1e-4, 0.01, 1.0, 100.0)


def made(sizes: list[int], seed: int, dim: int = 12) -> tuple[Any, Any]:
    """Return centred vectors of overlapping classes, of very different spread, and the classes."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(scale=0.8, size=(len(sizes), dim))[labels] + rng.normal(size=(len(labels), dim))
    x = (x @ rng.normal(size=(dim, dim))).astype(np.float32)
    return (x - x.mean(axis=0)) / x.std(axis=0), labels


@pytest.mark.parametrize("sizes", [[40, 30], [30, 5, 45, 12], [12] * 9])
def test_the_loss_is_within_the_tolerance_of_the_least(sizes: list[int]) -> None:
    sets = [made(sizes, seed) for seed in range(3)]
    path = RegularisationPath([x for x, _ in sets], [y for _, y in sets], len(sizes))
    for c in C:
        assert path.fit(c, 1e-6).all()
        for fold, (x, y) in enumerate(sets):
            exact = LogisticRegression(C=c, tol=1e-10, max_iter=100_000).fit(x.astype(float), y)
            least = objective(x, y, c, exact.coef_, exact.intercept_)
            weights = path._weights[fold]
            rotated = weights[:, :-1] @ path._axes[fold].T
            found = objective(x, y, c, rotated, weights[:, -1])
            # The estimate by second derivatives at equal scores is short by their change; where
            # classes are told apart nearly without loss (C of 1, 100) they have all but vanished.
            assert found - least < len(y) * 1e-6 * (10 if c < 1 else 1000)


@pytest.mark.parametrize("sizes", [[40, 30], [30, 5, 45, 12], [12] * 9])
def test_unseen_vectors_are_classified_as_scikit_learn_does(sizes: list[int]) -> None:
    x, y = made([2 * size for size in sizes], 7)
    seen = np.arange(len(x)) % 2 == 0
    path = RegularisationPath([x[seen]], [y[seen]], len(sizes))
    for c in C:
        assert path.fit(c, 1e-8).all()
        exact = LogisticRegression(C=c, tol=1e-10, max_iter=100_000)
        exact.fit(x[seen].astype(float), y[seen])
        said = exact.predict_proba(x[~seen])
        # Where two classes are as good as equal, rounding decides.
        clear = np.diff(np.sort(said, axis=1)[:, -2:], axis=1)[:, 0] > 1e-2
        assert clear.mean() > 0.8 or c < 0.1
        assert (path.predict(0, x[~seen]) == exact.predict(x[~seen]))[clear].all()


@pytest.mark.parametrize("sizes", [[9, 7], [8, 3, 11]])
def test_each_set_has_the_fit_that_it_has_alone(sizes: list[int]) -> None:
    longer = [size + 4 for size in sizes]
    sets = [made(sizes, 0), made(longer, 1), made(sizes[::-1], 2)]
    together = RegularisationPath([x for x, _ in sets], [y for _, y in sets], len(sizes))
    alone = [RegularisationPath([x], [y], len(sizes)) for x, y in sets]
    for c in C:
        together.fit(c, 1e-9)
        for fold, one in enumerate(alone):
            one.fit(c, 1e-9)
            np.testing.assert_allclose(
                together._weights[fold] @ _unrotated(together, fold),
                one._weights[0] @ _unrotated(one, 0),
                atol=2e-3 * max(1, np.abs(one._weights).max()),
            )


def _unrotated(path: RegularisationPath, fold: int) -> Any:
    """Return what turns weights of a fold into weights of the columns that it was given."""
    dim = path._axes.shape[1]
    turned = np.eye(dim + 1)
    turned[:dim, :dim] = path._axes[fold].T
    return turned


def test_classes_that_are_wholly_apart_overflow_nowhere() -> None:
    x = np.array([[-1e3], [1e3], [-1e3], [1e3]], dtype=np.float32)
    for y, classes in (([0, 1, 0, 1], 2), ([0, 2, 1, 2], 3)):
        path = RegularisationPath([x], [np.array(y)], classes)
        with np.errstate(all="raise", under="ignore"):
            for c in (1e-6, 1e5):
                path.fit(c, 1e-6)
        assert (path.predict(0, x) == np.array(y))[[1, 3]].all()


def test_constant_columns_weigh_nothing() -> None:
    x, y = made([20, 15, 10], 3)
    with_constant = np.hstack([x, np.zeros((len(x), 1), np.float32)])
    plain, more = (RegularisationPath([v], [y], 3) for v in (x, with_constant))
    assert plain.fit(0.1, 1e-9).all()
    assert more.fit(0.1, 1e-9).all()
    assert (plain.predict(0, x) == more.predict(0, with_constant)).all()
