"""Trained models with all that inference needs: from texts to vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.memory import encode_in_memory, whole
from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.families import InferenceSettings, inference_seeds
from d2vbench.families.doc2vec import ENGINES, Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.doc2vec.native.engine import NativeEngine
from d2vbench.families.words import MAX_DOCUMENT_WORDS, Documents, map_documents

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

Vectors = npt.NDArray[np.float32]

# Characters that are tokenised and inferred in one go.
_CHUNK = 4_000_000


@dataclass(frozen=True)
class Degenerate:
    """Documents that inference reads in part or not at all, by position.

    Attributes
    ----------
    empty : (n,) int64
        No words.
    unknown : (n,) int64
        Words, but none of the vocabulary. Such a vector, and that of an empty document, is where
        inference starts from: it says nothing of the text.
    cut : (n,) int64
        More than 10,000 known words; gensim takes the first 10,000 that subsampling leaves.
    """

    empty: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.int64]
    cut: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inferred:
    """Vectors of documents, in their order.

    Attributes
    ----------
    names : list of str
        Of the documents.
    vectors : (n, vector_size) float32
        Of an ensemble, those of its models side by side.
    degenerate : Degenerate
        Degenerate documents; of an ensemble, a document is unknown if any of its models knows no
        word of it.
    """

    names: list[str]
    vectors: Vectors
    degenerate: Degenerate


@dataclass(frozen=True)
class TextModel:
    """Trained models, the tokeniser they were trained with, and the pinned inference.

    Attributes
    ----------
    models : tuple of gensim.models.doc2vec.Doc2Vec
        One, or those of an ensemble.
    settings : Doc2VecSettings
        Of each of them.
    tokeniser : Tokeniser
        From text to words.
    inference : InferenceSettings
        Epochs and learning rate.
    base_seed : int
        Each document's seed derives from it and from the text.
    """

    models: tuple[Doc2Vec, ...]
    settings: Doc2VecSettings
    tokeniser: Tokeniser
    inference: InferenceSettings
    base_seed: int

    @property
    def vector_size(self) -> int:
        """Components of a vector."""
        return self.settings.vector_size * len(self.models)

    def infer(self, documents: Iterable[Document], engine: str, threads: int = 1) -> Inferred:
        """Infer vectors of texts.

        Parameters
        ----------
        documents : iterable of Document
            Read once, as a stream.
        engine : str
            A key of `d2vbench.families.doc2vec.ENGINES`.
        threads : int
            For the native engine; the result does not depend on it.

        Returns
        -------
        Inferred
            A document's vector depends on its text and the model alone: not on the other
            documents, nor on their order.
        """
        names: list[str] = []
        parts: list[Vectors] = []
        degenerate: dict[str, list[npt.NDArray[np.int64]]] = {"empty": [], "unknown": [], "cut": []}
        for chunk in _chunks(documents):
            corpus = encode_in_memory(chunk, self.tokeniser, "texts")
            vectors, found = self.infer_selection(whole(corpus), engine, threads)
            for kind, positions in degenerate.items():
                positions.append(getattr(found, kind) + len(names))
            names += [document.name for document in chunk]
            parts.append(vectors)
        if not parts:
            return Inferred([], np.empty((0, self.vector_size), np.float32), Degenerate(*_none()))
        joined = {kind: np.concatenate(positions) for kind, positions in degenerate.items()}
        return Inferred(names, np.concatenate(parts), Degenerate(**joined))

    def infer_selection(
        self, selection: Selection, engine: str, threads: int = 1
    ) -> tuple[Vectors, Degenerate]:
        """Infer vectors of documents that are encoded already, as the benchmark does.

        Parameters
        ----------
        selection : Selection
            Encoded with the same tokeniser.
        engine, threads
            As for `infer`.

        Returns
        -------
        vectors : (n, vector_size) float32
            In the order of the selection.
        degenerate : Degenerate
            Positions in it.
        """
        seeds = inference_seeds(selection.text_hash().tolist(), self.base_seed)
        lengths = selection.corpus.lengths()[selection.documents]
        unknown = np.zeros(len(lengths), dtype=bool)
        cut = np.zeros(len(lengths), dtype=bool)
        parts = []
        for model in self.models:
            documents = map_documents([selection], model.wv.key_to_index)
            known = documents.known()
            unknown |= (lengths > 0) & (known == 0)
            cut |= known > MAX_DOCUMENT_WORDS
            parts.append(_infer(model, documents, seeds, self.inference, engine, threads))
        degenerate = Degenerate(
            np.flatnonzero(lengths == 0), np.flatnonzero(unknown), np.flatnonzero(cut)
        )
        return np.hstack(parts), degenerate


def _none() -> tuple[npt.NDArray[np.int64], ...]:
    return (np.empty(0, np.int64),) * 3


def _infer(
    model: Doc2Vec,
    documents: Documents,
    seeds: npt.NDArray[np.uint32],
    settings: InferenceSettings,
    engine: str,
    threads: int,
) -> Vectors:
    pinned: dict[str, Any] = {
        "epochs": settings.epochs,
        "alpha": settings.alpha,
        "min_alpha": settings.min_alpha,
    }
    if engine == NativeEngine.name:
        return native.infer(model, documents, seeds, threads=threads, **pinned)
    nothing = Documents(np.empty(0, np.uint32), np.zeros(1, np.int64))
    vectors: Vectors = ENGINES[engine](model, nothing).infer(documents, seeds, **pinned)
    return vectors


def _chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.text) + 1
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
