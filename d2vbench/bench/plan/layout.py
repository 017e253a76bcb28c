"""The work of a grid: what is trained together, in which order, and about how long it takes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from d2vbench.bench.compute.measure import cell_plans
from d2vbench.bench.compute.work import cell_sizes
from d2vbench.bench.plan.tree import Stretch, lay_tree, shares_training, trunk_key
from d2vbench.bench.spec.cell import Cell
from d2vbench.corpora import Pair
from d2vbench.strategies import Plan, Sizes

# Rough figures, only to tell the time left and to start long cells first: PV-DBOW words a second,
# what a word costs in other models, and the classifiers of a cell.
_WORDS_A_SECOND = {"native": 3e6, "gensim": 6e5}
_SECONDS_CLASSIFIERS = 0.5
_SECONDS_PER_LABEL_AND_CLASS = 1.2e-4
# Times what the classifiers of Doc2Vec vectors take: TF-IDF has a thousand times the dimensions.
_COST_OF_BASELINE = {"tf-idf": 2.5, "lsa": 1.5, "mean-word2vec": 1.0}
_WORD2VEC_PASSES, _WORD2VEC_WORDS_A_SECOND = 10, 5e5
# Documents of the generic corpus' own task that are inferred.
_GENERIC_TASK = 2500
_COST_OF_A_WORD = {"dbow": 1.0, "dbow-words": 5.0, "dm-mean": 1.5, "dm-sum": 1.5, "dm-concat": 8.0}


@dataclass(frozen=True)
class Layout:
    """A grid laid out as tasks.

    Attributes
    ----------
    cells : tuple of Cell
        The grid.
    pairs : dict of str to Pair
        By name.
    plans : dict of int to tuple of Plan
        Of each cell that trains.
    sizes : dict of int to Sizes
        What each cell trains on.
    stretches : tuple of Stretch
        Of the plan tree.
    alone : tuple of int
        Cells that are not in it.
    """

    cells: tuple[Cell, ...]
    pairs: dict[str, Pair]
    plans: dict[int, tuple[Plan, ...]]
    sizes: dict[int, Sizes]
    stretches: tuple[Stretch, ...]
    alone: tuple[int, ...]

    @functools.cached_property
    def words(self) -> dict[str, int]:
        """Words that the grid takes: each cell ``alone``, and as a ``tree``."""
        each = {i: sum(plan.words(self.sizes[i]) for plan in p) for i, p in self.plans.items()}
        shared = sum(stretch.words(self._sizes_of(stretch)) for stretch in self.stretches)
        return {
            "alone": sum(each.values()),
            "tree": shared + sum(each.get(i, 0) for i in self.alone),
        }

    def words_of(self, wanted: set[int]) -> int:
        """Return the words that some of the cells take, with what they have in common once."""
        shared = sum(s.words(self._sizes_of(s)) for s in self.stretches if self.below(s) & wanted)
        alone = [i for i in self.alone if i in wanted and i in self.plans]
        return shared + sum(plan.words(self.sizes[i]) for i in alone for plan in self.plans[i])

    def below(self, stretch: Stretch) -> set[int]:
        """Return the cells of a stretch and of all that go on from it."""
        return self._below[stretch.key]

    @functools.cached_property
    def _below(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for stretch in reversed(self.stretches):
            mine = found.setdefault(stretch.key, set())
            mine |= {i for i, _ in stretch.cells}
            if stretch.parent:
                found.setdefault(stretch.parent, set()).update(mine)
        return found

    def _sizes_of(self, stretch: Stretch) -> Sizes:
        return self.sizes[min(self.below(stretch))]

    def levels(self, missing: set[int]) -> Iterator[list[int | Stretch]]:
        """Go through the tasks that missing cells need, a parent's level before its branches'.

        Yields
        ------
        list of int or Stretch
            Cells to compute alone, and stretches; the longest first, so that no core idles at the
            end of a level.
        """
        depths = 1 + max((stretch.depth for stretch in self.stretches), default=0)
        for depth in range(depths):
            level: list[tuple[float, int, int | Stretch]] = []
            for stretch in self.stretches:
                if stretch.depth == depth and self.below(stretch) & missing:
                    mine = len({i for i, _ in stretch.cells} & missing)
                    some = min(self.below(stretch))
                    seconds = self._training(stretch) + mine * self._evaluation(some)
                    level.append((-seconds, len(level), stretch))
            if depth == 0:
                level += [
                    (-self.alone_seconds(i), len(level) + i, i) for i in self.alone if i in missing
                ]
            yield [task for *_, task in sorted(level, key=lambda item: item[:2])]

    def work(self, missing: set[int]) -> dict[int, float]:
        """Estimate the work of missing cells, in seconds of a usual processor, roughly.

        What cells have in common is divided among them: the sum is the work of all.
        """
        work = {
            i: self.alone_seconds(i) if i in self.alone else self._evaluation(i) for i in missing
        }
        for stretch in self.stretches:
            cells = self.below(stretch) & missing
            for i in cells:
                work[i] += self._training(stretch) / len(cells)
        return work

    def _rate(self, index: int) -> float:
        """Return the seconds that a word takes."""
        cell = self.cells[index]
        assert cell.settings is not None
        return _COST_OF_A_WORD[cell.settings.model] / _WORDS_A_SECOND[cell.engine]

    def _training(self, stretch: Stretch) -> float:
        return self._rate(min(self.below(stretch))) * stretch.words(self._sizes_of(stretch))

    def _evaluation(self, index: int) -> float:
        cell = self.cells[index]
        pair = self.pairs[cell.pair]
        inferred = self.sizes[index].domain_words + pair.test.words()
        held_out = len(pair.generic_test)
        if held_out:
            # After training, and for a follow-up before it as well.
            task = min(_GENERIC_TASK, 2 * held_out) * pair.generic_test.words() / held_out
            inferred += round(task * max(len(plan.phases) for plan in self.plans[index]))
        return self._classifying(cell) + self._rate(index) * cell.inference.epochs * inferred

    def _classifying(self, cell: Cell) -> float:
        pair = self.pairs[cell.pair]
        labelled = cell.fraction * len(pair.train) * len(pair.classes)
        return _SECONDS_CLASSIFIERS + _SECONDS_PER_LABEL_AND_CLASS * labelled

    def alone_seconds(self, index: int) -> float:
        """Estimate the seconds of one cell by itself."""
        if index not in self.plans:
            return self._baseline_seconds(self.cells[index])
        # The models of an ensemble are narrower in turn.
        plans = self.plans[index]
        words = sum(plan.words(self.sizes[index]) for plan in plans) / len(plans)
        return self._evaluation(index) + self._rate(index) * words

    def _baseline_seconds(self, cell: Cell) -> float:
        seconds = _COST_OF_BASELINE[cell.strategy] * self._classifying(cell)
        if cell.strategy == "mean-word2vec":
            pair = self.pairs[cell.pair]
            words = pair.generic.words() + cell.fraction * pair.train.words()
            seconds += _WORD2VEC_PASSES * words / _WORD2VEC_WORDS_A_SECOND
        return seconds


def lay_out(cells: Sequence[Cell], pairs: dict[str, Pair]) -> Layout:
    """Make every plan of a grid, and lay them as trees.

    Parameters
    ----------
    cells : sequence of Cell
        The grid.
    pairs : dict of str to Pair
        The pairs that they name.

    Returns
    -------
    Layout
        Checked: a plan that no engine could carry out raises here, before any training.
    """
    plans: dict[int, tuple[Plan, ...]] = {}
    sizes: dict[int, Sizes] = {}
    known: dict[tuple[str, float, int], Sizes] = {}
    shared, alone = [], []
    for i, cell in enumerate(cells):
        if cell.settings is None:
            alone.append(i)
            continue
        pair = pairs[cell.pair]
        place = (cell.pair, cell.fraction, cell.seed)
        if place not in known:
            known[place] = cell_sizes(cell, pair)
        sizes[i] = known[place]
        plans[i] = cell_plans(cell, sizes[i])
        if shares_training(cell, plans[i]):
            shared.append((i, trunk_key(cell, pair.key, plans[i][0]), plans[i][0]))
        else:
            alone.append(i)
    return Layout(tuple(cells), pairs, plans, sizes, tuple(lay_tree(shared)), tuple(alone))
