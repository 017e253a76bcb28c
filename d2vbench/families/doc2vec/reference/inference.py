"""One document at a time, by gensim's own training functions; inference with pinned seeds.

The native engine does the same; tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.start import start_vectors

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


def train_document(
    model: Doc2Vec,
    words: Sequence[str],
    tags: Sequence[int],
    alpha: float,
    memory: tuple[np.ndarray, ...],
    *,
    train_words: bool | None = None,
    **options: Any,
) -> int:
    """Train one document with gensim's function for the kind of model that it is.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        The model.
    words : sequence of str
        The document.
    tags : sequence of int
        Rows of the document vectors.
    alpha : float
        Learning rate.
    memory : two (layer1_size,) float32
        Scratch.
    train_words : bool, optional
        Whether PV-DBOW trains words too; by default as the model says.
    **options
        ``learn_doctags``, ``learn_words``, ``learn_hidden``; ``doctag_vectors`` and
        ``doctags_lockf`` in place of the model's own.

    Returns
    -------
    int
        Words trained on, as gensim counts them.
    """
    from gensim.models.doc2vec import (
        train_document_dbow,
        train_document_dm,
        train_document_dm_concat,
    )

    if not model.sg:
        train = train_document_dm_concat if model.dm_concat else train_document_dm
        return train(model, words, tags, alpha, *memory, **options)
    if train_words is None:
        train_words = bool(model.dbow_words)
    return train_document_dbow(
        model, words, tags, alpha, memory[0], train_words=train_words, **options
    )


def infer_with_gensim(
    model: Doc2Vec,
    documents: Sequence[Sequence[str]],
    seeds: np.ndarray,
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
) -> np.ndarray:
    """Infer document vectors as ``Doc2Vec.infer_vector`` does, from given seeds.

    Two things differ from ``infer_vector``: the start vector comes from
    :func:`~d2vbench.families.doc2vec.start.start_vectors`, and the model's random stream is
    restarted from the document's seed. The result then depends on the document, its seed and the
    model alone.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        A trained model; negative sampling or hierarchical softmax. ``model.random`` is put back
        afterwards, and nothing else of the model changes.
    documents : sequence of sequence of str
        Documents as lists of words.
    seeds : ndarray of uint32, shape (n_docs,)
        One seed a document.
    epochs : int
        Passes over each document.
    alpha, min_alpha : float
        Learning rate of the first and the last pass.

    Returns
    -------
    ndarray of float32, shape (n_docs, vector_size)
        Inferred vectors; an empty document keeps its start vector.

    Raises
    ------
    UserError
        If `documents` and `seeds` differ in length.
    """
    vectors = start_vectors(seeds, model.dv.vector_size)
    if len(documents) != len(vectors):
        raise UserError(f"seeds: expected one a document ({len(documents)}), got {len(vectors)}")
    memory = tuple(np.zeros(model.layer1_size, dtype=np.float32) for _ in range(2))
    lockf = np.ones(1, dtype=np.float32)
    step = (alpha - min_alpha) / max(epochs - 1, 1)
    kept = model.random
    try:
        for i, words in enumerate(documents):
            model.random = np.random.RandomState(int(seeds[i]))
            vector = vectors[i : i + 1]
            rate = alpha
            for _ in range(epochs):
                train_document(
                    model, words, [0], rate, memory, train_words=False, learn_words=False,
                    learn_hidden=False, doctag_vectors=vector, doctags_lockf=lockf,
                )  # fmt: skip
                rate -= step
    finally:
        model.random = kept
    return vectors
