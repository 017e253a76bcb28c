"""Inference pinned, chosen and over a grid: means, choice, bands and orders."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pandas as pd
import pytest
from cells import trained_cell
from inference_support import LONG, OTHER, PINNED, TURNED, run_of

from d2vbench.analysis import (
    inference_orders,
    inference_points,
    inference_summary,
    load_run,
)
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import Variant
from d2vbench.analysis.studies.inference import chooses_all
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.bench.store.manifest import MANIFEST_SCHEMA, write_manifest
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Pair
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings


def test_each_variant_has_pinned_chosen_and_band() -> None:
    summary = inference_summary(run_of(TURNED)).set_index("strategy")
    assert summary["accuracy"].to_dict() == pytest.approx(
        {"combined": 0.80, "oversampled": 0.78, "domain-only": 0.76}
    )
    assert summary["chosen"].to_dict() == pytest.approx(
        {"combined": 0.80, "oversampled": 0.83, "domain-only": 0.75}
    )
    assert summary["band_low"].to_dict() == pytest.approx(
        {"combined": 0.70, "oversampled": 0.50, "domain-only": 0.75}
    )
    assert summary["band_high"].to_dict() == pytest.approx(
        {"combined": 0.80, "oversampled": 0.83, "domain-only": 0.77}
    )
    assert (summary["chosen_low"] <= summary["chosen"]).all()
    settings = summary[["chosen_epochs", "chosen_alpha", "chosen_min_alpha"]]
    assert [tuple(row) for row in settings.to_numpy()] == [PINNED, OTHER, LONG]
    assert set(summary["agreeing"]) == {3}


def test_a_grid_lists_the_means_of_every_setting() -> None:
    points = inference_points(run_of(TURNED))
    assert len(points) == 9
    assert points.loc[points["pinned"], "accuracy"].tolist() == pytest.approx([0.80, 0.78, 0.76])
    assert points["cv_accuracy"].tolist()[3:6] == pytest.approx([0.7, 0.9, 0.5])
    assert set(points["seeds"]) == {3}


def test_the_order_pinned_chosen_and_over_the_grid() -> None:
    (order,) = inference_orders(run_of(TURNED))
    # Pinned c > o > d, chosen o > c > d: one of three pairs is turned, tau = (2 - 1) / 3.
    assert order.tau == pytest.approx(1 / 3)
    # With the third setting d > c > o: two of three are turned.
    assert order.least_tau == pytest.approx(-1 / 3)
    assert (order.pinned, order.chosen) == (Variant("combined"), Variant("oversampled", 4))
    assert order.winners == 3
    assert order.lead is not None
    assert order.lead.estimate == pytest.approx(0.03)
    assert order.lead.low <= 0.03 <= order.lead.high
    assert order.spread == pytest.approx(0.04)
    assert (order.moved, order.band) == (Variant("oversampled", 4), pytest.approx(0.33))
    assert order.decides


def test_where_inference_decides_nothing() -> None:
    (order,) = inference_orders(
        run_of(
            {
                ("combined", ""): [(0.80, 0.8), (0.81, 0.9), (0.79, 0.7)],
                ("oversampled", 4): [(0.70, 0.8), (0.71, 0.9), (0.69, 0.7)],
            }
        )
    )
    assert (order.tau, order.least_tau, order.winners) == (1.0, 1.0, 1)
    assert order.pinned == order.chosen == Variant("combined")
    assert order.lead is None
    assert not order.decides


def test_of_equal_settings_the_pinned_one_is_taken_for_a_new_model() -> None:
    same = {("combined", ""): [(0.8, 0.7), (0.6, 0.7), (0.5, 0.7)]}
    (row,) = inference_summary(run_of(same)).to_dict("records")
    assert (row["chosen_epochs"], row["chosen_alpha"]) == PINNED[:2]
    assert inference_orders(run_of(same)) == []  # One strategy has no order.


def test_without_cross_validation_there_is_a_band_and_no_choice() -> None:
    data = run_of({key: [(a, None) for a, _ in reached] for key, reached in TURNED.items()})
    summary = inference_summary(data)
    assert summary["chosen"].isna().all()
    assert summary["agreeing"].isna().all()
    assert summary["band_low"].tolist() == pytest.approx([0.70, 0.50, 0.75])
    (order,) = inference_orders(data)
    assert math.isnan(order.tau)
    assert (order.chosen, order.lead) == (None, None)


def test_an_order_is_over_the_seeds_that_all_have() -> None:
    """Of a run that is not finished: a seed that one lacks would order the seeds."""
    data = run_of(TURNED)
    lacks = (data.cells["strategy"] == "combined") & (data.cells["seed"] > 0)
    (order,) = inference_orders(data.only(~lacks))
    assert order.lead is not None
    assert math.isnan(order.lead.low)  # One seed has no interval.
    none = (data.cells["strategy"] == "combined") == (data.cells["seed"] > 0)
    assert inference_orders(data.only(~none)) == []


def test_places_are_in_the_order_of_the_grid() -> None:
    data = run_of(TURNED)
    first = data.cells.assign(pair="z")
    second = data.cells.assign(pair="a", key=data.cells["key"] + "-a")
    both = dataclasses.replace(
        data,
        cells=pd.concat([first, second], ignore_index=True),
        correct=data.correct | {(f"{k}-a", name): v for (k, name), v in data.correct.items()},
        inference=pd.concat(
            [data.inference, data.inference.assign(key=data.inference["key"] + "-a")],
            ignore_index=True,
        ),
    )
    assert inference_summary(both)["pair"].tolist() == ["z"] * 3 + ["a"] * 3
    assert [order.pair for order in inference_orders(both)] == ["z", "a"]
    assert set(inference_points(both)["seeds"]) == {3}


def test_a_choice_is_no_label_budget() -> None:
    data = run_of(TURNED)
    assert budgets(data) == ["all"]
    assert chooses_all(data)
    some = data.inference["key"] != "cell0"
    assert not chooses_all(dataclasses.replace(data, inference=data.inference[some]))


def test_of_a_cell_with_and_without_a_choice_the_first_is_read(
    small_pair: Pair, tmp_path: Path
) -> None:
    """Merged runs may hold both: they would count one training twice."""
    settings = Doc2VecSettings(vector_size=8, min_count=2)
    plain = trained_cell(settings=settings, epochs=2, engine="gensim", budgets=("all",))
    grid = (InferenceSettings(), InferenceSettings(5))
    cells = [plain, dataclasses.replace(plain, seed=1),
             dataclasses.replace(plain, inference_grid=grid)]  # fmt: skip
    keys = [put(cell, small_pair, tmp_path) for cell in cells]
    manifest = {
        "schema": MANIFEST_SCHEMA, "study": "all", "cells": keys, "pairs": {},
        "studies": [{"name": "strategies", "cells": keys[:2]},
                    {"name": "inference", "cells": keys[2:]}],
    }  # fmt: skip
    write_manifest(tmp_path, manifest)
    data = load_run(tmp_path)
    assert data.cells["key"].tolist() == [keys[1], keys[2]]
    assert data.missing == 0
    assert set(data.study("strategies").cells["key"]) == {keys[1], keys[2]}
    assert data.inference["key"].tolist() == [keys[2]] * 2
    assert data.inference["chosen"].sum() == 1
    # What a strategy costs is the same with and without a choice of inference.
    steps = [c for c in data.cells if c.startswith("seconds_") and c != "seconds_core"]
    spent = data.cells[[c for c in steps if c != "seconds_choose_inference"]].sum(axis=1)
    assert data.cells["seconds_core"].to_numpy() == pytest.approx(spent.to_numpy(), abs=1e-3)
    assert (data.cells[steps].sum(axis=1) > spent).tolist() == [False, True]
    assert set(data.study("strategies").inference["key"]) == {keys[2]}


def put(cell: TrainedCell, pair: Pair, run: Path) -> str:
    record, predictions = run_cell(cell, pair)
    key = cell.key(pair.key)
    more = {"versions": cell.versions(), "environment": {}}
    RecordStore(run).write(key, json.loads(json.dumps(record)) | more, predictions)
    return key


def test_what_records_of_one_cell_found_beside_is_joined(small_pair: Pair, tmp_path: Path) -> None:
    """One with a choice of inference and one with diagnostics: neither says all."""
    plain = trained_cell(
        settings=Doc2VecSettings(vector_size=8, min_count=2), epochs=2, engine="gensim",
        strategy="sequential(1)", schedule="restart", budgets=("all",),
    )  # fmt: skip
    grid = (InferenceSettings(), InferenceSettings(5))
    cells = [plain, dataclasses.replace(plain, inference_grid=grid),
             dataclasses.replace(plain, diagnosed=True)]  # fmt: skip
    keys = [put(cell, small_pair, tmp_path) for cell in cells]
    manifest = {"schema": MANIFEST_SCHEMA, "study": "all", "cells": keys, "pairs": {}}
    write_manifest(tmp_path, manifest)
    data = load_run(tmp_path)
    (key,) = data.cells["key"]
    assert key == max(keys[1:])
    assert data.missing == 0
    assert data.cells["drift_outputs_domain_raw"].notna().all()
    assert data.inference["key"].tolist() == [key] * 2
    assert (key, "all.chosen") in data.correct
