"""The reference engine: gensim's own ``Doc2Vec.train()`` with one worker."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.families.doc2vec.reference.inference import infer_with_gensim, train_document
from d2vbench.families.words import OOV, Documents
from d2vbench.strategies import LEARNS

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

NAME = "gensim"

# Stands for a word outside the vocabulary: no tokeniser yields it.
_UNKNOWN = ""


def words_by_row(model: Doc2Vec, documents: Documents) -> list[list[str]]:
    """Return the words of documents, those outside the vocabulary as an unknown word."""
    words = np.asarray([*model.wv.index_to_key, _UNKNOWN], dtype=object)
    rows = np.where(documents.tokens == OOV, len(words) - 1, documents.tokens)
    offsets = documents.offsets.tolist()
    return [words[rows[a:b]].tolist() for a, b in itertools.pairwise(offsets)]


class _Presentations:
    """The tagged documents of an epoch; can be iterated again, as gensim asks for."""

    def __init__(self, words: list[list[str]], order: npt.NDArray[np.int64]) -> None:
        self.words = words
        self.order = order

    def __iter__(self) -> Iterator[Any]:
        from gensim.models.doc2vec import TaggedDocument

        for d in self.order.tolist():
            yield TaggedDocument(self.words[d], [d])


@contextmanager
def _learning(model: Doc2Vec, learns: Collection[str]) -> Iterator[None]:
    """Let ``model.train`` change only some of the weights.

    gensim's core takes flags for it, but ``train`` hands none down: for the time being, its jobs
    are done here.
    """
    if set(learns) == set(LEARNS):
        yield
        return
    flags = {
        "learn_doctags": "documents" in learns,
        "learn_words": "words" in learns,
        "learn_hidden": "outputs" in learns,
    }

    def do_job(job: list[Any], alpha: float, memory: tuple[Any, Any]) -> tuple[int, int]:
        effective = sum(
            train_document(model, document.words, document.tags, alpha, memory, **flags)
            for document in job
        )
        return effective, sum(len(document.words) for document in job)

    model._do_train_job = do_job
    try:
        yield
    finally:
        del model._do_train_job


class GensimEngine:
    """Trains and infers with gensim's own compiled core, one thread.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        Updated in place.
    documents : Documents
        What is trained on; document d has tag d.
    """

    name = NAME
    #: Raised when trained weights, or inferred vectors, change.
    version = 1
    inference_version = 1

    def __init__(self, model: Doc2Vec, documents: Documents) -> None:
        self.model = model
        self.documents = documents
        self._words = words_by_row(model, documents)

    def train_epoch(
        self,
        order: npt.NDArray[np.int64],
        start_alpha: float,
        end_alpha: float,
        learns: Collection[str] = LEARNS,
    ) -> None:
        """Present documents once each, in an order.

        Parameters
        ----------
        order : (n_presentations,) int64
            Documents; repeats are allowed.
        start_alpha, end_alpha : float
            Learning rate at both ends; it falls by words, once per job.
        learns : collection of str
            What may change, of `LEARNS`; frozen weights take part and keep their values.
        """
        # Set on the model: gensim takes a start_alpha of 0 for none given.
        self.model.alpha, self.model.min_alpha = start_alpha, end_alpha
        with _learning(self.model, learns):
            self.model.train(
                corpus_iterable=_Presentations(self._words, order),
                total_words=self.documents.words(order),
                epochs=1,
            )

    def infer(
        self,
        documents: Documents,
        seeds: npt.NDArray[np.uint32],
        *,
        epochs: int,
        alpha: float,
        min_alpha: float,
    ) -> npt.NDArray[np.float32]:
        """Infer vectors; see `d2vbench.families.doc2vec.reference.inference.infer_with_gensim`."""
        words = words_by_row(self.model, documents)
        return infer_with_gensim(
            self.model, words, seeds, epochs=epochs, alpha=alpha, min_alpha=min_alpha
        )
