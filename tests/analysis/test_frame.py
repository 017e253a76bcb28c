"""Records as rows of a table: which columns, which words, and what a run's parts are."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from run_support import made_run, right, variant

from d2vbench.analysis import load_run
from d2vbench.analysis.contrasts import frame
from d2vbench.analysis.contrasts.frame import baseline_of, cell_row, usual_but_for
from d2vbench.bench.store.manifest import MANIFEST_SCHEMA, write_manifest
from d2vbench.errors import UserError

TRAINED: dict[str, Any] = {
    "pair": "p", "fraction": 0.5, "family": "doc2vec", "seed": 3, "budgets": ["all", "5"],
    "settings": {"model": "dm-mean", "vocabulary": "natural", "engine": "native", "window": 5},
    "strategy": {"name": "sequential", "k": 4, "share": None},
    "schedule": {"name": "follow-up", "value": 0.01}, "epochs": 10, "alpha": 0.025,
    "min_alpha": 0.0001, "inference": {"epochs": 50, "alpha": 0.02, "min_alpha": 0.001},
    "vectors": "inferred", "classifiers": ["logistic", "nearest"],
}  # fmt: skip


def record(**other: Any) -> dict[str, Any]:
    return {
        "cell": TRAINED, "pair_key": "k", "key": "0a", "environment": {"python": "3"},
        "metrics": {"all": {"logistic": {"accuracy": 0.7, "macro_f1": 0.6},
                            "nearest": {"accuracy": 0.5, "macro_f1": 0.4}}},
        "counts": {"classes": 2, "labelled_all": 40}, "seconds": {"train": 2.0, "evaluate": 1.5},
        **other,
    }  # fmt: skip


def test_a_row_has_settings_metrics_counts_seconds_and_key() -> None:
    row = cell_row(record())
    assert list(row.items()) == [
        ("pair", "p"), ("fraction", 0.5), ("family", "doc2vec"), ("model", "dm-mean"),
        ("strategy", "sequential"), ("k", 4), ("share", None), ("schedule", "follow-up"),
        ("schedule_value", 0.01), ("vocabulary_policy", "natural"), ("seed", 3),
        ("engine", "native"), ("epochs", 10), ("alpha", 0.025), ("min_alpha", 0.0001),
        ("inference_epochs", 50), ("inference_alpha", 0.02), ("inference_min_alpha", 0.001),
        ("vectors", "inferred"), ("window", 5), ("accuracy_all", 0.7), ("macro_f1_all", 0.6),
        ("nearest_accuracy_all", 0.5), ("nearest_macro_f1_all", 0.4), ("classes", 2),
        ("labelled_all", 40), ("seconds_train", 2.0), ("seconds_evaluate", 1.5),
        ("seconds_core", 3.5), ("key", "0a"),
    ]  # fmt: skip


def test_what_only_some_records_have() -> None:
    found = cell_row(
        record(
            cell=TRAINED | {"generic_fraction": 0.25, "fine_tuned": "", "strategy":
                            {"name": "combined", "k": None, "share": None}},
            tokens={"all": {"names": {"accuracy": 0.25, "f1": 0.5}}},
            generic={"after": {"accuracy": 0.8, "macro_f1": 0.75, "classes": 4},
                     "before": {"accuracy": 0.9}},
            drift={"cosine": 0.5}, expansion={"outcome": "crash"},
            seconds={"train": 1.0, "choose_inference": 9.0, "evaluate": 0.12344},
        )
    )  # fmt: skip
    assert (found["k"], found["generic_fraction"], found["fine_tuned"]) == ("", 0.25, "")
    assert (found["tokens_names_accuracy_all"], found["tokens_names_f1_all"]) == (0.25, 0.5)
    generic = {name: value for name, value in found.items() if name.startswith("generic_")}
    assert generic == {
        "generic_fraction": 0.25, "generic_accuracy_all": 0.8, "generic_macro_f1_all": 0.75,
        "generic_before_accuracy_all": 0.9,
    }  # fmt: skip
    assert (found["drift_cosine"], found["expansion_outcome"]) == (0.5, "crash")
    # A choice of inference is no part of what a cell costs.
    assert (found["seconds_choose_inference"], found["seconds_core"]) == (9.0, 1.1234)


def test_a_model_that_a_record_names_says_its_vocabulary() -> None:
    of_encoder = TRAINED | {"family": "encoder", "settings": {"vocabulary": "checkpoint+9"}}
    named = cell_row(record(cell=of_encoder, model="mine-crops"))
    assert (named["model"], named["vocabulary_policy"], named["engine"]) == (
        "mine-crops", None, "encoder"
    )  # fmt: skip
    plain = cell_row(record(cell=of_encoder | {"settings": {}}))
    assert (plain["model"], plain["vocabulary_policy"]) == ("encoder", None)
    words = {**TRAINED["settings"], "word_vectors": "abcdef-small"}
    assert cell_row(record(cell=TRAINED | {"settings": words}))["word_vectors"] == "abcdef"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ({"baseline": "tf-idf"}, "tf-idf"),
        ({"baseline": "mean", "word_vectors": "0123456789ab-small"}, "mean 01234567"),
        ({"baseline": "frozen", "encoder": {"encoder": "/some/place/mine/"}}, "frozen mine"),
        ({"baseline": "frozen", "encoder": {"encoder": "C:\\some\\mine"}}, "frozen mine"),
        ({"baseline": "frozen", "encoder": {"encoder": "mine", "vocabulary": "checkpoint"}},
         "frozen mine"),
        ({"baseline": "frozen", "encoder": {"encoder": "mine", "vocabulary": "checkpoint+500"}},
         "frozen mine checkpoint+500"),
    ],
)  # fmt: skip
def test_a_baseline_is_called_by_what_it_reads(cell: dict[str, Any], name: str) -> None:
    assert baseline_of(cell) == name
    of_it = {"pair": "p", "fraction": 1.0, "seed": 2, **cell}
    row = cell_row(record(cell=of_it, metrics={"all": {"logistic": {"accuracy": 0.5}}}))
    first = {name: row[name] for name in list(row)[:12]}
    assert first == {
        "pair": "p", "fraction": 1.0, "family": "-", "model": "baseline", "strategy": name,
        "k": "", "share": None, "schedule": "-", "schedule_value": None,
        "vocabulary_policy": None, "seed": 2, "engine": "-",
    }  # fmt: skip
    assert row["accuracy_all"] == 0.5


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what reads a run of some records; each may have what was right."""

    def read(*records: dict[str, Any], missing: int = 0, **manifest: Any) -> Any:
        keys = [one["key"] for one in records]
        there = {one["key"]: ({k: v for k, v in one.items() if k != "right"},
                              {n: np.array(r, bool) for n, r in one.get("right", {}).items()})
                 for one in records}  # fmt: skip
        whole = {"schema": MANIFEST_SCHEMA, "study": "s", "pairs": {}, "cells": keys}
        whole["cells"] += [f"lost{i}" for i in range(missing)]
        write_manifest(tmp_path, whole | manifest)
        monkeypatch.setattr(
            frame, "_records", lambda run, asked: (there[k] for k in asked if k in there)
        )
        return load_run(tmp_path)

    return read


def test_a_run_is_a_table_in_the_order_of_its_manifest(laid: Any) -> None:
    one = record(right={"all": [1, 0], "generic": [1]}, environment={"cpu": "a"})
    two = record(
        key="0b", cell=TRAINED | {"seed": 4, "classifiers": ["logistic"]}, drift={"x": 1.0},
        environment={"cpu": "b"}, right={"all": [0, 0]},
        metrics={"all": {"logistic": {"accuracy": 0.5, "macro_f1": 0.5}}},
    )  # fmt: skip
    three = two | {"key": "0c", "cell": TRAINED | {"seed": 5, "classifiers": ["logistic"]}}
    data = laid(one, two, three, missing=2)
    assert data.cells["key"].tolist() == ["0a", "0b", "0c"]
    assert data.missing == 2
    assert data.environments == [{"cpu": "a"}, {"cpu": "b"}]
    assert {place: some.tolist() for place, some in data.correct.items()} == {
        ("0a", "all"): [True, False], ("0a", "generic"): [True], ("0b", "all"): [False, False],
        ("0c", "all"): [False, False],
    }  # fmt: skip
    assert data.classifiers == {"0a": {"nearest"}, "0b": frozenset(), "0c": frozenset()}
    # Seconds last but for the key, though the first record lacks a column before them.
    assert list(data.cells)[-5:] == [
        "drift_x", "seconds_train", "seconds_evaluate", "seconds_core", "key"
    ]  # fmt: skip
    names = list(data.cells)
    assert names[names.index("vocabulary_policy") :][:3] == [
        "vocabulary_policy", "policy", "setting"
    ]  # fmt: skip
    assert data.inference.empty


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(UserError) as caught:
        load_run(tmp_path)
    assert str(caught.value) == f"{tmp_path} holds no run: {path} is missing"
    path.write_text("{")
    with pytest.raises(UserError) as caught:
        load_run(tmp_path)
    assert str(caught.value) == f"{path} is damaged; run the study again to write it anew"


def test_a_run_without_a_record_is_an_empty_table(laid: Any) -> None:
    data = laid(missing=3)
    assert (len(data.cells), data.missing, data.correct) == (0, 3, {})


POINTS = [
    {"epochs": e, "alpha": 0.02, "min_alpha": 0.001,
     "metrics": {"all": {"cv_accuracy": 0.5 + e / 100, "accuracy": 0.6, "macro_f1": 0.1}}}
    for e in (5, 10)
]  # fmt: skip


def test_records_of_one_cell_that_were_asked_for_more_are_joined(laid: Any) -> None:
    """Merged runs: a cell plainly, with a choice of inference, and with diagnostics."""
    plain = record(right={"all": [1, 0]})
    chosen = record(
        key="0b", cell=TRAINED | {"inference_grid": [{}, {}]},
        inference={"points": POINTS, "chosen": {"all": 1}},
        right={"all": [1, 0], "all.chosen": [1, 1]},
    )  # fmt: skip
    diagnosed = record(
        key="0c", cell=TRAINED | {"diagnosed": True, "inference_grid": [{}, {}]},
        drift={"x": 0.5}, right={"all": [1, 0], "generic": [1]},
    )  # fmt: skip
    other = record(key="0d", cell=TRAINED | {"seed": 9}, right={"all": [0, 0]})
    elsewhere = record(key="0e", pair_key="other documents", right={"all": [0, 1]})
    studies = [{"name": "a", "cells": ["0a", "0d"]}, {"name": "b", "cells": ["0b", "0c", "0e"]}]
    data = laid(plain, chosen, diagnosed, other, elsewhere, studies=studies, missing=1)
    assert data.cells["key"].tolist() == ["0c", "0d", "0e"]
    assert data.missing == 1
    assert data.manifest["cells"] == ["0c", "0d", "0e", "lost0"]
    assert [study["cells"] for study in data.manifest["studies"]] == [["0c", "0d"], ["0c", "0e"]]
    assert data.cells["drift_x"].tolist()[0] == 0.5
    assert {name for key, name in data.correct if key == "0c"} == {
        "all", "all.chosen", "generic"
    }  # fmt: skip
    assert data.inference.to_dict("records") == [
        {"key": "0c", "labels": "all", "epochs": e, "alpha": 0.02, "min_alpha": 0.001,
         "cv_accuracy": 0.5 + e / 100, "accuracy": 0.6, "chosen": e == 10}
        for e in (5, 10)
    ]  # fmt: skip
    # Two that were asked for the same stay two: other versions, or other engines.
    twice = laid(plain, plain | {"key": "0f"})
    assert twice.cells["key"].tolist() == ["0a", "0f"]


def settings_of(*cells: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        record(key=f"k{i}", cell=TRAINED | {"seed": i, **one} | {"settings": {
            **TRAINED["settings"], **one.get("settings", {})}})
        for i, one in enumerate(cells)
    ]  # fmt: skip


def test_the_usual_of_a_run_is_what_most_cells_have(laid: Any) -> None:
    presented = {"settings": {"vocabulary": "presented"}}
    saved = {"settings": {"vocabulary": "model", "generic_model": "0123456789abc"}}
    other = {"settings": {"vocabulary": "natural", "generic_model": "fedcba9876543"}}
    data = laid(
        *settings_of(
            presented, presented, {"settings": {"window": 9}}, {"epochs": 20, "alpha": 0.5},
            {"generic_fraction": 0.25}, saved, saved, other,
        ),
        record(key="base", cell={"pair": "p", "fraction": 1.0, "seed": 0, "baseline": "tf-idf"}),
    )  # fmt: skip
    # Presented counts are the usual ones, though more cells have others; of a saved model its own.
    assert data.cells["policy"].tolist() == ["", "", *["natural"] * 3, "", "", "natural", ""]
    assert data.cells["setting"].tolist() == [
        "", "", "window 9", "E = 20, alpha 0.5", "0.25 of G", "", "", "saved model fedcba98", ""
    ]  # fmt: skip
    assert data.cells["generic_fraction"].tolist()[:8] == [1, 1, 1, 1, 0.25, 1, 1, 1]
    assert math.isnan(data.cells["generic_fraction"].iloc[8])
    usual = usual_but_for(data.cells, ())
    assert usual.tolist() == [True, True, False, False, False, True, True, False, False]
    assert usual_but_for(data.cells, ("epochs", "alpha")).tolist()[3]
    assert usual_but_for(data.cells, ("generic_model", "generic_fraction")).tolist()[4:] == [
        True, True, True, True, False
    ]  # fmt: skip


def test_each_pair_goes_on_from_a_saved_model_of_its_own(laid: Any) -> None:
    def saved(pair: str, model: str) -> dict[str, Any]:
        return {"pair": pair, "settings": {"vocabulary": "model", "generic_model": model}}

    data = laid(
        *settings_of(
            *(saved("p", "aaaaaaaaa"), saved("p", "aaaaaaaaa"), saved("q", "bbbbbbbbb")),
            *(saved("p", "bbbbbbbbb"), {"pair": "q"}, {"pair": "r"}),
        ),
    )
    assert data.cells["setting"].tolist() == ["", "", "", "saved model bbbbbbbb", "", ""]
    assert usual_but_for(data.cells, ()).tolist() == [True, True, True, False, True, True]


def test_without_presented_counts_the_most_frequent_are_usual(laid: Any) -> None:
    own, natural = ({"settings": {"vocabulary": name}} for name in ("own", "natural"))
    data = laid(*settings_of(own, natural, own))
    assert data.cells["policy"].tolist() == ["", "natural", ""]


def test_models_that_a_record_names_have_a_usual_of_their_own(laid: Any) -> None:
    of_encoders = [
        record(key=f"e{i}", model=model,
               cell=TRAINED | {"family": "encoder", "epochs": epochs, "settings": {}, "seed": i})
        for i, (model, epochs) in enumerate((("m", 2), ("m", 2), ("n", 3), ("n", 3), ("n", 2)))
    ]  # fmt: skip
    data = laid(*settings_of({}, {}), *of_encoders)
    assert data.cells["setting"].tolist() == ["", "", "", "", "", "", "E = 2"]
    assert usual_but_for(data.cells, ()).tolist() == [True] * 6 + [False]


def test_parts_of_a_run() -> None:
    cells = [variant(name) | {"seed": 0, "correct": right(0.5)} for name in ("combined", "reverse")]
    data = made_run(cells, {"a": [0], "b": [0, 1]})
    data.manifest["studies"][1]["question"] = "why?"
    tried = pd.DataFrame({"key": ["cell0", "cell1"], "labels": "all"})
    data = dataclasses.replace(data, inference=tried)
    assert data.studies() == ["a", "b"]
    assert (data.question("a"), data.question("b")) == ("", "why?")
    part = data.study("a")
    assert part.cells["key"].tolist() == ["cell0"] == part.inference["key"].tolist()
    assert list(part.correct) == [("cell0", "all")]
    rest = data.without("b")
    assert rest.studies() == ["a"]
    assert rest.cells["key"].tolist() == ["cell0"]
    assert data.without("none of it") is data
    assert rest.without("a") is rest  # The only one.
    del data.manifest["studies"]
    data.manifest["study"] = "alone"
    assert data.studies() == ["alone"]
    assert data.question("alone") == ""
    assert len(data.study("alone").cells) == 2
    assert json.loads(json.dumps(data.manifest["cells"])) == ["cell0", "cell1"]
