"""Help with examples, completion in the shell, and what a report of a fault should say."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import d2vbench
from d2vbench.api import doctor
from d2vbench.cli.main import VERBS, build_parser, main
from d2vbench.families.doc2vec.native import kernel


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_ends_with_an_example_that_can_be_typed(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"Example: d2vbench {verb}")
    # Wrapped it could not be pasted.
    assert build_parser().parse_args(shlex.split(last)[2:]).verb == verb


def completions(line: str, folder: Path) -> list[str]:
    """Return what argcomplete offers for the end of a line, as a shell asks for it."""
    out = folder / "completions"
    asked = {
        "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "d2vbench"], env={**os.environ, **asked}, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [word.strip() for word in out.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("d2vbench re", {"report", "recommend"}),
        ("d2vbench run --prof", {"--profile"}),
        ("d2vbench run ", {"all", "strategies", "counts"}),
        ("d2vbench run all --pair synth", {"synthetic", "synthetic-50"}),
        ("d2vbench describe cros", {"crossed"}),
        ("d2vbench run all --strategy over", {"oversampled(4)"}),
        ("d2vbench explain combined --schedule f", {"follow-up(0.005)"}),
        ("d2vbench run all --model dm", {"dm-mean", "dm-concat"}),
        ("d2vbench run all --engine ", {"auto", "native", "gensim"}),
        ("d2vbench run all --classifier k", {"knn"}),
        ("d2vbench fetch im", {"imdb"}),
    ],
)
def test_names_complete(line: str, among: set[str], tmp_path: Path) -> None:
    found = {word.replace("\\", "") for word in completions(line, tmp_path)}
    assert among <= found
    # What was typed is its beginning.
    typed = line.rpartition(" ")[2]
    assert all(word.startswith(typed) for word in found)


def test_what_the_doctor_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert main(["doctor", "--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    assert found["environment"]["d2vbench"] == d2vbench.__version__
    assert found["environment"]["packages"]["numpy"] == np.__version__
    assert found["native"]["variant"] in found["native"]["variants"]
    assert found["engine"] == {"chosen": "native", "note": ""}
    assert set(found["extras"]) >= {"dask", "ray", "parquet", "huggingface"}
    assert found["cache"] == {
        "folder": "~/cache", "size": 0, "free": found["cache"]["free"], "writable": True
    }  # fmt: skip
    assert found["cache"]["free"] > 0 and found["memory"]["available"] > 0
    assert any(one["kind"] == "blas" for one in found["blas"])
    assert found["variables"]["OMP_NUM_THREADS"] == "1"
    assert found["variables"]["D2VBENCH_DATA"] == "~/cache"
    # It is made to be posted.
    assert str(tmp_path) not in out

    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"d2vbench  {d2vbench.__version__}")
    assert any(line.startswith(f"kernel    {found['native']['variant']} ") for line in lines)
    assert any(line.startswith("cache     ~/cache: 0 bytes") for line in lines)


def test_the_doctor_finds_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def version(distribution: str) -> str | None:
        return None if distribution == "ray" else "1"

    monkeypatch.setattr(doctor, "_version", version)
    monkeypatch.setattr(kernel, "available", lambda: False)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "extra     ray: ray missing" in said
    assert "kernel    missing" in said
    assert "engine    gensim - " in said


def test_a_variable_that_names_no_engine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("D2VBENCH_ENGINE", "steam")
    assert main(["doctor"]) == 0
    assert "steam" in capsys.readouterr().out
