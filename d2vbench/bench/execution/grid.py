"""The grid of a run: its cells with their pairs opened, and what a folder has of it already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from d2vbench.bench.compute.environment import environment
from d2vbench.bench.execution.failures import Failure, FailureStore
from d2vbench.bench.spec.cell import Cell, pair_key_of
from d2vbench.bench.spec.studies import STUDIES
from d2vbench.bench.store.checkpoints import LIMIT
from d2vbench.bench.store.manifest import MANIFEST_SCHEMA, read_manifest
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.corpora import Cards, Pair, open_pair
from d2vbench.corpora.pairs.describe import nearness
from d2vbench.corpora.pairs.own import is_own
from d2vbench.corpora.pairs.warning import pair_warnings
from d2vbench.errors import UserError


@dataclass(frozen=True)
class RunOptions:
    """Options of a run that change no result.

    Attributes
    ----------
    force : bool
        Compute every cell, also those with a record.
    only_missing : bool
        Skip cells that failed before.
    fail_fast : bool
        Stop at the first cell that fails.
    stop_after : float or None
        Seconds after which the run stops; tasks in progress are abandoned.
    checkpoint_limit : int
        Bytes that checkpoints may take, in the folder ``checkpoints`` of the run.
    """

    force: bool = False
    only_missing: bool = False
    fail_fast: bool = False
    stop_after: float | None = None
    checkpoint_limit: int = LIMIT


@dataclass
class Grid:
    """A grid with its pairs opened, and the state of its records.

    Attributes
    ----------
    cells : list of Cell
        Each once.
    keys : list of str
        Of their records.
    pairs : dict of str to Pair
        By name.
    cards : Cards
        Where the pairs' cards are.
    states : dict of str to State
        Of the records, by key.
    failures : dict of str to Failure
        Of cells that failed before, by key.
    warnings : dict of str to list of str
        What is unusual about the documents of a person's own pairs, by name.
    """

    cells: list[Cell]
    keys: list[str]
    pairs: dict[str, Pair]
    cards: Cards
    states: dict[str, State]
    failures: dict[str, Failure]
    warnings: dict[str, list[str]] = field(default_factory=dict)

    def wanted(self, run_options: RunOptions) -> set[int]:
        """Return which cells are to be computed, by their index."""
        return {
            i
            for i, key in enumerate(self.keys)
            if (run_options.force or self.states[key] != State.GOOD)
            and not (run_options.only_missing and key in self.failures)
        }


def open_grid(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    note: Callable[[str], None],
    cache: Path | None = None,
) -> Grid:
    """Open the pairs of a grid and examine its records in a run's folder; write nothing there.

    Parameters
    ----------
    cells : sequence of Cell
        The grid.
    cards : Cards
        Where the pairs are looked up.
    out : pathlib.Path
        The run's folder; need not exist.
    note : callable
        Called with a line about what takes time.
    cache : pathlib.Path, optional
        Folder of encoded corpora.

    Returns
    -------
    Grid
        With the state of every record.

    Raises
    ------
    UserError
        If d2vbench 0.1 or a newer version has written to the folder.
    """
    read_manifest(out)
    pairs = {
        name: open_pair(cards.pair(name), cards, cache, note)
        for name in dict.fromkeys(cell.pair for cell in cells)
    }
    warnings = {}
    for name, pair in pairs.items():
        note(pair.sentence())
        if is_own(cards.pair(name), cards):
            warnings[name] = pair_warnings(pair, cards.pair(name), _min_count(cells, name))
            for line in warnings[name]:
                note(line)
    keys = [cell.key(pair_key_of(cell, pairs[cell.pair])) for cell in cells]
    store = RecordStore(out)
    states = store.examine(keys)
    for key, state in states.items():
        if state in (State.OLDER, State.NEWER):
            raise UserError(store.problem(key))
    missing = {
        key: (cell.to_json(), pair_key_of(cell, pairs[cell.pair]))
        for cell, key in zip(cells, keys, strict=True)
        if states[key] == State.MISSING
    }
    if others := store.of_other_versions(missing):
        note(
            f"{len(others):,} records in {out} come from other versions of d2vbench's components: "
            "they are left alone, and their cells computed again"
        )
    failures = FailureStore(out).read(keys)
    return Grid(list(cells), keys, pairs, cards, states, failures, warnings)


def _min_count(cells: Sequence[Cell], pair: str) -> int:
    """Return the lowest threshold that a cell of a pair has for the words of its vocabulary."""
    found = [getattr(getattr(c, "settings", None), "min_count", None) for c in cells
             if c.pair == pair]  # fmt: skip
    return min((n for n in found if n is not None), default=5)


def make_manifest(
    study: str,
    studies: Mapping[str, Sequence[Cell]],
    keys: Mapping[Cell, str],
    pairs: Mapping[str, Pair],
    words: Mapping[str, int],
    warnings: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    study : str
        What was asked for: a study's name, or ``"all"``.
    studies : mapping of str to sequence of Cell
        Which cells belong to which study.
    keys : mapping of Cell to str
        The whole grid, in its order.
    pairs : mapping of str to Pair
        By name.
    words : mapping of str to int
        Words to train, ``alone`` and as a ``tree``.
    warnings : mapping of str to sequence of str
        Of the pairs, as in `Grid`.

    Returns
    -------
    dict
        JSON values; no path, and no name of a host or a person.
    """
    return {
        "schema": MANIFEST_SCHEMA,
        "study": study,
        "cells": list(keys.values()),
        "engines": sorted({cell.engine for cell in keys} - {""}),
        "environment": environment(),
        "studies": [
            {
                "name": name,
                "question": STUDIES[name].question if name in STUDIES else "",
                "cells": [keys[cell] for cell in cells],
            }
            for name, cells in studies.items()
        ],
        "words": dict(words),
        "pairs": {
            name: _describe_pair(pair)
            | ({"warnings": list(warnings[name])} if warnings.get(name) else {})
            for name, pair in pairs.items()
        },
    }


def _describe_pair(pair: Pair) -> dict[str, Any]:
    return {
        "key": pair.key,
        # The order of the sources below is lost in the file.
        "generic": pair.generic.corpus.name if len(pair.generic) else "",
        "domain": pair.train.corpus.name,
        "generic_documents": len(pair.generic),
        "generic_words": pair.generic.words(),
        "train_documents": len(pair.train),
        "train_words": pair.train.words(),
        "test_documents": len(pair.test),
        **{
            name: round(value, 6)
            for name, value in (nearness(pair) if len(pair.generic) else {}).items()
        },
        "classes": list(pair.classes),
        "left_out": pair.counts,
        "sources": {
            selection.corpus.name: {
                "content_sha256": selection.corpus.content_sha256,
                "versions": selection.corpus.meta["source"].get("versions", {}),
            }
            for selection in (pair.generic, pair.train)
        },
    }
