"""Status of a run, read from its folder; also during the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from d2vbench.bench.execution.failures import Failure, FailureStore
from d2vbench.bench.execution.lock import Progress, is_locked, read_progress
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.manifest import MANIFEST, existing_manifest, read_manifest
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.errors import UserError


@dataclass(frozen=True)
class RunStatus:
    """Status of a run.

    Attributes
    ----------
    run : pathlib.Path
        Its folder.
    study : str
        What was asked for.
    states : dict of str to State
        Of the records of all cells, by key.
    studies : dict of str to tuple of (int, int)
        By study: cells that are done, and all of them.
    failures : list of Failure
        Cells without a record that failed.
    at_work : bool
        Whether a run is using the folder.
    progress : Progress or None
        As last written; None if the last run ended by itself.
    checkpoints : int
        Bytes that checkpoints take.
    """

    run: Path
    study: str
    states: dict[str, State]
    studies: dict[str, tuple[int, int]]
    failures: list[Failure]
    at_work: bool
    progress: Progress | None
    checkpoints: int

    @property
    def done(self) -> int:
        """Number of cells with a whole record."""
        return self.count()[State.GOOD]

    def count(self) -> Counter[State]:
        """Return how many records are in which state."""
        return Counter(self.states.values())


def run_status(run: Path) -> RunStatus:
    """Read the status of a run; change nothing.

    Parameters
    ----------
    run : pathlib.Path
        The folder.

    Returns
    -------
    RunStatus
        How it stands at this moment.

    Raises
    ------
    UserError
        If it holds no run, or one of a newer version.
    """
    manifest = read_manifest(run)
    progress, at_work = read_progress(run), is_locked(run)
    if manifest is None:
        if at_work:
            raise UserError(f"a run has just started in {run}: it is still reading the corpora")
        manifest = existing_manifest(run)
    keys = manifest["cells"]
    states = RecordStore(run).examine(keys)
    failures = FailureStore(run).read(k for k in keys if states[k] != State.GOOD)
    return RunStatus(
        run=run,
        study=str(manifest["study"]),
        states=states,
        studies={
            study["name"]: (
                sum(states[key] == State.GOOD for key in study["cells"]),
                len(study["cells"]),
            )
            for study in manifest.get("studies", [])
        },
        failures=list(failures.values()),
        at_work=at_work,
        progress=progress,
        checkpoints=Checkpoints(run / "checkpoints").size(),
    )


def find_runs(folder: Path) -> list[Path]:
    """Return the runs in a folder, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
