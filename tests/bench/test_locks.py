"""Locks where they hold, do not hold, or are not to be had: what is kept out, what is noticed."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest
from small_run import Quiet, grid

from d2vbench import locks
from d2vbench.bench.execution import lock as lock_module
from d2vbench.bench.execution.grid import RunOptions
from d2vbench.bench.execution.lock import LOCK, PROGRESS, is_locked, lock_run, read_progress
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.store.checkpoints import TOKEN
from d2vbench.cli.main import main
from d2vbench.corpora import Cards
from d2vbench.errors import UserError
from d2vbench.files import write_json, write_text
from d2vbench.locks import lock_file, network_file_system

MOUNTS = """21 1 252:0 / / rw shared:1 - ext4 /dev/vda rw
22 21 0:30 / /data rw shared:2 - nfs4 server:/data rw
23 22 0:31 / /data/fast rw - tmpfs tmpfs rw
24 21 0:32 / /my\\040share rw - cifs //server/share rw
no mount at all
25 21 0:33 / /far rw - ext4 /dev/vdb rw
26 25 0:34 / /far rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/run", ""), ("/data", "nfs4"), ("/data/run", "nfs4"), ("/database/run", ""),
        ("/data/fast/run", ""), ("/my share/run", "cifs"), ("/far/run", "fuse.sshfs"),
    ],
)  # fmt: skip
def test_network_file_systems_are_known(
    place: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(locks, "_MOUNTS", mounts)
    assert network_file_system(Path(place)) == kind
    monkeypatch.setattr(locks, "_MOUNTS", tmp_path / "missing")
    assert network_file_system(Path(place)) == ""


@pytest.mark.parametrize("error", [NotImplementedError("flock"), OSError(errno.ENOLCK, "no locks")])
def test_a_file_system_without_locks(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object, timeout: float = -1) -> None:
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    assert lock_file(tmp_path / LOCK) is None
    with lock_run(tmp_path) as lock:
        assert lock.warning.startswith(f"WARNING: the file system of {tmp_path} has no locks: ")
    full = OSError(errno.ENOSPC, "full")
    monkeypatch.setattr(filelock.FileLock, "acquire", lambda self, timeout: raise_it(full))
    with pytest.raises(OSError, match="full"):
        lock_file(tmp_path / LOCK)


def raise_it(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_status_needs_no_permission_to_write(
    number: int,
    finished_run: RunResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The folder of another user, or on a disk that can only be read."""
    folder = tmp_path / "run"
    shutil.copytree(finished_run.out, folder)
    (folder / LOCK).touch()
    error = OSError(number, os.strerror(number), str(folder / LOCK))
    monkeypatch.setattr(filelock.FileLock, "acquire", lambda self, timeout: raise_it(error))
    monkeypatch.setattr(lock_module, "_WATCH", 1.0)
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["status", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("8 of 8 cells done; complete\n")
    # A killed run leaves its progress; one at work writes it anew.
    write_text(folder / TOKEN, "another's")
    progress = {"process": 7, "begun": "then", "updated": "0"}
    write_json(folder / PROGRESS, progress)
    assert not is_locked(folder)
    later = {**progress, "updated": "1"}
    writer = threading.Timer(0.3, write_json, (folder / PROGRESS, later))
    writer.start()
    assert is_locked(folder)
    writer.join()
    # Whatever else is wrong with the file is said.
    other = OSError(errno.EIO, "broken")
    monkeypatch.setattr(filelock.FileLock, "acquire", lambda self, timeout: raise_it(other))
    with pytest.raises(OSError, match="broken"):
        is_locked(folder)


@pytest.fixture(params=["no locks", "locks that do not hold"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A network file system, whose locks keep nobody out."""

    def lock(path: Path, timeout: float = -1) -> filelock.BaseFileLock | None:
        path.touch()
        return None if request.param == "no locks" else filelock.FileLock(path)

    monkeypatch.setattr(lock_module, "lock_file", lock)
    monkeypatch.setattr(lock_module, "network_file_system", lambda run: "nfs4")
    monkeypatch.setattr(lock_module, "_WATCH", 1.5)
    return str(request.param)


def run(cards: Cards, out: Path, cache: Path, listener: Quiet | None = None) -> int:
    return run_cells(
        grid(1), cards, out, study="s", listener=listener or Quiet(), cache=cache,
        run_options=RunOptions(),
    ).computed  # fmt: skip


def test_a_second_run_is_noticed_where_locks_do_not_hold(
    broken: str, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def at_work() -> None:
        count = 0
        while not stop.wait(0.1):
            count += 1
            write_json(tmp_path / PROGRESS, {"process": 7, "begun": "then", "updated": f"{count}"})

    write_text(tmp_path / TOKEN, "another's")
    (tmp_path / LOCK).touch()
    other = threading.Thread(target=at_work, daemon=True)
    other.start()
    time.sleep(0.3)
    try:
        with pytest.raises(UserError) as caught:
            run(small_cards, tmp_path, cache)
        assert str(caught.value).startswith(
            f"another run is using {tmp_path} (process 7, started then). Wait until it has ended"
        )
        if broken == "no locks":
            assert is_locked(tmp_path)
    finally:
        stop.set()
        other.join()
    # Nothing of the other's was touched; once it writes no more, it counts as killed.
    assert (tmp_path / TOKEN).read_text() == "another's"
    assert not is_locked(tmp_path)
    listener = Quiet()
    assert run(small_cards, tmp_path, cache, listener) == 4
    assert ("has no locks" if broken == "no locks" else "network file system (nfs4)") in (
        listener.notes[0]
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == [LOCK, "manifest.json", "records"]


@pytest.mark.usefixtures("broken")
def test_a_run_that_another_has_joined_ends_and_leaves_it_the_folder(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_PERIOD", 0.0)

    class Joined(Quiet):
        def finished(self, *told) -> None:  # type: ignore[no-untyped-def]
            super().finished(*told)
            if len(self.cells) == 2:
                write_text(tmp_path / TOKEN, "another's")

    with pytest.raises(UserError) as caught:
        run(small_cards, tmp_path, cache, Joined())
    assert str(caught.value) == (
        f"another run has begun in {tmp_path}: its file system did not keep the lock. This run "
        "ends; finished cells are kept, and the other one goes on"
    )
    assert (tmp_path / TOKEN).read_text() == "another's"
    assert run_status(tmp_path).done == 2
    (tmp_path / TOKEN).unlink()
    assert run(small_cards, tmp_path, cache) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is held cannot be removed there")
@pytest.mark.parametrize("how", ["ended", "killed"])
def test_a_run_that_came_to_nothing_leaves_no_lock(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file goes while it is locked: afterwards it may be the next run's."""
    there: list[bool] = []
    release: Callable[..., None] = filelock.FileLock.release

    def watched(self: filelock.FileLock, *more: object, **options: object) -> None:
        there.append((tmp_path / LOCK).exists())
        release(self, *more, **options)

    if how == "killed":
        # What a killed run leaves that had written no manifest yet.
        (tmp_path / LOCK).touch()
        write_text(tmp_path / TOKEN, "killed")
        write_json(tmp_path / PROGRESS, {"process": 7, "begun": "then", "updated": "then"})
    monkeypatch.setattr(filelock.FileLock, "release", watched)
    with pytest.raises(UserError, match="no such pair"), lock_run(tmp_path):
        raise UserError("no such pair")
    assert there
    assert not any(there)
    assert list(tmp_path.iterdir()) == []
    assert read_progress(tmp_path) is None
