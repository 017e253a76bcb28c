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
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps = [] if sparse else [StandardScaler()]
    model = make_pipeline(*steps, LogisticRegression(C=1.0, max_iter=500, tol=1e-3))
    folds = min(FOLDS, int(np.bincount(labels)[np.unique(labels)].min()))
    cv_accuracy: float | None = None
    with warnings.catch_warnings():
        # Non-convergence of a fold is no news; that of the final fit is reported in the outcome.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if folds > 1:
            search = GridSearchCV(
                model,
                {"logisticregression__C": SPARSE_C if sparse else DENSE_C},
                cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
                scoring="accuracy",
            )
            model = search.fit(train, labels).best_estimator_
            cv_accuracy = float(search.best_score_)
        else:
            model = model.fit(train, labels)
    final = model.named_steps["logisticregression"]
    return Outcome(
        predicted=np.asarray(model.predict(test), dtype=np.int32),
        c=float(final.C),
        converged=bool((final.n_iter_ < final.max_iter).all()),
        cv_accuracy=cv_accuracy,
    )


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
