"""Packed records say what the run's own say, and a changed one is noticed."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from d2vbench.analysis.frame import load_run
from d2vbench.bench.packed import CORRECT, RECORDS, pack, read_packed
from d2vbench.bench.runner import RunResult
from d2vbench.cli.main import main
from d2vbench.errors import UserError


@pytest.fixture
def run(finished_run: RunResult, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(finished_run.out, folder)
    return folder


@pytest.fixture
def packed(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    out = tmp_path / "packed"
    assert main(["pack", str(run), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("packed 8 records into ")
    assert "none yet" not in said
    return out


def test_packed_records_say_the_same(run: Path, packed: Path) -> None:
    one, other = load_run(run), load_run(packed)
    pd.testing.assert_frame_equal(one.cells, other.cells)
    assert one.correct.keys() == other.correct.keys()
    assert len(one.correct) >= 16
    for place, right in one.correct.items():
        assert right.dtype == other.correct[place].dtype == np.bool_
        assert (right == other.correct[place]).all()
    assert one.manifest == other.manifest
    assert one.environments == other.environments
    assert not (packed / "records").exists()


def test_packing_twice_gives_the_same_bytes(run: Path, packed: Path, tmp_path: Path) -> None:
    keys = json.loads((run / "manifest.json").read_text())["cells"]
    assert pack(run, keys, tmp_path) == len(keys)
    for name in (RECORDS, CORRECT):
        assert (tmp_path / name).read_bytes() == (packed / name).read_bytes()


def test_cells_without_a_record_are_counted(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next((run / "records").glob("*.json")).unlink()
    assert main(["pack", str(run), "--out", str(tmp_path / "p")]) == 0
    assert capsys.readouterr().out.endswith("; 1 cells have none yet\n")
    assert load_run(tmp_path / "p").missing == 1


def test_a_number_that_was_changed_is_noticed(packed: Path) -> None:
    lines = gzip.decompress((packed / RECORDS).read_bytes()).decode().splitlines()
    record = json.loads(lines[3])
    record["counts"]["classes"] += 1
    lines[3] = json.dumps(record)
    (packed / RECORDS).write_bytes(gzip.compress("\n".join(lines).encode()))
    with pytest.raises(UserError) as caught:
        load_run(packed)
    assert str(caught.value) == (
        f"{packed / RECORDS}, line 4: the record does not match its checksum: it was changed or "
        "damaged; get the published files again"
    )


@pytest.mark.parametrize("name", [RECORDS, CORRECT])
@pytest.mark.parametrize("spoil", ["cut", "empty", "noise", "gone"])
def test_a_damaged_file_is_one_sentence(packed: Path, name: str, spoil: str) -> None:
    path = packed / name
    whole = path.read_bytes()
    if spoil == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"cut": whole[: len(whole) // 2], "empty": b"", "noise": b"\x00" * 99}[spoil]
        )
    with pytest.raises(UserError) as caught:
        read_packed(packed)
    assert str(caught.value).startswith(f"{path} cannot be read (")
    assert str(caught.value).endswith("; get the published files again")


def test_a_run_is_not_packed_over_a_run(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", str(run), "--out", str(run)]) == 2
    assert "holds a run that is not packed: give another folder" in capsys.readouterr().err
    assert main(["pack", str(tmp_path), "--out", str(tmp_path / "new")]) == 1
    assert "holds no run" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    shutil.rmtree(run / "records")
    assert main(["pack", str(run), "--out", str(tmp_path / "new")]) == 1
    assert "has no finished cell yet: nothing to pack" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
