"""Evaluation: classifiers on inferred vectors, drift, and baselines."""

from d2vbench.evaluation.baselines import tfidf_predictions
from d2vbench.evaluation.classifiers import CLASSIFIERS, Classifier
from d2vbench.evaluation.classify import classify
from d2vbench.evaluation.outcome import Outcome, scores

__all__ = ["CLASSIFIERS", "Classifier", "Outcome", "classify", "scores", "tfidf_predictions"]
