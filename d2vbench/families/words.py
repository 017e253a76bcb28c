"""Documents as families of words take them: rows of a vocabulary, and how often words occur."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.corpora.store.selections import runs
from d2vbench.mapped import filled

# A raw word outside the vocabulary. It is not trained on, but it counts as a word of its document
# where gensim fills jobs and lets alpha fall.
OOV = 0xFFFFFFFF

# gensim cuts documents at so many words without saying so.
MAX_DOCUMENT_WORDS = 10_000


@dataclass(frozen=True)
class Documents:
    """Documents over a model's vocabulary.

    Attributes
    ----------
    tokens : (n_tokens,) uint32
        Rows of ``model.wv.vectors``, or `OOV`.
    offsets : (n_documents + 1,) int64
        Document d is ``tokens[offsets[d]:offsets[d + 1]]``.
    """

    tokens: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.offsets) - 1

    def words(self, order: npt.NDArray[np.int64] | None = None) -> int:
        """Return the raw words of all documents, or of a list of presentations."""
        lengths = np.diff(self.offsets)
        return int(lengths.sum() if order is None else lengths[order].sum())

    def known(self) -> npt.NDArray[np.int64]:
        """Return the words of each document that are in the vocabulary, (n_documents,) int64."""
        return self._of_each(lambda tokens: tokens != OOV)

    def _of_each(
        self, which: Callable[[npt.NDArray[np.uint32]], npt.NDArray[np.bool_]]
    ) -> npt.NDArray[np.int64]:
        """Count the words of each document of which something holds, (n_documents,) int64."""
        found = np.empty(len(self), dtype=np.int64)
        for first, last in runs(self.offsets):
            ends = self.offsets[first : last + 1]
            sums = np.concatenate([[0], np.cumsum(which(self.tokens[ends[0] : ends[-1]]))])
            found[first:last] = np.diff(sums[ends - ends[0]])
        return found

    def counts(self, words: int, first: int | None = None) -> npt.NDArray[np.int64]:
        """Count how often each word occurs.

        Parameters
        ----------
        words : int
            In the vocabulary.
        first : int, optional
            Of the first so many documents alone.

        Returns
        -------
        (words,) int64
            By row.
        """
        total = np.zeros(words, dtype=np.int64)
        offsets = self.offsets[: (len(self) if first is None else first) + 1]
        for begin, end in runs(offsets):
            tokens = self.tokens[offsets[begin] : offsets[end]]
            total += np.bincount(tokens[tokens < words], minlength=words)
        return total

    def shares(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return which share of each document's known words are of some rows, (n_documents,).

        NaN for a document without a known word.
        """
        known = self.known()
        inside = self._of_each(lambda tokens: np.isin(tokens, rows))
        return np.divide(inside, known, out=np.full(len(self), np.nan), where=known > 0)

    def degenerate(self) -> dict[str, int]:
        """Count the documents that a model reads in part or not at all.

        Returns
        -------
        dict of str to int
            ``empty``: no words; ``all_out_of_vocabulary``: words, but none known; ``cut``: over
            10,000 known words; gensim takes the first 10,000 that subsampling leaves.
        """
        lengths = np.diff(self.offsets)
        effective = self.known()
        return {
            "empty": int((lengths == 0).sum()),
            "all_out_of_vocabulary": int(((lengths > 0) & (effective == 0)).sum()),
            "cut": int((effective > MAX_DOCUMENT_WORDS).sum()),
        }


def map_documents(selections: Sequence[Selection], vocabulary: dict[str, int]) -> Documents:
    """Look the words of selections up in a vocabulary.

    Parameters
    ----------
    selections : sequence of Selection
        Their documents follow one another.
    vocabulary : dict of str to int
        Word to row.

    Returns
    -------
    Documents
        With `OOV` for words that are not in the vocabulary. Tokens lie in a file of the cache's
        folder where there are many; see `d2vbench.mapped`.
    """
    each = [selection.offsets() for selection in selections]
    ends = np.cumsum([0, *(offsets[-1] for offsets in each)])

    def rows() -> Iterator[npt.NDArray[np.uint32]]:
        for selection in selections:
            known = [vocabulary.get(word, OOV) for word in selection.corpus.lexicon]
            row = np.asarray(known, dtype=np.uint32)
            for piece in selection.pieces():
                yield row[piece]

    tokens = filled(rows(), (int(ends[-1]),), np.uint32, cache_folder())
    starts = [offsets[1:] + end for offsets, end in zip(each, ends[:-1], strict=True)]
    return Documents(tokens, np.concatenate([np.zeros(1, np.int64), *starts]))


def count_words(selections: Sequence[Selection]) -> dict[str, int]:
    """Count the words of selections: natural counts, each document once.

    Parameters
    ----------
    selections : sequence of Selection
        G and D-train; never a test document.

    Returns
    -------
    dict of str to int
        In order of falling count, equal counts in alphabetical order.
    """
    total: dict[str, int] = {}
    for selection in selections:
        for word, n in counts_of(selection).items():
            total[word] = total.get(word, 0) + n
    return by_count(total)


def counts_of(selection: Selection) -> dict[str, int]:
    """Count the words of one selection, in alphabetical order; see `count_words`."""
    lexicon = selection.corpus.lexicon
    counts = np.zeros(len(lexicon), dtype=np.int64)
    for piece in selection.pieces():
        counts += np.bincount(piece, minlength=len(lexicon))
    rows = np.flatnonzero(counts)
    return dict(zip(map(lexicon.__getitem__, rows.tolist()), counts[rows].tolist(), strict=True))


def by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts in falling order, equal ones in alphabetical order."""
    words = sorted(counts)
    words.sort(key=counts.__getitem__, reverse=True)  # Equal ones stay in their order.
    return {word: counts[word] for word in words}


def frequent_words(selections: Sequence[Selection], min_count: int) -> dict[str, int]:
    """Return the row of each word that occurs ``min_count`` times; see `count_words`."""
    kept = [word for word, n in count_words(selections).items() if n >= min_count]
    return {word: i for i, word in enumerate(kept)}


def word_lists(selection: Selection) -> list[list[str]]:
    """Return the words of each document of a selection."""
    tokens, offsets = selection.gather()
    lexicon = selection.corpus.lexicon
    ids, ends = tokens.tolist(), offsets.tolist()
    return [[lexicon[t] for t in ids[a:b]] for a, b in itertools.pairwise(ends)]


def count_matrix(documents: Documents, n_words: int) -> Any:
    """Count the known words of documents, (n_documents, n_words) sparse float64."""
    from scipy.sparse import csr_matrix

    known = documents.tokens != OOV
    owner = np.repeat(np.arange(len(documents)), np.diff(documents.offsets))
    places = (owner[known], documents.tokens[known])
    return csr_matrix((np.ones(known.sum()), places), shape=(len(documents), n_words))
