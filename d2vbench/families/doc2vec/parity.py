"""A user's proof that the native engine does on this machine what gensim does, and how fast.

:func:`check_parity` trains the same documents with both engines in every model, from the same
start, and compares vectors after one epoch. ``d2vbench check`` prints its rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from d2vbench.errors import UserError
from d2vbench.families.doc2vec.models import MODELS
from d2vbench.families.doc2vec.native import kernel as native

#: Smallest cosine that counts as the same vector up to rounding.
LEAST_COSINE = 0.9999


@dataclass(frozen=True)
class ParityRow:
    """One model's comparison after one epoch.

    Attributes
    ----------
    model : str
        Name of the model.
    document_cosine, output_cosine : float
        Smallest cosine between the two engines' document vectors, and output vectors.
    document_difference, output_difference : float
        Largest absolute difference of a component.
    same_stream : bool
        Whether both engines left ``model.random`` in the same state.
    same_counts : bool
        Whether both counted the same effective and raw words.
    gensim_seconds, native_seconds : float
        Time of the epoch, one thread; the least of the repeats.
    speed_ratio : float
        How many times as fast the native engine was.
    passed : bool
        Every document's cosine at least :data:`LEAST_COSINE`, same stream, same counts.
    """

    model: str
    document_cosine: float
    document_difference: float
    output_cosine: float
    output_difference: float
    same_stream: bool
    same_counts: bool
    gensim_seconds: float
    native_seconds: float
    speed_ratio: float
    passed: bool


def check_parity(
    documents: Sequence[Sequence[str]],
    *,
    models: Sequence[str] = tuple(MODELS),
    vector_size: int = 100,
    negative: int = 5,
    sample: float = 1e-4,
    min_count: int = 5,
    window: int = 5,
    shrink_windows: bool = True,
    alpha: float = 0.025,
    min_alpha: float = 0.0001,
    seed: int = 1,
    repeats: int = 1,
) -> list[ParityRow]:
    """Train one epoch with gensim and with the native engine, and compare.

    Parameters
    ----------
    documents : sequence of sequence of str
        Real documents, as lists of words.
    models : sequence of str
        Which of :data:`MODELS` to compare.
    vector_size, negative, sample, min_count, window, shrink_windows
        As in ``gensim.models.doc2vec.Doc2Vec``.
    alpha, min_alpha : float
        Learning rate at the start and the end of the epoch. Rounding differences grow with the
        rate: at 0.05, gensim differs from itself on another BLAS kernel.
    seed : int
        Seed of the models.
    repeats : int
        Epochs timed for each engine, alternating; vectors are compared after the first.

    Returns
    -------
    list of ParityRow
        One a model, in the order of `models`.

    Raises
    ------
    UserError
        If the extension is not built, a model's name is unknown, or no word reaches `min_count`.

    Examples
    --------
    >>> from d2vbench.families.doc2vec.native import kernel as native
    >>> words = "the cat sat on the mat and the dog sat on the cat".split()
    >>> rows = check_parity([words] * 20, models=["dbow"]) if native.available() else []
    >>> [(row.model, row.passed) for row in rows] in ([("dbow", True)], [])
    True
    """
    native.variant()  # fails at once where the extension is missing
    for name in models:
        if name not in MODELS:
            raise UserError(f"models: expected some of {', '.join(MODELS)}, got {name!r}")
    return [
        _compare(
            name, documents, alpha, min_alpha, repeats,
            vector_size=vector_size, negative=negative, sample=sample, min_count=min_count,
            window=window, shrink_windows=shrink_windows, seed=seed,
        )
        for name in models
    ]  # fmt: skip


def _compare(
    name: str,
    documents: Sequence[Sequence[str]],
    alpha: float,
    min_alpha: float,
    repeats: int,
    **settings: Any,
) -> ParityRow:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument
    from gensim.models.word2vec import Word2Vec

    tagged = [TaggedDocument(words, [i]) for i, words in enumerate(documents)]
    theirs, ours = (Doc2Vec(workers=1, **MODELS[name], **settings) for _ in range(2))
    for model in (theirs, ours):
        model.build_vocab(tagged)
        if len(model.wv) == 0 or model.cum_table[-1] == 0:
            raise UserError(
                f"documents: expected words that occur {settings['min_count']} times or more "
                "(min_count), got none"
            )
    rows = ours.wv.key_to_index
    tokens = np.array([rows.get(w, native.OOV) for d in documents for w in d], dtype=np.uint32)
    offsets = np.zeros(len(documents) + 1, dtype=np.int64)
    np.cumsum([len(d) for d in documents], out=offsets[1:])
    encoded = native.Documents(tokens, offsets)
    order = np.arange(len(documents))

    times: tuple[list[float], list[float]] = ([], [])
    for repeat in range(max(repeats, 1)):
        start = time.perf_counter()
        # Word2Vec.train returns the counts that Doc2Vec.train drops.
        expected = Word2Vec.train(
            theirs, corpus_iterable=tagged, total_words=max(len(tokens), 1), epochs=1,
            start_alpha=alpha, end_alpha=min_alpha,
        )  # fmt: skip
        middle = time.perf_counter()
        counts = native.train_epoch(ours, encoded, order, start_alpha=alpha, end_alpha=min_alpha)
        times[0].append(middle - start)
        times[1].append(time.perf_counter() - middle)
        if repeat == 0:
            document = _difference(theirs.dv.vectors, ours.dv.vectors)
            output = _difference(theirs.syn1neg, ours.syn1neg)
            one, two = theirs.random.get_state(), ours.random.get_state()
            same_stream = bool((one[1] == two[1]).all() and one[2:] == two[2:])
            same_counts = tuple(expected) == counts
    fastest = [min(t) for t in times]
    return ParityRow(
        model=name,
        document_cosine=document[0],
        document_difference=document[1],
        output_cosine=output[0],
        output_difference=output[1],
        same_stream=same_stream,
        same_counts=same_counts,
        gensim_seconds=fastest[0],
        native_seconds=fastest[1],
        speed_ratio=fastest[0] / fastest[1],
        passed=document[0] >= LEAST_COSINE and same_stream and same_counts,
    )


def _difference(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Smallest row-wise cosine, and largest absolute difference of a component."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return -1.0, float("inf")
    norms = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    # A word never drawn keeps an output vector of zeros in both engines: the same vector.
    same = ~x.any(axis=1) & ~y.any(axis=1)
    cosine = np.where(same, 1.0, (x * y).sum(axis=1) / np.where(norms > 0, norms, 1.0))
    return float(cosine.min()), float(np.abs(x - y).max())
