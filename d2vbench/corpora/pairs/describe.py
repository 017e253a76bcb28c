"""What a pair is made of, and how far its two sides differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.pairs.duplicates import SHINGLE, containment, shingles
from d2vbench.corpora.pairs.labels import class_sizes
from d2vbench.corpora.pairs.pair import Pair
from d2vbench.corpora.store.selections import Selection

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: gensim trains on no more words of a document, without a word about it.
LONGEST = 10_000
#: A test document of which G has so much in one document is found there.
FOUND_SHARE = 0.5


#: Rarer words of G are not in its vocabulary, as in gensim.
MIN_COUNT = 5


@dataclass(frozen=True)
class SideDescription:
    """One side of a pair.

    Attributes
    ----------
    documents, words, distinct_words : int
        Counts; words as the tokeniser gives them.
    empty, cut : int
        Documents without a word, and documents longer than gensim's 10,000 words.
    lengths : (documents,) int64
        Words of each document.
    """

    documents: int
    words: int
    distinct_words: int
    empty: int
    cut: int
    lengths: npt.NDArray[np.int64]

    def quantiles(self) -> tuple[int, ...]:
        """Return document lengths in words at `QUANTILES`; zeros without documents."""
        if not self.documents:
            return (0,) * len(QUANTILES)
        return tuple(int(q) for q in np.quantile(self.lengths, QUANTILES))


@dataclass(frozen=True)
class TypicalWord:
    """A word that tells the sides apart.

    Attributes
    ----------
    word : str
        The word.
    generic_share, domain_share : float
        Its share of the words of each side.
    divergence : float
        Its part in the Jensen-Shannon divergence, in bits.
    """

    word: str
    generic_share: float
    domain_share: float
    divergence: float


@dataclass(frozen=True)
class PairDescription:
    """A pair in numbers.

    Attributes
    ----------
    name : str
        Of the pair.
    sides : dict of str to SideDescription
        ``generic``, ``train``, ``test``, ``generic_test``.
    classes : list of (str, int, int)
        Class, documents in train, documents in test; the largest class first. One of several labels
        is in each of its classes.
    left_out : dict of str to int
        What the making of the pair left out.
    vocabulary : int
        Words that occur ``min_count`` times or more in G and D-train together: what is trained.
    generic_vocabulary : int
        The same in G alone.
    out_of_vocabulary : float
        Share of the words of D-train, repeats counted, that are not in G's vocabulary.
    divergence : float
        Jensen-Shannon divergence between the word distributions of G and of D-train, in bits: 0
        for equal distributions, 1 for distributions without a common word (Lin 1991).
    typical : list of TypicalWord
        The words with the largest part in the divergence, first those of D.
    min_count : int
        Of the vocabulary.
    found_in_generic : int
        Documents of D-test of which one document of G has half of the five-word shingles or more.
    """

    name: str
    sides: dict[str, SideDescription]
    classes: list[tuple[str, int, int]]
    left_out: dict[str, int]
    vocabulary: int
    generic_vocabulary: int
    out_of_vocabulary: float
    divergence: float
    typical: list[TypicalWord]
    min_count: int
    found_in_generic: int

    @property
    def ratio(self) -> float:
        """Words of G for each word of D-train."""
        return self.sides["generic"].words / max(self.sides["train"].words, 1)

    @property
    def median_length(self) -> int:
        """Words of the median document of D-train."""
        return self.sides["train"].quantiles()[QUANTILES.index(0.5)]

    @property
    def found_share(self) -> float:
        """Share of D-test that is found in G."""
        return self.found_in_generic / max(self.sides["test"].documents, 1)


def describe_pair(pair: Pair, min_count: int = MIN_COUNT, typical: int = 12) -> PairDescription:
    """Describe a pair.

    Parameters
    ----------
    pair : Pair
        The pair.
    min_count : int
        Rarer words are not in a vocabulary, as in gensim.
    typical : int
        How many typical words of each side.

    Returns
    -------
    PairDescription
        Test documents enter the counts of documents and words and `found_in_generic`, and nothing
        else.
    """
    selections = {
        "generic": pair.generic,
        "train": pair.train,
        "test": pair.test,
        "generic_test": pair.generic_test,
    }
    lexicon, g, d = _word_counts(pair)
    known = g >= min_count
    parts = divergence_parts(g / max(g.sum(), 1), d / max(d.sum(), 1))
    rows = pair.train_rows, pair.test_rows
    train, test = (class_sizes(side, len(pair.classes)).tolist() for side in rows)
    classes = list(zip(pair.classes, train, test, strict=True))
    return PairDescription(
        name=pair.name,
        sides={name: _side(selection) for name, selection in selections.items()},
        classes=sorted(classes, key=lambda c: (-c[1], c[0])),
        left_out=pair.counts,
        vocabulary=int((g + d >= min_count).sum()),
        generic_vocabulary=int(known.sum()),
        out_of_vocabulary=_unknown(g, d, min_count),
        divergence=float(parts.sum()),
        typical=_typical(lexicon, g, d, parts, typical),
        min_count=min_count,
        found_in_generic=_found_in_generic(pair),
    )


def nearness(pair: Pair) -> dict[str, float]:
    """Return how far the words of G and D-train differ.

    Returns
    -------
    dict of str to float
        ``divergence`` and ``out_of_vocabulary``; see `PairDescription`.
    """
    _, g, d = _word_counts(pair)
    return {
        "divergence": float(divergence_parts(g / max(g.sum(), 1), d / max(d.sum(), 1)).sum()),
        "out_of_vocabulary": _unknown(g, d, MIN_COUNT),
    }


def _unknown(
    generic: npt.NDArray[np.int64], domain: npt.NDArray[np.int64], min_count: int
) -> float:
    return float(domain[generic < min_count].sum() / max(domain.sum(), 1))


def _word_counts(pair: Pair) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the words of both corpora, and how often each occurs in G and in D-train."""
    lexicon = sorted({*pair.generic.corpus.lexicon, *pair.train.corpus.lexicon})
    position = {word: i for i, word in enumerate(lexicon)}
    return lexicon, _counts(pair.generic, position), _counts(pair.train, position)


def _found_in_generic(pair: Pair) -> int:
    test = shingles(pair.test.corpus, pair.test.documents)
    # A document of a few words is found anywhere.
    test = [found for found in test if len(found) >= SHINGLE]
    generic = shingles(pair.generic.corpus, pair.generic.documents)
    return int((containment(test, generic) >= FOUND_SHARE).sum())


def _side(selection: Selection) -> SideDescription:
    tokens, offsets = selection.gather()
    lengths = np.diff(offsets)
    return SideDescription(
        documents=len(selection),
        words=len(tokens),
        distinct_words=len(np.unique(tokens)),
        empty=int((lengths == 0).sum()),
        cut=int((lengths > LONGEST).sum()),
        lengths=lengths,
    )


def _counts(selection: Selection, position: dict[str, int]) -> npt.NDArray[np.int64]:
    tokens, _ = selection.gather()
    lexicon = selection.corpus.lexicon
    counts = np.zeros(len(position), dtype=np.int64)
    counts[[position[word] for word in lexicon]] = np.bincount(tokens, minlength=len(lexicon))
    return counts


def divergence_parts(
    p: npt.NDArray[np.float64], q: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return what each word adds to the Jensen-Shannon divergence, in bits."""
    from scipy.special import rel_entr

    m = (p + q) / 2
    parts: npt.NDArray[np.float64] = (rel_entr(p, m) + rel_entr(q, m)) / (2 * np.log(2))
    return parts


def _typical(
    lexicon: list[str],
    g: npt.NDArray[np.int64],
    d: npt.NDArray[np.int64],
    parts: npt.NDArray[np.float64],
    count: int,
) -> list[TypicalWord]:
    p, q = g / max(g.sum(), 1), d / max(d.sum(), 1)
    found = []
    for side in (q > p, p > q):
        order = np.argsort(-np.where(side, parts, 0.0), kind="stable")[:count]
        found += [i for i in order.tolist() if side[i]]
    return [TypicalWord(lexicon[i], float(p[i]), float(q[i]), float(parts[i])) for i in found]
