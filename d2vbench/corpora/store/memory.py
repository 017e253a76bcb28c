"""Texts encoded in memory, as the store would encode them, without a trace on the disk."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from d2vbench.corpora.store.documents import Document, combine_sha256
from d2vbench.corpora.store.encode import _encode_chunk
from d2vbench.corpora.store.encoded import EncodedCorpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser


@dataclass(frozen=True)
class MemoryCorpus(EncodedCorpus):
    """An encoded corpus that lies in no folder.

    Attributes
    ----------
    words : tuple of str
        The distinct words in alphabetical order: its ``lexicon``.
    texts : tuple of str
        The texts as they were given.
    """

    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @functools.cached_property
    def lexicon(self) -> list[str]:
        """The distinct words in alphabetical order."""
        return list(self.words)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole: there is no store that another process could open."""
        parts = (
            self.name, self.folder, self.tokens, self.offsets, self.labels, self.splits,
            self.text_hash, self.label_names, self.meta, self.words, self.texts,
        )  # fmt: skip
        return MemoryCorpus, parts


def encode_in_memory(
    documents: Iterable[Document], tokeniser: Tokeniser, name: str
) -> MemoryCorpus:
    """Tokenise documents and keep them as arrays.

    Parameters
    ----------
    documents : iterable of Document
        Kept in this order; the store sorts by name. Labels and splits are not kept.
    tokeniser : Tokeniser
        From text to words.
    name : str
        What to call the corpus.

    Returns
    -------
    MemoryCorpus
        Of the same documents in the order of their names, the store holds the same words, hashes
        and ``content_sha256``. May be empty.
    """
    documents = list(documents)
    encoded = _encode_chunk(documents, tokeniser)
    words = tuple(sorted(encoded.words))
    row = {word: i for i, word in enumerate(words)}
    rows = np.asarray([row[word] for word in encoded.words], dtype=np.uint32)
    count = len(encoded.lengths)
    return MemoryCorpus(
        name=name,
        folder=Path(),
        tokens=rows[encoded.ids] if len(encoded.ids) else encoded.ids,
        offsets=np.concatenate([[0], np.cumsum(encoded.lengths)]).astype(np.int64),
        labels=np.full(count, -1, dtype=np.int32),
        splits=np.full(count, -1, dtype=np.int8),
        text_hash=np.asarray(encoded.text_hash, dtype=np.uint64),
        label_names=(),
        meta={
            "content_sha256": combine_sha256(encoded.digests),
            "tokeniser": tokeniser.fingerprint(),
            "source": {},
            "documents": count,
        },
        words=words,
        texts=tuple(document.text for document in documents),
    )


def numbered(texts: Iterable[str]) -> Iterable[Document]:
    """Return texts as documents, named by their number from 1 as lines of a file are.

    Examples
    --------
    >>> [document.name for document in numbered(["a", "b"])]
    ['0000000001', '0000000002']
    """
    return (Document(f"{i:010}", text) for i, text in enumerate(texts, 1))


def whole(corpus: EncodedCorpus) -> Selection:
    """Return all documents of a corpus."""
    return Selection(corpus, np.arange(len(corpus.offsets) - 1, dtype=np.int64))
