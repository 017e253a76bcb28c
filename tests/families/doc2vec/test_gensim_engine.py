"""The reference engine is gensim; inference is pinned and seeded by document."""

from __future__ import annotations

import random

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from learners import doc2vec, plan_of

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families import inference_seeds, train
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.start import start_vectors
from d2vbench.families.words import OOV, Documents, count_words, map_documents, word_lists
from d2vbench.keys import derive_seed
from d2vbench.strategies import epoch_order


def trained(pair: Pair, model: str, strategy: str, schedule: str = "linear", seed: int = 1):  # type: ignore[no-untyped-def]
    learner, plan = doc2vec(pair, model, seed), plan_of(pair, strategy, schedule)
    train(learner, plan, seed)
    return learner, plan


@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_a_plan_is_what_a_plain_gensim_script_does(small_pair: Pair, model: str) -> None:
    """Vocabulary, weights, stream and alpha: the same as gensim used in the ordinary way."""
    learner, plan = trained(small_pair, model, "sequential(2)", "restart")
    corpora = [small_pair.generic, small_pair.train]
    counts = count_words(corpora)
    plain = Doc2Vec(
        dm=int(model == "dm-mean"), dm_mean=1, vector_size=16, window=5, negative=5, sample=1e-4,
        min_count=2, workers=1, seed=derive_seed(1, "initial weights"), sorted_vocab=0,
    )  # fmt: skip
    documents = word_lists(small_pair.generic) + word_lists(small_pair.train)
    sizes = learner.sides.sizes
    plain.dv.index_to_key = list(range(len(documents)))
    plain.build_vocab_from_freq(counts, corpus_count=len(documents))
    plain.random.seed(derive_seed(1, "training stream"))
    for phase in plan.phases:
        orders = iter([epoch_order(phase, e, sizes, 1) for e in range(phase.epochs)])

        class Epochs:
            def __iter__(self, orders=orders):  # type: ignore[no-untyped-def]
                return (TaggedDocument(documents[d], [d]) for d in next(orders).tolist())

        plain.train(
            Epochs(),
            total_words=phase.words(sizes) // phase.epochs,
            epochs=phase.epochs,
            start_alpha=0.025,
            end_alpha=0.0001,
        )
    ours = learner.model
    for a, b in (
        (ours.dv.vectors, plain.dv.vectors),
        (ours.syn1neg, plain.syn1neg),
        (ours.wv.vectors, plain.wv.vectors),
    ):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_training_learns_something(small_pair: Pair) -> None:
    learner, _ = trained(small_pair, "dbow", "combined")
    assert float(np.abs(learner.model.syn1neg).max()) > 0.01


def test_every_strategy_starts_from_the_same_model(small_pair: Pair) -> None:
    a, b, c = (doc2vec(small_pair, seed=seed).model for seed in (1, 1, 2))
    assert a.wv.index_to_key == b.wv.index_to_key == c.wv.index_to_key
    assert np.array_equal(a.dv.vectors, b.dv.vectors)
    assert not np.array_equal(a.dv.vectors, c.dv.vectors)


def test_only_presented_documents_move(small_pair: Pair) -> None:
    start = doc2vec(small_pair).model.dv.vectors.copy()
    learner, _ = trained(small_pair, "dbow", "domain-only(1)")
    moved = (learner.model.dv.vectors != start).any(axis=1)
    assert not moved[: len(small_pair.generic)].any()
    assert moved[len(small_pair.generic) :].all()


def test_the_vocabulary_has_natural_counts_in_a_fixed_order(small_pair: Pair) -> None:
    counts = count_words([small_pair.generic, small_pair.train])
    assert sum(counts.values()) == small_pair.generic.words() + small_pair.train.words()
    assert list(counts) == sorted(counts, key=lambda w: (-counts[w], w))
    model = doc2vec(small_pair).model
    assert model.wv.index_to_key == [w for w, n in counts.items() if n >= 2]
    assert model.wv.get_vecattr(model.wv.index_to_key[0], "count") == next(iter(counts.values()))


def test_no_test_word_is_counted(small_pair: Pair) -> None:
    with_test = count_words([small_pair.generic, small_pair.train, small_pair.test])
    without = count_words([small_pair.generic, small_pair.train])
    assert sum(with_test.values()) - sum(without.values()) == small_pair.test.words()


def infer(learner, documents: Documents, seeds: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    return learner._engine.infer(documents, seeds, epochs=5, alpha=0.025, min_alpha=0.0001)


def test_inference_does_not_depend_on_order_globals_or_training_settings(small_pair: Pair) -> None:
    learner, _ = trained(small_pair, "dbow", "combined")
    model = learner.model
    documents = map_documents([small_pair.test], model.wv.key_to_index)
    seeds = inference_seeds(small_pair.test.text_hash().tolist(), 1)
    vectors = infer(learner, documents, seeds)
    # What gensim's infer_vector would have inherited, and drawn from, changes nothing.
    model.alpha, model.min_alpha, model.epochs = 1.0, 0.5, 77
    model.random.seed(99)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    assert np.array_equal(infer(learner, documents, seeds), vectors)
    state = model.random.get_state()[1].copy()
    order = np.random.default_rng(0).permutation(len(documents))
    turned = map_documents([small_pair.test.take(np.array([i])) for i in order],
                           model.wv.key_to_index)  # fmt: skip
    assert np.array_equal(infer(learner, turned, seeds[order]), vectors[order])
    assert np.array_equal(model.random.get_state()[1], state)


def test_inferring_changes_no_weight(small_pair: Pair) -> None:
    learner, _ = trained(small_pair, "dm-mean", "combined")
    model = learner.model
    before = [model.syn1neg.copy(), model.wv.vectors.copy(), model.dv.vectors.copy()]
    documents = map_documents([small_pair.test], model.wv.key_to_index)
    vectors = infer(learner, documents, inference_seeds(range(len(documents)), 1))
    assert np.isfinite(vectors).all()
    after = [model.syn1neg, model.wv.vectors, model.dv.vectors]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_degenerate_documents_keep_their_start_vector_and_are_counted(small_pair: Pair) -> None:
    learner, _ = trained(small_pair, "dbow", "combined")
    tokens = np.array([OOV, OOV, *([0] * 10_001)], dtype=np.uint32)
    documents = Documents(tokens, np.array([0, 0, 2, len(tokens)], dtype=np.int64))
    assert documents.degenerate() == {"empty": 1, "all_out_of_vocabulary": 1, "cut": 1}
    seeds = np.array([1, 2, 3], dtype=np.uint32)
    vectors = infer(learner, documents, seeds)
    start = start_vectors(seeds, 16)
    assert np.array_equal(vectors[:2], start[:2])
    assert not np.array_equal(vectors[2], start[2])


def test_start_vectors_are_small_uniform_and_of_their_seed_alone() -> None:
    vectors = start_vectors(np.arange(1000, dtype=np.uint32), 50)
    assert (vectors.shape, vectors.dtype) == ((1000, 50), np.float32)
    scaled = vectors * 50
    assert -0.5 <= scaled.min() < -0.499
    assert 0.499 < scaled.max() < 0.5
    assert abs(scaled.mean()) < 0.005
    assert scaled.std() == pytest.approx(12**-0.5, rel=0.01)
    assert np.array_equal(start_vectors(np.array([7], np.uint32), 50)[0], vectors[7])
    assert np.abs(np.corrcoef(vectors[:50])[np.triu_indices(50, 1)]).max() < 0.7


def test_inference_seeds_follow_the_text() -> None:
    assert inference_seeds([5, 6, 5], 1).tolist()[0] == inference_seeds([5], 1)[0]
    assert len(set(inference_seeds(range(500), 1).tolist())) == 500
    assert inference_seeds([5], 1)[0] != inference_seeds([5], 2)[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "dbo"}, "unknown model 'dbo': did you mean 'dbow'?"),
        ({"vector_size": 0}, "vector_size must be 1 or more, got 0"),
        ({"sample": 1.0}, "sample must lie in [0, 1), got 1.0"),
    ],
)
def test_wrong_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Doc2VecSettings(**settings)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_an_unknown_engine_and_an_empty_vocabulary_are_refused(small_pair: Pair) -> None:
    with pytest.raises(UsageError, match="unknown engine 'gensin': did you mean 'gensim'"):
        Doc2VecSettings(engine="gensin")
    with pytest.raises(UsageError, match="no word occurs min_count = 1000000 times"):
        doc2vec(small_pair, min_count=10**6)
