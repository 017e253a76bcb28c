"""The native engine: gensim's Doc2Vec algorithm, compiled, over encoded documents.

:func:`train_epoch` and :func:`infer` work on the arrays of a gensim ``Doc2Vec`` model and follow
its algorithm, its random streams and its batching of the learning rate, so that at one thread the
vectors are gensim's up to the rounding of float32 sums. Every argument is checked before the
compiled loops run.

Sources: Le and Mikolov 2014 (arXiv 1405.4053) for the models; gensim 4.4.0 (``doc2vec.py``,
``word2vec.py``) for the order of draws and updates.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.native import arguments
from d2vbench.families.doc2vec.native.jobs import job_plan
from d2vbench.families.doc2vec.native.threads import run_jobs
from d2vbench.families.doc2vec.start import start_vectors
from d2vbench.families.words import OOV, Documents

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

try:
    from d2vbench.families.doc2vec.native import _kernel
except ImportError:  # the extension is optional: see available()
    _kernel = None  # type: ignore[assignment]

__all__ = [
    "OOV",
    "Documents",
    "available",
    "infer",
    "set_variant",
    "start_vectors",
    "train_epoch",
    "variant",
    "variants",
]

# Raw words between two looks at the interpreter, so that Ctrl-C is heard.
_SLICE_WORDS = 2_000_000
# Bytes of rows fetched ahead of use: two steps of 100 floats; more would leave the L1 cache again.
_AHEAD_BYTES = 5_000
# Rows are copied onto cache lines of their own, up to so many bytes, if drawn so often in a call.
_HOT_BYTES = 16 << 20
_HOT_DRAWS = 16

_forced: str | None = None


def available() -> bool:
    """Tell whether the compiled extension is there."""
    return _kernel is not None


def variants() -> tuple[str, ...]:
    """Instruction-set variants that this build and this processor have, the plainest first.

    All compute the same floats: ``plain`` (C without vectors), ``baseline`` (four-wide vectors),
    ``avx2``, ``avx512``.

    Raises
    ------
    UserError
        If the extension is not built.
    """
    return extension().variants()


def variant() -> str:
    """Variant in use: the widest there is, unless :func:`set_variant` chose another.

    Raises
    ------
    UserError
        If the extension is not built.
    """
    return _forced if _forced is not None else variants()[-1]


def set_variant(name: str | None) -> None:
    """Use one variant from now on; None goes back to the widest.

    Raises
    ------
    UserError
        If the extension is not built, or the build or the processor lacks the variant.
    """
    global _forced
    if name is not None and name not in variants():
        raise UserError(
            f"variant: {name!r} is not available here; this build and processor have "
            + ", ".join(variants())
        )
    _forced = name


def train_epoch(
    model: Doc2Vec,
    documents: Documents,
    order: npt.NDArray[np.int64],
    *,
    start_alpha: float,
    end_alpha: float,
    epoch: int = 0,
    epochs: int = 1,
    total_words: int | None = None,
    tags: npt.NDArray[np.int64] | None = None,
    learn_documents: bool = True,
    learn_words: bool = True,
    learn_outputs: bool = True,
    threads: int = 1,
) -> tuple[int, int]:
    """Train one epoch, as epoch number `epoch` of ``model.train`` with one worker would.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        A model with vocabulary and weights, negative sampling. Its vectors and output weights
        are updated in place, ``model.random`` moves on as under gensim (at one thread); its
        ``alpha``, ``min_alpha`` and ``epochs`` stay.
    documents : Documents
        Encoded with the model's vocabulary.
    order : ndarray of int64, shape (n_presentations,)
        Indices of the documents to present, in order; repeats allowed.
    start_alpha, end_alpha : float
        Learning rate at the start of epoch 0 and at the end of the last. As in gensim the rate
        changes per job of up to ``model.batch_words`` raw words and never goes below `end_alpha`.
    epoch, epochs : int
        Number of this epoch, from 0, and how many there are.
    total_words : int, optional
        Raw words of an epoch, by which the rate decays; by default those of `order`.
    tags : ndarray of int64, shape (n_docs,), optional
        Row of ``model.dv.vectors`` for each document; by default its index.
    learn_documents, learn_words, learn_outputs : bool
        What may change. Frozen weights take part and keep their values.
    threads : int
        With more than one, jobs run at the same time on the shared weights, without locks
        (Recht et al. 2011, arXiv 1106.5730), and are **not reproducible**. Faster where cores share
        a cache; where they do not, rows travel between them and two threads take longer than one
        (``benchmarks/threads.py`` tells). Each job then has a random stream of its own, seeded
        from ``model.random``.

    Returns
    -------
    effective_words, raw_words : int
        As gensim counts: words in the vocabulary that survived subsampling plus one per document,
        and all words.

    Raises
    ------
    UserError
        If the extension is not built, the model uses hierarchical softmax or no negative
        sampling, or an argument has a wrong type, shape, range or value.
    """
    kernel = extension()
    arguments.documents(documents)
    alphas = arguments.alphas(start_alpha, end_alpha)
    arguments.integer("epochs", epochs, 1)
    arguments.integer("epoch", epoch, 0)
    if epoch >= epochs:
        raise UserError(f"epoch: expected a number below epochs ({epochs}), got {epoch}")
    threads = arguments.threads(threads)
    flags = {
        "learn_docs": arguments.flag("learn_documents", learn_documents),
        "learn_words": arguments.flag("learn_words", learn_words),
        "learn_outputs": arguments.flag("learn_outputs", learn_outputs),
    }
    arrays = arguments.model_arrays(model, model.dv.vectors, flags)
    arguments.tokens(documents, len(arrays["words"]), OOV)

    # Copies: small, and out of reach of whoever else holds the originals.
    n_docs = len(documents.offsets) - 1
    offsets = documents.offsets.copy()
    order = arguments.indices("order", order, n_docs, "documents")
    if tags is None:
        rows = order
        arguments.default_rows(order, len(arrays["docs"]))
    else:
        rows = arguments.tags(tags, n_docs, len(arrays["docs"]))[order]
    lengths = np.diff(offsets)[order]
    if total_words is None:
        total_words = int(lengths.sum())
    else:
        arguments.integer("total_words", total_words, 1)
    jobs, job_alphas = job_plan(
        lengths, arguments.batch_words(model), *alphas, epoch, epochs, max(total_words, 1)
    )
    rates = np.repeat(job_alphas, np.diff(jobs)).astype(np.float32)

    native = kernel.Model(
        **arrays, **flags, **arguments.settings(model), hot=hot_rows(model, int(lengths.sum()))
    )
    corpus = kernel.Corpus(documents.tokens, offsets, order, rows, rates, None, 1, False)

    def worker() -> Any:
        return kernel.Worker(native, corpus, variant(), ahead(model))

    try:
        if threads == 1:
            one = worker()
            bit_generator = model.random._bit_generator
            effective = raw = 0
            with bit_generator.lock:
                one.follow(bit_generator)
                for begin, end in _slices(lengths, _SLICE_WORDS):
                    done = one.run(begin, end)
                    effective += done[0]
                    raw += done[1]
        else:
            seeds = model.random.randint(0, 2**32, len(jobs) - 1, dtype=np.uint32)

            def job(state: Any, j: int) -> Any:
                state.seed(int(seeds[j]))
                return state.run(jobs[j], jobs[j + 1])

            counts = run_jobs(worker, job, len(jobs) - 1, threads)
            effective, raw = (sum(c[k] for c in counts) for k in (0, 1))
    finally:
        native.put_back()
    # Norms that gensim may have cached belong to the vectors as they were.
    model.wv.norms = model.dv.norms = None
    return effective, raw


def infer(
    model: Doc2Vec,
    documents: Documents,
    seeds: npt.NDArray[np.uint32],
    *,
    epochs: int,
    alpha: float,
    min_alpha: float,
    threads: int = 1,
    subset: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.float32]:
    """Infer a vector for each document, with the model's weights as they are.

    What ``Doc2Vec.infer_vector`` does, but each document starts from
    :func:`~d2vbench.families.doc2vec.start.start_vectors` of its seed and draws from
    ``RandomState(seed)``: the result is the same in any process, for any number of threads and any
    order of documents. The model does not change, its random state included.

    Parameters
    ----------
    model : gensim.models.doc2vec.Doc2Vec
        A trained model with negative sampling; its arrays may be read-only.
    documents : Documents
        Encoded with the model's vocabulary.
    seeds : ndarray of uint32, shape (n_docs,)
        One seed a document.
    epochs : int
        Passes over each document.
    alpha, min_alpha : float
        Learning rate of the first and the last pass; it falls by equal steps.
    threads : int
        Documents inferred at the same time.
    subset : ndarray of int64, shape (n,), optional
        Indices of the documents to infer, in this order; by default all.

    Returns
    -------
    ndarray of float32, shape (n_docs, vector_size), or (n, vector_size) with `subset`
        Empty and all-out-of-vocabulary documents keep their start vectors.

    Raises
    ------
    UserError
        If the extension is not built, the model uses hierarchical softmax or no negative
        sampling, or an argument has a wrong type, shape, range or value.
    """
    kernel = extension()
    arguments.documents(documents)
    alpha, min_alpha = arguments.alphas(alpha, min_alpha, names=("alpha", "min_alpha"))
    arguments.integer("epochs", epochs, 1, 1_000_000)
    threads = arguments.threads(threads)
    n_docs = len(documents.offsets) - 1
    arguments.array("seeds", seeds, np.uint32, (n_docs,))
    flags = {"learn_docs": True, "learn_words": False, "learn_outputs": False}
    settings = arguments.settings(model)
    if subset is None:
        order = np.arange(n_docs)
    else:
        order = arguments.indices("subset", subset, n_docs, "documents")
    order = order.astype(np.int64, copy=False)
    seeds = seeds[order]
    vectors = start_vectors(seeds, arguments.vector_size(model))
    if len(vectors) == 0:
        return vectors
    arrays = arguments.model_arrays(model, vectors, flags)
    arguments.tokens(documents, len(arrays["words"]), OOV)
    if settings["kind"] == "dbow-words":  # inference leaves the words out, as gensim does
        settings["kind"] = "dbow"
    offsets = documents.offsets.copy()
    rates, rate = np.empty(epochs, dtype=np.float32), alpha
    for i in range(epochs):  # by subtraction, as gensim: the rounding is part of the rate
        rates[i] = rate
        rate -= (alpha - min_alpha) / max(epochs - 1, 1)

    words = int(np.diff(offsets)[order].sum()) * epochs
    native = kernel.Model(**arrays, **flags, **settings, hot=hot_rows(model, words))
    rows = np.arange(len(order), dtype=np.int64)
    corpus = kernel.Corpus(documents.tokens, offsets, order, rows, rates, seeds, epochs, True)
    blocks = _slices(np.diff(offsets)[order] * epochs, 200_000)
    run_jobs(
        lambda: kernel.Worker(native, corpus, variant(), ahead(model)),
        lambda state, b: state.run(*blocks[b]),
        len(blocks),
        threads,
    )
    return vectors


def extension() -> Any:
    """Return the compiled module; a `UserError` says that it was not built."""
    if _kernel is None:
        raise UserError(
            "the native engine's extension is not built; reinstall with a C compiler present, "
            "or choose the gensim engine"
        )
    return _kernel


def hot_rows(model: Any, words: int) -> int:
    """Return how many rows, from the first, are drawn often enough to be copied."""
    rows = _HOT_BYTES // (4 * int(model.layer1_size))
    cum_table = model.cum_table[:rows].astype(np.float64)
    draws = np.diff(cum_table, prepend=0.0) / float(model.cum_table[-1]) * words
    return int(np.count_nonzero(draws * int(model.negative) >= _HOT_DRAWS))


def ahead(model: Any) -> int:
    """Return how many steps ahead rows are fetched."""
    step = 4 * int(model.layer1_size) * (int(model.negative) + 1)
    return int(np.clip(_AHEAD_BYTES // step, 1, 16))


def _slices(lengths: npt.NDArray[np.int64], words: int) -> list[tuple[int, int]]:
    """Cut consecutive presentations into slices of about `words` raw words."""
    if len(lengths) == 0:
        return []
    part = (np.cumsum(lengths) - lengths) // words
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(lengths)]
    return list(pairwise(cuts))
