"""Cells are computed again and compared to the digit; what differs is said."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from small_run import grid

from d2vbench.bench.execution.runner import RunResult
from d2vbench.bench.spec.cell import BaselineCell, cell_from_json
from d2vbench.bench.spec.identity import checksum, key_of
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import draw, verify
from d2vbench.cli.main import main
from d2vbench.corpora import Cards, Pair
from d2vbench.families import InferenceSettings


@pytest.fixture
def run(finished_run: RunResult, tmp_path: Path) -> Path:
    shutil.copytree(finished_run.out, tmp_path / "run")
    return tmp_path / "run"


def keys(run: Path) -> list[str]:
    found: list[str] = json.loads((run / "manifest.json").read_text())["cells"]
    return found


def change(run: Path, key: str, budget: str, by: float) -> None:
    """Write another accuracy, with a checksum that fits."""
    path = run / "records" / f"{key}.json"
    record = json.loads(path.read_text())
    record["metrics"][budget]["logistic"]["accuracy"] += by
    record["sha256"] = checksum(record)
    path.write_text(json.dumps(record))


@pytest.fixture
def cards_of_tests(small_cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("d2vbench.corpora.load_cards", lambda: small_cards)


def test_a_cell_comes_back_from_json() -> None:
    cells = [*grid(), dataclasses.replace(grid()[1], inference=InferenceSettings(7, 0.1, 0.01))]
    for cell in cells:
        assert cell_from_json(json.loads(json.dumps(cell.to_json()))) == cell


def test_the_same_seed_draws_the_same_cells() -> None:
    names = [f"{i:03}" for i in range(100)]
    assert draw(names, 10, 1) == draw(names, 10, 1) == sorted(draw(names, 10, 1))
    assert draw(names, 10, 1) != draw(names, 10, 2)
    assert len(set(draw(names, 10, 1))) == 10
    assert draw(names, 1000, 1) == names


def test_a_cell_is_the_same_to_the_digit_or_what_differs_is_said(
    run: Path, small_pair: Pair
) -> None:
    store = RecordStore(run)
    baseline, trained = keys(run)[:2]
    for key in (baseline, trained):
        found = verify(store, key, small_pair)
        assert (found.difference, found.elsewhere) == ("", "")
    old = store.read(trained)["metrics"]["5"]["logistic"]["accuracy"]
    change(run, trained, "5", 2**-40)
    found = verify(store, trained, small_pair)
    assert found.difference == f"accuracy (5 labels) {old + 2**-40} and {old}"
    assert found.accuracies["5"] == (old + 2**-40, old)
    assert verify(store, baseline, dataclasses.replace(small_pair, key="0")).difference == (
        "the pair has other documents here"
    )


def test_verify_reports_and_tells_by_its_status(
    run: Path, cards_of_tests: None, capsys: pytest.CaptureFixture[str]
) -> None:
    one = keys(run)[0]
    assert main(["verify", str(run), "--key", one[:20]]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"1 of 1: {one[:12]} small tf-idf seed 0: the same to the digit",
        "all 1 cells are the same to the digit",
    ]
    change(run, one, "all", -0.25)
    path = run / "records" / f"{one}.json"
    record = json.loads(path.read_text())
    record["environment"]["packages"]["numpy"] = "1.0"
    record["sha256"] = checksum(record)
    assert record["key"] == key_of(record)
    path.write_text(json.dumps(record))
    assert main(["verify", str(run), "--key", one]) == 1
    said = capsys.readouterr().out
    assert "DIFFERS: accuracy (all labels) " in said
    assert "1 of 1 cells differ" in said
    assert "last digits may move between machines: numpy 1.0 there and " in said


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--cells", "0"], "--cells must be 1 or more, got 0"),
        (["--seed", "-1"], "--seed must be 0 or more, got -1"),
        (["--key", "x"], "--key 'x': expected the first digits of the key of one cell with a "
         "record, which 0 of 8 begin with"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_sentence(
    run: Path, capsys: pytest.CaptureFixture[str], options: list[str], text: str
) -> None:
    assert main(["verify", str(run), *options]) == 2
    assert capsys.readouterr().err == f"d2vbench: error: {text}\n"


def test_a_pair_without_a_card_is_one_sentence(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(run), "--cells", "1"]) == 1
    assert "pair small of " in capsys.readouterr().err


def test_all_that_is_other_elsewhere_is_named(run: Path, small_pair: Pair) -> None:
    store = RecordStore(run)
    key = keys(run)[1]
    path = store.path(key)
    record = json.loads(path.read_text())
    here = json.loads(path.read_text())["environment"]
    record["environment"]["packages"] |= {"gensim": "4.0", "numpy": "1.0"}
    record["environment"] |= {"cpu": "abacus", "system": "OS/2"}
    record["libraries"] = {"abacus": "7"}
    record["sha256"] = checksum(record)
    path.write_text(json.dumps(record))
    found = verify(store, key, small_pair)
    assert found.difference == ""
    assert found.elsewhere == "; ".join(
        [
            f"gensim 4.0 there and {here['packages']['gensim']} here",
            f"numpy 1.0 there and {here['packages']['numpy']} here",
            f"abacus there and {here['cpu']} here",
            f"OS/2 there and {here['system']} here",
            "abacus 7 there and None here",
        ]
    )


def test_which_documents_were_right_is_compared_where_as_many_were(
    run: Path, small_pair: Pair
) -> None:
    store, key = RecordStore(run), keys(run)[0]
    record, predictions = store.read(key), store.predictions(key)
    right = predictions["5"] == predictions["truth"]
    hit, missed = int(right.argmax()), int((~right).argmax())
    classes = record["counts"]["classes"]
    predictions["5"][hit] = (predictions["truth"][hit] + 1) % classes
    predictions["5"][missed] = predictions["truth"][missed]
    left = ("schema", "key", "sha256", "predictions_sha256")
    store.write(key, {name: v for name, v in record.items() if name not in left}, predictions)
    found = verify(store, key, small_pair)
    assert found.difference == "which documents were classified correctly"
    assert (found.elsewhere, found.tolerance) == ("", 0)


def seal(run: Path, key: str, **parts: object) -> None:
    path = run / "records" / f"{key}.json"
    record = {**json.loads(path.read_text()), **parts}
    path.write_text(json.dumps({**record, "sha256": checksum(record)}))


def test_accuracies_are_those_that_both_have(run: Path, small_pair: Pair) -> None:
    """A record with labels of words, of a cell that has none here."""
    store, key = RecordStore(run), keys(run)[0]
    seal(run, key, tokens={"all": {"names": {"accuracy": 0.5}, "none": {"f1": 0.5}}})
    found = verify(store, key, small_pair)
    assert found.difference == "the field tokens"
    assert found.accuracies.keys() == {"all", "5"}


def test_a_tolerance_is_for_machines_that_differ(run: Path, small_pair: Pair) -> None:
    store, key = RecordStore(run), keys(run)[0]
    change(run, key, "5", 2**-7)
    seal(run, key, tolerance=2**-7)
    here = verify(store, key, small_pair)
    assert here.difference.startswith("accuracy (5 labels) ")
    assert (here.elsewhere, here.tolerance) == ("", 0)
    environment = store.read(key)["environment"]
    seal(run, key, environment=environment | {"cpu": "abacus"})
    for tolerance, agrees in ((2**-7, True), (2**-8, False), (0.0, False)):
        seal(run, key, tolerance=tolerance)
        found = verify(store, key, small_pair)
        assert (found.difference == "", found.tolerance) == (agrees, tolerance * agrees)
        assert found.elsewhere.startswith("abacus there and ")


def test_versions_of_components_that_have_changed_since_are_named(
    run: Path, small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, key = RecordStore(run), keys(run)[0]
    raised = {name: 1 + n for name, n in store.read(key)["versions"].items() if name == "seeds"}
    usual = BaselineCell.versions
    monkeypatch.setattr(BaselineCell, "versions", lambda cell: usual(cell) | raised)
    found = verify(store, key, small_pair)
    was = store.read(key)["versions"]["seeds"]
    assert found.elsewhere == f"version of seeds {was} there and {was + 1} here"
    other = verify(store, key, dataclasses.replace(small_pair, key="0"))
    assert (other.difference, other.accuracies) == ("the pair has other documents here", {})
