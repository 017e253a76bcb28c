"""The runner: computes the cells that have no record yet, and keeps what is finished."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.backends import Backend, Inline
from d2vbench.bench.execution.events import EXCEPTION, CellDone, Event, TaskDone, Words
from d2vbench.bench.execution.failures import Failure, FailureStore
from d2vbench.bench.execution.grid import Grid, RunOptions, make_manifest, open_grid
from d2vbench.bench.execution.lock import RunLock, lock_run
from d2vbench.bench.plan.layout import Layout, lay_out
from d2vbench.bench.plan.tree import Stretch
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.identity import main_metrics
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.manifest import read_manifest, write_manifest
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.corpora import Cards


class Listener(Protocol):
    """Receives the events of a run and displays them."""

    def note(self, text: str) -> None:
        """Show one line about something that takes time."""
        ...  # pragma: no cover

    def start(self, total: int, present: int, work: float) -> None:
        """Show how many cells there are, how many stay as they are, and the work to do."""
        ...  # pragma: no cover

    def trained(self, words: int) -> None:
        """Count words that were trained."""
        ...  # pragma: no cover

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        """Count a cell that is done (with its accuracy, if any) or that failed."""
        ...  # pragma: no cover


@dataclass
class RunResult:
    """Result of a run.

    Attributes
    ----------
    out : pathlib.Path
        The run's folder.
    keys : list of str
        Of all cells, in the order of the grid.
    present, computed : int
        Cells that had a record, and cells that got one.
    failures : list of (Cell, Failure)
        Cells that failed in this run; they have no record and will be tried again.
    passed_over : int
        Cells that failed before and were skipped (``only_missing``).
    stopped : str
        Why the run stopped early; empty if it did not.
    words : dict of str to int
        What the whole grid takes: ``alone``, each cell trained by itself, and ``tree``, with what
        cells have in common trained once.
    words_trained : int
        What was trained in this run.
    """

    out: Path
    keys: list[str]
    present: int = 0
    computed: int = 0
    failures: list[tuple[Cell, Failure]] = field(default_factory=list)
    passed_over: int = 0
    stopped: str = ""
    words: dict[str, int] = field(default_factory=dict)
    words_trained: int = 0


def run_cells(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    *,
    study: str,
    listener: Listener,
    backend: Backend | None = None,
    studies: Mapping[str, Sequence[Cell]] | None = None,
    run_options: RunOptions | None = None,
    cache: Path | None = None,
) -> RunResult:
    """Compute the cells that have no record in a folder.

    Parameters
    ----------
    cells : sequence of Cell
        The grid.
    cards : Cards
        Where the pairs are looked up.
    out : pathlib.Path
        The run's folder; must exist.
    study : str
        Name of the study, for the manifest.
    listener : Listener
        Receives the progress.
    backend : Backend, optional
        Where the work is done; by default in this process. Results do not depend on it. Is closed.
    studies : mapping of str to sequence of Cell, optional
        Which cells belong to which study; by default all to ``study``.
    run_options : RunOptions, optional
        Options that change no result.
    cache : pathlib.Path, optional
        Folder of encoded corpora.

    Returns
    -------
    RunResult
        Records of finished cells are written as they finish, so an interrupted run keeps them.

    Raises
    ------
    UserError
        If another run is using the folder, or another version wrote to it.
    """
    backend = backend or Inline()
    run_options = run_options or RunOptions()
    try:
        # What another version wrote is left as it is, progress and all.
        read_manifest(out)
        with lock_run(out) as lock:
            if lock.warning:
                listener.note(lock.warning)
            grid = open_grid(cells, cards, out, listener.note, cache)
            wanted = grid.wanted(run_options)
            result = RunResult(out, grid.keys)
            result.passed_over = sum(
                grid.states[key] != State.GOOD and i not in wanted
                for i, key in enumerate(grid.keys)
            )
            result.present = len(cells) - len(wanted) - result.passed_over
            _set_aside(RecordStore(out), grid.states, listener)
            # Nothing is trained before every plan has been made: a bad one is refused at once.
            layout = lay_out(cells, grid.pairs) if wanted else None
            _write_manifest(out, study, studies or {study: cells}, grid, layout, result)
            work = layout.work(wanted) if layout else {}
            listener.start(len(cells), len(cells) - len(wanted), sum(work.values()))
            lock.progress.present = len(cells) - len(wanted)
            if layout:
                run = _Run(grid, layout, work, result, listener, run_options, lock)
                run.go(wanted, backend)
    finally:
        backend.close()
    return result


def _set_aside(store: RecordStore, states: Mapping[str, State], listener: Listener) -> None:
    """Move invalid records to the folder ``rejected``, and say so."""
    for key, state in states.items():
        if state not in (State.GOOD, State.MISSING):
            listener.note(store.problem(key))
            listener.note(f"it is kept as {store.set_aside(key)}")


def _write_manifest(
    out: Path,
    study: str,
    studies: Mapping[str, Sequence[Cell]],
    grid: Grid,
    layout: Layout | None,
    result: RunResult,
) -> None:
    """Write the manifest, unless nothing is to compute and it is up to date."""
    there = read_manifest(out)
    keys = dict(zip(grid.cells, grid.keys, strict=True))
    if layout is None and there is not None and "words" in there:
        result.words = there["words"]
        mine = make_manifest(study, studies, keys, grid.pairs, result.words, grid.warnings)
        same = ("study", "cells", "studies", "pairs")
        if all(there.get(name) == mine[name] for name in same):
            return
    layout = layout or lay_out(grid.cells, grid.pairs)
    result.words = layout.words
    manifest = make_manifest(study, studies, keys, grid.pairs, layout.words, grid.warnings)
    write_manifest(out, manifest)


class _Run:
    """Runs the tasks of a layout and stores their results."""

    def __init__(
        self,
        grid: Grid,
        layout: Layout,
        work: Mapping[int, float],
        result: RunResult,
        listener: Listener,
        run_options: RunOptions,
        lock: RunLock,
    ) -> None:
        self.grid, self.layout, self.work = grid, layout, work
        self.result, self.listener, self.run_options = result, listener, run_options
        self.lock = lock
        self.store, self.failures = RecordStore(result.out), FailureStore(result.out)
        self.checkpoints = Checkpoints(
            result.out / "checkpoints", run_options.checkpoint_limit, lock.token
        )
        self.references = {
            name: PairReference.of(pair, grid.cards) for name, pair in grid.pairs.items()
        }
        self.begun = time.monotonic()
        # By the key of a stretch: how many wanted ones go on from its checkpoint.
        self.waiting: Counter[str] = Counter()

    def go(self, wanted: set[int], backend: Backend) -> None:
        """Compute the wanted cells, a stretch of the tree once its parent is done."""
        progress = self.lock.progress
        progress.total = len(self.grid.cells)
        progress.work = sum(self.work.values())
        self.lock.write_progress(now=True)
        self.waiting = Counter(
            s.parent for s in self.layout.stretches if s.parent and self.layout.below(s) & wanted
        )

        def follow(done: TaskDone) -> list[Task]:
            return list(self._tasks(wanted, done.stretch)) if done.stretch else []

        for event in backend.run(list(self._tasks(wanted, None)), follow):
            self._handle(event)
            if isinstance(event, TaskDone) and event.parent:
                self._needed_once_less(event.parent)
            self.lock.write_progress()
            if self._should_stop():
                return
        self.checkpoints.clear()

    def _should_stop(self) -> bool:
        """Return whether to stop; tasks in progress are abandoned, their checkpoints stay."""
        if self.run_options.fail_fast and self.result.failures:
            self.result.stopped = "a cell failed"
        limit = self.run_options.stop_after
        if limit is not None and time.monotonic() - self.begun >= limit:
            done = self.result.computed + len(self.result.failures)
            if done < len(self.work):
                self.result.stopped = f"the time of {limit:g} seconds is over"
        return bool(self.result.stopped)

    def _tasks(self, wanted: set[int], parent: str | None) -> Iterator[Task]:
        """Yield the tasks that can be done once a stretch is; what is there already is passed."""
        cells = self.layout.cells
        for item in self.layout.ready(wanted, parent):
            if isinstance(item, tuple):
                yield self._task({i: cells[i] for i in item}, item, wanted)
                continue
            mine = {i: cells[i] for i, _ in item.cells if i in wanted}
            if mine or not self.checkpoints.present(item.key):
                yield self._task(mine, item, wanted)
            else:  # Left by an interrupted run.
                if item.parent:
                    self._needed_once_less(item.parent)
                yield from self._tasks(wanted, item.key)

    def _needed_once_less(self, parent: str) -> None:
        """Remove a checkpoint once nothing goes on from it."""
        self.waiting[parent] -= 1
        if not self.waiting[parent]:
            self.checkpoints.remove(parent)

    def _task(
        self, cells: dict[int, Cell], item: tuple[int, ...] | Stretch, wanted: set[int]
    ) -> Task:
        some = self.layout.cells[min(item if isinstance(item, tuple) else self.layout.below(item))]
        return Task(
            cells=cells,
            some=some,
            pair=self.references[some.pair],
            stretch=None if isinstance(item, tuple) else item,
            checkpoints=self.checkpoints,
            sources=source_digest(),
            memory=max(
                self.layout.costs.memory(cell, self.grid.pairs[some.pair])
                for cell in (some, *cells.values())
            ),
            chain=self.layout.chain(item, wanted),
        )

    def _handle(self, event: Event) -> None:
        progress = self.lock.progress
        if isinstance(event, Words):
            self.result.words_trained += event.count
            progress.words += event.count
            self.listener.trained(event.count)
        elif isinstance(event, CellDone):
            cell, key = self.layout.cells[event.index], self.grid.keys[event.index]
            failure, accuracy = None, None
            if event.result is not None:
                try:
                    accuracy = self._write_record(cell, key, event)
                except ValueError as error:
                    # NaN or infinity, which no record holds: the cell has failed.
                    event = CellDone(
                        event.index, None, f"a metric is no number: {error}", EXCEPTION
                    )
            if event.result is not None:
                self.result.computed += 1
                progress.computed += 1
            else:
                failure = self.failures.add(key, cell.to_json(), event.status, event.error)
                self.result.failures.append((cell, failure))
                progress.failed += 1
            progress.work_done += self.work[event.index]
            self.listener.finished(cell, self.work[event.index], accuracy, failure)

    def _write_record(self, cell: Cell, key: str, event: CellDone) -> float | None:
        assert event.result is not None
        record, predictions = event.result
        self.store.write(key, {**record, "versions": cell.versions()}, predictions)
        self.failures.forget(key)
        first = main_metrics(record).get(cell.budgets[0])
        return first["accuracy"] if first else None
