"""Documents as both engines take them: rows of a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection

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
        known = np.concatenate([[0], np.cumsum(self.tokens != OOV)])
        return known[self.offsets[1:]] - known[self.offsets[:-1]]

    def odd(self) -> dict[str, int]:
        """Count the documents that training or inference treats in a way of its own.

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
        Word to row: gensim's ``model.wv.key_to_index``.

    Returns
    -------
    Documents
        With `OOV` for words that are not in the vocabulary.
    """
    tokens, offsets = [], [np.zeros(1, np.int64)]
    for selection in selections:
        rows = np.asarray(
            [vocabulary.get(word, OOV) for word in selection.corpus.lexicon],
            dtype=np.uint32,
        )
        ids, starts = selection.gather()
        tokens.append(rows[ids] if len(ids) else np.empty(0, np.uint32))
        offsets.append(starts[1:] + offsets[-1][-1])
    return Documents(np.concatenate(tokens), np.concatenate(offsets))
