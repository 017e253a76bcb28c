"""What one task does: a cell alone, or a stretch of the plan tree with its cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from d2vbench.bench.compute.measure import (
    Clock,
    Result,
    Sample,
    cell_plans,
    follows_generic,
    measure,
)
from d2vbench.bench.execution.events import Began, CellDone, Event, Words, failed
from d2vbench.bench.plan.tree import Stretch
from d2vbench.bench.spec.cell import INFERRED, Cell
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import Pair
from d2vbench.evaluation import Snapshot
from d2vbench.families.doc2vec import EXPANDED, Trainee, begin, corpus_sizes, prepare, train_phase
from d2vbench.families.doc2vec.reference.expanded import train_expanded
from d2vbench.strategies import Phase, Plan, Sizes, parse_strategy


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
        JSON values: ``cell``, ``plans`` (one for each model that the strategy trains), ``metrics``
        by label budget, ``counts``, ``seconds`` by step, and ``expansion`` where the vocabulary
        was expanded. The same in every process, but for the seconds.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget. An expansion that crashed has no
        metrics and predicts nothing: that is its result.
    """
    # The limit reaches only libraries that are loaded already.
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    # One thread a cell: sums inside BLAS may depend on the number of threads.
    with threadpool_limits(limits=1):
        return _run_cell(cell, pair)


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
    stretch: Stretch, cells: Mapping[int, Cell], some: Cell, pair: Pair, checkpoints: Checkpoints
) -> Iterator[Event]:
    """Train a stretch of the plan tree, compute the cells that end in it, and tell how it goes.

    Parameters
    ----------
    stretch : Stretch
        Which phases.
    cells : mapping of int to Cell
        Those of its cells that are wanted, by their index; may be none.
    some : Cell
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
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    left = set(cells)
    try:
        with threadpool_limits(limits=1):
            for event in _stretch_events(stretch, cells, some, pair, checkpoints):
                if isinstance(event, CellDone):
                    left.discard(event.index)
                yield event
    except Exception:
        yield from [failed(index) for index in sorted(left)]


def _stretch_events(
    stretch: Stretch, cells: Mapping[int, Cell], some: Cell, pair: Pair, checkpoints: Checkpoints
) -> Iterator[Event]:
    sample, clock = Sample.of(some, pair), Clock()
    trainee = _prepared(some, pair, sample, Plan((*stretch.before, *stretch.phases)), clock)
    spent = checkpoints.load(stretch.parent, trainee) if stretch.parent else None
    if spent is None:
        begin(trainee)
        for phase in stretch.before:
            yield _train_phase(trainee, phase, clock)
    else:
        clock.seconds["train"] = spent
    phases = (*stretch.before, *stretch.phases)
    # Whether a cell that is wanted compares what it becomes with what its first phase left.
    ends = [len(stretch.before) + place for index, place in stretch.cells if index in cells]
    compares = any(_compares(some, Plan(phases[:end])) for end in ends)
    snapshot = None
    if compares and len(stretch.before) == 1:
        snapshot = _snapshot(str(stretch.parent), trainee)
    for i, phase in enumerate(stretch.phases):
        yield _train_phase(trainee, phase, clock)
        if compares and len(stretch.before) + i == 0:
            snapshot = Snapshot.of(trainee)
        if i == len(stretch.phases) - 1 and stretch.branches:
            checkpoints.save(stretch.key, trainee, clock.seconds["train"])
        for index, place in stretch.cells:
            if place != i + 1 or index not in cells:
                continue
            yield Began(index)
            state = trainee.engine.model.random.get_state()
            try:
                before = (
                    snapshot
                    if _compares(some, Plan(phases[: len(stretch.before) + place]))
                    else None
                )
                result = measure(
                    cells[index], pair, sample, [trainee], Clock(clock.seconds), before=before
                )
                yield CellDone(index, result)
            except Exception:
                yield failed(index)
            # Whether inference draws from it is the engine's business.
            trainee.engine.model.random.set_state(state)


# The last snapshot of this process, with what was found out about it: the branches of a checkpoint
# compare themselves with the same.
_LAST: dict[str, Snapshot] = {}


def _snapshot(parent: str, trainee: Trainee) -> Snapshot:
    """Return the snapshot of the end of a stretch, where a model stands now."""
    if parent not in _LAST:
        _LAST.clear()
        _LAST[parent] = Snapshot.of(trainee)
    return _LAST[parent]


def _train_phase(trainee: Trainee, phase: Phase, clock: Clock) -> Words:
    with clock.step("train"):
        train_phase(trainee, phase)
    return Words(round(phase.words(trainee.sizes)))


def _run_cell(cell: Cell, pair: Pair) -> Result:
    clock = Clock()
    sample = Sample.of(cell, pair)
    trainees: list[Trainee] = []
    expansion: dict[str, Any] | None = None
    before: Snapshot | None = None
    if cell.settings is not None:
        plans = cell_plans(cell, corpus_sizes(pair.generic, sample.trained))
        for plan in plans:
            if cell.vocabulary in EXPANDED:
                with clock.step("train"):
                    expanded = train_expanded(
                        pair.generic, sample.domain, cell.settings, sample.base, plan,
                        cell.vocabulary,
                    )  # fmt: skip
                expansion = expanded.outcome
                trainees += [expanded.trainee] if expanded.trainee else []
                continue
            trainee = _prepared(cell, pair, sample, plan, clock)
            begin(trainee)
            for i, phase in enumerate(plan.phases):
                _train_phase(trainee, phase, clock)
                if i == 0 and len(plans) == 1 and _compares(cell, plan):
                    before = Snapshot.of(trainee)
            trainees.append(trainee)
    return measure(cell, pair, sample, trainees, clock, expansion, before)


def _compares(cell: Cell, plan: Plan) -> bool:
    """Return whether what a follow-up has moved is measured: never of the vectors of training."""
    return cell.vectors == INFERRED and follows_generic(plan)


def _prepared(cell: Cell, pair: Pair, sample: Sample, plan: Plan, clock: Clock) -> Trainee:
    assert cell.settings is not None
    width = cell.settings.vector_size // parse_strategy(cell.strategy).models
    settings = dataclasses.replace(cell.settings, vector_size=width)
    with clock.step("prepare"):
        return prepare(
            pair.generic, sample.trained, settings, sample.base, cell.engine,
            vocabulary=cell.vocabulary, plan=plan,
        )  # fmt: skip


def cell_sizes(cell: Cell, pair: Pair) -> Sizes:
    """Return how large the two sides are that a cell trains on."""
    return corpus_sizes(pair.generic, Sample.of(cell, pair).trained)
