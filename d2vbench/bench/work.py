"""What one task does: a cell alone, or a stretch of the plan tree with its cells."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from d2vbench.bench.cell import Cell
from d2vbench.bench.checkpoints import Checkpoints
from d2vbench.bench.measure import Clock, Result, Sample, cell_plans, measure
from d2vbench.bench.tree import Stretch
from d2vbench.corpora import Pair
from d2vbench.engines import EXPANDED, Trainee, begin, corpus_sizes, prepare, train_phase
from d2vbench.engines.expanded import train_expanded
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


@dataclass
class Trained:
    """What came of a stretch.

    Attributes
    ----------
    words : int
        Words that were trained, repeats included.
    results : list of (int, Result or None, str or None)
        For each cell that was wanted its index, and its result or a traceback.
    """

    words: int = 0
    results: list[tuple[int, Result | None, str | None]] = field(default_factory=list)


def run_stretch(
    stretch: Stretch, cells: Mapping[int, Cell], some: Cell, pair: Pair, checkpoints: Checkpoints
) -> Trained:
    """Train a stretch of the plan tree, and compute the cells that end in it.

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

    Returns
    -------
    Trained
        The results are those of `run_cell`, but for the seconds. A cell that fails after its
        training costs itself alone; training that fails costs all that are left.
    """
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    done = Trained()
    try:
        with threadpool_limits(limits=1):
            _run_stretch(stretch, cells, some, pair, checkpoints, done)
    except Exception:
        computed = {index for index, _, _ in done.results}
        trace = traceback.format_exc()
        done.results += [(index, None, trace) for index in cells if index not in computed]
    return done


def _run_stretch(
    stretch: Stretch,
    cells: Mapping[int, Cell],
    some: Cell,
    pair: Pair,
    checkpoints: Checkpoints,
    done: Trained,
) -> None:
    sample, clock = Sample.of(some, pair), Clock()
    trainee = _prepared(some, pair, sample, Plan((*stretch.before, *stretch.phases)), clock)
    spent = checkpoints.load(stretch.parent, trainee) if stretch.parent else None
    if spent is None:
        begin(trainee)
        _train_phases(trainee, stretch.before, clock, done)
    else:
        clock.seconds["train"] = spent
    for i, phase in enumerate(stretch.phases):
        _train_phases(trainee, (phase,), clock, done)
        if i == len(stretch.phases) - 1 and stretch.branches:
            checkpoints.save(stretch.key, trainee, clock.seconds["train"])
        for index, place in stretch.cells:
            if place != i + 1 or index not in cells:
                continue
            state = trainee.engine.model.random.get_state()
            try:
                result = measure(cells[index], pair, sample, [trainee], Clock(clock.seconds))
                done.results.append((index, result, None))
            except Exception:
                done.results.append((index, None, traceback.format_exc()))
            # Whether inference draws from it is the engine's business.
            trainee.engine.model.random.set_state(state)


def _train_phases(
    trainee: Trainee, phases: Iterable[Phase], clock: Clock, done: Trained | None = None
) -> None:
    for phase in phases:
        with clock.step("train"):
            train_phase(trainee, phase)
        if done is not None:
            done.words += round(phase.words(trainee.sizes))


def _run_cell(cell: Cell, pair: Pair) -> Result:
    clock = Clock()
    sample = Sample.of(cell, pair)
    trainees: list[Trainee] = []
    expansion: dict[str, Any] | None = None
    if cell.settings is not None:
        for plan in cell_plans(cell, corpus_sizes(pair.generic, sample.domain)):
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
            _train_phases(trainee, plan.phases, clock)
            trainees.append(trainee)
    return measure(cell, pair, sample, trainees, clock, expansion)


def _prepared(cell: Cell, pair: Pair, sample: Sample, plan: Plan, clock: Clock) -> Trainee:
    assert cell.settings is not None
    width = cell.settings.vector_size // parse_strategy(cell.strategy).models
    settings = dataclasses.replace(cell.settings, vector_size=width)
    with clock.step("prepare"):
        return prepare(
            pair.generic, sample.domain, settings, sample.base, cell.engine,
            vocabulary=cell.vocabulary, plan=plan,
        )  # fmt: skip


def cell_sizes(cell: Cell, pair: Pair) -> Sizes:
    """Return how large the two sides are that a cell trains on."""
    return corpus_sizes(pair.generic, Sample.of(cell, pair).domain)
