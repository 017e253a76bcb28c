"""What a follow-up has moved: words inside and outside the domain, and held-out documents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.drift import mean_cosine, neighbour_overlap, rotated, rotation
from d2vbench.evaluation.samples import sample
from d2vbench.evaluation.snapshot import Snapshot
from d2vbench.families.doc2vec import Trainee
from d2vbench.keys import derive_seed

#: Words of each group whose neighbours are looked for, at most.
MOST_WORDS = 200

#: Held-out documents of each corpus whose vectors are compared, at most.
MOST_DOCUMENTS = 500

Vectors = npt.NDArray[np.float32]


def word_groups(trainee: Trainee) -> dict[str, npt.NDArray[np.int64]]:
    """Group the words that the generic phase has taught, by whether the domain has them.

    Parameters
    ----------
    trainee : Trainee
        With the documents that it is trained on.

    Returns
    -------
    dict of str to (n,) int64
        Rows of the vocabulary, ascending. ``domain``: words of G that D-train has too.
        ``absent``: words of G that it has not. Words of D-train alone are in neither: before the
        follow-up they have been nothing but negative samples.
    """
    documents = trainee.engine.documents
    border = int(documents.offsets[len(trainee.generic)])
    known = len(trainee.engine.model.wv)
    sides = [
        np.bincount(tokens[tokens < known], minlength=known) > 0
        for tokens in (documents.tokens[:border], documents.tokens[border:])
    ]
    generic, domain = sides
    return {
        "domain": np.flatnonzero(generic & domain),
        "absent": np.flatnonzero(generic & ~domain),
    }


def diagnose(
    before: Snapshot,
    trainee: Trainee,
    inferred: Mapping[str, tuple[Vectors, Vectors]],
    seed: int,
) -> dict[str, float | int]:
    """Compare a model with what it was at the end of the generic phase.

    Parameters
    ----------
    before : Snapshot
        Of the end of the generic phase.
    trainee : Trainee
        The same model, trained to its end.
    inferred : mapping of str to two (n_documents, vector_size) float32
        For ``generic`` and ``domain``: vectors of the same held-out documents, inferred with the
        weights before and after, from the same seeds.
    seed : int
        Base seed of the pair, from which those of the samples derive.

    Returns
    -------
    dict of str to float or int
        Mean cosines in [-1, 1], each in three ways.
        ``outputs_domain_raw``, ``outputs_absent_raw``: output vectors of the words that D-train
        has and of those that it has not (see `word_groups`); ``words_...``: word vectors, in
        models that train them; ``inferred_generic_raw``, ``inferred_domain_raw``: held-out
        documents.
        ``..._aligned``: after the `rotation` that brings the vectors before nearest to those
        after, fitted on all words of both groups: for output vectors on output vectors, for word
        vectors on word vectors, for documents the one of output vectors, with which they are
        multiplied.
        ``..._centred``: likewise, with the mean of the words of both groups taken off first (of
        the documents, for documents). Vectors of negative sampling have most of their length in
        one direction that all of them share (Mimno and Thompson 2017, "The strange geometry of
        skip-gram with negative sampling"), which hides in the other two what happens to words
        among each other. What all output vectors have in common does not change which words a
        document prefers.
        ``neighbours_domain``, ``neighbours_absent``: `neighbour_overlap` at 10 of output vectors
        among the whole vocabulary, of `MOST_WORDS` words of each group.
        ``vocabulary_domain``, ``vocabulary_absent``: words in each group;
        ``documents_generic``, ``documents_domain``: held-out documents.
        What cannot be said, such as the drift of an empty group, is left out; all of it where the
        vocabulary has no word of G.

    Notes
    -----
    A follow-up on D alone leaves the word vectors of absent words where they are, to the bit: only
    presented words move. Their output vectors move as negative samples. So drift out of alignment
    shows in word vectors as a gap between the two groups, raw, and in output vectors directly.
    """
    model = trainee.engine.model
    groups = word_groups(trainee)
    fitted = np.sort(np.concatenate(list(groups.values())))
    if not len(fitted):
        return {}
    found: dict[str, float | int | None] = {}
    # One part for the document and one for each place of the window, if they are concatenated.
    slices = model.syn1neg.shape[1] // model.vector_size
    outputs = _Table(before.outputs, model.syn1neg, fitted, slices)
    tables = {"outputs": outputs}
    if before.words is not None:
        tables["words"] = _Table(before.words, model.wv.vectors, fitted)
    for group, rows in groups.items():
        found[f"vocabulary_{group}"] = len(rows)
        for name, table in tables.items():
            found |= _named(f"{name}_{group}", table.drift(rows))
        some = sample(rows, MOST_WORDS, derive_seed(seed, "words whose neighbours", group))
        found[f"neighbours_{group}"] = neighbour_overlap(before.outputs, model.syn1neg, some)
    for name, (old, new) in inferred.items():
        found[f"documents_{name}"] = len(old)
        found |= _named(f"inferred_{name}", outputs.drift_of_documents(old, new))
    return {key: value for key, value in found.items() if value is not None}


class _Table:
    """Vectors of words at two times, with the turns that align them."""

    def __init__(
        self, before: Vectors, after: Vectors, fitted: npt.NDArray[np.int64], slices: int = 1
    ) -> None:
        self.before, self.after = before, after
        self.means = before[fitted].mean(axis=0), after[fitted].mean(axis=0)
        old, new = before[fitted], after[fitted]
        self.turn = rotation(old, new, slices)
        self.centred_turn = rotation(old - self.means[0], new - self.means[1], slices)

    def drift(self, rows: npt.NDArray[np.int64]) -> dict[str, float | None]:
        old, new = self.before[rows], self.after[rows]
        return _cosines(old, new, self.means, self.turn, self.centred_turn)

    def drift_of_documents(self, old: Vectors, new: Vectors) -> dict[str, float | None]:
        # The document's part of an output vector comes first.
        means = old.mean(axis=0), new.mean(axis=0)
        return _cosines(old, new, means, self.turn[:1], self.centred_turn[:1])


def _cosines(
    old: Vectors,
    new: Vectors,
    means: tuple[Vectors, Vectors],
    turn: npt.NDArray[np.float64],
    centred_turn: npt.NDArray[np.float64],
) -> dict[str, float | None]:
    return {
        "raw": mean_cosine(old, new),
        "aligned": mean_cosine(rotated(old, turn), new),
        "centred": mean_cosine(rotated(old - means[0], centred_turn), new - means[1]),
    }


def _named(name: str, values: dict[str, float | None]) -> dict[str, float | None]:
    return {f"{name}_{how}": value for how, value in values.items()}
