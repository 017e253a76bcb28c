"""Policies of counts: held against what a user of gensim gets who repeats documents."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec, TaggedDocument
from learners import doc2vec, encode, plan_of, plans_of, sides_of, untrained

from d2vbench.corpora import Pair, Selection
from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES, Sides, train
from d2vbench.families.counts import (
    CountsPolicy,
    count,
    noise_shares,
    parse_policy,
    part_of_plan,
)
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.models import build_model
from d2vbench.families.words import count_words, word_lists

SETTINGS = Doc2VecSettings(vector_size=8, min_count=3, sample=1e-3)


def by_gensim(*parts: tuple[Selection, int]) -> Doc2Vec:
    """Return a model whose user repeats the documents of each side before ``build_vocab``."""
    texts = [words for side, times in parts for words in word_lists(side) * times]
    model = Doc2Vec(vector_size=8, min_count=3, sample=1e-3, dm=0, workers=1)
    model.build_vocab([TaggedDocument(words, [i]) for i, words in enumerate(texts)])
    return model


def tables(model: Doc2Vec) -> dict[str, tuple[int, int, int]]:
    """Return count, threshold of subsampling and width in the table of noise, by word."""
    widths = np.diff(model.cum_table.astype(np.int64), prepend=0).tolist()
    return {
        word: (model.wv.get_vecattr(word, "count"), model.wv.get_vecattr(word, "sample_int"), width)
        for word, width in zip(model.wv.index_to_key, widths, strict=True)
    }


def alike(one: Doc2Vec, two: Doc2Vec) -> bool:
    """Return whether two vocabularies are one; widths round at other places in another order."""
    first, second = tables(one), tables(two)
    return first.keys() == second.keys() and all(
        first[word][:2] == second[word][:2] and abs(first[word][2] - second[word][2]) <= 1
        for word in first
    )


def model_of(pair: Pair, policy: str, strategy: str = "combined") -> Doc2Vec:
    settings = dataclasses.replace(SETTINGS, vocabulary=policy)
    return untrained(pair, "doc2vec", settings, plan=plan_of(pair, strategy)).model


@pytest.mark.parametrize(
    ("strategy", "generic", "domain"),
    [
        ("combined", 1, 1),
        ("oversampled(4)", 1, 4),
        ("sequential(4)", 1, 4),
        ("reverse(3)", 1, 3),
        ("mixed-finish(2)", 1, 2),
        ("replay(4, 0.5)", 1, 4),
        ("annealed(4)", 1, 4),
        ("domain-only(4)", 0, 1),
        ("domain-only(budget)", 0, 1),
        ("generic-only", 1, 0),
    ],
)
def test_presented_is_what_repeated_documents_give(
    small_pair: Pair, strategy: str, generic: int, domain: int
) -> None:
    plain = by_gensim((small_pair.generic, generic), (small_pair.train, domain))
    assert alike(model_of(small_pair, "presented", strategy), plain)


def test_natural_is_every_document_once(small_pair: Pair) -> None:
    plain = by_gensim((small_pair.generic, 1), (small_pair.train, 1))
    for strategy in ("oversampled(4)", "domain-only(4)", "generic-only"):
        assert alike(model_of(small_pair, "natural", strategy), plain)


def test_each_model_of_an_ensemble_counts_its_own(small_pair: Pair) -> None:
    plans = plans_of(small_pair, "ensemble(2)")
    models = [untrained(small_pair, "doc2vec", SETTINGS, plan=plan).model for plan in plans]
    assert alike(models[0], by_gensim((small_pair.generic, 1)))
    assert alike(models[1], by_gensim((small_pair.train, 1)))


@pytest.mark.parametrize("part", ["words", "subsampling", "noise"])
def test_a_part_is_presented_and_the_others_are_natural(small_pair: Pair, part: str) -> None:
    mixed = tables(model_of(small_pair, f"{part}(presented)", "oversampled(4)"))
    natural, presented = (
        tables(by_gensim((small_pair.generic, 1), (small_pair.train, times))) for times in (1, 4)
    )
    listed = presented if part == "words" else natural
    assert mixed.keys() == listed.keys() != (natural if part == "words" else presented).keys()
    if part == "words":
        # The totals are those of the longer list.
        assert {w: mixed[w][0] for w in mixed} == {w: presented[w][0] for w in presented}
        return
    if part == "noise":
        assert {w: mixed[w][:2] for w in mixed} == {w: natural[w][:2] for w in natural}
        total, whole = (sum(presented[w][2] for w in words) for words in (natural, presented))
        for word in natural:
            assert mixed[word][2] == pytest.approx(presented[word][2] * whole / total, abs=2)
        return
    assert all(abs(mixed[w][2] - natural[w][2]) <= 1 for w in natural)
    moved = [w for w in natural if mixed[w][1] != natural[w][1]]
    assert moved
    # What D uses often is left out oftener once it counts four times.
    of_domain = {word for words in word_lists(small_pair.train) for word in words}
    risen = [w for w in moved if mixed[w][1] > natural[w][1]]
    assert risen and sum(w in of_domain for w in risen) < len(risen)


@pytest.mark.parametrize("engine", ["native", "gensim"])
@pytest.mark.parametrize("model", ["dbow", "dm-mean", "dm-concat"])
def test_noise_of_d_never_draws_what_d_lacks(small_pair: Pair, engine: str, model: str) -> None:
    settings = dataclasses.replace(
        SETTINGS, model=model, vocabulary="noise(D)", engine=engine, sample=0.0, window=2
    )
    plan = plan_of(small_pair, "domain-only(2)")
    learner = untrained(small_pair, "doc2vec", settings, plan=plan)
    of_domain = {word for words in word_lists(small_pair.train) for word in words}
    words = learner.model.wv.index_to_key
    absent = [row for row, word in enumerate(words) if word not in of_domain and word != "\0"]
    assert len(absent) > 20
    train(learner, plan, 1)
    # Neither predicted nor drawn: their output weights are as they began.
    assert not learner.model.syn1neg[absent].any()
    assert learner.model.syn1neg.any()


def test_both_engines_train_the_same_with_a_table_of_its_own(small_pair: Pair) -> None:
    plan = plan_of(small_pair, "sequential(2)", "restart")
    found = []
    for engine in ("native", "gensim"):
        settings = dataclasses.replace(SETTINGS, vocabulary="noise(G + 4D)", engine=engine)
        learner = untrained(small_pair, "doc2vec", settings, plan=plan)
        train(learner, plan, 1)
        found.append(encode(learner, small_pair.test))
    one, two = (vectors / np.linalg.norm(vectors, axis=1)[:, None] for vectors in found)
    assert (one * two).sum(axis=1).min() > 0.9999


def test_word2vec_takes_the_same_policies(small_pair: Pair) -> None:
    family = FAMILIES["word2vec-mean"]
    plan = plan_of(small_pair, "oversampled(4)")
    made = {}
    for policy in ("presented", "natural"):
        settings = family.settings(vector_size=8, min_count=3, sample=1e-3, vocabulary=policy)
        made[policy] = untrained(small_pair, "word2vec-mean", settings, plan=plan).model
        assert family.components(settings) == {f"vocabulary {policy}": 1}
    assert alike(made["presented"], by_gensim((small_pair.generic, 1), (small_pair.train, 4)))
    assert alike(made["natural"], by_gensim((small_pair.generic, 1), (small_pair.train, 1)))


def test_only_plans_that_count_alike_share_what_they_begin_with(small_pair: Pair) -> None:
    def part(policy: str, strategy: str, schedule: str = "linear") -> object:
        return part_of_plan(parse_policy(policy), plan_of(small_pair, strategy, schedule))

    assert part("presented", "sequential(4)") == part("presented", "sequential(4)", "restart")
    assert part("presented", "sequential(4)") == part("presented", "oversampled(4)")
    assert part("presented", "sequential(4)") != part("presented", "sequential(2)")
    assert part("presented", "sequential(4)") != part("presented", "generic-only")
    assert part("presented", "selected(0.5)") != part("presented", "combined")
    assert part("own", "sequential(4)") == part("own", "sequential(2)")
    assert part("own", "sequential(4)") != part("own", "generic-only")
    assert part("natural", "sequential(4)") is None is part("noise(D)", "sequential(4)")
    assert part("noise(presented)", "sequential(4)") == part("presented", "sequential(4)")


def test_a_ratio_that_is_no_whole_number_rounds_each_count(small_pair: Pair) -> None:
    plan = plan_of(small_pair, "sequential(1)")
    longer = dataclasses.replace(
        plan.phases[1], domain=dataclasses.replace(plan.phases[1].domain, stop=3)
    )
    plan = dataclasses.replace(plan, phases=(plan.phases[0], longer))
    sides = sides_of(small_pair)
    counted = count(parse_policy("presented"), sides, plan).words
    weights = Fraction(3, 2)
    natural = count(parse_policy("natural"), sides, plan).words
    of_generic = count(parse_policy("generic"), sides, plan).words
    for word, n in natural.items():
        of_domain = n - of_generic.get(word, 0)
        assert counted[word] == round(of_generic.get(word, 0) + of_domain * weights)


def test_how_much_noise_falls_on_words_that_d_never_uses(small_pair: Pair) -> None:
    sides = sides_of(small_pair)
    of_domain = {word for words in word_lists(small_pair.train) for word in words}
    for policy in ("presented", "natural", "noise(D)"):
        plan = plan_of(small_pair, "oversampled(4)")
        counts = count(parse_policy(policy), sides, plan)
        found = noise_shares(counts, sides, 3)
        model = build_model(
            counts, len(small_pair.generic) + len(small_pair.train),
            dataclasses.replace(SETTINGS, vocabulary=policy), 1,
        )  # fmt: skip
        widths = {word: width for word, (_, _, width) in tables(model).items()}
        absent = sum(width for word, width in widths.items() if word not in of_domain)
        assert found.words == len(widths)
        assert found.without_domain == pytest.approx(absent / sum(widths.values()), abs=1e-6)
    assert found.without_domain == 0


def test_policies_are_read_and_written() -> None:
    assert parse_policy("noise(G+4D)") == CountsPolicy("noise", "G + 4D", 4)
    assert str(parse_policy("noise(G+4D)")) == "noise(G + 4D)"
    assert str(parse_policy("noise(G + 1D)")) == "noise(G + D)"
    assert Doc2VecSettings(vocabulary="noise(G+4D)").vocabulary == "noise(G + 4D)"
    for wrong in ("noise", "noise(X)", "noise(G)", "natural(D)", "noise(G - D)", "noise(G + 1.5D)"):
        with pytest.raises(UsageError, match="unknown vocabulary policy"):
            parse_policy(wrong)


def test_a_source_counts_documents_as_often_as_it_says(small_pair: Pair) -> None:
    sides, plan = sides_of(small_pair), plan_of(small_pair, "combined")
    generic, domain = count_words([sides.generic]), count_words([sides.domain])
    for policy, of_generic, of_domain in (("noise(D)", 0, 1), ("noise(G + 4D)", 1, 4)):
        expected = {
            word: of_generic * generic.get(word, 0) + of_domain * domain.get(word, 0)
            for word in {**generic, **domain}
        }
        found = count(parse_policy(policy), sides, plan)
        assert found.noise == {word: n for word, n in expected.items() if n}
        assert found.words == found.subsampling == sides.word_counts


@pytest.mark.parametrize("times", ["0", "00", str(2**32), "9" * 400])
def test_a_weight_of_zero_or_beyond_32_bits_is_refused(times: str) -> None:
    with pytest.raises(UsageError, match=r"m must be a whole number from 1 to 4294967295"):
        parse_policy(f"noise(G + {times}D)")


def test_a_count_beyond_32_bits_is_refused(small_pair: Pair) -> None:
    with pytest.raises(UsageError, match="more than the 4,294,967,295 that 32 bits hold"):
        doc2vec(small_pair, vocabulary="noise(G + 4294967295D)")


def test_a_policy_of_d_without_a_domain_corpus_is_refused(small_pair: Pair) -> None:
    nothing = small_pair.train.take(np.arange(0))
    plan = plan_of(small_pair, "generic-only")
    for policy in ("noise(D)", "noise(G + 4D)"):
        with pytest.raises(UsageError) as caught:
            count(parse_policy(policy), Sides(small_pair.generic, nothing), plan)
        assert str(caught.value) == (
            f"vocabulary policy {policy}: the domain corpus has no word to count"
        )


def test_a_table_without_a_word_to_draw_is_refused(small_pair: Pair) -> None:
    counts = count(parse_policy("natural"), sides_of(small_pair), plan_of(small_pair, "combined"))
    emptied = dataclasses.replace(counts, noise={"no such word": 5})
    with pytest.raises(UsageError, match="can be drawn as a negative sample"):
        build_model(emptied, 4, dataclasses.replace(SETTINGS, vocabulary="noise(D)"), 1)
