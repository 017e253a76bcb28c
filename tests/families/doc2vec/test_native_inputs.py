"""Whatever comes in: a clear error, or a run that writes nowhere but into its arrays."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from native_support import MODELS, build, docstrings, encode

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.native import kernel as native

pytestmark = pytest.mark.skipif(not native.available(), reason="the extension is not built")

RATES = {"start_alpha": 0.02, "end_alpha": 0.01}
WORDS = docstrings(most=30)
N_DOCS = len(WORDS)


def model(kind="dbow", **settings):
    return build(WORDS, kind, **({"vector_size": 8, "window": 2} | settings))


def train(m, documents=None, order=None, **settings):
    documents = encode(m, WORDS) if documents is None else documents
    order = np.arange(len(WORDS)) if order is None else order
    return native.train_epoch(m, documents, order, **(RATES | settings))


def infer(m, documents=None, seeds=None, **settings):
    documents = encode(m, WORDS) if documents is None else documents
    seeds = np.zeros(len(documents.offsets) - 1, np.uint32) if seeds is None else seeds
    settings = {"epochs": 2, "alpha": 0.02, "min_alpha": 0.01} | settings
    return native.infer(m, documents, seeds, **settings)


def message(call, *args, **kwargs):
    with pytest.raises(UserError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


TOKENS = np.array([0, 1, 2, native.OOV], dtype=np.uint32)
OFFSETS = np.array([0, 2, 4], dtype=np.int64)
READ_ONLY_BIG_ENDIAN = TOKENS.astype(">u4")


@pytest.mark.parametrize(
    "tokens, offsets, expected",
    [
        ([0, 1], OFFSETS, "documents.tokens: expected a uint32 array of shape (n,), got [0, 1]"),
        (
            TOKENS.astype(np.int64), OFFSETS,
            "documents.tokens: expected a uint32 array of shape (n,), got int64 (4,)",
        ),
        (
            READ_ONLY_BIG_ENDIAN, OFFSETS,
            "documents.tokens: expected a uint32 array of shape (n,), got >u4 (4,)",
        ),
        (
            TOKENS.reshape(2, 2), OFFSETS,
            "documents.tokens: expected a uint32 array of shape (n,), got uint32 (2, 2)",
        ),
        (
            np.repeat(TOKENS, 2)[::2], OFFSETS,
            "documents.tokens: expected a contiguous, aligned uint32 array of shape (n,), "
            "got uint32 (4,), not contiguous",
        ),
        (
            TOKENS, OFFSETS.astype(np.int32),
            "documents.offsets: expected an int64 array of shape (n,), got int32 (3,)",
        ),
        (TOKENS, OFFSETS[:0], "documents.offsets: expected to start with 0, got nothing"),
        (TOKENS, OFFSETS + 1, "documents.offsets: expected to start with 0, got 1"),
        (
            TOKENS, np.array([0, 2, 9]),
            "documents.offsets: expected to end with the number of tokens (4), got 9",
        ),
        (
            TOKENS, np.array([0, 3, 2, 4]),
            "documents.offsets: expected never to decrease, but they do after document 1",
        ),
        (
            TOKENS, np.array([0, -(2**60), 4]),
            "documents.offsets: expected never to decrease, but they do after document 0",
        ),
        (
            np.array([0, 2**31, 0, 0], dtype=np.uint32), OFFSETS,
            "documents.tokens: expected rows of the vocabulary (below {n_words}) or OOV, "
            "got 2147483648 at position 1",
        ),
    ],
)  # fmt: skip
def test_documents(tokens, offsets, expected):
    m = model()
    expected = expected.format(n_words=len(m.wv))
    documents = native.Documents(tokens, offsets)
    assert message(train, m, documents, np.arange(1)) == expected
    assert message(native.infer, m, documents, np.zeros(2, np.uint32), epochs=1, alpha=0.1,
                   min_alpha=0.1) == expected  # fmt: skip


def test_documents_of_another_kind():
    m = model()
    said = message(native.train_epoch, m, None, np.arange(1), **RATES)
    assert said == "documents: expected tokens and offsets, got None"


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"order": [0]}, "order: expected an int64 array of shape (n,), got [0]"),
        (
            {"order": np.array([0.0])},
            "order: expected an int64 array of shape (n,), got float64 (1,)",
        ),
        ({"order": np.array([0, 30])}, "order: expected indices of the 30 documents, got 30"),
        ({"order": np.array([-1])}, "order: expected indices of the 30 documents, got -1"),
        (
            {"order": np.arange(30)[::-1]},
            "order: expected a contiguous, aligned int64 array of shape (n,), "
            "got int64 (30,), not contiguous",
        ),
        (
            {"tags": np.zeros(3, np.int64)},
            "tags: expected an int64 array of shape (30,), got int64 (3,)",
        ),
        (
            {"tags": np.full(30, 30)},
            "tags: expected rows of model.dv.vectors (below 30), got 30; after "
            "build_vocab(update=True) the array is not resized, model.dv.resize_vectors() does it",
        ),
        (
            {"tags": np.full(30, -5)},
            "tags: expected rows of model.dv.vectors (below 30), got -5; after "
            "build_vocab(update=True) the array is not resized, model.dv.resize_vectors() does it",
        ),
        ({"start_alpha": 0.0}, "start_alpha: expected a finite number above zero, got 0.0"),
        ({"start_alpha": -1}, "start_alpha: expected a finite number above zero, got -1"),
        ({"end_alpha": 0.0}, "end_alpha: expected a finite number above zero, got 0.0"),
        (
            {"end_alpha": float("nan")},
            "end_alpha: expected a finite number above zero, got nan",
        ),
        (
            {"start_alpha": float("inf")},
            "start_alpha: expected a finite number above zero, got inf",
        ),
        ({"start_alpha": "0.1"}, "start_alpha: expected a number, got '0.1'"),
        ({"start_alpha": None}, "start_alpha: expected a number, got None"),
        ({"start_alpha": True}, "start_alpha: expected a number, got True"),
        ({"epochs": 0}, "epochs: expected at least 1, got 0"),
        ({"epochs": 2.0}, "epochs: expected an integer, got 2.0"),
        ({"epoch": -1}, "epoch: expected at least 0, got -1"),
        ({"epoch": 1}, "epoch: expected a number below epochs (1), got 1"),
        ({"total_words": 0}, "total_words: expected at least 1, got 0"),
        ({"threads": 0}, "threads: expected 1 to 1024, got 0"),
        ({"threads": 10**9}, "threads: expected 1 to 1024, got 1000000000"),
        ({"threads": None}, "threads: expected an integer, got None"),
        ({"learn_words": 1}, "learn_words: expected True or False, got 1"),
        ({"learn_documents": None}, "learn_documents: expected True or False, got None"),
        ({"learn_outputs": "no"}, "learn_outputs: expected True or False, got 'no'"),
    ],
)
def test_training_arguments(settings, expected):
    assert message(train, model(), **settings) == expected


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"seeds": [1]}, "seeds: expected a uint32 array of shape (30,), got [1]"),
        (
            {"seeds": np.zeros(30, np.int64)},
            "seeds: expected a uint32 array of shape (30,), got int64 (30,)",
        ),
        (
            {"seeds": np.zeros(29, np.uint32)},
            "seeds: expected a uint32 array of shape (30,), got uint32 (29,)",
        ),
        ({"epochs": 0}, "epochs: expected 1 to 1000000, got 0"),
        ({"alpha": 0.0}, "alpha: expected a finite number above zero, got 0.0"),
        ({"min_alpha": float("nan")}, "min_alpha: expected a finite number above zero, got nan"),
        ({"threads": -1}, "threads: expected 1 to 1024, got -1"),
        ({"subset": np.array([30])}, "subset: expected indices of the 30 documents, got 30"),
        ({"subset": [0]}, "subset: expected an int64 array of shape (n,), got [0]"),
    ],
)
def test_inference_arguments(settings, expected):
    assert message(infer, model(), **settings) == expected


def spoil(attribute, change):
    def spoiled(m):
        *path, last = attribute.split(".")
        owner = m
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, last, change(getattr(owner, last)))

    return spoiled


def locked(a):
    a = a.copy()
    a.flags.writeable = False
    return a


ONLY = "; use the gensim engine: only the gensim engine trains such a model"
RESIZE = (
    "; after build_vocab(update=True) the array is not resized, model.dv.resize_vectors() does it"
)


@pytest.mark.parametrize(
    "change, expected",
    [
        (spoil("hs", lambda _: 1), "model.hs: expected 0, got 1" + ONLY),
        (spoil("negative", lambda _: 0), "model.negative: expected 1 or more, got 0" + ONLY),
        (spoil("negative", lambda _: 1001), "model.negative: expected 1 to 1000, got 1001"),
        (spoil("negative", lambda _: -1), "model.negative: expected 1 to 1000, got -1"),
        (spoil("window", lambda _: 0), "model.window: expected 1 to 10000, got 0"),
        (spoil("window", lambda _: 2**40), f"model.window: expected 1 to 10000, got {2**40}"),
        (
            spoil("layer1_size", lambda _: 9),
            "model.layer1_size: expected 8 for this window and vector size, got 9",
        ),
        (spoil("batch_words", lambda _: 0), "model.batch_words: expected at least 1, got 0"),
        (
            spoil("wv.vectors", lambda a: a[:-1].copy()),
            "model.wv.vectors: expected a float32 array of shape ({v}, 8), got float32 ({v1}, 8)",
        ),
        (
            spoil("wv.vectors", lambda a: a.astype(np.float64)),
            "model.wv.vectors: expected a float32 array of shape ({v}, 8), got float64 ({v}, 8)",
        ),
        (
            spoil("wv.vectors", locked),
            "model.wv.vectors: expected an array that may be written, got a read-only one",
        ),
        (
            spoil("syn1neg", np.asfortranarray),
            "model.syn1neg: expected a contiguous, aligned float32 array of shape ({v}, 8), "
            "got float32 ({v}, 8), not contiguous",
        ),
        (
            spoil("syn1neg", lambda a: a[:, :-1].copy()),
            "model.syn1neg: expected a float32 array of shape ({v}, 8), got float32 ({v}, 7)",
        ),
        (
            spoil("syn1neg", lambda a: None),
            "model.syn1neg: expected a float32 array of shape ({v}, 8), got None",
        ),
        (
            spoil("dv.vectors", lambda a: a[:-1].copy()),
            "model.dv.vectors: expected a row for document 29, got 29 rows" + RESIZE,
        ),
        (
            spoil("dv.vectors", lambda a: a[:0].copy()),
            "model.dv.vectors: expected at least one row, got none",
        ),
        (
            spoil("dv.vectors", lambda a: a[:, :4].copy()),
            "model.dv.vectors: expected a float32 array of shape (n, 8), got float32 (30, 4)",
        ),
        (
            spoil("cum_table", lambda a: a[:-1].copy()),
            "model.cum_table: expected a uint32 array of shape ({v},), got uint32 ({v1},)",
        ),
        (
            spoil("cum_table", lambda a: a[::-1].copy()),
            "model.cum_table: expected to rise from word to word, got one that falls",
        ),
        (
            spoil("cum_table", np.zeros_like),
            "model.cum_table: expected to rise from word to word, got one that falls",
        ),
        (
            spoil("wv.expandos", lambda d: d | {"sample_int": d["sample_int"][:-1].copy()}),
            "model.wv.expandos['sample_int']: expected a uint32 array of shape ({v},), "
            "got uint32 ({v1},)",
        ),
        (
            spoil("wv.expandos", lambda d: {}),
            "model.wv.expandos['sample_int']: expected a uint32 array of shape ({v},), got None",
        ),
        (
            spoil("dv.vectors_lockf", lambda a: a * 0),
            "model.dv.vectors_lockf: expected all ones, got others" + ONLY,
        ),
        (
            spoil("wv.vectors_lockf", lambda a: np.array([1, 0.5], np.float32)),
            "model.wv.vectors_lockf: expected all ones, got others" + ONLY,
        ),
    ],
)
def test_models(change, expected):
    m = model()
    v = len(m.wv)
    change(m)
    assert message(train, m) == expected.format(v=v, v1=v - 1)


def test_arrays_that_share_memory():
    m = model()
    m.syn1neg = m.wv.vectors
    expected = "model.wv.vectors: expected memory of its own, but shares model.syn1neg's"
    assert message(train, m) == expected


def test_model_without_vocabulary():
    m = model()
    empty = type(m)(vector_size=8, dm=0)
    empty.layer1_size = 8
    expected = "model: expected a vocabulary and weights, got none; call build_vocab first"
    assert message(train, empty, encode(m, WORDS)) == expected


def test_update_without_resize_is_refused():
    """gensim crashes here (issue 1019): more tags than rows."""
    m = model()
    from native_support import tagged

    more = WORDS + [WORDS[0]] * 5
    m.build_vocab(tagged(more), update=True)
    said = message(train, m, encode(m, more), np.arange(35))
    assert said == "model.dv.vectors: expected a row for document 34, got 30 rows" + RESIZE
    m.dv.resize_vectors()
    train(m, encode(m, more), np.arange(35))


def test_concat_needs_one_tag_and_its_padding_word():
    m = model("dm-concat", dm_tag_count=2)
    assert message(train, m) == "model.dm_tag_count: expected 1, got 2"
    m = model("dm-concat")
    del m.wv.key_to_index["\0"]
    assert message(train, m) == (
        "model.wv: expected the padding word that PV-DM/concat adds to its vocabulary, got none"
    )
    m = model("dm-concat")
    m.window = 3
    said = "model.layer1_size: expected 56 for this window and vector size, got 40"
    assert message(train, m) == said
    m.window = 10_000
    m.dv.vector_size = 90_000
    assert message(train, m) == ("model.layer1_size: expected at most 10000000, got 1800090000")


def test_variants_that_are_not_there():
    said = message(native.set_variant, "neon")
    assert said.startswith("variant: 'neon' is not available here; this build and processor have ")
    native.set_variant("plain")
    assert native.variant() == "plain"
    native.set_variant(None)
    assert native.variant() == native.variants()[-1]


def test_without_the_extension(monkeypatch):
    monkeypatch.setattr(native, "_kernel", None)
    assert not native.available()
    said = message(train, model())
    assert said == (
        "the native engine's extension is not built; reinstall with a C compiler present, or "
        "choose the gensim engine"
    )


def test_failures_in_threads_reach_the_caller():
    from d2vbench.families.doc2vec.native.threads import run_jobs

    def job(state, j):
        if j == 3:
            raise KeyError("three")
        return j

    with pytest.raises(KeyError, match="three"):
        run_jobs(lambda: None, job, 8, 3)
    assert run_jobs(lambda: None, lambda _, j: j * j, 5, 3) == [0, 1, 4, 9, 16]
    assert run_jobs(lambda: None, job, 0, 3) == []


# ---- fuzz -------------------------------------------------------------------------------------

MARGIN = 4096
CANARY = np.float32(12345.678)


def fenced(a):
    """The same array amid sentinels, in one allocation."""
    room = np.full(a.size + 2 * MARGIN, CANARY, dtype=np.float32)
    inner = room[MARGIN : MARGIN + a.size].reshape(a.shape)
    inner[:] = a
    return inner, room


def assert_fences_stand(*rooms):
    for room in rooms:
        assert (room[:MARGIN] == CANARY).all() and (room[-MARGIN:] == CANARY).all()


class Choice:
    """Draws arguments; about half the examples are sound, the others wrong in one or two places.

    Were every argument wrong now and then on its own, hardly an example would reach the loops.
    """

    def __init__(self, data, names):
        self.draw = data.draw
        self.wrong = set()
        if data.draw(st.booleans()):
            self.wrong = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))

    def __call__(self, name, sound, wrong):
        return self.draw(wrong if name in self.wrong else sound)


wrong_arrays = st.sampled_from([
    None, 3, "x", [], [1, 2], np.empty(0), np.zeros((2, 2), np.uint32), np.zeros(4, np.uint64),
    np.full(5, np.nan), np.arange(10)[::2], np.arange(10, dtype=np.uint32)[::-3],
    np.array(3, np.uint32), np.zeros(3, np.int32), np.array(["a"]), np.zeros(2, bool),
])  # fmt: skip
wrong_numbers = st.sampled_from(
    [None, "x", -1, 0, 2**31, 2**63, 2**70, 1.5, float("nan"), float("inf"), -0.0, True, [1]]
)


def encoded(choose, n_words):
    rng = np.random.default_rng(choose.draw(st.integers(0, 1000)))
    tokens = rng.integers(0, n_words, choose.draw(st.integers(0, 150))).astype(np.uint32)
    tokens[rng.random(len(tokens)) < 0.1] = native.OOV
    wild = choose("range of tokens", st.none(), st.integers(0, 2**32 - 1))
    if wild is not None and len(tokens):
        tokens[choose.draw(st.integers(0, len(tokens) - 1))] = wild
    cuts = choose.draw(st.lists(st.integers(0, len(tokens)), min_size=1, max_size=6))
    offsets = np.array([0, *sorted(cuts), len(tokens)], dtype=np.int64)
    n_docs = len(offsets) - 1
    shift = choose("range of offsets", st.just(0), st.integers(-(2**62), 2**62))
    offsets[choose.draw(st.integers(0, n_docs))] += shift
    return native.Documents(
        choose("tokens", st.just(tokens), wrong_arrays),
        choose("offsets", st.just(offsets), wrong_arrays),
    ), n_docs


def small_model(choose):
    """A model of any kind amid sentinels, now and then with wild weights."""
    draw = choose.draw
    kind = draw(st.sampled_from(list(MODELS)))
    m = build(
        [["a", "b", "c", "d", "e", "a"], ["f", "g", "a"]] * 4, kind, min_count=1,
        vector_size=draw(st.sampled_from([1, 3, 4, 8, 13, 16, 20, 100])),
        window=draw(st.sampled_from([1, 2, 5])), negative=draw(st.sampled_from([1, 2, 5, 8])),
        sample=draw(st.sampled_from([0, 0.1])), shrink_windows=draw(st.booleans()),
    )  # fmt: skip
    m.wv.vectors, words = fenced(m.wv.vectors)
    m.dv.vectors, docs = fenced(m.dv.vectors)
    m.syn1neg, outputs = fenced(m.syn1neg)
    for a in (m.wv.vectors, m.dv.vectors, m.syn1neg):
        wild = draw(st.sampled_from([0.0, 0.0, 0.0, 1.0, 1e20, np.inf, np.nan, -np.inf]))
        if wild:
            a.flat[draw(st.integers(0, a.size - 1))] = wild
    n = len(m.wv)
    change = choose("model", st.none(), st.sampled_from([
        ("window", 0), ("window", 9), ("window", 2**31), ("negative", 10**9), ("negative", 3),
        ("layer1_size", 2**40), ("cum_table", np.zeros(3, np.uint32)), ("sample", 1),
        ("cum_table", np.full(n, 2**32 - 1, np.uint32)), ("batch_words", 1),
        ("cum_table", np.arange(n, dtype=np.uint32)), ("syn1neg", m.syn1neg[1:]),
        ("syn1neg", m.syn1neg.T), ("dm_concat", 1), ("sg", 1), ("dbow_words", 1),
    ]))  # fmt: skip
    if change:
        setattr(m, *change)
    return m, [words, docs, outputs]


TRAINING = ["tokens", "offsets", "range of tokens", "range of offsets", "model", "order",
            "range of order", "range of tags", "tags", "start_alpha", "end_alpha", "epochs",
            "epoch", "threads", "total_words"]  # fmt: skip
INFERENCE = ["tokens", "offsets", "range of tokens", "range of offsets", "model", "seeds",
             "epochs", "alpha", "min_alpha", "threads", "subset"]  # fmt: skip
ALPHA = st.floats(1e-4, 0.5)


def test_fuzz_training():
    trained = []

    @settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def one(data):
        choose = Choice(data, TRAINING)
        m, rooms = small_model(choose)
        documents, n_docs = encoded(choose, len(m.wv))
        far = st.just(st.integers(-(2**63), 2**63 - 1))
        index = choose("range of order", st.just(st.integers(0, n_docs - 1)), far)
        tag = choose("range of tags", st.just(st.integers(0, 7)), far)
        order = data.draw(st.sampled_from([0, 1, 3, 12]).flatmap(
            lambda n: st.lists(index, min_size=n, max_size=n)))  # fmt: skip
        order = np.array(order, dtype=np.int64)
        tags = data.draw(st.lists(tag, min_size=n_docs, max_size=n_docs))
        tags = data.draw(st.sampled_from([None, np.array(tags, np.int64)]))
        arguments = {
            "start_alpha": choose("start_alpha", ALPHA, wrong_numbers),
            "end_alpha": choose("end_alpha", ALPHA, wrong_numbers),
            "epochs": choose("epochs", st.integers(1, 3), wrong_numbers),
            "epoch": choose("epoch", st.just(0), wrong_numbers),
            "threads": choose("threads", st.integers(1, 3), wrong_numbers),
            "total_words": choose("total_words", st.none(), wrong_numbers),
            "tags": choose("tags", st.just(tags), wrong_arrays),
            "learn_documents": data.draw(st.booleans()),
            "learn_words": data.draw(st.booleans()),
            "learn_outputs": data.draw(st.booleans()),
        }
        native.set_variant(data.draw(st.sampled_from(native.variants())))
        try:
            order = choose("order", st.just(order), wrong_arrays)
            effective, _ = native.train_epoch(m, documents, order, **arguments)
            trained.append(effective > len(order))
        except UserError:
            assert choose.wrong
            trained.append(False)
        finally:
            native.set_variant(None)
        assert_fences_stand(*rooms)

    one()
    assert sum(trained) > 100  # else this would test the checks alone


def test_fuzz_inference():
    inferred = []

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def one(data):
        choose = Choice(data, INFERENCE)
        m, rooms = small_model(choose)
        documents, n_docs = encoded(choose, len(m.wv))
        seeds = np.arange(n_docs, dtype=np.uint32)
        subset = data.draw(st.lists(st.integers(0, n_docs - 1), max_size=9))
        subset = data.draw(st.sampled_from([None, np.array(subset, np.int64)]))
        before = [room.copy() for room in rooms]
        try:
            vectors = native.infer(
                m, documents, choose("seeds", st.just(seeds), wrong_arrays),
                epochs=choose("epochs", st.integers(1, 4), wrong_numbers),
                alpha=choose("alpha", ALPHA, wrong_numbers),
                min_alpha=choose("min_alpha", ALPHA, wrong_numbers),
                threads=choose("threads", st.integers(1, 3), wrong_numbers),
                subset=choose("subset", st.just(subset), wrong_arrays),
            )  # fmt: skip
            inferred.append(len(vectors) > 0 and len(documents.tokens) > 0)
        except UserError:
            assert choose.wrong
            inferred.append(False)
        for room, kept in zip(rooms, before, strict=True):
            assert room.tobytes() == kept.tobytes()

    one()
    assert sum(inferred) > 60


SMALL = st.integers(-3, 12)
LONG = st.lists(SMALL, max_size=8)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    tokens=st.lists(st.integers(0, 2**32 - 1), max_size=9), offsets=LONG, order=LONG, rows=LONG,
    n_alphas=st.integers(0, 9), passes=SMALL, by_pass=st.booleans(),
    seeds=st.one_of(st.none(), st.lists(st.integers(0, 9), max_size=6)),
    shapes=st.tuples(*[st.integers(0, 9)] * 6), window=st.integers(-2, 4),
    negative=st.integers(-1, 7), null=SMALL, ahead=st.integers(-1, 70),
    kind=st.sampled_from(["dbow", "dbow-words", "dm", "dm-concat", "nonsense"]),
    bounds=st.tuples(SMALL, SMALL), cum=st.lists(st.integers(0, 2**32 - 1), max_size=9),
    honest=st.booleans(), usual=st.booleans(), hot=SMALL,
)  # fmt: skip
def test_fuzz_the_compiled_side(
    tokens, offsets, order, rows, n_alphas, passes, by_pass, seeds, shapes, window, negative,
    null, ahead, kind, bounds, cum, honest, usual, hot,
):  # fmt: skip
    """The extension keeps its own arrays' bounds, should its face let something through."""
    from d2vbench.families.doc2vec.native import _kernel

    words, docs, outputs, size, doc_size, layer1 = shapes
    if honest:  # most of these fit together, so that the loops are reached
        words, size = max(words, 1), max(size, 1)
        docs, doc_size, outputs, window, negative = 4, size, words, 2, max(negative, 1)
        layer1 = size * 5 if kind == "dm-concat" else size
        cum = np.arange(1, words + 1) * 100
        if usual:  # gensim's domain and number of draws, which have loops of their own
            cum[-1], negative = 2**31 - 1, 5
        offsets, order, rows = [0, len(tokens) // 2, len(tokens)], [1, 0, 1], [3, 0, 2]
        n_alphas, passes, null, seeds = 9, 2, 0, None
        bounds, ahead, hot = (0, 3), 3, min(max(hot, 0), words)
    arrays, rooms = zip(
        *(fenced(np.ones(s, np.float32)) for s in
          ((words, size), (docs, doc_size), (outputs, layer1))), strict=True,
    )  # fmt: skip
    try:
        m = _kernel.Model(
            *arrays, np.array(cum, np.uint32), None, kind=kind, mean=True, window=window,
            shrink_windows=True, negative=negative, null_word=null, learn_docs=True,
            learn_words=True, learn_outputs=True, hot=hot,
        )  # fmt: skip
        c = _kernel.Corpus(
            np.array(tokens, np.uint32), np.array(offsets, np.int64), np.array(order, np.int64),
            np.array(rows, np.int64), np.full(n_alphas, 0.01, np.float32),
            None if seeds is None else np.array(seeds, np.uint32), passes, by_pass,
        )  # fmt: skip
        _kernel.Worker(m, c, native.variant(), ahead).run(*bounds)
        m.put_back()
    except ValueError:
        assert not (honest and kind != "nonsense")
    assert_fences_stand(*rooms)
