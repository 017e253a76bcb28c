"""What `run`, `status`, `merge` and `clean` say on the command line."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from light_run import save_svg

from d2vbench.api.resources import Resources
from d2vbench.bench.execution import backends
from d2vbench.cli.display import cell_text
from d2vbench.cli.main import main
from d2vbench.cli.verbs.runs.clean_verb import PARTS
from d2vbench.corpora.acquire.cache import KINDS

SMALL = ["order", "--pair", "tiny", "--seeds", "1", "--epochs", "1"]
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_cards: Path) -> None:
    """Processes and pictures are tested elsewhere; default folders are to be empty ones."""
    monkeypatch.setattr("d2vbench.report.document.pictures.save_figure", save_svg)
    monkeypatch.setattr(Resources, "make_backend", lambda _: backends.Inline())
    monkeypatch.setenv("D2VBENCH_CARDS", str(tiny_cards))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, cache: Path, tiny_cards: Path) -> Path:
    """A complete small run."""
    out = tmp_path_factory.mktemp("done") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("D2VBENCH_DATA", str(cache))
        patch.setenv("D2VBENCH_CARDS", str(tiny_cards))
        patch.setattr(Resources, "make_backend", lambda _: backends.Inline())
        patch.setattr("d2vbench.report.document.pictures.save_figure", save_svg)
        assert main(["run", *SMALL, "--out", str(out)]) == 0
    return out


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "run"))


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "run"
    assert main(["run", *SMALL, "--dry-run", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "study order: 6 cells\n6 different cells; 0 have a record, 6 to compute\n" in said
    assert "words to train: " in said
    assert "(by the speed of another machine; records of this one make it better)" in said
    assert "memory: up to " in said
    assert "disk: about " in said
    assert not out.exists()


def test_a_dry_run_knows_what_is_there(copy: Path, capsys: Said) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert main(["run", *SMALL, "--dry-run", "--out", str(copy)]) == 0
    assert "6 different cells; 6 have a record, 0 to compute\n" in capsys.readouterr().out
    assert main(["run", *SMALL, "--dry-run", "--force", "--out", str(copy)]) == 0
    said = capsys.readouterr().out
    assert "6 to compute" in said
    assert f"(as 6 records in {copy} took)" in said
    assert {path: path.read_bytes() for path in before} == before


def test_a_dry_run_counts_failures(copy: Path, capsys: Said) -> None:
    fail_one(copy)
    assert main(["run", *SMALL, "--dry-run", "--out", str(copy)]) == 0
    assert "1 cells failed before and would be tried again\n" in capsys.readouterr().out
    assert main(["run", *SMALL, "--dry-run", "--only-missing", "--out", str(copy)]) == 0
    assert "1 cells failed before and would be left as they are\n" in capsys.readouterr().out


def fail_one(run: Path) -> str:
    """Turn the last cell of a run into one that failed twice."""
    key = json.loads((run / "manifest.json").read_text())["cells"][-1]
    record = run / "records" / f"{key}.json"
    failure = {
        "schema": 1,
        "key": key,
        "cell": json.loads(record.read_text())["cell"],
        "status": "signal",
        "error": "its process was ended by SIGKILL, as the system does\nmore",
        "attempts": 2,
    }
    record.unlink()
    (run / "failed").mkdir()
    (run / "failed" / f"{key}.json").write_text(json.dumps(failure))
    return str(key)


def test_a_complete_run_says_so_and_leaves_the_report(copy: Path, capsys: Said) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.*") if path.is_file()}
    assert main(["run", *SMALL, "--out", str(copy)]) == 0
    said = capsys.readouterr().out
    assert "all 6 cells are there already: nothing to compute\n" in said
    assert f"Report: {copy / 'report.html'} (up to date)\n" in said
    kept = {p: t for p, t in before.items() if p.name != ".lock"}
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_status(copy: Path, capsys: Said) -> None:
    assert main(["status", str(copy)]) == 0
    assert capsys.readouterr().out == f"{copy}: study order, 6 of 6 cells done; complete\n"
    fail_one(copy)
    assert main(["status", str(copy)]) == 1
    assert capsys.readouterr().out == (
        f"{copy}: study order, 5 of 6 cells done, 1 failed; stopped\n"
        "failed 2 times: tiny reverse(1) linear seed 0: signal: its process was ended by "
        "SIGKILL, as the system does\n"
    )
    (copy / "failed").rename(copy / "forgotten")
    record = next((copy / "records").glob("*.json"))
    record.write_text("{")
    assert main(["status", str(copy)]) == 1
    said = capsys.readouterr().out
    assert "1 records are damaged: the next run says which, and computes them again\n" in said


def test_status_of_all_runs(done: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(["status"]) == 0
    assert capsys.readouterr().out == "no run in results/runs\n"
    for name in ("one", "two ü"):
        shutil.copytree(done, tmp_path / "results" / "runs" / name)
    assert main(["status"]) == 0
    assert capsys.readouterr().out == (
        "results/runs/one: study order, 6 of 6 cells done; complete\n"
        "results/runs/two ü: study order, 6 of 6 cells done; complete\n"
    )
    assert main(["status", "results/runs/three"]) == 1
    assert "holds no run" in capsys.readouterr().err


def test_a_name_may_hold_spaces_and_any_script(tmp_path: Path, capsys: Said) -> None:
    name = "mein Lauf – 実験 №1"
    assert main(["run", *SMALL, "--name", name, "--strategy", "combined"]) == 0
    folder = tmp_path / "results" / "runs" / name
    assert (folder / "report.md").exists()
    assert f"Report: {Path('results/runs') / name / 'report.html'}" in capsys.readouterr().out
    out = tmp_path / "a b" / "ünï"
    assert main(["run", *SMALL, "--out", str(out), "--strategy", "combined"]) == 0
    assert (out / "cells.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--name", "../other"],
            r"--name '../other': it must be one folder's name, without / \ or :",
        ),
        (["--name", "a/b"], r"--name 'a/b': it must be one folder's name, without / \ or :"),
        (["--name", "a\\b"], r"--name 'a\\b': it must be one folder's name, without / \ or :"),
        (
            ["--name", ".hidden"],
            "--name '.hidden': it must not begin with a dot, a dash or a space, nor end with a "
            "space",
        ),
        (["--name", " "], "--name ' ': it is empty"),
        (["--name", "a\nb"], r"--name 'a\nb': it holds a character that cannot be printed"),
        (["--name", "x" * 201], f"--name '{'x' * 201}': it is longer than 200 bytes"),
        (["--name", "a", "--out", "b"], "--out and --name both say where: give one of them"),
        (["--jobs", "0"], "--jobs must be 1 or more, got 0"),
        (["--memory", "0"], "--memory must be above 0, got 0"),
        (["--time-limit", "-1"], "--time-limit must be above 0, got -1"),
        (["--time-limit", "nan"], "--time-limit must be above 0, got nan"),
        (["--stop-after", "0"], "--stop-after must be above 0, got 0"),
        (["--checkpoint-limit", "-1"], "--checkpoint-limit must be 0 or more, got -1"),
        (
            ["--backend", "dusk"],
            "unknown backend 'dusk': did you mean 'dask'? (valid: dask, local, ray)",
        ),
        (
            ["--backend", "dask"],
            "--backend dask needs the scheduler's address, as in --address tcp://HOST:PORT",
        ),
        (["--address", "tcp://h:1"], "--address is for --backend dask or ray"),
        (
            ["--backend", "ray", "--memory", "1"],
            "--memory is for --backend local: a cluster has limits of its own",
        ),
    ],
)
def test_options_that_make_no_sense(
    options: list[str], message: str, tmp_path: Path, capsys: Said
) -> None:
    assert main(["run", *SMALL, *options]) == 2
    assert capsys.readouterr().err == f"d2vbench: error: {message}\n"
    assert list(tmp_path.iterdir()) == []


def test_merge(copy: Path, tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "merged"
    other = Path(shutil.copytree(copy, tmp_path / "other"))
    fail_one(other)
    assert main(["merge", str(copy), str(other), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == (
        f"6 records from {copy}\n0 records from {other}\n"
        "5 records were in several runs, with the same results\n"
        f"Report: {out / 'report.html'}\n"
    )
    assert (out / "cells.csv").read_text() == (copy / "cells.csv").read_text()


def test_a_merge_with_conflicts(copy: Path, tmp_path: Path, capsys: Said) -> None:
    from d2vbench.keys import digest

    other = Path(shutil.copytree(copy, tmp_path / "other"))
    path = next((other / "records").glob("*.json"))
    record = json.loads(path.read_text())
    scores = next(iter(record["metrics"]["all"].values()))
    honest, scores["accuracy"] = scores["accuracy"], 0.5
    record["sha256"] = digest({k: v for k, v in record.items() if k != "sha256"})
    path.write_text(json.dumps(record))
    out = tmp_path / "merged"
    assert main(["merge", str(copy), str(other), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert said == (
        f"conflict: {cell_text(record['cell'])}: {copy} and {other} "
        f"differ: accuracy (all labels) {honest} and 0.5\n"
        "nothing was written; --prefer RUN says whose results to take\n"
    )
    assert not out.exists()
    assert main(["merge", str(copy), str(other), "--out", str(out), "--prefer", str(copy)]) == 0
    assert (out / "report.md").exists()


def test_the_help_of_clean_names_every_part_of_the_cache(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tuple(KINDS) == PARTS
    with pytest.raises(SystemExit):
        main(["clean", "--help"])
    assert f"{', '.join(KINDS)} or all" in " ".join(capsys.readouterr().out.split())


def test_clean_shows_before_it_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("D2VBENCH_DATA", str(store))
    assert main(["run", *SMALL, "--strategy", "combined", "--out", str(tmp_path / "r")]) == 0
    capsys.readouterr()
    assert main(["clean"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{store}:\n  encoded ")
    assert "  tiny\n" in said
    assert "`d2vbench clean encoded` removes corpora as word numbers" in said
    assert list((store / "encoded").iterdir())
    assert main(["clean", "encoded"]) == 2
    assert capsys.readouterr().err.endswith("nobody is there to ask: give --yes to remove it\n")
    assert list((store / "encoded").iterdir())
    assert main(["clean", "encoded", "--yes"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("removed ")
    assert list((store / "encoded").iterdir()) == []
    assert list((store / "pairs").iterdir())
    assert main(["clean", "all", "--yes"]) == 0
    assert list((store / "pairs").iterdir()) == []
    assert main(["clean", "everything"]) == 2


@pytest.mark.parametrize("part", ["encoded", "texts"])
def test_clean_leaves_what_another_process_builds(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("D2VBENCH_DATA", str(store))
    for name in (".building-old", ".damaged-old"):
        (store / part / name).mkdir(parents=True)
        (store / part / name / "stream.bin").write_bytes(b"x")
        for path in (store / part / name / "stream.bin", store / part / name):
            os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    (store / part / ".building-new").mkdir()
    (store / part / ".building-new" / "stream.bin").write_bytes(b"x")
    (store / part / "0123").mkdir()
    assert main(["clean", part, "--yes"]) == 0
    assert ".building-new" not in capsys.readouterr().out
    assert [path.name for path in (store / part).iterdir()] == [".building-new"]


@pytest.mark.parametrize(("answer", "gone"), [("n", False), ("", False), ("y", True)])
def test_clean_asks(
    answer: str, gone: bool, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    (copy / "checkpoints").mkdir()
    (copy / "checkpoints" / "left.npz").write_bytes(b"x" * 2048)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert main(["clean", "--run", str(copy)]) == (0 if gone else 1)
    said = capsys.readouterr().out
    assert "  checkpoint    2.0 KiB  left.npz\n" in said
    assert said.endswith("removed 2.0 KiB\n" if gone else "nothing was removed\n")
    assert (copy / "checkpoints" / "left.npz").exists() != gone
    assert len(list((copy / "records").glob("*.json"))) == 6


def test_a_cell_in_words() -> None:
    where = {"pair": "p", "seed": 3}
    assert cell_text({**where, "baseline": "tf-idf"}) == "p tf-idf seed 3"
    trained = {
        **where,
        "strategy": {"name": "sequential", "k": 2, "share": None},
        "schedule": {"name": "linear", "value": None},
    }
    assert cell_text(trained) == "p sequential(2) linear seed 3"
