"""TF-IDF, learned from all of D-train's text, then logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Labelled
from d2vbench.evaluation.classifiers import Outcome
from d2vbench.evaluation.classifiers.logistic import classify
from d2vbench.families.words import count_matrix, frequent_words, map_documents
from d2vbench.remembered import Remembered

# The rows that were made last in this process, by what they were made of.
_LAST = Remembered[list[Any]]()


def tf_idf_rows(learned: Sequence[Selection], encoded: Sequence[Selection]) -> list[Any]:
    """Return term weights, (n, n_words) sparse float64 for each of ``encoded``.

    Parameters
    ----------
    learned : sequence of Selection
        What words and document frequencies are those of: words in two documents or more, where
        there are over 100 documents.
    encoded : sequence of Selection
        What is weighed, by sublinear term frequency; rows of length 1.

    Notes
    -----
    The last ones are kept: with the whole of D-train they are the same for every seed.
    """
    key = tuple(tuple(side.key for side in sides) for sides in (learned, encoded))
    return _LAST.get(key, lambda: _weighed(learned, encoded))


def _weighed(learned: Sequence[Selection], encoded: Sequence[Selection]) -> list[Any]:
    from sklearn.feature_extraction.text import TfidfTransformer

    rows = frequent_words(learned, 1)
    counts = count_matrix(map_documents(learned, rows), len(rows))
    documents = np.diff(counts.tocsc().indptr)
    kept = np.flatnonzero(documents >= (2 if counts.shape[0] > 100 else 1))
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts[:, kept])
    return [
        tfidf.transform(count_matrix(map_documents([side], rows), len(rows))[:, kept])
        for side in encoded
    ]


def classified(
    learned: Sequence[Selection],
    domain: Selection,
    test: Selection,
    budgets: Sequence[Labelled],
) -> list[Outcome]:
    """Return what logistic regression says by the term weights of ``learned``, for each budget."""
    train, unseen = tf_idf_rows(learned, [domain, test])
    return [
        classify(train[b.documents], b.labels, unseen, **b.options(), sparse=True) for b in budgets
    ]


def predict(
    generic: Selection, domain: Selection, test: Selection, budgets: Sequence[Labelled], seed: int
) -> list[Outcome]:
    """Classify by term weights whose words and document frequencies are those of D-train.

    All documents of D-train are read for them, labelled or not, as all are what vectors are
    trained on; a label budget says only which of them the classifier learns from. G is not read:
    this is the peer of `domain-only`. That of strategies that read G is ``tf-idf-generic``.
    """
    return classified([domain], domain, test, budgets)


BASELINE = Baseline(predict, "TF-IDF", version=2, rank=1, learns="TF-IDF", alike=True, cost=10.0)
