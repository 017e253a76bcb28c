"""What every learner keeps to, whatever its family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from encoder_support import TINY
from learners import encode, plan_of, sides_of, untrained

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families import (
    FAMILIES,
    Cost,
    Learner,
    gensim_learner,
    train,
    train_phase,
    vectors_problem,
)
from d2vbench.families.doc2vec import MODELS, Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.encoder.extra import INSTALL, missing
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.families.word2vec_mean import Word2VecSettings
from d2vbench.families.words import OOV, map_documents
from d2vbench.strategies import parse_strategy

SIZES = {"vector_size": 12, "min_count": 2}
ENGINES = ("native", "gensim") if native.available() else ("gensim",)
KINDS = {
    **{
        f"doc2vec {model} {engine}": ("doc2vec", Doc2VecSettings(model, engine=engine, **SIZES))  # type: ignore[arg-type]
        for model in MODELS
        for engine in ENGINES
    },
    "word2vec-mean": ("word2vec-mean", Word2VecSettings(**SIZES)),  # type: ignore[arg-type]
    "encoder": ("encoder", EncoderSettings(**{**TINY, "encoder": "scratch:2x12"})),
}
# What of a state is neither weights nor moments.
COUNTS = ("random", "place", "presented", "updates")
# Those whose documents are rows of a table of words.
OF_WORDS = [kind for kind, (family, _) in KINDS.items() if family != "encoder"]
of_words = pytest.mark.parametrize("make", OF_WORDS, indirect=True)
Make = Callable[[], Any]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, small_pair: Pair) -> Make:
    """Return untrained learners, of one kind each."""
    family, settings = KINDS[request.param]
    if family == "encoder" and missing():
        pytest.skip(f"{', '.join(missing())} not installed: {INSTALL}")
    return lambda: untrained(small_pair, family, settings)


def bits(learner: Learner) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in learner.state().items()}


def copied(learner: Learner) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in learner.state().items()}


def test_every_family_is_here() -> None:
    assert {family for family, _ in KINDS.values()} == set(FAMILIES.built_in)
    assert all(FAMILIES[name].name == name for name in FAMILIES.built_in)


def test_two_that_are_trained_alike_are_the_same(make: Make, small_pair: Pair) -> None:
    plan = plan_of(small_pair, "replay(2, 0.3)", "rewarmed")
    first, second = make(), make()
    start = bits(first)
    assert bits(second) == start
    train(first, plan, 1)
    np.random.seed(4)  # noqa: NPY002
    train(second, plan, 1)
    assert bits(first) == bits(second) != start


def test_training_goes_on_from_a_state_as_if_it_had_not_stopped(
    make: Make, small_pair: Pair
) -> None:
    plan = plan_of(small_pair, "sequential(2)", "restart")
    whole, first, second = make(), make(), make()
    train(whole, plan, 1)
    train_phase(first, plan.phases[0], 1)
    # In the middle of a phase: after one of its epochs.
    order = np.arange(len(small_pair.generic))
    for learner in (whole, first):
        learner.present(order, 0.02, 0.01)
    del whole
    kept = copied(first)
    second.restore(kept)
    assert bits(second) == bits(first)
    for learner in (first, second):
        train_phase(learner, plan.phases[1], 1)
    assert bits(first) == bits(second)
    # What was put back is a copy: training has left it as it was.
    second.restore(kept)
    assert bits(second) == {name: array.tobytes() for name, array in kept.items()}


@pytest.mark.parametrize("damage", ["missing", "shape", "dtype"])
def test_what_is_no_state_is_refused_and_changes_nothing(make: Make, damage: str) -> None:
    learner = make()
    before = bits(learner)
    for name, array in copied(learner).items():
        wrong = {key: value + 1 for key, value in copied(learner).items()}
        if damage == "missing":
            del wrong[name]
        elif damage == "shape":
            wrong[name] = np.zeros((*array.shape, 2), array.dtype)
        else:
            wrong[name] = array.astype(np.complex64)
        with pytest.raises(ValueError, match=f"{name}: expected {array.dtype} of shape"):
            learner.restore(wrong)
        assert bits(learner) == before


@of_words
def test_a_place_outside_the_random_numbers_is_refused(make: Make) -> None:
    learner = make()
    wrong = {**learner.state(), "place": np.array([10**6, 0])}
    with pytest.raises(ValueError, match="expected a place in the random numbers, got 1000000"):
        learner.restore(wrong)


def test_vectors_depend_on_text_and_seed_alone(make: Make, small_pair: Pair) -> None:
    learner, test = make(), small_pair.test
    train(learner, plan_of(small_pair, "combined"), 1)
    before = bits(learner)
    vectors = encode(learner, test)
    assert vectors_problem(vectors, len(test)) == ""
    assert vectors.shape == (len(test), 12)
    np.random.seed(4)  # noqa: NPY002
    order = np.random.default_rng(0).permutation(len(test))
    assert np.array_equal(encode(learner, test.take(order)), vectors[order])
    assert bits(learner) == before
    # Texts differ, and so do their vectors.
    assert len(np.unique(vectors, axis=0)) > len(test) / 2
    assert encode(learner, test.take(np.arange(0))).shape == (0, 12)


@of_words
def test_tables_of_an_earlier_moment_encode_as_then(make: Make, small_pair: Pair) -> None:
    learner, plan = make(), plan_of(small_pair, "sequential(2)", "restart")
    train_phase(learner, plan.phases[0], 1)
    tables = {name: table.copy() for name, table in learner.tables().items()}
    then = encode(learner, small_pair.test)
    train_phase(learner, plan.phases[1], 1)
    now, before = encode(learner, small_pair.test), bits(learner)
    assert not np.array_equal(then, now)
    with learner.placed(tables):
        assert np.array_equal(encode(learner, small_pair.test), then)
    # Also when something fails meanwhile.
    with pytest.raises(RuntimeError), learner.placed(tables):
        raise RuntimeError
    assert np.array_equal(encode(learner, small_pair.test), now)
    assert bits(learner) == before


@of_words
def test_words_of_documents_are_rows_of_every_table(make: Make, small_pair: Pair) -> None:
    learner = make()
    rows, asked = learner.word_rows(), learner.word_rows(small_pair.test)
    assert len(rows) == len(small_pair.generic) + len(small_pair.train)
    assert rows.words() == small_pair.generic.words() + small_pair.train.words()
    assert (len(asked), asked.words()) == (len(small_pair.test), small_pair.test.words())
    for table in learner.tables().values():
        assert table.ndim == 2
        assert rows.tokens[rows.tokens != OOV].max() < len(table)


@of_words
def test_d_train_and_d_test_are_looked_up_once(
    make: Make, small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner, found = make(), []

    def counting(selections: Any, vocabulary: Any) -> Any:
        found.append(selections[0])
        return map_documents(selections, vocabulary)

    monkeypatch.setattr(gensim_learner, "map_documents", counting)
    sides = small_pair.train, small_pair.test
    first = [learner.word_rows(side) for side in sides]
    assert [learner.word_rows(side) for side in sides] == first
    assert found == [*sides]
    # Two are kept, and no more.
    learner.word_rows(small_pair.generic)
    learner.word_rows(small_pair.test)
    assert len(found) == 3
    learner.word_rows(small_pair.train)
    assert len(found) == 4


def test_documents_that_cannot_be_read_are_counted(make: Make, small_pair: Pair) -> None:
    learner = make()
    assert learner.readable(small_pair.test).all()
    for found in (learner.degenerate(), learner.degenerate(small_pair.test)):
        assert found.keys() == {"empty", "all_out_of_vocabulary", "cut"}
        assert found["empty"] == found["all_out_of_vocabulary"] == 0
        # An encoder of few tokens cuts what words are not cut at.
        assert (found["cut"] > 0) == hasattr(learner, "network")
    assert learner.vocabulary_size() > 100


@pytest.mark.parametrize("kind", KINDS)
def test_settings_versions_and_cost(kind: str, small_pair: Pair) -> None:
    name, settings = KINDS[kind]
    if name == "encoder" and missing():
        pytest.skip(f"{', '.join(missing())} not installed: {INSTALL}")
    family = FAMILIES[name]
    assert family.settings(**settings.to_json()) == settings
    assert hash(family.settings(**settings.to_json())) == hash(settings)
    assert all(type(v) is int and v > 0 for v in family.components(settings).values())
    if hasattr(settings, "vector_size"):
        assert family.narrowed(settings, 3).vector_size == 4
    assert not family.trains_apart(settings)
    parts = [
        family.part_of_plan(settings, plan_of(small_pair, f"oversampled({k})")) for k in (1, 4)
    ]
    assert parts[0] != parts[1]  # Counts are those presented.
    with pytest.raises(UsageError, match=r"^no such setting: widht; there are "):
        family.settings(widht=3)
    with pytest.raises(UsageError, match=r"^no such setting: widht, depht; there are [a-z_, ]+$"):
        family.settings(widht=3, depht=4)
    cost = family.cost(settings, sides_of(small_pair))
    assert isinstance(cost, Cost)
    state = untrained(small_pair, name, settings).state()
    weights = sum(array.nbytes for key, array in state.items() if key not in COUNTS)
    assert 0.9 * weights <= cost.state_bytes <= 1.1 * weights
    assert 0 < cost.seconds_per_word < 1e-3
    assert cost.bytes >= 2 * cost.state_bytes


def test_frozen_weights_are_refused_where_nothing_could_freeze_them() -> None:
    frozen, sequential = parse_strategy("frozen(2)"), parse_strategy("sequential(2)")
    for name, settings in KINDS.values():
        family = FAMILIES[name]
        assert family.refuses(settings, sequential) == ""
        model = getattr(settings, "model", name)
        refuses = model in ("word2vec-mean", "encoder", "dbow", "dbow-words")
        assert family.refuses(settings, frozen).startswith("strategy frozen(2) ") == refuses
