"""Records that fit their checksum and are none: made by a stranger, or by nobody knows what."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from d2vbench.bench.execution.runner import RunResult
from d2vbench.bench.spec.identity import checksum, key_of, sealed
from d2vbench.bench.spec.shape import well_formed
from d2vbench.bench.store.manifest import MANIFEST, read_manifest
from d2vbench.bench.store.packed import write_packed
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.cli.main import main
from d2vbench.errors import UserError

WILD: list[Any] = [
    None, True, -1, 10**30, 1e308, "", "\x00", [], {}, [[]], {"a": 1}, "../../etc", "<script>",
]  # fmt: skip
# What a record says of itself, and what reads it shows as it is.
FREE = {"key", "sha256", "schema", "predictions_sha256", "sources"}


def places(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every part of a record."""
    if path:
        yield path
    if isinstance(values, dict):
        for name in values:
            yield from places(values[name], (*path, name))
    elif isinstance(values, list):
        for i in range(len(values)):
            yield from places(values[i], (*path, i))


def spoilt(record: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a record with another part, named and sealed anew."""
    made: Any = copy.deepcopy(record)
    part = made
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    made["key"] = key_of(made)
    return {**made, "sha256": checksum(made)}


def lay(run: Path, old: str, record: dict[str, Any]) -> None:
    """Put a record in the place of another, in the manifest too."""
    store, new = RecordStore(run), record["key"]
    store.predictions_path(old).rename(store.predictions_path(new))
    store.path(old).unlink()
    store.path(new).write_text(json.dumps(record))
    manifest = json.loads(json.dumps(read_manifest(run)).replace(old, new))
    (run / MANIFEST).write_text(json.dumps(sealed(manifest)))


def test_every_record_of_a_run_is_well_formed(finished_run: RunResult) -> None:
    store = RecordStore(finished_run.out)
    assert all(well_formed(store.read(key)) for key in finished_run.keys)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("metrics", "5", "logistic"), True),
        (("metrics", "5"), {}),
        (("metrics", "5", "logistic", "accuracy"), "0.5"),
        (("metrics", "5", "logistic", "accuracy"), 1.5),
        (("metrics", "5", "logistic", "c"), []),
        (("metrics", "whole"), {"logistic": {"accuracy": 0.5, "macro_f1": 0.5}}),
        (("metrics", "5"), {"nearest": {"accuracy": 0.5, "macro_f1": 0.5}}),
        (("cell", "budgets", 0), {}),
        (("cell", "budgets"), []),
        (("cell", "strategy"), [[]]),
        (("cell", "settings", "sample"), "<script>"),
        (("cell", "inference", "min_alpha"), "x"),
        (("cell", "seed"), True),
        (("environment",), ""),
        (("environment", "packages"), "\x00"),
        (("environment", "packages", "numpy"), {}),
        (("versions", "seeds"), 0),
        (("versions", "seeds"), None),
        (("versions",), []),
        (("counts", "classes"), 10**30),
        (("seconds", "train"), None),
        (("generic",), {"after": {"accuracy": 0.5}}),
        (("inference",), {"points": [], "chosen": {"5": 0}}),
    ],
)  # fmt: skip
def test_what_is_no_record_counts_as_damaged(
    finished_run: RunResult, tmp_path: Path, place: tuple[Any, ...], value: Any
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished_run.out, run)
    old = finished_run.keys[1]
    made = spoilt(RecordStore(run).read(old), place, value)
    lay(run, old, made)
    store = RecordStore(run)
    assert store.examine([made["key"]]) == {made["key"]: State.DAMAGED}
    with pytest.raises(UserError, match="is damaged; run the study again"):
        store.read(made["key"])
    packed = tmp_path / "packed"
    packed.mkdir()
    write_packed(packed, [(made, {})])
    with pytest.raises(UserError, match="line 1: the record fits its checksum, but has not the"):
        _ = RecordStore(packed).packed


def test_fuzz_any_part_of_a_record_that_is_sealed_anew(
    finished_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it holds, the verbs that read it end with a status, not with a traceback."""
    rng = random.Random(5)
    told = 0
    for number in range(24):
        run = tmp_path / f"run-{number}"
        shutil.copytree(finished_run.out, run)
        old = rng.choice(finished_run.keys)
        record = RecordStore(run).read(old)
        ways = [way for way in places(record) if way[0] not in FREE]
        lay(run, old, spoilt(record, rng.choice(ways), rng.choice(WILD)))
        for command in (
            ["status", str(run)],
            ["compare", str(run), str(finished_run.out)],
            ["pack", str(run), "--out", str(tmp_path / f"packed-{number}")],
            ["recommend", str(run)],
        ):
            told += main(command) in (0, 1, 2)
    assert told == 24 * 4
    assert "Traceback" not in capsys.readouterr().err


def test_a_family_of_a_third_party_may_say_anything_of_itself(finished_run: RunResult) -> None:
    record = RecordStore(finished_run.out).read(finished_run.keys[1])
    for place, value in (
        (("cell", "settings", "layers"), [1, {"wide": 2}]),
        (("versions", "family shop"), "0123abcd"),
        (("plans", 0, "more"), "x"),
        (("environment", "more"), None),
    ):
        assert well_formed(spoilt(record, place, value)), place
