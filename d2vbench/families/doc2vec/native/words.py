"""CBOW of word2vec by the kernel: gensim's ``Word2Vec``, several times as fast.

Sources: Mikolov et al. 2013 (arXiv 1301.3781, 1310.4546) for the model; gensim 4.4.0
(``word2vec.py``, ``word2vec_inner.pyx``) for the order of draws: a job's words and windows are
drawn before its first negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.native import arguments, kernel
from d2vbench.families.doc2vec.native.jobs import job_plan
from d2vbench.families.words import MAX_DOCUMENT_WORDS, OOV, Documents

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec


def train_words(
    model: Word2Vec,
    documents: Documents,
    order: npt.NDArray[np.int64],
    *,
    start_alpha: float,
    end_alpha: float,
    epochs: int,
) -> None:
    """Train as ``model.train(sentences, total_examples=len(sentences))`` with one worker.

    Parameters
    ----------
    model : gensim.models.word2vec.Word2Vec
        CBOW with negative sampling, with vocabulary and weights. Its word vectors and output
        weights are updated in place, and ``model.random`` moves on as under gensim.
    documents : Documents
        Encoded with the model's vocabulary; a long one is several sentences of up to 10,000 words.
    order : ndarray of int64, shape (n_presentations,)
        Indices of the documents to present, the same in each epoch.
    start_alpha, end_alpha : float
        Learning rate at the start and at the end; it falls from job to job, by sentences.
    epochs : int
        Passes, 1 or more.

    Raises
    ------
    UserError
        If the extension is not built, the model is none of CBOW with negative sampling, or an
        argument has a wrong type, shape, range or value.
    """
    extension = kernel.extension()
    if model.sg or model.hs or not model.negative:
        raise UserError("model: expected CBOW with negative sampling, got another Word2Vec")
    arguments.documents(documents)
    arguments.tokens(documents, len(model.wv.vectors), OOV)
    start_alpha, end_alpha = arguments.alphas(start_alpha, end_alpha)
    arguments.integer("epochs", epochs, 1)
    order = arguments.indices("order", order, len(documents), "documents")
    offsets, order = _sentences(documents.offsets, order)
    lengths = np.diff(offsets)[order]

    native = extension.Model(
        words=model.wv.vectors,
        docs=np.zeros((1, model.vector_size), np.float32),
        outputs=model.syn1neg,
        cum_table=model.cum_table,
        sample_int=model.wv.expandos["sample_int"] if model.sample else None,
        kind="cbow",
        mean=bool(model.cbow_mean),
        window=model.window,
        shrink_windows=bool(model.shrink_windows),
        negative=model.negative,
        null_word=0,
        learn_docs=False,
        learn_words=True,
        learn_outputs=True,
        hot=kernel.hot_rows(model, int(lengths.sum())),
    )
    rows = np.zeros(len(order), np.int64)
    bit_generator = model.random._bit_generator
    try:
        for epoch in range(epochs):
            jobs, alphas = job_plan(
                lengths, arguments.batch_words(model), start_alpha, end_alpha, epoch, epochs, None
            )
            rates = np.repeat(alphas, np.diff(jobs)).astype(np.float32)
            corpus = extension.Corpus(documents.tokens, offsets, order, rows, rates, None, 1, False)
            worker = extension.Worker(native, corpus, kernel.variant(), kernel.ahead(model))
            for begin, end in zip(jobs[:-1].tolist(), jobs[1:].tolist(), strict=True):
                with bit_generator.lock:
                    worker.follow(bit_generator)
                    worker.run(begin, end)
    finally:
        native.put_back()
    model.wv.norms = None


def _sentences(
    offsets: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Cut documents where gensim would drop the rest.

    Returns
    -------
    offsets : (n_sentences + 1,) int64
        Of the sentences of all documents; an empty document has none.
    order : int64
        The sentences of the documents in `order`.
    """
    lengths = np.diff(offsets)
    pieces = -(-lengths // MAX_DOCUMENT_WORDS)
    first = np.concatenate([[0], np.cumsum(pieces)])
    within = np.arange(first[-1]) - np.repeat(first[:-1], pieces)
    starts = np.repeat(offsets[:-1], pieces) + within * MAX_DOCUMENT_WORDS
    mine = pieces[order]
    begun = np.cumsum(mine) - mine
    step = np.arange(mine.sum()) - np.repeat(begun, mine)
    return np.append(starts, offsets[-1]), np.repeat(first[:-1][order], mine) + step
