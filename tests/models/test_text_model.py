"""Inference of new texts: the benchmark's procedure, whatever the order and the number."""

from __future__ import annotations

import numpy as np
import pytest
from cells import trained_cell
from models_support import ENGINE, ENGINES, WORDS, selection, texts, trained

from d2vbench.bench.compute.measure import Encoder
from d2vbench.corpora.store.memory import numbered
from d2vbench.errors import UsageError
from d2vbench.families import Sides
from d2vbench.families.doc2vec.learner import Doc2VecLearner
from d2vbench.models import text_model as module

NEW = [" ".join(WORDS[i % 4][: 5 + i]) for i in range(9)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", ["sequential(2)", "ensemble(2)"])
def test_vectors_are_those_that_the_benchmark_infers(strategy: str, engine: str) -> None:
    of = trained(strategy, engine=engine)
    recipe = of.recipe
    cell = trained_cell(
        pair="p", fraction=1.0, settings=recipe.settings, strategy=strategy, schedule="linear",
        seed=0, epochs=recipe.epochs, inference=recipe.inference, engine=engine,
    )  # fmt: skip
    nothing = Sides(selection([]), selection([]))
    learners = [Doc2VecLearner(nothing, part.model, engine) for part in of.parts]
    benchmark = Encoder(cell, learners, recipe.base_seed)
    assert np.array_equal(
        of.text_model.infer(numbered(NEW), engine).vectors, benchmark(selection(NEW))
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_text_has_one_vector(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained().text_model
    found = model.infer(numbered(NEW), engine)
    assert found.vectors.dtype == np.float32
    assert found.names == [f"{i:010}" for i in range(1, 10)]
    backwards = model.infer(numbered(NEW[::-1] + NEW), engine)
    assert np.array_equal(backwards.vectors[:9], found.vectors[::-1])
    assert np.array_equal(backwards.vectors[9:], found.vectors)
    for i, text in enumerate(NEW[:3]):
        assert np.array_equal(model.infer(numbered([text]), engine).vectors[0], found.vectors[i])
    assert np.array_equal(model.infer(numbered(NEW), engine, threads=3).vectors, found.vectors)
    # In many chunks.
    monkeypatch.setattr(module, "_CHUNK", 50)
    some = ["", *NEW, "unheard of", ""]
    chunked = model.infer(numbered(some), engine)
    assert np.array_equal(chunked.vectors[1:10], found.vectors)
    assert chunked.degenerate.empty.tolist() == [0, 11]
    assert chunked.degenerate.unknown.tolist() == [10]
    assert model.infer(numbered([]), engine).vectors.shape == (0, 8)


def test_the_engines_agree() -> None:
    model = trained().text_model
    if len(ENGINES) < 2:
        pytest.skip("the native engine was not built")
    one, other = (model.infer(numbered(NEW), engine).vectors for engine in ENGINES)
    np.testing.assert_allclose(one, other, atol=1e-5)
    # And so do models that they have trained.
    other = trained(engine="gensim").text_model.infer(numbered(NEW), "gensim").vectors
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_long_documents_are_counted() -> None:
    word = WORDS[0][0]
    found = trained().text_model.infer(numbered([f"{word} " * 10_001, word]), ENGINE)
    assert found.degenerate.cut.tolist() == [0]


def test_documents_that_are_never_presented_have_no_vector() -> None:
    generic, domain, _ = texts()
    n, m = len(generic), len(domain)
    for strategy, rows in {
        "domain-only(2)": range(n, n + m),
        "generic-only": range(n),
        "combined": range(n + m),
    }.items():
        (part,) = trained(strategy, keep_document_vectors=True).parts
        assert part.documents.tolist() == list(rows)
        assert len(part.model.dv) == len(part.model.dv.vectors) == len(rows)
        assert part.model.dv.most_similar(len(rows) - 1, topn=1)
    (part,) = trained("selected(0.25)").parts
    assert len(part.documents) == n // 4 + m
    first, second = trained("ensemble(2)").parts
    assert (len(first.documents), len(second.documents)) == (n, m)
    assert first.model.vector_size == second.model.vector_size == 4


def test_the_models_fall_back_on_the_pinned_settings() -> None:
    (part,) = trained().parts
    assert (part.model.epochs, part.model.alpha, part.model.min_alpha) == (5, 0.03, 0.0002)


def test_a_seed_decides_and_nothing_else() -> None:
    np.random.seed(1)  # noqa: NPY002
    trained.cache_clear()
    one = trained().text_model.infer(numbered(NEW), ENGINE).vectors
    np.random.seed(2)  # noqa: NPY002
    trained.cache_clear()
    assert np.array_equal(one, trained().text_model.infer(numbered(NEW), ENGINE).vectors)
    other = trained(seed=1).text_model.infer(numbered(NEW), ENGINE).vectors
    assert not np.allclose(one, other, atol=0.01)


def test_impossible_recipes_are_refused() -> None:
    from d2vbench.families import InferenceSettings
    from d2vbench.families.doc2vec import Doc2VecSettings
    from d2vbench.models import Recipe

    for settings, message in (
        ({"inference": InferenceSettings(epochs=0)},
         "epochs of inference must be a whole number"),
        ({"inference": InferenceSettings(min_alpha=0.0)},
         "alpha of inference must fall to an end above 0, got 0.025 to 0"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"seed": -1}, "a seed must be 0 or more, got -1"),
        ({"strategy": "ensemble", "settings": Doc2VecSettings(vector_size=9)},
         "2 models divide vector_size between them, and 9 does not divide evenly"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            Recipe(**({"strategy": "combined"} | settings))
        assert message in str(caught.value)
