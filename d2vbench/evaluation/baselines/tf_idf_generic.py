"""TF-IDF that has read the generic corpus too, then logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Labelled
from d2vbench.evaluation.baselines.tf_idf import classified
from d2vbench.evaluation.classifiers import Outcome


def predict(
    generic: Selection, domain: Selection, test: Selection, budgets: Sequence[Labelled], seed: int
) -> list[Outcome]:
    """Classify by term weights whose words and document frequencies are those of G and D-train.

    It has seen the same unlabelled text as the vectors of every strategy that reads both.
    """
    return classified([generic, domain], domain, test, budgets)


BASELINE = Baseline(
    predict,
    "TF-IDF of G and D",
    version=1,
    rank=2,
    learns="TF-IDF of G and D",
    alike=True,
    cost=12.0,
)
