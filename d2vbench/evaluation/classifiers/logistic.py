"""Logistic regression with C chosen by cross-validation on the training documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.folds import standardised, stratified_folds
from d2vbench.evaluation.classifiers.outcome import Outcome

# Ten-fold steps. Standardised dense vectors want strong regularisation; rows of length 1, such as
# those of TF-IDF, want a C higher by about the number of terms in a document.
DENSE_C = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
SPARSE_C = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


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
        (see `stratified_folds`); the smallest of equals. Without folds C is 1. The details are
        ``c``, ``converged`` (whether the final fit reached its tolerance) and ``cv_accuracy``,
        None without folds.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    c, cv_accuracy = 1.0, None
    grid = SPARSE_C if sparse else DENSE_C
    with warnings.catch_warnings():
        # Non-convergence of a fold is no news; that of the final fit is reported in the outcome.
        warnings.simplefilter("ignore", ConvergenceWarning)
        accuracies = _cross_validated(train, labels, grid, seed, sparse)
        if accuracies is not None:
            c, cv_accuracy = grid[int(np.argmax(accuracies))], float(accuracies.max())
        if not sparse:
            train, test = standardised(train, test)
        model = _regression().set_params(C=c).fit(train, labels)
    return Outcome(
        predicted=np.asarray(model.predict(test), dtype=np.int32),
        details={
            "c": c,
            "converged": bool((model.n_iter_ < model.max_iter).all()),
            "cv_accuracy": cv_accuracy,
        },
    )


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500, tol=1e-3)


def _cross_validated(
    train: Any,
    labels: npt.NDArray[np.int32],
    grid: tuple[float, ...],
    seed: int,
    sparse: bool,
) -> npt.NDArray[np.float64] | None:
    """Return the mean accuracy over the folds for each C of a rising grid, (n_c,) float64.

    None where there are no folds.

    In a fold each C goes on from the weights of the one before it, which takes a third of the time
    of a grid search that begins anew each time.
    """
    folds = list(stratified_folds(labels, seed))
    if not folds:
        return None
    accuracies = np.zeros(len(grid))
    for seen, unseen in folds:
        x, held_out = train[seen], train[unseen]
        if not sparse:
            x, held_out = standardised(x, held_out)
        model = _regression().set_params(warm_start=True)
        for i, c in enumerate(grid):
            model.set_params(C=c).fit(x, labels[seen])
            right = float((model.predict(held_out) == labels[unseen]).mean())
            accuracies[i] += right / len(folds)
    return accuracies


CLASSIFIER = Classifier(classify, "Logistic regression", version=1, rank=1)
