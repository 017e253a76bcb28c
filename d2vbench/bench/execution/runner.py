"""The runner: computes the cells that have no record yet, and keeps what is finished."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.backends import Backend, Inline
from d2vbench.bench.execution.events import EXCEPTION, CellDone, Event, TaskDone, Words
from d2vbench.bench.execution.failures import Failure, FailureStore
from d2vbench.bench.execution.lock import Occupied, occupy
from d2vbench.bench.plan.layout import Layout, lay_out
from d2vbench.bench.plan.tree import Stretch
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.identity import main_metrics
from d2vbench.bench.store.checkpoints import LIMIT, Checkpoints
from d2vbench.bench.store.manifest import make_manifest, read_manifest, write_manifest
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.corpora import Cards, Pair, open_pair
from d2vbench.errors import UserError


class Listener(Protocol):
    """Is told how a run goes; the display is its business."""

    def note(self, text: str) -> None:
        """Hear one line about something that takes time."""
        ...  # pragma: no cover

    def start(self, total: int, present: int, work: float) -> None:
        """Hear how many cells there are, how many are left as they are, and the work to do."""
        ...  # pragma: no cover

    def trained(self, words: int) -> None:
        """Hear that so many words were trained."""
        ...  # pragma: no cover

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        """Hear that a cell is done, with its accuracy where it has one, or that it failed."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Wishes:
    """How a run is to go about it.

    Attributes
    ----------
    force : bool
        Compute every cell, whether there is a record or not.
    only_missing : bool
        Leave cells that have failed before as they are.
    fail_fast : bool
        Stop at the first cell that fails.
    stop_after : float or None
        Seconds after which what is going on is given up.
    checkpoint_limit : int
        Bytes that checkpoints may take, in the folder ``checkpoints`` of the run.
    """

    force: bool = False
    only_missing: bool = False
    fail_fast: bool = False
    stop_after: float | None = None
    checkpoint_limit: int = LIMIT


@dataclass
class RunResult:
    """What a run did.

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
        Cells that failed before and were not tried again, as was wished.
    stopped : str
        Why the run ended before its time; empty where it did not.
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


@dataclass
class Grid:
    """A grid with its pairs opened, and what there is of it already.

    Attributes
    ----------
    cells : list of Cell
        Each once.
    keys : list of str
        Of their records.
    pairs : dict of str to Pair
        By name.
    cards : Cards
        Where the pairs' cards are.
    states : dict of str to State
        Of the records, by key.
    failures : dict of str to Failure
        Of cells that failed before, by key.
    """

    cells: list[Cell]
    keys: list[str]
    pairs: dict[str, Pair]
    cards: Cards
    states: dict[str, State]
    failures: dict[str, Failure]

    def wanted(self, wishes: Wishes) -> set[int]:
        """Return which cells are to be computed, by their index."""
        return {
            i
            for i, key in enumerate(self.keys)
            if (wishes.force or self.states[key] != State.GOOD)
            and not (wishes.only_missing and key in self.failures)
        }


def open_grid(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    note: Callable[[str], None],
    cache: Path | None = None,
) -> Grid:
    """Open the pairs of a grid, and look at what a run's folder has of it; writes nothing there.

    Parameters
    ----------
    cells : sequence of Cell
        The grid.
    cards : Cards
        Where the pairs are looked up.
    out : pathlib.Path
        The run's folder; need not exist.
    note : callable
        Told in one line what takes time.
    cache : pathlib.Path, optional
        Folder of encoded corpora.

    Returns
    -------
    Grid
        With the state of every record.

    Raises
    ------
    UserError
        If a newer version has written to the folder.
    """
    read_manifest(out)
    pairs = {
        name: open_pair(cards.pair(name), cards, cache, note)
        for name in dict.fromkeys(cell.pair for cell in cells)
    }
    for pair in pairs.values():
        note(pair.sentence())
    keys = [cell.key(pairs[cell.pair].key) for cell in cells]
    store = RecordStore(out)
    states = store.examine(keys)
    for key, state in states.items():
        if state == State.NEWER:
            raise UserError(store.problem(key))
    return Grid(list(cells), keys, pairs, cards, states, FailureStore(out).read(keys))


def run_cells(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    *,
    study: str,
    listener: Listener,
    backend: Backend | None = None,
    studies: Mapping[str, Sequence[Cell]] | None = None,
    wishes: Wishes | None = None,
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
        Told how it goes.
    backend : Backend, optional
        Where the work is done; by default in this process. Results do not depend on it. Is closed.
    studies : mapping of str to sequence of Cell, optional
        Which cells belong to which study; by default all to ``study``.
    wishes : Wishes, optional
        How to go about it.
    cache : pathlib.Path, optional
        Folder of encoded corpora.

    Returns
    -------
    RunResult
        Records of finished cells are written as they finish, so an interrupted run keeps them.

    Raises
    ------
    UserError
        If another run is at work in the folder, or a newer version was.
    """
    backend = backend or Inline()
    wishes = wishes or Wishes()
    try:
        # What a newer version wrote is left as it is, progress and all.
        read_manifest(out)
        with occupy(out) as occupied:
            grid = open_grid(cells, cards, out, listener.note, cache)
            wanted = grid.wanted(wishes)
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
            occupied.progress.present = len(cells) - len(wanted)
            if layout:
                run = _Run(grid, layout, work, result, listener, wishes, occupied)
                run.go(wanted, backend)
    finally:
        backend.close()
    return result


def _set_aside(store: RecordStore, states: Mapping[str, State], listener: Listener) -> None:
    """Move records that do not count out of the way, and say so."""
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
    """Write what the run consists of, unless that stands there already and nothing is to do."""
    there = read_manifest(out)
    keys = dict(zip(grid.cells, grid.keys, strict=True))
    if layout is None and there is not None and "words" in there:
        result.words = there["words"]
        mine = make_manifest(study, studies, keys, grid.pairs, result.words)
        same = ("study", "cells", "studies", "pairs")
        if all(there.get(name) == mine[name] for name in same):
            return
    layout = layout or lay_out(grid.cells, grid.pairs)
    result.words = layout.words
    write_manifest(out, make_manifest(study, studies, keys, grid.pairs, layout.words))


class _Run:
    """Going through the tasks of a layout, and keeping what comes of them."""

    def __init__(
        self,
        grid: Grid,
        layout: Layout,
        work: Mapping[int, float],
        result: RunResult,
        listener: Listener,
        wishes: Wishes,
        occupied: Occupied,
    ) -> None:
        self.grid, self.layout, self.work = grid, layout, work
        self.result, self.listener, self.wishes = result, listener, wishes
        self.occupied = occupied
        self.store, self.failures = RecordStore(result.out), FailureStore(result.out)
        self.checkpoints = Checkpoints(
            result.out / "checkpoints", wishes.checkpoint_limit, occupied.token
        )
        self.references = {
            name: PairReference.of(pair, grid.cards) for name, pair in grid.pairs.items()
        }
        self.begun = time.monotonic()

    def go(self, wanted: set[int], backend: Backend) -> None:
        """Do what is wanted, level by level of the tree; the longest tasks of a level first."""
        progress = self.occupied.progress
        progress.total = len(self.grid.cells)
        progress.work = sum(self.work.values())
        self.occupied.tell(now=True)
        waiting = Counter(
            s.parent for s in self.layout.stretches if s.parent and self.layout.below(s) & wanted
        )
        for level in self.layout.levels(wanted):
            tasks = list(self._tasks(level, wanted))
            events = backend.run(tasks) if tasks else iter(())
            for event in events:
                self._hear(event)
                if isinstance(event, TaskDone) and event.parent:
                    waiting[event.parent] -= 1
                    if not waiting[event.parent]:
                        self.checkpoints.remove(event.parent)
                self.occupied.tell()
                if self._enough():
                    return
        self.checkpoints.clear()

    def _enough(self) -> bool:
        """Return whether to stop; what is going on is given up, its checkpoints stay."""
        if self.wishes.fail_fast and self.result.failures:
            self.result.stopped = "a cell failed"
        limit = self.wishes.stop_after
        if limit is not None and time.monotonic() - self.begun >= limit:
            done = self.result.computed + len(self.result.failures)
            if done < len(self.work):
                self.result.stopped = f"the time of {limit:g} seconds is over"
        return bool(self.result.stopped)

    def _tasks(self, level: Sequence[int | Stretch], wanted: set[int]) -> Iterator[Task]:
        cells = self.layout.cells
        for item in level:
            if isinstance(item, int):
                yield self._task({item: cells[item]}, cells[item], None)
                continue
            mine = {i: cells[i] for i, _ in item.cells if i in wanted}
            if mine or not self.checkpoints.present(item.key):  # Left by an interrupted run.
                yield self._task(mine, cells[min(self.layout.below(item))], item)

    def _task(self, cells: dict[int, Cell], some: Cell, stretch: Stretch | None) -> Task:
        return Task(
            cells=cells,
            some=some,
            pair=self.references[some.pair],
            stretch=stretch,
            checkpoints=self.checkpoints,
            sources=source_digest(),
            memory=self.layout.costs.memory(some, self.grid.pairs[some.pair]),
        )

    def _hear(self, event: Event) -> None:
        progress = self.occupied.progress
        if isinstance(event, Words):
            self.result.words_trained += event.count
            progress.words += event.count
            self.listener.trained(event.count)
        elif isinstance(event, CellDone):
            cell, key = self.layout.cells[event.index], self.grid.keys[event.index]
            failure, accuracy = None, None
            if event.result is not None:
                try:
                    accuracy = self._keep(cell, key, event)
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

    def _keep(self, cell: Cell, key: str, event: CellDone) -> float | None:
        assert event.result is not None
        record, predictions = event.result
        self.store.write(key, {**record, "versions": cell.versions()}, predictions)
        self.failures.forget(key)
        first = main_metrics(record).get(cell.budgets[0])
        return first["accuracy"] if first else None
