"""Averaged word vectors: what a plain gensim script does, and means by hand."""

from __future__ import annotations

import numpy as np
import pytest
from gensim.models.word2vec import Word2Vec
from learners import encode, plan_of, sides_of, untrained
from models_support import selection

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families import Sides, train, word2vec_mean
from d2vbench.families.word2vec_mean import FAMILY, Word2VecSettings
from d2vbench.families.words import count_words, word_lists
from d2vbench.keys import derive_seed
from d2vbench.strategies import epoch_order

SETTINGS = Word2VecSettings(vector_size=16, min_count=2)


@pytest.mark.parametrize(
    ("strategy", "schedule"),
    [("sequential(2)", "restart"), ("oversampled(2)", "linear"), ("replay(2, 0.3)", "linear")],
)
def test_a_plan_is_what_a_plain_gensim_script_does(
    small_pair: Pair, strategy: str, schedule: str
) -> None:
    plan = plan_of(small_pair, strategy, schedule)
    learner = untrained(small_pair, "word2vec-mean", SETTINGS)
    train(learner, plan, 1)

    texts = word_lists(small_pair.generic) + word_lists(small_pair.train)
    counts = count_words([small_pair.generic, small_pair.train])
    plain = Word2Vec(
        sg=0, vector_size=16, window=5, negative=5, sample=1e-4, min_count=2, workers=1,
        sorted_vocab=0, seed=derive_seed(1, "initial weights", "word2vec-mean"),
    )  # fmt: skip
    plain.build_vocab_from_freq(counts, corpus_count=len(texts))
    plain.random.seed(derive_seed(1, "training stream", "word2vec-mean"))
    start = plain.wv.vectors.copy()
    for phase in plan.phases:
        for epoch in range(phase.epochs):
            order = epoch_order(phase, epoch, sides_of(small_pair).sizes, 1)
            presented = [texts[d] for d in order.tolist()]
            first, last = phase.epoch_alpha(epoch)
            plain.train(
                presented, total_words=sum(map(len, presented)), epochs=1,
                start_alpha=first, end_alpha=last,
            )  # fmt: skip
    assert np.array_equal(learner.model.wv.vectors, plain.wv.vectors)
    assert np.array_equal(learner.model.syn1neg, plain.syn1neg)
    assert np.abs(plain.wv.vectors - start).max() > 0.01

    expected = [
        np.mean([plain.wv[w] for w in words if w in plain.wv], axis=0)
        for words in word_lists(small_pair.test)
    ]
    np.testing.assert_allclose(encode(learner, small_pair.test), expected, rtol=0, atol=1e-6)


def test_a_long_document_loses_no_word(small_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word2vec_mean, "MAX_DOCUMENT_WORDS", 7)
    seen = []
    monkeypatch.setattr(Word2Vec, "train", lambda self, part, **rest: seen.extend(part))
    learner = untrained(small_pair, "word2vec-mean", SETTINGS)
    learner.present(np.array([3, 1]), 0.02, 0.01)
    texts = word_lists(small_pair.generic)
    assert [word for piece in seen for word in piece] == texts[3] + texts[1]
    assert max(map(len, seen)) == 7


def test_a_document_without_known_words_is_zero_and_counted(small_pair: Pair) -> None:
    learner = untrained(small_pair, "word2vec-mean", SETTINGS)
    word = learner.model.wv.index_to_key[0]
    texts = selection([f"unheard {word}", "unheard", "", f"{word} " * 10_001])
    vectors = encode(learner, texts)
    np.testing.assert_allclose(vectors[0], learner.model.wv[word], rtol=0, atol=1e-7)
    assert not vectors[1:3].any()
    assert learner.readable(texts).tolist() == [True, False, False, True]
    # None is cut: a mean takes all words.
    assert learner.degenerate(texts) == {"empty": 1, "all_out_of_vocabulary": 1, "cut": 0}


def test_nothing_can_be_frozen_and_a_vocabulary_may_be_empty(small_pair: Pair) -> None:
    learner = untrained(small_pair, "word2vec-mean", SETTINGS)
    with pytest.raises(UsageError) as caught:
        learner.present(np.arange(2), 0.02, 0.01, frozen=("words", "outputs"))
    assert str(caught.value) == "word2vec-mean can freeze nothing, got outputs, words"
    with pytest.raises(UsageError, match="no word occurs min_count = 1000000 times"):
        untrained(small_pair, "word2vec-mean", Word2VecSettings(min_count=10**6))
    with pytest.raises(UsageError, match="negative must be 1 or more, got 0"):
        FAMILY.settings(negative=0)


def test_an_empty_side_is_no_hindrance(small_pair: Pair) -> None:
    nothing = small_pair.generic.take(np.arange(0))
    learner = FAMILY.prepare(
        Sides(nothing, small_pair.train), SETTINGS, 1, plan_of(small_pair, "domain-only(1)")
    )
    learner.present(np.arange(10), 0.02, 0.01)
    assert not learner.word_rows().counts(learner.vocabulary_size(), first=0).any()
