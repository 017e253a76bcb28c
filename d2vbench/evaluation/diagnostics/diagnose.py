"""What a follow-up has moved: words inside and outside the domain, and held-out documents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.evaluation.diagnostics.between import kept_between, paired_words
from d2vbench.evaluation.diagnostics.drift import (
    NEIGHBOURS,
    mean_cosine,
    neighbour_overlap,
    rotated,
    rotation,
)
from d2vbench.evaluation.diagnostics.samples import sample
from d2vbench.families import Learner
from d2vbench.keys import derive_seed

#: Words of each group whose neighbours are looked for, at most.
MOST_WORDS = 200

#: Held-out documents of each corpus whose vectors are compared, at most.
MOST_DOCUMENTS = 500

#: Raised when what `diagnose` says is measured otherwise. Version 1 was part of the diagnostics.
DRIFT_VERSION = 2

Vectors = npt.NDArray[np.float32]


def diagnose(
    before: Mapping[str, Vectors],
    learner: Learner,
    inferred: Mapping[str, tuple[Vectors, Vectors]],
    seed: int,
    generic: Selection | None = None,
    right: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None = None,
) -> dict[str, float | int]:
    """Compare a model with what it was at the end of the generic phase.

    Parameters
    ----------
    before : mapping of str to (n_words, dim) float32
        Copies of `Learner.tables` at the end of the generic phase.
    learner : Learner
        The same model, trained to its end.
    inferred : mapping of str to two (n_documents, vector_size) float32
        For ``generic`` and ``domain``: vectors of the same held-out documents, inferred with the
        weights before and after, from the same seeds.
    seed : int
        Base seed of the pair, from which those of the samples derive.
    generic : Selection, optional
        The held-out documents of G in ``inferred``.
    right : two (n_documents,) bool, optional
        Which of them the generic task classified rightly, before and after.

    Returns
    -------
    dict of str to float or int
        Mean cosines in [-1, 1], each in three ways.
        ``outputs_domain_raw``, ``outputs_absent_raw``: output vectors of the words that D-train
        has and of those that it has not, both words of G; ``words_...``: word vectors, in
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
        ``turn_outputs_...``, ``products_outputs_...``, ``neighbours_outputs_...`` and the same of
        ``words``: what is kept within each group and across, of ``paired`` words of each group
        with the same counts in G; see `kept_between`.
        ``fewest_...``, ``most_...``: of the half of the held-out documents of G with the smallest
        shares of words that D lacks, and of the other half: ``share``, its mean;
        ``neighbours``, the share of their ten nearest held-out documents that they keep;
        ``accuracy``, what the generic task has gained, in [-1, 1]. The halves differ in their
        topics too, so a difference need not come from the words.
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
    documents = learner.word_rows() if before else None
    if documents is None:
        return {}
    n_words = len(next(iter(before.values())))
    counts = documents.counts(n_words, len(learner.sides.generic))
    of_domain = documents.counts(n_words) > counts
    groups = {
        "domain": np.flatnonzero((counts > 0) & of_domain),
        "absent": np.flatnonzero((counts > 0) & ~of_domain),
    }
    fitted = np.flatnonzero(counts)
    if not len(fitted):
        return {}
    narrowest = min(table.shape[1] for table in before.values())
    found: dict[str, float | int | None] = {}
    now = learner.tables()
    # A concatenation has one part for the document and one for each place of the window.
    tables = {
        name: _Table(then, now[name], fitted, then.shape[1] // narrowest)
        for name, then in before.items()
    }
    first = next(iter(before))
    for group, rows in groups.items():
        found[f"vocabulary_{group}"] = len(rows)
        for name, table in tables.items():
            found |= _named(f"{name}_{group}", table.drift(rows))
        some = sample(rows, MOST_WORDS, derive_seed(seed, "words whose neighbours", group))
        found[f"neighbours_{group}"] = neighbour_overlap(before[first], now[first], some)
    paired = paired_words(
        groups["absent"], groups["domain"], counts, derive_seed(seed, "paired words")
    )
    found["paired"] = len(paired[0])
    for name, table in tables.items():
        found |= {
            measure.replace("_", f"_{name}_"): value
            for measure, value in kept_between(
                table.before, table.after, *paired, slices=table.slices
            ).items()
        }
    for name, (old, new) in inferred.items():
        found[f"documents_{name}"] = len(old)
        found |= _named(f"inferred_{name}", tables[first].drift_of_documents(old, new))
    if generic is not None and (rows_of := learner.word_rows(generic)) is not None:
        found |= _by_share(rows_of.shares(groups["absent"]), *inferred["generic"], right)
    return {key: value for key, value in found.items() if value is not None}


class _Table:
    """Vectors of words at two times, with the turns that align them."""

    def __init__(
        self, before: Vectors, after: Vectors, fitted: npt.NDArray[np.int64], slices: int = 1
    ) -> None:
        self.before, self.after, self.slices = before, after, slices
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


def _by_share(
    shares: npt.NDArray[np.float64],
    old: Vectors,
    new: Vectors,
    right: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None,
) -> dict[str, float | None]:
    """Return what became of the documents with few and with many words that D lacks."""
    if len(shares) < 2 * (NEIGHBOURS + 1):
        return {}
    found: dict[str, float | None] = {}
    halves = np.array_split(np.argsort(shares, kind="stable"), 2)
    for name, rows in zip(("fewest", "most"), halves, strict=True):
        found[f"{name}_share"] = float(shares[rows].mean())
        found[f"{name}_neighbours"] = neighbour_overlap(old, new, rows)
        if right is not None:
            before, after = (one[rows].mean() for one in right)
            found[f"{name}_accuracy"] = float(after - before)
    return found


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
