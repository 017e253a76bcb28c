"""The work of a grid: what is trained together, in which order, and about how long it takes."""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.plan.memory import MOST_OF_GENERIC_TASK, Costs
from d2vbench.bench.plan.tree import Stretch, lay_tree, shares_training, trunk_key
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell, labels_of
from d2vbench.corpora import Pair
from d2vbench.evaluation.fine_tuning import readings
from d2vbench.evaluation.pretrained import encoding_seconds
from d2vbench.evaluation.tokens import TASKS
from d2vbench.evaluation.tokens.tuned import token_readings
from d2vbench.families import FAMILIES
from d2vbench.families.encoder.arms import parse_arm
from d2vbench.strategies import Plan, Sizes

# Rough figures, only to tell the time left and to start long cells first: classifiers of a cell.
_SECONDS_CLASSIFIERS = 0.05
_SECONDS_PER_LABEL_AND_CLASS = 7.5e-6


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
    costs : Costs
        Of the models.
    """

    cells: tuple[Cell, ...]
    pairs: dict[str, Pair]
    plans: dict[int, tuple[Plan, ...]]
    sizes: dict[int, Sizes]
    stretches: tuple[Stretch, ...]
    alone: tuple[int, ...]
    costs: Costs = field(default_factory=Costs, compare=False, repr=False)

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
        """Return the cells of a stretch and of all that continue from it."""
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

    def ready(
        self, missing: set[int], parent: str | None = None
    ) -> list[tuple[int, ...] | Stretch]:
        """Return what missing cells need that can be done once a stretch is.

        Parameters
        ----------
        missing : set of int
            Cells to compute.
        parent : str, optional
            Key of the stretch; by default, what needs none.

        Returns
        -------
        list of tuple of int, or Stretch
            Cells to compute one after the other, and stretches. Of the former there is one, but for
            baselines that learn the same (`Baseline.learns`, `Baseline.alike`): one process does it
            once for all.
        """
        found = [s for s in self._branches.get(parent, ()) if self.below(s) & missing]
        return [*found, *(() if parent is not None else self._groups(missing))]

    def _groups(self, missing: set[int]) -> list[tuple[int, ...]]:
        """Return the cells to compute alone, those together that learn the same."""
        groups: dict[Any, list[int]] = {}
        for i in self.alone:
            if i in missing:
                cell = self.cells[i]
                group: tuple[Any, ...] = (i,)
                if isinstance(cell, BaselineCell) and (learns := cell.definition.learns):
                    # A checkpoint says the same of a document whatever the seed.
                    alike = cell.definition.alike and cell.fraction == 1
                    seed = cell.seed if cell.encoder is None and not alike else -1
                    group = (cell.pair, cell.fraction, seed, learns)
                groups.setdefault(group, []).append(i)
        return list(map(tuple, groups.values()))

    def chain(self, task: tuple[int, ...] | Stretch, missing: set[int]) -> float:
        """Estimate the seconds from the beginning of a task to the end of all that follows it.

        As if there were a processor for every task: on two, what has the longest way to go is begun
        first, so that none idles at the end.
        """
        if isinstance(task, tuple):
            return self._own_seconds(task, missing)
        after = [self.chain(branch, missing) for branch in self.ready(missing, task.key)]
        return self._own_seconds(task, missing) + max(after, default=0.0)

    def _own_seconds(self, task: tuple[int, ...] | Stretch, missing: set[int]) -> float:
        """Estimate the seconds of a task, without what follows it."""
        if isinstance(task, tuple):
            first, *others = task
            alone = self.alone_seconds(first)
            return alone + sum(self.alone_seconds(i) - self._learning(i) for i in others)
        mine = [i for i, _ in task.cells if i in missing]
        return self._training(task) + sum(map(self._evaluation, mine))

    def seconds(self, missing: set[int], jobs: int) -> float:
        """Estimate the seconds until all that is missing is done, with so many tasks at once.

        Parameters
        ----------
        missing : set of int
            Cells to compute.
        jobs : int
            Tasks at once.

        Returns
        -------
        float
            As a run does them: what goes on from a stretch begins once it is done, and whatever has
            the longest way to go is begun first. A stretch that many cells share is done by one.
        """
        places = itertools.count()
        waiting: list[tuple[float, int, tuple[int, ...] | Stretch]] = []
        at_work: list[tuple[float, int, str | None]] = []

        def put(parent: str | None) -> None:
            for task in self.ready(missing, parent):
                heapq.heappush(waiting, (-self.chain(task, missing), next(places), task))

        now = 0.0
        put(None)
        while waiting or at_work:
            while waiting and len(at_work) < jobs:
                _, place, task = heapq.heappop(waiting)
                key = task.key if isinstance(task, Stretch) else None
                heapq.heappush(at_work, (now + self._own_seconds(task, missing), place, key))
            now, _, done = heapq.heappop(at_work)
            if done is not None:
                put(done)
        return now

    @functools.cached_property
    def _branches(self) -> dict[str | None, list[Stretch]]:
        found: dict[str | None, list[Stretch]] = {}
        for stretch in self.stretches:
            found.setdefault(stretch.parent, []).append(stretch)
        return found

    def work(self, missing: set[int]) -> dict[int, float]:
        """Estimate the work of missing cells, in seconds of a usual processor, roughly.

        What cells have in common is divided among them: the sum is the work of all.
        """
        work = {
            i: self.alone_seconds(i) if i in self.alone else self._evaluation(i) for i in missing
        }
        for _, *others in self._groups(missing):
            for i in others:
                work[i] -= self._learning(i)
        for stretch in self.stretches:
            cells = self.below(stretch) & missing
            for i in cells:
                work[i] += self._training(stretch) / len(cells)
        return work

    def _rate(self, index: int) -> float:
        """Return the seconds that a word takes."""
        cell = self.cells[index]
        assert isinstance(cell, TrainedCell)
        return self.costs.of(cell, self.pairs[cell.pair]).seconds_per_word

    def _training(self, stretch: Stretch) -> float:
        return self._rate(min(self.below(stretch))) * stretch.words(self._sizes_of(stretch))

    def _evaluation(self, index: int) -> float:
        cell = self.cells[index]
        assert isinstance(cell, TrainedCell)
        pair = self.pairs[cell.pair]
        inferred = self.sizes[index].domain_words + pair.test.words()
        if cell.fine_tuned:
            return self._rate(index) * self._fine_tuning(index)
        held_out = len(pair.generic_test)
        if cell.diagnosed and held_out:
            # After training, and for a follow-up before it as well.
            task = min(MOST_OF_GENERIC_TASK, 2 * held_out) * pair.generic_test.words() / held_out
            inferred += round(task * max(len(plan.phases) for plan in self.plans[index]))
        # What trains nothing to encode reads each document once, and goes through it one way.
        trains = FAMILIES[cell.family].trains_to_encode(cell.settings)
        passes = cell.inference.epochs if trains else 1 / 3
        seconds = self._classifying(cell) + self._rate(index) * passes * inferred
        for other in set(cell.inference_grid) - {cell.inference}:
            words = self.sizes[index].domain_words + pair.test.words()
            seconds += self._classifying(cell) + self._rate(index) * other.epochs * words
        return seconds

    def _fine_tuning(self, index: int) -> float:
        """Return the words that fine-tuning reads, by all label budgets."""
        cell, pair = self.cells[index], self.pairs[self.cells[index].pair]
        assert isinstance(cell, TrainedCell)
        arm, documents = parse_arm(cell.fine_tuned), self.sizes[index].domain_documents
        read = 0.0
        if cell.tokens:
            most, asked = TASKS[cell.tokens].documents(pair, pair.train)
            for budget in cell.budgets:
                labelled = min(labels_of(budget)[1] or most, most)
                read += token_readings(arm, labelled) + asked / 3
            return read * pair.train.words() / max(len(pair.train), 1)
        for budget in cell.budgets:
            few = labels_of(budget)[1]
            labelled = documents if few is None else min(few * len(pair.classes), documents)
            read += readings(arm, labelled) + len(pair.test) / 3
        return read * pair.train.words() / max(len(pair.train), 1)

    def _classifying(self, cell: Cell) -> float:
        pair = self.pairs[cell.pair]
        labelled = cell.fraction * len(pair.train) * len(pair.classes)
        return _SECONDS_CLASSIFIERS + _SECONDS_PER_LABEL_AND_CLASS * labelled

    def _learning(self, index: int) -> float:
        """Return the seconds in which a baseline learns from words."""
        cell = self.cells[index]
        if not isinstance(cell, BaselineCell):
            return 0.0
        pair = self.pairs[cell.pair]
        if cell.encoder is not None:
            return encoding_seconds(
                cell.baseline, cell.encoder, pair.train, pair.test, len(pair.classes)
            )
        words = pair.generic.words() + cell.fraction * pair.train.words()
        return cell.definition.seconds_per_word * words

    def alone_seconds(self, index: int) -> float:
        """Estimate the seconds of one cell by itself."""
        cell = self.cells[index]
        if isinstance(cell, BaselineCell):
            return cell.definition.cost * self._classifying(cell) + self._learning(index)
        # The models of an ensemble are narrower in turn.
        plans = self.plans[index]
        words = sum(plan.words(self.sizes[index]) for plan in plans) / len(plans)
        return self._evaluation(index) + self._rate(index) * words


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
    known: dict[tuple[Any, ...], Sizes] = {}
    shared, alone = [], []
    for i, cell in enumerate(cells):
        if isinstance(cell, BaselineCell):
            alone.append(i)
            continue
        pair = pairs[cell.pair]
        place = (
            cell.pair, cell.fraction, cell.generic_fraction, cell.seed, cell.vectors,
            cell.from_saved,
        )  # fmt: skip
        if place not in known:
            known[place] = Sample.of(cell, pair).sides.sizes
        sizes[i] = known[place]
        plans[i] = cell.plans(sizes[i])
        if shares_training(cell, plans[i]):
            shared.append((i, trunk_key(cell, pair.key, plans[i][0]), plans[i][0]))
        else:
            alone.append(i)
    return Layout(tuple(cells), pairs, plans, sizes, tuple(lay_tree(shared)), tuple(alone))
