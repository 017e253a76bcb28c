"""Arrays in files: the same numbers, in memory that the system may take back."""

from __future__ import annotations

import io
import itertools
import mmap
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models_support import selection, texts

from d2vbench import mapped
from d2vbench.families import FAMILIES, Sides, one_thread, train
from d2vbench.families.doc2vec import ENGINES, Doc2VecSettings
from d2vbench.families.doc2vec.start import document_rows
from d2vbench.families.doc2vec.templates import Templates
from d2vbench.families.words import OOV, Documents
from d2vbench.mapped import write_arrays
from d2vbench.strategies import make_plans, parse_schedule, parse_strategy

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files of no name")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path))
    monkeypatch.setattr(mapped, "LEAST", 1)
    return tmp_path


def in_file(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, mmap.mmap)


def blocks() -> list[np.ndarray]:
    return [np.arange(6.0).reshape(3, 2), np.empty((0, 2)), np.full((2, 2), 7.0)]


@linux
def test_an_array_in_a_file_of_no_name(cache: Path) -> None:
    array = mapped.filled(iter(blocks()), (5, 2), np.float32, cache)
    assert in_file(array)
    assert list(cache.iterdir()) == []
    array[1, 1] += 1
    mapped.give_back(array[2:])
    expected = np.concatenate(blocks()).astype(np.float32)
    expected[1, 1] += 1
    assert np.array_equal(array, expected)
    assert array.dtype == np.float32


@pytest.mark.parametrize("why", ["small", "no folder", "no room", "not on this system"])
def test_plain_memory_otherwise(cache: Path, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    if why == "small":
        monkeypatch.setattr(mapped, "LEAST", 41)
    elif why == "no room":
        monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    elif why == "not on this system":
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    folder = cache / "none" if why == "no folder" else cache
    array = mapped.filled(iter(blocks()), (5, 2), np.float32, folder)
    assert not in_file(array)
    mapped.give_back(array)
    assert np.array_equal(array, np.concatenate(blocks()))


def test_what_a_block_fails_with_is_told(cache: Path) -> None:
    def failing() -> Any:
        yield np.zeros((3, 2))
        raise OSError("the corpus is gone")

    with pytest.raises(OSError, match="corpus is gone"):
        mapped.filled(failing(), (5, 2), np.float32, cache)


@pytest.mark.parametrize("before", [0, 3, 9_999, 10_000, 12_345])
def test_rows_are_those_that_gensim_draws(before: int) -> None:
    from gensim.models.keyedvectors import prep_vectors

    rows = document_rows(5, 10_050, 7, before)
    drawn = prep_vectors((10_050 + before, 7), seed=5 + 7919)
    assert np.array_equal(rows, drawn[before:])


@linux
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", ["dbow", "dbow-words", "dm-mean"])
def test_training_comes_to_the_same_bits(
    cache: Path, model: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generic, domain, _ = texts()
    sides = Sides(selection(generic), selection(domain))
    settings = Doc2VecSettings(model, vector_size=9, min_count=2, window=2, engine=engine)
    strategy, schedule = parse_strategy("sequential(2)"), parse_schedule("restart")
    (plan,) = make_plans(strategy, schedule, sides.sizes, epochs=2, alpha=0.025, min_alpha=0.0001)
    found = []
    for least in (1, 1 << 60):
        monkeypatch.setattr(mapped, "LEAST", least)
        learner: Any = FAMILIES["doc2vec"].prepare(sides, settings, 3, plan)
        assert (
            in_file(learner.documents.tokens) is in_file(learner.model.dv.vectors) is (least == 1)
        )
        with one_thread():
            train(learner, plan, 3)
        state = {name: np.array(array) for name, array in learner.state().items()}
        trained = learner.trained_vectors(sides.domain.take(np.array([1, 5])))
        assert np.array_equal(trained, state["documents"][len(generic) + np.array([1, 5])])
        assert np.abs(trained).max() > 0.06
        # Put back into another learner, as at a branch.
        other: Any = FAMILIES["doc2vec"].prepare(sides, settings, 3, plan)
        other.restore(state)
        assert all(np.array_equal(a, state[name]) for name, a in other.state().items())
        found.append(state)
    assert found[0].keys() == found[1].keys()
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


@linux
def test_a_kept_vocabulary_gets_its_rows_in_a_file(cache: Path) -> None:
    generic, domain, _ = texts()
    sides = Sides(selection(generic), selection(domain))
    settings = Doc2VecSettings(vector_size=9, min_count=2)
    from d2vbench.families.counts import same_counts
    from d2vbench.families.doc2vec.models import build_model

    def make(seed: int) -> Any:
        return build_model(same_counts(sides.word_counts), 70, settings, seed)

    templates = Templates()
    templates.model("k", 1, make)
    second = templates.model("k", 2, make)
    assert in_file(second.dv.vectors)
    assert np.array_equal(second.dv.vectors, make(2).dv.vectors)


def test_documents_are_counted_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from d2vbench.corpora.store import selections

    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 9, 60)
    lengths[[0, 30, 59]] = 0
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = rng.integers(0, 5, offsets[-1]).astype(np.uint32)
    tokens[rng.random(len(tokens)) < 0.3] = OOV
    documents = Documents(tokens, offsets)
    monkeypatch.setattr(selections, "_WORDS_AT_ONCE", 7)
    assert len(list(selections.runs(offsets))) > 20
    each = [tokens[a:b] for a, b in itertools.pairwise(offsets)]
    assert documents.known().tolist() == [int((t != OOV).sum()) for t in each]
    shares = [np.isin(t, [1, 3]).sum() / n if (n := (t != OOV).sum()) else np.nan for t in each]
    np.testing.assert_array_equal(documents.shares(np.array([1, 3])), shares)
    for first in (None, 0, 17):
        some = tokens[: offsets[60 if first is None else first]]
        expected = np.bincount(some[some != OOV], minlength=5)
        assert documents.counts(5, first).tolist() == expected.tolist()
    made = selection(["a b", "", "c", "a a a a a a a a", "b"] * 5)
    for chosen in ([], [0], [1], [0, 2, 3], [3, 4, 5], [1, 6], list(range(25))):
        part = made.take(np.array(chosen, dtype=np.int64))
        got, ends = part.gather()
        whole, starts = made.corpus.tokens, made.corpus.offsets
        want = [whole[starts[d] : starts[d + 1]] for d in chosen]
        assert [got[a:b].tolist() for a, b in itertools.pairwise(ends)] == [
            t.tolist() for t in want
        ]


_GROWS = """
import sys, numpy as np
from pathlib import Path
from d2vbench import mapped
from d2vbench.corpora.store.memory import MemoryCorpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.families import FAMILIES, Sides, one_thread, train
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.strategies import make_plans, parse_schedule, parse_strategy

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(l for l in lines if l.startswith("RssAnon")).split()[1]) >> 10

def corpus(documents):
    rng = np.random.default_rng(0)
    def tokens():
        for _ in range(documents // 1000):
            yield rng.integers(0, 500, 20_000).astype(np.uint32)
    words = tuple(f"w{i:03}" for i in range(500))
    none = np.full(documents, -1, np.int32)
    return MemoryCorpus(
        "made", Path(), mapped.filled(tokens(), (20 * documents,), np.uint32, Path(sys.argv[1])),
        np.arange(0, 20 * documents + 1, 20), none, none.astype(np.int8),
        np.zeros(documents, np.uint64), (), {"content_sha256": str(documents), "source": {}}, words,
    )

def trained(documents):
    made = corpus(documents)
    everything = Selection(made, np.arange(documents))
    sides = Sides(everything.take(np.arange(documents - 100)),
                  everything.take(np.arange(documents - 100, documents)))
    (plan,) = make_plans(parse_strategy("combined"), parse_schedule("linear"), sides.sizes,
                         epochs=1, alpha=0.025, min_alpha=0.0001)
    learner = FAMILIES["doc2vec"].prepare(sides, Doc2VecSettings(vector_size=200), 1, plan)
    with one_thread():
        train(learner, plan, 1)
    return anonymous()

mapped.LEAST = 1 << 20
trained(1000)  # Libraries.
small, large = trained(3000), trained(200_000)
print(small, large)
"""


@linux
@pytest.mark.processes
def test_memory_does_not_grow_with_vectors_and_words(tmp_path: Path) -> None:
    """Vectors of 150 MiB and words of 15: of memory of its own, the process takes far less more."""
    if "native" not in ENGINES:
        pytest.skip("the native engine was not built")
    done = subprocess.run(
        [sys.executable, "-c", _GROWS, str(tmp_path)], capture_output=True, text=True, timeout=120,
        env={**os.environ, "D2VBENCH_DATA": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    small, large = map(int, done.stdout.split())
    assert large - small < 60


@pytest.mark.parametrize("compress", [False, True])
def test_what_is_written_is_what_was_given_and_no_pickle(compress: bool) -> None:
    file = io.BytesIO()
    write_arrays(file, {"a": np.arange(3), "b": np.array(["x", "yz"])}, compress=compress)
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=False) as read:
        # Whatever NumPy's version: before 2.1 one more array was called allow_pickle.
        assert sorted(read.files) == ["a", "b"]
        assert read["a"].tolist() == [0, 1, 2] and read["b"].tolist() == ["x", "yz"]
    with pytest.raises(ValueError, match="b holds objects, which no array file may"):
        write_arrays(io.BytesIO(), {"b": np.array([{}], dtype=object)}, compress=compress)
