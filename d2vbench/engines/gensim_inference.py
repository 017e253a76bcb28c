"""Inference with gensim's own training functions, from explicit seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from d2vbench.engines.start import start_vectors

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


def infer_with_gensim(
    model: Doc2Vec,
    documents: Sequence[Sequence[str]],
    seeds: npt.NDArray[np.uint32],
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
) -> npt.NDArray[np.float32]:
    """Infer a vector for each document, as ``infer_vector`` does but from explicit seeds.

    ``Doc2Vec.infer_vector`` starts from Python's ``hash`` of the text and draws from the model's
    random state, so its results change with PYTHONHASHSEED and with the order of the calls. Here
    the start vector and the random stream of a document both come from its own seed.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        Trained. Its random state is the same afterwards as before.
    documents : sequence of sequence of str
        Words.
    seeds : (n_documents,) uint32
        One for each document.
    epochs : int
        Passes over each document.
    alpha, min_alpha : float
        Learning rate of the first and of the last pass.

    Returns
    -------
    (n_documents, vector_size) float32
        An empty or all-out-of-vocabulary document keeps its start vector.
    """
    from gensim.models import doc2vec

    vectors = start_vectors(seeds, model.dv.vector_size)
    ones = np.ones(1, dtype=np.float32)
    work = np.zeros(model.layer1_size, dtype=np.float32)
    neu1 = np.zeros(model.layer1_size, dtype=np.float32)
    if model.sg:
        train, buffers = doc2vec.train_document_dbow, [work]
    elif model.dm_concat:
        train, buffers = doc2vec.train_document_dm_concat, [work, neu1]
    else:
        train, buffers = doc2vec.train_document_dm, [work, neu1]
    step = (alpha - min_alpha) / max(epochs - 1, 1)
    state = model.random
    try:
        for i, words in enumerate(documents):
            model.random = np.random.RandomState(int(seeds[i]))
            rate = alpha
            for _ in range(epochs):
                train(
                    model,
                    words,
                    [0],
                    rate,
                    *buffers,
                    learn_words=False,
                    learn_hidden=False,
                    doctag_vectors=vectors[i : i + 1],
                    doctags_lockf=ones,
                )
                rate -= step
    finally:
        model.random = state
    return vectors
