"""Start vectors: of inference, a function of the seed alone; of training, those that gensim draws.

gensim starts ``infer_vector`` from Python's ``hash()`` of the text, which changes from process to
process. Here component ``j`` of a document's start vector is a counter-based draw: splitmix64
(Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators") of the pair
(seed, j), so that it depends on nothing but the two.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.errors import UserError
from d2vbench.mapped import filled

#: Raised when the vectors change.
VERSION = 1

# gensim draws start vectors of documents from another seed than those of words.
_OF_DOCUMENTS = 7919
_ROWS_AT_ONCE = 10_000
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def start_vectors(seeds: np.ndarray, vector_size: int) -> np.ndarray:
    """Start vectors for documents to be inferred.

    Parameters
    ----------
    seeds : ndarray of uint32, shape (n,)
        One seed a document; equal seeds give equal vectors.
    vector_size : int
        Number of components, at least 1.

    Returns
    -------
    ndarray of float32, shape (n, vector_size)
        Uniform in [-0.5, 0.5) / vector_size, as gensim's start vectors are.

    Raises
    ------
    UserError
        If `seeds` is not a one-dimensional uint32 array or `vector_size` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> v = start_vectors(np.array([7, 8, 7], dtype=np.uint32), 4)
    >>> v.shape, v.dtype.name, bool((v[0] == v[2]).all()), bool((v[0] == v[1]).any())
    ((3, 4), 'float32', True, False)
    """
    if not isinstance(seeds, np.ndarray) or seeds.dtype != np.uint32 or seeds.ndim != 1:
        raise UserError(
            "seeds: expected a uint32 array of shape (n_docs,), got "
            + (f"{seeds.dtype} {seeds.shape}" if isinstance(seeds, np.ndarray) else repr(seeds))
        )
    if isinstance(vector_size, bool) or not isinstance(vector_size, (int, np.integer)):
        raise UserError(f"vector_size: expected an integer, got {vector_size!r}")
    if vector_size < 1:
        raise UserError(f"vector_size: expected at least 1, got {vector_size}")
    # Seeds in the high half, components in the low one: no two pairs share a counter.
    counter = (seeds.astype(np.uint64) << np.uint64(32))[:, None] + np.arange(
        1, vector_size + 1, dtype=np.uint64
    )
    z: np.ndarray = counter * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    # 24 bits are what a float32 in [0.5, 1) resolves: no rounding up to 1.
    unit = (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
    return (unit - np.float32(0.5)) / np.float32(vector_size)


def document_rows(
    seed: int, documents: int, vector_size: int, before: int = 0
) -> npt.NDArray[np.float32]:
    """Return the start vectors that gensim draws for documents of training.

    Parameters
    ----------
    seed : int
        Of the model.
    documents : int
        For how many.
    vector_size : int
        Number of components.
    before : int
        Documents that come before them and whose vectors are passed over.

    Returns
    -------
    (documents, vector_size) float32
        To be trained in place; in a file of the cache's folder where it is large, see
        `d2vbench.mapped`.
    """
    stream = np.random.default_rng(seed + _OF_DOCUMENTS)

    def drawn() -> Iterator[npt.NDArray[np.float32]]:
        for begin in range(-before, documents, _ROWS_AT_ONCE):
            end = min(begin + _ROWS_AT_ONCE, documents)
            block = stream.random((end - begin, vector_size), dtype=np.float32)
            block *= 2.0
            block -= 1.0
            block /= vector_size
            yield block[max(-begin, 0) :]

    return filled(drawn(), (documents, vector_size), np.float32, cache_folder())
