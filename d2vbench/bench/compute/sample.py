"""What of a pair a cell is about: everything random in it is paired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.cell import ALL_LABELS, TRAINED, Cell, TrainedCell
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
    sides : Sides
        What a model is trained on: G, and ``domain``, or where the vectors of training are
        classified the test documents as well.
    """

    base: int
    domain: Selection
    labels: npt.NDArray[np.int32]
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
        return cls(base, domain, pair.train_labels[present], Sides(pair.generic, trained))

    def labelled(self, budget: str) -> Labelled:
        """Return the documents of D-train that a label budget has."""
        chosen = np.arange(len(self.labels), dtype=np.int64)
        if budget != ALL_LABELS:
            chosen = per_class(self.labels, int(budget), derive_seed(self.base, "labels"))
        return Labelled(chosen, self.labels[chosen], derive_seed(self.base, "folds", budget))
