"""The classifiers by name, one a file: a module with a ``CLASSIFIER`` is found."""

from d2vbench.evaluation.classifiers.definition import Classifier, check_classifier
from d2vbench.evaluation.classifiers.outcome import (
    METRIC_VERSIONS,
    Outcome,
    outcome_problem,
    rare_scores,
    scores,
)
from d2vbench.plugins import Catalogue, found_in

CLASSIFIERS: Catalogue[Classifier] = Catalogue(
    "classifier", "d2vbench.classifiers", found_in(__name__, "CLASSIFIER"), check_classifier
)

#: What is compared, tested and tuned by.
MAIN_CLASSIFIER = next(iter(CLASSIFIERS.built_in))

__all__ = [
    "CLASSIFIERS",
    "MAIN_CLASSIFIER",
    "METRIC_VERSIONS",
    "Classifier",
    "Outcome",
    "outcome_problem",
    "rare_scores",
    "scores",
]
