"""Models that real old gensims saved: the same numbers, and nothing in a file is ever run."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz_support import assert_clear, examples
from gensim.models import doc2vec as gensim_doc2vec
from gensim.models.doc2vec import Doc2Vec
from hypothesis import given
from hypothesis import strategies as st
from saved_models_support import (
    LAYOUTS,
    MODELS,
    Call,
    copied,
    expected,
    maker,
    model_path,
    variant,
)

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.saved import SavedModel, doc2vec_settings, read_gensim, to_gensim


@pytest.mark.parametrize("name", MODELS)
def test_what_is_read_is_what_the_old_gensim_had(name: str) -> None:
    saved, old = read_gensim(model_path(name)), expected(name)
    assert "\n".join(saved.words).encode() == old["words"].tobytes()
    assert saved.gensim == LAYOUTS[name.partition("/")[0]]
    for key in ("counts", "word_vectors", "doc_vectors", "outputs"):
        assert np.array_equal(getattr(saved, key), old[key]), key
    made = maker()
    tags = [tag for document in made.documents(variant(name)) for tag in document.tags]
    assert set(saved.tags) == set(tags)
    assert (saved.window, saved.negative, saved.min_count, saved.epochs) == (2, 5, 2, 3)
    assert (saved.sample, saved.alpha, saved.min_alpha) == (0.01, 0.025, 0.0001)
    assert saved.ns_exponent == (0.5 if name.endswith("exponent") else 0.75)
    assert doc2vec_settings(saved).model == variant(name)


@pytest.fixture(params=MODELS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A model's name, and where it is as a file of today's gensim."""
    to_gensim(read_gensim(model_path(request.param))).save(str(tmp_path / "new"))
    yield request.param, tmp_path / "new"


def test_inference_is_that_of_the_old_gensim(
    pair: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the same start vector, which hangs on Python's hash, the same to rounding."""
    old, made = expected(pair[0]), maker()
    starts = iter(old["starts"])
    monkeypatch.setattr(
        gensim_doc2vec, "pseudorandom_weak_vector", lambda *_, **__: next(starts).copy()
    )
    model = Doc2Vec.load(str(pair[1]))
    texts = [*made.texts()[:4], ["ban", "unheard"]]
    how = {"alpha": made.ALPHA, "min_alpha": made.MIN_ALPHA, "epochs": int(old["epochs"][0])}
    vectors = np.array([model.infer_vector(words, **how) for words in texts])
    assert np.abs(vectors - old["starts"]).max() > 0.01
    np.testing.assert_allclose(vectors, old["inferred"], atol=1e-6)


def test_training_goes_on_as_in_the_old_gensim(pair: tuple[str, Path]) -> None:
    old, made = expected(pair[0]), maker()
    model = Doc2Vec.load(str(pair[1]))
    model.train(
        made.documents(variant(pair[0])), total_examples=20, epochs=int(old["epochs"][1]),
        start_alpha=0.02, end_alpha=0.001,
    )  # fmt: skip
    assert np.abs(old["trained_outputs"] - old["outputs"]).max() > 0.001
    np.testing.assert_allclose(model.dv.vectors, old["trained_documents"], atol=1e-6)
    np.testing.assert_allclose(model.syn1neg, old["trained_outputs"], atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_the_noise_table_is_what_gensim_4_makes_of_the_counts(name: str) -> None:
    saved = read_gensim(model_path(name))
    model = to_gensim(saved)
    made = model.cum_table.copy()
    model.make_cum_table()
    assert np.array_equal(made, model.cum_table)
    assert (saved.noise is not None) == name.startswith("3")


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("name", ["3.8.3/dm-concat", "3.8.3/split", "2.3.0/dbow"])
def test_what_gensim_4_saves_is_read_back(name: str, protocol: int, tmp_path: Path) -> None:
    first = read_gensim(model_path(name))
    model = to_gensim(first)
    with (tmp_path / "m").open("wb") as file:
        model.save(file, pickle_protocol=protocol)
    second = read_gensim(tmp_path / "m")
    for field, value in vars(first).items():
        other = getattr(second, field)
        if isinstance(value, np.ndarray) and field != "noise":  # gensim does not save it.
            assert np.array_equal(value, other), field
        elif field not in ("gensim", "noise", "random"):
            assert value == other, field
    assert second.random is not None
    assert first.random is not None
    assert np.array_equal(second.random.key, first.random.key)
    assert second.random.place == first.random.place


def test_large_arrays_are_maps_of_their_files_and_leave_them_as_they_are(tmp_path: Path) -> None:
    path = copied("3.8.3/split", tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    saved = read_gensim(path)
    assert isinstance(saved.outputs.base, np.memmap)
    model = to_gensim(saved)
    assert model.syn1neg is saved.outputs
    model.train(maker().documents("dm-mean"), total_examples=20, epochs=1)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_gensim(path)
    assert_clear(caught.value)
    return str(caught.value).replace(str(path), "FILE")


def test_what_is_no_model_of_this_kind(tmp_path: Path) -> None:
    assert refused(tmp_path / "x") == "there is no model file FILE"
    assert "cannot be read" in refused(tmp_path)
    assert refused(model_path("3.8.3/softmax")) == (
        "FILE was trained with hs=1, negative=0: d2vbench knows negative sampling alone, train it "
        "again with hs=0 and negative=5"
    )
    assert refused(model_path("3.8.3/word2vec")) == (
        "FILE holds a Word2Vec: expected a Doc2Vec of gensim, with document vectors"
    )
    (tmp_path / "x").write_bytes(pickle.dumps([1, 2]))
    assert "FILE holds no model" in refused(tmp_path / "x")
    (tmp_path / "x").write_bytes(b"\x1f\x8b etc.")
    assert refused(tmp_path / "x") == "FILE is compressed: unpack it first, with gunzip"


@pytest.mark.parametrize("content", [b"", b"doc2vec\n", b"PK\x03\x04", b"\x80\x02}q\x00"])
def test_what_is_no_pickle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    message = refused(tmp_path / "x")
    assert message.startswith(
        "FILE is no file that the save() of gensim's Doc2Vec wrote, or is not whole ("
    )
    assert message.endswith("): copy it again from where it was whole")


@pytest.mark.parametrize("name", ["3.8.3/dbow", "4.0.0/dbow"])
def test_a_file_cut_anywhere(name: str, tmp_path: Path) -> None:
    whole = model_path(name).read_bytes()
    for length in range(0, len(whole), 97):
        (tmp_path / "x").write_bytes(whole[:length])
        assert "or is not whole" in refused(tmp_path / "x")


@given(st.data())
@examples(150)
def test_fuzz_any_byte_of_a_saved_model(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(model_path(data.draw(st.sampled_from(MODELS))).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fuzz") / "m"
    path.write_bytes(bytes(whole))
    try:
        assert isinstance(read_gensim(path), SavedModel)
    except UserError as error:
        assert_clear(error)


@pytest.mark.parametrize(
    ("trap", "name"),
    [
        (lambda p: Call(os.mkdir, str(p)), f"{os.mkdir.__module__}.mkdir"),
        (lambda p: Call(os.system, f"mkdir {p}"), f"{os.system.__module__}.system"),
        (lambda p: Call(eval, f"__import__('os').mkdir({str(p)!r})"), "builtins.eval"),
        (lambda p: Call(getattr, Call(dict), "get"), "builtins.getattr"),
        (lambda p: Call(np.load, Call(os.mkdir, str(p))), "numpy.load"),
        (lambda p: {"wv": [Call(list, Call(os.mkdir, str(p)))]}, "builtins.list"),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_something_is_refused_by_its_name(
    tmp_path: Path, trap: Callable[[Path], Any], name: str, protocol: int
) -> None:
    path, sprung = tmp_path / "x", tmp_path / "sprung"
    path.write_bytes(pickle.dumps(trap(sprung), protocol))
    message = refused(path)
    # Protocols up to 2 have the names of Python 2.
    assert name in message or name.replace("builtins", "__builtin__") in message
    assert not sprung.exists()


def test_an_odd_class_inside_a_model_is_refused_by_its_name(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    model = to_gensim(read_gensim(model_path("3.8.3/dbow")))
    model.comment = Call(os.mkdir, str(sprung))
    model.save(str(tmp_path / "m"))
    name = f"{os.mkdir.__module__}.mkdir"
    assert refused(tmp_path / "m") == (
        f"FILE names {name}, which is no array, vocabulary or setting of a Doc2Vec: it is refused, "
        "and nothing of it was run; give a file that the save() of gensim's Doc2Vec wrote"
    )
    assert not sprung.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cgensim.models.doc2vec\nDoc2Vec\n.",  # The class itself.
        b"cgensim.models.doc2vec\nDoc2Vec\n}b.",  # Its attributes, set in three ways.
        b"cgensim.models.doc2vec\nDoc2Vec\n(N}X\x01\x00\x00\x00aK\x01stb.",
        b"c_codecs\nencode\n(N}X\x07\x00\x00\x00__new__NstbN.",
        b"cgensim.models.doc2vec\nDoc2Vec\n)\x81N}X\x03\x00\x00\x00newK\x01s\x86b.",
        b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00utf-8tR.",
        b"c__builtin__\nbytes\nI100000000000\n\x85R.",
        b"cgensim.models.doc2vec Doc2Vec\x1b[31m\nload\n.",
        b"cgensim.models.doc2vec\nDoc2Vec.load\n.",
        b"P7\n.",
        b"\x82\x01.",  # A registered extension.
    ],
)
def test_pickles_by_hand_change_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    refused(tmp_path / "x")
    read_gensim(model_path("3.8.3/dbow"))


def test_every_name_in_real_files_is_inert() -> None:
    """No object that is made on behalf of a file is of a class of another package."""
    from d2vbench.families.doc2vec.saved import unpickle

    plain = (unpickle.Inert, dict, list, tuple, str, bytes, int, float, frozenset, type(None))
    for name in MODELS:
        todo, seen = [unpickle.read_inert(model_path(name))], set()
        while todo:
            one = todo.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, type):
                assert issubclass(one, unpickle.Inert)
                continue
            assert isinstance(one, plain), type(one)
            if isinstance(one, unpickle.Inert):
                todo += [one.given, one.state]
            elif isinstance(one, dict):
                todo += [*one, *one.values()]
            elif isinstance(one, list | tuple):
                todo += one
    assert all(issubclass(kind, unpickle.Inert) for kind in unpickle._ALLOWED.values())


def spoilt(tmp_path: Path, change: Callable[[Any], None], name: str = "3.8.3/dbow") -> str:
    """Return what is said of a model that was changed before it was saved by gensim 4."""
    model = to_gensim(read_gensim(model_path(name)))
    change(model)
    model.save(str(tmp_path / "spoilt"))
    return refused(tmp_path / "spoilt")


COPY = "; copy the model again, with all its .npy files, from where it was whole"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda m: setattr(m, "syn1neg", m.syn1neg[:-1]),
         "the model.syn1neg is float32 (26, 6), expected float32 (27, 6)"),
        (lambda m: setattr(m.wv, "vectors", m.wv.vectors.astype(np.float64)),
         "the model.wv.vectors is float64 (27, 6), expected float32 (27, 6)"),
        (lambda m: setattr(m.dv, "vectors", m.dv.vectors[:, :5]),
         "the model.dv.vectors is float32 (20, 5), expected float32 (20, 6)"),
        (lambda m: m.syn1neg.fill(np.nan), "the model.syn1neg holds infinity or NaN"),
        (lambda m: setattr(m, "window", 0), "window is 0"),
        (lambda m: setattr(m, "alpha", "high"), "alpha is 'high', no number of that kind"),
        (lambda m: setattr(m, "epochs", 2.5), "epochs is 2.5, no number of that kind"),
        (lambda m: delattr(m, "sample"), "it does not say sample"),
        (lambda m: m.wv.index_to_key.append("ban"), "the vocabulary has a word twice"),
        (lambda m: m.wv.index_to_key.append("new"), "words and counts do not go together"),
        (lambda m: m.wv.index_to_key.append(7),
         "the vocabulary has no words, or words that are no text"),
        (lambda m: m.dv.index_to_key.append((1, 2)),
         "a tag of a document is neither text nor a whole number"),
        (lambda m: m.wv.expandos.update(count=np.array(["a"], dtype=object)),
         "the model.wv.expandos['count'] is damaged (an array of 'O8' where numbers were "
         "expected)"),
    ],
)  # fmt: skip
def test_impossible_contents_are_one_sentence(
    tmp_path: Path, change: Callable[[Any], None], why: str
) -> None:
    assert spoilt(tmp_path, change) == f"FILE: {why}{COPY}"


def test_versions_and_layouts_that_are_not_known(tmp_path: Path) -> None:
    for version, said in (
        (b"5.0.1", " was written by gensim 5.0.1, and this d2vbench reads those up to 4: save it "
                   "with gensim 4"),
        (b"x.0.0", f": gensim 'x.0.0' is no version{COPY}"),
    ):  # fmt: skip
        path = tmp_path / "other"
        path.write_bytes(model_path("4.0.0/dbow").read_bytes().replace(b"4.0.0", version))
        assert refused(path) == f"FILE{said}"
    assert spoilt(tmp_path, lambda m: delattr(m, "dv")) == (
        "FILE: this layout of a Doc2Vec is of no gensim that d2vbench knows (0.12 to 4): it has "
        "neither dv nor docvecs"
    )
    assert "has no output weights (syn1neg)" in spoilt(tmp_path, lambda m: delattr(m, "syn1neg"))


def test_files_beside_a_model(tmp_path: Path) -> None:
    path = copied("3.8.3/split", tmp_path)
    beside = tmp_path / "split.model.wv.vectors.npy"
    whole = beside.read_bytes()
    beside.unlink()
    assert refused(path) == (
        "FILE: split.model.wv.vectors.npy is missing beside it; gensim wrote the large arrays into "
        "files of their own, copy them all"
    )
    for content in (b"", whole[:100], whole[:-8], b"\x93NUMPY junk"):
        beside.write_bytes(content)
        assert "FILE: split.model.wv.vectors.npy is no array, or not whole" in refused(path)
    trap = np.empty(1, dtype=object)
    trap[0] = Call(os.mkdir, str(tmp_path / "sprung"))
    np.save(beside, trap, allow_pickle=True)
    assert "is no array, or not whole" in refused(path)
    np.save(beside, np.array(["text"]))
    assert "FILE: split.model.wv.vectors.npy is no array of numbers" in refused(path)
    np.save(beside, np.zeros((3, 6), np.float32))
    assert "the model.wv.vectors is float32 (3, 6), expected float32 (27, 6)" in refused(path)
    assert not (tmp_path / "sprung").exists()


def test_a_model_without_document_vectors_is_read(tmp_path: Path) -> None:
    """gensim 3 could delete them before it saved."""
    whole = model_path("3.8.3/dbow").read_bytes()
    gone, met = re.subn(rb"vectors_docs(?!_)", b"vectors_gone", whole)
    assert met == 1
    (tmp_path / "m").write_bytes(gone)
    saved = read_gensim(tmp_path / "m")
    assert saved.doc_vectors.shape == (0, 6)
    assert list(saved.tags) == []
    assert to_gensim(saved).infer_vector(["ban"]).shape == (6,)


def test_locks_are_noticed_and_not_kept(tmp_path: Path) -> None:
    model = to_gensim(read_gensim(model_path("3.8.3/dm-mean")))
    assert not read_gensim(model_path("3.8.3/dm-mean")).locked
    model.dv.vectors_lockf = np.ones(len(model.dv), np.float32)
    model.dv.vectors_lockf[0] = 0
    model.save(str(tmp_path / "m"))
    saved = read_gensim(tmp_path / "m")
    assert saved.locked
    assert to_gensim(saved).dv.vectors_lockf.tolist() == [1]


def test_settings_that_the_benchmark_has_not() -> None:
    import dataclasses

    saved = read_gensim(model_path("3.8.3/dm-concat"))
    with pytest.raises(UserError, match="dm_tag_count is 2, and d2vbench knows 1 alone"):
        doc2vec_settings(dataclasses.replace(saved, dm_tag_count=2))
    with pytest.raises(UserError, match="shrink_windows is False"):
        doc2vec_settings(dataclasses.replace(saved, shrink_windows=False))
    rare = dataclasses.replace(saved, counts=np.minimum(saved.counts, 1))
    assert doc2vec_settings(rare).min_count == 1
    assert doc2vec_settings(saved).min_count == 2
