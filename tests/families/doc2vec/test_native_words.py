"""CBOW by the kernel against gensim's Word2Vec."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gensim.models.word2vec import Word2Vec

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.native import kernel
from d2vbench.families.doc2vec.native.words import train_words
from d2vbench.families.word2vec_mean import pieces
from d2vbench.families.words import OOV, Documents

pytestmark = pytest.mark.skipif(not kernel.available(), reason="the extension is not built")
RATES = {"start_alpha": 0.025, "end_alpha": 0.0001}


def texts(n: int = 400, seed: int = 0) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 60, n)
    lengths[3], lengths[5] = 25_000, 1
    return [[f"w{min(int(w), 300)}" for w in rng.zipf(1.4, length)] for length in lengths]


def encoded(model: Word2Vec, documents: list[list[str]]) -> Documents:
    tokens = [model.wv.key_to_index.get(word, OOV) for text in documents for word in text]
    offsets = np.cumsum([0, *map(len, documents)])
    return Documents(np.asarray(tokens, np.uint32), offsets.astype(np.int64))


def model_of(documents: list[list[str]], **options: Any) -> Word2Vec:
    options = {"vector_size": 20, "min_count": 3, "sample": 1e-3, "window": 4, **options}
    model = Word2Vec(seed=1, workers=1, **options)
    model.build_vocab(documents)
    return model


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"vector_size": 100, "negative": 3},
        {"sample": 0, "shrink_windows": False},
        {"cbow_mean": 0, "window": 1},
        {"batch_words": 500, "negative": 12},
    ],
)
@pytest.mark.parametrize("variant", kernel.variants() if kernel.available() else ())
def test_words_are_gensims(variant: str, options: dict[str, Any]) -> None:
    documents = texts()
    order = np.random.default_rng(1).permutation(len(documents))
    ours, theirs = (model_of(documents, **options) for _ in range(2))
    presented = pieces(documents, order.tolist())
    if options.get("batch_words"):
        presented = [s for s in presented if len(s) <= options["batch_words"]]
        order = np.asarray([d for d in order if len(documents[d]) <= options["batch_words"]])
    before = ours.wv.vectors.copy()
    theirs.train(presented, total_examples=len(presented), epochs=3)
    kernel.set_variant(variant)
    try:
        train_words(ours, encoded(ours, documents), order, epochs=3, **RATES)
    finally:
        kernel.set_variant(None)
    for mine, other in ((ours.wv.vectors, theirs.wv.vectors), (ours.syn1neg, theirs.syn1neg)):
        assert np.abs(mine - other).max() < 1e-4 * np.abs(other).max()
    assert np.abs(ours.wv.vectors - before).max() > 1e-3
    a, b = ours.random.get_state(), theirs.random.get_state()
    assert np.array_equal(a[1], b[1])
    assert a[2:] == b[2:]


def test_nothing_to_learn_changes_nothing() -> None:
    documents = texts(30)
    model = model_of(documents)
    before = model.wv.vectors.copy()
    for few in ([], [["w1"]], [[], ["unknown"] * 5]):
        train_words(model, encoded(model, few), np.arange(len(few)), epochs=2, **RATES)
        assert np.array_equal(model.wv.vectors, before)
    assert not model.syn1neg.any()


def test_other_models_are_refused() -> None:
    documents = texts(30)
    order = np.arange(len(documents))
    for options in ({"sg": 1}, {"hs": 1, "negative": 0}):
        model = model_of(documents, **options)
        with pytest.raises(UserError, match="expected CBOW with negative sampling"):
            train_words(model, encoded(model, documents), order, epochs=1, **RATES)
    model = model_of(documents)
    with pytest.raises(UserError, match=r"order: expected indices of the 30 documents, got 30"):
        train_words(model, encoded(model, documents), order + 1, epochs=1, **RATES)
    with pytest.raises(UserError, match="epochs: expected at least 1, got 0"):
        train_words(model, encoded(model, documents), order, epochs=0, **RATES)
