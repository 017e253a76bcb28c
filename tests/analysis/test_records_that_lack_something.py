"""Records with a class that no test document has, or a metric that is no number."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from d2vbench.analysis import (
    CLAIMS,
    RunData,
    accuracy_variance,
    findings,
    judge,
    load_run,
    recommend,
    summarise,
)
from d2vbench.bench.execution.runner import RunResult
from d2vbench.bench.store.records import RecordStore, State


@pytest.fixture
def copied(finished_run: RunResult, tmp_path: Path) -> Path:
    shutil.copytree(finished_run.out, tmp_path / "run")
    return tmp_path / "run"


def everything(data: RunData) -> None:
    """Nothing of the analysis may fail, whatever the run is like."""
    findings(data)
    judge(CLAIMS, data)
    recommend(data, "small")
    accuracy_variance(data)


def test_a_class_absent_from_the_test_set(copied: Path) -> None:
    """Accuracy is over the documents there are; the class counts for nothing."""
    store = RecordStore(copied)
    before = load_run(copied)
    shares = {}
    for key in before.cells["key"]:
        predictions = store.predictions(key)
        there = predictions["truth"] != 0
        kept = {name: values[there] for name, values in predictions.items()}
        shares[key] = float((kept["all"] == kept["truth"]).mean())
        made = ("schema", "key", "sha256", "predictions_sha256")
        record = {k: v for k, v in store.read(key).items() if k not in made}
        store.write(key, record, kept)
    data = load_run(copied)
    key = data.cells["key"].iloc[0]
    assert 0 < data.correct[key, "all"].size < before.correct[key, "all"].size
    table = summarise(data)
    row = table[(table["model"] == "dbow") & (table["labels"] == "all")]
    sequential = row[row["strategy"] == "sequential"].iloc[0]
    cells = data.cells[(data.cells["strategy"] == "sequential") & (data.cells["model"] == "dbow")]
    assert sequential["accuracy"] == pytest.approx(np.mean([shares[k] for k in cells["key"]]))
    assert sequential["accuracy_low"] <= sequential["accuracy"] <= sequential["accuracy_high"]
    everything(data)


def test_a_metric_that_is_nan_is_a_failed_cell(copied: Path) -> None:
    data = load_run(copied)
    sequential = data.cells[data.cells["strategy"] == "sequential"]
    key = sequential["key"].iloc[0]
    data.cells.loc[data.cells["key"] == key, "accuracy_all"] = math.nan
    table = summarise(data)
    table = table[table["model"] == "dbow"].set_index(["strategy", "labels"]).sort_index()
    # One of two seeds is left: a mean, and no interval.
    assert table.loc[("sequential", "all"), "seeds"] == 1
    assert math.isnan(table.loc[("sequential", "all"), "accuracy_low"])
    assert table.loc[("sequential", "all"), "verdict"] == "no interval"
    assert table.loc[("sequential", "5"), "seeds"] == 2
    other = sequential["accuracy_all"].iloc[1]
    assert table.loc[("sequential", "all"), "accuracy"] == pytest.approx(other)
    everything(data)


def test_a_record_with_nan_in_it_does_not_count(copied: Path) -> None:
    key = load_run(copied).cells["key"].iloc[1]
    path = RecordStore(copied).path(key)
    record = json.loads(path.read_text())
    record["metrics"]["all"]["accuracy"] = math.nan
    path.write_text(json.dumps(record))
    assert RecordStore(copied).examine([key]) == {key: State.DAMAGED}
    data = load_run(copied)
    assert (data.missing, key in set(data.cells["key"])) == (1, False)


def test_a_record_without_exposure_gets_it_from_its_plans(copied: Path) -> None:
    store, before = RecordStore(copied), load_run(copied)
    for key in before.cells["key"]:
        made = ("schema", "key", "sha256", "predictions_sha256", "exposure")
        record = {k: v for k, v in store.read(key).items() if k not in made}
        store.write(key, record, store.predictions(key))
    after = load_run(copied).cells
    columns = ["generic_passes", "domain_passes", "generic_area", "domain_area", "words_trained"]
    assert after[columns].equals(before.cells[columns])
    trained = after[after["model"] != "baseline"]
    assert (trained[["domain_passes", "domain_area"]] > 0).all(axis=None)
    assert after.loc[after["model"] == "baseline", columns].isna().all(axis=None)
    steps = [c for c in after if c.startswith("seconds_") and c != "seconds_core"]
    assert after["seconds_core"].to_numpy() == pytest.approx(after[steps].sum(axis=1).to_numpy())
