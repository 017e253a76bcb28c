"""What a run would take, estimated before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from d2vbench.bench.execution.grid import Grid, RunOptions
from d2vbench.bench.plan.layout import Layout, lay_out
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.bench.store.records import RecordStore, State

# Of a record without its predictions.
_BYTES_OF_A_RECORD = 8000
# Enough to know how fast a machine is.
_SAMPLE = 200


@dataclass(frozen=True)
class Outlook:
    """What a run would take.

    Attributes
    ----------
    wanted : set of int
        Cells to compute, by their index.
    failed_before, passed_over : int
        Cells that failed before; those of them that would not be tried again.
    words, words_alone : int
        To train, with what cells have in common trained once; and if each were trained alone.
    work, seconds : float
        Seconds on one core; seconds with so many jobs, where what cells share is done by one.
    measured : int
        Records that the speed was taken from; 0: from another machine.
    memory : int
        Bytes of the largest cell.
    jobs : int
        That fit into memory at once.
    records, checkpoints : int
        Bytes on disk; checkpoints if all of them were there at once.
    """

    wanted: set[int]
    failed_before: int
    passed_over: int
    words: int
    words_alone: int
    work: float
    seconds: float
    measured: int
    memory: int
    jobs: int
    records: int
    checkpoints: int


def look_ahead(grid: Grid, run_options: RunOptions, out: Path, jobs: int, memory: int) -> Outlook:
    """Estimate what a run would take.

    Parameters
    ----------
    grid : Grid
        From `open_grid`.
    run_options : RunOptions
        As for `run_cells`.
    out : pathlib.Path
        The run's folder, whose records say how fast this machine is.
    jobs : int
        Tasks at once.
    memory : int
        Bytes that they may take together.

    Returns
    -------
    Outlook
        Everything but the number of cells and words is an estimate.
    """
    wanted = grid.wanted(run_options)
    open_before = [
        i for i, key in enumerate(grid.keys) if grid.states[key] != State.GOOD or run_options.force
    ]
    layout = lay_out(grid.cells, grid.pairs)
    work = layout.work(wanted)
    speed, measured = _speed(grid, layout, RecordStore(out))
    sizes = [layout.costs.memory(grid.cells[i], grid.pairs[grid.cells[i].pair]) for i in wanted]
    largest = max(sizes, default=0)
    fitting = max(1, min(jobs, memory // largest)) if largest else jobs
    total = sum(work.values()) * speed
    return Outlook(
        wanted=wanted,
        failed_before=sum(grid.keys[i] in grid.failures for i in open_before),
        passed_over=len(open_before) - len(wanted),
        words=layout.words_of(wanted),
        words_alone=sum(
            plan.words(layout.sizes[i]) for i in wanted for plan in layout.plans.get(i, ())
        ),
        work=total,
        seconds=layout.seconds(wanted, int(fitting)) * speed,
        measured=measured,
        memory=largest,
        jobs=int(fitting),
        records=sum(_record_bytes(grid, i) for i in wanted),
        checkpoints=_checkpoint_bytes(grid, layout, wanted),
    )


def _speed(grid: Grid, layout: Layout, store: RecordStore) -> tuple[float, int]:
    """Return how much longer cells took than estimated, and how many cells that is taken from."""
    known = [i for i, key in enumerate(grid.keys) if grid.states[key] == State.GOOD]
    known = known[:: max(1, len(known) // _SAMPLE)]
    taken = sum(sum(store.read(grid.keys[i])["seconds"].values()) for i in known)
    expected = sum(layout.alone_seconds(i) for i in known)
    return (taken / expected, len(known)) if known and taken else (1.0, 0)


def _record_bytes(grid: Grid, index: int) -> int:
    cell = grid.cells[index]
    # Predictions of neighbouring documents are much the same, and are compressed.
    return _BYTES_OF_A_RECORD + len(grid.pairs[cell.pair].test) * (1 + len(cell.budgets))


def _checkpoint_bytes(grid: Grid, layout: Layout, wanted: set[int]) -> int:
    total = 0
    for stretch in layout.stretches:
        below = layout.below(stretch)
        if stretch.branches and below & wanted:
            cell = grid.cells[min(below)]
            assert isinstance(cell, TrainedCell)
            total += layout.costs.of(cell, grid.pairs[cell.pair]).state_bytes
    return total
