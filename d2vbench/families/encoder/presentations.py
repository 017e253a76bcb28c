"""Documents as word pieces, and what one presentation of a document is: its crops, or its masks.

Both are drawn from a random stream of (base seed, text, how often it was presented before), so that
the n-th presentation of a document is the same in every strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.families.encoder.pieces import chunks, readable_text
from d2vbench.keys import derive_seed

Pieces = npt.NDArray[np.int32]

# A crop has this share of a document's pieces, drawn evenly (Izacard et al. 2022, arXiv
# 2112.09118), and so many at least, where the document has them.
_SHORTEST, _LONGEST, _LEAST = 0.1, 0.5, 8
# Of the pieces that are to be told, the share that is masked, and that another takes the place of
# (Devlin et al. 2019, arXiv 1810.04805); the rest stays.
_TOLD, _MASKED, _REPLACED = 0.15, 0.8, 0.1


@dataclass(frozen=True)
class PieceDocuments:
    """Documents as word pieces, without the tokens that begin and end them.

    Attributes
    ----------
    pieces : (n_pieces,) int32
        Of all documents, each cut.
    offsets : (n_documents + 1,) int64
        Document d is ``pieces[offsets[d]:offsets[d + 1]]``.
    empty, cut, unknown : (n_documents,) bool
        Of no piece; of more pieces than are kept; of unknown pieces alone.
    """

    pieces: Pieces
    offsets: npt.NDArray[np.int64]
    empty: npt.NDArray[np.bool_]
    cut: npt.NDArray[np.bool_]
    unknown: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.offsets) - 1

    def __getitem__(self, document: int) -> Pieces:
        """Return the pieces of a document."""
        return self.pieces[self.offsets[document] : self.offsets[document + 1]]

    def readable(self) -> npt.NDArray[np.bool_]:
        """Return which documents have a known piece, (n_documents,) bool."""
        return ~(self.empty | self.unknown)

    def degenerate(self) -> dict[str, int]:
        """Count the documents that are read in part or not at all."""
        kinds = {"empty": self.empty, "all_out_of_vocabulary": self.unknown, "cut": self.cut}
        return {kind: int(found.sum()) for kind, found in kinds.items()}


def pieces_of(selections: Sequence[Selection], tokenizer: Any, longest: int) -> PieceDocuments:
    """Split the texts of selections into word pieces.

    Parameters
    ----------
    selections : sequence of Selection
        Their documents follow one another.
    tokenizer : transformers.PreTrainedTokenizerBase
        With a backend of the package tokenizers.
    longest : int
        Pieces of a document that are kept.
    """
    backend, unknown_id = tokenizer.backend_tokenizer, tokenizer.unk_token_id
    backend.no_padding()
    # One more than is kept tells which documents are cut; some have thousands.
    backend.enable_truncation(longest + 1)
    kept: list[Pieces] = []
    flags: list[tuple[bool, bool, bool]] = []
    for selection in selections:
        for some in chunks(map(readable_text, iter_texts(selection))):
            for found in backend.encode_batch(some, add_special_tokens=False):
                ids = np.asarray(found.ids, dtype=np.int32)
                none_known = bool(len(ids)) and bool((ids == unknown_id).all())
                flags.append((not len(ids), len(ids) > longest, none_known))
                kept.append(ids[:longest])
    backend.no_truncation()
    table = np.asarray(flags, dtype=np.bool_).reshape(-1, 3)
    ends = np.cumsum([0, *map(len, kept)]).astype(np.int64)
    pieces = np.concatenate(kept) if kept else np.empty(0, np.int32)
    return PieceDocuments(pieces, ends, table[:, 0], table[:, 1], table[:, 2])


def stream_of(base: int, text_hash: int, times: int) -> np.random.Generator:
    """Return the random stream of one presentation.

    Parameters
    ----------
    base : int
        Base seed of the pair.
    text_hash : int
        Of the document's text.
    times : int
        How often the document was presented before.
    """
    return np.random.default_rng(derive_seed(base, "presentation", text_hash, times))


def crop(pieces: Pieces, random: np.random.Generator) -> Pieces:
    """Return a run of a document's pieces, drawn at random; the whole where it is short."""
    longest = max(int(_LONGEST * len(pieces)), min(_LEAST, len(pieces)))
    shortest = min(max(int(_SHORTEST * len(pieces)), _LEAST), longest)
    length = int(random.integers(shortest, longest + 1))
    start = int(random.integers(0, len(pieces) - length + 1))
    return pieces[start : start + length]


def mask(
    pieces: Pieces, random: np.random.Generator, mask_id: int, ordinary: npt.NDArray[np.int32]
) -> tuple[Pieces, npt.NDArray[np.int64]]:
    """Mask some pieces of a document.

    Parameters
    ----------
    pieces : (n,) int32
        One or more.
    random : numpy.random.Generator
        What is drawn comes from it.
    mask_id : int
        Number of the mask.
    ordinary : (m,) int32
        Numbers of the pieces of which one may take another's place.

    Returns
    -------
    shown : (n,) int32
        What the model reads.
    told : (k,) int64
        Places of the pieces that it is to tell, one or more.
    """
    count = max(round(_TOLD * len(pieces)), 1)
    told = np.sort(random.choice(len(pieces), count, replace=False)).astype(np.int64)
    fate = random.random(count)
    shown = pieces.copy()
    shown[told[fate < _MASKED]] = mask_id
    other = told[(fate >= _MASKED) & (fate < _MASKED + _REPLACED)]
    shown[other] = random.choice(ordinary, len(other))
    return shown, told
