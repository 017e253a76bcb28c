"""What of a pair a cell is about: everything random in it is paired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.cell import ALL_LABELS, TRAINED, Cell, TrainedCell, labels_of, tail_of
from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.pairs.labels import strata
from d2vbench.corpora.pairs.subsets import long_tail, per_class, stratified_fraction
from d2vbench.evaluation import Labelled
from d2vbench.families import Sides
from d2vbench.keys import derive_seed


@dataclass(frozen=True)
class Sample:
    """What of a pair a cell is about.

    It depends on the seed, the pair and the shares of D and of G, and not on the strategy.

    Attributes
    ----------
    base : int
        Seed from which all others derive.
    domain : Selection
        The part of D-train that there is.
    rows : (n, most labels of one) int32
        Its classes, as `Pair.train_rows`.
    whole : Selection
        All of D-train, of which some label budgets are.
    whole_rows : (n_train, most labels of one) int32
        Its classes.
    sides : Sides
        What a model is trained on: the part of G that there is, and ``domain``, or where the
        vectors of training are classified the test documents as well.
    """

    base: int
    domain: Selection
    rows: npt.NDArray[np.int32]
    whole: Selection
    whole_rows: npt.NDArray[np.int32]
    sides: Sides

    @classmethod
    def of(cls, cell: Cell, pair: Pair) -> Sample:
        """Draw the sample of a cell."""
        base = derive_seed(cell.seed, pair.name)
        present = stratified_fraction(
            strata(pair.train_rows), cell.fraction, derive_seed(base, "share of the domain")
        )
        domain = trained = pair.train.take(present)
        generic = pair.generic
        if isinstance(cell, TrainedCell):
            if cell.vectors == TRAINED:
                both = np.concatenate([domain.documents, pair.test.documents])
                trained = Selection(domain.corpus, np.sort(both))
            if cell.generic_fraction < 1:
                seed = derive_seed(base, "share of the generic corpus")
                one_class = np.zeros(len(generic), dtype=np.int32)
                generic = generic.take(stratified_fraction(one_class, cell.generic_fraction, seed))
            if cell.from_saved:
                generic = generic.take(np.empty(0, np.int64))  # A saved model stands for it.
        sides = Sides(generic, trained)
        rows = pair.train_rows
        return cls(base, domain, rows[present], pair.train, rows, sides)

    @staticmethod
    def reads(budgets: Iterable[str]) -> list[bool]:
        """Return whether label budgets are of all of D-train: False, True, or both."""
        return sorted({labels_of(budget)[0] for budget in budgets})

    def read(self, whole: bool) -> Selection:
        """Return all of D-train, or the share of it that there is."""
        return self.whole if whole else self.domain

    def labelled(self, budget: str) -> Labelled:
        """Return the documents that a label budget has, as positions in what `read` returns.

        Of all of D the two kinds of budgets are the same. A document of several labels has them all
        in every budget.
        """
        whole, count = labels_of(budget)
        rows = self.whole_rows if whole else self.rows
        chosen = np.arange(len(rows), dtype=np.int64)
        name = str(count or ALL_LABELS)
        if tail_of(budget):
            chosen, name = self._tail(budget)[0], budget
        elif count is not None:
            chosen = per_class(rows, count, derive_seed(self.base, "labels"))
        folds = derive_seed(self.base, "folds", name)
        return Labelled.of(chosen, rows[chosen], folds)

    def rare(self, budget: str) -> npt.NDArray[np.int32]:
        """Return the rare half of the classes of a long tail; no class of another label budget."""
        return self._tail(budget)[1] if tail_of(budget) else np.empty(0, dtype=np.int32)

    def _tail(self, budget: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        return long_tail(self.rows, tail_of(budget) or 1, derive_seed(self.base, "labels"))
