"""The vocabulary of a gensim model: its words, and the tables that are made of their counts.

gensim makes both a word at a time. Here whole columns are computed, with the same operations on
the same numbers, so that each entry is gensim's to the last bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UsageError

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

    from d2vbench.families.counts import Counts

PADDING = "\0"  # gensim's name for it
# A threshold is a chance times the first; the table of cumulative counts ends at the second.
_CERTAIN, _LAST = 2**32 - 1, 2**31 - 1


def build_vocabulary(model: Word2Vec, counts: Counts, documents: int, min_count: int) -> None:
    """Give a new gensim model its vocabulary and initial weights.

    Parameters
    ----------
    model : gensim.models.word2vec.Word2Vec
        Or a Doc2Vec; without a hierarchical softmax. Words stand in the order of their counts,
        whatever ``sorted_vocab`` says: gensim's own sorting breaks ties by an unstable sort that
        may differ between processors, and counts are sorted already.
    counts : Counts
        From `d2vbench.families.counts.count`.
    documents : int
        How many are trained on.
    min_count : int
        Words that count less often are left out.

    Raises
    ------
    UsageError
        If no word is frequent enough.

    Notes
    -----
    Where the three counts are one, this is what gensim's ``build_vocab_from_freq`` makes. A word
    that the counts behind subsampling lack is never left out; one that the counts behind negative
    samples lack is never drawn.
    """
    listed = {word: n for word, n in counts.words.items() if n >= min_count}
    if not listed:
        raise UsageError(f"no word occurs min_count = {min_count} times")
    shown = _column(listed.values())
    rates = shown
    if counts.subsampling is not counts.words:
        rates = _column(max(counts.subsampling.get(word, 0), 1) for word in listed)
    vectors = model.wv
    vectors.index_to_key = list(listed)
    vectors.key_to_index = {word: row for row, word in enumerate(listed)}
    vectors.expandos["count"] = shown
    vectors.expandos["sample_int"] = thresholds(rates, model.sample)
    model.raw_vocab = defaultdict(int)
    model.corpus_count = documents
    model.min_count = model.effective_min_count = min_count
    if model.null_word:
        model.add_null_word()
    if model.negative:
        draw_by(model, counts.noise)
    model.add_lifecycle_event(
        "prepare_vocab",
        msg=f"min_count={min_count} retains {len(listed)} words of {len(counts.words)}",
    )
    model.prepare_weights()


def draw_by(model: Word2Vec, counts: Mapping[str, int]) -> None:
    """Have a gensim model draw negative samples by other counts than its vocabulary's.

    Parameters
    ----------
    model : gensim.models.word2vec.Word2Vec
        Or a Doc2Vec, with a vocabulary; its table of cumulative counts is made anew, nothing else
        changes. A padding word, of PV-DM/concat, keeps its count.
    counts : mapping of str to int
        A word that is not in it is never drawn.

    Raises
    ------
    UsageError
        If no word of the vocabulary can be drawn.
    """
    drawn = model.wv.expandos["count"].copy()
    words: Sequence[str] = model.wv.index_to_key
    if words[-1] == PADDING:
        words = words[:-1]
    drawn[: len(words)] = [counts.get(word, 0) for word in words]
    if not drawn[: len(words)].any():
        raise UsageError("no word of the vocabulary can be drawn as a negative sample")
    model.cum_table = cumulative(drawn, model.ns_exponent)


def thresholds(counts: npt.NDArray[np.int64], sample: float) -> npt.NDArray[np.uint32]:
    """Return what a random number is compared with when a word may be left out.

    Parameters
    ----------
    counts : (n_words,) int64
        At least 1.
    sample : float
        gensim's parameter of that name: below 1 a share of all words, above a count; with 0 no
        word is left out.

    Returns
    -------
    (n_words,) uint32
        ``sample_int`` of gensim: the chance that a word stays (Mikolov et al. 2013, as word2vec.c
        has it: ``(sqrt(f / s) + 1) * s / f``), times 2**32 - 1.
    """
    total = int(counts.sum())
    if not sample:
        at: float = total
    elif sample < 1:
        at = sample * total
    else:
        at = int(sample * (3 + np.sqrt(5)) / 2)
    stays = (np.sqrt(counts / at) + 1) * (at / counts)
    return np.asarray(np.minimum(stays, 1.0) * _CERTAIN).astype(np.uint32)


def cumulative(counts: npt.NDArray[np.int64], exponent: float) -> npt.NDArray[np.uint32]:
    """Return the table that negative samples are drawn from.

    Parameters
    ----------
    counts : (n_words,) int64
    exponent : float
        gensim's ``ns_exponent``.

    Returns
    -------
    (n_words,) uint32
        ``cum_table`` of gensim: a word is drawn in proportion to its count to that power.
    """
    # NumPy's power of an array may differ in the last bit from that of a number, which gensim has.
    values, places = np.unique(counts, return_inverse=True)
    powers = np.array([n ** float(exponent) for n in values])[places.reshape(-1)]
    sums = np.cumsum(powers)
    return np.asarray(np.rint(sums / sums[-1] * _LAST)).astype(np.uint32)


def _column(counts: Any) -> npt.NDArray[np.int64]:
    return np.fromiter(counts, dtype=np.int64)
