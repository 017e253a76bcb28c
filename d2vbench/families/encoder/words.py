"""Documents given as words: their pieces, and which piece stands for which word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.pieces import marks_blanks, readable_text
from d2vbench.families.encoder.presentations import Pieces


@dataclass(frozen=True)
class WordPieces:
    """Documents as word pieces, with the place of each word's first piece.

    Attributes
    ----------
    pieces : list of (n_pieces,) int32
        Of each document, cut.
    places : list of (n_read,) int64
        Where the first piece of a word is, of the words that are read.
    words : list of (n_read,) int64
        Which word that is.
    """

    pieces: list[Pieces]
    places: list[npt.NDArray[np.int64]]
    words: list[npt.NDArray[np.int64]]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.pieces)


def word_pieces(documents: Sequence[Sequence[str]], tokenizer: Any, longest: int) -> WordPieces:
    """Split the words of documents into pieces.

    Parameters
    ----------
    documents : sequence of sequence of str
        Words.
    tokenizer : transformers.PreTrainedTokenizerBase
        With a backend of the package tokenizers.
    longest : int
        Pieces of a document that are kept. A word whose first piece is not kept, and one that has
        no piece, is not read.
    """
    found = WordPieces([], [], [])
    backend = tokenizer.backend_tokenizer
    # Where pieces hold the blank before a word, each has one.
    blank = marks_blanks(tokenizer)
    with quiet_and_alone():
        backend.no_padding()
        backend.no_truncation()
        for document in documents:
            # Words behind so many have no piece that is kept.
            words = [" " * blank + readable_text(word) for word in document[:longest]]
            read = backend.encode(words, is_pretokenized=True, add_special_tokens=False)
            of = np.asarray([-1 if w is None else w for w in read.word_ids], dtype=np.int64)
            first = np.flatnonzero(np.diff(of, prepend=-1) > 0)
            first = first[(first < longest) & (of[first] >= 0)]
            found.pieces.append(np.asarray(read.ids[:longest], dtype=np.int32))
            found.places.append(first.astype(np.int64))
            found.words.append(of[first])
    return found
