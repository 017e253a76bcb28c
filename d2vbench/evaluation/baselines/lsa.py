"""Latent semantic analysis: TF-IDF, then its strongest singular directions."""

from __future__ import annotations

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines.definition import Baseline, Vectors, with_vectors
from d2vbench.families.words import count_matrix, frequent_words, map_documents
from d2vbench.keys import derive_seed

DIMENSIONS = 100
MIN_COUNT = 5


def lsa_vectors(
    generic: Selection,
    domain: Selection,
    test: Selection,
    seed: int,
    dimensions: int = DIMENSIONS,
    min_count: int = MIN_COUNT,
) -> tuple[Vectors, Vectors]:
    """Return vectors of D-train and of D-test.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that there is: both are what weights and directions are learned
        from, as both are what Doc2Vec trains on. Each document counts once.
    test : Selection
        Takes no part in either.
    seed : int
        Of the vector that the decomposition starts from.
    dimensions : int
        At most; fewer where there are fewer words or documents.
    min_count : int
        Words that occur so often, as in Doc2Vec's shared vocabulary.

    Returns
    -------
    train, test : (n_domain, dim), (n_test, dim) float64
        Scaled to length 1, which takes the lengths of documents out (Deerwester et al. 1990). A
        document without a known word is zero.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.preprocessing import normalize

    rows = frequent_words([generic, domain], min_count)
    learned = count_matrix(map_documents([generic, domain], rows), len(rows))
    tfidf = TfidfTransformer(sublinear_tf=True).fit(learned)
    x = tfidf.transform(learned)
    kept = max(min(dimensions, *(n - 1 for n in x.shape)), 1)
    # The default, a randomised decomposition, is off by a few percent where the spectrum is flat,
    # and takes as long.
    svd = TruncatedSVD(kept, algorithm="arpack", random_state=derive_seed(seed, "lsa")).fit(x)
    unseen = tfidf.transform(count_matrix(map_documents([test], rows), len(rows)))
    return normalize(svd.transform(x[len(generic) :])), normalize(svd.transform(unseen))


BASELINE = Baseline(with_vectors(lsa_vectors), "LSA", version=1, rank=3, cost=5.0)
