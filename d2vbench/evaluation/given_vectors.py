"""Baselines of word vectors that others have trained: a document is an average of its words'.

What the vectors were trained on is not known here, and may hold documents of a pair: they stand in
a league of their own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines import Baseline, with_vectors
from d2vbench.evaluation.baselines.definition import Vectors
from d2vbench.evaluation.baselines.sif import sif_of
from d2vbench.families.doc2vec.saved import kept_shape, kept_vectors
from d2vbench.families.word2vec_mean import mean_rows
from d2vbench.families.words import map_documents
from d2vbench.remembered import Remembered

# A word of the table: its text, its place, and its share of the words.
_BYTES_OF_A_WORD = 250
# A number of the table: as it is kept, once for each of two tables; weighted, and as it is summed.
_BYTES_OF_A_NUMBER = 2 * 4 + 2 * 8
# A number of an average: in double precision, as it is, without the common direction, standardised,
# and by folds. One more of D-train in the search of that direction.
_BYTES_OF_AN_AVERAGE, _BYTES_OF_A_SEARCH = 4 * 8, 8


def averaging_bytes(name: str, train: Selection, test: Selection) -> int:
    """Estimate the memory that a table of word vectors and the averages take."""
    words, size = kept_shape(name)
    table = words * (_BYTES_OF_A_WORD + _BYTES_OF_A_NUMBER * size)
    averages = _BYTES_OF_AN_AVERAGE * (len(train) + len(test)) + _BYTES_OF_A_SEARCH * len(train)
    return table + averages * size


# The tables that were read last in this process, by their name in the cache.
_LAST = Remembered[tuple[dict[str, int], Vectors]](most=2)


def _table(name: str) -> tuple[dict[str, int], Vectors]:
    return _LAST.get(name, lambda: _read(name))


def _read(name: str) -> tuple[dict[str, int], Vectors]:
    words, vectors = kept_vectors(name)
    return {word: row for row, word in enumerate(words)}, vectors


def mean_given_vectors(
    name: str, generic: Selection, domain: Selection, test: Selection, seed: int
) -> tuple[Vectors, Vectors]:
    """Return the mean vector of the known words of each document of D-train and of D-test.

    Parameters
    ----------
    name : str
        Of the vectors in the cache: `d2vbench.families.doc2vec.saved.keep_vectors`.
    generic, domain, test, seed
        As of `d2vbench.evaluation.baselines.with_vectors`; nothing is learned from any.

    Returns
    -------
    train, test : (n_domain, vector_size), (n_test, vector_size) float64
        A word counts as often as it occurs; zero without a known word.
    """
    rows, vectors = _table(name)
    train, unseen = (mean_rows(map_documents([side], rows), vectors) for side in (domain, test))
    return train, unseen


def sif_given_vectors(
    name: str, generic: Selection, domain: Selection, test: Selection, seed: int
) -> tuple[Vectors, Vectors]:
    """Return averages by smooth inverse frequency; see `sif_of`, and `mean_given_vectors`.

    A word's share is that among the words of G and D-train, and the common direction that of
    D-train: a word of a test document that neither has counts in full.
    """
    return sif_of(*_table(name), generic, domain, test)


def covered(name: str, generic: Selection, domain: Selection, test: Selection) -> dict[str, float]:
    """Return which share of the words of D-train and of D-test have a vector, in [0, 1]."""
    rows, _ = _table(name)
    found = {}
    for side, selection in (("train", domain), ("test", test)):
        documents = map_documents([selection], rows)
        found[f"covered_{side}"] = int(documents.known().sum()) / max(documents.words(), 1)
        kinds = documents.degenerate()
        found |= {f"{side}_{kind}": kinds[kind] for kind in ("empty", "all_out_of_vocabulary")}
    return found


@dataclass(frozen=True, eq=False)
class GivenVectors:
    """A baseline by word vectors of a file.

    Attributes
    ----------
    learn : callable
        As `with_vectors` takes it, after the name of the vectors in the cache.
    title : str
        For tables.
    version : int
        Raised when what it says changes.
    """

    learn: Callable[..., tuple[Vectors, Vectors]]
    title: str
    version: int

    def of(self, name: str) -> Baseline:
        """Return the baseline with the vectors of a name in the cache."""
        return Baseline(
            with_vectors(functools.partial(self.learn, name)),
            self.title,
            self.version,
            learns=f"word vectors {name}",
            measures=functools.partial(covered, name),
        )


#: Baselines by word vectors of a file, by name.
GIVEN: dict[str, GivenVectors] = {
    "mean-given-vectors": GivenVectors(mean_given_vectors, "Mean of given word vectors", 1),
    "sif-given-vectors": GivenVectors(
        sif_given_vectors, "SIF-weighted mean of given word vectors", 1
    ),
}
