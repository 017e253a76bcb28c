"""What of a pair a cell is about: everything random in it is paired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.cell import ALL_LABELS, TRAINED, Cell, TrainedCell, labels_of
from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.pairs.subsets import per_class, stratified_fraction
from d2vbench.evaluation import Labelled
from d2vbench.families import Sides
from d2vbench.keys import derive_seed


@dataclass(frozen=True)
class Sample:
    """What of a pair a cell is about.

    It depends on the seed, the pair and the share of D, and not on the strategy.

    Attributes
    ----------
    base : int
        Seed from which all others derive.
    domain : Selection
        The part of D-train that there is.
    labels : (n,) int32
        Its classes.
    whole : Selection
        All of D-train, of which some label budgets are.
    whole_labels : (n_train,) int32
        Its classes.
    sides : Sides
        What a model is trained on: G, and ``domain``, or where the vectors of training are
        classified the test documents as well.
    """

    base: int
    domain: Selection
    labels: npt.NDArray[np.int32]
    whole: Selection
    whole_labels: npt.NDArray[np.int32]
    sides: Sides

    @classmethod
    def of(cls, cell: Cell, pair: Pair) -> Sample:
        """Draw the sample of a cell."""
        base = derive_seed(cell.seed, pair.name)
        present = stratified_fraction(
            pair.train_labels, cell.fraction, derive_seed(base, "share of the domain")
        )
        domain = trained = pair.train.take(present)
        if isinstance(cell, TrainedCell) and cell.vectors == TRAINED:
            both = np.concatenate([domain.documents, pair.test.documents])
            trained = Selection(domain.corpus, np.sort(both))
        generic = pair.generic
        if isinstance(cell, TrainedCell) and cell.from_saved:
            generic = generic.take(np.empty(0, np.int64))  # A saved model stands for it.
        sides = Sides(generic, trained)
        labels = pair.train_labels
        return cls(base, domain, labels[present], pair.train, labels, sides)

    @staticmethod
    def reads(budgets: Iterable[str]) -> list[bool]:
        """Return whether label budgets are of all of D-train: False, True, or both."""
        return sorted({labels_of(budget)[0] for budget in budgets})

    def read(self, whole: bool) -> Selection:
        """Return all of D-train, or the share of it that there is."""
        return self.whole if whole else self.domain

    def labelled(self, budget: str) -> Labelled:
        """Return the documents that a label budget has, as positions in what `read` returns.

        Of all of D the two kinds of budgets are the same.
        """
        whole, count = labels_of(budget)
        labels = self.whole_labels if whole else self.labels
        chosen = np.arange(len(labels), dtype=np.int64)
        if count is not None:
            chosen = per_class(labels, count, derive_seed(self.base, "labels"))
        folds = derive_seed(self.base, "folds", str(count or ALL_LABELS))
        return Labelled(chosen, labels[chosen], folds)
