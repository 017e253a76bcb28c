"""What the family says of settings and strategies before anything is trained."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from learners import plan_of, sides_of, untrained

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.families import Sides
from d2vbench.families.counts import Counts, noise_shares, parse_policy, presented_weights
from d2vbench.families.doc2vec import MODELS, Doc2VecSettings, parity
from d2vbench.families.doc2vec.family import Doc2VecFamily, weight_bytes
from d2vbench.families.doc2vec.saved import keep_vectors
from d2vbench.strategies import parse_strategy

FAMILY = Doc2VecFamily()
NATURAL = Doc2VecSettings(vocabulary="natural", vector_size=16, min_count=2)
EXPANDED = dataclasses.replace(NATURAL, engine="gensim", vocabulary="expanded")
VECTORS = dataclasses.replace(NATURAL, word_vectors="0" * 64)


@pytest.mark.parametrize(
    ("settings", "strategy", "said"),
    [
        (NATURAL, "combined", ""),
        (NATURAL, "pretrained-words(2)", ""),
        (VECTORS, "pretrained-words(2)", ""),
        (VECTORS, "pretrained-words-frozen(2)", ""),
        (VECTORS, "domain-only(budget)",
         "strategy domain-only(budget) goes by the size of the generic corpus, and there is none"),
        (VECTORS, "domain-only(2)",
         "strategy domain-only(2) takes no word vectors of a file: pretrained-words(k) and "
         "pretrained-words-frozen(k) do"),
        (NATURAL, "warm(2)",
         "strategy warm(2) needs a saved model: give generic_model='FILE'"),
        (EXPANDED, "sequential(2)", ""),
        (EXPANDED, "reverse(2)",
         "vocabulary expanded: gensim expands between the two phases of sequential(k), which "
         "reverse(2) has not"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_said(
    settings: Doc2VecSettings, strategy: str, said: str
) -> None:
    if "pretrained" in strategy:  # Which pure PV-DBOW cannot be trained by.
        settings = dataclasses.replace(settings, model="dm-mean")
    assert FAMILY.refuses(settings, parse_strategy(strategy)) == said


def test_versions_are_those_of_what_a_cell_uses() -> None:
    usual = {
        "vocabulary natural", "initial weights", "start vectors", "nearness", "training native",
        "inference native",
    }  # fmt: skip
    assert set(FAMILY.components(NATURAL)) == usual
    assert set(FAMILY.components(VECTORS)) == {*usual, "word vectors"}
    saved = dataclasses.replace(NATURAL, vocabulary="model", generic_model="0" * 64)
    assert set(FAMILY.components(saved)) ^ usual == {
        "vocabulary natural", "vocabulary model", "saved model"
    }  # fmt: skip
    of_gensim = set(FAMILY.components(dataclasses.replace(NATURAL, engine="gensim")))
    assert of_gensim ^ usual == {
        "training native", "training gensim", "inference native", "inference gensim"
    }  # fmt: skip
    assert FAMILY.label(NATURAL) == "dbow"
    assert not FAMILY.trains_apart(NATURAL)
    assert FAMILY.trains_apart(dataclasses.replace(EXPANDED, vocabulary="expanded-repaired"))


def test_costs_grow_with_what_is_trained(small_pair: Pair) -> None:
    sides = sides_of(small_pair)
    usual = FAMILY.cost(NATURAL, sides)
    words = sum(n >= 2 for n in sides.word_counts.values())
    documents = len(sides.generic) + len(sides.domain)
    assert usual.state_bytes == weight_bytes(NATURAL, words, documents)
    rarer = FAMILY.cost(dataclasses.replace(NATURAL, min_count=3), sides)
    # A word less is one row less in two tables.
    fewer = words - sum(n >= 3 for n in sides.word_counts.values())
    assert usual.state_bytes - rarer.state_bytes == fewer * 2 * 16 * 4
    assert usual.bytes - rarer.bytes > 600 * fewer
    nothing = small_pair.generic.take(np.arange(0))
    alone = FAMILY.cost(NATURAL, Sides(nothing, small_pair.train))
    assert alone.state_bytes < usual.state_bytes
    seconds = {
        (model, engine): FAMILY.cost(
            dataclasses.replace(NATURAL, model=model, engine=engine), sides
        ).seconds_per_word
        for model in MODELS
        for engine in ("native", "gensim")
    }
    for model in MODELS:
        assert seconds[model, "gensim"] == pytest.approx(10 * seconds[model, "native"])
        assert seconds[model, "native"] >= seconds["dbow", "native"]
    assert seconds["dm-concat", "native"] == max(seconds[m, "native"] for m in MODELS)
    assert 1e-8 < seconds["dbow", "native"] < 1e-6
    # The native engine copies frequent rows; an expansion is tried in a process with gensim.
    of_gensim = FAMILY.cost(dataclasses.replace(NATURAL, engine="gensim"), sides)
    assert usual.bytes - of_gensim.bytes == usual.state_bytes
    # While a checkpoint is read, there are two of a small state.
    wide = FAMILY.cost(dataclasses.replace(NATURAL, engine="gensim", vector_size=32), sides)
    assert wide.state_bytes == 2 * of_gensim.state_bytes
    assert wide.bytes - of_gensim.bytes == 2 * of_gensim.state_bytes
    apart = FAMILY.cost(EXPANDED, sides)
    assert 100 << 20 < apart.bytes - of_gensim.bytes < 1 << 30


def test_word_vectors_of_a_file_are_placed_by_word(small_pair: Pair) -> None:
    """Other words keep their start vectors, and words that the model lacks are not added."""
    settings = dataclasses.replace(NATURAL, model="dm-mean")
    plan = plan_of(small_pair, "domain-only(1)")
    start = untrained(small_pair, "doc2vec", settings, plan=plan).model.wv
    known = [start.index_to_key[row] for row in (7, 2)]
    vectors = np.arange(48, dtype=np.float32).reshape(3, 16)
    name = keep_vectors([known[0], "no word of it", known[1]], vectors, "f" * 64)
    assert name.startswith("f" * 16 + "-")
    placed = untrained(
        small_pair, "doc2vec", dataclasses.replace(settings, word_vectors=name), plan=plan
    ).model.wv
    assert placed.index_to_key == start.index_to_key
    assert (placed[known[0]] == vectors[0]).all() and (placed[known[1]] == vectors[2]).all()
    others = [row for row in range(len(start)) if row not in (2, 7)]
    assert (placed.vectors[others] == start.vectors[others]).all()
    for words, size, said in (
        (["a"], 8, "the word vectors have 8 components, and the model 16: give vector_size=8"),
        (["no word of it"], 16,
         "none of the 1 word vectors is of a word of the domain's vocabulary"),
    ):  # fmt: skip
        other = keep_vectors(words, np.zeros((1, size), np.float32))
        with pytest.raises(UsageError) as caught:
            untrained(
                small_pair, "doc2vec", dataclasses.replace(settings, word_vectors=other), plan=plan
            )
        assert str(caught.value).replace("'8'", "8") == said


def test_how_often_either_side_counts(small_pair: Pair) -> None:
    plan = plan_of(small_pair, "oversampled(4)")
    for policy, weights in {"natural": (1, 1), "generic": (1, 0), "presented": (1, 4),
                            "own": (1, 1)}.items():  # fmt: skip
        of_generic, of_domain = presented_weights(parse_policy(policy), plan)
        assert (of_generic, of_domain) == ({1: weights[0]}, weights[1])


def test_of_no_word_no_noise_falls_on_others(small_pair: Pair) -> None:
    counts = {"rare": 1}
    found = noise_shares(Counts(counts, counts, counts), sides_of(small_pair), 2)
    assert (found.words, found.without_domain) == (0, 0.0)
    far = {"no word of d": 16, "another": 81}
    found = noise_shares(Counts(far, far, far | {"another": 0}), sides_of(small_pair), 2)
    assert (found.words, found.without_domain) == (2, 1.0)


def test_the_smallest_cosine_and_the_largest_difference() -> None:
    a = np.array([[1, 0], [0, 2], [0, 0]], np.float32)
    assert parity._difference(a, a) == (1.0, 0.0)
    turned = np.array([[1, 1], [0, 3], [0, 0]], np.float32)
    cosine, difference = parity._difference(a, turned)
    assert (cosine, difference) == (pytest.approx(0.5**0.5), 1.0)
    # A vector of zeros in one of the two alone is another vector.
    assert parity._difference(a, np.array([[1, 0], [0, 2], [0, 1]], np.float32))[0] == 0
    assert parity._difference(a, np.array([[1, 0], [0, np.inf], [0, 0]]))[0] == -1
