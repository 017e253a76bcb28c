"""The files of a report: what is written, what goes, and that results alone suffice."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from d2vbench.analysis import load_run
from d2vbench.bench.execution.runner import RunResult
from d2vbench.errors import UserError
from d2vbench.report import build_report, is_up_to_date
from d2vbench.report.document.blocks import table
from d2vbench.report.document.build import INDEX, write_report
from d2vbench.report.document.structure import Chapter, Document


@pytest.fixture(scope="module")
def reported(finished_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with its report: the run itself is read by other tests, in any order."""
    run = tmp_path_factory.mktemp("reported") / "run"
    shutil.copytree(finished_run.out, run)
    build_report(run)
    return run


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_everything_is_written(reported: Path) -> None:
    index = json.loads((reported / INDEX).read_text())
    listed = {
        name for kind in ("tables", "figures") for one in index[kind] for name in one["files"]
    }
    there = {f"{kind}/{path.name}" for kind in ("tables", "figures")
             for path in (reported / kind).iterdir()}  # fmt: skip
    assert there == listed | {INDEX.as_posix()}
    assert {one["slug"] for one in index["figures"]} == {
        "strategies", "strategies-dbow-5", "strategies-dm-mean-all", "strategies-dm-mean-5",
        "drift-of-words", "first",
    }  # fmt: skip
    assert {"claims", "strategies-small-dbow", "recommendations", "settings", "pairs"} <= {
        one["slug"] for one in index["tables"]
    }
    text = (reported / "report.md").read_text(encoding="utf-8")
    for kind in ("tables", "figures"):
        for one in index[kind]:
            assert f"`{one['id']}`" in text
            assert one["id"] in (reported / kind / f"{one['slug']}.tex").read_text("utf-8")
            assert "vector_size 16" in one["caption"]
    assert "](figures/strategies.png)" in text
    assert reported.as_posix() not in text


def test_the_chapters_of_the_report(reported: Path) -> None:
    text = (reported / "report.md").read_text(encoding="utf-8")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "What to train", "Claims", "What to train: all variants",
        "The main comparison: strategies", "What moves the outcome",
        "What a follow-up does to the model", "Protocol", "Provenance",
    ]  # fmt: skip
    assert "Time, summed over cells:" in text
    assert "content sha256" in text


def test_csv_has_all_digits(reported: Path) -> None:
    cells = pd.read_csv(reported / "cells.csv")
    assert len(cells) == 8
    table = pd.read_csv(reported / "tables" / "strategies-small-dbow.csv")
    mine = cells[(cells["model"] == "dbow") & (cells["strategy"] == "combined")]
    row = table[(table["strategy"] == "combined") & (table["labels"] == "all")].iloc[0]
    assert row["accuracy"] == pytest.approx(mine["accuracy_all"].mean(), abs=1e-14)


def test_elsewhere_the_same_bytes_and_the_run_is_only_read(reported: Path, tmp_path: Path) -> None:
    before = files(reported)
    assert is_up_to_date(reported)
    build_report(reported, tmp_path)
    assert files(reported) == before
    assert files(tmp_path).items() <= before.items()
    assert {"report.md", "cells.csv", INDEX.as_posix()} <= set(files(tmp_path))


def test_what_an_earlier_command_left_goes_and_nothing_else(
    finished_run: RunResult, tmp_path: Path
) -> None:
    kept = ["figures/mine.png", "tables/mine.csv", "notes.md"]
    for folder in ("figures", "tables"):
        (tmp_path / folder).mkdir()
    for name in (*kept, "figures/old.png", "tables/old.tex"):
        (tmp_path / name).write_text("x")
    named = ["figures/old.png", "tables/old.tex", "../notes.md", "notes.md", "tables/../notes.md"]
    index = {"tables": [{"files": [*named, 7]}], "figures": []}
    (tmp_path / INDEX).write_text(json.dumps(index))
    data = load_run(finished_run.out)
    block = table("new", "t", pd.DataFrame({"x": [1]}), ["x"])
    document = Document("d", (), (Chapter("c", "C", (block,)),))
    write_report(document, data, tmp_path)
    there = set(files(tmp_path))
    assert set(kept) <= there
    assert not {"figures/old.png", "tables/old.tex"} & there
    assert {"report.md", "cells.csv", "tables/new.csv", "tables/new.md", "tables/new.tex"} <= there
    write_report(Document("d", (), ()), data, tmp_path)
    assert not {name for name in files(tmp_path) if "new" in name}
    for damaged in ("{", "[]", '{"tables": 1, "figures": []}'):
        (tmp_path / INDEX).write_text(damaged)
        write_report(Document("d", (), ()), data, tmp_path)
        assert set(kept) <= set(files(tmp_path))


def test_a_report_needs_the_results_alone(reported: Path, tmp_path: Path) -> None:
    """Neither gensim nor scikit-learn, nor a place to write beside the results."""
    run = tmp_path / "run"
    shutil.copytree(reported, run, ignore=shutil.ignore_patterns("tables", "figures", "*.md"))
    for path in (run, run / "records"):
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    code = (
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('gensim', 'sklearn', 'joblib'):\n"
        "            raise ImportError(f'{name} is not here')\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "from d2vbench.cli.main import main\n"
        "run, out = sys.argv[1:]\n"
        "assert main(['report', run, '--out', out]) == 0\n"
        "assert main(['cite', '--run', run]) == 0\n"
        "assert main(['cite', 'claims', '--run', run]) == 0\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(run), str(tmp_path / "out")]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    finally:
        for path in (run, run / "records"):
            path.chmod(stat.S_IRWXU)
    assert f"Report: {tmp_path / 'out' / 'report.html'}\n" in done.stdout
    assert "@inproceedings{le2014distributed," in done.stdout
    assert "\\caption[{Claims and verdicts}]" in done.stdout
    assert sorted(p.name for p in run.iterdir()) == sorted(
        p.name for p in reported.iterdir() if p.name not in ("tables", "figures", "report.md")
    )


def test_no_run_no_report(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no run: .*manifest\.json is missing"):
        build_report(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(UserError, match="is damaged; run the study again to write it anew"):
        build_report(tmp_path)
    (tmp_path / "manifest.json").write_text('{"cells": []}')
    with pytest.raises(UserError, match="is damaged; run the study again to write it anew"):
        build_report(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema": 2, "study": "strategies", "cells": []}')
    with pytest.raises(UserError, match="has no finished cell of a trained model yet"):
        build_report(tmp_path)


def test_each_figure_of_the_page_is_described_in_numbers(reported: Path) -> None:
    page = (reported / "report.html").read_text(encoding="utf-8")
    assert "in per cent with 95 % intervals, beside it the paired difference from combined" in page
    svg = (reported / "figures" / "strategies.svg").read_text(encoding="utf-8")
    assert "in per cent with 95 % intervals, beside it the paired difference from combined" in svg


def test_a_notice_of_the_run_is_shown_and_a_change_of_it_is_noticed(
    reported: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(reported, run)
    assert is_up_to_date(run)
    (run / "notice.md").write_text("# In doubt\n\nText.\n", encoding="utf-8")
    assert not is_up_to_date(run)
    build_report(run)
    assert is_up_to_date(run)
    assert "\n## In doubt\n\nText.\n" in (run / "report.md").read_text(encoding="utf-8")
    assert '<aside class="notice">' in (run / "report.html").read_text(encoding="utf-8")
