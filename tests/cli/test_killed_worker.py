"""A worker that the system kills costs the run no traceback and no finished record."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from d2vbench.bench import runner
from d2vbench.cli.main import main


def test_a_killed_worker_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise BrokenProcessPool("terminated")

    monkeypatch.setattr(runner, "run_cells", broken)
    assert main(["run", "strategies", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "d2vbench: error: a worker process was killed, perhaps for want of memory. Finished cells "
        f"are kept in {tmp_path}; the same command with fewer --jobs goes on from there.\n"
    )
