"""``d2vbench run --dry-run``: what a run would do, and about what it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from d2vbench.api.asking import Prepared
from d2vbench.api.progress import time_left
from d2vbench.api.running import look_ahead_of
from d2vbench.cli.display import size_text

if TYPE_CHECKING:
    from rich.console import Console


def dry_run(console: Console, prepared: Prepared) -> int:
    """Print what would be done; write nothing but the store of encoded corpora."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True)

    found, out, how = look_ahead_of(prepared, say), prepared.folder, prepared.run_options
    ahead = found.outlook
    for name, count in found.studies.items():
        say(f"study {name}: {count} cells")
    say(
        f"{found.cells} different cells; {found.present} have a record, {len(ahead.wanted)} to "
        "compute"
    )
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
    local, jobs = prepared.resources.backend == "local", prepared.resources.local_jobs()
    if local:
        say(f"time: about {time_left(ahead.seconds)} with {ahead.jobs} jobs ({basis})")
    else:
        say(f"time: about {time_left(ahead.work)} of one core's work, divided among the cluster's")
    say(f"memory: up to {size_text(ahead.memory)} for one cell")
    if local and ahead.jobs < jobs:
        say(f"{ahead.jobs} jobs instead of {jobs}, since more of the largest would not fit")
    say(
        f"disk: about {size_text(ahead.records)} for records, and up to "
        f"{size_text(min(ahead.checkpoints, how.checkpoint_limit))} for checkpoints"
    )
    return 0
