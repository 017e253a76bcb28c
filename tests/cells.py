"""Cells written as people write them: strategies and schedules as texts."""

from __future__ import annotations

import dataclasses
from typing import Any

from d2vbench.bench.spec.cell import BaselineCell, TrainedCell
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.strategies import parse_schedule, parse_strategy

_OF_SETTINGS = ("engine", "vocabulary")


def trained_cell(
    pair: str = "small",
    fraction: float = 1.0,
    settings: Doc2VecSettings | None = None,
    strategy: str = "combined",
    schedule: str = "linear",
    seed: int = 0,
    epochs: int = 10,
    **more: Any,
) -> TrainedCell:
    """Return a cell of Doc2Vec; ``engine`` and ``vocabulary`` go into its settings."""
    own = {name: more.pop(name) for name in _OF_SETTINGS if name in more}
    return TrainedCell(
        pair=pair,
        fraction=fraction,
        family="doc2vec",
        settings=dataclasses.replace(settings or Doc2VecSettings(), **own),
        strategy=parse_strategy(strategy),
        schedule=parse_schedule(schedule),
        seed=seed,
        epochs=epochs,
        **more,
    )


def changed(cell: TrainedCell, **changes: Any) -> TrainedCell:
    """Return a cell with other values, given as for `trained_cell`."""
    parse = {"strategy": parse_strategy, "schedule": parse_schedule}
    read = {n: parse[n](v) if n in parse and isinstance(v, str) else v for n, v in changes.items()}
    own = {name: read.pop(name) for name in _OF_SETTINGS if name in read}
    settings = dataclasses.replace(read.pop("settings", cell.settings), **own)
    return dataclasses.replace(cell, settings=settings, **read)


def baseline_cell(
    pair: str, fraction: float, seed: int, budgets: tuple[str, ...], name: str = "tf-idf"
) -> BaselineCell:
    return BaselineCell(pair, fraction, name, seed, budgets)
