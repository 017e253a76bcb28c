"""Baselines without Doc2Vec: the reference lines of every table and plot."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.evaluation.classify import classify
from d2vbench.evaluation.outcome import Outcome


def _words(selection: Selection) -> list[list[str]]:
    tokens, offsets = selection.gather()
    lexicon = selection.corpus.lexicon
    ids, ends = tokens.tolist(), offsets.tolist()
    return [[lexicon[t] for t in ids[a:b]] for a, b in itertools.pairwise(ends)]


def tfidf_predictions(
    train: Selection, labels: npt.NDArray[np.int32], test: Selection, *, seed: int
) -> Outcome:
    """TF-IDF over the labelled training documents, then logistic regression.

    Parameters
    ----------
    train, test : Selection
        Documents; the weights are learned on ``train`` alone.
    labels : (n_train,) int32
        Classes of ``train``.
    seed : int
        Of the folds.

    Returns
    -------
    Outcome
        Sublinear term frequency, words in two documents or more where there are over 100
        documents. Knows the labelled documents alone, no generic text.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=_identity, sublinear_tf=True, min_df=2 if len(train) > 100 else 1
    )
    x = vectorizer.fit_transform(_words(train))
    return classify(x, labels, vectorizer.transform(_words(test)), seed=seed, sparse=True)


def _identity(words: list[str]) -> list[str]:
    return words
