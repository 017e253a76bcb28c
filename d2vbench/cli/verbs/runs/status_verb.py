"""``d2vbench status``: how a run stands, also while it is going on."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.asking import RUNS
from d2vbench.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from d2vbench.bench.execution.lock import Progress
    from d2vbench.bench.execution.status import RunStatus

_MOST = 10


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "status",
        help="show how a run stands, also while it is going on",
        description="Show what is done, what failed and why, and how long it will take. May be "
        "called from another terminal while it runs.",
        epilog="Example: d2vbench status results/runs/all",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR",
        help="the run's folder; default: a line for each run in results/runs",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print it; status 1 where something failed or is damaged."""
    from d2vbench.bench.execution.status import find_runs, run_status
    from d2vbench.bench.store.records import State

    if options.folder is not None:
        status = run_status(options.folder)
        for line in status_lines(status):
            print(line)
        bad = {State.DAMAGED, State.EDITED, State.NEWER} & set(status.states.values())
        return 1 if status.failures or bad else 0
    found = find_runs(RUNS)
    if not found:
        print(f"no run in {RUNS}")
    broken = 0
    for folder in found:
        try:
            print(first_line(run_status(folder)))
        except UserError as error:
            broken = 1
            print(error)
    return broken


def first_line(status: RunStatus) -> str:
    """Return how a run stands, in one line."""
    total = len(status.states)
    line = f"{status.run}: study {status.study}, {status.done} of {total} cells done"
    if status.failures:
        line += f", {len(status.failures)} failed"
    if status.at_work:
        return f"{line}; running"
    if status.done == total:
        return f"{line}; complete"
    return f"{line}; stopped"


def status_lines(status: RunStatus) -> Iterator[str]:
    """Yield all there is to say."""
    from d2vbench.bench.store.records import State
    from d2vbench.cli.display import cell_text, size_text

    yield first_line(status)
    if status.progress is not None and status.at_work:
        yield from _progress_lines(status.progress)
    elif status.progress is not None and status.done < len(status.states):
        yield (
            f"the last run ended early, about {status.progress.updated}; the same "
            "command continues from there"
        )
    if len(status.studies) > 1:
        for name, (done, total) in status.studies.items():
            yield f"  {name}: {done} of {total}"
    for state, n in status.count().items():
        if state not in (State.GOOD, State.MISSING):
            yield f"{n} records are {state}: the next run says which, and computes them again"
    for failure in status.failures[:_MOST]:
        times = "once" if failure.attempts == 1 else f"{failure.attempts} times"
        yield (f"failed {times}: {cell_text(failure.cell)}: {failure.status}: {failure.reason()}")
    if len(status.failures) > _MOST:
        yield f"and {len(status.failures) - _MOST} more, in {status.run / 'failed'}"
    if status.checkpoints:
        yield f"checkpoints: {size_text(status.checkpoints)}"


def _progress_lines(progress: Progress) -> Iterator[str]:
    from d2vbench.api.progress import time_left

    begun = datetime.datetime.fromisoformat(progress.begun)
    told = datetime.datetime.fromisoformat(progress.updated)
    seconds = max((told - begun).total_seconds(), 1.0)
    done = progress.computed + progress.failed
    missing = progress.total - progress.present
    line = f"process {progress.process}, started {progress.begun}: {done} of {missing} cells"
    if progress.work_done:
        left = seconds * (progress.work - progress.work_done) / progress.work_done
        line += f", about {time_left(max(left, 0))} left"
    yield f"{line}, {progress.words / seconds / 1e6:.1f} M words/s"
