"""What a classifier says of test documents, and how right it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


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


#: Raised when a score is computed otherwise.
METRIC_VERSIONS = {"accuracy": 1, "macro-F1": 1}


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
