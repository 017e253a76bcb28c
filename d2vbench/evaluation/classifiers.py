"""The classifiers by name: each says what an unseen vector is, from labelled training vectors."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.centroid import centroid
from d2vbench.evaluation.classify import classify
from d2vbench.evaluation.knn import knn
from d2vbench.evaluation.outcome import Outcome


class Classifier(Protocol):
    """What a classifier is: a function of its arguments alone."""

    def __call__(
        self, train: Any, labels: npt.NDArray[np.int32], test: Any, *, seed: int
    ) -> Outcome:
        """Fit on (n_train, dim) vectors and their classes, predict (n_test, dim) vectors.

        The seed is that of the folds by which settings are chosen; see `stratified_folds`.
        """
        ...  # pragma: no cover


#: The first is the main one: what is compared, tested and tuned by. A new one is a line here.
CLASSIFIERS: dict[str, Classifier] = {"logistic": classify, "knn": knn, "centroid": centroid}
