"""The vocabulary and its tables are gensim's, to the last bit."""

import numpy as np
import pytest
from gensim.models.doc2vec import Doc2Vec
from gensim.models.word2vec import Word2Vec

from d2vbench.errors import UsageError
from d2vbench.families.counts import Counts, same_counts
from d2vbench.families.gensim_vocabulary import PADDING, build_vocabulary, cumulative, draw_by

OPTIONS = {"vector_size": 4, "seed": 1, "workers": 1, "sorted_vocab": 0}


def counts(words: int = 4000, most: int = 3_000_000) -> dict[str, int]:
    """Zipfian counts in falling order, with a long tail of equal ones."""
    drawn = np.random.default_rng(0).zipf(1.3, words).clip(max=most)
    return {f"w{i}": int(n) for i, n in enumerate(sorted(drawn, reverse=True))}


def both(kind=Doc2Vec, given=None, min_count=2, **options):
    given = counts() if given is None else given
    ours, theirs = (kind(**OPTIONS, min_count=min_count, **options) for _ in range(2))
    build_vocabulary(ours, same_counts(given), 7, min_count)
    theirs.build_vocab_from_freq(dict(given), corpus_count=7)
    return ours, theirs


@pytest.mark.parametrize("sample", [1e-5, 1e-4, 1e-3, 0, 0.5, 1, 1000])
@pytest.mark.parametrize("exponent", [0.75, 1.0, 0.0, -0.5, 0.333])
def test_tables_are_those_of_gensim(sample: float, exponent: float) -> None:
    ours, theirs = both(sample=sample, ns_exponent=exponent)
    for name in ("sample_int", "count"):
        one, other = ours.wv.expandos[name], theirs.wv.expandos[name]
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()
    assert ours.cum_table.dtype == theirs.cum_table.dtype
    assert ours.cum_table.tolist() == theirs.cum_table.tolist()


@pytest.mark.parametrize(
    "options", [{"dm": 0}, {"dm": 1}, {"dm": 1, "dm_concat": 1}, {"dm": 0, "dbow_words": 1}]
)
def test_the_whole_model_is_that_of_gensim(options: dict[str, int]) -> None:
    ours, theirs = both(**options)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.wv.key_to_index == theirs.wv.key_to_index
    assert (PADDING in ours.wv.key_to_index) == ("dm_concat" in options)
    for name in ("wv.vectors", "syn1neg", "cum_table", "dv.vectors"):
        part, _, of = name.rpartition(".")
        one, other = (getattr(getattr(m, part) if part else m, of) for m in (ours, theirs))
        assert one.dtype == other.dtype
        assert np.array_equal(one, other), name
    same = ("min_count", "effective_min_count", "sample", "corpus_count", "raw_vocab", "negative")
    assert {n: getattr(ours, n) for n in same} == {n: getattr(theirs, n) for n in same}
    one, other = (m.wv.expandos["sample_int"] for m in (ours, theirs))
    assert one.tolist() == other.tolist()
    assert set(vars(ours)) == set(vars(theirs))


def test_both_train_alike() -> None:
    ours, theirs = both(Word2Vec, sample=1e-3)
    texts = [[f"w{i % 50}" for i in range(n, n + 30)] for n in range(200)]
    for model in (ours, theirs):
        model.train(texts, total_examples=len(texts), epochs=2)
    assert np.array_equal(ours.wv.vectors, theirs.wv.vectors)


@pytest.mark.parametrize("least", [1, 2, 10])
def test_rare_words_are_left_out_as_in_gensim(least: int) -> None:
    ours, theirs = both(min_count=least)
    assert len(ours.wv) == sum(n >= least for n in counts().values())
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours.wv.expandos["sample_int"].tolist() == theirs.wv.expandos["sample_int"].tolist()


def test_each_table_is_of_its_own_counts() -> None:
    words, other = counts(), dict(reversed(list(counts().items())))
    flipped = dict(zip(words, other.values(), strict=True))
    model = Doc2Vec(**OPTIONS, dm=0, min_count=1)
    build_vocabulary(model, Counts(words, flipped, words), 7, 1)
    of_words, of_flipped = both(given=words, min_count=1)[1], both(given=flipped, min_count=1)[1]
    assert model.cum_table.tolist() == of_words.cum_table.tolist()
    rates = model.wv.expandos["sample_int"].tolist()
    assert rates == of_flipped.wv.expandos["sample_int"].tolist()
    assert rates != of_words.wv.expandos["sample_int"].tolist()
    assert model.wv.expandos["count"].tolist() == list(words.values())


def test_a_word_that_other_counts_lack_is_never_drawn() -> None:
    model = Doc2Vec(**OPTIONS, dm=1, dm_concat=1, min_count=1)
    build_vocabulary(model, same_counts({"a": 5, "b": 3, "c": 2}), 7, 1)
    draw_by(model, {"c": 4})
    steps = np.diff(model.cum_table.astype(np.int64), prepend=0)
    assert steps[:2].tolist() == [0, 0]
    assert (steps[2:] > 0).all()  # The padding word keeps its count.
    with pytest.raises(UsageError, match="can be drawn"):
        draw_by(model, {"d": 4})


def test_counts_of_many_billions() -> None:
    table = cumulative(np.array([4_000_000_000, 3, 1], dtype=np.int64), 0.75)
    assert table[-1] == 2**31 - 1
    assert (np.diff(table.astype(np.int64)) > 0).all()
