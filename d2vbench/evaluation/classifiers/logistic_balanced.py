"""Logistic regression whose loss weighs classes: each as much as the others, in all."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.folds import right_share, standardised, stratified_folds
from d2vbench.evaluation.classifiers.outcome import Outcome

#: What C is chosen from.
BALANCED_C = (1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0)
_STEPS = 1000


def classify(
    train: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int32],
    test: npt.NDArray[np.float32],
    *,
    seed: int,
    documents: npt.NDArray[np.int64] | None = None,
) -> Outcome:
    """Fit on training vectors, predict test vectors.

    Parameters
    ----------
    train : (n_train, dim) float32
        Training vectors; each dimension is standardised first, by those of each fold.
    labels : (n_train,) int32
        Their classes, two or more. A document of class c weighs n / (K n_c).
    test : (n_test, dim) float32
        Test vectors.
    seed : int
        Of the folds.
    documents : (n_train,) int64, optional
        As of `stratified_folds`.

    Returns
    -------
    Outcome
        C is the best of `BALANCED_C` by the mean accuracy over the folds of the main classifier,
        the smallest of equals; the smallest of all where there are no folds. The details are ``c``,
        ``folds``, ``cv_accuracy`` (None without folds) and ``converged``, of the final fit.
    """
    folds = list(stratified_folds(labels, seed, documents))
    right = np.zeros((len(folds), len(BALANCED_C)))
    for row, (seen, unseen) in zip(right, folds, strict=True):
        learned, asked = standardised(train[seen], train[unseen])
        of = None if documents is None else documents[unseen]
        for place, c in enumerate(BALANCED_C):
            said = _fitted(learned, labels[seen], c).predict(asked)
            row[place] = right_share(said, labels[unseen], of)
    means = right.mean(axis=0).round(12) if len(folds) else np.zeros(len(BALANCED_C))
    chosen = int(means.argmax())
    learned, asked = standardised(train, test)
    model = _fitted(learned, labels, BALANCED_C[chosen])
    details = {
        "c": BALANCED_C[chosen],
        "folds": len(folds),
        "cv_accuracy": float(means[chosen]) if len(folds) else None,
        "converged": bool((model.n_iter_ < _STEPS).all()),
    }
    return Outcome(model.predict(asked).astype(np.int32), details)


def _fitted(vectors: Any, labels: npt.NDArray[np.int32], c: float) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=c, class_weight="balanced", max_iter=_STEPS)
    with warnings.catch_warnings():
        # Said in the details.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(vectors, labels)


CLASSIFIER = Classifier(classify, "Logistic regression, classes weighted", version=1, rank=4)
