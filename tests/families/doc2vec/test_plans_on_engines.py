"""Both engines carry out every plan, agree, and can stop and go on between phases."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from learners import doc2vec, encode, plans_of, sides_of
from native_support import assert_parity, assert_same_stream

from d2vbench.corpora import Pair
from d2vbench.families import FAMILIES, Sides, train, train_phase
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.strategies import (
    SCHEDULES,
    STRATEGIES,
    make_plans,
    parse_schedule,
    parse_strategy,
)

needs_native = pytest.mark.skipif(not native.available(), reason="the extension is not built")

FORMS = (
    "domain-only(2)", "generic-only", "combined", "oversampled(2)", "oversampled(balanced)",
    "sequential(2)", "reverse(2)", "concatenated(2)", "shuffled-once(2)", "replay(2, 0.3)",
    "annealed(2)", "mixed-finish(2)", "selected(0.4)", "frozen(2)", "ensemble(2)",
    "adapted(2)", "anchored(2, 3)", "pretrained-words(2)", "pretrained-words-frozen(2)", "loop(2)",
)  # fmt: skip
RATES = (
    "linear", "restart", "follow-up(0.01)", "rewarmed", "lowered(0.01)", "constant", "cosine",
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny_pair(small_pair: Pair) -> Pair:
    """A sixth of the small pair."""
    generic, train = (
        side.take(np.arange(0, len(side), 6)) for side in (small_pair.generic, small_pair.train)
    )
    return dataclasses.replace(small_pair, generic=generic, train=train)


def test_every_strategy_and_schedule_is_here() -> None:
    # A warm start needs a saved model: test_warm.py. What trains nothing is for encoders.
    named = {parse_strategy(s).name for s in FORMS} | {"warm", "untrained"}
    assert named == set(STRATEGIES.built_in)
    assert {parse_schedule(s).name for s in RATES} == set(SCHEDULES.built_in)


@needs_native
@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
@pytest.mark.parametrize("schedule", RATES)
@pytest.mark.parametrize("strategy", FORMS)
def test_the_engines_agree_on_every_plan(
    tiny_pair: Pair, strategy: str, schedule: str, model: str
) -> None:
    for plan in plans_of(tiny_pair, strategy, schedule):
        ours, theirs = (doc2vec(tiny_pair, model, engine=name) for name in ("native", "gensim"))
        start = theirs.model.dv.vectors.copy()
        for learner in (ours, theirs):
            train(learner, plan, 1)
        assert_parity(theirs.model, ours.model)
        assert_same_stream(theirs.model, ours.model)
        assert (theirs.model.dv.vectors != start).any()


@needs_native
@pytest.mark.parametrize("model", ["dbow", "dbow-words", "dm-mean", "dm-sum", "dm-concat"])
@pytest.mark.parametrize(
    "learns", [("documents", "words"), ("documents",), ("words", "outputs"), ("outputs",)]
)
def test_the_engines_agree_on_what_may_learn(
    tiny_pair: Pair, model: str, learns: tuple[str, ...]
) -> None:
    learners = [doc2vec(tiny_pair, model, engine=name) for name in ("native", "gensim")]
    (plan,) = plans_of(tiny_pair, "combined", "linear")
    for learner in learners:
        train(learner, plan, 1)
        gensim_model = learner.model
        parts = {
            "documents": gensim_model.dv.vectors,
            "words": gensim_model.wv.vectors,
            "outputs": gensim_model.syn1neg,
        }
        before = {name: array.copy() for name, array in parts.items()}
        learner.present(np.arange(20), 0.025, 0.01, frozen=set(parts) - set(learns))
        changed = {name for name, array in parts.items() if (array != before[name]).any()}
        # PV-DBOW alone has no use for word vectors.
        assert changed == set(learns) - ({"words"} if model == "dbow" else set())
        # The patch is gone afterwards.
        assert "_do_train_job" not in vars(gensim_model)
    assert_parity(learners[1].model, learners[0].model)
    assert_same_stream(learners[1].model, learners[0].model)


@pytest.mark.parametrize("engine", ["gensim", pytest.param("native", marks=needs_native)])
@pytest.mark.parametrize("model", ["dbow", "dbow-words"])
def test_frozen_would_be_generic_only_in_dbow(tiny_pair: Pair, model: str, engine: str) -> None:
    """Why it is refused there: the inferred vectors are the same to the last bit."""
    vectors = []
    for strategy in ("frozen(2)", "generic-only"):
        learner = doc2vec(tiny_pair, model, engine=engine)
        train(learner, plans_of(tiny_pair, strategy, "restart")[0], 1)
        vectors.append(encode(learner, tiny_pair.test.take(np.arange(30))))
    assert np.array_equal(*vectors)


def test_an_equal_prefix_is_the_same_training(tiny_pair: Pair) -> None:
    ends = []
    for strategy in ("generic-only", "sequential(2)", "frozen(2)"):
        (plan,) = plans_of(tiny_pair, strategy, "restart")
        learner = doc2vec(tiny_pair, "dm-mean")
        train_phase(learner, plan.phases[0], 1)
        ends.append(learner.model.syn1neg.copy())
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[0], ends[2])


def test_an_epoch_too_small_for_a_document_is_passed_over(small_pair: Pair) -> None:
    one = small_pair.generic.take(np.arange(1))
    settings = Doc2VecSettings("dbow", vector_size=4, min_count=1, engine="gensim")
    sides = Sides(one, small_pair.train.take(np.arange(3)))
    (plan,) = make_plans(
        parse_strategy("replay(1, 0.5)"), parse_schedule("rewarmed"), sides.sizes,
        epochs=1, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip
    train(FAMILIES["doc2vec"].prepare(sides, settings, 1, plan), plan, 1)


def test_selected_trains_on_the_nearest_alone(tiny_pair: Pair) -> None:
    learner = doc2vec(tiny_pair)
    start = learner.model.dv.vectors.copy()
    (plan,) = plans_of(tiny_pair, "selected(0.4)", "linear")
    train(learner, plan, 1)
    moved = np.flatnonzero((learner.model.dv.vectors != start).any(axis=1))
    n = len(tiny_pair.generic)
    nearest = sides_of(tiny_pair).nearest[: round(0.4 * n)]
    assert sorted(moved[moved < n]) == sorted(nearest)
    assert (moved >= n).sum() == len(tiny_pair.train)
