"""Evaluation: classifiers on inferred vectors, and baselines."""

from d2vbench.evaluation.baselines import tfidf_predictions
from d2vbench.evaluation.classify import Outcome, classify, scores

__all__ = ["Outcome", "classify", "scores", "tfidf_predictions"]
