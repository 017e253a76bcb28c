"""``d2vbench run --dry-run``: what a run would do, and about what it would take."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from d2vbench.cli.backend_arguments import resources
from d2vbench.cli.display import size_text, time_left

if TYPE_CHECKING:
    from rich.console import Console

    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.spec.studies import StudyCells
    from d2vbench.corpora import Cards


def dry_run(
    console: Console,
    asked: StudyCells,
    cards: Cards,
    out: Path,
    how: RunOptions,
    options: argparse.Namespace,
) -> int:
    """Print what would be done; write nothing but the store of encoded corpora."""
    from d2vbench.bench.execution.grid import open_grid
    from d2vbench.bench.plan.outlook import look_ahead

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    cells = asked.cells
    grid = open_grid(cells, cards, out, say)
    limits = resources(options)
    jobs = limits.local_jobs()
    ahead = look_ahead(grid, how, out, jobs, limits.memory_bytes())
    for name, mine in asked.by_study.items():
        say(f"study {name}: {len(mine)} cells")
    present = len(cells) - len(ahead.wanted) - ahead.passed_over
    say(f"{len(cells)} different cells; {present} have a record, {len(ahead.wanted)} to compute")
    if ahead.failed_before:
        what = "would be tried again" if not how.only_missing else "would be left as they are"
        say(f"{ahead.failed_before} cells failed before and {what}")
    if not ahead.wanted:
        return 0
    say(
        f"words to train: {ahead.words / 1e6:,.1f} million; it would be "
        f"{ahead.words_alone / 1e6:,.1f} million if each cell were trained alone"
    )
    basis = (
        f"as {ahead.measured} records in {out} took"
        if ahead.measured
        else "by the speed of another machine; records of this one make it better"
    )
    if options.backend == "local":
        say(f"time: about {time_left(ahead.seconds)} with {ahead.jobs} jobs ({basis})")
    else:
        say(f"time: about {time_left(ahead.work)} of one core's work, divided among the cluster's")
    say(f"memory: up to {size_text(ahead.memory)} for one cell")
    if options.backend == "local" and ahead.jobs < jobs:
        say(f"{ahead.jobs} jobs instead of {jobs}, since more of the largest would not fit")
    say(
        f"disk: about {size_text(ahead.records)} for records, and up to "
        f"{size_text(min(ahead.checkpoints, how.checkpoint_limit))} for checkpoints"
    )
    return 0
