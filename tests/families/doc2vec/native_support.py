"""Corpora, models and comparisons for the tests of the native engine."""

import ast
import functools
import os
import re
import sysconfig
import tarfile
from pathlib import Path

import numpy as np
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from gensim.models.word2vec import Word2Vec

from d2vbench.families.doc2vec.native import kernel as native

MODELS = {
    "dbow": {"dm": 0},
    "dbow-words": {"dm": 0, "dbow_words": 1},
    "dm-mean": {"dm": 1, "dm_mean": 1},
    "dm-sum": {"dm": 1, "cbow_mean": 0},
    "dm-concat": {"dm": 1, "dm_concat": 1},
}
ARRAYS = {"words": "wv.vectors", "documents": "dv.vectors", "outputs": "syn1neg"}


def words_of(text):
    return re.findall(r"\w+", text.lower())


def docstrings(least=8, most=1200):
    """Docstrings of the standard library: real text that every Python has."""
    return [words for words in _docstrings() if len(words) >= least][:most]


@functools.cache
def _docstrings():
    documents = []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        tree = ast.parse(path.read_bytes())
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                documents.append(words_of(ast.get_docstring(node) or ""))
    return documents


def newsgroups_archive():
    """20 Newsgroups beside the repository or where D2VBENCH_SHARED says; None if absent."""
    root = Path(__file__).resolve().parents[3]
    shared = Path(os.environ.get("D2VBENCH_SHARED", root.parent / "shared"))
    path = shared / "data" / "20news-bydate.tar.gz"
    return path if path.exists() else None


@functools.cache
def newsgroups(most=None):
    documents = []
    with tarfile.open(newsgroups_archive()) as archive:
        for member in archive:
            if member.isfile():
                documents.append(words_of(archive.extractfile(member).read().decode("latin-1")))
                if len(documents) == most:
                    break
    return documents


def build(documents, model="dbow", **settings):
    """Make a Doc2Vec with vocabulary and weights, not trained."""
    defaults = {
        "vector_size": 40, "negative": 5, "sample": 1e-3, "min_count": 2, "window": 5,
        "workers": 1, "seed": 3, "epochs": 1,
    }  # fmt: skip
    made = Doc2Vec(**(defaults | MODELS[model] | settings))
    made.build_vocab(tagged(documents))
    return made


def tagged(documents, order=None, tags=None):
    order = range(len(documents)) if order is None else order
    return [TaggedDocument(documents[i], [int(i if tags is None else tags[i])]) for i in order]


def encode(model, documents):
    rows = model.wv.key_to_index
    flat = [rows.get(w, native.OOV) for d in documents for w in d]
    offsets = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([len(d) for d in documents], out=offsets[1:])
    return native.Documents(np.array(flat, dtype=np.uint32), offsets)


def gensim_train(model, corpus, epochs=1, start_alpha=0.025, end_alpha=0.0001, total_words=None):
    """``model.train`` with the counts that Doc2Vec.train keeps to itself."""
    if total_words is None:
        total_words = max(1, sum(len(d.words) for d in corpus))
    return Word2Vec.train(
        model, corpus_iterable=corpus, total_words=total_words, epochs=epochs,
        start_alpha=start_alpha, end_alpha=end_alpha,
    )  # fmt: skip


def native_train(model, documents, order=None, **settings):
    order = np.arange(len(documents)) if order is None else np.asarray(order)
    settings = {"start_alpha": 0.025, "end_alpha": 0.0001} | settings
    return native.train_epoch(model, encode(model, documents), order.astype(np.int64), **settings)


def array_of(model, which):
    for part in ARRAYS[which].split("."):
        model = getattr(model, part)
    return model


def cosines(a, b):
    """Row-wise cosine; rows that are zero in both count as equal."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    both_zero = ~a.any(axis=1) & ~b.any(axis=1)
    return np.where(both_zero, 1.0, (a * b).sum(axis=1) / np.where(norms > 0, norms, 1.0))


def assert_parity(a, b, least=0.9999):
    """Vectors of two models agree up to rounding."""
    for which in ARRAYS:
        x, y = array_of(a, which), array_of(b, which)
        assert np.isfinite(y).all()
        worst = cosines(x, y).min()
        assert worst >= least, f"{which}: smallest cosine {worst}"


def assert_same_stream(a, b):
    """Two models' random states will draw the same from here on."""
    one, two = a.random.get_state(), b.random.get_state()
    assert one[0] == two[0] and (one[1] == two[1]).all() and one[2:] == two[2:]
