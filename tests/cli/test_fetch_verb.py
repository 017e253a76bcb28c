"""``d2vbench fetch`` from the command line, without network."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_data import shared_archive

from d2vbench.cli.main import main


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2VBENCH_DATA", str(tmp_path / "cache"))


def test_a_corpus_is_taken_from_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_archive("ohsumed-single-23.tar.gz").parent
    assert main(["fetch", "ohsumed", "--from", str(source)]) == 0
    folder = tmp_path / "cache/archives/ohsumed"
    out = capsys.readouterr().out
    assert f"ohsumed: 7,400 documents, verified, in {folder}\n" in out
    assert main(["fetch", "ohsumed"]) == 0
    assert capsys.readouterr().out == f"ohsumed: is there already, in {folder}\n"


def test_all_goes_on_after_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["fetch", "all", "--from", str(tmp_path / "empty")]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [line.split("corpus ")[1].split()[0] for line in errors] == [
        "20newsgroups", "20newsgroups-whole", "ag-news-test", "bbc", "imdb", "ohsumed",
        "reuters21578", "scicite", "wikinews", "wikipedia-articles", "wikipedia-sections",
    ]  # fmt: skip


def test_a_single_failure_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "imdb", "--from", str(tmp_path / "no")]) == 1
    assert capsys.readouterr().err == (
        f"d2vbench: error: --from {tmp_path / 'no'}: there is no such folder\n"
    )


def test_an_unknown_corpus_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "imbd"]) == 2
    assert "unknown corpus 'imbd': did you mean 'imdb'?" in capsys.readouterr().err


def test_what_needs_no_download_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--force"]):
        assert main(["fetch", "docstrings", *more]) == 0
        assert capsys.readouterr().out == "docstrings: needs no download\n"
    assert not (tmp_path / "cache").exists()
