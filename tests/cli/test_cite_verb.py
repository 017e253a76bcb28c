"""``d2vbench cite`` and ``d2vbench report``: what is printed, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import d2vbench
from d2vbench.analysis import load_run
from d2vbench.bench.execution.runner import RunResult
from d2vbench.cli.main import main
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.ids import block_ids
from d2vbench.report.document.references import AUTHOR, REFERENCES, RELEASED, TITLE


@pytest.fixture(scope="module")
def ids(finished_run: RunResult) -> dict[str, str]:
    return block_ids(make_document(load_run(finished_run.out)))


def cite(capsys: pytest.CaptureFixture[str], run: Path, *arguments: str) -> str:
    assert main(["cite", *arguments, "--run", str(run)]) == 0
    return capsys.readouterr().out


def test_without_a_table_everything_to_cite(
    finished_run: RunResult, ids: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = cite(capsys, finished_run.out)
    entries = re.findall(r"^@\w+\{(\w+),", text, re.MULTILINE)
    assert entries == [
        "d2vbench", "le2014distributed", "rehurek2010software", "pedregosa2011scikit",
        "owen2007pigeonhole", "holm1979simple", "schonemann1966generalized",
    ]  # fmt: skip
    assert "% Corpus small has no card: cite it as its source asks." in text
    for slug, identity in ids.items():
        assert re.search(rf"^%   {identity}  {slug} ", text, re.MULTILINE)


def test_a_table_by_name_id_or_beginning(
    finished_run: RunResult, ids: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    by_name = cite(capsys, finished_run.out, "claims")
    identity = ids["claims"]
    assert f"\\label{{tab:{identity}}}" in by_name
    assert "Engine: gensim. Seeds: 2. E = 12, alpha 0.025 to 0.0001, vector\\_size 16," in by_name
    assert by_name.rstrip().splitlines()[-1].startswith("% \\cite{d2vbench,le2014distributed,")
    assert cite(capsys, finished_run.out, identity) == by_name
    assert cite(capsys, finished_run.out, identity[:9]) == by_name
    assert cite(capsys, finished_run.out, identity[2:9]) == by_name
    figure = cite(capsys, finished_run.out, "strategies")
    assert "\\includegraphics[width=\\linewidth]{figures/strategies.pdf}" in figure


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "claim",
            "no table or figure 'claim' in this run: did you mean claims, claims-skipped",
        ),
        ("f-", "'f-' names 6 tables and figures: f-"),
        ("t-", "'t-' names "),
    ],
)
def test_a_name_that_is_none_or_many(
    finished_run: RunResult, capsys: pytest.CaptureFixture[str], wanted: str, message: str
) -> None:
    assert main(["cite", wanted, "--run", str(finished_run.out)]) == 2
    assert f"d2vbench: error: {message}" in capsys.readouterr().err


def test_without_a_run_the_software_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["cite"]) == 0
    assert capsys.readouterr().out == (
        "@misc{d2vbench,\n  author = {{The d2vbench developers}},\n"
        "  title = {{d2vbench: training strategies for Doc2Vec on a generic and a domain corpus}},"
        f"\n  year = {{2026}},\n  note = {{Version {d2vbench.__version__}}}\n}}\n\n"
        "% For the corpora, methods and tables of a run, give its folder with --run DIR.\n"
    )
    assert main(["cite", "claims"]) == 2
    assert capsys.readouterr().err == (
        "d2vbench: error: cite claims: which run? There is no single one in results/runs; give its "
        "folder with --run DIR\n"
    )


def test_the_only_run_is_taken(
    finished_run: RunResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "results" / "runs").mkdir(parents=True)
    (tmp_path / "results" / "runs" / "one").symlink_to(finished_run.out)
    monkeypatch.chdir(tmp_path)
    assert main(["cite", "settings"]) == 0
    assert "\\caption[{Settings}]" in capsys.readouterr().out


def test_a_report_of_no_run_leaves_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "out"
    assert main(["report", str(tmp_path), "--out", str(out)]) == 1
    assert "holds no run" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_software_is_that_of_citation_cff() -> None:
    path = Path(__file__).parents[2] / "CITATION.cff"
    text = path.read_text(encoding="utf-8")
    assert f'title: "{TITLE}"\n' in text
    assert f'- name: "{AUTHOR}"\n' in text
    assert f'date-released: "{RELEASED}"\n' in text
    assert f"version: {d2vbench.__version__}\n" in text


def test_entries_are_sound() -> None:
    for reference in REFERENCES:
        text = reference.bibtex
        assert text.isascii()
        assert text.count("{") == text.count("}")
        assert re.match(rf"@\w+\{{{reference.key},\n", text)
        assert {"author", "title", "year"} <= set(re.findall(r"^  (\w+) = \{", text, re.MULTILINE))
