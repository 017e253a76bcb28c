"""PV-DBOW with words and PV-DM beside PV-DBOW, on the first fifteen pairs of the drawn order."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pytest
import registered
from published_records import (
    ADAPTED,
    ALONE,
    COMBINED,
    OVERSAMPLED,
    PUBLISHED,
    RESTART,
    Strategy,
    accuracy,
    baseline,
    table_row,
)
from registered import HELD_OUT, HYPOTHESES, LABELS, named, shown

from d2vbench.analysis.contrasts.frame import RunData, load_run
from d2vbench.analysis.contrasts.pair_means import pair_differences
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs

FOLDER = "other-models"
SEEDS = 2
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


def gap(pair: str, first: Strategy, second: Strategy, model: str) -> float:
    """Return the difference on a pair with all labels, as a fraction, of two seeds."""
    of = (accuracy(pair, s, "all", model, folder=FOLDER, seeds=2) for s in (first, second))
    return (next(of) - next(of)) / 100


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


def choosing_rows() -> list[str]:
    """The same in short, without verdicts."""
    return [
        f"| {registered.title(first)} less {registered.title(second)} | {labels} | "
        + " | ".join(shown(over(first, second, labels, model).interval) for model in MODELS)
        + " |"
        for labels in ("all", "10")
        for first, second in HYPOTHESES.values()
    ]


def order_sentence() -> str:
    """Order alone with all labels, by model."""
    of = [shown(over(RESTART, OVERSAMPLED, "all", model).interval) for model in MODELS]
    return (
        f"`sequential(4)` with a restart is {of[0]} points from `oversampled(4)` in PV-DBOW, "
        f"{of[1]} with words and {of[2]} in PV-DM"
    )


def few_sentence() -> str:
    """Order alone with few labels, where word vectors are trained."""
    of = [shown(over(RESTART, OVERSAMPLED, "10", model).interval) for model in MODELS]
    return f"with 10 labels a class {of[0]}, {of[1]} and {of[2]}"


def behind_sentence() -> str:
    """On how many pairs sequence is behind with all labels, by model."""
    behind = [sum(v < 0 for v in differences(RESTART, OVERSAMPLED, "all", m)) for m in MODELS]
    return (
        f"behind on {behind[0]} of {len(pairs())} pairs in PV-DBOW, on {behind[1]} with words and "
        f"on {behind[2]} in PV-DM"
    )


def generic_sentence() -> str:
    """What generic text costs PV-DM."""
    model = "dm-mean"
    of = [shown(over(OVERSAMPLED, ALONE, labels, model).interval) for labels in LABELS]
    ahead = sum(v > 0 for v in differences(OVERSAMPLED, ALONE, "all", model))
    return (
        f"{of[0]} points in PV-DM with all labels, {of[1]} with 50 a class and {of[2]} with 10; "
        f"with all labels it is ahead on {ahead} of {len(pairs())} pairs"
    )


def mean(strategy: Strategy, labels: str, model: str) -> float:
    """Return the mean over the pairs in %."""
    return float(np.mean([reached(pair, strategy, labels, model) for pair in pairs()]))


def which_sentence() -> str:
    """The mean of what each model reaches, the domain alone and with G shuffled in."""
    alone, mixed = (
        ", ".join(f"{mean(strategy, 'all', model):.1f}" for model in MODELS)
        for strategy in (ALONE, OVERSAMPLED)
    )
    return f"{alone} for `domain-only(4)` and {mixed} for `oversampled(4)`"


def which_few_sentence() -> str:
    """The same with few labels."""
    alone, mixed = (
        ", ".join(f"{mean(strategy, '10', model):.1f}" for model in MODELS)
        for strategy in (ALONE, OVERSAMPLED)
    )
    return f"{alone} and {mixed}"


def sentences() -> tuple[str, ...]:
    return (
        order_sentence(), few_sentence(), behind_sentence(),
        generic_sentence(), which_sentence(),
    )  # fmt: skip


def words_are_true() -> None:
    """What pages say of other models in words."""
    for labels in LABELS:
        # Sequence loses with words, and more in PV-DM.
        of = [over(RESTART, OVERSAMPLED, labels, model).interval.estimate for model in MODELS]
        assert of[2] < of[1] < -0.008 < of[0]
    asked = [verdicts(labels, model)["H1"] for model in list(MODELS)[1:] for labels in LABELS]
    assert asked == ["worse", *["inconclusive"] * 5]
    assert verdicts("all", "dbow")["H1"] == "equivalent"
    assert {verdicts("50", model)["H5"] for model in MODELS} == {"equivalent"}
    for model in list(MODELS)[1:]:
        gap = {x: mean(ADAPTED, x, model) - mean(OVERSAMPLED, x, model) for x in ("all", "10")}
        assert abs(gap["all"]) < 0.5 and gap["10"] < -1
    assert {verdicts("all", model)["H5"] for model in MODELS} == {"equivalent"}
    for model in MODELS:
        for labels in LABELS:
            assert over(OVERSAMPLED, COMBINED, labels, model).interval.estimate > 0.02
            assert over(ADAPTED, RESTART, labels, model).interval.estimate > 0
            assert over(OVERSAMPLED, ALONE, labels, "dm-mean").interval.estimate < -0.01
    # None is ahead on every pair, alone or with G; PV-DM never with G.
    for strategy in (ALONE, OVERSAMPLED):
        best = {max(MODELS, key=lambda m: reached(p, strategy, "all", m)) for p in pairs()}
        assert len(best) > 1
    assert all(
        reached(p, OVERSAMPLED, "all", "dm-mean")
        < max(reached(p, OVERSAMPLED, "all", m) for m in ("dbow", "dbow-words"))
        for p in pairs()
    )
    # On short documents PV-DBOW trains the domain alone too little.
    for pair in pairs():
        if pair.endswith(("-ag-news", "-scicite")):
            plain, *others = (reached(pair, ALONE, "all", model) for model in MODELS)
            assert min(others) > plain + 3
