"""Any bytes in a run's files: they count as what they are, or as none. Never a traceback."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from fuzz_support import assert_clear, examples
from hypothesis import given
from hypothesis import strategies as st

from d2vbench.analysis import load_run
from d2vbench.bench.execution.failures import FailureStore
from d2vbench.bench.execution.status import run_status
from d2vbench.bench.store.manifest import read_manifest, well_formed
from d2vbench.bench.store.packed import read_packed
from d2vbench.bench.store.records import RecordStore, State
from d2vbench.errors import UserError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["../../x", "a/b", "..", "0a", 10**30]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["schema", "cells", "study", "studies", "pairs", "key", "name", "cell"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
any_json = json_values.map(lambda value: json.dumps(value).encode())
hostile = st.sampled_from(
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 5000,
        b"9" * 5000,
        b'{"schema": Infinity}',
        b'{"schema": NaN}',
        b'{"schema": 1e400}',
        b'{"schema": true}',
        b"\xff\xfe",
        b"\0",
        b'"\\ud800"',
    ]
)
contents = any_json | hostile | st.binary(max_size=20)
RIGHT: dict[str, Any] = {
    "schema": 1,
    "study": "all",
    "cells": ["0a"],
    "engines": ["native"],
    "environment": {},
    "studies": [{"name": "all", "question": "", "cells": ["0a"]}],
    "pairs": {"p": {"key": "k", "classes": ["a"], "sources": {"c": {"content_sha256": "0"}}}},
    "words": {"alone": 1, "tree": 1},
}
nested = b'{"schema":3,"key":"k","pair_key":"x","versions":{},"cell":%s}'


@examples(60)
@given(content=contents)
def test_fuzz_a_manifest(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = tmp_path_factory.getbasetemp() / "fuzz-manifest"
    run.mkdir(exist_ok=True)
    (run / "manifest.json").write_bytes(content)
    for read in (read_manifest, load_run, run_status):
        try:
            read(run)
        except UserError as error:
            assert_clear(error)


@examples(60)
@given(part=st.sampled_from(sorted(RIGHT)), value=json_values)
def test_fuzz_a_part_of_a_manifest(
    part: str, value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = tmp_path_factory.getbasetemp() / "fuzz-part"
    run.mkdir(exist_ok=True)
    (run / "manifest.json").write_text(json.dumps({**RIGHT, part: value}))
    for read in (load_run, run_status):
        try:
            read(run)
        except UserError as error:
            assert_clear(error)


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "", "/etc/passwd", "a\0b", "ü", "x" * 200])
def test_a_cell_that_would_lead_out_of_the_folder_is_no_name(name: str) -> None:
    assert well_formed(RIGHT)
    assert not well_formed({**RIGHT, "cells": [name]})
    assert not well_formed({**RIGHT, "studies": [{"name": "all", "cells": [name]}]})
    assert not well_formed({**RIGHT, "studies": [{"name": "all", "cells": ["0b"]}]})


@examples(60)
@given(content=contents)
def test_fuzz_a_record_and_a_failure(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = tmp_path_factory.getbasetemp() / "fuzz-record"
    for folder in ("records", "failed"):
        (run / folder).mkdir(parents=True, exist_ok=True)
        (run / folder / "k.json").write_bytes(content)
    store = RecordStore(run)
    assert store.examine(["k"])["k"] not in (State.GOOD, State.MISSING)
    assert_clear(UserError(store.problem("k")))
    FailureStore(run).read(["k"])


@pytest.mark.parametrize("depth", [900, 980, 990, 3000])
def test_a_record_nested_beyond_what_can_be_read_is_damaged(tmp_path: Path, depth: int) -> None:
    (tmp_path / "records").mkdir()
    content = nested % (b"[" * depth + b"]" * depth)
    (tmp_path / "records/k.json").write_bytes(content)
    assert RecordStore(tmp_path).examine(["k"])["k"] in (State.DAMAGED, State.EDITED)
    (tmp_path / "records.jsonl.gz").write_bytes(gzip.compress(content))
    with pytest.raises(UserError, match="get it again from where it was published"):
        read_packed(tmp_path)


@examples(60)
@given(content=contents, right=st.binary(max_size=30), packed=st.booleans())
def test_fuzz_packed_records(
    content: bytes, right: bytes, packed: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = tmp_path_factory.getbasetemp() / "fuzz-packed"
    run.mkdir(exist_ok=True)
    (run / "records.jsonl.gz").write_bytes(gzip.compress(content) if packed else content)
    (run / "correct.npz").write_bytes(right)
    with pytest.raises(UserError) as caught:
        read_packed(run)
    assert_clear(caught.value)
