"""Evaluation: classifiers on inferred vectors, drift, forgetting, and baselines."""

from d2vbench.evaluation.baselines import (
    BASELINES,
    TFIDF,
    VECTOR_BASELINES,
    VectorBaseline,
    tfidf_predictions,
)
from d2vbench.evaluation.classifiers import CLASSIFIERS, Classifier
from d2vbench.evaluation.classify import classify
from d2vbench.evaluation.diagnose import diagnose
from d2vbench.evaluation.generic_task import GenericTask
from d2vbench.evaluation.outcome import Outcome, scores
from d2vbench.evaluation.snapshot import Snapshot

__all__ = [
    "BASELINES",
    "CLASSIFIERS",
    "TFIDF",
    "VECTOR_BASELINES",
    "Classifier",
    "GenericTask",
    "Outcome",
    "Snapshot",
    "VectorBaseline",
    "classify",
    "diagnose",
    "scores",
    "tfidf_predictions",
]
