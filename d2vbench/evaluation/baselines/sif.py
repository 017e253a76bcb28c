"""Averages of word vectors by smooth inverse frequency (SIF), less their common direction."""

from __future__ import annotations

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Vectors, with_vectors
from d2vbench.evaluation.baselines.mean_word2vec import EPOCHS, word_vectors
from d2vbench.families.word2vec_mean import (
    PLAIN_SECONDS_PER_WORD,
    PLAIN_VERSION,
    Word2VecSettings,
    mean_rows,
)
from d2vbench.families.words import count_words, map_documents

#: a of the weights a / (a + p(w)), as Arora et al. set it.
SMOOTHING = 1e-3


def sif_vectors(
    generic: Selection,
    domain: Selection,
    test: Selection,
    seed: int,
    settings: Word2VecSettings | None = None,
) -> tuple[Vectors, Vectors]:
    """Return vectors of D-train and of D-test.

    Parameters
    ----------
    generic, domain, seed, settings
        As for `d2vbench.evaluation.baselines.mean_word2vec.word_vectors`.
    test : Selection
        Takes no part in learning.

    Returns
    -------
    train, test : (n_domain, vector_size), (n_test, vector_size) float64
        The mean over the known words w of a document of a / (a + p(w)) times the word's vector,
        less its projection on the first principal component (Arora, Liang and Ma 2017, "A simple
        but tough-to-beat baseline for sentence embeddings"). Before that, a document without a
        known word is zero, and so it stays.

    Notes
    -----
    p(w) is the share of w among the words of G and D-train, of which the word vectors are learned.
    The component is the first right singular vector, without centring, of the averages of D-train:
    what is common to the documents of the domain tells none of them from another.
    """
    return sif_of(*word_vectors(generic, domain, seed, settings), generic, domain, test)


def sif_of(
    rows: dict[str, int], vectors: Vectors, generic: Selection, domain: Selection, test: Selection
) -> tuple[Vectors, Vectors]:
    """Return SIF averages of word vectors, whoever trained them; see `sif_vectors`.

    Parameters
    ----------
    rows : dict of str to int
        The row of each word.
    vectors : (n_words, vector_size) float
        Of the words.
    generic, domain : Selection
        G and the part of D-train that there is: their words are counted.
    test : Selection
        Takes no part in counts, nor in the common direction.
    """
    counts = count_words([generic, domain])
    share = np.array([counts.get(word, 0) for word in rows]) / sum(counts.values())
    weighted = vectors * (SMOOTHING / (SMOOTHING + share))[:, None]
    train, unseen = (mean_rows(map_documents([side], rows), weighted) for side in (domain, test))
    common = np.linalg.svd(train, full_matrices=False)[2][:1]
    return train - train @ common.T @ common, unseen - unseen @ common.T @ common


BASELINE = Baseline(
    with_vectors(sif_vectors),
    "SIF-weighted mean of word2vec vectors",
    version=PLAIN_VERSION,
    rank=5,
    learns="word2vec",
    seconds_per_word=EPOCHS * PLAIN_SECONDS_PER_WORD,
)
