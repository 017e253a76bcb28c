"""Some documents of an encoded corpus."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.encoded import EncodedCorpus
from d2vbench.keys import digest
from d2vbench.mapped import give_back

# Words that are looked at in one go: what is worked out for each takes eight bytes or more.
_WORDS_AT_ONCE = 1 << 20


def runs(offsets: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut documents into runs of about a million words, of one document at least.

    Parameters
    ----------
    offsets : (n_documents + 1,) int64
        Where each begins, and the end of the last.

    Yields
    ------
    first, last : int
        A run is ``range(first, last)``.
    """
    part = offsets[:-1] // _WORDS_AT_ONCE
    if len(part):
        inner = (np.flatnonzero(np.diff(part)) + 1).tolist()
        yield from itertools.pairwise([0, *inner, len(part)])


@dataclass(frozen=True)
class Selection:
    """Some documents of an encoded corpus.

    Attributes
    ----------
    corpus : EncodedCorpus
        Where they are.
    documents : (n,) int64
        Which, in ascending order.
    """

    corpus: EncodedCorpus
    documents: npt.NDArray[np.int64]

    @functools.cached_property
    def key(self) -> str:
        """Identity of the documents and their words, as they lie in the store."""
        corpus = self.corpus
        # Corpora in memory lie in no folder, and those of one text may have other words.
        where = [corpus.content_sha256, str(corpus.folder), corpus.meta.get("tokeniser")]
        return digest([*where, hashlib.sha256(self.documents.tobytes()).hexdigest()])

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.documents)

    def words(self) -> int:
        """Return the number of words in all the documents."""
        return int(self.corpus.lengths()[self.documents].sum())

    def offsets(self) -> npt.NDArray[np.int64]:
        """Return where each document begins among the words of all, (n + 1,) int64."""
        lengths = self.corpus.lengths()[self.documents]
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def gather(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return tokens (n_tokens,) uint32 and offsets (n + 1,) int64 of these documents alone."""
        offsets = self.offsets()
        tokens = np.empty(offsets[-1], dtype=np.uint32)
        done = 0
        for piece in self.pieces():
            tokens[done : done + len(piece)] = piece
            done += len(piece)
        return tokens, offsets

    def pieces(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Return the tokens that `gather` returns, a run of documents at a time.

        The memory that this takes does not grow with the selection.
        """
        offsets, corpus = self.offsets(), self.corpus
        for first, last in runs(offsets):
            chosen = self.documents[first:last]
            if (np.diff(chosen) == 1).all():
                begin, end = corpus.offsets[chosen[0]], corpus.offsets[chosen[-1] + 1]
                yield np.asarray(corpus.tokens[begin:end])
            else:
                # Position p lies in document d at p - offsets[d] from that document's start.
                starts = corpus.offsets[chosen] - offsets[first:last]
                positions = np.repeat(starts, np.diff(offsets[first : last + 1]))
                positions += np.arange(offsets[first], offsets[last])
                yield np.asarray(corpus.tokens[positions])
            give_back(corpus.tokens)

    def take(self, indices: npt.NDArray[np.int64]) -> Selection:
        """Return a part of the selection, by position in it."""
        return Selection(self.corpus, self.documents[indices])

    def text_hash(self) -> npt.NDArray[np.uint64]:
        """Return the hash of each text, (n,) uint64."""
        return self.corpus.text_hash[self.documents]
