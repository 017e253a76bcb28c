"""The runner: computes the cells that have no record yet, and keeps what is finished."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from d2vbench.bench.cell import Cell
from d2vbench.bench.environment import environment
from d2vbench.bench.records import RecordStore
from d2vbench.bench.work import cell_plans, run_cell
from d2vbench.corpora import Cards, Pair, open_pair
from d2vbench.files import write_json
from d2vbench.strategies import Sizes

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = 1


# Rough figures, only to tell the time left and to start long cells first: PV-DBOW words a second,
# what a word costs in other models, and the classifiers of a cell.
_WORDS_A_SECOND = {"native": 3e6, "gensim": 6e5}
_SECONDS_EVALUATION = 2.5
_COST_OF_A_WORD = {"dbow": 1.0, "dbow-words": 5.0, "dm-mean": 1.5, "dm-sum": 1.5, "dm-concat": 8.0}


class Listener(Protocol):
    """Is told how a run goes; the display is its business."""

    def note(self, text: str) -> None:
        """Hear one line about something that takes time."""
        ...  # pragma: no cover

    def start(self, total: int, present: int, work: float) -> None:
        """Hear how many cells there are, how many have records, and the work of the others."""
        ...  # pragma: no cover

    def finished(self, cell: Cell, work: float, error: str | None) -> None:
        """Hear that a cell is done, or failed with a traceback."""
        ...  # pragma: no cover


@dataclass
class RunResult:
    """What a run did.

    Attributes
    ----------
    out : pathlib.Path
        The run's folder.
    keys : list of str
        Of all cells, in the order of the grid.
    present, computed : int
        Cells that had a record, and cells that got one.
    failures : list of (Cell, str)
        Cells that raised, with the traceback; they have no record and will be tried again.
    """

    out: Path
    keys: list[str]
    present: int = 0
    computed: int = 0
    failures: list[tuple[Cell, str]] = field(default_factory=list)


def work_estimate(cell: Cell, pair: Pair) -> float:
    """Estimate the work of a cell, for the time left.

    Parameters
    ----------
    cell : Cell
        Which cell.
    pair : Pair
        Its pair.

    Returns
    -------
    float
        Seconds on a usual processor, roughly: what counts is the ratio between cells.
    """
    domain_words = round(pair.train.words() * cell.fraction)
    if cell.settings is None:
        return _SECONDS_EVALUATION
    sizes = Sizes(
        len(pair.generic),
        round(len(pair.train) * cell.fraction),
        pair.generic.words(),
        domain_words,
    )
    plans = cell_plans(cell, sizes)
    trained = sum(plan.words(sizes) for plan in plans)
    # The models of an ensemble are narrower in turn, so its vectors cost as those of one.
    inferred = (domain_words + pair.test.words()) * cell.inference.epochs
    words = _COST_OF_A_WORD[cell.settings.model] * (trained / len(plans) + inferred)
    return words / _WORDS_A_SECOND[cell.engine] + _SECONDS_EVALUATION


def _work(index: int, cell: Cell, pair: Pair, coordinator: int) -> tuple[int, Any, str | None]:
    """Run one cell in whatever process this is; an error comes back as text."""
    if os.getpid() != coordinator:
        # Ctrl-C reaches every process of a terminal; only the coordinator answers it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return index, run_cell(cell, pair), None
    except Exception:
        return index, None, traceback.format_exc()


def run_cells(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    *,
    jobs: int,
    study: str,
    listener: Listener,
    cache: Path | None = None,
) -> RunResult:
    """Compute the cells that have no record in a folder.

    Parameters
    ----------
    cells : sequence of Cell
        The grid.
    cards : Cards
        Where the pairs are looked up.
    out : pathlib.Path
        The run's folder; must exist.
    jobs : int
        Cells at once, each in a process and thread of its own. Results do not depend on it.
    study : str
        Name of the study, for the manifest.
    listener : Listener
        Told how it goes.
    cache : pathlib.Path, optional
        Folder of encoded corpora.

    Returns
    -------
    RunResult
        Records of finished cells are written as they finish, so an interrupted run keeps them.
    """
    from joblib import Parallel, delayed

    # Nothing is trained before every plan has been made: a bad one is refused at once.
    pairs = {
        name: open_pair(cards.pair(name), cards, cache, listener.note)
        for name in dict.fromkeys(cell.pair for cell in cells)
    }
    work = [work_estimate(cell, pairs[cell.pair]) for cell in cells]
    keys = [cell.key(pairs[cell.pair].key) for cell in cells]
    store = RecordStore(out)
    present = store.present(keys)
    result = RunResult(out, keys, present=sum(key in present for key in keys))
    missing = [i for i, key in enumerate(keys) if key not in present]
    # Long cells first, so that no core idles at the end.
    missing.sort(key=lambda i: -work[i])
    write_json(out / MANIFEST, _manifest(study, cells, keys, pairs))
    listener.start(len(cells), result.present, sum(work[i] for i in missing))

    tasks = (delayed(_work)(i, cells[i], pairs[cells[i].pair], os.getpid()) for i in missing)
    # Workers get references to memory-mapped corpora; joblib need not map anything itself.
    parallel = Parallel(
        n_jobs=min(jobs, max(len(missing), 1)),
        return_as="generator_unordered",
        batch_size=1,
        max_nbytes=None,
    )
    for i, done, error in parallel(tasks):
        if error is None:
            record, predictions = done
            store.write(keys[i], {**record, "environment": environment()}, predictions)
            result.computed += 1
        else:
            result.failures.append((cells[i], error))
        listener.finished(cells[i], work[i], error)
    return result


def _manifest(
    study: str, cells: Sequence[Cell], keys: Sequence[str], pairs: dict[str, Pair]
) -> dict[str, Any]:
    return {
        "schema": MANIFEST_SCHEMA,
        "study": study,
        "cells": list(keys),
        "engines": sorted({cell.engine for cell in cells} - {"-"}),
        "environment": environment(),
        "pairs": {
            name: {
                "key": pair.key,
                "generic_documents": len(pair.generic),
                "generic_words": pair.generic.words(),
                "train_documents": len(pair.train),
                "train_words": pair.train.words(),
                "test_documents": len(pair.test),
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
            for name, pair in pairs.items()
        },
    }
