"""Resuming, failing, trying again, stopping, holding the folder: what a run may be asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_run import Quiet, grid

from d2vbench.bench.compute import work as work_module
from d2vbench.bench.compute.measure import measure
from d2vbench.bench.compute.task import Task
from d2vbench.bench.execution.backends import SupervisedBackend
from d2vbench.bench.execution.events import Event
from d2vbench.bench.execution.failures import FailureStore
from d2vbench.bench.execution.grid import RunOptions
from d2vbench.bench.execution.lock import is_locked, lock_run, read_progress
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards
from d2vbench.errors import UserError


def run(
    cards: Cards,
    out: Path,
    cache: Path,
    run_options: RunOptions | None = None,
    listener: Quiet | None = None,
) -> RunResult:
    return run_cells(
        grid(1),
        cards,
        out,
        study="s",
        listener=listener or Quiet(),
        run_options=run_options,
        cache=cache,
    )


@pytest.fixture
def unlucky(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every follow-up fails until the patch is undone."""

    def fail(cell: Cell, *rest, **more):  # type: ignore[no-untyped-def]
        if cell.variant == "sequential(2)":
            raise RuntimeError("no luck")
        return measure(cell, *rest, **more)

    monkeypatch.setattr(work_module, "measure", fail)
    return monkeypatch


def test_a_failed_cell_says_why_and_how_often(
    small_cards: Cards, cache: Path, tmp_path: Path, unlucky: pytest.MonkeyPatch
) -> None:
    for attempts in (1, 2):
        result = run(small_cards, tmp_path, cache)
        ((cell, failure),) = result.failures
        assert cell.variant == "sequential(2)"
        assert (failure.status, failure.attempts) == ("exception", attempts)
        assert failure.reason() == "RuntimeError: no luck"
    (path,) = (tmp_path / "failed").iterdir()
    kept = json.loads(path.read_text())
    assert (kept["key"], kept["attempts"]) == (failure.key, 2)
    assert kept["cell"]["strategy"]["name"] == "sequential"
    status = run_status(tmp_path)
    assert (status.done, len(status.states), status.failures) == (3, 4, [failure])
    unlucky.undo()
    again = run(small_cards, tmp_path, cache)
    assert (again.computed, again.present, again.failures) == (1, 3, [])
    assert list((tmp_path / "failed").iterdir()) == []
    assert run_status(tmp_path).failures == []


def test_a_metric_that_is_no_number_is_a_failed_cell(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(cell: Cell, *rest, **more):  # type: ignore[no-untyped-def]
        record, predictions = measure(cell, *rest, **more)
        if cell.variant == "sequential(2)":
            record["metrics"]["5"]["macro_f1"] = float("nan")
        return record, predictions

    monkeypatch.setattr(work_module, "measure", spoil)
    result = run(small_cards, tmp_path, cache)
    ((cell, failure),) = result.failures
    assert (cell.variant, failure.status) == ("sequential(2)", "exception")
    assert failure.reason().startswith("a metric is no number: Out of range float values")
    assert run_status(tmp_path).done == 3


def test_only_missing_leaves_failed_cells(
    small_cards: Cards, cache: Path, tmp_path: Path, unlucky: pytest.MonkeyPatch
) -> None:
    run(small_cards, tmp_path, cache)
    unlucky.undo()
    result = run(small_cards, tmp_path, cache, RunOptions(only_missing=True))
    assert (result.computed, result.present, result.passed_over) == (0, 3, 1)
    assert FailureStore(tmp_path).read(result.keys)


def test_fail_fast_stops(
    small_cards: Cards, cache: Path, tmp_path: Path, unlucky: pytest.MonkeyPatch
) -> None:
    result = run(small_cards, tmp_path, cache, RunOptions(fail_fast=True))
    assert result.stopped == "a cell failed"
    assert len(result.failures) == 1
    done = result.computed
    unlucky.undo()
    again = run(small_cards, tmp_path, cache)
    assert (again.present, again.computed) == (done, 4 - done)


def test_force_computes_everything_again(small_cards: Cards, cache: Path, tmp_path: Path) -> None:
    first = run(small_cards, tmp_path, cache)
    before = {key: RecordStore(tmp_path).read(key)["metrics"] for key in first.keys}
    result = run(small_cards, tmp_path, cache, RunOptions(force=True))
    assert (result.computed, result.present) == (4, 0)
    assert {key: RecordStore(tmp_path).read(key)["metrics"] for key in first.keys} == before


def test_a_run_stops_when_its_time_is_over(small_cards: Cards, cache: Path, tmp_path: Path) -> None:
    result = run(small_cards, tmp_path, cache, RunOptions(stop_after=1e-6))
    assert result.stopped == "the time of 1e-06 seconds is over"
    assert result.computed < 4
    again = run(small_cards, tmp_path, cache)
    assert (again.present, again.stopped) == (result.computed, "")
    assert again.present + again.computed == 4


class Long(SupervisedBackend):
    """Its first cell takes longer than anybody waits."""

    jobs = 1

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.updates: set[str] = set()

    def supervise(self, task: Task) -> Iterator[Event]:
        while not self.closed.wait(0.1):
            progress = read_progress(task.checkpoints.folder.parent)
            self.updates.add(progress.updated if progress else "")
        yield from ()

    def close(self) -> None:
        self.closed.set()


def test_a_run_stops_in_time_during_a_long_cell(
    small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    begun, backend = time.monotonic(), Long()
    result = run_cells(
        grid(1), small_cards, tmp_path, study="s", listener=Quiet(), backend=backend,
        run_options=RunOptions(stop_after=3.0), cache=cache,
    )  # fmt: skip
    assert (result.stopped, result.computed) == ("the time of 3 seconds is over", 0)
    assert backend.closed.is_set()
    assert time.monotonic() - begun < 30
    # And whoever looks at the folder sees that it is at work.
    assert len(backend.updates - {""}) >= 2


@pytest.mark.processes
def test_a_second_run_is_refused_by_name(small_cards: Cards, cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from d2vbench.bench.execution.lock import lock_run\n"
        f"with lock_run(Path({str(tmp_path)!r})) as o:\n"
        "    o.write_progress(now=True); print('held', flush=True); time.sleep(600)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_locked(tmp_path)
        begun = read_progress(tmp_path)
        assert begun is not None
        with pytest.raises(UserError) as caught:
            run(small_cards, tmp_path, cache)
        assert str(caught.value) == (
            f"another run is using {tmp_path} (process {holder.pid}, started {begun.begun}). "
            f"Wait until it has ended, look at it with `d2vbench status {tmp_path}`, or give "
            "another folder as out"
        )
    finally:
        holder.kill()
        holder.communicate()
    assert not is_locked(tmp_path)
    assert run(small_cards, tmp_path, cache).computed == 4


def test_a_run_can_be_looked_at_while_it_goes_on(
    small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    seen = []

    class Looking(Quiet):
        def finished(self, *told) -> None:  # type: ignore[no-untyped-def]
            super().finished(*told)
            seen.append(run_status(tmp_path))

    run(small_cards, tmp_path, cache, listener=Looking())
    assert [status.done for status in seen] == [1, 2, 3, 4]
    assert all(status.at_work for status in seen)
    assert all(s.progress is not None and s.progress.process == os.getpid() for s in seen)
    after = run_status(tmp_path)
    assert (after.at_work, after.progress, after.done) == (False, None, 4)
    assert not (tmp_path / ".run").exists()


def test_what_was_interrupted_is_told_from_what_is_complete(
    small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    class Impatient(Quiet):
        def finished(self, *told) -> None:  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(small_cards, tmp_path, cache, listener=Impatient())
    status = run_status(tmp_path)
    assert not status.at_work
    assert status.progress is not None
    assert status.progress.computed == status.done == 1


def test_where_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no run: .*manifest.json is missing or damaged"):
        run_status(tmp_path)
    with (
        lock_run(tmp_path),
        pytest.raises(UserError, match=r"a run has just started in .*: it is still reading"),
    ):
        run_status(tmp_path)
