"""Reference inference: gensim's own training functions, with pinned seeds.

:func:`d2vbench.engines.native.infer` does the same natively; tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from d2vbench.engines.start import start_vectors
from d2vbench.errors import UserError

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


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
    :func:`~d2vbench.engines.start.start_vectors`, and the model's random stream is restarted from
    the document's seed. The result then depends on the document, its seed and the model alone.

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
    from gensim.models.doc2vec import (
        train_document_dbow,
        train_document_dm,
        train_document_dm_concat,
    )

    vectors = start_vectors(seeds, model.dv.vector_size)
    if len(documents) != len(vectors):
        raise UserError(f"seeds: expected one a document ({len(documents)}), got {len(vectors)}")
    work = np.zeros(model.layer1_size, dtype=np.float32)
    neu1 = np.zeros(model.layer1_size, dtype=np.float32)
    lockf = np.ones(1, dtype=np.float32)
    step = (alpha - min_alpha) / max(epochs - 1, 1)
    kept = model.random
    try:
        for i, words in enumerate(documents):
            model.random = np.random.RandomState(int(seeds[i]))
            vector = vectors[i : i + 1]
            rate = alpha
            for _ in range(epochs):
                common = {
                    "learn_words": False,
                    "learn_hidden": False,
                    "doctag_vectors": vector,
                    "doctags_lockf": lockf,
                }
                if model.sg:
                    train_document_dbow(model, words, [0], rate, work, **common)
                elif model.dm_concat:
                    train_document_dm_concat(model, words, [0], rate, work, neu1, **common)
                else:
                    train_document_dm(model, words, [0], rate, work, neu1, **common)
                rate -= step
    finally:
        model.random = kept
    return vectors
