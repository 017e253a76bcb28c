"""The runner: computes the cells that have no record yet, and keeps what is finished."""

from __future__ import annotations

import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from d2vbench.bench.cell import Cell
from d2vbench.bench.checkpoints import LIMIT, Checkpoints
from d2vbench.bench.environment import environment
from d2vbench.bench.layout import Layout, lay_out
from d2vbench.bench.records import RecordStore
from d2vbench.bench.studies import STUDIES
from d2vbench.bench.tree import Stretch
from d2vbench.bench.work import Trained, run_cell, run_stretch
from d2vbench.corpora import Cards, Pair, open_pair
from d2vbench.files import write_json

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = 1


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
    words : dict of str to int
        What the whole grid takes: ``alone``, each cell trained by itself, and ``tree``, with what
        cells have in common trained once.
    words_trained : int
        What was trained in this run.
    """

    out: Path
    keys: list[str]
    present: int = 0
    computed: int = 0
    failures: list[tuple[Cell, str]] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    words_trained: int = 0


def _ignore_interrupt(coordinator: int) -> None:
    if os.getpid() != coordinator:
        # Ctrl-C reaches every process of a terminal; only the coordinator answers it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_alone(index: int, cell: Cell, pair: Pair, coordinator: int) -> Trained:
    """Run one cell in whatever process this is; an error comes back as text."""
    _ignore_interrupt(coordinator)
    try:
        record, predictions = run_cell(cell, pair)
    except Exception:
        return Trained(results=[(index, None, traceback.format_exc())])
    return Trained(record["counts"].get("words_trained", 0), [(index, (record, predictions), None)])


def _run_stretch(
    stretch: Stretch,
    cells: dict[int, Cell],
    some: Cell,
    pair: Pair,
    checkpoints: Checkpoints,
    coordinator: int,
) -> tuple[Stretch, Trained]:
    _ignore_interrupt(coordinator)
    return stretch, run_stretch(stretch, cells, some, pair, checkpoints)


def run_cells(
    cells: Sequence[Cell],
    cards: Cards,
    out: Path,
    *,
    jobs: int,
    study: str,
    listener: Listener,
    studies: Mapping[str, Sequence[Cell]] | None = None,
    cache: Path | None = None,
    checkpoint_limit: int = LIMIT,
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
        Tasks at once, each in a process and thread of its own. Results do not depend on it.
    study : str
        Name of the study, for the manifest.
    listener : Listener
        Told how it goes.
    studies : mapping of str to sequence of Cell, optional
        Which cells belong to which study; by default all to ``study``.
    cache : pathlib.Path, optional
        Folder of encoded corpora.
    checkpoint_limit : int
        Bytes that checkpoints may take, in the folder ``checkpoints`` of the run.

    Returns
    -------
    RunResult
        Records of finished cells are written as they finish, so an interrupted run keeps them.
    """
    # Nothing is trained before every plan has been made: a bad one is refused at once.
    pairs = {
        name: open_pair(cards.pair(name), cards, cache, listener.note)
        for name in dict.fromkeys(cell.pair for cell in cells)
    }
    for pair in pairs.values():
        listener.note(pair.sentence())
    keys = [cell.key(pairs[cell.pair].key) for cell in cells]
    layout = lay_out(cells, pairs)
    store = RecordStore(out)
    present = store.present(keys)
    missing = {i for i, key in enumerate(keys) if key not in present}
    result = RunResult(out, keys, present=len(keys) - len(missing), words=layout.words)
    work = layout.work(missing)
    key_of = dict(zip(cells, keys, strict=True))
    parts = [
        {
            "name": name,
            "question": STUDIES[name].question if name in STUDIES else "",
            "cells": [key_of[cell] for cell in mine],
        }
        for name, mine in (studies or {study: cells}).items()
    ]
    write_json(
        out / MANIFEST,
        {**_manifest(study, cells, keys, pairs), "studies": parts, "words": layout.words},
    )
    listener.start(len(cells), result.present, sum(work.values()))

    def keep(trained: Trained) -> None:
        result.words_trained += trained.words
        for i, done, error in trained.results:
            if done is not None:
                record, predictions = done
                store.write(keys[i], {**record, "environment": environment()}, predictions)
                result.computed += 1
            else:
                result.failures.append((cells[i], error or ""))
            listener.finished(cells[i], work[i], error)

    checkpoints = Checkpoints(out / "checkpoints", checkpoint_limit)
    _run_tasks(layout, missing, checkpoints, jobs, keep)
    if missing:
        checkpoints.clear()
    return result


def _run_tasks(
    layout: Layout,
    missing: set[int],
    checkpoints: Checkpoints,
    jobs: int,
    keep: Callable[[Trained], None],
) -> None:
    """Run what is missing, level by level of the tree; the longest tasks of a level first."""
    from joblib import Parallel, delayed

    cells, pairs = layout.cells, layout.pairs
    waiting = Counter(s.parent for s in layout.stretches if s.parent and layout.below(s) & missing)
    for level in layout.levels(missing):
        tasks = []
        for task in level:
            if isinstance(task, int):
                pair = pairs[cells[task].pair]
                tasks.append(delayed(_run_alone)(task, cells[task], pair, os.getpid()))
                continue
            wanted = {i: cells[i] for i, _ in task.cells if i in missing}
            if not wanted and checkpoints.present(task.key):
                continue  # Left by a run that was interrupted.
            some = cells[min(layout.below(task))]
            pair = pairs[some.pair]
            tasks.append(delayed(_run_stretch)(task, wanted, some, pair, checkpoints, os.getpid()))
        # Workers get references to memory-mapped corpora; joblib need not map anything itself.
        parallel = Parallel(
            n_jobs=min(jobs, max(len(tasks), 1)),
            return_as="generator_unordered",
            batch_size=1,
            max_nbytes=None,
        )
        for done in parallel(tasks):
            if isinstance(done, Trained):
                keep(done)
                continue
            stretch, trained = done
            keep(trained)
            if stretch.parent:
                waiting[stretch.parent] -= 1
                if not waiting[stretch.parent]:
                    checkpoints.remove(stretch.parent)


def _manifest(
    study: str,
    cells: Sequence[Cell],
    keys: Sequence[str],
    pairs: dict[str, Pair],
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
