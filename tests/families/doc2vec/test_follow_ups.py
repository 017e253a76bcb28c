"""Strategies that do more in a second phase than present documents, against plain gensim."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from learners import doc2vec, plan_of, untrained

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.families import FAMILIES, refusal, train, train_phase
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.words import count_words, word_lists
from d2vbench.keys import derive_seed
from d2vbench.strategies import ASKS, Phase, epoch_order, parse_strategy

ENGINES = [
    "gensim",
    pytest.param(
        "native",
        marks=pytest.mark.skipif(not native.available(), reason="the extension is not built"),
    ),
]


class Plain:
    """gensim in the ordinary way: a vocabulary of both corpora, and documents in given orders."""

    def __init__(self, pair: Pair, model: str) -> None:
        self.texts = word_lists(pair.generic) + word_lists(pair.train)
        self.counts = count_words([pair.generic, pair.train])
        self.of_domain = count_words([pair.train])
        self.model = self.new(model)

    def new(self, model: str) -> Doc2Vec:
        kinds = {"dbow": {"dm": 0}, "dbow-words": {"dm": 0, "dbow_words": 1}, "dm-mean": {"dm": 1}}
        made = Doc2Vec(
            **kinds[model], vector_size=16, window=5, negative=5, sample=1e-4, min_count=2,
            workers=1, seed=derive_seed(1, "initial weights"), sorted_vocab=0,
        )  # fmt: skip
        made.dv.index_to_key = list(range(len(self.texts)))
        made.build_vocab_from_freq(self.counts, corpus_count=len(self.texts))
        made.random.seed(derive_seed(1, "training stream"))
        return made

    def documents(self, order: np.ndarray) -> list[TaggedDocument]:
        return [TaggedDocument(self.texts[d], [d]) for d in order.tolist()]

    def train(self, phase: Phase, sizes: Any) -> None:
        for epoch in range(phase.epochs):
            documents = self.documents(epoch_order(phase, epoch, sizes, 1))
            start, end = phase.epoch_alpha(epoch)
            words = sum(len(d.words) for d in documents)
            self.model.train(
                documents, total_words=words, epochs=1, start_alpha=start, end_alpha=end
            )

    def draw_by_domain(self) -> None:
        """The cumulative table of negative samples, by hand: counts of D to the power of 3/4."""
        model = self.model
        drawn = np.array([self.of_domain.get(w, 0) for w in model.wv.index_to_key], float) ** 0.75
        model.cum_table = np.round(np.cumsum(drawn) / drawn.sum() * (2**31 - 1)).astype(np.uint32)


def smallest_cosine(one: np.ndarray, two: np.ndarray) -> float:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    rows = lengths > 0
    assert rows.any()
    return float(((one * two).sum(axis=1)[rows] / lengths[rows]).min())


def assert_alike(ours: Any, plain: Doc2Vec) -> None:
    assert smallest_cosine(ours.dv.vectors, plain.dv.vectors) >= 0.9999
    assert smallest_cosine(ours.syn1neg, plain.syn1neg) >= 0.9999
    assert smallest_cosine(ours.wv.vectors, plain.wv.vectors) >= 0.9999


def trained(pair: Pair, model: str, engine: str, strategy: str, schedule: str) -> Any:
    learner, plan = doc2vec(pair, model, engine=engine), plan_of(pair, strategy, schedule)
    train(learner, plan, 1)
    return learner, plan


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_adapted_draws_negative_samples_by_the_domain(
    small_pair: Pair, model: str, engine: str
) -> None:
    learner, plan = trained(small_pair, model, engine, "adapted(2)", "restart")
    plain = Plain(small_pair, model)
    plain.train(plan.phases[0], learner.sides.sizes)
    plain.draw_by_domain()
    plain.train(plan.phases[1], learner.sides.sizes)
    # gensim sums up in another order: a step of the table may differ by one.
    apart = plain.model.cum_table.astype(np.int64) - learner.model.cum_table
    assert np.abs(apart).max() <= len(apart)
    assert_alike(learner.model, plain.model)
    other, _ = trained(small_pair, model, engine, "sequential(2)", "restart")
    assert smallest_cosine(learner.model.syn1neg, other.model.syn1neg) < 0.999


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", ["dbow-words", "dm-mean"])
@pytest.mark.parametrize("frozen", [False, True])
def test_pretrained_words_start_a_new_model(
    small_pair: Pair, model: str, engine: str, frozen: bool
) -> None:
    name = "pretrained-words-frozen(2)" if frozen else "pretrained-words(2)"
    learner, plan = trained(small_pair, model, engine, name, "restart")
    plain = Plain(small_pair, model)
    plain.train(plan.phases[0], learner.sides.sizes)
    first = plain.model
    # A second model, as intersect_word2vec_format leaves it: words of G, all else as it begins.
    plain.model = second = plain.new(model)
    second.wv.vectors[:] = first.wv.vectors
    n = len(small_pair.generic)
    second.dv.vectors[:n] = first.dv.vectors[:n]  # not read again; for the comparison below
    second.random = first.random
    plain.draw_by_domain()
    if frozen:
        second.wv.vectors_lockf = np.zeros(1, np.float32)
    plain.train(plan.phases[1], learner.sides.sizes)
    assert_alike(learner.model, second)
    kept = np.allclose(learner.model.wv.vectors, first.wv.vectors, atol=1e-5)
    assert kept is frozen


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [0.0, 0.02, 0.025])
def test_a_loop_that_lowers_alpha_by_hand(small_pair: Pair, engine: str, step: float) -> None:
    """The loop as it stands in much code; 0.02 ends below zero, 0.025 trains an epoch at 0."""
    learner = doc2vec(small_pair, "dbow", engine=engine)
    schedule = f"lowered({step})" if step else "restart"
    plan = plan_of(small_pair, "loop(2)", schedule, epochs=3)
    train(learner, plan, 1)
    plain = Plain(small_pair, "dbow")
    model = plain.model
    model.alpha, model.min_alpha = 0.025, 0.025 if step else 0.0001
    for phase in plan.phases:
        documents = plain.documents(epoch_order(phase, 0, learner.sides.sizes, 1))
        model.train(
            documents, total_words=sum(len(d.words) for d in documents), epochs=1,
        )  # fmt: skip
        if step:
            model.alpha -= step
            model.min_alpha = model.alpha
        else:
            model.alpha = 0.025
    assert_alike(learner.model, model)
    if step:
        levels = [phase.alpha[0].start for phase in plan.phases]
        assert levels == [0.025, 0.025 - step, 0.025 - step - step]
        assert min(levels) < 0


@pytest.mark.parametrize("engine", ENGINES)
def test_an_anchor_pulls_back_what_the_domain_has_moved(small_pair: Pair, engine: str) -> None:
    learner, plan = trained(small_pair, "dbow", engine, "anchored(2, 8)", "restart")
    plain = Plain(small_pair, "dbow")
    first, second = plan.phases
    plain.train(first, learner.sides.sizes)
    anchor = plain.model.syn1neg.copy()
    generic = count_words([small_pair.generic])
    known = np.array([word in generic for word in plain.model.wv.index_to_key])
    assert 0 < known.sum() < len(known)
    # An epoch of this pair is shorter than the words between two pulls.
    for epoch in range(second.epochs):
        order = epoch_order(second, epoch, learner.sides.sizes, 1)
        assert sum(len(plain.texts[d]) for d in order.tolist()) < 100_000
        one = dataclasses.replace(
            second, epochs=1, domain=second.epoch_passes(epoch)[1],
            alpha=second.epoch_pieces(epoch),
        )  # fmt: skip
        plain.train(one, learner.sides.sizes)
        area = sum(second.epoch_alpha(epoch)) / 2
        now = plain.model.syn1neg
        now[known] = anchor[known] + np.exp(-8 * area) * (now[known] - anchor[known])
    assert_alike(learner.model, plain.model)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_anchor_of_any_strength_lies_between_two_strategies(
    small_pair: Pair, engine: str
) -> None:
    def outputs(strategy: str) -> np.ndarray:
        learner, _ = trained(small_pair, "dbow", engine, strategy, "restart")
        weights: np.ndarray = learner.model.syn1neg
        return weights

    generic = count_words([small_pair.generic])
    learner = doc2vec(small_pair, "dbow", engine=engine)
    known = np.array([word in generic for word in learner.model.wv.index_to_key])
    before, free = outputs("generic-only"), outputs("sequential(2)")
    moved = [
        np.linalg.norm((outputs(f"anchored(2, {strength})") - before)[known])
        for strength in (0, 5, 50, 1e6)
    ]
    assert moved[0] == np.linalg.norm((free - before)[known])
    assert moved[0] > moved[1] > moved[2] > moved[3]
    assert moved[3] < 1e-3 * moved[0]
    # Words that G lacks are free.
    strong = outputs("anchored(2, 1e6)")
    assert (strong != before)[~known].any()


def test_a_long_order_is_pulled_many_times_down_one_straight_line(small_pair: Pair) -> None:
    learner, plan = doc2vec(small_pair, "dbow"), plan_of(small_pair, "anchored(1, 2)", "restart")
    train_phase(learner, plan.phases[0], 1)
    learner.begin(plan.phases[1])
    n = len(small_pair.generic)
    of_pass = int(np.diff(learner.documents.offsets)[n:].sum())
    order = np.tile(np.arange(n, n + len(small_pair.train)), 250_000 // of_pass + 1)
    seen: list[tuple[np.ndarray, float, float]] = []
    learner.learn = lambda part, start, end, frozen: seen.append((part, start, end))
    learner.present(order, 0.025, 0.005)
    lengths = np.diff(learner.documents.offsets)
    words = int(lengths[order].sum())
    assert len(seen) == -(-words // 100_000) > 2
    assert np.concatenate([part for part, *_ in seen]).tolist() == order.tolist()
    done = 0
    for part, start, end in seen:
        assert start == pytest.approx(0.025 - 0.02 * done / words)
        done += int(lengths[part].sum())
        assert end == pytest.approx(0.025 - 0.02 * done / words)


def test_what_two_strategies_have_in_common(small_pair: Pair) -> None:
    def weights(strategy: str, schedule: str, **settings: Any) -> dict[str, bytes]:
        plan = plan_of(small_pair, strategy, schedule)
        made = Doc2VecSettings("dbow", vector_size=16, min_count=2, engine="gensim", **settings)
        learner = untrained(small_pair, "doc2vec", made, plan=plan)
        train(learner, plan, 1)
        return {name: array.tobytes() for name, array in learner.weights().items()}

    same = [
        (("loop(2)", "linear"), ("oversampled(2)", "linear"), {}),
        (("anchored(2, 0)", "restart"), ("sequential(2)", "restart"), {}),
        (("adapted(2)", "restart"), ("sequential(2)", "restart"), {"vocabulary": "noise(D)"}),
    ]
    for one, two, settings in same:
        assert weights(*one, **settings) == weights(*two, **settings)
    assert weights("loop(2)", "restart") != weights("oversampled(2)", "linear")


# Encoders offer none of what these phases ask for; what is put back there has tests of its own.
@pytest.mark.parametrize("name", sorted({*FAMILIES.built_in} - {"encoder"}))
def test_a_follow_up_of_a_branch_is_that_of_one_model(name: str, small_pair: Pair) -> None:
    """What a phase asks for is no part of the state: it is there after a state is put back."""
    options = {"vector_size": 16, "min_count": 2}
    model = {"model": "dm-mean", "engine": "gensim"} if name == "doc2vec" else {}
    settings = FAMILIES[name].settings(**options, **model)
    for strategy in ("adapted(2)", "anchored(2, 4)", "pretrained-words(2)"):
        plan = plan_of(small_pair, strategy, "restart")
        whole, first, second = (untrained(small_pair, name, settings, plan=plan) for _ in range(3))
        train(whole, plan, 1)
        train_phase(first, plan.phases[0], 1)
        second.restore({name: array.copy() for name, array in first.state().items()})
        train_phase(second, plan.phases[1], 1)
        for name_of, array in whole.state().items():
            assert array.tobytes() == second.state()[name_of].tobytes(), (strategy, name_of)
    # And the next phase is free of it.
    assert whole.model.cum_table.tobytes() != first.model.cum_table.tobytes()
    whole.begin(plan.phases[0])
    assert whole.model.cum_table.tobytes() == first.model.cum_table.tobytes()


def test_what_cannot_be_had_is_refused_with_the_reason() -> None:
    family = FAMILIES["doc2vec"]
    for name in ("pretrained-words(2)", "pretrained-words-frozen(2)"):
        reason = refusal(family, family.settings(model="dbow"), parse_strategy(name))
        assert reason.startswith(
            f"strategy {name} starts from word vectors, and model dbow has none"
        )
        assert not refusal(family, family.settings(model="dm-mean"), parse_strategy(name))

    class Small:
        name = "small"
        offers: frozenset[str] = frozenset()

    small: Any = Small()
    for strategy in ("adapted(2)", "anchored(2, 1)", "pretrained-words(2)"):
        said = refusal(small, None, parse_strategy(strategy))
        assert said.startswith(f"strategy {strategy} ") and said.endswith("family small cannot")
        assert any(text in said for text in ASKS.values())
    for wrong in ("anchored(2, -1)", "anchored(2, inf)", "anchored(2, nan)", "anchored(2, x)"):
        with pytest.raises(UsageError, match="lambda must be a number from 0 up, got"):
            parse_strategy(wrong)


def test_a_phase_refuses_what_no_learner_could_do(small_pair: Pair) -> None:
    learner, plan = doc2vec(small_pair, "dbow"), plan_of(small_pair, "sequential(1)")
    with pytest.raises(UsageError, match="only output weights can begin anew, got words"):
        learner.begin(dataclasses.replace(plan.phases[1], fresh=("words",)))
    for field, value in (("noise", "G"), ("pull", -1.0), ("pull", np.inf), ("fresh", ("bias",))):
        with pytest.raises(UserError, match=field):
            dataclasses.replace(plan.phases[1], **{field: value}).check()
