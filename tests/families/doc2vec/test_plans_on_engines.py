"""Both engines carry out every plan, agree, and can stop and go on between phases."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from native_support import assert_parity, assert_same_stream

from d2vbench.corpora import Pair
from d2vbench.families.doc2vec import (
    ModelSettings,
    Trainee,
    begin,
    corpus_sizes,
    inference_seeds,
    map_documents,
    prepare,
    train,
    train_phase,
)
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.selection import nearest_first
from d2vbench.strategies import (
    SCHEDULES,
    STRATEGIES,
    Plan,
    make_plans,
    parse_schedule,
    parse_strategy,
)

needs_native = pytest.mark.skipif(not native.available(), reason="the extension is not built")

FORMS = (
    "domain-only(2)", "generic-only", "combined", "oversampled(2)", "oversampled(balanced)",
    "sequential(2)", "reverse(2)", "concatenated(2)", "shuffled-once(2)", "replay(2, 0.3)",
    "annealed(2)", "mixed-finish(2)", "selected(0.4)", "frozen(2)", "ensemble(2)",
)  # fmt: skip
RATES = ("linear", "restart", "follow-up(0.01)", "rewarmed", "constant", "cosine")


@pytest.fixture(scope="module")
def tiny_pair(small_pair: Pair) -> Pair:
    """A sixth of the small pair."""
    generic, train = (
        side.take(np.arange(0, len(side), 6)) for side in (small_pair.generic, small_pair.train)
    )
    return dataclasses.replace(small_pair, generic=generic, train=train)


def plans_of(pair: Pair, strategy: str, schedule: str, epochs: int = 2) -> tuple[Plan, ...]:
    return make_plans(
        parse_strategy(strategy),
        parse_schedule(schedule),
        corpus_sizes(pair.generic, pair.train),
        epochs=epochs,
        alpha=0.025,
        min_alpha=0.0001,
    )


def untrained(pair: Pair, model: str, engine: str) -> Trainee:
    settings = ModelSettings(model, vector_size=16, min_count=2)
    return prepare(pair.generic, pair.train, settings, 1, engine)


def test_every_strategy_and_schedule_is_here() -> None:
    assert {parse_strategy(s).name for s in FORMS} == set(STRATEGIES.built_in)
    assert {parse_schedule(s).name for s in RATES} == set(SCHEDULES.built_in)


@needs_native
@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
@pytest.mark.parametrize("schedule", RATES)
@pytest.mark.parametrize("strategy", FORMS)
def test_the_engines_agree_on_every_plan(
    tiny_pair: Pair, strategy: str, schedule: str, model: str
) -> None:
    for plan in plans_of(tiny_pair, strategy, schedule):
        ours, theirs = (untrained(tiny_pair, model, engine) for engine in ("native", "gensim"))
        start = theirs.engine.model.dv.vectors.copy()
        for trainee in (ours, theirs):
            train(trainee, plan)
        assert_parity(theirs.engine.model, ours.engine.model)
        assert_same_stream(theirs.engine.model, ours.engine.model)
        assert (theirs.engine.model.dv.vectors != start).any()


@needs_native
@pytest.mark.parametrize("model", ["dbow", "dbow-words", "dm-mean", "dm-sum", "dm-concat"])
@pytest.mark.parametrize(
    "learns", [("documents", "words"), ("documents",), ("words", "outputs"), ("outputs",)]
)
def test_the_engines_agree_on_what_may_learn(
    tiny_pair: Pair, model: str, learns: tuple[str, ...]
) -> None:
    trainees = [untrained(tiny_pair, model, engine) for engine in ("native", "gensim")]
    (plan,) = plans_of(tiny_pair, "combined", "linear")
    for trainee in trainees:
        train(trainee, plan)
        gensim_model = trainee.engine.model
        parts = {
            "documents": gensim_model.dv.vectors,
            "words": gensim_model.wv.vectors,
            "outputs": gensim_model.syn1neg,
        }
        before = {name: array.copy() for name, array in parts.items()}
        trainee.engine.train_epoch(np.arange(20), 0.025, 0.01, learns)
        changed = {name for name, array in parts.items() if (array != before[name]).any()}
        # PV-DBOW alone has no use for word vectors.
        assert changed == set(learns) - ({"words"} if model == "dbow" else set())
        # The patch is gone afterwards.
        assert "_do_train_job" not in vars(gensim_model)
    assert_parity(trainees[1].engine.model, trainees[0].engine.model)
    assert_same_stream(trainees[1].engine.model, trainees[0].engine.model)


@pytest.mark.parametrize("engine", ["gensim", pytest.param("native", marks=needs_native)])
@pytest.mark.parametrize("model", ["dbow", "dbow-words"])
def test_frozen_would_be_generic_only_in_dbow(tiny_pair: Pair, model: str, engine: str) -> None:
    """Why it is refused there: the inferred vectors are the same to the last bit."""
    vectors = []
    documents = None
    for strategy in ("frozen(2)", "generic-only"):
        trainee = untrained(tiny_pair, model, engine)
        train(trainee, plans_of(tiny_pair, strategy, "restart")[0])
        vocabulary = trainee.engine.model.wv.key_to_index
        documents = map_documents([tiny_pair.test.take(np.arange(30))], vocabulary)
        seeds = inference_seeds(range(30), 1)
        vectors.append(
            trainee.engine.infer(documents, seeds, epochs=5, alpha=0.025, min_alpha=0.0001)
        )
    assert np.array_equal(*vectors)


@pytest.mark.parametrize("engine", ["gensim", pytest.param("native", marks=needs_native)])
@pytest.mark.parametrize("strategy", ["sequential(2)", "replay(2, 0.3)", "frozen(2)"])
@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_training_goes_on_from_a_boundary_as_if_it_had_not_stopped(
    tiny_pair: Pair, engine: str, strategy: str, model: str
) -> None:
    """Weights and ``model.random`` are all the state there is."""
    (plan,) = plans_of(tiny_pair, strategy, "rewarmed")
    whole = untrained(tiny_pair, model, engine)
    train(whole, plan)

    first = untrained(tiny_pair, model, engine)
    begin(first)
    train_phase(first, plan.phases[0])
    again = untrained(tiny_pair, model, engine)
    old, new = first.engine.model, again.engine.model
    # What another process would do in between.
    new.random.set_state(old.random.get_state())
    for target, source in (
        (new.dv.vectors, old.dv.vectors),
        (new.wv.vectors, old.wv.vectors),
        (new.syn1neg, old.syn1neg),
    ):
        target[:] = source
    train_phase(again, plan.phases[1])
    expected = whole.engine.model
    assert np.array_equal(new.dv.vectors, expected.dv.vectors)
    assert np.array_equal(new.wv.vectors, expected.wv.vectors)
    assert np.array_equal(new.syn1neg, expected.syn1neg)
    assert_same_stream(new, expected)


def test_an_equal_prefix_is_the_same_training(tiny_pair: Pair) -> None:
    ends = []
    for strategy in ("generic-only", "sequential(2)", "frozen(2)"):
        (plan,) = plans_of(tiny_pair, strategy, "restart")
        trainee = untrained(tiny_pair, "dm-mean", "gensim")
        begin(trainee)
        train_phase(trainee, plan.phases[0])
        ends.append(trainee.engine.model.syn1neg.copy())
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[0], ends[2])


def test_an_epoch_too_small_for_a_document_is_passed_over(small_pair: Pair) -> None:
    one = small_pair.generic.take(np.arange(1))
    settings = ModelSettings("dbow", vector_size=4, min_count=1)
    trainee = prepare(one, small_pair.train.take(np.arange(3)), settings, 1, "gensim")
    (plan,) = make_plans(
        parse_strategy("replay(1, 0.5)"), parse_schedule("rewarmed"), trainee.sizes,
        epochs=1, alpha=0.025, min_alpha=0.0001,
    )  # fmt: skip
    train(trainee, plan)


def test_selected_trains_on_the_nearest_alone(tiny_pair: Pair) -> None:
    trainee = untrained(tiny_pair, "dbow", "gensim")
    start = trainee.engine.model.dv.vectors.copy()
    (plan,) = plans_of(tiny_pair, "selected(0.4)", "linear")
    train(trainee, plan)
    moved = np.flatnonzero((trainee.engine.model.dv.vectors != start).any(axis=1))
    n = len(tiny_pair.generic)
    nearest = nearest_first(tiny_pair.generic, tiny_pair.train)[: round(0.4 * n)]
    assert sorted(moved[moved < n]) == sorted(nearest)
    assert (moved >= n).sum() == len(tiny_pair.train)
