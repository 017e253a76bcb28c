"""Baselines of vectors: against other implementations, and fed with training text alone."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from gensim.models.word2vec import Word2Vec
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from d2vbench.corpora import Pair, Selection
from d2vbench.evaluation import BASELINES, Labelled, scores
from d2vbench.evaluation.baselines import mean_word2vec
from d2vbench.evaluation.baselines.lsa import lsa_vectors
from d2vbench.evaluation.baselines.mean_word2vec import mean_word2vec_vectors, word_vectors
from d2vbench.evaluation.baselines.sif import sif_vectors
from d2vbench.evaluation.classifiers.logistic import classify
from d2vbench.families import word2vec_mean
from d2vbench.families.doc2vec.native import kernel
from d2vbench.families.doc2vec.native import words as native_words
from d2vbench.families.word2vec_mean import Word2VecSettings
from d2vbench.remembered import Remembered

# How a baseline of vectors learns with 16 dimensions (or fewer) and other words than rare ones.
LEARN = {
    "lsa": lambda *sides, seed, size=16, least=2: lsa_vectors(*sides, seed, size, least),
    "mean-word2vec": lambda *sides, seed, size=16, least=2: mean_word2vec_vectors(
        *sides, seed, Word2VecSettings(vector_size=size, min_count=least)
    ),
    "sif": lambda *sides, seed, size=16, least=2: sif_vectors(
        *sides, seed, Word2VecSettings(vector_size=size, min_count=least)
    ),
}


def words(selection: Selection) -> list[list[str]]:
    lexicon, tokens, offsets = selection.corpus.lexicon, *selection.gather()
    return [
        [lexicon[t] for t in tokens[a:b].tolist()]
        for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]


def parts(pair: Pair) -> tuple[Selection, Selection, Selection]:
    return pair.generic, pair.train, pair.test


@pytest.mark.parametrize("name", BASELINES)
def test_it_beats_chance_by_far(name: str, synthetic_pair: Pair) -> None:
    # One of eight classes.
    pair = synthetic_pair
    rows = np.arange(len(pair.train)), np.arange(0, len(pair.train), 3)
    budgets = [Labelled(some, pair.train_labels[some], folds=0) for some in rows]
    whole, third = BASELINES[name].predict(*parts(pair), budgets, 0)
    assert whole.predicted.shape == third.predicted.shape == (len(pair.test),)
    assert scores(pair.test_labels, whole.predicted)["accuracy"] > 0.7
    # Each budget is learned from alone.
    (again,) = BASELINES[name].predict(*parts(pair), budgets[1:], 0)
    assert np.array_equal(again.predicted, third.predicted)


@pytest.mark.parametrize("name", LEARN)
class TestVectors:
    def test_no_test_document_is_learned_from(self, name: str, small_pair: Pair) -> None:
        generic, domain, test = parts(small_pair)
        train, whole = LEARN[name](generic, domain, test, seed=0)
        some = test.take(np.array([1, 3], dtype=np.int64))
        again, few = LEARN[name](generic, domain, some, seed=0)
        assert np.array_equal(train, again)
        assert few == pytest.approx(whole[[1, 3]], abs=1e-12)

    def test_the_result_depends_on_its_arguments_alone(self, name: str, small_pair: Pair) -> None:
        first = LEARN[name](*parts(small_pair), seed=1)
        np.random.seed(3)  # noqa: NPY002
        second = LEARN[name](*parts(small_pair), seed=1)
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))

    def test_a_document_without_known_words_is_zero(self, name: str, small_pair: Pair) -> None:
        generic, domain, test = parts(small_pair)
        _, vectors = LEARN[name](generic, domain, test, seed=0, size=4, least=40)
        counts = Counter(word for side in (generic, domain) for d in words(side) for word in d)
        unknown = [not any(counts[word] >= 40 for word in document) for document in words(test)]
        assert (~vectors.any(axis=1)).tolist() == unknown


def test_the_names_of_all_baselines() -> None:
    assert list(BASELINES) == ["tf-idf", "tf-idf-generic", "lsa", "mean-word2vec", "sif"]


def test_lsa_is_the_singular_value_decomposition_of_tfidf(small_pair: Pair) -> None:
    generic, domain, test = parts(small_pair)
    counts = Counter(word for side in (generic, domain) for d in words(side) for word in d)
    vectorizer = TfidfVectorizer(
        analyzer=lambda d: d, sublinear_tf=True, vocabulary=[w for w in counts if counts[w] > 1]
    )
    x = vectorizer.fit_transform(words(generic) + words(domain)).toarray()
    directions = np.linalg.svd(x)[2][:16]
    expected = vectorizer.transform(words(test)).toarray() @ directions.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    _, found = lsa_vectors(generic, domain, test, 0, 16, 2)
    # A direction may point either way: cosines between documents do not see it.
    assert found @ found.T == pytest.approx(expected @ expected.T, abs=1e-6)


def test_lsa_has_no_more_dimensions_than_there_are(small_pair: Pair) -> None:
    few = small_pair.generic.take(np.arange(3))
    train, test = lsa_vectors(few, few, small_pair.test, 0, min_count=1)
    assert (train.shape[1], test.shape[1]) == (5, 5)


def test_vectors_are_means_of_word_vectors(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []
    train = Word2Vec.train

    def keep(self, pieces, **rest):  # type: ignore[no-untyped-def]
        kept.append((self, pieces))
        return train(self, pieces, **rest)

    monkeypatch.setattr(Word2Vec, "train", keep)
    # A document longer than gensim takes is trained on in pieces, and no word is lost.
    for module in (word2vec_mean, native_words):
        monkeypatch.setattr(module, "MAX_DOCUMENT_WORDS", 7)
    compiled, _ = LEARN["mean-word2vec"](*parts(small_pair), seed=0)
    assert bool(kept) is not kernel.available()
    kept.clear()
    monkeypatch.setattr(kernel, "available", lambda: False)
    monkeypatch.setattr(mean_word2vec, "_LAST", Remembered())
    found, _ = LEARN["mean-word2vec"](*parts(small_pair), seed=0)
    ((model, pieces),) = kept
    assert compiled == pytest.approx(found, abs=1e-5)
    trained = words(small_pair.generic) + words(small_pair.train)
    assert Counter(w for p in pieces for w in p) == Counter(w for d in trained for w in d)
    assert max(map(len, pieces)) == 7
    for document, vector in zip(words(small_pair.train), found, strict=True):
        known = [word for word in document if word in model.wv]
        assert vector == pytest.approx(np.mean([model.wv[w] for w in known], axis=0), abs=1e-6)


def test_sif_is_the_formula_of_its_authors(small_pair: Pair) -> None:
    generic, domain, test = parts(small_pair)
    settings = Word2VecSettings(vector_size=8, min_count=2)
    rows, vectors = word_vectors(generic, domain, 0, settings)
    counts = Counter(word for side in (generic, domain) for d in words(side) for word in d)
    total = sum(counts.values())

    def average(document: list[str]) -> np.ndarray:
        known = [word for word in document if word in rows]
        terms = [vectors[rows[w]] * 1e-3 / (1e-3 + counts[w] / total) for w in known]
        return np.mean(terms, axis=0)

    train, unseen = (np.array([average(d) for d in words(side)]) for side in (domain, test))
    component = TruncatedSVD(1, algorithm="arpack").fit(train).components_[0]
    found = sif_vectors(generic, domain, test, 0, settings)
    for given, expected in zip(found, (train, unseen), strict=True):
        less = expected - np.outer(expected @ component, component)
        assert given == pytest.approx(less, abs=1e-6)
        assert np.abs(given @ component).max() < 1e-6
    assert np.abs(train @ component).max() > 0.1  # Which was not so before.


@pytest.mark.parametrize("name", ["tf-idf", "tf-idf-generic"])
def test_tfidf_weighs_by_all_unlabelled_text(name: str, small_pair: Pair) -> None:
    generic, domain, test = parts(small_pair)
    few = Labelled(np.arange(0, len(domain), 2), small_pair.train_labels[::2], folds=2)
    learned = words(domain) + (words(generic) if name == "tf-idf-generic" else [])
    vectorizer = TfidfVectorizer(
        analyzer=lambda d: d, sublinear_tf=True, min_df=2 if len(learned) > 100 else 1
    ).fit(learned)
    train, unseen = (vectorizer.transform(words(side)) for side in (domain, test))
    expected = classify(train[few.documents], few.labels, unseen, seed=2, sparse=True)
    predict = BASELINES[name].predict
    (found,) = predict(generic, domain, test, [few], 0)
    assert np.array_equal(found.predicted, expected.predicted)
    assert found.details == expected.details
    (again,) = predict(generic, domain, test.take(np.arange(5)), [few], 0)
    assert np.array_equal(again.predicted, found.predicted[:5])
    (without,) = predict(generic.take(np.arange(1)), domain, test, [few], 0)
    assert np.array_equal(without.predicted, found.predicted) is (name == "tf-idf")


def test_word2vec_is_the_same_in_every_process(small_pair: Pair) -> None:
    script = (
        "import base64, hashlib, pickle, sys\n"
        "from d2vbench.evaluation.baselines.mean_word2vec import mean_word2vec_vectors\n"
        "sides = pickle.loads(base64.b64decode(sys.stdin.read()))\n"
        "made = mean_word2vec_vectors(*sides, 0)\n"
        "print(hashlib.sha256(made[0].tobytes() + made[1].tobytes()).hexdigest())\n"
    )
    sides = base64.b64encode(pickle.dumps(parts(small_pair))).decode()
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=sides, capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert len(next(iter(said)).strip()) == 64
