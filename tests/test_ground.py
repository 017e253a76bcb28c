"""errors, keys, files."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from d2vbench.errors import UsageError, UserError, unknown_name
from d2vbench.files import make_writable_folder, write_atomic, write_json, write_text
from d2vbench.keys import canonical_json, derive_seed, digest, digest_files


def test_unknown_name_names_the_nearest() -> None:
    error = unknown_name("study", "strategis", ["strategies", "all"])
    assert isinstance(error, UsageError)
    assert str(error) == (
        "unknown study 'strategis': did you mean 'strategies'? (valid: all, strategies)"
    )
    assert str(unknown_name("study", "zzz", ["all"])) == "unknown study 'zzz': (valid: all)"


def test_canonical_json_does_not_depend_on_order() -> None:
    assert canonical_json({"b": [1.5, True], "a": "ü"}) == '{"a":"\\u00fc","b":[1.5,true]}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_canonical_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        canonical_json(float("nan"))


def test_seeds_differ_by_purpose_and_ignore_global_state() -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    first = [derive_seed(3, "pair", i) for i in range(1000)]
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert first == [derive_seed(3, "pair", i) for i in range(1000)]
    assert len(set(first)) == 1000
    assert all(0 <= seed < 2**32 for seed in first)


def test_digest_files_sees_content_and_name_but_not_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder in "ab":
        (tmp_path / folder / "x.py").write_text("1")
    assert digest_files([tmp_path / "a/x.py"]) == digest_files([tmp_path / "b/x.py"])
    (tmp_path / "b/x.py").write_text("2")
    assert digest_files([tmp_path / "a/x.py"]) != digest_files([tmp_path / "b/x.py"])


def test_a_failed_write_leaves_the_old_content_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_text(path, "old")

    def fail(file) -> None:  # type: ignore[no-untyped-def]
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, fail)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_write_json_refuses_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(UserError) as caught:
        make_writable_folder(path, "--out")
    assert str(caught.value) == (
        f"--out {path} cannot be written: File exists. "
        "Nothing was trained. Give a folder that you may write to."
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="Permission denied"):
        make_writable_folder(tmp_path / "x", "--out")
