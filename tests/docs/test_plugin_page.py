"""The package that docs/howto/strategy.md shows is installed, and its commands are run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from docs_support import shell_commands
from light_run import LIGHT_RUN

pytestmark = pytest.mark.processes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "strategy.md"
_FILE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("plugin")
    for path, text in _FILE.findall(PAGE.read_text(encoding="utf-8")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
            "--no-build-isolation", "--disable-pip-version-check", "--root-user-action", "ignore",
            "--target", str(root / "site"), str(root / "alternating"),
        ],
        check=True,
    )  # fmt: skip
    paths = [str(root / "site"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "COLUMNS": "200"}


def commands() -> dict[str, list[str]]:
    split = [words[1:] for words in shell_commands(PAGE)]
    return {" ".join(words[:3]): words for words in split}


def d2vbench(arguments: list[str], cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        [*LIGHT_RUN, *arguments], cwd=cwd, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_example_is_listed_explained_and_run(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told = commands()
    assert list(told) == [
        "list", "explain alternating(4) --pair", "run turns", "run strategies --profile",
        "run turns --family",
    ]  # fmt: skip
    small = ["--seeds", "1", "--epochs", "2"]

    lines = d2vbench(told["list"], tmp_path, environment).splitlines()
    theirs = [line.split(maxsplit=1) for line in lines if "(from " in line]
    mine = {name: text.strip() for name, text in theirs}
    assert mine == {
        "turns": "How often should the corpora take turns? (from d2vbench-alternating 1.0)",
        "synthetic-small": "500 generic and 400 domain documents of the synthetic corpus: to try "
        "things on. (from d2vbench-alternating 1.0)",
        "alternating(k)": "An epoch of G, then k of D, and so on: between sequential and "
        "concatenated. (from d2vbench-alternating 1.0)",
        "hashed": "Hashed words (from d2vbench-alternating 1.0)",
    }

    text = d2vbench(told["explain alternating(4) --pair"], tmp_path, environment)
    assert "Times presented: every document of G 10, every document of D 40." in text

    text = d2vbench(
        [*told["run turns"], *small, "--jobs", "2", "--out", "turns"], tmp_path, environment
    )
    assert "computed 4 cells" in text
    cells = pd.read_csv(tmp_path / "turns" / "cells.csv", dtype=str)
    assert cells["strategy"].tolist() == ["combined", "concatenated", "sequential", "alternating"]
    assert set(cells["words_trained"][1:]) == {cells["words_trained"][1]}
    report = (tmp_path / "turns" / "report.md").read_text(encoding="utf-8")
    assert "alternating(4), linear" in report
    assert "d2vbench-alternating 1.0" in report

    arguments = [*told["run strategies --profile"], *small, "--jobs", "1", "--out", "strategies"]
    assert "computed" in d2vbench(arguments, tmp_path, environment)
    manifest = json.loads((tmp_path / "strategies" / "manifest.json").read_text())
    assert list(manifest["pairs"]) == ["synthetic-small"]

    text = d2vbench(
        [*told["run turns --family"], *small, "--jobs", "1", "--out", "hashed"],
        tmp_path, environment,
    )  # fmt: skip
    assert "computed 4 cells" in text
    cells = pd.read_csv(tmp_path / "hashed" / "cells.csv")
    assert set(cells["model"]) == {"hashed"}
    assert set(cells["vector_size"]) == {50}
    # One class in eight.
    assert cells["accuracy_all"].min() > 0.4
    # Plans differ in what they present, and so do vectors.
    assert cells["accuracy_all"].nunique() > 1
