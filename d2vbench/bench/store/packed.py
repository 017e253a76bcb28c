"""Compact archive of a run: every record, and which test documents were classified correctly.

A published run of thousands of cells must stay small, and still be read, cited, verified and
continued. Its records are one compressed file, a JSON text a line. Of the main classifier's
predictions one bit per test document is kept: intervals and verdicts need no more. The sha256 of
all predictions is in the record, so that a recomputed cell can be compared with them.
"""

from __future__ import annotations

import io
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.identity import SCHEMA, chosen_metrics, genuine, main_metrics
from d2vbench.bench.spec.shape import well_formed
from d2vbench.bench.store.manifest import older_run
from d2vbench.corpora.pairs.labels import met
from d2vbench.corpora.store.streams import open_stream
from d2vbench.damaged import DAMAGED_ARCHIVE, refuse_bomb
from d2vbench.errors import UserError
from d2vbench.files import write_atomic
from d2vbench.keys import canonical_json
from d2vbench.mapped import write_arrays

RECORDS = "records.jsonl.gz"
CORRECT = "correct.npz"
# Of the generic corpus' own task: predictions by name, with the name of their truth.
_GENERIC = {"generic": "generic_truth", "generic_before": "generic_truth"}
# And where in a record its metrics are.
_TASKS = {"generic": "after", "generic_before": "before"}

_AGAIN = "get it again from where it was published"

Correct = dict[str, npt.NDArray[np.bool_]]


def correct_of(record: Mapping[str, Any], predictions: Mapping[str, npt.NDArray[Any]]) -> Correct:
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
        By label budget, right where any of its labels is met; as ``10.chosen`` with the inference
        chosen for that budget; and under ``generic`` and ``generic_before`` for the generic corpus'
        own task after training and before the follow-up. An expansion that crashed predicted
        nothing.
    """
    names = [budget for budget in record["cell"]["budgets"] if budget in record["metrics"]]
    truth = np.stack([predictions[n] for n in predictions if n.split("_")[0] == "truth"], axis=1)
    found = {name: met(predictions[name], truth) for name in (*names, *chosen_metrics(record))}
    for name, own in _GENERIC.items():
        if name in predictions:
            found[name] = predictions[name] == predictions[own]
    return found


def truth_of(rows: npt.NDArray[np.int32]) -> dict[str, npt.NDArray[np.int32]]:
    """Return the classes of test documents, as `Pair.test_rows`, as predictions keep them.

    ``truth`` is the first class of each, and where there are more, ``truth_1``, ``truth_2``, ...
    the others; -1 is none.
    """
    return {f"truth_{i}" if i else "truth": column for i, column in enumerate(rows.T)}


def packed_files(run: Path) -> tuple[Path, Path]:
    """Return the paths of a run's packed records and of their correctness bits."""
    return run / RECORDS, run / CORRECT


class Texts(Mapping[str, dict[str, Any]]):
    """Records by key, kept as JSON texts: a tenth of the memory of their values.

    Parameters
    ----------
    texts : dict of str to bytes
        By key; each is parsed whenever it is asked for.
    """

    def __init__(self, texts: dict[str, bytes]) -> None:
        self._texts = texts

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return a record, an object of its own each time."""
        record: dict[str, Any] = json.loads(self._texts[key])
        return record

    def __contains__(self, key: object) -> bool:
        """Return whether there is a record, without parsing it."""
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        """Return the keys in the order of the file."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._texts)


@dataclass(frozen=True)
class Packed:
    """Packed records.

    Attributes
    ----------
    records : mapping of str to dict
        By key.
    correct : dict of str to dict of str to (n_test,) bool
        By key; see `correct_of`.
    """

    records: Mapping[str, dict[str, Any]]
    correct: dict[str, Correct]


def read_packed(run: Path) -> Packed:
    """Read the packed records of a run's folder.

    Parameters
    ----------
    run : pathlib.Path
        The folder.

    Returns
    -------
    Packed
        Empty where nothing was packed.

    Raises
    ------
    UserError
        If one of the two files is missing or damaged, a record was changed, its correctness bits
        disagree with its metrics, or another version wrote it.
    """
    path = run / RECORDS
    if not path.exists() and not (run / CORRECT).exists():
        return Packed({}, {})
    texts: dict[str, bytes] = {}
    expected: dict[str, dict[str, float]] = {}
    try:
        path.stat()  # In the system's words where it is missing.
        with open_stream(path) as stream:
            for number, line in enumerate(stream):
                record = json.loads(line.decode("ascii"))
                _check(run, f"{path}, line {number + 1}", record)
                texts[record["key"]] = line
                expected[record["key"]] = _accuracies(record)
        if not texts:
            raise ValueError("no record in it")
    except (OSError, EOFError, ValueError, zlib.error, RecursionError, LZMAError) as error:
        raise UserError(f"{path} cannot be read ({error}); {_AGAIN}") from None
    correct = _read_correct(run / CORRECT, list(texts))
    for key, accuracies in expected.items():
        if what := _disagreement(accuracies, correct[key]):
            raise UserError(
                f"{run / CORRECT} does not go with {path}: of record {key} {what}; {_AGAIN}"
            )
    return Packed(Texts(texts), correct)


def _check(run: Path, place: str, record: Any) -> None:
    """Refuse what is no record of this version, or not as it was written."""
    schema = record.get("schema") if isinstance(record, dict) else None
    if isinstance(schema, int) and schema < SCHEMA:
        raise older_run(run)
    if isinstance(schema, int) and schema > SCHEMA:
        raise UserError(
            f"{place}: the record has schema {schema}, this d2vbench reads "
            f"{SCHEMA}: read it with the version that wrote it"
        )
    if not genuine(record):
        raise UserError(
            f"{place}: the record does not match its checksum: it was changed or damaged; {_AGAIN}"
        )
    if not well_formed(record):
        raise UserError(
            f"{place}: the record fits its checksum, but has not the parts "
            f"of a record: no d2vbench wrote it; {_AGAIN}"
        )


def write_packed(out: Path, records: Iterable[tuple[dict[str, Any], Correct]]) -> int:
    """Write a compact archive of records.

    Parameters
    ----------
    out : pathlib.Path
        An existing folder, for ``records.jsonl.gz`` and ``correct.npz``.
    records : iterable of (dict, dict of str to (n_test,) bool)
        Each with `correct_of` it. The same records in the same order give the same bytes.

    Returns
    -------
    int
        How many there were; of none, no file is written.
    """
    bits, places = [], []
    rest = iter(records)
    first = next(rest, None)
    if first is None:
        return 0
    count: int

    def write(file: BinaryIO) -> None:
        """Compress a record at a time: all of a large run would take much memory."""
        nonlocal count
        # The window and header of gzip, and no time in it.
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for count, (record, correct) in enumerate(itertools.chain((first,), rest), 1):
            file.write(packer.compress(f"{canonical_json(record)}\n".encode("ascii")))
            for name, right in correct.items():
                places.append((count - 1, name, len(right)))
                bits.append(np.packbits(right))
        file.write(packer.flush())

    write_atomic(out / RECORDS, write)
    names = sorted({name for _, name, _ in places})
    arrays: dict[str, Any] = {
        "bits": np.concatenate([*bits, np.empty(0, np.uint8)]),
        "names": np.asarray(names, dtype=np.str_),
        "record": np.asarray([number for number, _, _ in places], np.int32),
        "name": np.asarray([names.index(name) for _, name, _ in places], np.int16),
        "documents": np.asarray([n for _, _, n in places], np.int32),
    }
    whole = io.BytesIO()
    write_arrays(whole, arrays, compress=True)
    write_atomic(out / CORRECT, lambda file: file.write(whole.getvalue()))
    return count


def _read_correct(path: Path, keys: list[str]) -> dict[str, Correct]:
    try:
        with path.open("rb") as raw:
            refuse_bomb(raw)
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            names = [str(name) for name in file["names"]]
            if not all(0 <= number < len(keys) for number in file["record"].tolist()):
                raise ValueError(f"expected numbers of {len(keys)} records")
            bits, documents = file["bits"], file["documents"].tolist()
            ends = np.cumsum([-(-n // 8) for n in documents])
            if len(bits) != (ends[-1] if len(ends) else 0):
                raise ValueError(
                    f"{len(bits)} bytes of bits, expected {ends[-1] if len(ends) else 0}"
                )
            found: dict[str, Correct] = {key: {} for key in keys}
            places = zip(file["record"], file["name"], documents, ends, strict=True)
            for record, name, n, end in places:
                part = bits[end - -(-n // 8) : end]
                found[keys[record]][names[name]] = np.unpackbits(part, count=n).astype(np.bool_)
            return found
    except DAMAGED_ARCHIVE as error:
        raise UserError(f"{path} cannot be read ({error}); {_AGAIN}") from None


def _accuracies(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the accuracy that a record says for each of its `correct_of`."""
    scores = {
        budget: main_metrics(record)[budget]
        for budget in record["cell"]["budgets"]
        if budget in record["metrics"]
    }
    scores |= chosen_metrics(record)
    if generic := record.get("generic"):
        scores |= {name: generic[key] for name, key in _TASKS.items() if key in generic}
    return {name: score["accuracy"] for name, score in scores.items()}


def _disagreement(accuracies: Mapping[str, float], correct: Correct) -> str:
    """Say why correctness bits and accuracies of a record disagree; empty if they agree.

    The bits have no checksum of their own: but how many are set is the accuracy in the record,
    which has one.
    """
    if accuracies.keys() != correct.keys():
        return f"it has {', '.join(correct) or 'nothing'}, expected {', '.join(accuracies)}"
    for name, accuracy in accuracies.items():
        right = correct[name]
        if not len(right) or abs(right.mean() - accuracy) > 1e-9:
            share = f"{right.mean():.6f}" if len(right) else "nothing"
            return f"{share} of {name} is right, expected {accuracy:.6f}"
    return ""
