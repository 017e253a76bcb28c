"""``d2vbench.run`` from a script: own data, errors, quiet, interrupted, without a main guard."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import baseline_cell

import d2vbench
from d2vbench.api import progress
from d2vbench.api.resources import Resources
from d2vbench.bench.compute import work
from d2vbench.bench.execution.backends import Backend, Inline
from d2vbench.bench.execution.failures import Failure
from d2vbench.bench.spec.cell import Cell
from d2vbench.errors import UserError

FAST: dict[str, Any] = {
    "profile": "quick", "seeds": 1, "epochs": 1, "strategies": "combined", "models": "dbow",
    "engine": "gensim",
}  # fmt: skip
OWN = {"generic": "wiki.txt", "domain": "reviews.csv", "label": "kind", "text": "body"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a small generic and a small domain corpus."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    words = [[c + v + c + w for v in "aeiou" for w in "aeiou"] for c in "bdfg"]

    def text(topic: int) -> str:
        return " ".join(rng.choice([*words[topic], *words[2]], 30))

    rows = [f"{text(i % 2)},{'ab'[i % 2]}\n" for i in range(40)]
    Path("wiki.txt").write_text("".join(text(i % 4) + "\n" for i in range(60)))
    Path("reviews.csv").write_text("body,kind\n" + "".join(rows))
    return tmp_path


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[Resources]:
    """Computed in this process; the resources that were asked for."""
    asked: list[Resources] = []

    def backend(resources: Resources) -> Backend:
        asked.append(resources)
        return Inline()

    monkeypatch.setattr(Resources, "make_backend", backend)
    return asked


def test_a_script_without_a_main_guard(folder: Path, cache: Path) -> None:
    script = folder / "script.py"
    script.write_text(
        "import d2vbench\n"
        "print('started')\n"
        f"run = d2vbench.run(**{FAST | OWN}, jobs=2, quiet=True)\n"
        "print(len(run.frame), run.folder)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "D2VBENCH_DATA": str(cache)}, check=False, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    where = Path("results") / "runs" / "strategies"
    lines = done.stdout.splitlines()
    # Once: no process of the run has run the script again.
    assert lines[0] == "started"
    count, _, name = lines[1].partition(" ")
    assert (len(lines), name) == (2, str(where))
    assert int(count) == len(list((folder / where / "records").glob("*.json"))) > 0


def test_a_run_is_told_and_is_there_the_next_time(
    folder: Path, inline: list[Resources], capsys: pytest.CaptureFixture[str]
) -> None:
    run = d2vbench.run(**FAST, **OWN, jobs=1, out="mine")
    said = capsys.readouterr()
    n = len(run.frame)
    assert said.out == ""
    assert f"computing {n} cells\n" in said.err
    assert f"{n}/{n} cells, " in said.err
    assert (run.folder, run.failures, inline) == (Path("mine"), (), [Resources(jobs=1)])
    # No report is written before it is asked for.
    assert sorted(p.name for p in Path("mine").iterdir()) == [
        ".lock", "manifest.json", "records",
    ]  # fmt: skip
    again = d2vbench.run(**FAST, **OWN, out=Path("mine"), quiet=True)
    assert capsys.readouterr() == ("", "")
    assert again.frame.equals(run.frame)


def test_a_dry_run_says_what_would_be_computed_and_writes_nothing(
    folder: Path, inline: list[Resources]
) -> None:
    request = {**FAST, **OWN, "quiet": True, "out": "mine"}
    found = d2vbench.dry_run(**request)
    assert not Path("mine").exists()
    assert (found.present, found.studies) == (0, {"strategies": found.cells})
    run = d2vbench.run(**request)
    assert len(found.to_compute) == found.cells == len(run.frame)
    assert found.outlook.words > 0
    again = d2vbench.dry_run("strategies", **request)
    assert (again.present, again.to_compute) == (found.cells, ())
    with pytest.raises(ValueError, match="seeds must be 1 or more"):
        d2vbench.dry_run(seeds=0)
    with pytest.raises(TypeError, match="'sed'"):
        d2vbench.dry_run(sed=0)


@pytest.mark.parametrize(
    ("generic", "out"),
    [
        ("**/*.txt", "texts/run"),
        (Path("texts"), "texts/run"),
        ([Path("wiki.txt"), Path("texts/*.txt")], "texts"),
    ],
)
def test_a_pattern_that_fits_what_a_run_writes(
    folder: Path, inline: list[Resources], generic: Any, out: str
) -> None:
    made = Path(out)
    made.mkdir(parents=True)
    for name in ("texts/own.txt", f"{out}/notes.txt"):
        Path(name).write_text("some words of a text\n" * 20)
    with pytest.raises(ValueError, match=r"a run would read what the one before wrote. Give anoth"):
        d2vbench.dry_run(**FAST, **{**OWN, "generic": generic}, out=out, quiet=True)
    # Beside them it may lie.
    d2vbench.dry_run(**FAST, **{**OWN, "generic": [Path("wiki.txt")]}, out=out, quiet=True)


def test_an_interrupted_run_keeps_its_cells(
    folder: Path, inline: list[Resources], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    def finished(self: object, cell: Cell, *rest: object) -> None:
        ended.append(cell)
        if len(ended) == 2:
            raise KeyboardInterrupt

    request = {**FAST, **OWN, "seeds": 3, "out": "mine", "quiet": True}
    with monkeypatch.context() as patch:
        patch.setattr(progress.Silent, "finished", finished)
        with pytest.raises(KeyboardInterrupt):
            d2vbench.run(**request)
    kept = {path: path.read_bytes() for path in Path("mine/records").glob("*.json")}
    assert len(kept) >= 2
    assert d2vbench.load("mine").data.missing > 0
    run = d2vbench.run(**request)
    assert run.data.missing == 0
    assert {path: path.read_bytes() for path in kept} == kept


def test_cells_that_fail_cost_those_cells(
    folder: Path, inline: list[Resources], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = work.measure

    def measure(cell: Cell, *rest: Any, **more: Any) -> Any:
        if cell.variant == "combined":
            raise ValueError("no vectors today")
        return real(cell, *rest, **more)

    monkeypatch.setattr(work, "measure", measure)
    request = {**FAST, **OWN, "strategies": ["combined", "domain-only(1)"], "out": "mine"}
    run = d2vbench.run(**request, quiet=True)
    assert run.failures == (
        "wiki+reviews dbow combined linear seed 0: ValueError: no vectors today",
    )
    assert set(run.frame["strategy"]) >= {"domain-only"}
    assert "1 without a record, 1 failed" in run._repr_html_()

    def nothing(*arguments: Any, **named: Any) -> Any:
        raise ValueError("nothing works")

    monkeypatch.setattr(work, "measure", nothing)
    monkeypatch.setattr(work, "measure_baseline", nothing)
    with pytest.raises(UserError) as caught:
        d2vbench.run(**{**request, "out": "none"}, quiet=True)
    n = len(list(Path("none/failed").glob("*.json")))
    assert str(caught.value) == (
        f"none of {n} cells came to an end; why is in {Path('none') / 'failed'}"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"jobs": 0}, "jobs must be 1 or more, got 0"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"models": ["dbow", "dbwo"]}, "unknown model 'dbwo': did you mean 'dbow'? "
         "(valid: dbow, dbow-words, dm-concat, dm-mean, dm-sum)"),
        ({"generic": "wiki.txt"}, "generic needs domain: a pair has two corpora"),
        ({"domain": "x.csv"}, "domain needs generic: a pair has two corpora"),
        ({"label": "kind"}, "label is for your own corpora: give generic and domain"),
        (
            {**OWN, "pairs": "synthetic"},
            "pair synthetic has its own corpora: give either its name or generic and domain",
        ),
        ({"study": "a/b"}, "study 'a/b': it must be one folder's name, without / \\ or :"),
    ],
)  # fmt: skip
def test_wrong_requests_leave_nothing(
    folder: Path, inline: list[Resources], arguments: dict[str, Any], message: str
) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(ValueError) as caught:
        d2vbench.run(**{"quiet": True, **arguments})
    assert isinstance(caught.value, UserError)
    assert str(caught.value) == message
    assert sorted(folder.rglob("*")) == before
    assert inline == []


def test_failures_are_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    cell = baseline_cell("small", 1.0, 0, ("all",))
    failure = Failure("k", cell.to_json(), "exception", "Traceback:\n  x\nValueError: x", 1)
    lines = progress.lines()
    lines.start(3, 1, 5.0)
    lines.finished(cell, 1.0, None, failure)
    lines.finished(cell, 1.0, 0.5, None)
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == [
        "computing 2 cells (1 of 3 are there already)",
        "failed: small tf-idf seed 0: exception: ValueError: x",
    ]
    assert said[2].startswith("2/2 cells, ")
    # A study whose grid has grown begins to count again.
    lines.start(4, 3, 1.0)
    lines.finished(cell, 1.0, 0.5, None)
    assert capsys.readouterr().err.splitlines()[-1].startswith("1/1 cells, ")


def test_a_search_goes_on_where_a_best_candidate_lies_at_an_end(
    folder: Path, inline: list[Resources], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {**FAST, **OWN, "strategies": None, "epochs": 2, "out": "mine", "vector_size": 4}
    run = d2vbench.run("tuned", **asked)
    assert "a best candidate lies at the end of its axis: " in capsys.readouterr().err
    by_strategy = run.frame.groupby("strategy").size()
    # Twelve candidates to begin with, at most twice as many, and as many for each strategy.
    assert set(by_strategy.index) == {"domain-only", "combined", "oversampled", "sequential"}
    assert by_strategy.nunique() == 1
    assert 12 < by_strategy.iloc[0] <= 24
    assert len(inline) == 2
    # What is there is known: nothing is computed, and the manifest stays.
    manifest = Path("mine/manifest.json").read_bytes()
    again = d2vbench.run("tuned", **asked)
    assert len(again.frame) == len(run.frame)
    assert len(inline) == 3
    assert "computing" not in capsys.readouterr().err
    assert Path("mine/manifest.json").read_bytes() == manifest


def test_a_search_goes_by_the_label_budgets_that_have_folds(
    folder: Path, inline: list[Resources], capsys: pytest.CaptureFixture[str]
) -> None:
    """With one labelled document a class there is nothing to cross-validate."""
    asked = {**FAST, **OWN, "strategies": None, "epochs": 2, "out": "mine", "vector_size": 4}
    run = d2vbench.run("tuned", **asked, labels_per_class=1)
    assert "a best candidate lies at the end of its axis: " in capsys.readouterr().err
    assert run.frame["cv_accuracy_all"].notna().all()
    assert run.frame["cv_accuracy_1"].isna().all()
    assert run.frame["accuracy_1"].notna().all()
    assert run.frame.groupby("strategy").size().nunique() == 1
    assert "at its own best" in run.report().with_suffix(".md").read_text(encoding="utf-8")
    again = d2vbench.run("tuned", **asked, labels_per_class=1)
    assert len(again.frame) == len(run.frame)
    assert "computing" not in capsys.readouterr().err
