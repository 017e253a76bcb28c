"""The command line as people type it."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from light_run import LIGHT_RUN

from d2vbench.cli.main import main
from d2vbench.corpora import Cards, load_cards

COMMAND = [sys.executable, "-m", "d2vbench"]
SMALL = [
    "run", "strategies", "--pair", "synthetic", "--model", "dbow", "--epochs", "1", "--seeds", "1",
]  # fmt: skip


def d2vbench(
    *arguments: str, cwd: Path, hashseed: str = "0", command: list[str] = COMMAND
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": hashseed},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "strategis"], "unknown study 'strategis': did you mean 'strategies'? (valid: "),
        (["run", "all", "--pair", "synthetc"], "unknown pair 'synthetc': did you mean 'synthetic'"),
        (["run", "all", "--strategy", "combind"], "unknown strategy 'combind': did you mean 'comb"),
        (["run", "all", "--schedule", "lineer"], "unknown schedule 'lineer': did you mean 'lin"),
        (
            ["run", "all", "--model", "dbow", "--strategy", "frozen(4)"],
            "strategy frozen(4) cannot be told from generic-only in model dbow",
        ),
        (["run", "all", "--model", "dbo"], "unknown model 'dbo': did you mean 'dbow'? (valid: "),
        (["run", "all", "--profile", "ful"], "unknown profile 'ful': did you mean 'full'? (valid"),
        (["run", "all", "--engine", "gensin"], "unknown engine 'gensin': did you mean 'gensim'?"),
        (["run", "all", "--jobs", "0"], "--jobs must be 1 or more, got 0"),
        (["run", "all", "--seeds", "-1"], "seeds must be 1 or more, got -1"),
        (["run", "all", "--epochs", "0"], "epochs must be 1 or more, got 0"),
        (
            ["run", "all", "--alpha", "0.0001"],
            "alpha must be greater than min_alpha 0.0001",
        ),
        (
            ["run", "all", "--min-alpha", "0"],
            "min_alpha must be greater than 0",
        ),
    ],
)
def test_wrong_usage_is_status_2_in_one_line(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"d2vbench: error: {message}")
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_argparse_errors_are_status_2_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", "all", "--jobs", "many"])
    assert caught.value.code == 2
    assert "argument --jobs: invalid int value: 'many'" in capsys.readouterr().err


def test_an_out_that_cannot_be_written_is_said_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert main([*SMALL, "--out", str(file / "x")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"d2vbench: error: --out {file / 'x'} cannot be written: Not a")


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for name in (
        "docstrings-scipy", "synthetic", "sequential(k)", "oversampled(k)", "replay(k, p)",
        "selected(q)", "ensemble(k)", "follow-up(a)", "restart", "rewarmed", "expanded-repaired",
        "strategies", "all", "dm-mean", "quick",
    ):  # fmt: skip
        assert name in out


def test_brackets_on_a_card_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = load_cards()
    card = dataclasses.replace(shipped.corpus("synthetic"), description="[red]No[/] [/bold] tag.")
    changed = Cards({**shipped.corpora, card.name: card}, shipped.pairs)
    monkeypatch.setattr("d2vbench.corpora.load_cards", lambda: changed)
    assert main(["list"]) == 0
    assert "[red]No[/] [/bold] tag." in capsys.readouterr().out


def test_help_is_light() -> None:
    code = (
        "import sys\n"
        "from d2vbench.cli.main import build_parser\n"
        "build_parser().format_help()\n"
        "names = {'gensim', 'numpy', 'pandas', 'matplotlib', 'sklearn', 'rich'}\n"
        "heavy = names & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def in_seconds(a: str, b: str) -> bool:
    """Return whether two rows of a table differ in whole numbers of seconds alone."""
    cells = zip(a.split("|"), b.split("|"), strict=True)
    return all(x == y or (x.strip().isdigit() and y.strip().isdigit()) for x, y in cells)


def test_a_run_from_end_to_end_twice_and_elsewhere(
    tmp_path: Path, tiny_cards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promise of the README, in small: the same table, whatever the way of running."""
    monkeypatch.setenv("D2VBENCH_CARDS", str(tiny_cards))
    arguments = [word.replace("synthetic", "tiny") for word in [*SMALL, "--strategy", "combined"]]
    first = d2vbench(*arguments, "--jobs", "1", "--out", "a", cwd=tmp_path, hashseed="1")
    assert first.returncode == 0, first.stderr
    computed = re.search(r"computed (\d+) cells", first.stdout)
    assert computed is not None
    assert re.search(r"all labels: combined has \d+\.\d %; nothing was compared\.", first.stdout)
    assert first.stdout.rstrip().endswith("Report: a/report.html")
    # Of its figures, one format is enough to compare.
    other = d2vbench(
        *arguments, "--jobs", "2", "--out", "b", cwd=tmp_path, hashseed="2", command=LIGHT_RUN
    )
    assert other.returncode == 0, other.stderr
    tables = [pd.read_csv(tmp_path / x / "cells.csv", dtype=str) for x in "ab"]
    timed = [c for c in tables[0] if c.startswith("seconds_")]
    assert len(timed) == 5
    texts = [table.drop(columns=timed).to_csv() for table in tables]
    assert texts[0] == texts[1]
    made = [sorted(p.relative_to(tmp_path / x).as_posix()
                   for folder in ("tables", "figures") for p in (tmp_path / x / folder).iterdir())
            for x in "ab"]  # fmt: skip
    assert made[0] == made[1]
    for name in made[0]:
        # Tables of strategies have seconds, which differ.
        if name.endswith((".png", ".pdf")) or name.startswith("tables/strategies-"):
            continue
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    reports = [(tmp_path / x / "report.md").read_text("utf-8").splitlines() for x in "ab"]
    differ = [pair for pair in zip(*reports, strict=True) if pair[0] != pair[1]]
    assert all(a.startswith("- Time, summed over cells: ") or in_seconds(a, b) for a, b in differ)
    again = d2vbench(*arguments, "--out", "a", cwd=tmp_path)
    assert again.returncode == 0
    assert f"all {computed[1]} cells are there already: nothing to compute" in again.stdout


@pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_keeps_finished_cells_and_says_how_to_go_on(tmp_path: Path, jobs: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "d2vbench", *SMALL, "--jobs", jobs, "--out", "x"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    records = tmp_path / "x" / "records"
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline and process.poll() is None:
        if records.is_dir() and list(records.glob("*.json")):
            break
        time.sleep(0.05)
    # A terminal sends the signal to the whole group.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert (
        "Interrupted. Finished cells are kept in x; the same command continues from there." in out
    )
    assert "Traceback" not in out + err
    finished = list(records.glob("*.json"))
    assert finished
    assert not list(records.glob(".*"))


def test_a_broken_pipe_is_no_traceback(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m d2vbench list | head -1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, cwd=tmp_path)
    assert "Traceback" not in done.stderr


def test_sigterm_ends_any_verb_as_ctrl_c_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that what a verb was writing is removed, and no half of it stays."""

    def end(options: object) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        return 0

    monkeypatch.setattr("d2vbench.cli.verbs.data.list_verb.run", end)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "\nd2vbench: interrupted\n"
    assert signal.getsignal(signal.SIGTERM) == before
