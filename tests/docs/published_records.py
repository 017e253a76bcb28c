"""The published records, read as JSON: a fault of the analysis cannot hide here."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "results" / "published"

Record = dict[str, Any]
# Name, k and schedule of a strategy, and those of the second study.
Strategy = tuple[str, int | str | None, str]
ALONE: Strategy = ("domain-only", 4, "linear")
COMBINED: Strategy = ("combined", None, "linear")
OVERSAMPLED: Strategy = ("oversampled", 4, "linear")
RESTART: Strategy = ("sequential", 4, "restart")
ADAPTED: Strategy = ("adapted", 4, "restart")
FINISH: Strategy = ("mixed-finish", 4, "restart")
GENERIC: Strategy = ("generic-only", None, "linear")


@functools.cache
def records(folder: str) -> list[Record]:
    path = PUBLISHED / folder / "records.jsonl.gz"
    return [json.loads(line) for line in gzip.open(path, "rt", encoding="ascii")]


@functools.cache
def trained(folder: str) -> dict[tuple[Any, ...], dict[int, Record]]:
    """All that tells trained cells apart but the seed, to the records by seed."""
    found: dict[tuple[Any, ...], dict[int, Record]] = {}
    for record in records(folder):
        cell = record["cell"]
        if "baseline" in cell:
            continue
        cell = {**cell, "seed": None, "classifiers": None}
        # Other label budgets are other records of the same training; diagnostics move no accuracy.
        plain = {name: value for name, value in cell.items() if name != "diagnosed"}
        key = json.dumps({**plain, "budgets": None}, sort_keys=True)
        for budget in record["metrics"]:
            found.setdefault((key, budget), {})[record["cell"]["seed"]] = record
    return found


def usual(
    pair: str,
    strategy: Strategy,
    model: str,
    policy: str,
    *,
    share: float | None = None,
    value: float | None = None,
    epochs: int = 5,
    fraction: float = 1.0,
    generic_fraction: float | None = None,
    engine: str = "native",
) -> dict[str, Any]:
    """Return a cell with the study's usual settings."""
    name, k, schedule = strategy
    part = {} if generic_fraction is None else {"generic_fraction": generic_fraction}
    return part | {
        "pair": pair, "fraction": fraction, "family": "doc2vec",
        "settings": {
            "model": model, "vector_size": 100, "window": 5, "negative": 5, "sample": 1e-4,
            "min_count": 5, "vocabulary": policy, "engine": engine,
        },
        "strategy": {"name": name, "k": k, "share": share},
        "schedule": {"name": schedule, "value": value}, "seed": None, "epochs": epochs,
        "alpha": 0.025, "min_alpha": 0.0001,
        "inference": {"epochs": 20, "alpha": 0.025, "min_alpha": 0.0001}, "budgets": None,
        "classifiers": None, "vectors": "inferred",
    }  # fmt: skip


def accuracy(
    pair: str,
    strategy: Strategy,
    labels: str = "all",
    model: str = "dbow",
    policy: str = "presented",
    *,
    folder: str,
    seeds: int,
    **more: Any,
) -> float:
    """Return the mean accuracy over the first seeds of one estimand, in %."""
    cell = usual(pair, strategy, model, policy, **more)
    found = trained(folder)[json.dumps(cell, sort_keys=True), labels]
    assert sorted(found)[:seeds] == list(range(seeds)), (pair, strategy, labels, sorted(found))
    return 100 * float(
        np.mean([found[s]["metrics"][labels]["logistic"]["accuracy"] for s in range(seeds)])
    )


def baseline(
    pair: str, labels: str, name: str = "tf-idf", folder: str = "strategies", seeds: int = 3
) -> float:
    """Return the mean accuracy over seeds of what trains no vectors, in %."""
    found = [
        record["metrics"][labels]
        for record in records(folder)
        if record["cell"].get("baseline") == name
        and (record["cell"]["pair"], record["cell"]["fraction"]) == (pair, 1.0)
    ]
    assert len(found) == seeds
    return 100 * float(np.mean([next(iter(said.values()))["accuracy"] for said in found]))


def points(value: float) -> str:
    return f"{value:+.1f}".replace("-0.0", "+0.0")


def table_row(names: Iterable[str], values: Iterable[float]) -> str:
    """Return a row of a table: names, then numbers with one decimal."""
    return f"| {' | '.join((*names, *(f'{value:.1f}' for value in values)))} |"


def low_to_high(values: Iterable[float]) -> str:
    found = list(values)
    return f"{points(min(found))} to {points(max(found))}"
