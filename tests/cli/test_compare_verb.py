"""``d2vbench compare`` on runs that were computed."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from small_run import Quiet, grid

from d2vbench.analysis import load_run
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.bench.store.records import RecordStore
from d2vbench.cli.main import main
from d2vbench.corpora import Cards
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.keys import digest


def compared(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["compare", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_run_against_itself(finished_run: RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_run.out
    status, out, err = compared(capsys, run, run, "--fail-on-difference")
    assert (status, err) == (0, "")
    assert out == (
        f"A: {run}\nB: {run}\n\n"
        "Settings: the same, and computed with the same.\n\n"
        "Cells\n  8 identical to the last digit\n  0 with other results\n"
        "  0 only in A, 0 only in B\n\n"
        "Accuracy, B minus A in points [95 %]\n"
        "  8 differences, adjusted for their number (Holm): 8 too few seeds\n"
        "  8 of them are exactly nothing: every document came out the same\n"
        "  8 on the same seeds and documents\n"
        "  none beyond noise\n\n"
        "Claims\n  the same verdicts\n"
    )  # fmt: skip


def test_a_changed_record_is_found(
    finished_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(finished_run.out, tmp_path / "other"))
    store = RecordStore(other)
    key = next(
        k
        for k in finished_run.keys
        if store.read(k)["cell"].get("strategy", {}).get("name") == "combined"
    )
    record = store.read(key)
    record["metrics"]["all"]["logistic"]["macro_f1"] += 1e-12
    record["sha256"] = digest({k: v for k, v in record.items() if k != "sha256"})
    store.path(key).write_text(json.dumps(record))
    status, out, _ = compared(capsys, finished_run.out, other, "--json", "--fail-on-difference")
    assert status == 1
    found = json.loads(out)
    assert found["same"] is False
    assert found["settings"] == []
    assert found["cells"]["identical"] == 7
    assert [(one["first_key"], one["columns"]) for one in found["cells"]["differing"]] == [
        (key, ["macro_f1_all"])
    ]
    assert len(found["differences"]) == 8
    status, out, _ = compared(capsys, finished_run.out, other)
    assert status == 0
    assert "  1 with other results\n" in out
    assert "    small, combined, seed 0: not in accuracy\n" in out


def test_a_classifier_that_one_run_was_asked_for_is_no_difference(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    more = [
        dataclasses.replace(cell, classifiers=("logistic", "knn"))
        if isinstance(cell, TrainedCell)
        else cell
        for cell in grid()
    ]
    out = tmp_path / "other"
    run_cells(more, small_cards, out, study="strategies", listener=Quiet(), cache=cache)
    assert "knn_accuracy_all" in load_run(out).cells
    status, said, _ = compared(capsys, finished_run.out, out)
    assert status == 0
    assert "  8 identical to the last digit\n  0 with other results\n" in said


def test_other_seeds_and_the_file(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cells = [
        cell
        for cell in grid(seeds=4)
        if cell.seed >= 2 and getattr(cell, "model", "dbow") == "dbow"
    ]
    out = tmp_path / "other"
    run_cells(cells, small_cards, out, study="strategies", listener=Quiet(), cache=cache)
    file = tmp_path / "differences.csv"
    status, said, _ = compared(capsys, finished_run.out, out, "--csv", file)
    assert status == 0
    lines = [line.split(maxsplit=1) for line in said.splitlines()]
    place = lines.index(["seed", "A: 0, 1"])
    assert lines[place + 1] == ["B:", "2, 3"]
    assert "  8 only in A, 6 only in B\n" in said
    assert "    only in A: small, baseline, tf-idf (2)\n" in said
    assert "  6 on the same documents, other seeds\n" in said
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 6
    assert {row["paired_by"] for row in rows} == {"documents"}
    one = rows[0]
    gap = float(one["second_accuracy"]) - float(one["first_accuracy"])
    assert float(one["difference"]) == pytest.approx(gap)


@pytest.mark.skipif(not native.available(), reason="the native engine was not built")
def test_engines(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cells = [
        cell for cell in grid(engine="native") if cell.variant == "combined" and cell.seed == 0
    ]
    out = tmp_path / "native"
    run_cells(cells, small_cards, out, study="strategies", listener=Quiet(), cache=cache)
    status, said, _ = compared(capsys, finished_run.out, out, "--json")
    found = json.loads(said)
    assert status == 0
    assert {"kind": "grid", "what": "engine", "first": "gensim", "second": "native"} in found[
        "settings"
    ]
    engines = {(d["first_engine"], d["second_engine"]) for d in found["differences"]}
    assert engines == {("gensim", "native")}
    # One seed in common: an estimate, but nothing to tell noise by.
    mine = found["differences"]
    assert {(d["seeds"], d["low"], d["verdict"]) for d in mine} == {(1, None, "no interval")}
    assert len(found["cells"]["only_first"]) == 6


def test_what_cannot_be_compared(
    finished_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = finished_run.out
    status, _, err = compared(capsys, run, tmp_path)
    assert status == 1
    missing = tmp_path / "manifest.json"
    assert err == f"d2vbench: error: {tmp_path} holds no run: {missing} is missing\n"
    file = tmp_path / "no" / "x.csv"
    status, _, err = compared(capsys, run, run, "--csv", file)
    assert status == 2
    assert err == f"d2vbench: error: --csv {file}: there is no folder {file.parent}\n"
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(run / "manifest.json", empty)
    key = json.loads((run / "manifest.json").read_text())["cells"][0]
    status, _, err = compared(capsys, run, empty)
    assert status == 1
    assert err == (
        f"d2vbench: error: {empty} has no record that counts: nothing to compare. record "
        f"{empty / 'records' / key}.json is missing; run the study again\n"
    )
