"""Means of word vectors that word2vec has learned from G and D-train, shuffled together."""

from __future__ import annotations

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Vectors, with_vectors
from d2vbench.families.word2vec_mean import (
    PLAIN_SECONDS_PER_WORD,
    PLAIN_VERSION,
    Word2VecSettings,
    mean_rows,
    plain_word_vectors,
)
from d2vbench.families.words import map_documents
from d2vbench.keys import derive_seed
from d2vbench.remembered import Remembered

#: Passes of word2vec over G and D-train.
EPOCHS = 10

# The vectors that were learned last in this process, by what they were learned from.
_LAST = Remembered[tuple[dict[str, int], Vectors]]()


def word_vectors(
    generic: Selection, domain: Selection, seed: int, settings: Word2VecSettings | None = None
) -> tuple[dict[str, int], Vectors]:
    """Return the row of each word, and the (n_words, vector_size) vectors that are averaged.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that there is: word2vec trains on both, as Doc2Vec does.
    seed : int
        Of the order of documents, of initial weights and of gensim's random stream.
    settings : Word2VecSettings, optional
        Of the word vectors.

    Notes
    -----
    CBOW as gensim trains it with one worker, `EPOCHS` passes; the same in every process. The last
    ones that were learned are kept: several baselines average them.
    """
    of = settings or Word2VecSettings()

    def learn() -> tuple[dict[str, int], Vectors]:
        order = np.random.default_rng(derive_seed(seed, "word2vec order"))
        return plain_word_vectors(
            [generic, domain],
            of,
            derive_seed(seed, "word2vec"),
            order.permutation(len(generic) + len(domain)),
            EPOCHS,
        )

    return _LAST.get((generic.key, domain.key, seed, of), learn)


def mean_word2vec_vectors(
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
        As for `word_vectors`.
    test : Selection
        Takes no part in learning.

    Returns
    -------
    train, test : (n_domain, vector_size), (n_test, vector_size) float64
        The mean vector of the known words of each document, as often as they occur; zero without
        any.
    """
    rows, vectors = word_vectors(generic, domain, seed, settings)
    train, unseen = (mean_rows(map_documents([side], rows), vectors) for side in (domain, test))
    return train, unseen


BASELINE = Baseline(
    with_vectors(mean_word2vec_vectors),
    "Mean of word2vec vectors",
    version=PLAIN_VERSION,
    rank=4,
    learns="word2vec",
    seconds_per_word=EPOCHS * PLAIN_SECONDS_PER_WORD,
)
