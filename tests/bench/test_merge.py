"""Runs from several machines become one, and what they do not agree on is shown."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_run import Quiet, grid

from d2vbench import files, keys
from d2vbench.analysis import load_run
from d2vbench.bench.execution.failures import FailureStore
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.spec import versions
from d2vbench.bench.spec.identity import checksum, key_of
from d2vbench.bench.store.manifest import MANIFEST, read_manifest, write_manifest
from d2vbench.bench.store.merge import merge_runs
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards
from d2vbench.errors import UserError
from d2vbench.keys import digest


@pytest.fixture(scope="module")
def made_halves(
    small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The cells of seed 0 in one run, those of seed 1 in another; to be copied."""
    root = tmp_path_factory.mktemp("halves")
    folders = root / "a", root / "b"
    for seed, folder in enumerate(folders):
        folder.mkdir()
        cells = [cell for cell in grid() if cell.seed == seed]
        run_cells(cells, small_cards, folder, study="strategies", listener=Quiet(), cache=cache)
    return folders


@pytest.fixture
def halves(made_halves: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    a, b = (Path(shutil.copytree(half, tmp_path / half.name)) for half in made_halves)
    return a, b


def table(run: Path) -> str:
    frame = load_run(run).cells.sort_values("key")
    return frame[[c for c in frame if not c.startswith("seconds_")]].to_csv(index=False)


def forge(run: Path, key: str, accuracy: float) -> None:
    """Change a result so that the record counts: what another computer might have computed."""
    store = RecordStore(run)
    record = json.loads(store.path(key).read_text())
    record["metrics"]["all"]["logistic"]["accuracy"] = accuracy
    record["sha256"] = digest({k: v for k, v in record.items() if k != "sha256"})
    store.path(key).write_text(json.dumps(record))


def test_halves_make_the_whole(
    halves: tuple[Path, Path], finished_run: RunResult, tmp_path: Path
) -> None:
    before = {p: p.read_bytes() for h in halves for p in h.rglob("*") if p.is_file()}
    out = tmp_path / "out"
    merged = merge_runs(halves, out)
    assert (merged.written, merged.conflicts, merged.same) == (True, [], 0)
    assert merged.records == {halves[0]: 4, halves[1]: 4}
    assert table(out) == table(finished_run.out)
    data = load_run(out)
    assert (data.missing, data.studies()) == (0, ["strategies"])
    assert {p: p.read_bytes() for p in before} == before


def test_a_merge_goes_on_and_can_be_run(
    halves: tuple[Path, Path], small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    merge_runs(halves[:1], out)
    merged = merge_runs([halves[1], halves[0]], out)
    assert merged.records == {out: 4, halves[1]: 4, halves[0]: 0}
    assert merged.same == 4
    result = run_cells(grid(), small_cards, out, study="strategies", listener=Quiet(), cache=cache)
    assert (result.computed, result.present) == (0, 8)


def test_a_conflict_is_shown_and_nothing_written(halves: tuple[Path, Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    key = json.loads((other / MANIFEST).read_text())["cells"][1]
    forge(other, key, 0.125)
    honest = RecordStore(halves[0]).read(key)["metrics"]["all"]["logistic"]["accuracy"]
    out = tmp_path / "out"
    merged = merge_runs([halves[0], other], out)
    assert not merged.written
    (conflict,) = merged.conflicts
    assert (conflict.kept, conflict.other) == (halves[0], other)
    assert conflict.what == f"accuracy (all labels) {honest} and 0.125"
    assert not out.exists()
    for prefer, accuracy in ((other, 0.125), (halves[0], honest)):
        out = tmp_path / f"out-{prefer.name}"
        assert merge_runs([halves[0], other], out, prefer).written
        assert RecordStore(out).read(key)["metrics"]["all"]["logistic"]["accuracy"] == accuracy


def test_other_sources_are_no_conflict(halves: tuple[Path, Path], tmp_path: Path) -> None:
    """Two releases, or two commits, that compute the same: a comment may have changed."""
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    key = json.loads((other / MANIFEST).read_text())["cells"][1]
    store = RecordStore(other)
    record = {**store.read(key), "sources": "0" * 64}
    record["sha256"] = checksum(record)
    store.path(key).write_text(json.dumps(record))
    merged = merge_runs([halves[0], other], tmp_path / "out")
    assert (merged.written, merged.conflicts, merged.same) == (True, [], 4)


def test_a_preferred_run_settles_no_conflict_of_others(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    key = json.loads((other / MANIFEST).read_text())["cells"][1]
    forge(other, key, 0.125)
    out = tmp_path / "out"
    merged = merge_runs([halves[0], other, halves[1]], out, halves[1])
    assert (len(merged.conflicts), merged.written) == (1, False)
    assert not out.exists()


def test_a_preferred_run_decides_in_any_order(halves: tuple[Path, Path], tmp_path: Path) -> None:
    """It agrees with one, which differs from another."""
    preferred = Path(shutil.copytree(halves[0], tmp_path / "preferred"))
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    key = json.loads((other / MANIFEST).read_text())["cells"][1]
    honest = RecordStore(preferred).read(key)["metrics"]["all"]["logistic"]["accuracy"]
    forge(other, key, 0.125)
    for i, runs in enumerate(itertools.permutations((halves[0], other, preferred))):
        out = tmp_path / f"out{i}"
        assert merge_runs(runs, out, preferred).written
        assert RecordStore(out).read(key)["metrics"]["all"]["logistic"]["accuracy"] == honest


def test_attempts_are_not_added_up(halves: tuple[Path, Path], tmp_path: Path) -> None:
    store, out = FailureStore(halves[0]), tmp_path / "out"
    key = json.loads((halves[0] / MANIFEST).read_text())["cells"][1]
    RecordStore(halves[0]).path(key).unlink()
    for _ in range(3):
        store.add(key, {}, "signal", "died")
    for _ in range(2):
        merge_runs(halves, out)
        assert FailureStore(out).read([key])[key].attempts == 3


def test_other_predictions_are_a_conflict(halves: tuple[Path, Path], tmp_path: Path) -> None:
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    key = json.loads((other / MANIFEST).read_text())["cells"][1]
    store = RecordStore(other)
    record = store.read(key)
    predictions = store.predictions(key)
    predictions["5"] = np.roll(predictions["5"], 1)
    kept = ("schema", "key", "sha256", "predictions_sha256")
    store.write(key, {k: v for k, v in record.items() if k not in kept}, predictions)
    (conflict,) = merge_runs([halves[0], other], tmp_path / "out").conflicts
    assert conflict.what == "predictions"


def test_other_versions_are_a_conflict(
    halves: tuple[Path, Path],
    small_cards: Cards,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(keys, "SEEDS_VERSION", 2)
    versions._common.cache_clear()
    request.addfinalizer(versions._common.cache_clear)
    edited = tmp_path / "edited"
    edited.mkdir()
    cells = [cell for cell in grid() if cell.seed == 0]
    run_cells(cells, small_cards, edited, study="strategies", listener=Quiet(), cache=cache)
    merged = merge_runs([halves[0], edited], tmp_path / "out")
    assert {c.what for c in merged.conflicts} == {"computed by other versions of d2vbench's parts"}
    assert len(merged.conflicts) == 4
    out = tmp_path / "preferred"
    merge_runs([halves[0], edited], out, edited)
    data = load_run(out)
    assert (len(data.cells), data.missing) == (4, 0)


def test_classes_of_other_titles_are_a_conflict(halves: tuple[Path, Path], tmp_path: Path) -> None:
    """What reads titles of classes has them in its pair's key: the cell is the same."""
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    store = RecordStore(other)
    manifest = json.loads((other / MANIFEST).read_text())
    old = manifest["cells"][1]
    record = store.read(old) | {"pair_key": "titles of their own"}
    record["key"] = new = key_of(record)
    store.path(old).unlink()
    store.predictions_path(old).rename(store.predictions_path(new))
    store.path(new).write_text(json.dumps({**record, "sha256": checksum(record)}))
    renamed = json.loads(json.dumps({n: v for n, v in manifest.items() if n != "sha256"})
                         .replace(old, new))  # fmt: skip
    write_manifest(other, renamed)
    (conflict,) = merge_runs([halves[0], other], tmp_path / "out").conflicts
    assert conflict.what == "classes of other titles"
    assert conflict.cell == record["cell"]


def test_a_failure_is_forgotten_where_another_run_has_the_cell(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(halves[0], tmp_path / "other"))
    done, left = json.loads((other / MANIFEST).read_text())["cells"][1:3]
    for key in (done, left):
        RecordStore(halves[0]).path(key).unlink()
        FailureStore(halves[0]).add(key, {}, "signal", "died")
    RecordStore(other).path(left).unlink()
    out = tmp_path / "out"
    assert merge_runs(halves, out).written
    assert set(FailureStore(out).read([done, left])) == {done, left}
    assert merge_runs([other], out).records == {out: 6, other: 1}
    assert set(FailureStore(out).read([done, left])) == {left}


def test_a_manifest_that_lists_no_studies_is_one_study(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    for half, name in zip(halves, ("mine", "yours"), strict=True):
        manifest = read_manifest(half)
        assert manifest is not None
        del manifest["studies"], manifest["engines"], manifest["environment"]
        write_manifest(half, manifest | {"study": name})
    merge_runs(halves, tmp_path / "out")
    whole = read_manifest(tmp_path / "out")
    assert whole is not None
    cells = [json.loads((half / MANIFEST).read_text())["cells"] for half in halves]
    assert whole["studies"] == [
        {"name": name, "question": "", "cells": some}
        for name, some in zip(("mine", "yours"), cells, strict=True)
    ]
    assert (whole["study"], whole["engines"], whole["environment"]) == ("mine, yours", [], {})


def test_other_documents_do_not_go_together(halves: tuple[Path, Path], tmp_path: Path) -> None:
    manifest = json.loads((halves[1] / MANIFEST).read_text())
    del manifest["sha256"]
    manifest["pairs"]["small"]["key"] = "other"
    (halves[1] / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UserError) as caught:
        merge_runs(halves, tmp_path / "out")
    assert str(caught.value) == (
        f"the pair small has other documents in {halves[0]} than in {halves[1]}: results on "
        "different documents do not belong in one table. Were packages of other versions "
        "installed, or files changed?"
    )


def test_records_that_do_not_count_are_left_out(halves: tuple[Path, Path], tmp_path: Path) -> None:
    key = json.loads((halves[0] / MANIFEST).read_text())["cells"][1]
    RecordStore(halves[0]).path(key).write_text("{")
    merged = merge_runs(halves, tmp_path / "out")
    (sentence,) = merged.rejected
    assert sentence.endswith("is damaged; run the study again, which computes it again")
    assert merged.written
    assert load_run(tmp_path / "out").missing == 1


@pytest.mark.parametrize("wrong", ["no run", "prefer"])
def test_wrong_merges(halves: tuple[Path, Path], tmp_path: Path, wrong: str) -> None:
    if wrong == "no run":
        with pytest.raises(UserError, match=r"empty holds no run: .* is missing or damaged"):
            merge_runs([halves[0], tmp_path / "empty"], tmp_path / "out")
    else:
        with pytest.raises(UserError, match=r"prefer .*c is none of the runs that are merged"):
            merge_runs(halves, tmp_path / "out", tmp_path / "c")
    assert not (tmp_path / "out").exists()


def test_studies_are_in_their_own_order_whichever_run_is_named_first(
    halves: tuple[Path, Path], tmp_path: Path
) -> None:
    first = read_manifest(halves[0])
    assert first is not None
    (study,) = first["studies"]
    other = {**study, "name": "order"}
    own = {**study, "name": "of a plug-in"}
    write_manifest(halves[0], {**first, "study": "all", "studies": [own, other]})
    out = tmp_path / "out"
    assert merge_runs(halves, out).written
    assert load_run(out).studies() == ["strategies", "order", "of a plug-in"]
    assert load_run(out).manifest["study"] == "strategies, order, of a plug-in"


def test_records_are_synced_by_the_batch(
    halves: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync of each file took most of the time where there are many."""
    monkeypatch.setattr(files, "_BATCH", 3)
    records = tmp_path / "out/records"
    seen = []

    def sync() -> None:
        seen.append([path.suffix for path in sorted(records.iterdir())])

    monkeypatch.setattr(os, "sync", sync, raising=False)
    assert merge_runs(halves, tmp_path / "out").written
    # Sixteen files, none under its name before it is on the disk.
    named = [len([s for s in suffixes if s != ".tmp"]) for suffixes in seen]
    hidden = [suffixes.count(".tmp") for suffixes in seen]
    assert (named, hidden) == ([0, 3, 6, 9, 12, 15], [3, 3, 3, 3, 3, 1])
    for half in halves:
        for path in (half / "records").iterdir():
            assert (records / path.name).read_bytes() == path.read_bytes()
            assert (records / path.name).stat().st_mode & 0o777 == 0o644


def test_a_copy_that_fails_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BATCH", 2)
    out = tmp_path / "out"
    out.mkdir()
    for name in "abc":
        (tmp_path / name).write_text(name)
    (out / "c").write_text("before")
    with pytest.raises(FileNotFoundError):
        files.copy_files([(tmp_path / name, out / name) for name in ("a", "b", "c", "missing")])
    assert {p.name: p.read_text() for p in out.iterdir()} == {"a": "a", "b": "b", "c": "before"}
    # Where the system cannot sync all at once, each file is.
    synced = []
    monkeypatch.delattr(os, "sync")
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_size))
    files.copy_files([(tmp_path / name, out / name) for name in "bc"])
    assert ((out / "c").read_text(), synced) == ("c", [1] * len(synced))
    assert len(synced) >= 2


def test_the_manifest_of_the_whole(halves: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = (read_manifest(half) for half in halves)
    assert one is not None
    assert two is not None
    write_manifest(halves[1], {**two, "engines": ["native"], "environment": {"python": "2"}})
    merge_runs(halves, tmp_path / "out")
    whole = read_manifest(tmp_path / "out")
    assert whole is not None
    assert one["engines"] == ["gensim"]
    assert whole["engines"] == ["gensim", "native"]
    assert whole["environment"] == one["environment"] != {}
    assert whole["cells"] == [*one["cells"], *two["cells"]]
    assert [(study["name"], study["cells"]) for study in whole["studies"]] == [
        ("strategies", whole["cells"])
    ]
    assert whole["studies"][0]["question"] == one["studies"][0]["question"]
    assert (whole["study"], whole["pairs"]) == ("strategies", one["pairs"])
    assert whole["schema"] == one["schema"]
