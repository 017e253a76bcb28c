"""Logistic regression with C chosen by cross-validation on the training documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.folds import (
    FOLDS,
    right_share,
    standardised,
    stratified_folds,
)
from d2vbench.evaluation.classifiers.outcome import Outcome
from d2vbench.evaluation.classifiers.path import RegularisationPath
from d2vbench.evaluation.classifiers.terms import TermsPath

# Ten-fold steps. Standardised dense vectors want strong regularisation; rows of length 1, such as
# those of TF-IDF, want a C higher by about the number of terms in a document.
DENSE_C = (1e-6, 1e-5, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
SPARSE_C = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 1e4, 1e5, 1e6)
#: Values at either end of a grid that are tried only where the best of the others lies there.
MARGIN = 2

# How much loss a document may be left, in nats: in the folds, and in the final fit, which test
# documents are classified by. Of term weights the bound is one that cannot be exceeded.
_IN_FOLDS, _IN_THE_END = 1e-5, 1e-8
_TERMS_IN_FOLDS, _TERMS_IN_THE_END = 5e-4, 1e-5
# Numbers in the training vectors of the folds that are fitted together, at most.
_TOGETHER = 2**23

Folds = Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]


def classify(
    train: Any,
    labels: npt.NDArray[np.int32],
    test: Any,
    *,
    seed: int,
    sparse: bool = False,
    documents: npt.NDArray[np.int64] | None = None,
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
    documents : (n_train,) int64, optional
        Which document each row is of, where one stands there for each of its labels; see
        `stratified_folds` and `right_share`.

    Returns
    -------
    Outcome
        C is chosen from `DENSE_C` or `SPARSE_C` by the mean accuracy over stratified folds (see
        `stratified_folds`): the best, the smallest of equals. Where no class has a document for
        each of five folds, it is the smallest C whose mean lies within one standard error of the
        best. The `MARGIN` at either end of the grid takes part, a value at a time, where the best
        lies at the end of the rest and beats all others. Where every class has one document there
        are no folds, and C is the smallest but for the margin: one document does not tell how far
        its class spreads, and the strongest regularisation assumes the least. The details are

        - ``c``;
        - ``folds``, 0 where C was not chosen for want of folds;
        - ``cv_accuracy`` at that C, None without folds;
        - ``c_at_edge``: the best lies at the end of the whole grid and beats all others;
        - ``unconverged``: how many fits, those of the folds included, did not reach their
          tolerance;
        - ``converged``: the final fit did.

    Notes
    -----
    Dense vectors are fitted by `RegularisationPath`, term weights by `TermsPath`.

    The rule of one standard error is that of Breiman et al. (1984) for the size of a tree; Hastie,
    Tibshirani and Friedman (The Elements of Statistical Learning, 2009, section 7.10) have it for
    any setting. Tried on 426 tasks of three real pairs (PV-DBOW; 1 to all labels a class), it costs
    0.9 points of accuracy where every class fills the folds, and 0.3 points, with 1.1 of macro-F1,
    where some do: a small C gives small classes up. Where none does, it costs nothing (-0.0 and
    -0.1), and C varies less from seed to seed (standard deviation of log10 C 0.5 in place of 0.9).
    """
    folds = list(stratified_folds(labels, seed, documents))
    if sparse:
        from scipy.sparse import csr_matrix

        train, test = csr_matrix(train), csr_matrix(test)
    details = _choose(train, labels, folds, sparse, documents)
    classes, own = np.unique(labels, return_inverse=True)
    if sparse:
        terms = TermsPath(train, own, len(classes))
        details["converged"] = terms.fit_anew(details["c"], _TERMS_IN_THE_END)
        predicted = terms.predict(test)
    else:
        train, test = standardised(train, test)
        path = RegularisationPath([train], [own], len(classes))
        details["converged"] = bool(path.fit(details["c"], _IN_THE_END).all())
        predicted = path.predict(0, test)
    details["unconverged"] += not details["converged"]
    return Outcome(classes[predicted].astype(np.int32), details)


def _choose(
    train: Any,
    labels: npt.NDArray[np.int32],
    folds: Folds,
    sparse: bool,
    documents: npt.NDArray[np.int64] | None,
) -> dict[str, Any]:
    """Return C and how it was chosen: the details of `classify` before the final fit."""
    grid = SPARSE_C if sparse else DENSE_C
    first, last = MARGIN, len(grid) - MARGIN
    if not folds:
        return {"c": grid[first], "folds": 0, "cv_accuracy": None, "c_at_edge": False,
                "unconverged": 0}  # fmt: skip
    cross_validated = _of_terms if sparse else _of_vectors
    values = grid[first:last]
    accuracies, unconverged = cross_validated(train, labels, values, folds, documents)
    while end := _best_end(accuracies.mean(axis=0)):
        beyond = last if end > 0 else first - 1
        if not 0 <= beyond < len(grid):
            break
        values = grid[beyond : beyond + 1]
        more, failed = cross_validated(train, labels, values, folds, documents)
        accuracies = np.hstack([accuracies, more] if end > 0 else [more, accuracies])
        unconverged += failed
        first, last = min(first, beyond), max(last, beyond + 1)
    means = accuracies.mean(axis=0).round(12)
    chosen = int(means.argmax())
    if len(folds) < FOLDS:
        error = accuracies[:, chosen].std(ddof=1) / np.sqrt(len(folds))
        chosen = int(np.argmax(means >= (means[chosen] - error).round(12)))
    return {
        "c": grid[first + chosen],
        "folds": len(folds),
        "cv_accuracy": float(means[chosen]),
        "c_at_edge": bool(end),
        "unconverged": unconverged,
    }


def _best_end(means: npt.NDArray[np.float64]) -> int:
    """Return at which end the best lies, -1 or 1, if it beats all others; else 0."""
    means = means.round(12)
    if means[-1] > means[:-1].max():
        return 1
    return -1 if means[0] > means[1:].max() else 0


def _of_vectors(
    train: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int32],
    values: Sequence[float],
    folds: Folds,
    documents: npt.NDArray[np.int64] | None,
) -> tuple[npt.NDArray[np.float64], int]:
    """Return the accuracy in each fold for each C, and how many fits did not converge.

    In a fold each of the rising ``values`` of C goes on from the weights of the one before it.

    Returns
    -------
    accuracies : (n_folds, n_c) float64
        Of the documents held out.
    unconverged : int
        Fits.
    """
    classes, own = np.unique(labels, return_inverse=True)
    accuracies, unconverged = np.zeros((len(folds), len(values))), 0
    together = max(1, _TOGETHER // train.size)
    for start in range(0, len(folds), together):
        some = folds[start : start + together]
        halves = [standardised(train[seen], train[unseen]) for seen, unseen in some]
        seen_labels = [own[seen] for seen, _ in some]
        path = RegularisationPath([x for x, _ in halves], seen_labels, len(classes))
        for i, c in enumerate(values):
            unconverged += int((~path.fit(c, _IN_FOLDS)).sum())
            for fold, (_, unseen) in enumerate(some):
                said = path.predict(fold, halves[fold][1])
                accuracies[start + fold, i] = _right(said, own, unseen, documents)
    return accuracies, unconverged


def _of_terms(
    train: Any,
    labels: npt.NDArray[np.int32],
    values: Sequence[float],
    folds: Folds,
    documents: npt.NDArray[np.int64] | None,
) -> tuple[npt.NDArray[np.float64], int]:
    """Return what `_of_vectors` does, of sparse term weights."""
    classes, own = np.unique(labels, return_inverse=True)
    accuracies, unconverged = np.zeros((len(folds), len(values))), 0
    for right, (seen, unseen) in zip(accuracies, folds, strict=True):
        path = TermsPath(train[seen], own[seen], len(classes))
        for i, c in enumerate(values):
            unconverged += not path.fit(c, _TERMS_IN_FOLDS)
            said = classes[path.predict(train[unseen])]
            right[i] = _right(said, labels, unseen, documents)
    return accuracies, unconverged


def _right(
    predicted: npt.NDArray[np.integer],
    labels: npt.NDArray[np.integer],
    unseen: npt.NDArray[np.int64],
    documents: npt.NDArray[np.int64] | None,
) -> float:
    of = None if documents is None else documents[unseen]
    return float(right_share(predicted, labels[unseen], of))


CLASSIFIER = Classifier(classify, "Logistic regression", version=3, rank=1)
