"""TF-IDF over the labelled training documents, then logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Labelled
from d2vbench.evaluation.classifiers import Outcome
from d2vbench.evaluation.classifiers.logistic import classify
from d2vbench.families.words import word_lists


def predict(
    generic: Selection, domain: Selection, test: Selection, budgets: Sequence[Labelled], seed: int
) -> list[Outcome]:
    """Classify by term weights that are learned from the labelled documents alone.

    Sublinear term frequency; words in two documents or more where there are over 100 documents.
    Knows no generic text.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    unseen, outcomes = word_lists(test), []
    for budget in budgets:
        documents = word_lists(domain.take(budget.documents))
        vectorizer = TfidfVectorizer(
            analyzer=_identity, sublinear_tf=True, min_df=2 if len(documents) > 100 else 1
        )
        train = vectorizer.fit_transform(documents)
        test_rows = vectorizer.transform(unseen)
        outcomes.append(classify(train, budget.labels, test_rows, seed=budget.folds, sparse=True))
    return outcomes


def _identity(words: list[str]) -> list[str]:
    return words


BASELINE = Baseline(predict, "TF-IDF", version=1, rank=1, cost=2.5)
