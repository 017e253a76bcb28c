"""Baselines without Doc2Vec: the reference lines of every table and plot."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.evaluation.classify import classify
from d2vbench.evaluation.outcome import Outcome
from d2vbench.families.doc2vec import ModelSettings, map_documents
from d2vbench.families.doc2vec.documents import MAX_DOCUMENT_WORDS, OOV, Documents
from d2vbench.families.doc2vec.models import count_words
from d2vbench.keys import derive_seed

#: Passes of word2vec over G and D-train.
WORD2VEC_EPOCHS = 10

Vectors = npt.NDArray[np.floating]


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


class VectorBaseline(Protocol):
    """A baseline that gives vectors, for the classifiers that Doc2Vec's vectors get."""

    def __call__(
        self,
        generic: Selection,
        domain: Selection,
        test: Selection,
        settings: ModelSettings,
        *,
        seed: int,
    ) -> tuple[Vectors, Vectors]:
        """Learn from G and D-train, without labels; return vectors of D-train and of D-test."""
        ...  # pragma: no cover


def lsa_vectors(
    generic: Selection,
    domain: Selection,
    test: Selection,
    settings: ModelSettings,
    *,
    seed: int,
) -> tuple[Vectors, Vectors]:
    """Latent semantic analysis: TF-IDF, then its strongest singular directions.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that there is: both are what weights and directions are learned
        from, as both are what Doc2Vec trains on. Each document counts once.
    test : Selection
        Takes no part in either.
    settings : ModelSettings
        ``vector_size`` dimensions; words that occur ``min_count`` times, as in Doc2Vec's shared
        vocabulary.
    seed : int
        Of the vector that the decomposition starts from.

    Returns
    -------
    train, test : (n_domain, dim), (n_test, dim) float64
        Scaled to length 1, which takes the lengths of documents out (Deerwester et al. 1990). A
        document without a known word is zero. Fewer dimensions where there are fewer words or
        documents.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.preprocessing import normalize

    rows = _vocabulary([generic, domain], settings)
    learned = _counts(map_documents([generic, domain], rows), len(rows))
    tfidf = TfidfTransformer(sublinear_tf=True).fit(learned)
    x = tfidf.transform(learned)
    dimensions = max(min(settings.vector_size, *(n - 1 for n in x.shape)), 1)
    # The default, a randomised decomposition, is off by a few percent where the spectrum is flat,
    # and takes as long.
    svd = TruncatedSVD(dimensions, algorithm="arpack", random_state=derive_seed(seed, "lsa")).fit(x)
    unseen = tfidf.transform(_counts(map_documents([test], rows), len(rows)))
    return normalize(svd.transform(x[len(generic) :])), normalize(svd.transform(unseen))


def mean_word2vec_vectors(
    generic: Selection,
    domain: Selection,
    test: Selection,
    settings: ModelSettings,
    *,
    seed: int,
) -> tuple[Vectors, Vectors]:
    """Means of word vectors that word2vec has learned.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that there is: word2vec trains on both, shuffled together.
    test : Selection
        Takes no part in it.
    settings : ModelSettings
        ``vector_size``, ``window``, ``negative``, ``sample`` and ``min_count`` as in Doc2Vec; the
        vocabulary is Doc2Vec's shared one.
    seed : int
        Of the order of the documents, of initial weights and of gensim's random stream.

    Returns
    -------
    train, test : (n_domain, vector_size), (n_test, vector_size) float64
        The mean vector of the known words of each document, as often as they occur; zero without
        any. CBOW (Mikolov et al. 2013, arXiv 1301.3781) by gensim with one worker,
        `WORD2VEC_EPOCHS` passes; the same in every process.
    """
    from gensim.models.word2vec import Word2Vec

    rows = _vocabulary([generic, domain], settings)
    model = Word2Vec(
        vector_size=settings.vector_size,
        window=settings.window,
        negative=settings.negative,
        sample=settings.sample,
        min_count=settings.min_count,
        seed=derive_seed(seed, "word2vec"),
        workers=1,
        sorted_vocab=0,
    )
    documents = _words(generic) + _words(domain)
    model.build_vocab_from_freq(count_words([generic, domain]), corpus_count=len(documents))
    order = np.random.default_rng(derive_seed(seed, "word2vec order")).permutation(len(documents))
    # gensim drops what of a document is beyond 10,000 words: a longer one is taken in pieces.
    pieces = [
        documents[d][begin : begin + MAX_DOCUMENT_WORDS]
        for d in order.tolist()
        for begin in range(0, len(documents[d]), MAX_DOCUMENT_WORDS)
    ]
    model.train(pieces, total_examples=len(pieces), epochs=WORD2VEC_EPOCHS)
    assert model.wv.key_to_index == rows
    train, unseen = (
        _mean_rows(map_documents([side], rows), model.wv.vectors) for side in (domain, test)
    )
    return train, unseen


def _vocabulary(selections: list[Selection], settings: ModelSettings) -> dict[str, int]:
    """Return the row of each word that is frequent enough, as in `build_model`."""
    counts = count_words(selections)
    kept = [word for word, n in counts.items() if n >= settings.min_count]
    return {word: i for i, word in enumerate(kept)}


def _counts(documents: Documents, n_words: int) -> Any:
    """Count the known words of documents, (n_documents, n_words) sparse float64."""
    from scipy.sparse import csr_matrix

    known = documents.tokens != OOV
    owner = np.repeat(np.arange(len(documents)), np.diff(documents.offsets))
    places = (owner[known], documents.tokens[known])
    return csr_matrix((np.ones(known.sum()), places), shape=(len(documents), n_words))


def _mean_rows(documents: Documents, vectors: Vectors) -> Vectors:
    """Return the mean vector of the known words of each document, (n, dim) float64."""
    counts = _counts(documents, len(vectors))
    words = np.asarray(counts.sum(axis=1))
    sums = counts @ vectors.astype(np.float64)
    return np.divide(sums, words, out=np.zeros_like(sums), where=words > 0)


TFIDF = "tf-idf"

#: Baselines of vectors by name. A new one is a line here.
VECTOR_BASELINES: dict[str, VectorBaseline] = {
    "lsa": lsa_vectors,
    "mean-word2vec": mean_word2vec_vectors,
}

#: All baselines by name, each followed by logistic regression.
BASELINES = (TFIDF, *VECTOR_BASELINES)
