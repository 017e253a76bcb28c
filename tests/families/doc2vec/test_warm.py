"""A saved model as the first phase: what training goes on to is what it would have become."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec
from learners import encode, plan_of, sides_of

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.families import FAMILIES, Sides, refusal, train
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.doc2vec.saved import keep_model, kept_model, read_gensim, warm_settings
from d2vbench.families.doc2vec.vocabulary import OF_A_MODEL
from d2vbench.families.words import count_words
from d2vbench.strategies import Sizes, make_plans, parse_schedule, parse_strategy

ENGINES = [
    "gensim",
    pytest.param(
        "native",
        marks=pytest.mark.skipif(not native.available(), reason="the extension is not built"),
    ),
]
MODELS = ["dbow", "dbow-words", "dm-mean", "dm-concat"]
FAMILY = FAMILIES["doc2vec"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path / "cache"))


def settings(model: str, engine: str, **more: Any) -> Doc2VecSettings:
    small = {"vector_size": 16, "min_count": 2, "engine": engine, "vocabulary": "generic"}
    return Doc2VecSettings(model, **{**small, **more})


def save_generic(pair: Pair, model: str, engine: str, path: Path) -> None:
    """Train G alone and save it by gensim, as `d2vbench train` does."""
    nothing = pair.train.take(np.empty(0, np.int64))
    sides = Sides(pair.generic, nothing)
    plan = plan_of(pair, "generic-only")
    learner: Any = FAMILY.prepare(sides, settings(model, engine), 1, plan)
    train(learner, plan, 1)
    learner.model.dv.index_to_key = list(learner.model.dv.index_to_key)
    learner.model.save(str(path))


def warm_plan(pair: Pair, strategy: str, schedule: str = "restart") -> Any:
    sizes = Sizes(0, len(pair.train), 0, pair.train.words())
    (plan,) = make_plans(
        parse_strategy(strategy), parse_schedule(schedule), sizes,
        epochs=2, alpha=0.025, min_alpha=0.0001, saved=True,
    )  # fmt: skip
    return plan


def warm(pair: Pair, name: str, strategy: str, vocabulary: str, engine: str) -> Any:
    sides = Sides(pair.generic.take(np.empty(0, np.int64)), pair.train)
    plan = warm_plan(pair, strategy)
    learner = FAMILY.prepare(sides, warm_settings(name, vocabulary, engine), 1, plan)
    train(learner, plan, 1)
    return learner


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", MODELS)
def test_a_warm_start_is_a_sequence_trained_in_one_go_to_the_bit(
    small_pair: Pair, tmp_path: Path, model: str, engine: str
) -> None:
    save_generic(small_pair, model, engine, tmp_path / "generic.model")
    name = keep_model(read_gensim(tmp_path / "generic.model"))
    ours = warm(small_pair, name, "warm(2)", "model", engine)
    plan = plan_of(small_pair, "sequential(2)", "restart")
    whole: Any = FAMILY.prepare(sides_of(small_pair), settings(model, engine), 1, plan)
    train(whole, plan, 1)
    n = len(small_pair.generic)
    assert ours.model.wv.index_to_key == whole.model.wv.index_to_key
    assert ours.model.dv.vectors.tobytes() == whole.model.dv.vectors[n:].tobytes()
    assert ours.model.syn1neg.tobytes() == whole.model.syn1neg.tobytes()
    assert ours.model.wv.vectors.tobytes() == whole.model.wv.vectors.tobytes()
    assert encode(ours, small_pair.test).tobytes() == encode(whole, small_pair.test).tobytes()
    # And as it is: the model of G alone.
    same = warm(small_pair, name, "generic-only", "model", engine)
    loaded = Doc2Vec.load(str(tmp_path / "generic.model"))
    assert same.model.syn1neg.tobytes() == loaded.syn1neg.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", MODELS)
def test_words_that_the_model_lacks_are_added(
    small_pair: Pair, tmp_path: Path, model: str, engine: str
) -> None:
    save_generic(small_pair, model, engine, tmp_path / "generic.model")
    name = keep_model(read_gensim(tmp_path / "generic.model"))
    kept = kept_model(name)
    old = [word for word in kept.words if word != "\0"]
    of_domain = count_words([small_pair.train])
    new = [word for word, n in of_domain.items() if n >= 2 and word not in set(old)]
    assert new
    added = warm(small_pair, name, "generic-only", "model-added", engine).model
    counts = dict(zip(old, kept.counts.tolist(), strict=False))
    for word in (*old[:50], *new):
        expected = counts.get(word, 0) + of_domain.get(word, 0)
        assert added.wv.get_vecattr(word, "count") == expected
    assert [word for word in added.wv.index_to_key if word != "\0"] == [*old, *new]
    assert (added.syn1neg[: len(old)] == kept.outputs[: len(old)]).all()
    assert (added.wv.vectors[: len(old)] == kept.word_vectors[: len(old)]).all()
    assert (added.syn1neg[len(old) : len(old) + len(new)] == 0).all()
    assert len(added.cum_table) == len(added.wv)
    trained = warm(small_pair, name, "warm(2)", "model-added", engine).model
    assert (trained.syn1neg[len(old) : len(old) + len(new)] != 0).any(axis=1).all()


def test_gensims_own_expansion_is_what_its_update_does(small_pair: Pair, tmp_path: Path) -> None:
    from gensim.models.doc2vec import TaggedDocument

    from d2vbench.families.words import word_lists

    save_generic(small_pair, "dm-mean", "gensim", tmp_path / "generic.model")
    name = keep_model(read_gensim(tmp_path / "generic.model"))
    ours = warm(small_pair, name, "generic-only", "model-expanded", "gensim").model
    plain = Doc2Vec.load(str(tmp_path / "generic.model"))
    n = len(plain.dv)
    texts = word_lists(small_pair.train)
    plain.build_vocab([TaggedDocument(t, [n + i]) for i, t in enumerate(texts)], update=True)
    plain.dv.resize_vectors(seed=plain.seed + 7919)  # the repair, as gensim starts documents
    assert ours.wv.key_to_index.keys() == plain.wv.key_to_index.keys()
    assert len(ours.wv) > len(kept_model(name).words)
    rows = [plain.wv.key_to_index[word] for word in ours.wv.index_to_key]
    assert (ours.wv.vectors[: len(kept_model(name).words)] == plain.wv.vectors[
        rows[: len(kept_model(name).words)]
    ]).all()  # fmt: skip
    assert (ours.syn1neg == plain.syn1neg[rows]).all()
    assert (ours.wv.expandos["sample_int"] == plain.wv.expandos["sample_int"][rows]).all()
    assert (ours.wv.expandos["count"] == plain.wv.expandos["count"][rows]).all()
    assert (ours.dv.vectors == plain.dv.vectors[n:]).all()


def test_expansion_is_refused_where_gensim_adds_its_padding_twice(
    small_pair: Pair, tmp_path: Path
) -> None:
    save_generic(small_pair, "dm-concat", "gensim", tmp_path / "generic.model")
    name = keep_model(read_gensim(tmp_path / "generic.model"))
    with pytest.raises(UsageError, match=r"padding word a second time.*take model-added"):
        warm(small_pair, name, "warm(1)", "model-expanded", "gensim")


def test_what_is_kept_is_found_again_and_says_when_it_is_not(
    small_pair: Pair, tmp_path: Path
) -> None:
    save_generic(small_pair, "dbow", "gensim", tmp_path / "generic.model")
    saved = read_gensim(tmp_path / "generic.model")
    name = keep_model(saved)
    assert keep_model(saved) == name
    again = kept_model(name)
    assert again.corpus_count == len(small_pair.generic) and len(again.doc_vectors) == 0
    assert (again.outputs == saved.outputs).all() and again.words == saved.words
    assert keep_model(dataclasses.replace(saved, seed=saved.seed + 1)) != name
    with pytest.raises(UserError, match=r"is not in the cache of this machine"):
        kept_model("0" * 64)
    file = tmp_path / "cache" / "models" / f"{name}.npz"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"is damaged.*remove it"):
        kept_model(name)


def test_what_has_no_place_beside_a_saved_model_is_refused(
    small_pair: Pair, tmp_path: Path
) -> None:
    save_generic(small_pair, "dbow", "gensim", tmp_path / "generic.model")
    name = keep_model(read_gensim(tmp_path / "generic.model"))
    of_model = warm_settings(name, "model", "gensim")
    for strategy in ("combined", "sequential(2)", "domain-only(1)"):
        assert "needs the generic corpus" in refusal(FAMILY, of_model, parse_strategy(strategy))
    usual = settings("dbow", "gensim")
    assert "needs a saved model" in refusal(FAMILY, usual, parse_strategy("warm(2)"))
    assert not refusal(FAMILY, of_model, parse_strategy("warm(2)"))
    for policy in OF_A_MODEL:
        with pytest.raises(UsageError, match="a saved model has one of"):
            settings("dbow", "gensim", vocabulary=policy)
    with pytest.raises(UsageError, match="a saved model has one of"):
        dataclasses.replace(of_model, vocabulary="presented")
    assert Doc2VecSettings(**of_model.to_json()) == of_model
    assert "generic_model" not in usual.to_json()
    other = dataclasses.replace(kept_model(name), words=[f"x{w}" for w in kept_model(name).words])
    with pytest.raises(UsageError, match="none of the domain corpus'"):
        warm(small_pair, keep_model(other), "warm(1)", "model", "gensim")


@pytest.mark.parametrize(
    "schedule",
    ["linear", "restart", "follow-up(0.01)", "rewarmed", "lowered(0.01)", "constant", "cosine"],
)
def test_a_saved_model_is_a_first_phase_without_a_rate(small_pair: Pair, schedule: str) -> None:
    plan = warm_plan(small_pair, "warm(2)", schedule)
    first, second = plan.phases
    assert (first.epochs, first.alpha) == (0, ())
    assert sum(piece.epochs for piece in second.alpha) == 4
    start = {"follow-up(0.01)": 0.01, "lowered(0.01)": 0.015}.get(schedule)
    if start:
        assert second.alpha[0].start == pytest.approx(start)
    alone = warm_plan(small_pair, "generic-only", schedule)
    assert [phase.epochs for phase in alone.phases] == [0]
