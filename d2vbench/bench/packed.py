"""A run in little room: every record, and of its predictions which were right.

A published run of thousands of cells is to be read, cited and checked, and not to be gone on with.
So its records stand in one compressed file, a JSON text a line, and of the predictions of the main
classifier one bit a test document is kept: all that intervals and verdicts rest on. The sha256 of
all predictions is in the record, so that a cell that is computed again can be compared to the last
of them.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.records import RecordStore, genuine
from d2vbench.errors import UserError
from d2vbench.files import write_atomic
from d2vbench.keys import canonical_json

RECORDS = "records.jsonl.gz"
CORRECT = "correct.npz"
# Of the generic corpus' own task: predictions by name, with the name of their truth.
_GENERIC = {"generic": "generic_truth", "generic_before": "generic_truth"}

Correct = dict[tuple[str, str], npt.NDArray[np.bool_]]


def correct_of(
    record: Mapping[str, Any], predictions: Mapping[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return which test documents the main classifier was right about.

    Parameters
    ----------
    record : mapping
        From `RecordStore.read`.
    predictions : mapping of str to (n_test,) int32
        From `RecordStore.predictions`.

    Returns
    -------
    dict of str to (n_test,) bool
        By label budget, and under ``generic`` and ``generic_before`` for the generic corpus' own
        task after training and before the follow-up. An expansion that crashed predicted nothing.
    """
    found = {
        budget: predictions[budget] == predictions["truth"]
        for budget in record["cell"]["budgets"]
        if budget in record["metrics"]
    }
    for name, truth in _GENERIC.items():
        if name in predictions:
            found[name] = predictions[name] == predictions[truth]
    return found


def pack(run: Path, keys: Iterable[str], out: Path) -> int:
    """Write the packed form of a run's records.

    Parameters
    ----------
    run : pathlib.Path
        With ``records/``.
    keys : iterable of str
        Of cells, in the order of the manifest; those without a record are left out.
    out : pathlib.Path
        An existing folder, for ``records.jsonl.gz`` and ``correct.npz``. The same records give the
        same bytes.

    Returns
    -------
    int
        How many records were packed.

    Raises
    ------
    UserError
        If a record is damaged.
    """
    store = RecordStore(run)
    keys = list(keys)
    present = store.present(keys)
    lines, bits, places = [], [], []
    for number, key in enumerate(key for key in keys if key in present):
        record = store.read(key)
        lines.append(canonical_json(record) + "\n")
        for name, right in correct_of(record, store.predictions(key)).items():
            places.append((number, name, len(right)))
            bits.append(np.packbits(right))
    text = "".join(lines).encode("ascii")
    write_atomic(out / RECORDS, lambda file: file.write(gzip.compress(text, 9, mtime=0)))
    names = sorted({name for _, name, _ in places})
    arrays: dict[str, Any] = {
        "bits": np.concatenate([*bits, np.empty(0, np.uint8)]),
        "names": np.asarray(names, dtype=np.str_),
        "record": np.asarray([number for number, _, _ in places], np.int32),
        "name": np.asarray([names.index(name) for _, name, _ in places], np.int16),
        "documents": np.asarray([n for _, _, n in places], np.int32),
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    write_atomic(out / CORRECT, lambda file: file.write(packed.getvalue()))
    return len(lines)


def is_packed(run: Path) -> bool:
    """Return whether a run's folder holds packed records and no others."""
    return (run / RECORDS).exists() and not (run / "records").exists()


def read_packed(run: Path) -> tuple[dict[str, dict[str, Any]], Correct]:
    """Read what `pack` has written.

    Parameters
    ----------
    run : pathlib.Path
        The folder.

    Returns
    -------
    records : dict of str to dict
        By key.
    correct : dict of (str, str) to (n_test,) bool
        By key and label budget; see `correct_of`.

    Raises
    ------
    UserError
        If a file is missing or damaged, or a record was changed.
    """
    path = run / RECORDS
    try:
        lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
        records = [json.loads(line) for line in lines]
        if not records:
            raise ValueError("no record in it")
    except (OSError, EOFError, ValueError, zlib.error, RecursionError) as error:
        raise UserError(f"{path} cannot be read ({error}); get the published files again") from None
    for number, record in enumerate(records):
        if not genuine(record):
            raise UserError(
                f"{path}, line {number + 1}: the record does not match its checksum: it was "
                "changed or damaged; get the published files again"
            )
    return {record["key"]: record for record in records}, _read_correct(
        run / CORRECT, [record["key"] for record in records]
    )


def _read_correct(path: Path, keys: list[str]) -> Correct:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            names = [str(name) for name in file["names"]]
            bits, documents = file["bits"], file["documents"].tolist()
            ends = np.cumsum([-(-n // 8) for n in documents])
            if len(bits) != (ends[-1] if len(ends) else 0):
                raise ValueError(
                    f"{len(bits)} bytes of bits, expected {ends[-1] if len(ends) else 0}"
                )
            found = {}
            places = zip(file["record"], file["name"], documents, ends, strict=True)
            for record, name, n, end in places:
                part = bits[end - -(-n // 8) : end]
                found[keys[record], names[name]] = np.unpackbits(part, count=n).astype(np.bool_)
            return found
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read ({error}); get the published files again") from None
