"""A run's folder after a kill, with a manifest whose bits flipped, and a clock that goes back."""

from __future__ import annotations

import datetime
import json
import random
import shutil
import time
from pathlib import Path

import pytest
from small_run import Quiet, grid

from d2vbench.analysis.contrasts.frame import load_run
from d2vbench.bench.execution import lock as lock_module
from d2vbench.bench.execution.failures import FailureStore
from d2vbench.bench.execution.lock import PROGRESS, Progress, lock_run
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.store.manifest import MANIFEST, read_manifest
from d2vbench.bench.store.records import RecordStore
from d2vbench.cli.verbs.runs.status_verb import status_lines
from d2vbench.corpora import Cards
from d2vbench.errors import UserError
from d2vbench.files import write_json


@pytest.fixture
def copy(finished_run: RunResult, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(finished_run.out, folder)
    return folder


def test_any_bit_of_a_manifest(copy: Path) -> None:
    """Its numbers of documents and words stand in the report, and in no record."""
    path = copy / MANIFEST
    whole = path.read_bytes()
    expected = read_manifest(copy)
    assert expected is not None
    assert load_run(copy).manifest == expected
    rng = random.Random(3)
    refused = 0
    for bit in rng.sample(range(8 * len(whole)), 400):
        spoilt = bytearray(whole)
        spoilt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoilt)
        try:
            found = read_manifest(copy)
        except UserError as error:
            assert "newer version" in str(error)
            found = None
        # A bit in the name of the checksum makes it an unknown word, beside numbers that are right.
        assert found is None or {name: found.get(name) for name in expected} == expected
        refused += found is None
        if bit % 20 == 0:
            if found is None:
                with pytest.raises(UserError, match="is damaged; run the study again"):
                    load_run(copy)
            else:
                assert load_run(copy).manifest == found
    assert refused > 300


def test_a_manifest_of_an_older_version_has_no_checksum(copy: Path) -> None:
    values = json.loads((copy / MANIFEST).read_text())
    assert len(values.pop("sha256")) == 64
    write_json(copy / MANIFEST, values)
    assert read_manifest(copy) == values


def test_what_a_killed_run_was_writing_is_removed(copy: Path) -> None:
    ours = [
        copy / ".manifest.json.ab_12xyz.tmp", copy / ".progress.json.aaaaaaaa.tmp",
        copy / "records" / ".0a.npz.bbbbbbbb.tmp", copy / "failed" / ".0a.json.cccccccc.tmp",
    ]  # fmt: skip
    theirs = [copy / ".notes.aaaaaaaa.tmp", copy / "records" / "mine.tmp", copy / ".tmp"]
    (copy / "failed").mkdir(exist_ok=True)
    for path in (*ours, *theirs):
        path.write_bytes(b"half")
    with lock_run(copy):
        pass
    assert [path for path in ours if path.exists()] == []
    assert [path for path in theirs if not path.exists()] == []


def test_a_clock_that_goes_backwards(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """By a day at each look, to before 1980, which no zip archive can hold."""
    now = [datetime.datetime(1980, 1, 3, tzinfo=datetime.timezone.utc).timestamp()]

    def earlier() -> float:
        now[0] -= 24 * 3600
        return now[0]

    def earlier_text() -> str:
        moment = datetime.datetime.fromtimestamp(max(earlier(), 0), datetime.timezone.utc)
        return moment.isoformat(timespec="seconds")

    monkeypatch.setattr(time, "time", earlier)
    monkeypatch.setattr(lock_module, "_now", earlier_text)
    cells = grid(1)[:2]
    result = run_cells(cells, small_cards, tmp_path, study="s", listener=Quiet(), cache=cache)
    assert (result.computed, result.failures) == (2, [])
    a, b = RecordStore(tmp_path), RecordStore(finished_run.out)
    for key in result.keys:
        assert a.read(key)["metrics"] == b.read(key)["metrics"]


def test_a_run_that_was_begun_in_the_future(copy: Path) -> None:
    """The clock was set right while it ran: no negative time is left, no division by zero."""
    begun, updated = "2030-01-01T00:00:00+00:00", "2020-01-01T00:00:00+00:00"
    told = Progress(1, begun, updated, total=8, computed=2, words=5, work=4.0, work_done=1.0)
    with lock_run(copy):
        write_json(copy / PROGRESS, told.__dict__)
        lines = list(status_lines(run_status(copy)))
    assert "2 of 8 cells, about" in "\n".join(lines)
    assert "-" not in lines[1].partition(" cells, about ")[2]


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"cell": 1}', b'{"attempts": "x"}'])
def test_a_damaged_failure_counts_as_none(tmp_path: Path, content: bytes) -> None:
    store = FailureStore(tmp_path)
    store.add("k", {"pair": "p"}, "exception", "no luck")
    (tmp_path / "failed/k.json").write_bytes(content)
    assert store.read(["k"]) == {}
    assert store.add("k", {"pair": "p"}, "exception", "no luck").attempts == 1
