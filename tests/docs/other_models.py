"""PV-DBOW with words and PV-DM beside PV-DBOW, on the first fifteen pairs of the drawn order."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pytest
import registered
from published_records import PUBLISHED, accuracy, baseline, table_row
from registered import (
    ADAPTED,
    ALONE,
    HELD_OUT,
    HYPOTHESES,
    LABELS,
    OVERSAMPLED,
    SEQUENTIAL,
    Strategy,
    named,
    points,
    shown,
)

from d2vbench.analysis.contrasts.frame import RunData, load_run
from d2vbench.analysis.contrasts.pair_means import pair_differences
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs

FOLDER = "other-models"
SEEDS = 1
# Of PV-DBOW the same pairs and seeds, from part 1.
MODELS = {"dbow": "PV-DBOW", "dbow-words": "PV-DBOW with words", "dm-mean": "PV-DM (mean)"}


@functools.cache
def _manifest(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PUBLISHED / folder / "manifest.json").read_bytes())
    return found


def _folder(model: str) -> str:
    return "crossed" if model == "dbow" else FOLDER


@functools.cache
def pairs() -> tuple[str, ...]:
    """Return the pairs, as registered; the folder has these and no other."""
    sample = [p for p in registered.drawn(_manifest("crossed")["pairs"]) if p not in HELD_OUT]
    assert set(_manifest(FOLDER)["pairs"]) == set(sample[:15])
    return tuple(sample[:15])


def reached(pair: str, strategy: Strategy, labels: str, model: str) -> float:
    """Return the mean accuracy over seeds in %."""
    return accuracy(pair, strategy, labels, model, folder=_folder(model), seeds=SEEDS)


@functools.cache
def _run(model: str) -> RunData:
    data = load_run(PUBLISHED / _folder(model))
    return data.only((data.cells["seed"] < SEEDS) & data.cells["pair"].isin(pairs()))


@functools.cache
def differences(first: Strategy, second: Strategy, labels: str, model: str) -> tuple[float, ...]:
    """Return the difference on each pair, as a fraction, from the records."""
    return tuple(
        (reached(pair, first, labels, model) - reached(pair, second, labels, model)) / 100
        for pair in pairs()
    )


@functools.cache
def over(first: Strategy, second: Strategy, labels: str, model: str) -> OverPairs:
    """Return the mean over new corpora, its differences held against the records."""
    contrast = named(first), named(second)
    found = pair_differences(_run(model), [contrast], model, labels)[contrast]
    values = differences(first, second, labels, model)
    assert [found[pair][0] for pair in pairs()] == pytest.approx(values, abs=1e-9)
    sides = [registered.corpora(_manifest(_folder(model)), pair) for pair in pairs()]
    variances = [found[pair].variance for pair in pairs()]
    return over_pairs(values, variances, [g for g, _ in sides], [d for _, d in sides])


@functools.cache
def verdicts(labels: str, model: str) -> dict[str, str]:
    """Return the verdict on each hypothesis, adjusted over the five of a model and label budget."""
    return registered.verdicts(
        {name: over(*two, labels, model).interval for name, two in HYPOTHESES.items()}
    )


def hypothesis_rows() -> list[str]:
    rows = []
    for name, (first, second) in HYPOTHESES.items():
        for labels in LABELS:
            cells = [
                f"{shown(over(first, second, labels, model).interval)}, "
                f"{verdicts(labels, model)[name]}"
                for model in MODELS
            ]
            rows.append(
                f"| {name} | {registered.title(first)} less {registered.title(second)} | {labels} "
                f"| {' | '.join(cells)} |"
            )
    return rows


def pair_rows() -> list[str]:
    """What each model reaches on each pair, all labels, in %."""
    manifest = _manifest("crossed")
    by_domain = sorted(pairs(), key=lambda p: registered.corpora(manifest, p)[::-1])
    return [
        table_row(
            (pair,),
            (
                *(
                    reached(pair, strategy, "all", model)
                    for strategy in (ALONE, OVERSAMPLED, ADAPTED)
                    for model in MODELS
                ),
                baseline(pair, "all", folder="crossed", seeds=3),
            ),
        )
        for pair in by_domain
    ]


def spread(first: Strategy, second: Strategy, labels: str, model: str) -> str:
    at = differences(first, second, labels, model)
    return f"{points(min(at))} to {points(max(at))}"


def mean(strategy: Strategy, labels: str, model: str) -> float:
    """Return the mean over the pairs in %."""
    return float(np.mean([reached(pair, strategy, labels, model) for pair in pairs()]))


def order_sentence() -> str:
    """Order alone, by model."""
    of = [shown(over(SEQUENTIAL, OVERSAMPLED, "all", model).interval) for model in MODELS]
    return (
        f"`sequential(4)` with a restart is {of[0]} points from `oversampled(4)` in PV-DBOW, "
        f"{of[1]} with words and {of[2]} in PV-DM"
    )
