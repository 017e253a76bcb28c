"""What a baseline is: predictions without a model that a plan trains.

A baseline reads the same unlabelled text as the vectors that it is compared with, whatever the
label budget: all of D-train, and G where its title says so or its vectors are learned from both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.corpora.pairs.labels import every_label
from d2vbench.evaluation.classifiers import CLASSIFIERS, MAIN_CLASSIFIER, Outcome

Vectors = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Labelled:
    """The documents of D-train that a classifier learns from.

    Attributes
    ----------
    documents : (n,) int64
        Positions in D-train, in ascending order; one of several labels stands there for each.
    labels : (n,) int32
        Their classes.
    folds : int
        Seed of the folds.
    """

    documents: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int32]
    folds: int

    @classmethod
    def of(
        cls, documents: npt.NDArray[np.int64], rows: npt.NDArray[np.int32], folds: int
    ) -> Labelled:
        """Return documents with all their labels, (n, most labels of one) int32."""
        places, labels = every_label(rows)
        return cls(documents[places], labels, folds)

    def options(self) -> dict[str, Any]:
        """Return what a classifier takes beside vectors and labels, by keyword."""
        several = len(self.documents) > 1 and bool((np.diff(self.documents) == 0).any())
        return {"seed": self.folds, **({"documents": self.documents} if several else {})}


Predict = Callable[[Selection, Selection, Selection, Sequence[Labelled], int], list[Outcome]]


@dataclass(frozen=True, eq=False)
class Baseline:
    """A baseline: its function, and what tells whether results of it can be compared.

    Attributes
    ----------
    predict : callable
        ``predict(generic, domain, test, budgets, seed)``: from G, D-train, D-test, the labelled
        documents of each label budget and the pair's base seed to an outcome for each budget.
    title : str
        For tables.
    version : int or None
        Raised when what it says changes. Without one, the digest of the sources that a third
        party's definition stands among takes its place.
    rank : int
        Place in lists; the first is part of a first look.
    learns : str
        What baselines of the same name here learn alike from G, D-train and the seed: a process
        that is given several does it once.
    alike : bool
        From the whole of D-train it learns the same whatever the seed: one process is given all
        seeds, and does once what they have in common. Needs ``learns``.
    cost, seconds_per_word : float
        Times what the classifier of Doc2Vec vectors takes, and seconds for a word of G and D.
    measures : callable or None
        ``measures(generic, domain, test)``: numbers for the record beside its counts, by name.
    """

    predict: Predict
    title: str
    version: int | None = None
    rank: int = 100
    learns: str = ""
    alike: bool = False
    cost: float = 1.0
    seconds_per_word: float = 0.0
    measures: Callable[[Selection, Selection, Selection], dict[str, float]] | None = None


def with_vectors(
    learn: Callable[[Selection, Selection, Selection, int], tuple[Vectors, Vectors]],
) -> Predict:
    """Return the function of a baseline that gives vectors, for the main classifier.

    Parameters
    ----------
    learn : callable
        From G, D-train, D-test and the base seed to (n, dim) vectors of D-train and of D-test;
        learns from the first two, without labels.
    """

    def predict(
        generic: Selection,
        domain: Selection,
        test: Selection,
        budgets: Sequence[Labelled],
        seed: int,
    ) -> list[Outcome]:
        train, unseen = learn(generic, domain, test, seed)
        classify = CLASSIFIERS[MAIN_CLASSIFIER].predict
        return [classify(train[b.documents], b.labels, unseen, **b.options()) for b in budgets]

    return predict


def check_baseline(name: str, value: Any) -> str:
    """Return what is wrong with a third party's baseline; empty if nothing."""
    if not isinstance(value, Baseline):
        return f"must be a Baseline, got {value!r:.80}"
    if value.alike and not value.learns:
        return "with alike=True needs learns: what of it is the same whatever the seed"
    return ""
