"""Logistic regression on sparse rows is scikit-learn's, by a bound that holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special
from regression_objective import objective
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from d2vbench.evaluation.classifiers import passes, terms
from d2vbench.evaluation.classifiers.terms import TermsPath
from d2vbench.remembered import Remembered

C = (0.01, 1.0, 100.0, 1e5)


def made(sizes: list[int], seed: int, terms: int = 120) -> tuple[Any, Any]:
    """Return rows of length 1, in which the terms of each class are more frequent, and classes."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shares = rng.dirichlet(np.full(terms, 0.2), len(sizes)) + 0.3 / terms
    counts = np.array([rng.multinomial(12, p / p.sum()) for p in shares[labels]])
    return csr_matrix(normalize(np.sqrt(counts).astype(np.float64))), labels


def weights(path: TermsPath) -> tuple[Any, Any]:
    """Return coefficients (n_classes, n_terms) and intercepts."""
    shape = path._truth.shape
    parts = path._at[: path._truth.size].reshape(shape)
    return path._products.weights(parts.astype(np.float32)).T, path._at[path._truth.size :]


@pytest.mark.parametrize("sizes", [[40, 30], [30, 5, 45, 12], [12] * 9])
def test_no_weights_are_better_by_more_than_the_tolerance(sizes: list[int]) -> None:
    x, y = made(sizes, 3)
    path = TermsPath(x, y, len(sizes))
    for c in C:
        assert path.fit(c, 1e-4)
        exact = LogisticRegression(C=c, tol=1e-9, max_iter=100_000).fit(x, y)
        least = objective(x, y, c, exact.coef_, exact.intercept_)
        # Rounding of float32 is allowed for: a millionth of what each document loses.
        assert objective(x, y, c, *weights(path)) - least < len(y) * (1e-4 + 1e-6)


@pytest.mark.parametrize("sizes", [[40, 30], [30, 5, 45, 12], [12] * 9])
def test_unseen_rows_are_classified_as_scikit_learn_does(sizes: list[int]) -> None:
    x, y = made([2 * size for size in sizes], 7)
    seen = np.arange(len(y)) % 2 == 0
    path = TermsPath(x[seen], y[seen], len(sizes))
    for c in C[1:]:
        assert path.fit(c, 1e-6)
        exact = LogisticRegression(C=c, tol=1e-9, max_iter=100_000).fit(x[seen], y[seen])
        said = exact.predict_proba(x[~seen])
        clear = np.diff(np.sort(said, axis=1)[:, -2:], axis=1)[:, 0] > 0.02
        assert clear.mean() > 0.7
        assert (path.predict(x[~seen]) == exact.predict(x[~seen]))[clear].all()


@pytest.mark.parametrize("sizes", [[40, 30], [30, 5, 45, 12], [12] * 9])
def test_compiled_or_not_a_fit_is_the_same(
    sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = made(sizes, 3)
    places = []
    for built in (passes._built, None):
        monkeypatch.setattr(passes, "_built", built)
        path = TermsPath(x, y, len(sizes))
        reached = [path.fit(c, 1e-4) for c in C]
        assert all(reached)
        places.append(path._at)
    np.testing.assert_array_equal(*places)


@pytest.mark.parametrize("sizes", [[30, 5, 45, 12], [12] * 9])
def test_the_gap_from_scores_ends_a_fit_where_that_of_logarithms_does(
    sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = made(sizes, 3)
    said: list[float] = []
    xlogy = scipy.special.xlogy
    monkeypatch.setattr(scipy.special, "xlogy", lambda a, b: said.append(0.0) or xlogy(a, b))
    places, counts = [], []
    for doubt in (terms._DOUBT, np.inf):  # The second has a logarithm of each at every step.
        monkeypatch.setattr(terms, "_DOUBT", doubt)
        path = TermsPath(x, y, len(sizes))
        said.clear()
        for c in C:
            assert path.fit(c, 1e-5)
        places.append(path._at)
        counts.append(len(said))
    np.testing.assert_array_equal(*places)
    assert len(C) <= counts[0] < counts[1] / 3


def test_the_gap_from_scores_is_that_of_logarithms_to_a_millionth() -> None:
    x, y = made([40, 30, 50, 8, 60], 5)
    path = TermsPath(x, y, 5)
    for c in C:
        path.fit(c, 1e-4)
        said = path._loss(path._at, path._scores, c)
        assert said.entropy is not None
        exact = -float(scipy.special.xlogy(said.sure, said.sure).sum(dtype=np.float64))
        assert said.entropy() == pytest.approx(exact, abs=1e-6 * len(y))


def test_a_fit_from_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_ANEW", Remembered(most=4))
    x, y = made([40, 30, 20], 3)
    fitted: list[float] = []
    fit = TermsPath.fit

    def counting(self: TermsPath, c: float, tolerance: float) -> bool:
        fitted.append(c)
        return fit(self, c, tolerance)

    monkeypatch.setattr(TermsPath, "fit", counting)

    def predicted(rows: Any, labels: Any, c: float, tolerance: float = 1e-5) -> Any:
        path = TermsPath(rows, labels, 3)
        assert path.fit_anew(c, tolerance)
        return path.predict(x), path._at

    first, at = predicted(x, y, 10.0)
    again, kept = predicted(x.copy(), y.copy(), 10.0)
    assert fitted == [10.0]
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(at, kept)
    # Whatever a fit depends on makes another of it.
    longer = x.copy()
    longer.data[0] *= 0.5
    predicted(longer, y, 10.0)
    predicted(x, np.roll(y, 1), 10.0)
    predicted(x, y, 11.0)
    predicted(x, y, 10.0, 1e-4)
    assert len(fitted) == 5
    predicted(x, y, 10.0)  # The oldest has gone.
    assert len(fitted) == 6


def test_terms_that_no_training_row_has_say_nothing() -> None:
    x, y = made([20, 15, 10], 1)
    wider = csr_matrix((x.data, x.indices, x.indptr), shape=(x.shape[0], 500))
    unseen = wider.tolil()
    unseen[:, 400] = 0.5
    narrow, wide = TermsPath(x, y, 3), TermsPath(wider, y, 3)
    assert narrow.fit(10.0, 1e-5)
    assert wide.fit(10.0, 1e-5)
    assert (narrow.predict(x) == wide.predict(csr_matrix(unseen))).all()
