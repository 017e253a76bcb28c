"""Records are told apart: whole, missing, older, newer, damaged, changed by hand."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_run import Quiet, grid

from d2vbench.analysis.contrasts.frame import load_run
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.spec.identity import SCHEMA, key_of
from d2vbench.bench.store.manifest import MANIFEST, MANIFEST_SCHEMA, existing_manifest
from d2vbench.bench.store.merge import merge_runs
from d2vbench.bench.store.records import RecordStore, State, cv_accuracy_in
from d2vbench.cli.main import main
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UserError
from d2vbench.report import build_report
from d2vbench.strategies import STRATEGIES


@pytest.fixture
def copy(finished_run: RunResult, tmp_path: Path) -> Path:
    """The finished run, to be spoilt."""
    return Path(shutil.copytree(finished_run.out, tmp_path / "run"))


def change(path: Path, edit: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    record = json.loads(path.read_text())
    edit(record)
    path.write_text(json.dumps(record))


def spoil(run: Path, key: str, how: str) -> None:
    store = RecordStore(run)
    path, predictions = store.path(key), store.predictions_path(key)
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "no json":
        path.write_bytes(b"\xff\xfe{}")
    elif how == "a list":
        path.write_text("[1, 2]")
    elif how == "deep":
        path.write_text("[" * 100_000)
    elif how == "no schema":
        change(path, lambda r: r.pop("schema"))
    elif how == "schema in words":
        change(path, lambda r: r.update(schema="two"))
    elif how == "no metrics":
        change(path, lambda r: r.pop("cell"))
    elif how == "no predictions":
        predictions.unlink()
    elif how == "older":
        change(path, lambda r: r.update(schema=SCHEMA - 1))
    elif how == "newer":
        change(path, lambda r: r.update(schema=SCHEMA + 1))
    elif how == "other seed":
        change(path, lambda r: r["cell"].update(seed=99))
    elif how == "other name":
        change(path, lambda r: r.update(key="0" * 64))
    elif how == "better accuracy":
        change(path, lambda r: r["metrics"]["all"].update(accuracy=0.99))
    elif how == "other predictions":
        np.savez(predictions, truth=np.zeros(3, np.int32), all=np.zeros(3, np.int32))
    elif how == "swapped":
        other = next(p for p in store.folder.glob("*.npz") if p.stem != key)
        predictions.write_bytes(other.read_bytes())


WAYS = {
    "missing": ("missing", "is missing; run the study again"),
    "cut": ("damaged", "is damaged; run the study again, which computes it again"),
    "empty": ("damaged", "is damaged"),
    "no json": ("damaged", "is damaged"),
    "a list": ("damaged", "is damaged"),
    "deep": ("damaged", "is damaged"),
    "no schema": ("damaged", "is damaged"),
    "schema in words": ("damaged", "is damaged"),
    "no metrics": ("damaged", "is damaged"),
    "no predictions": ("damaged", "is damaged"),
    "older": (
        "older",
        f"has schema {SCHEMA - 1}, this d2vbench writes {SCHEMA}: it was made by d2vbench 0.1",
    ),
    "newer": (
        "newer",
        f"has schema {SCHEMA + 1}, this d2vbench writes {SCHEMA}: it is from a newer version; use "
        "that one, or take another folder",
    ),
    "other seed": (
        "edited",
        "was changed after it was written: its key no longer fits. Put back what was written, or "
        "run the study again, which computes it again",
    ),
    "other name": ("edited", "its key no longer fits"),
    "better accuracy": ("edited", "its checksum no longer fits"),
    "other predictions": ("edited", "its predictions no longer fits"),
    "swapped": ("edited", "its predictions no longer fits"),
}


VERSIONS = {
    "older": "made by d2vbench 0.1; compute it again in another folder",
    "newer": "is from a newer version; use that one",
}


def test_a_whole_record_is_good(finished_run: RunResult) -> None:
    states = RecordStore(finished_run.out).examine(finished_run.keys)
    assert set(states.values()) == {State.GOOD}
    assert list(states) == finished_run.keys
    assert RecordStore(finished_run.out).problem(finished_run.keys[0]) == ""


@pytest.mark.parametrize("how", list(WAYS))
def test_spoilt_records_are_told_apart(copy: Path, finished_run: RunResult, how: str) -> None:
    key = finished_run.keys[2]
    spoil(copy, key, how)
    store = RecordStore(copy)
    state, text = WAYS[how]
    assert store.examine([key]) == {key: State(state)}
    assert store.present(finished_run.keys) == set(finished_run.keys) - {key}
    with pytest.raises(UserError) as caught:
        store.read(key)
    assert str(caught.value).startswith(f"record {store.path(key)} ")
    assert text in str(caught.value)


@pytest.mark.parametrize("how", [way for way in WAYS if way not in VERSIONS])
def test_a_spoilt_record_is_computed_anew_and_kept_aside(
    copy: Path, finished_run: RunResult, small_cards: Cards, cache: Path, how: str
) -> None:
    key = finished_run.keys[2]
    before = RecordStore(finished_run.out).read(key)
    spoil(copy, key, how)
    listener = Quiet()
    result = run_cells(
        grid(), small_cards, copy, study="strategies", listener=listener, cache=cache
    )
    assert (result.computed, result.present) == (1, 7)
    after = RecordStore(copy).read(key)
    assert (after["metrics"], after["counts"]) == (before["metrics"], before["counts"])
    aside = copy / "records" / "rejected" / f"{key}.json"
    said = [note for note in listener.notes if "record" in note]
    if WAYS[how][0] == "missing":
        assert not aside.exists()
        assert said == []
    else:
        assert aside.exists()
        assert WAYS[how][1] in said[0]


@pytest.mark.parametrize("how", list(VERSIONS))
def test_a_record_of_another_version_is_left_alone(
    copy: Path, finished_run: RunResult, small_cards: Cards, cache: Path, how: str
) -> None:
    spoil(copy, finished_run.keys[2], how)
    before = {path: path.read_bytes() for path in copy.rglob("*.json")}
    with pytest.raises(UserError, match=VERSIONS[how]):
        run_cells(grid(), small_cards, copy, study="strategies", listener=Quiet(), cache=cache)
    assert {path: path.read_bytes() for path in copy.rglob("*.json") if path in before} == before


def whole_folder(run: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


@pytest.mark.parametrize("told_by", ["manifest", "records", "records alone"])
def test_a_run_of_0_1_is_left_alone(
    copy: Path,
    finished_run: RunResult,
    small_cards: Cards,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
    told_by: str,
) -> None:
    """Its manifest says so, or any of its records."""
    if told_by == "manifest":
        change(copy / MANIFEST, lambda m: m.update(schema=MANIFEST_SCHEMA - 1))
    else:
        for key in finished_run.keys:
            spoil(copy, key, "older")
    if told_by == "records alone":
        (copy / MANIFEST).unlink()
    before = whole_folder(copy)
    sentence = (
        f"the run in {copy} was made by d2vbench 0.1; compute it again in another folder: nothing "
        "in this one was changed"
    )

    def compute() -> None:
        run_cells(grid(), small_cards, copy, study="strategies", listener=Quiet(), cache=cache)

    reads: list[Callable[[], object]] = [
        compute,
        lambda: run_status(copy),
        lambda: load_run(copy),
        lambda: build_report(copy),
        lambda: merge_runs([finished_run.out], copy),
        lambda: merge_runs([copy], copy.parent / "merged"),
        lambda: existing_manifest(copy),
    ]
    for read in reads:
        with pytest.raises(UserError) as caught:
            read()
        assert str(caught.value) == sentence
        assert whole_folder(copy) == before
    assert not (copy.parent / "merged").exists()
    for verb in ("report", "status", "verify", "recommend"):
        assert main([verb, str(copy)]) == 1
        assert sentence in capsys.readouterr().err
    assert main(["compare", str(copy), str(finished_run.out)]) == 1
    assert sentence in capsys.readouterr().err
    assert whole_folder(copy) == before


def test_a_manifest_of_a_newer_version_is_left_alone(
    copy: Path, small_cards: Cards, cache: Path
) -> None:
    change(copy / MANIFEST, lambda m: m.update(schema=99))
    before = (copy / MANIFEST).read_bytes()
    with pytest.raises(UserError) as caught:
        run_cells(grid(), small_cards, copy, study="strategies", listener=Quiet(), cache=cache)
    assert str(caught.value) == (
        f"{copy / MANIFEST} has schema 99, this d2vbench knows {MANIFEST_SCHEMA}: the folder was "
        "written by a newer version. Use that one, or take another folder"
    )
    assert (copy / MANIFEST).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": "one"}'])
def test_a_damaged_manifest_is_written_anew(
    copy: Path, small_cards: Cards, cache: Path, content: str
) -> None:
    whole = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(content)
    result = run_cells(grid(), small_cards, copy, study="strategies", listener=Quiet(), cache=cache)
    assert (result.computed, result.present) == (0, 8)
    assert json.loads((copy / MANIFEST).read_text()) == whole


def test_a_record_names_no_host_and_no_path(finished_run: RunResult, cache: Path) -> None:
    import getpass
    import platform

    for path in finished_run.out.glob("records/*.json"):
        text = path.read_text()
        assert str(cache) not in text
        assert str(finished_run.out) not in text
        for word in (platform.node(), str(Path.home())):
            assert f'"{word}' not in text
        assert f'"{getpass.getuser()}"' not in text
        record = json.loads(text)
        assert record["environment"]["threads"] == 1
        assert len(record["sources"]) == 64


def test_the_key_holds_versions_and_no_sources(
    finished_run: RunResult, small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit that moves no number changes no key; a raised version changes those that use it."""
    one, two = grid()[1], grid()[2]
    key = one.key(small_pair.key)
    record = RecordStore(finished_run.out).read(key)
    assert record["versions"] == one.versions()
    assert record["versions"]["strategy combined"] == 1
    assert key_of({**record, "sources": "edited"}) == key
    raised = dataclasses.replace(STRATEGIES["combined"], version=2)
    other = two.key(small_pair.key)
    monkeypatch.setitem(STRATEGIES.built_in, "combined", raised)
    assert one.key(small_pair.key) != key
    assert two.key(small_pair.key) == other


def test_records_of_other_versions_are_left_alone_and_said(
    finished_run: RunResult,
    small_cards: Cards,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Path(shutil.copytree(finished_run.out, tmp_path / "run"))
    before = {path: path.read_bytes() for path in (run / "records").iterdir()}
    raised = dataclasses.replace(STRATEGIES["combined"], version=2)
    monkeypatch.setitem(STRATEGIES.built_in, "combined", raised)
    heard = Quiet()
    result = run_cells(grid(), small_cards, run, study="strategies", listener=heard, cache=cache)
    assert result.computed == 4
    assert heard.notes[-1] == (
        f"4 records in {run} come from other versions of d2vbench's components: they are left "
        "alone, and their cells computed again"
    )
    assert before.items() <= {p: p.read_bytes() for p in (run / "records").iterdir()}.items()


def test_only_whole_records_of_the_cells_asked_for_are_of_other_versions(
    copy: Path, finished_run: RunResult
) -> None:
    store, keys = RecordStore(copy), finished_run.keys
    places = {key: (store.read(key)["cell"], store.read(key)["pair_key"]) for key in keys}

    def other_keys(*some: str) -> dict[str, tuple[object, str]]:
        return {f"new-{key}": places[key] for key in some}

    assert store.of_other_versions(other_keys(*keys[:3])) == sorted(keys[:3])
    # Those that are wanted under the key that they have are no others, nor those of other pairs.
    assert store.of_other_versions({keys[0]: places[keys[0]]}) == []
    assert store.of_other_versions({"new": (places[keys[0]][0], "other documents")}) == []
    assert store.of_other_versions({}) == []
    spoil(copy, keys[1], "better accuracy")
    spoil(copy, keys[2], "cut")
    assert store.of_other_versions(other_keys(*keys[:3])) == [keys[0]]
    shutil.rmtree(store.folder)
    assert store.of_other_versions(other_keys(*keys)) == []


def test_what_is_set_aside_is_kept_under_its_names(copy: Path, finished_run: RunResult) -> None:
    store, key, other = RecordStore(copy), *finished_run.keys[:2]
    record, predictions = store.path(key).read_bytes(), store.predictions_path(key).read_bytes()
    store.predictions_path(other).unlink()
    assert store.set_aside(key) == copy / "records/rejected" / f"{key}.json"
    assert store.set_aside(key).read_bytes() == record
    assert (copy / "records/rejected" / f"{key}.npz").read_bytes() == predictions
    assert store.set_aside(other).exists()  # It may lack its predictions.
    assert store.examine([key, other]) == dict.fromkeys([key, other], State.MISSING)
    assert store.find(key) is None


def test_the_accuracy_of_cells_that_a_run_has(copy: Path, finished_run: RunResult) -> None:
    """None of a cell, or of a pair, that the folder knows nothing of."""
    cells = grid()
    known = cv_accuracy_in(copy)
    trained = cells[1]
    record = RecordStore(copy).read(finished_run.keys[1])
    expected = {
        budget: classifiers["logistic"]["cv_accuracy"]
        for budget, classifiers in record["metrics"].items()
        if "cv_accuracy" in classifiers["logistic"]
    }
    assert known(trained) == expected != {}
    assert known(dataclasses.replace(trained, seed=99)) is None
    assert known(dataclasses.replace(trained, pair="another")) is None
    assert cv_accuracy_in(copy / "no run")(trained) is None


def test_predictions_that_cannot_be_read(copy: Path, finished_run: RunResult) -> None:
    store = RecordStore(copy)
    path = store.predictions_path(finished_run.keys[0])
    path.write_bytes(b"PK")
    with pytest.raises(UserError) as caught:
        store.predictions(finished_run.keys[0])
    said = str(caught.value)
    assert said.startswith(f"predictions {path} cannot be read (")
    assert said.endswith("); delete the file and run again")
