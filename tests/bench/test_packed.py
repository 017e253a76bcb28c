"""Packed records say what the run's own say, and a changed one is noticed."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_run import Quiet, grid

from d2vbench.analysis.contrasts.frame import load_run
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.spec.identity import SCHEMA, checksum, key_of
from d2vbench.bench.store.merge import merge_runs
from d2vbench.bench.store.packed import (
    CORRECT,
    RECORDS,
    correct_of,
    packed_files,
    read_packed,
    truth_of,
    write_packed,
)
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.cli.main import main
from d2vbench.corpora import Cards
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


def test_packing_again_gives_the_same_bytes(run: Path, packed: Path, tmp_path: Path) -> None:
    """Also from what was packed: nothing is lost on the way."""
    for source in (run, packed):
        out = tmp_path / f"again-{source.name}"
        assert main(["pack", str(source), "--out", str(out)]) == 0
        for name in (RECORDS, CORRECT):
            assert (out / name).read_bytes() == (packed / name).read_bytes()


def test_a_packed_run_is_gone_on_with(
    run: Path, tmp_path: Path, small_cards: Cards, cache: Path
) -> None:
    (gone, *_) = sorted((run / "records").glob("*.json"))
    gone.unlink()
    out = tmp_path / "packed"
    assert main(["pack", str(run), "--out", str(out)]) == 0
    result = run_cells(grid(), small_cards, out, study="strategies", listener=Quiet(), cache=cache)
    assert (result.computed, result.present) == (1, 7)
    assert [path.name for path in (out / "records").glob("*.json")] == [gone.name]
    whole = load_run(out)
    assert whole.missing == 0
    assert len(whole.correct) == 16
    store = RecordStore(out)
    assert store.correct(store.read(gone.stem)).keys() == {"all", "5"}
    other = next(key for key in result.keys if key != gone.stem)
    with pytest.raises(UserError) as caught:
        store.predictions(other)
    assert str(caught.value) == (
        f"record {other} was packed: which class was predicted for each document is no longer "
        f"in {out}, only whether it was right"
    )


def test_a_record_of_its_own_goes_before_the_packed_one(run: Path, packed: Path) -> None:
    own, there = RecordStore(run), RecordStore(packed)
    key, other = (p.stem for p in sorted((run / "records").glob("*.json"))[:2])
    record, predictions = own.read(key), own.predictions(key)
    assert (there.correct(record)["5"] == own.correct(record)["5"]).all()
    predictions["5"] = np.where(predictions["truth"] == 0, 1, 0).astype(np.int32)
    left = ("schema", "key", "sha256", "predictions_sha256")
    there.write(key, {n: v for n, v in record.items() if n not in left}, predictions)
    again = RecordStore(packed)
    assert again.read(key)["predictions_sha256"] != record["predictions_sha256"]
    assert not again.correct(again.read(key))["5"].any()
    assert (again.correct(again.read(other))["5"] == own.correct(own.read(other))["5"]).all()
    # It does so where it is damaged, too: it was computed later.
    again.path(key).write_text("{")
    assert again.examine([key, other]) == {key: State.DAMAGED, other: State.GOOD}
    assert again.find(key) is None
    # What was packed is of these versions: a changed version has it computed again.
    place = (record["cell"], record["pair_key"])
    assert again.of_other_versions({"new": place}) == []


def test_right_is_any_class_of_a_document_and_g_has_a_truth_of_its_own() -> None:
    truth = truth_of(np.array([[0, -1], [1, 2], [3, 0]], np.int32))
    assert {name: column.tolist() for name, column in truth.items()} == {
        "truth": [0, 1, 3], "truth_1": [-1, 2, 0]
    }  # fmt: skip
    record = {"cell": {"budgets": ["all", "5"]}, "metrics": {"all": {}}}
    own = {"generic_truth": [4, 5], "generic": [4, 4], "generic_before": [5, 5], "all": [0, 2, 1]}
    predictions = truth | {name: np.array(some, np.int32) for name, some in own.items()}
    assert {name: right.tolist() for name, right in correct_of(record, predictions).items()} == {
        "all": [True, True, False], "generic": [True, False], "generic_before": [False, True]
    }  # fmt: skip
    del predictions["generic_before"]
    assert correct_of(record, predictions).keys() == {"all", "generic"}


def test_the_task_of_g_is_packed_and_held_against_its_accuracies(run: Path, tmp_path: Path) -> None:
    store = RecordStore(run)
    record = store.read(sorted((run / "records").glob("*.json"))[0].stem)
    right = store.correct(record)
    record["generic"] = {
        "after": {"accuracy": 0.75, "macro_f1": 0.5}, "before": {"accuracy": 0.25, "macro_f1": 0.5}
    }  # fmt: skip
    record["key"] = key_of(record)
    record["sha256"] = checksum(record)
    after, before = np.array([1, 1, 1, 0], bool), np.array([0, 0, 1, 0], bool)
    assert write_packed(tmp_path, [(record, right | {"generic": after, "generic_before": before})])
    found = read_packed(tmp_path).correct[record["key"]]
    assert (found["generic"].tolist(), found["generic_before"].tolist()) == (
        after.tolist(), before.tolist()
    )  # fmt: skip
    for wrong, said in (
        ({"generic": before, "generic_before": before},
         "0.250000 of generic is right, expected 0.750000"),
        ({"generic": after, "generic_before": np.zeros(0, bool)},
         "nothing of generic_before is right, expected 0.250000"),
        ({"generic": after}, "it has all, 5, generic, expected all, 5, generic, generic_before"),
    ):  # fmt: skip
        write_packed(tmp_path, [(record, right | wrong)])
        with pytest.raises(UserError) as caught:
            read_packed(tmp_path)
        assert str(caught.value) == (
            f"{tmp_path / CORRECT} does not go with {tmp_path / RECORDS}: of record "
            f"{record['key']} {said}; get it again from where it was published"
        )


def test_of_no_record_no_file_is_written(tmp_path: Path) -> None:
    assert write_packed(tmp_path, []) == 0
    assert list(tmp_path.iterdir()) == []
    assert packed_files(tmp_path) == (tmp_path / RECORDS, tmp_path / CORRECT)
    packed = read_packed(tmp_path)
    assert (dict(packed.records), packed.correct) == ({}, {})


def test_a_run_and_its_archive_are_not_merged(run: Path, packed: Path, tmp_path: Path) -> None:
    # Said before any record is read: this one would be left out, with a sentence.
    next((run / "records").glob("*.json")).write_text("{}")
    both = tmp_path / "both"
    for runs, out in (([run, packed], both), ([packed, run], both), ([run], packed)):
        with pytest.raises(UserError) as caught:
            merge_runs(runs, out)
        assert str(caught.value) == (
            f"{packed} holds packed records. Which class was predicted for each document was left "
            "out of them, and a merge compares and copies it. Give the run that was packed in "
            "place of its archive; to add cells to an archive, copy its folder and run the study "
            "there (d2vbench run STUDY --out COPY)"
        )
    assert not both.exists()


def test_an_archive_is_read_and_written_a_record_at_a_time(
    run: Path, packed: Path, tmp_path: Path
) -> None:
    """Of 50,000 records all values would take a GiB, their texts a tenth."""
    there = read_packed(packed)
    key = next(iter(there.records))
    there.records[key]["metrics"].clear()
    assert there.records[key] == RecordStore(run).read(key)
    assert key in there.records and "other" not in there.records
    assert list(there.records) == list(there.correct) and len(there.records) == 8
    open_at_once = most = 0

    class Made(dict):
        def __del__(self) -> None:
            nonlocal open_at_once
            open_at_once -= 1

    def made(number: int):
        nonlocal open_at_once, most
        open_at_once += 1
        most = max(most, open_at_once)
        return Made({"number": number, **there.records[key]})

    out = tmp_path / "many"
    out.mkdir()
    assert write_packed(out, ((made(n), there.correct[key]) for n in range(50))) == 50
    assert most <= 3
    lines = gzip.decompress((out / RECORDS).read_bytes()).decode().splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(50))
    # The bytes of ``gzip.compress``, whose header says no time.
    text = gzip.decompress((packed / RECORDS).read_bytes())
    whole = zlib.compressobj(9, wbits=31)
    assert (packed / RECORDS).read_bytes() == whole.compress(text) + whole.flush()


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
        "damaged; get it again from where it was published"
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
    assert str(caught.value).endswith("; get it again from where it was published")


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


def test_what_was_right_goes_with_the_records(packed: Path) -> None:
    """The bits have no checksum of their own; the accuracies of the records are theirs."""
    with np.load(packed / CORRECT) as file:
        arrays = {name: file[name] for name in file.files}
    keys = [json.loads(line)["key"] for line in gzip.decompress((packed / RECORDS).read_bytes())
            .decode().splitlines()]  # fmt: skip

    def refused(**changed: np.ndarray) -> str:
        np.savez_compressed(packed / CORRECT, **{**arrays, **changed})
        with pytest.raises(UserError) as caught:
            read_packed(packed)
        return str(caught.value)

    bits = arrays["bits"].copy()
    bits[0] ^= 0x80
    start = f"{packed / CORRECT} does not go with {packed / RECORDS}: of record {keys[0]} "
    assert re.fullmatch(
        re.escape(start)
        + r"0\.\d{6} of all is right, expected 0\.\d{6}; get it again from where it "
        "was published",
        refused(bits=bits),
    )
    # As if one of the two files were of another run.
    assert "does not go with" in refused(record=arrays["record"][::-1])
    assert "expected numbers of 8 records" in refused(record=arrays["record"] - 1)
    gone = {name: arrays[name][:-1] for name in ("record", "name", "documents")}
    last = -(-int(arrays["documents"][-1]) // 8)
    said = refused(bits=arrays["bits"][:-last], **gone)
    assert f"of record {keys[-1]} it has all, expected all, 5;" in said


def test_any_bit_that_flips_is_one_sentence_or_does_not_matter(packed: Path) -> None:
    whole = (packed / CORRECT).read_bytes()
    expected = read_packed(packed).correct
    noticed = 0
    for place in range(0, len(whole), max(1, len(whole) // 300)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        (packed / CORRECT).write_bytes(spoilt)
        try:
            found = read_packed(packed).correct
        except UserError:
            noticed += 1
        else:
            assert all(
                np.array_equal(found[key][name], right)
                for key, some in expected.items()
                for name, right in some.items()
            )
    assert noticed > 200


def test_records_of_another_version(packed: Path) -> None:
    lines = gzip.decompress((packed / RECORDS).read_bytes()).decode().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "schema": 99})
    (packed / RECORDS).write_bytes(gzip.compress("\n".join(lines).encode()))
    with pytest.raises(UserError) as caught:
        read_packed(packed)
    assert str(caught.value) == (
        f"{packed / RECORDS}, line 1: the record has schema 99, this d2vbench reads {SCHEMA}: "
        "read it with the version that wrote it"
    )


def test_packed_records_of_0_1(packed: Path) -> None:
    lines = gzip.decompress((packed / RECORDS).read_bytes()).decode().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "schema": SCHEMA - 1})
    (packed / RECORDS).write_bytes(gzip.compress("\n".join(lines).encode()))
    with pytest.raises(UserError, match=r"was made by d2vbench 0\.1; compute it again"):
        read_packed(packed)


def test_a_bomb_of_records_is_refused(packed: Path) -> None:
    """A published run comes from elsewhere."""
    (packed / RECORDS).write_bytes(gzip.compress(bytes(20 << 20)))
    with pytest.raises(UserError, match="it unpacks to more than 200 times its size"):
        read_packed(packed)


def test_a_bomb_of_bits_is_refused(packed: Path) -> None:
    np.savez_compressed(packed / CORRECT, bits=np.zeros(20 << 20, np.uint8))
    with pytest.raises(UserError) as caught:
        read_packed(packed)
    assert str(caught.value) == (
        f"{packed / CORRECT} cannot be read (it unpacks to more than 200 times its size); get it "
        "again from where it was published"
    )
