"""No verb but ``fetch`` reaches for the network, nor does any process that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from light_run import LIGHT_RUN
from models_support import texts

REFUSING = Path(__file__).parent / "no_network"
SMALL = ["--vector-size", "4", "--epochs", "1", "--min-count", "2", "--infer-epochs", "1"]
OWN = ["--generic", "wiki.txt", "--domain", "mine.csv"]


@pytest.mark.processes
def test_no_verb_but_fetch(tmp_path: Path, cache: Path) -> None:
    generic, domain, labels = texts()
    (tmp_path / "wiki.txt").write_text("\n".join(generic) + "\n")
    pd.DataFrame({"text": domain, "label": labels}).to_csv(tmp_path / "mine.csv", index=False)
    log = tmp_path / "network.log"
    environment = {
        **os.environ,
        "D2VBENCH_TEST_NETWORK": str(log),
        "PYTHONPATH": os.pathsep.join([str(REFUSING), os.environ.get("PYTHONPATH", "")]),
    }

    def run(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [*LIGHT_RUN, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stderr

    # Two processes, a report, and the corpus that is read from what is installed.
    run("run", "order", *OWN, "--seeds", "1", "--epochs", "1", "--jobs", "2", "--out", "r")
    # The others in one process, since each would take a second to start.
    script = (
        "import light_run\n"
        "from d2vbench.cli.main import main\n"
        "for line in VERBS:\n"
        "    assert main(line.split()) == 0, line\n"
    )
    verbs = [
        "list", "status r", "recommend r", "cite --run r", "compare r r",
        "pack r --out p", "merge r --out m", "clean",
        f"train --strategy combined {' '.join(OWN)} {' '.join(SMALL)} --output a.model",
        "infer --model a.model mine.csv --output v.npy",
        "convert a.model b.model",
        f"describe {' '.join(OWN)}", f"explain combined {' '.join(OWN)}",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script.replace("VERBS", repr(verbs))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": os.pathsep.join([str(REFUSING), *sys.path])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text()
    # The hook works: fetch is refused, and says so.
    said = run("fetch", "ohsumed", status=1)
    assert "could not be downloaded" in said
    assert log.exists()
