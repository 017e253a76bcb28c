"""The native engine's training is gensim's, up to the rounding of float32 sums."""

import itertools
import os
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from native_support import (
    ARRAYS,
    MODELS,
    array_of,
    assert_parity,
    assert_same_stream,
    build,
    cosines,
    docstrings,
    encode,
    gensim_train,
    native_train,
    newsgroups,
    newsgroups_archive,
    tagged,
)

from d2vbench.families.doc2vec.models import MODELS as PACKAGE_MODELS
from d2vbench.families.doc2vec.native import kernel as native

pytestmark = pytest.mark.skipif(not native.available(), reason="the extension is not built")


@pytest.fixture(autouse=True)
def widest_variant():
    yield
    native.set_variant(None)


def pair(documents, model, **settings):
    return build(documents, model, **settings), build(documents, model, **settings)


@pytest.mark.parametrize("shrink", [True, False], ids=["shrink", "fixed"])
@pytest.mark.parametrize("sample", [0, 1e-3])
@pytest.mark.parametrize("model", MODELS)
def test_one_epoch_is_gensims(model, sample, shrink):
    documents = docstrings()
    a, b = pair(documents, model, sample=sample, shrink_windows=shrink)
    expected = gensim_train(a, tagged(documents))
    assert native_train(b, documents) == expected
    assert_parity(a, b)
    assert_same_stream(a, b)


@pytest.mark.skipif(newsgroups_archive() is None, reason="20 Newsgroups is not at hand")
@pytest.mark.parametrize("shrink", [True, False], ids=["shrink", "fixed"])
@pytest.mark.parametrize("sample", [0, 1e-4])
@pytest.mark.parametrize("model", MODELS)
def test_one_epoch_over_newsgroups(model, sample, shrink):
    """A part of it; all of it with D2VBENCH_FULL=1 (some minutes, most of them gensim's).

    Without subsampling an epoch over all of it is long enough for rounding to grow: gensim itself,
    on another kernel of its BLAS, then gives a few documents another vector (PV-DM with the mean:
    one of 18,846, smallest cosine 0.9997; with the sum: 34, 0.990), and so does the native engine.
    """
    full = bool(os.environ.get("D2VBENCH_FULL"))
    documents = newsgroups(None if full else 400)
    settings = {"vector_size": 100, "sample": sample, "min_count": 5, "shrink_windows": shrink}
    a, b = pair(documents, model, **settings)
    expected = gensim_train(a, tagged(documents))
    assert native_train(b, documents) == expected
    assert_same_stream(a, b)
    found = cosines(a.dv.vectors, b.dv.vectors)
    print(f"{model}, sample {sample}, shrink {shrink}: {found.min():.7f}, {(found < 0.9999).sum()}")
    if full and not sample:
        assert (found < 0.9999).mean() < 0.005
    else:
        assert found.min() >= 0.9999


def test_every_model_is_another_one():
    """No two names train the same vectors (gensim ignores dm_mean: the sum needs cbow_mean)."""
    documents = docstrings(most=100)
    trained = {name: build(documents, name) for name in MODELS}
    for model in trained.values():
        native_train(model, documents)
    for one, two in itertools.combinations(trained, 2):
        assert not np.allclose(trained[one].dv.vectors, trained[two].dv.vectors), (one, two)


def test_support_trains_the_models_of_the_package():
    assert MODELS == PACKAGE_MODELS


@pytest.mark.parametrize("model", MODELS)
def test_epochs_of_one_call(model):
    """Numbered epochs decay as one gensim call of several epochs does."""
    documents = docstrings(most=400)
    a, b = pair(documents, model, batch_words=1000)
    gensim_train(a, tagged(documents), epochs=3)
    for epoch in range(3):
        native_train(b, documents, epoch=epoch, epochs=3)
    assert_parity(a, b, 0.999)
    assert_same_stream(a, b)


@pytest.mark.parametrize("model", MODELS)
def test_calls_chain_and_mix_with_gensim(model):
    documents = docstrings(most=300)
    a, b = pair(documents, model)
    for k in range(3):
        rates = {"start_alpha": 0.03 / (k + 1), "end_alpha": 0.001}
        gensim_train(a, tagged(documents), **rates)
        if k == 1:
            gensim_train(b, tagged(documents), **rates)
        else:
            native_train(b, documents, **rates)
    assert_parity(a, b, 0.999)
    assert_same_stream(a, b)


@pytest.mark.parametrize("model", MODELS)
def test_order_repeats_and_tags(model):
    documents = docstrings(most=200)
    rng = np.random.default_rng(5)
    order = rng.integers(0, len(documents), 350)
    tags = rng.permutation(len(documents))
    a, b = pair(documents, model)
    gensim_train(a, tagged(documents, order, tags), total_words=30_000)
    native_train(b, documents, order, tags=tags, total_words=30_000)
    assert_parity(a, b)
    assert_same_stream(a, b)


@pytest.mark.parametrize("model", MODELS)
def test_odd_documents(model):
    """Empty, unknown, one word, longer than a job, and cut at 10,000 effective words."""
    documents = docstrings(most=120)
    long = [w for d in docstrings() for w in d if len(w) > 1][:26_000]
    unknown = ["zzzunknown"] * 7
    documents = [[], unknown, ["the"], [], *documents, long, [*unknown, "of"], long[:10_001], []]
    a, b = pair(documents, model, sample=0, min_count=1 if model == "dm-mean" else 2)
    a_counts = gensim_train(a, tagged(documents))
    assert native_train(b, documents) == a_counts
    assert_parity(a, b)
    assert_same_stream(a, b)
    c, d = pair(documents, model, batch_words=7)
    assert gensim_train(c, tagged(documents)) == native_train(d, documents)
    assert_parity(c, d)


@pytest.mark.parametrize("negative", [1, 2, 4, 6, 7, 12, 25])
@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_numbers_of_negatives(model, negative):
    documents = docstrings(most=200)
    a, b = pair(documents, model, negative=negative)
    gensim_train(a, tagged(documents))
    native_train(b, documents)
    assert_parity(a, b)
    assert_same_stream(a, b)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("negative", [5, 9])
def test_tiny_vocabulary(model, negative):
    """Nearly every step draws a word twice: the order of updates must be gensim's."""
    rng = np.random.default_rng(0)
    documents = [[f"w{k}" for k in rng.integers(0, 4, 30)] for _ in range(40)]
    a, b = pair(documents, model, negative=negative, vector_size=12, min_count=1, sample=0)
    gensim_train(a, tagged(documents), start_alpha=0.05, end_alpha=0.05)
    native_train(b, documents, start_alpha=0.05, end_alpha=0.05)
    assert_parity(a, b, 0.99999)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 33, 96, 100, 300])
@pytest.mark.parametrize("model", ["dbow-words", "dm-mean", "dm-concat"])
def test_vector_sizes(model, size):
    documents = docstrings(most=60)
    a, b = pair(documents, model, vector_size=size, window=3)
    gensim_train(a, tagged(documents))
    native_train(b, documents)
    for which in ARRAYS:
        x, y = array_of(a, which), array_of(b, which)
        assert np.abs(x - y).max() <= 2e-4 * np.abs(x).max()


@pytest.mark.parametrize("window", [1, 2, 15, 200])
@pytest.mark.parametrize("model", ["dbow-words", "dm-sum"])
def test_windows(model, window):
    documents = docstrings(most=60)
    a, b = pair(documents, model, window=window)
    gensim_train(a, tagged(documents))
    native_train(b, documents)
    assert_parity(a, b)
    assert_same_stream(a, b)


@pytest.mark.parametrize("model", MODELS)
def test_scores_outside_the_table_are_skipped(model):
    """Large weights put many scores beyond +-6, where gensim learns nothing."""
    documents = docstrings(most=100)
    a, b = pair(documents, model, vector_size=20)
    for m in (a, b):
        rng = np.random.default_rng(1)
        for which in ARRAYS:
            shape = array_of(m, which).shape
            array_of(m, which)[:] = rng.normal(0, 1.3, shape)
    gensim_train(a, tagged(documents), start_alpha=0.001, end_alpha=0.001)
    native_train(b, documents, start_alpha=0.001, end_alpha=0.001)
    assert_parity(a, b)


def test_end_alpha_above_start_is_gensims():
    documents = docstrings(most=100)
    a, b = pair(documents, "dbow", batch_words=500)
    rates = {"start_alpha": 0.01, "end_alpha": 0.03}
    gensim_train(a, tagged(documents), **rates)
    native_train(b, documents, **rates)
    assert_parity(a, b)


FROZEN = [(d, w, o) for d in (0, 1) for w in (0, 1) for o in (0, 1)]


@pytest.mark.parametrize("learns", FROZEN, ids=lambda f: "".join(map(str, f)))
@pytest.mark.parametrize("model", MODELS)
def test_frozen_weights(model, learns):
    from gensim.models import doc2vec

    documents = docstrings(most=40)
    a, b = pair(documents, model)
    for m in (a, b):
        m.syn1neg[:] = np.random.default_rng(2).normal(0, 0.1, m.syn1neg.shape)
    before = {which: array_of(b, which).copy() for which in ARRAYS}
    flags = dict(zip(("learn_documents", "learn_words", "learn_outputs"), map(bool, learns),
                     strict=True))  # fmt: skip
    native_train(b, documents, start_alpha=0.02, end_alpha=0.02, **flags)
    theirs = {
        "learn_doctags": learns[0], "learn_words": learns[1], "learn_hidden": learns[2],
    }  # fmt: skip
    # Scratch arrays are handed over: gensim uses its own default ones after they are freed.
    work, neu1 = (np.zeros(a.layer1_size, dtype=np.float32) for _ in range(2))
    for i, words in enumerate(documents):
        if a.sg:
            doc2vec.train_document_dbow(
                a, words, [i], 0.02, work, train_words=a.dbow_words, **theirs
            )
        elif a.dm_concat:
            doc2vec.train_document_dm_concat(a, words, [i], 0.02, work, neu1, **theirs)
        else:
            doc2vec.train_document_dm(a, words, [i], 0.02, work, neu1, **theirs)
    assert_parity(a, b)
    assert_same_stream(a, b)
    trains_words = model != "dbow"
    for which, learnt in zip(ARRAYS, (learns[1] and trains_words, learns[0], learns[2]),
                             strict=True):  # fmt: skip
        assert (array_of(b, which) == before[which]).all() == (not learnt), which


@pytest.mark.parametrize("size", [20, 37, 100, 300])
@pytest.mark.parametrize("model", MODELS)
def test_variants_give_the_same_floats(model, size):
    documents = docstrings(most=60)
    reference = None
    for name in native.variants():
        native.set_variant(name)
        m = build(documents, model, vector_size=size, window=3)
        for epoch in range(2):
            native_train(m, documents, epoch=epoch, epochs=2)
        vectors = {which: array_of(m, which) for which in ARRAYS}
        reference = reference or vectors
        for which in ARRAYS:
            assert vectors[which].tobytes() == reference[which].tobytes(), (name, which)


@pytest.mark.parametrize("model", MODELS)
def test_copied_rows_give_the_same_floats(model, monkeypatch):
    """Rows of frequent words are learnt in copies: none, some or all of them."""
    documents = docstrings(most=60)
    made = {}
    for name, rows, draws in (("none", 0, 1), ("some", 100, 0), ("all", 10**6, 0)):
        m = build(documents, model, window=3)
        monkeypatch.setattr(native, "_HOT_BYTES", rows * 4 * m.layer1_size)
        monkeypatch.setattr(native, "_HOT_DRAWS", draws)
        assert native.hot_rows(m, 10_000) == min(rows, len(m.wv))
        assert len(m.wv) > 100
        native_train(m, documents)
        seeds = np.arange(len(documents), dtype=np.uint32)
        inferred = native.infer(
            m, encode(m, documents), seeds, epochs=2, alpha=0.05, min_alpha=0.01
        )
        made[name] = [array_of(m, which).tobytes() for which in ARRAYS] + [inferred.tobytes()]
    assert made["none"] == made["some"] == made["all"]


@pytest.mark.parametrize("exponent", [0.75, 0.0, 1.0, -0.5])
def test_negatives_are_gensims_index_for_the_same_draw(exponent):
    from d2vbench.families.doc2vec.native import _kernel, arguments

    m = build(docstrings(), ns_exponent=exponent, min_count=1)
    rng = np.random.default_rng(3)
    edges = m.cum_table.astype(np.int64)
    randoms = np.concatenate([
        rng.integers(0, 2**32, 200_000), edges, edges + 1, np.maximum(edges, 1) - 1,
        edges + 2**31 - 1, [0, 1, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1],
    ]).astype(np.uint32)  # fmt: skip
    flags = {"learn_docs": True, "learn_words": True, "learn_outputs": True}
    kernel = _kernel.Model(
        **arguments.model_arrays(m, m.dv.vectors, flags), **flags, hot=0, **arguments.settings(m)
    )
    found = np.empty_like(randoms)
    kernel.draw(randoms, found)
    expected = np.searchsorted(m.cum_table, randoms % m.cum_table[-1], side="left")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**31, 2**32 - 1])
def test_streams_are_randomstates(seed):
    from d2vbench.families.doc2vec.native import _kernel

    m = build(docstrings(most=50))
    documents = encode(m, docstrings(most=50))
    from d2vbench.families.doc2vec.native import arguments

    flags = {"learn_docs": True, "learn_words": True, "learn_outputs": True}
    kernel = _kernel.Model(
        **arguments.model_arrays(m, m.dv.vectors, flags), **flags, hot=0, **arguments.settings(m)
    )
    one = np.zeros(1, dtype=np.int64)
    corpus = _kernel.Corpus(
        documents.tokens, documents.offsets, one, one, np.ones(1, np.float32), None, 1, False
    )
    state = np.random.RandomState(seed)
    own = _kernel.Worker(kernel, corpus, native.variant(), 1)
    shared = _kernel.Worker(kernel, corpus, native.variant(), 1)
    own.seed(seed)
    shared.follow(np.random.RandomState(seed)._bit_generator)
    for bound in (1, 2, 5, 7, 8, 1000, 2**24, 2**24 + 1, 2**31, 2**32 - 1):
        expected = state.randint(0, bound, 700)
        for worker in (own, shared):
            out = np.empty(700, dtype=np.uint32)
            worker.randint(bound, out)
            np.testing.assert_array_equal(out, expected)


def test_models_settings_and_global_streams_stay():
    documents = docstrings(most=50)
    m = build(documents)
    kept = (m.alpha, m.min_alpha, m.epochs, m.min_alpha_yet_reached, m.train_count)
    m.wv.fill_norms()
    m.dv.fill_norms()
    np.random.seed(4)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    native_train(m, documents, start_alpha=0.5, end_alpha=0.3)
    assert (m.alpha, m.min_alpha, m.epochs, m.min_alpha_yet_reached, m.train_count) == kept
    assert m.wv.norms is None and m.dv.norms is None
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_trained_model_is_saved_and_used_by_gensim(tmp_path):
    documents = docstrings(most=100)
    m = build(documents, "dbow-words")
    native_train(m, documents)
    m.save(str(tmp_path / "m"))
    again = type(m).load(str(tmp_path / "m"))
    assert (again.dv.vectors == m.dv.vectors).all()
    assert len(again.dv.most_similar(0)) == 10
    assert again.infer_vector(documents[0]).shape == (40,)


@pytest.mark.parametrize("model", MODELS)
def test_threads_train_about_the_same(model):
    """Not the same draws and no locks, so only the broad outcome can be held."""
    documents = docstrings(most=600)
    m, n = pair(documents, model, batch_words=500)
    counts = native_train(m, documents)
    state = n.random.get_state()[1].copy()
    before = n.dv.vectors.copy()
    threaded = native_train(n, documents, threads=2)
    assert threaded[1] == counts[1]
    assert abs(threaded[0] - counts[0]) < 0.05 * counts[0]
    assert np.isfinite(n.dv.vectors).all()
    assert (n.dv.vectors != before).any(axis=1).mean() > 0.9
    # How many updates get lost depends on the machine's load: the median of three trainings.
    others = [pair(documents, model, batch_words=500)[1] for _ in range(2)]
    for other in others:
        native_train(other, documents, threads=2)
    lengths = [np.linalg.norm(x.dv.vectors - before) for x in (n, *others)]
    assert 0.6 < np.linalg.norm(m.dv.vectors - before) / np.median(lengths) < 1.6
    assert (n.random.get_state()[1] != state).any() or n.random.get_state()[2] > 0


def test_a_memory_map_trains_as_an_array(tmp_path):
    documents = docstrings(most=80)
    a, b = pair(documents, "dm-mean")
    encoded = encode(a, documents)
    np.save(tmp_path / "t.npy", encoded.tokens)
    mapped = native.Documents(np.load(tmp_path / "t.npy", mmap_mode="r"), encoded.offsets)
    order = np.arange(len(documents))
    native.train_epoch(a, encoded, order, start_alpha=0.025, end_alpha=0.01)
    native.train_epoch(b, mapped, order, start_alpha=0.025, end_alpha=0.01)
    assert a.dv.vectors.tobytes() == b.dv.vectors.tobytes()
