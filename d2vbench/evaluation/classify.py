"""Logistic regression with C chosen by cross-validation on the training documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# Ten-fold steps. Standardised dense vectors want strong regularisation; rows of length 1, such as
# those of TF-IDF, want a C higher by about the number of terms in a document.
DENSE_C = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
SPARSE_C = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
FOLDS = 5


@dataclass(frozen=True)
class Outcome:
    """What a classifier said.

    Attributes
    ----------
    predicted : (n_test,) int32
        Class of each test document.
    c : float
        The inverse regularisation strength chosen; NaN never.
    converged : bool
        Whether the final fit reached its tolerance.
    cv_accuracy : float or None
        Mean accuracy over the folds at the C chosen; None without folds. Seen from training
        documents alone, so that settings may be chosen by it.
    """

    predicted: npt.NDArray[np.int32]
    c: float
    converged: bool
    cv_accuracy: float | None


def classify(
    train: Any,
    labels: npt.NDArray[np.int32],
    test: Any,
    *,
    seed: int,
    sparse: bool = False,
) -> Outcome:
    """Fit on training vectors, predict test vectors.

    Parameters
    ----------
    train : (n_train, dim) float32 or sparse
        Training vectors.
    labels : (n_train,) int32
        Their classes; two or more.
    test : (n_test, dim) float32 or sparse
        Test vectors.
    seed : int
        Of the folds.
    sparse : bool
        Term weights: neither standardised nor dense. Otherwise each dimension is standardised
        first, by the training vectors of each fold.

    Returns
    -------
    Outcome
        C is the one of `DENSE_C` or `SPARSE_C` with the best mean accuracy over stratified folds
        (five, or as many as the smallest class allows); the smallest of equals. With a class of
        one document there are no folds, and C is 1.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    folds = min(FOLDS, int(np.bincount(labels)[np.unique(labels)].min()))
    c, cv_accuracy = 1.0, None
    with warnings.catch_warnings():
        # Non-convergence of a fold is no news; that of the final fit is reported in the outcome.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if folds > 1:
            grid = SPARSE_C if sparse else DENSE_C
            accuracies = _cross_validated(train, labels, grid, folds, seed, sparse)
            c, cv_accuracy = grid[int(np.argmax(accuracies))], float(accuracies.max())
        train, test = _standardised(train, test, sparse)
        model = _regression().set_params(C=c).fit(train, labels)
    return Outcome(
        predicted=np.asarray(model.predict(test), dtype=np.int32),
        c=c,
        converged=bool((model.n_iter_ < model.max_iter).all()),
        cv_accuracy=cv_accuracy,
    )


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500, tol=1e-3)


def _standardised(train: Any, test: Any, sparse: bool) -> tuple[Any, Any]:
    from sklearn.preprocessing import StandardScaler

    if sparse:
        return train, test
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def _cross_validated(
    train: Any,
    labels: npt.NDArray[np.int32],
    grid: tuple[float, ...],
    folds: int,
    seed: int,
    sparse: bool,
) -> npt.NDArray[np.float64]:
    """Return the mean accuracy over the folds for each C of a rising grid, (n_c,) float64.

    In a fold each C goes on from the weights of the one before it, which takes a third of the time
    of a grid search that begins anew each time.
    """
    from sklearn.model_selection import StratifiedKFold

    accuracies = np.zeros(len(grid))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for seen, unseen in splitter.split(np.zeros(len(labels)), labels):
        x, held_out = _standardised(train[seen], train[unseen], sparse)
        model = _regression().set_params(warm_start=True)
        for i, c in enumerate(grid):
            model.set_params(C=c).fit(x, labels[seen])
            accuracies[i] += float((model.predict(held_out) == labels[unseen]).mean()) / folds
    return accuracies


def scores(truth: npt.NDArray[np.int32], predicted: npt.NDArray[np.int32]) -> dict[str, float]:
    """Return accuracy and macro-F1, both in [0, 1].

    Parameters
    ----------
    truth, predicted : (n_test,) int32
        Classes.

    Returns
    -------
    dict
        ``accuracy``, and ``macro_f1`` over the classes that occur in ``truth``.
    """
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": float(accuracy_score(truth, predicted)),
        "macro_f1": float(
            f1_score(
                truth,
                predicted,
                labels=np.unique(truth),
                average="macro",
                zero_division=0,
            )
        ),
    }
