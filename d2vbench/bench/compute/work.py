"""What one task does: a cell alone, or a stretch of the plan tree with its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from d2vbench.bench.compute.findings import Findings
from d2vbench.bench.compute.measure import (
    Before,
    Clock,
    Result,
    measure,
    measure_baseline,
)
from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.execution.events import Began, CellDone, Event, Words, failed
from d2vbench.bench.plan.tree import Stretch
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import Pair
from d2vbench.families import FAMILIES, Learner, one_thread, train_phase
from d2vbench.strategies import Phase, Plan, follows_generic


def run_cell(cell: Cell, pair: Pair) -> Result:
    """Compute one cell, alone.

    Parameters
    ----------
    cell : Cell
        What to do.
    pair : Pair
        The pair that the cell names.

    Returns
    -------
    record : dict
        See `d2vbench.bench.compute.measure.measure`. The same in every process, but for the
        seconds.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget. An expansion that crashed has no
        metrics and predicts nothing: that is its result.
    """
    with one_thread():
        sample = Sample.of(cell, pair)
        if isinstance(cell, BaselineCell):
            return measure_baseline(cell, pair, sample)
        clock = Clock()
        family = FAMILIES[cell.family]
        plans = cell.plans(sample.sides.sizes)
        if family.trains_apart(cell.settings):
            (plan,) = plans
            with clock.step("train"):
                outcome, learner = family.train_apart(
                    sample.sides, cell.settings, sample.base, plan
                )
            return measure(cell, pair, sample, [learner] if learner else [], clock, outcome)
        learners, before = [], None
        for plan in plans:
            leg = _Leg(cell, sample, plan, clock)
            compares = len(plans) == 1 and _compares(cell, plan.phases, pair)
            for done, phase in enumerate(plan.phases, 1):
                leg.train(phase)
                if done == 1 and compares:
                    before = leg.snapshot(Findings())
            learners.append(leg.learner)
        return measure(cell, pair, sample, learners, clock, before=before)


def alone_events(index: int, cell: Cell, pair: Pair) -> Iterator[Event]:
    """Compute one cell alone, and tell how it goes.

    Parameters
    ----------
    index : int
        In the grid.
    cell : Cell
        Which cell.
    pair : Pair
        The pair that it names.

    Yields
    ------
    Event
        The last is its `CellDone`; an exception becomes one.
    """
    yield Began(index)
    try:
        record, predictions = run_cell(cell, pair)
    except Exception:
        yield failed(index)
        return
    yield Words(round(record["counts"].get("words_trained", 0)))
    yield CellDone(index, (record, predictions))


def stretch_events(
    stretch: Stretch,
    cells: Mapping[int, TrainedCell],
    some: TrainedCell,
    pair: Pair,
    checkpoints: Checkpoints,
) -> Iterator[Event]:
    """Train a stretch of the plan tree, compute the cells that end in it, and tell how it goes.

    Parameters
    ----------
    stretch : Stretch
        Which phases.
    cells : mapping of int to TrainedCell
        Those of its cells that are wanted, by their index; may be none.
    some : TrainedCell
        Any cell of the trunk: says which model.
    pair : Pair
        The pair that the cells name.
    checkpoints : Checkpoints
        Where the parent's weights are, and where this stretch leaves its own for its branches.

    Yields
    ------
    Event
        One `CellDone` for each cell that is wanted, with the result of `run_cell` but for the
        seconds. A cell that fails after its training costs itself alone; training that fails costs
        all that are left.
    """
    left = set(cells)
    try:
        with one_thread():
            for event in _stretch_events(stretch, cells, some, pair, checkpoints):
                if isinstance(event, CellDone):
                    left.discard(event.index)
                yield event
    except Exception:
        yield from [failed(index) for index in sorted(left)]


def _stretch_events(
    stretch: Stretch,
    cells: Mapping[int, TrainedCell],
    some: TrainedCell,
    pair: Pair,
    checkpoints: Checkpoints,
) -> Iterator[Event]:
    sample, clock = Sample.of(some, pair), Clock()
    phases = (*stretch.before, *stretch.phases)
    # Of a whole plan, such as that of any cell of the trunk: what its first phases present is not
    # what the vocabulary counts.
    (plan,) = some.plans(sample.sides.sizes)
    leg = _Leg(some, sample, plan, clock)
    spent = checkpoints.load(stretch.parent, leg.learner) if stretch.parent else None
    if spent is None:
        for phase in stretch.before:
            yield leg.train(phase)
    else:
        clock.seconds["train"] = spent
    # Whether a cell that is wanted compares what it becomes with what its first phase left.
    ends = {index: len(stretch.before) + place for index, place in stretch.cells if index in cells}
    compares = {i for i, end in ends.items() if _compares(cells[i], phases[:end], pair)}
    before = None
    if compares and len(stretch.before) == 1:
        before = leg.snapshot(checkpoints.findings(str(stretch.parent)))
    for done, phase in enumerate(stretch.phases, len(stretch.before) + 1):
        yield leg.train(phase)
        if compares and done == 1:
            before = leg.snapshot(Findings())
        if done == len(phases) and stretch.branches:
            checkpoints.save(stretch.key, leg.learner, clock.seconds["train"])
        for index in [index for index, end in ends.items() if end == done]:
            yield Began(index)
            try:
                mine = before if index in compares else None
                result = measure(
                    cells[index], pair, sample, [leg.learner], Clock(clock.seconds), before=mine
                )
                yield CellDone(index, result)
            except Exception:
                yield failed(index)


class _Leg:
    """One model on its way through the phases of a plan."""

    def __init__(self, cell: TrainedCell, sample: Sample, plan: Plan, clock: Clock) -> None:
        self.cell, self.sample, self.clock = cell, sample, clock
        family, settings = FAMILIES[cell.family], cell.settings
        if cell.strategy.models > 1:
            settings = family.narrowed(settings, cell.strategy.models)
        with clock.step("prepare"):
            self.learner: Learner = family.prepare(sample.sides, settings, sample.base, plan)

    def train(self, phase: Phase) -> Words:
        """Train one phase, and say how many words that was."""
        with self.clock.step("train"):
            train_phase(self.learner, phase, self.sample.base)
        return Words(round(phase.words(self.sample.sides.sizes)))

    def snapshot(self, found: Findings) -> Before | None:
        """Copy the model's tables as they are now; None where it has none to compare."""
        tables = {name: table.copy() for name, table in self.learner.tables().items()}
        return Before(tables, found) if tables else None


def _compares(cell: TrainedCell, phases: Sequence[Phase], pair: Pair) -> bool:
    """Return whether it is asked what a follow-up has moved, and there is an answer.

    Of a saved model no drift is known, since its words are not told apart from D's; what it
    forgets is, where the pair has a task for that. Word vectors alone are no model to compare with.
    """
    if getattr(cell.settings, "word_vectors", "") or (
        cell.from_saved and not len(pair.generic_test)
    ):
        return False
    return cell.diagnosed and follows_generic(phases)
