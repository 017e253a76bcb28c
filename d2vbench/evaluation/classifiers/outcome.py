"""What a classifier says of test documents, and how right it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.pairs.labels import met


@dataclass(frozen=True)
class Outcome:
    """What a classifier said.

    Attributes
    ----------
    predicted : (n_test,) int32
        Class of each test document.
    details : dict
        What is recorded beside the scores: settings chosen from training documents, and
        ``cv_accuracy``, the mean accuracy over the folds at those settings. JSON values.
    """

    predicted: npt.NDArray[np.int32]
    details: dict[str, float | int | bool | None] = field(default_factory=dict)


def outcome_problem(outcome: object, documents: int) -> str:
    """Return what is wrong with what a classifier or baseline said; empty if nothing.

    Parameters
    ----------
    outcome : object
        What it returned.
    documents : int
        How many test documents there are.
    """
    if not isinstance(outcome, Outcome):
        return f"must return an Outcome, got {outcome!r:.80}"
    predicted = outcome.predicted
    if not isinstance(predicted, np.ndarray) or predicted.dtype != np.int32:
        got = getattr(predicted, "dtype", type(predicted).__name__)
        return f"must predict an int32 array of shape ({documents},), got {got}"
    if predicted.shape != (documents,):
        return f"must predict an int32 array of shape ({documents},), got shape {predicted.shape}"
    try:
        json.dumps(outcome.details, allow_nan=False)
    except (TypeError, ValueError) as error:
        return f"must return details that are JSON values: {error}"
    return ""


#: Raised when a score is computed otherwise.
METRIC_VERSIONS = {"accuracy": 1, "macro-F1": 1}


def rare_scores(
    truth: npt.NDArray[np.int32],
    predicted: npt.NDArray[np.int32],
    rare: npt.NDArray[np.int32],
) -> dict[str, float]:
    """Return the mean recall and the mean F1 of some classes, both in [0, 1].

    Parameters
    ----------
    truth, predicted
        As of `scores`, which says what becomes of several labels.
    rare : (n,) int32
        Those classes; one that no document in ``truth`` has is left out.

    Returns
    -------
    dict
        ``rare_recall`` and ``rare_f1``; empty where no document has one of them.
    """
    rows = truth.reshape(len(truth), -1)
    truth = np.where(met(predicted, rows), predicted, rows[:, 0])
    there = np.intersect1d(rare, rows)
    if not len(there):
        return {}
    hits, those, said = _counts(truth, predicted, there)
    return {
        "rare_recall": float(np.mean(hits / np.maximum(those, 1))),
        "rare_f1": _macro_f1(hits, those, said),
    }


def scores(truth: npt.NDArray[np.int32], predicted: npt.NDArray[np.int32]) -> dict[str, float]:
    """Return accuracy and macro-F1, both in [0, 1].

    Parameters
    ----------
    truth : (n_test,) or (n_test, most labels of one) int32
        Classes, as `Pair.test_rows`.
    predicted : (n_test,) int32
        Classes.

    Returns
    -------
    dict
        ``accuracy``, and ``macro_f1`` over the classes that occur in ``truth``. A document of
        several labels is right if any of them is met. In F1 it is then of the class that was
        predicted, else of its first label: so each document counts once, as it does in the
        accuracy, and the classes are the same whatever is predicted.
    """
    rows = truth.reshape(len(truth), -1)
    truth = np.where(met(predicted, rows), predicted, rows[:, 0])
    return {
        "accuracy": float(np.mean(truth == predicted)),
        "macro_f1": _macro_f1(*_counts(truth, predicted, np.unique(rows[rows >= 0]))),
    }


def _counts(
    truth: npt.NDArray[np.int32], predicted: npt.NDArray[np.int32], classes: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return of each class how many documents are rightly of it, of it, and said to be of it."""

    def documents(of: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        place = np.searchsorted(classes, of).clip(max=len(classes) - 1)
        return np.bincount(place[classes[place] == of], minlength=len(classes))

    return documents(truth[truth == predicted]), documents(truth), documents(predicted)


def _macro_f1(
    hits: npt.NDArray[np.int64], those: npt.NDArray[np.int64], said: npt.NDArray[np.int64]
) -> float:
    """Return the mean of the classes' F1, from `_counts`; 0 of a class without any document."""
    return float(np.mean(2 * hits / np.maximum(those + said, 1)))
