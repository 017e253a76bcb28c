"""SIGKILL at random moments: the short form of ``python tests/kill_and_resume.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kill_and_resume import check

pytestmark = pytest.mark.processes

SMALL = ["--pair", "synthetic", "--seeds", "1", "--epochs", "1"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_a_run_that_is_killed_ends_the_same(
    tmp_path: Path, tiny_cards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D2VBENCH_CARDS", str(tiny_cards))
    options = ["order", "--pair", "tiny", "--seeds", "1", "--epochs", "4"]
    said = check(2, 1, options, tmp_path)
    assert "2 kills" in said
    assert said.startswith("6 cells")


def test_sigterm_is_taken_for_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "d2vbench", "run", "order", *SMALL, "--out", str(tmp_path)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    for line in run.stdout:
        if line.startswith("computing"):
            break
    run.terminate()
    rest = run.stdout.read()
    assert run.wait(30) == 130
    run.stdout.close()
    assert f"Interrupted. Finished cells are kept in {tmp_path}; the same command" in rest
