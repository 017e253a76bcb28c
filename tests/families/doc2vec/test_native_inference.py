"""Batch inference: gensim's infer_vector with pinned seeds, the same however it is run."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from native_support import (
    ARRAYS,
    MODELS,
    array_of,
    build,
    cosines,
    docstrings,
    encode,
    native_train,
)

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.doc2vec.reference.inference import infer_with_gensim
from d2vbench.families.doc2vec.start import start_vectors

built = pytest.mark.skipif(not native.available(), reason="the extension is not built")
RATES = {"epochs": 6, "alpha": 0.03, "min_alpha": 0.001}


@pytest.fixture(autouse=True)
def widest_variant():
    yield
    native.set_variant(None)


@pytest.fixture(scope="module", params=MODELS)
def trained(request):
    documents = docstrings(most=400)
    m = build(documents, request.param, window=4)
    for epoch in range(3):
        native_train(m, documents, epoch=epoch, epochs=3)
    return m


def some():
    """Documents to infer, odd ones among them."""
    return [[], ["zzzunknown"], *docstrings()[400:520], ["the"], [], docstrings()[3] * 60]


def seeds_for(n, base=0):
    return np.random.default_rng(base).integers(0, 2**32, n, dtype=np.uint32)


@built
def test_is_gensims_loop(trained):
    documents = some()
    seeds = seeds_for(len(documents))
    expected = infer_with_gensim(trained, documents, seeds, **RATES)
    vectors = native.infer(trained, encode(trained, documents), seeds, **RATES)
    assert vectors.dtype == np.float32 and vectors.shape == expected.shape
    assert cosines(vectors, expected).min() >= 0.9999
    start = start_vectors(seeds, trained.vector_size)
    for i in (0, 1, len(documents) - 2):
        assert (vectors[i] == start[i]).all() and (expected[i] == start[i]).all()


@built
@pytest.mark.parametrize("settings", [{"sample": 0}, {"shrink_windows": False}])
@pytest.mark.parametrize("model", MODELS)
def test_is_gensims_loop_with_other_settings(model, settings):
    documents = docstrings(most=200)
    m = build(documents, model, **settings)
    native_train(m, documents)
    seeds = seeds_for(40, 1)
    expected = infer_with_gensim(m, documents[:40], seeds, **RATES)
    vectors = native.infer(m, encode(m, documents[:40]), seeds, **RATES)
    assert cosines(vectors, expected).min() >= 0.9999


@built
def test_same_for_any_threads_order_and_variant(trained):
    documents = some() * 3
    seeds = seeds_for(len(documents))
    encoded = encode(trained, documents)
    one = native.infer(trained, encoded, seeds, **RATES)
    for threads in (2, 5):
        again = native.infer(trained, encoded, seeds, threads=threads, **RATES)
        assert again.tobytes() == one.tobytes()
    order = np.random.default_rng(1).permutation(len(documents))
    shuffled = native.infer(trained, encoded, seeds, subset=order, **RATES)
    assert shuffled.tobytes() == one[order].tobytes()
    moved = native.infer(
        trained, encode(trained, [documents[i] for i in order]), seeds[order], **RATES
    )
    assert moved.tobytes() == one[order].tobytes()
    for name in native.variants():
        native.set_variant(name)
        assert native.infer(trained, encoded, seeds, **RATES).tobytes() == one.tobytes()


@built
def test_model_does_not_change_and_may_be_read_only(trained):
    documents = some()
    before = {which: array_of(trained, which).copy() for which in ARRAYS}
    state = trained.random.get_state()[1].copy()
    for which in ARRAYS:
        array_of(trained, which).flags.writeable = False
    try:
        native.infer(trained, encode(trained, documents), seeds_for(len(documents)), **RATES)
    finally:
        for which in ARRAYS:
            array_of(trained, which).flags.writeable = True
    for which in ARRAYS:
        assert (array_of(trained, which) == before[which]).all()
    assert (trained.random.get_state()[1] == state).all()


@built
def test_equal_seeds_equal_vectors(trained):
    documents = [docstrings()[450]] * 2 + [docstrings()[451]]
    seeds = np.array([5, 5, 6], dtype=np.uint32)
    vectors = native.infer(trained, encode(trained, documents), seeds, **RATES)
    assert (vectors[0] == vectors[1]).all()


@built
def test_nothing_to_infer(trained):
    none = native.Documents(np.empty(0, np.uint32), np.zeros(1, np.int64))
    assert native.infer(trained, none, np.empty(0, np.uint32), **RATES).shape == (0, 40)
    documents = encode(trained, some())
    subset = np.empty(0, np.int64)
    vectors = native.infer(trained, documents, seeds_for(len(some())), subset=subset, **RATES)
    assert vectors.shape == (0, 40)


def test_gensim_loop_puts_the_random_state_back():
    documents = docstrings(most=50)
    m = build(documents)
    kept = m.random
    infer_with_gensim(m, documents[:3], seeds_for(3), **RATES)
    assert m.random is kept


def test_gensim_loop_wants_a_seed_a_document():
    m = build(docstrings(most=50))
    with pytest.raises(UserError) as caught:
        infer_with_gensim(m, [["the"]], seeds_for(2), **RATES)
    assert str(caught.value) == "seeds: expected one a document (1), got 2"


def test_start_vectors_are_pinned():
    """Golden values: records made with other start vectors would not compare."""
    vectors = start_vectors(np.array([0, 1, 2**32 - 1], dtype=np.uint32), 4)
    expected = GOLDEN_START
    np.testing.assert_array_equal(vectors, np.array(expected, dtype=np.float32))


GOLDEN_START = [
    [0.09582769870758057, -0.017118006944656372, -0.11839155852794647, 0.11772048473358154],
    [-0.056605398654937744, 0.10156060755252838, 0.025320813059806824, -0.09575703740119934],
    [0.11598289012908936, 0.09669695794582367, -0.1068512350320816, 0.11348240077495575],
]


def test_start_vectors_are_splitmix64():
    mask = 2**64 - 1
    seeds = np.array([0, 1, 77, 2**32 - 1], dtype=np.uint32)
    vectors = start_vectors(seeds, 5)
    for i, seed in enumerate(seeds):
        for j in range(5):
            z = ((int(seed) << 32) + j + 1) * 0x9E3779B97F4A7C15 & mask
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
            z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
            z ^= z >> 31
            assert vectors[i, j] == np.float32((z >> 40) / 2**24 - 0.5) / np.float32(5)


def test_start_vectors_look_uniform():
    vectors = start_vectors(np.arange(20_000, dtype=np.uint32), 10) * 10
    assert vectors.min() >= -0.5 and vectors.max() < 0.5
    assert np.abs(vectors.mean(axis=0)).max() < 0.01
    assert np.abs(vectors.std(axis=0) - 12**-0.5).max() < 0.01
    assert np.abs(np.corrcoef(vectors.T) - np.eye(10)).max() < 0.03
    neighbours = np.corrcoef(vectors[:-1, 0], vectors[1:, 0])[0, 1]
    assert abs(neighbours) < 0.03


@pytest.mark.parametrize(
    "seeds, size, message",
    [
        ([1], 3, "seeds: expected a uint32 array of shape (n_docs,), got [1]"),
        (np.zeros(2), 3, "seeds: expected a uint32 array of shape (n_docs,), got float64 (2,)"),
        (np.zeros(2, np.uint32), 0, "vector_size: expected at least 1, got 0"),
        (np.zeros(2, np.uint32), 2.5, "vector_size: expected an integer, got 2.5"),
        (np.zeros(2, np.uint32), True, "vector_size: expected an integer, got True"),
    ],
)
def test_start_vectors_refuse(seeds, size, message):
    with pytest.raises(UserError) as caught:
        start_vectors(seeds, size)
    assert str(caught.value) == message
