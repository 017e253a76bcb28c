"""Merge runs that were computed in parts on several machines; nothing is overwritten."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from d2vbench.bench.execution.failures import FailureStore
from d2vbench.bench.execution.lock import lock_run
from d2vbench.bench.spec.studies import STUDIES
from d2vbench.bench.store.manifest import (
    MANIFEST,
    MANIFEST_SCHEMA,
    existing_manifest,
    read_manifest,
    write_manifest,
)
from d2vbench.bench.store.packed import packed_files
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import record_difference
from d2vbench.errors import UserError, option
from d2vbench.files import copy_files
from d2vbench.keys import digest


@dataclass(frozen=True)
class Conflict:
    """A cell whose results differ between two runs.

    Attributes
    ----------
    cell : dict
        Its settings.
    kept, other : pathlib.Path
        The two runs.
    what : str
        In what they differ.
    """

    cell: dict[str, Any]
    kept: Path
    other: Path
    what: str


@dataclass
class Merged:
    """What a merge found, and wrote where there was no conflict.

    Attributes
    ----------
    records : dict of pathlib.Path to int
        Records that each run gave.
    same : int
        Records that several runs had, with the same result.
    rejected : list of str
        Records that do not count, each in a sentence.
    conflicts : list of Conflict
        If there are any, and no run is preferred, nothing was written.
    written : bool
        Whether the runs were joined.
    """

    records: dict[Path, int] = field(default_factory=dict)
    same: int = 0
    rejected: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    written: bool = False


@dataclass
class _Found:
    """Where the record of a cell is: those of all cells would take much memory."""

    run: Path
    key: str


def merge_runs(runs: Sequence[Path], out: Path, prefer: Path | None = None) -> Merged:
    """Join runs in a folder.

    Parameters
    ----------
    runs : sequence of pathlib.Path
        Folders of runs; they are not changed.
    out : pathlib.Path
        Where to; made if need be. What it holds already takes part, as the first of the runs.
    prefer : pathlib.Path, optional
        One of the runs, whose results are taken where runs do not agree. A conflict between two
        others, on a cell that it does not have, stays one.

    Returns
    -------
    Merged
        What was found.

    Raises
    ------
    UserError
        If a folder holds no run, or runs know a pair by the same name with other documents: their
        results cannot stand in one table.
    """
    runs = [run.resolve() for run in runs]
    out, prefer = out.resolve(), prefer.resolve() if prefer else None
    with contextlib.ExitStack() as stack:
        if out.exists():
            read_manifest(out)  # What another version wrote is not touched.
            # No run may write there between what is read and what is written.
            stack.enter_context(lock_run(out))
        return _merge(runs, out, prefer, stack)


def _merge(
    runs: Sequence[Path], out: Path, prefer: Path | None, stack: contextlib.ExitStack
) -> Merged:
    taking_part = list(dict.fromkeys([*([out] if (out / MANIFEST).exists() else []), *runs]))
    if prefer is not None and prefer not in taking_part:
        raise UserError(f"{option('prefer')} {prefer} is none of the runs that are merged")
    manifests = {run: existing_manifest(run) for run in taking_part}
    for run in taking_part:
        _refuse_packed(run)
    _check_pairs(manifests)
    merged = Merged(dict.fromkeys(taking_part, 0))
    found: dict[str, _Found] = {}
    whole = {
        run: _take(run, manifest, found, merged, prefer) for run, manifest in manifests.items()
    }
    settled = {cell for cell, one in found.items() if one.run == prefer}
    if any(digest(conflict.cell) not in settled for conflict in merged.conflicts):
        return merged
    if not out.exists():
        out.mkdir(parents=True)
        stack.enter_context(lock_run(out))
    for one in found.values():
        merged.records[one.run] += 1
    RecordStore(out).folder.mkdir(exist_ok=True)
    copy_files(_copies([one for one in found.values() if one.run != out], out))
    _take_failures(manifests, found, out)
    write_manifest(out, _join(manifests, {one.key for one in found.values()}, whole))
    merged.written = True
    return merged


def _check_pairs(manifests: dict[Path, dict[str, Any]]) -> None:
    first: dict[str, tuple[Path, str]] = {}
    for run, manifest in manifests.items():
        for name, pair in manifest.get("pairs", {}).items():
            known, key = first.setdefault(name, (run, pair["key"]))
            if key != pair["key"]:
                raise UserError(
                    f"the pair {name} has other documents in {known} than in {run}: results on "
                    "different documents do not belong in one table. Were packages of other "
                    "versions installed, or files changed?"
                )


def _refuse_packed(run: Path) -> None:
    """Refuse packed records before any record is read, which takes long where there are many."""
    if any(path.exists() for path in packed_files(run)):
        raise UserError(
            f"{run} holds packed records. Which class was predicted for each document was left out "
            "of them, and a merge compares and copies it. Give the run that was packed in place of "
            "its archive; to add cells to an archive, copy its folder and run the study there "
            "(d2vbench run STUDY --out COPY)"
        )


def _take(
    run: Path,
    manifest: dict[str, Any],
    found: dict[str, _Found],
    merged: Merged,
    prefer: Path | None,
) -> set[str]:
    """Take the records of one run, and compare those that are known; return the whole ones."""
    store = RecordStore(run)
    whole = set()
    for key in manifest["cells"]:
        record = store.find(key)
        if record is None:
            if store.path(key).exists():
                merged.rejected.append(store.problem(key))
            continue
        whole.add(key)
        cell, one = digest(record["cell"]), _Found(run, key)
        if cell not in found:
            found[cell] = one
            continue
        known = found[cell]
        what = _difference(known, one, record)
        if what:
            merged.conflicts.append(Conflict(record["cell"], known.run, run, what))
            if prefer == run:
                found[cell] = one
        else:
            merged.same += 1
            if prefer == run:
                found[cell] = one  # Whatever else disagrees with it is settled.
    return whole


def _difference(a: _Found, b: _Found, record: dict[str, Any]) -> str:
    """Say what differs between two computations of a cell; empty if nothing that matters."""
    if a.key != b.key:
        if RecordStore(a.run).read(a.key)["pair_key"] != record["pair_key"]:
            return "classes of other titles"
        return "computed by other versions of d2vbench's parts"
    one, other = RecordStore(a.run), RecordStore(b.run)
    known = one.read(a.key)
    what = record_difference(known, record)
    # Files of the same bytes need not be opened.
    if what or known["predictions_sha256"] == record["predictions_sha256"]:
        return what
    p, q = one.predictions(a.key), other.predictions(b.key)
    if set(p) != set(q) or not all(np.array_equal(p[name], q[name]) for name in p):
        return "predictions"
    return ""


def _copies(found: Iterable[_Found], out: Path) -> Iterator[tuple[Path, Path]]:
    """Yield what to copy of records, predictions first: a record that is there is complete."""
    there = RecordStore(out)
    for one in found:
        store = RecordStore(one.run)
        yield store.predictions_path(one.key), there.predictions_path(one.key)
        yield store.path(one.key), there.path(one.key)


def _take_failures(
    manifests: dict[Path, dict[str, Any]], found: dict[str, _Found], out: Path
) -> None:
    done = {one.key for one in found.values()}
    store = FailureStore(out)
    for run, manifest in manifests.items():
        for key, failure in FailureStore(run).read(manifest["cells"]).items():
            if key in done:
                store.forget(key)
            elif run != out:
                store.take(failure)


def _join(
    manifests: dict[Path, dict[str, Any]], kept: set[str], whole: dict[Path, set[str]]
) -> dict[str, Any]:
    """Return one manifest for all; of a cell that sources differ on, the key that was kept."""
    first = next(iter(manifests.values()))
    names = dict.fromkeys(str(manifest["study"]) for manifest in manifests.values())
    studies: dict[str, dict[str, Any]] = {}
    cells: dict[str, None] = {}
    for run, manifest in manifests.items():
        # A record that gave way to another is no cell of the whole.
        mine = [k for k in manifest["cells"] if k in kept or k not in whole[run]]
        cells |= dict.fromkeys(mine)
        alone = {"name": manifest["study"], "question": "", "cells": mine}
        for study in manifest.get("studies") or [alone]:
            place = studies.setdefault(study["name"], {**study, "cells": []})
            known = dict.fromkeys([*place["cells"], *(k for k in study["cells"] if k in cells)])
            place["cells"] = list(known)
    # The main comparison of a report is that of its first study, in whatever order runs were named.
    ranks = {name: rank for rank, name in enumerate(STUDIES.built_in)}
    order = sorted(studies, key=lambda name: ranks.get(name, len(ranks)))
    return {
        "schema": MANIFEST_SCHEMA,
        "study": ", ".join(names if len(names) == 1 else order),
        "cells": list(cells),
        "engines": sorted({e for m in manifests.values() for e in m.get("engines", ())}),
        "environment": first.get("environment", {}),
        "studies": [studies[name] for name in order],
        "pairs": {
            name: pair for m in manifests.values() for name, pair in m.get("pairs", {}).items()
        },
    }
