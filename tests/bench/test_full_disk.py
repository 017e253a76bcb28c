"""A full disk: a clear message, no damaged record, and the run goes on once there is room."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from light_run import LIGHT_RUN

from d2vbench.bench.execution.runner import RunResult
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.cli.main import main

OPTIONS = ["order", "--pair", "synthetic", "--seeds", "1", "--epochs", "1", "--jobs", "2"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here: that takes an administrator")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def run(out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LIGHT_RUN, "run", *OPTIONS, "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )


def fill(disk: Path, leave: int) -> Path:
    """Leave so many bytes free."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(disk)
        file.write(b"x" * (free.f_bavail * free.f_frsize - leave))
    return ballast


@pytest.mark.processes
def test_a_disk_that_fills_during_a_merge(
    small_disk: Path, finished_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    out = small_disk / "merged"
    command = ["merge", str(finished_run.out), "--out", str(out)]
    for room in (0, 24 << 10, 48 << 10):
        ballast = fill(small_disk, room)
        assert main(command) == 1
        said = capsys.readouterr().err
        assert os.strerror(errno.ENOSPC) in said
        assert "Traceback" not in said
        assert not list(small_disk.rglob("*.tmp"))
        store = RecordStore(out)
        assert set(store.examine(finished_run.keys).values()) <= {State.GOOD, State.MISSING}
        ballast.unlink()
    assert main(command) == 0
    assert set(RecordStore(out).examine(finished_run.keys).values()) == {State.GOOD}


@pytest.mark.processes
def test_a_full_disk(small_disk: Path) -> None:
    """Room for nothing, for a manifest alone, for a few records; then for all."""
    out = small_disk / "run"
    out.mkdir()
    for room in (0, 16 << 10, 32 << 10):
        ballast = fill(small_disk, room)
        full = run(out)
        assert full.returncode == 1
        assert "Traceback" not in full.stderr
        message = full.stderr.splitlines()[-1]
        assert message.startswith("d2vbench: error: ")
        assert os.strerror(errno.ENOSPC) in message
        assert not list(out.rglob("*.tmp"))
        assert (out / "manifest.json").exists() == (room > 0)
        if room:
            states = set(run_status(out).states.values())
            assert states <= {State.GOOD, State.MISSING}
            assert "make room, and the same command continues from there" in message
            assert (State.GOOD in states) == (room > 16 << 10)
    ballast.unlink()
    again = run(out)
    assert again.returncode == 0, again.stderr
    assert set(run_status(out).states.values()) == {State.GOOD}
