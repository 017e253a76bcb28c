"""What a saved Doc2Vec holds, as plain arrays, words and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class RandomState:
    """State of the Mersenne Twister that gensim draws from.

    Attributes
    ----------
    key : (624,) uint32
        The generator's state.
    place : int
        Position in it.
    """

    key: npt.NDArray[np.uint32]
    place: int


@dataclass(frozen=True)
class SavedModel:
    """A Doc2Vec as gensim saved it.

    Attributes
    ----------
    gensim : str
        Version that wrote it where the file says so, else what its layout tells:
        ``"3.3 to 3.8"``.
    dm, dm_mean, dm_concat, dbow_words, hs, dm_tag_count : int
        As in gensim; ``dm_mean`` is what training went by (gensim's ``cbow_mean``).
    vector_size, window, negative, min_count, epochs, seed : int
        As in gensim.
    sample, ns_exponent, alpha, min_alpha : float
        As in gensim.
    shrink_windows : bool
        As in gensim; True before 4.1.
    corpus_count, corpus_words : int
        Documents and words that it was trained on; 0 where the file does not say.
    words : list of str
        In the order of the rows. In PV-DM/concat the last is gensim's padding word.
    counts : (n_words,) int64
        How often each occurred.
    subsampling : (n_words,) uint32
        gensim's ``sample_int``: a word is dropped where a random number is above it.
    noise : (n_words,) uint32, or None
        Cumulative table of negative samples; None where the file leaves it to be made from
        ``counts`` and ``ns_exponent``, as gensim does.
    word_vectors : (n_words, vector_size) float32
        Input vectors; in pure PV-DBOW as they were drawn.
    doc_vectors : (n_tags, vector_size) float32
        Of the documents of training; (0, vector_size) where they were deleted.
    tags : sequence of int or str
        Of the rows of ``doc_vectors``: a range, or a list.
    outputs : (n_words, layer) float32
        Output weights of negative sampling, gensim's ``syn1neg``.
    random : RandomState or None
        Where the stream of random numbers stands; None if it is of another kind.
    locked : bool
        Whether gensim's ``lockf`` held some vectors back. The factors are not kept: in PV-DM
        gensim 4 reads those of words by the length of those of documents.
    """

    gensim: str
    dm: int
    dm_mean: int
    dm_concat: int
    dbow_words: int
    dm_tag_count: int
    hs: int
    vector_size: int
    window: int
    negative: int
    min_count: int
    epochs: int
    seed: int
    sample: float
    ns_exponent: float
    alpha: float
    min_alpha: float
    shrink_windows: bool
    corpus_count: int
    corpus_words: int
    words: list[str]
    counts: npt.NDArray[np.int64]
    subsampling: npt.NDArray[np.uint32]
    noise: npt.NDArray[np.uint32] | None
    word_vectors: Floats
    doc_vectors: Floats
    tags: Sequence[int | str]
    outputs: Floats
    random: RandomState | None
    locked: bool

    @property
    def documents(self) -> int:
        """Documents that it was trained on; 0 where the file does not say."""
        return len(self.tags) or self.corpus_count

    def without_documents(self) -> SavedModel:
        """Return the model without vectors of its documents; how many there were, it still says."""
        return replace(
            self, doc_vectors=self.doc_vectors[:0], tags=range(0), corpus_count=self.documents
        )

    @property
    def layer(self) -> int:
        """Components of a row of the output weights."""
        if self.dm and self.dm_concat:
            return (self.dm_tag_count + 2 * self.window) * self.vector_size
        return self.vector_size
