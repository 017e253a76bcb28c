"""Some documents of an encoded corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.encoded import EncodedCorpus


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

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.documents)

    def words(self) -> int:
        """Return the number of words in all the documents."""
        return int(self.corpus.lengths()[self.documents].sum())

    def gather(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return tokens (n_tokens,) uint32 and offsets (n + 1,) int64 of these documents alone."""
        lengths = self.corpus.lengths()[self.documents]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        # Position p of the result lies in document d at p - offsets[d] from that document's start.
        shift = np.repeat(self.corpus.offsets[self.documents] - offsets[:-1], lengths)
        positions = np.arange(offsets[-1], dtype=np.int64) + shift
        return np.asarray(self.corpus.tokens[positions]), offsets

    def take(self, indices: npt.NDArray[np.int64]) -> Selection:
        """Return a part of the selection, by position in it."""
        return Selection(self.corpus, self.documents[indices])

    def text_hash(self) -> npt.NDArray[np.uint64]:
        """Return the hash of each text, (n,) uint64."""
        return self.corpus.text_hash[self.documents]
