"""Settings as words, studies as parts of a run, and each strategy at its own best."""

from __future__ import annotations

import numpy as np
import pandas as pd

from d2vbench.analysis.contrasts.frame import RunData, _settings
from d2vbench.analysis.studies.tuned import at_ends, own_best


def row(key: str, strategy: str, seed: int, cv: float | None, **more: object) -> dict[str, object]:
    return {
        "key": key, "pair": "p", "fraction": 1.0, "model": "dbow", "strategy": strategy,
        "k": 4, "share": None, "schedule": "restart", "schedule_value": None,
        "policy": "", "setting": "", "seed": seed,
        "cv_accuracy_all": cv, "accuracy_all": 0.5,
    } | more  # fmt: skip


def test_the_candidate_is_chosen_by_training_documents() -> None:
    rows = [
        row("a", "sequential", 0, 0.7, k=2),
        row("b", "sequential", 0, 0.9, k=4, accuracy_all=0.1),
        row("c", "sequential", 0, 0.9, k=8, accuracy_all=0.99),
        row("d", "sequential", 1, 0.8, k=2),
        row("e", "sequential", 1, 0.6, k=4),
        row("f", "combined", 0, 0.3, setting="E = 20"),
        row("g", "combined", 0, None),
        row("h", "tf-idf", 0, 0.99, model="baseline"),
    ]
    cells = pd.DataFrame(rows)
    correct = {(str(r["key"]), "all"): np.array([True]) for r in rows}
    data = RunData({"study": "tuned", "cells": list("abcdefgh")}, cells, correct, 5)
    chosen, choices = own_best(data)
    assert chosen.cells["key"].tolist() == ["b", "d", "f"]
    assert chosen.missing == 5
    assert set(chosen.cells["setting"]) == {"at its own best"}
    assert set(chosen.cells["k"]) == {""}
    assert set(chosen.correct) == {("b", "all"), ("d", "all"), ("f", "all")}
    assert choices[["strategy", "seed", "k", "setting", "candidates"]].to_numpy().tolist() == [
        ["sequential", 0, 4, "", 3],
        ["sequential", 1, 2, "", 2],
        ["combined", 0, 4, "E = 20", 1],
    ]


def test_each_label_budget_has_a_choice_of_its_own() -> None:
    rows = [
        row("a", "sequential", 0, 0.9, cv_accuracy_10=0.2),
        row("b", "sequential", 0, 0.8, cv_accuracy_10=0.4, k=8),
    ]
    correct = {(key, b): np.array([key == "a"]) for key in "ab" for b in ("all", "10")}
    chosen, choices = own_best(RunData({"study": "tuned"}, pd.DataFrame(rows), correct, 0))
    assert set(chosen.correct) == {("a", "all"), ("b", "10")}
    assert choices[["labels", "k", "cv_accuracy"]].to_numpy().tolist() == [
        ["all", 4, 0.9], ["10", 8, 0.4],
    ]  # fmt: skip


def test_a_best_candidate_at_an_end_of_an_axis_is_found() -> None:
    rows = [
        row(f"{name}{seed}{alpha}{epochs}", name, seed, score(alpha, epochs), k="",
            alpha=alpha, epochs=epochs)
        for name, score in (
            ("inner", lambda alpha, epochs: -abs(alpha - 0.05) - abs(epochs - 10)),
            ("outer", lambda alpha, epochs: alpha - abs(epochs - 10)),
        )
        for seed in (0, 1)
        for alpha in (0.025, 0.05, 0.1)
        for epochs in (5, 10, 20)
    ]  # fmt: skip
    rows.append(row("one", "lone", 0, 0.1, k="", alpha=0.1, epochs=5))
    correct = {(str(r["key"]), "all"): np.array([True]) for r in rows}
    found = at_ends(RunData({"study": "tuned"}, pd.DataFrame(rows), correct, 0))
    assert found[["strategy", "labels", "axis", "value", "low", "high"]].to_numpy().tolist() == [
        ["outer", "all", "start alpha", 0.1, 0.025, 0.1]
    ]


def test_a_setting_is_said_where_it_is_not_the_usual() -> None:
    usual = {
        "model": "dbow", "epochs": 10.0, "alpha": 0.025, "min_alpha": 0.0001,
        "inference_epochs": 20.0, "inference_alpha": 0.025, "inference_min_alpha": 0.0001,
        "vectors": "inferred", "window": 5, "sample": 1e-4, "min_count": 5,
    }  # fmt: skip
    frame = pd.DataFrame([
        usual, usual, usual | {"alpha": 0.05}, usual | {"epochs": 20, "inference_epochs": 5},
        dict.fromkeys(usual, None) | {"model": "baseline"},
        usual | {"vectors": "trained", "window": 10},
    ])  # fmt: skip
    assert _settings(frame) == [
        "", "", "alpha 0.05", "E = 20, inferred in 5 epochs", "", "vectors trained, window 10",
    ]  # fmt: skip


def test_a_study_is_a_part_of_a_run() -> None:
    cells = pd.DataFrame([row("a", "x", 0, 0.1), row("b", "y", 0, 0.1)])
    correct = {(key, "all"): np.array([True]) for key in "ab"}
    manifest = {
        "study": "all", "cells": ["a", "b"],
        "studies": [
            {"name": "one", "question": "Which?", "cells": ["a"]},
            {"name": "two", "cells": ["a", "b"]},
        ],
    }  # fmt: skip
    data = RunData(manifest, cells, correct, 0)
    assert data.studies() == ["one", "two"]
    assert data.study("one").cells["key"].tolist() == ["a"]
    assert list(data.study("one").correct) == [("a", "all")]
    assert len(data.study("two").cells) == 2
    assert (data.question("one"), data.question("two")) == ("Which?", "")
    older = RunData({"study": "s", "cells": ["a", "b"]}, cells, correct, 0)
    assert older.studies() == ["s"]
    assert len(older.study("s").cells) == 2
