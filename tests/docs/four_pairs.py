"""What schedules and counts cost on four pairs of the second study, from the published records."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "results" / "published" / "four-pairs"
PAIRS = ("20newsgroups-ohsumed", "imdb-scicite", "reuters-ag-news", "wikinews-bbc")
SCHEDULES = (
    ("restart", None), ("rewarmed", None), ("constant", None), ("cosine", None), ("linear", None),
    ("follow-up", 0.05), ("follow-up", 0.005), ("follow-up", 0.001),
)  # fmt: skip

Name = tuple[str, str, int | None, str, float | None, str]


@functools.cache
def accuracies(labels: str) -> dict[Name, float]:
    """Return the mean of two seeds by pair, strategy, k, schedule, its value and counts."""
    found: dict[Name, list[float]] = {}
    with gzip.open(FOLDER / "records.jsonl.gz", "rt", encoding="ascii") as lines:
        for record in map(json.loads, lines):
            cell = record["cell"]
            if "strategy" in cell:
                of, schedule = cell["strategy"], cell["schedule"]
                name = (
                    cell["pair"], of["name"], of["k"], schedule["name"], schedule["value"],
                    cell["settings"]["vocabulary"],
                )  # fmt: skip
                value = record["metrics"][labels]["logistic"]["accuracy"]
                found.setdefault(name, []).append(value)
    assert {len(values) for values in found.values()} == {2}
    return {name: float(np.mean(values)) for name, values in found.items()}


def follow_up(pair: str, schedule: str, value: float | None, labels: str = "all") -> float:
    return accuracies(labels)[pair, "sequential", 4, schedule, value, "presented"]


def schedule_rows(labels: str) -> list[str]:
    """`sequential(4)` under each schedule, in %."""
    rows = []
    for schedule, value in SCHEDULES:
        name = f"`{schedule}({value:g})`" if value else f"`{schedule}`"
        shown = " | ".join(
            f"{100 * follow_up(pair, schedule, value, labels):.1f}" for pair in PAIRS
        )
        rows.append(f"| {name} | {labels} | {shown} |")
    return rows


def against_restart(schedule: str, value: float | None, labels: str = "all") -> list[float]:
    """Return what a schedule gains on a restart on each pair, in points."""
    return [
        100 * (follow_up(p, schedule, value, labels) - follow_up(p, "restart", None, labels))
        for p in PAIRS
    ]


def between(values: list[float]) -> str:
    return f"{min(values):+.1f} to {max(values):+.1f}"


def lost_sentence() -> str:
    low = against_restart("follow-up", 0.001)
    return f"A follow-up from `0.001` is {between(low)} points from a restart."


def rate_sentence() -> str:
    return (
        f"From `0.05` it is {between(against_restart('follow-up', 0.05))} points from a restart, "
        f"with 10 labels a class {between(against_restart('follow-up', 0.05, '10'))}; under one "
        f"decay over both calls, `linear`, {between(against_restart('linear', None))} and "
        f"{between(against_restart('linear', None, '10'))}."
    )
