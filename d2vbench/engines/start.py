"""Start vectors for inference, from a counter-based generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def start_vectors(seeds: npt.NDArray[np.uint32], vector_size: int) -> npt.NDArray[np.float32]:
    """Return the vectors from which inference starts, one for each seed.

    Parameters
    ----------
    seeds : (n,) uint32
        One for each document.
    vector_size : int
        Dimension.

    Returns
    -------
    (n, vector_size) float32
        Uniform in [-0.5, 0.5) / vector_size, the range of gensim's own start vectors. Component j
        depends on the seed and on j alone, by SplitMix64 (Steele, Lea and Flood 2014).
    """
    counter = np.arange(1, vector_size + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (np.asarray(seeds, dtype=np.uint64)[:, None] << np.uint64(32)) + counter
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    uniform = (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
    return (uniform - np.float32(0.5)) / np.float32(vector_size)
