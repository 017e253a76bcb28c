"""What a killed process was writing is removed by the next that writes there; no other is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from d2vbench import files
from d2vbench.bench.execution.runner import RunResult
from d2vbench.files import check_figure_path, remove_left_over, write_bytes
from d2vbench.models.model_files import check_model_path
from d2vbench.models.vector_files import check_vector_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills processes as Unix does")

WRITING = (
    "import sys, time; from pathlib import Path; from d2vbench.files import write_atomic\n"
    "def write(file):\n"
    "    file.write(b'half'); file.flush(); print('writing', flush=True); time.sleep(600)\n"
    "write_atomic(Path(sys.argv[1]), write)\n"
)


class Writer:
    """A process that is in the middle of writing a file."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITING, str(path)], stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"writing\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def write() -> Iterator[Callable[[Path], Writer]]:
    writers: list[Writer] = []

    def start(path: Path) -> Writer:
        writers.append(Writer(path))
        return writers[-1]

    yield start
    for writer in writers:
        writer.kill()


@pytest.mark.processes
def test_what_is_at_work_is_left_however_old(
    tmp_path: Path, write: Callable[[Path], Writer]
) -> None:
    writer = write(tmp_path / "a.csv")
    (at_work,) = tmp_path.iterdir()
    os.utime(at_work, (0, 0))
    remove_left_over(tmp_path)
    assert list(tmp_path.iterdir()) == [at_work]
    writer.kill()
    os.utime(at_work, None)
    remove_left_over(tmp_path, ["b.csv"])
    assert list(tmp_path.iterdir()) == [at_work]
    remove_left_over(tmp_path, ["a.csv"])
    assert list(tmp_path.iterdir()) == []
    remove_left_over(tmp_path / "missing")


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "next_command"),
    [
        ("m.model", lambda p: check_model_path(p / "m.model", 1, force=False)),
        ("m.model.2", lambda p: check_model_path(p / "m.model", 2, force=False)),
        ("m.model.d2vbench.npz", lambda p: check_model_path(p / "m.model", 1, force=False)),
        ("v.csv", lambda p: check_vector_path(p / "v.csv", "--output")),
        ("f.png", lambda p: check_figure_path(p / "f.png", "--plot")),
    ],
)
def test_the_next_train_or_infer_removes_it(
    tmp_path: Path,
    write: Callable[[Path], Writer],
    name: str,
    next_command: Callable[[Path], object],
) -> None:
    other = write(tmp_path / "other.model")
    write(tmp_path / name).kill()
    assert len(list(tmp_path.iterdir())) == 2
    next_command(tmp_path)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".other.model.")
    other.kill()


@pytest.mark.processes
def test_the_next_pack_or_compare_removes_it(
    finished_run: RunResult, tmp_path: Path, write: Callable[[Path], Writer]
) -> None:
    from d2vbench.cli.main import main

    out = tmp_path / "packed"
    out.mkdir()
    for name in ("manifest.json", "records.jsonl.gz", "correct.npz"):
        write(out / name).kill()
    assert main(["pack", str(finished_run.out), "--out", str(out)]) == 0
    assert sorted(p.name for p in out.iterdir()) == [
        "correct.npz", "manifest.json", "records.jsonl.gz",
    ]  # fmt: skip
    write(tmp_path / "d.csv").kill()
    arguments = [str(out), str(finished_run.out), "--csv", str(tmp_path / "d.csv")]
    assert main(["compare", *arguments]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.csv", "packed"]


def test_without_locks_what_is_new_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoLocks:
        LOCK_EX = LOCK_NB = 0

        @staticmethod
        def flock(file: object, how: int) -> None:
            raise OSError(38, "Function not implemented")

    monkeypatch.setattr(files, "fcntl", NoLocks)
    old, new = tmp_path / ".a.csv.aaaaaaaa.tmp", tmp_path / ".b.csv.aaaaaaaa.tmp"
    for path in (old, new):
        path.write_bytes(b"")
    past = time.time() - 4000
    os.utime(old, (past, past))
    remove_left_over(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
    write_bytes(tmp_path / "c.csv", b"whole")
    assert (tmp_path / "c.csv").read_bytes() == b"whole"


def test_a_file_taken_for_a_left_over_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    swept = []

    class SweptFirst:
        LOCK_EX, LOCK_NB = fcntl.LOCK_EX, fcntl.LOCK_NB

        @staticmethod
        def flock(file: int, how: int) -> None:
            if not swept:
                swept.extend(tmp_path.glob(".a.csv.*.tmp"))
                swept[0].unlink()
            fcntl.flock(file, how)

    monkeypatch.setattr(files, "fcntl", SweptFirst)
    write_bytes(tmp_path / "a.csv", b"whole")
    assert swept
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
