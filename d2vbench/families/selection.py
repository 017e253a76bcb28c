"""Which documents of G are nearest to D: for the strategy `selected(q)`.

The difference of two cross-entropies (Moore and Lewis 2010, "Intelligent Selection of Language
Model Training Data"), here with unigram models: a document of G is near to D if its words are more
probable in D than in G, on average. Only training text is read, and no label.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.families.words import OOV, Documents, count_words, map_documents

# Words that D has less often say little of it, and count as one word, the unknown one: a rare word
# of G would otherwise look like the domain's by smoothing alone.
_MIN_COUNT = 2

#: Raised when other documents count as near.
SELECTION_VERSION = 1


def nearest_first(generic: Selection, domain: Selection) -> npt.NDArray[np.int64]:
    """Order the documents of G by their nearness to D.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that is trained on.

    Returns
    -------
    (n_generic,) int64
        Positions in ``generic``, the nearest first; equally near ones in their order, empty ones
        last.
    """
    counts = count_words([domain])
    vocabulary = {word: i for i, word in enumerate(w for w in counts if counts[w] >= _MIN_COUNT)}
    documents = [map_documents([side], vocabulary) for side in (domain, generic)]
    near, far = (_log_probabilities(side, len(vocabulary)) for side in documents)
    return np.argsort(_mean_over_words(documents[1], far - near), kind="stable").astype(np.int64)


def _rows(documents: Documents, vocabulary: int) -> npt.NDArray[np.int64]:
    rows = documents.tokens.astype(np.int64)
    return np.where(documents.tokens == OOV, vocabulary, rows)


def _log_probabilities(documents: Documents, vocabulary: int) -> npt.NDArray[np.float64]:
    """Return log2 of the probability of each word and, last, of the unknown one; add-one."""
    counts = np.bincount(_rows(documents, vocabulary), minlength=vocabulary + 1) + 1
    return np.log2(counts / counts.sum())


def _mean_over_words(
    documents: Documents, values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the mean of a value over the words of each document, in bits; infinity if empty."""
    lengths = np.diff(documents.offsets)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    sums = np.bincount(
        owner, weights=values[_rows(documents, len(values) - 1)], minlength=len(lengths)
    )
    means = np.full(len(lengths), np.inf)
    # Rounded, so that the last bit of a sum decides nothing.
    means[lengths > 0] = np.round(sums[lengths > 0] / lengths[lengths > 0], 9)
    return means
