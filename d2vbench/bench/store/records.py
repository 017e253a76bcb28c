"""Records: one JSON file per cell, its predictions beside it. Nothing read back is a pickle."""

from __future__ import annotations

import functools
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.identity import SCHEMA, checksum, key_of, main_metrics
from d2vbench.bench.spec.shape import well_formed
from d2vbench.bench.store.manifest import MADE_BY_0_1, read_manifest
from d2vbench.bench.store.packed import Correct, Packed, correct_of, read_packed
from d2vbench.damaged import DAMAGED_ARCHIVE, read_arrays
from d2vbench.errors import UserError
from d2vbench.files import write_atomic, write_json
from d2vbench.keys import bytes_sha256, canonical_json, file_sha256

_REJECTED = "rejected"


class State(str, Enum):
    """What there is of a record."""

    GOOD = "good"
    MISSING = "missing"
    OLDER = "older"
    NEWER = "newer"
    DAMAGED = "damaged"
    EDITED = "edited"

    def __str__(self) -> str:
        """Return the word alone."""
        return self.value


_ADVICE = {
    State.MISSING: "is missing; run the study again",
    State.DAMAGED: "is damaged; run the study again, which computes it again",
    State.EDITED: (
        "was changed after it was written: its {what} no longer fits. Put back what was written, "
        "or run the study again, which computes it again"
    ),
    State.OLDER: f"has schema {{schema}}, this d2vbench writes {{ours}}: it was {MADE_BY_0_1}",
    State.NEWER: (
        "has schema {schema}, this d2vbench writes {ours}: it is from a newer version; use that "
        "one, or take another folder"
    ),
}


class RecordStore:
    """The records of a run, in the folder ``records`` of the run.

    A record is complete and whole, or it does not count: its key is the hash of its settings, and
    two checksums cover the rest of it and the predictions beside it. Records that were packed
    (`d2vbench.bench.store.packed`) lie below: a record of the same key in ``records`` goes before.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        self.folder = run / "records"

    @functools.cached_property
    def packed(self) -> Packed:
        """Records that were packed; none for most runs."""
        return read_packed(self.run)

    def path(self, key: str) -> Path:
        """Return where the record of a cell is."""
        return self.folder / f"{key}.json"

    def predictions_path(self, key: str) -> Path:
        """Return where the predictions of a cell are."""
        return self.folder / f"{key}.npz"

    def write(
        self, key: str, record: dict[str, Any], predictions: dict[str, npt.NDArray[Any]]
    ) -> None:
        """Write one record.

        Predictions go first: a record that is there is complete.

        Raises
        ------
        ValueError
            For NaN or infinity: a metric that is no number is no result.
        """
        # As JSON has it and will give it back; what it refuses is refused before a file is written.
        whole = json.loads(json.dumps({"schema": SCHEMA, "key": key, **record}, allow_nan=False))
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays: Any = predictions
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        content = packed.getvalue()
        write_atomic(self.predictions_path(key), lambda file: file.write(content))
        whole["predictions_sha256"] = bytes_sha256(content)
        write_json(self.path(key), {**whole, "sha256": checksum(whole)})

    def examine(self, keys: Iterable[str]) -> dict[str, State]:
        """Say of each record whether it is there, whole, and of this version.

        Parameters
        ----------
        keys : iterable of str
            Of cells.

        Returns
        -------
        dict of str to State
            In their order.
        """
        names = set(os.listdir(self.folder)) if self.folder.is_dir() else set()  # noqa: PTH208
        states = {}
        for key in keys:
            if f"{key}.json" in names:
                states[key] = self._load(key)[0]
            else:
                states[key] = State.GOOD if key in self.packed.records else State.MISSING
        return states

    def of_other_versions(self, wanted: Mapping[str, tuple[Any, str]]) -> list[str]:
        """Return the records that computed a cell with other versions of its components.

        Parameters
        ----------
        wanted : mapping of str to (dict, str)
            By the key that the cell has now: its JSON values and the key of its pair.

        Returns
        -------
        list of str
            Keys of whole records; they are left alone.
        """
        if not wanted or not self.folder.is_dir():
            return []
        asked = {canonical_json(list(place)) for place in wanted.values()}
        found = []
        for name in sorted(path.stem for path in self.folder.glob("*.json")):
            state, record, _ = self._load(name)
            if state == State.GOOD and name not in wanted:
                place = canonical_json([record["cell"], record["pair_key"]])
                found += [name] if place in asked else []
        return found

    def present(self, keys: Iterable[str]) -> set[str]:
        """Return which of some cells have a record that is whole, predictions and all."""
        return {key for key, state in self.examine(keys).items() if state == State.GOOD}

    def find(self, key: str) -> dict[str, Any] | None:
        """Return a record, or None where there is none that is whole and of this version."""
        state, record, _ = self._load(key)
        return record if state == State.GOOD else None

    def read(self, key: str) -> dict[str, Any]:
        """Read one record.

        Raises
        ------
        UserError
            If it is missing, damaged, changed, or of another schema; the text says what to do.
        """
        state, record, what = self._load(key)
        if state != State.GOOD:
            raise UserError(self._sentence(key, state, record, what))
        return record

    def problem(self, key: str) -> str:
        """Return in one sentence what is wrong with a record, and what to do; empty if nothing."""
        state, record, what = self._load(key)
        return self._sentence(key, state, record, what)

    def _sentence(self, key: str, state: State, record: dict[str, Any], what: str) -> str:
        if state == State.GOOD:
            return ""
        text = _ADVICE[state].format(what=what, schema=f"{record.get('schema')!s:.20}", ours=SCHEMA)
        return f"record {self.path(key)} {text}"

    def _load(self, key: str) -> tuple[State, dict[str, Any], str]:
        try:
            record = json.loads(self.path(key).read_bytes())
            schema = record["schema"]
            if type(schema) is not int:
                raise TypeError(schema)
        except FileNotFoundError:
            if key in self.packed.records:
                return State.GOOD, self.packed.records[key], ""
            return State.MISSING, {}, ""
        except (ValueError, KeyError, TypeError, RecursionError):
            return State.DAMAGED, {}, ""
        if schema != SCHEMA:
            return (State.NEWER if schema > SCHEMA else State.OLDER), record, ""
        try:
            if not record["key"] == key == key_of(record):
                return State.EDITED, record, "key"
            if record["sha256"] != checksum(record):
                return State.EDITED, record, "checksum"
            if not well_formed(record):
                return State.DAMAGED, record, ""
            predictions = file_sha256(self.predictions_path(key))
        except FileNotFoundError:
            # Predictions are written first: whoever lost them lost them later.
            return State.DAMAGED, record, ""
        except (KeyError, TypeError, ValueError, RecursionError):
            return State.DAMAGED, record, ""
        if predictions != record["predictions_sha256"]:
            return State.EDITED, record, "predictions"
        return State.GOOD, record, ""

    def correct(self, record: dict[str, Any]) -> Correct:
        """Return which test documents the main classifier was right about.

        Parameters
        ----------
        record : dict
            From `read` or `find`.

        Returns
        -------
        dict of str to (n_test,) bool
            By label budget; see `d2vbench.bench.store.packed.correct_of`.

        Raises
        ------
        UserError
            If the predictions cannot be read.
        """
        key = record["key"]
        if key in self.packed.correct and not self.path(key).exists():
            return self.packed.correct[key]
        return correct_of(record, self.predictions(key))

    def set_aside(self, key: str) -> Path:
        """Move a record that does not count out of the way; never delete what may be wanted.

        Returns
        -------
        pathlib.Path
            Where it is now.
        """
        folder = self.folder / _REJECTED
        folder.mkdir(exist_ok=True)
        for path in (self.path(key), self.predictions_path(key)):
            if path.exists():
                path.replace(folder / path.name)
        return folder / self.path(key).name

    def predictions(self, key: str) -> dict[str, npt.NDArray[np.int32]]:
        """Read the predictions of one cell: ``truth`` and one array per label budget.

        Raises
        ------
        UserError
            If the file is missing or damaged, or the record was packed without it.
        """
        path = self.predictions_path(key)
        if not path.exists() and key in self.packed.records:
            raise UserError(
                f"record {key} was packed: which class was predicted for each document is no "
                f"longer in {self.run}, only whether it was right"
            )
        try:
            return read_arrays(path)
        except DAMAGED_ARCHIVE as error:
            raise UserError(
                f"predictions {path} cannot be read ({error}); delete the file and run again"
            ) from None


def cv_accuracy_in(run: Path) -> Callable[[Any], dict[str, float] | None]:
    """Return what tells the cross-validated accuracy of a cell in a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        Of the run; need not exist.

    Returns
    -------
    callable
        From a cell to its accuracy by label budget, without budgets too small for folds; None where
        it has no record of these versions.
    """
    pairs = (read_manifest(run) or {}).get("pairs", {})
    store = RecordStore(run)

    def known(cell: Any) -> dict[str, float] | None:
        record = store.find(cell.key(pairs[cell.pair]["key"])) if cell.pair in pairs else None
        if record is None:
            return None
        metrics = main_metrics(record)
        scores = {budget: said.get("cv_accuracy") for budget, said in metrics.items()}
        return {budget: score for budget, score in scores.items() if score is not None}

    return known
