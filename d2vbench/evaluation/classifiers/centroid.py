"""The nearest centroid by cosine: a classifier with nothing to choose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers.definition import Classifier
from d2vbench.evaluation.classifiers.folds import standardised
from d2vbench.evaluation.classifiers.outcome import Outcome
from d2vbench.evaluation.diagnostics.neighbours import nearest, unit_rows


def centroid(
    train: npt.NDArray[np.floating],
    labels: npt.NDArray[np.int32],
    test: npt.NDArray[np.floating],
    *,
    seed: int,
    documents: npt.NDArray[np.int64] | None = None,
) -> Outcome:
    """Give each test document the class whose mean direction is nearest.

    Parameters
    ----------
    train : (n_train, dim) float32
        Training vectors.
    labels : (n_train,) int32
        Their classes.
    test : (n_test, dim) float32
        Test vectors.
    seed, documents
        Not used: nothing is drawn, and nothing is chosen.

    Returns
    -------
    Outcome
        Each dimension is standardised by the training vectors, each vector scaled to length 1;
        the centroid of a class is the mean of its vectors (Rocchio 1971), and the nearest is that
        of the largest cosine, the lower of equals. Directions, as `knn` compares them, and not
        distances: the length of an inferred vector grows with that of its document.
    """
    train, test = standardised(train, test)
    classes = np.unique(labels)
    rows = unit_rows(train)
    centres = np.stack([rows[labels == label].mean(axis=0) for label in classes])
    found, _ = nearest(test, centres, 1)
    return Outcome(classes[found[:, 0]].astype(np.int32))


CLASSIFIER = Classifier(centroid, "Nearest centroid", version=1, rank=3)
