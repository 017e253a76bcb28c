"""Evaluation: classifiers on inferred vectors, baselines, drift and forgetting."""

from d2vbench.evaluation.baselines import BASELINES, Baseline, Labelled, with_vectors
from d2vbench.evaluation.classifiers import (
    CLASSIFIERS,
    MAIN_CLASSIFIER,
    METRIC_VERSIONS,
    Classifier,
    Outcome,
    outcome_problem,
    rare_scores,
    scores,
)
from d2vbench.evaluation.diagnostics import (
    DIAGNOSTICS_VERSION,
    DRIFT_VERSION,
    MOST_DOCUMENTS,
    GenericTask,
    diagnose,
)

__all__ = [
    "BASELINES",
    "CLASSIFIERS",
    "DIAGNOSTICS_VERSION",
    "DRIFT_VERSION",
    "MAIN_CLASSIFIER",
    "METRIC_VERSIONS",
    "MOST_DOCUMENTS",
    "Baseline",
    "Classifier",
    "GenericTask",
    "Labelled",
    "Outcome",
    "diagnose",
    "outcome_problem",
    "rare_scores",
    "scores",
    "with_vectors",
]
