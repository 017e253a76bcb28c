"""The commands and the Python of the pages run as they stand, on small corpora."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docs_support import DOCS, PAGES, python_blocks, shell_commands
from light_run import save_svg
from saved_models_support import model_path

from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.cli.main import build_parser, main
from d2vbench.families.encoder.extra import INSTALL, missing
from d2vbench.report.drawing import style

README = PAGES[0]
# Not run here. A network, a cluster, a measurement of speed; a package to be installed first, and
# published results to be compared: each has tests of its own.
NOT_RUN = {
    ("fetch",): "network", ("check",): "speed", ("compare",): "published",
    ("run", "--backend", "dask"): "cluster", ("run", "zero-shot"): "checkpoint",
}  # fmt: skip
RUN = [page for page in PAGES if shell_commands(page) and page.stem not in ("README", "strategy")]
# What makes a run small, where it says nothing else.
SMALL = {"--profile": "quick", "--epochs": "1", "--model": "dbow", "--jobs": "1"}
_TOPICS = {
    "disks": "disk mount drive partition second boot cable scsi controller format",
    "medicine": "doctor patient dose disease treatment symptoms clinic blood test drug",
    "space": "orbit launch rocket moon shuttle engine telescope satellite mission fuel",
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files lie that pages speak of."""
    path = tmp_path_factory.mktemp("corpora")
    rng = np.random.default_rng(0)
    topics = {name: words.split() for name, words in _TOPICS.items()}
    whole = sorted({word for words in topics.values() for word in words})

    def text(words: list[str]) -> str:
        return " ".join([*rng.choice(words, 40).tolist(), *rng.choice(whole, 10).tolist()])

    generic = "\n".join(text(whole) for _ in range(80)) + "\n"
    (path / "wiki.txt.gz").write_bytes(gzip.compress(generic.encode()))
    rows = [(text(words), name) for name, words in topics.items() for _ in range(60)]
    pd.DataFrame(rows, columns=["text", "topic"]).to_csv(path / "reviews.csv", index=False)
    pd.DataFrame({"text": [row[0] for row in rows[::18]]}).to_csv(path / "new.csv", index=False)
    (path / "enwiki.bin").write_bytes(model_path("3.8.3/dbow").read_bytes())
    return path


@pytest.fixture
def folder(
    corpora: Path, tiny_cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A working folder with those files, where figures are drawn as SVG alone."""
    monkeypatch.setenv("D2VBENCH_CARDS", str(tiny_cards))
    monkeypatch.setattr(style, "save_figure", save_svg)
    shutil.copytree(corpora, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def small(words: list[str]) -> list[str]:
    """Return the arguments of a command; what it computes takes seconds, on a tiny pair."""
    names = {"docstrings-scipy": "tiny", "synthetic": "tiny"}
    arguments = [names.get(word, word) for word in words[1:]]
    if arguments[0] == "train" and "--from-run" not in arguments:
        return [*arguments, "--epochs", "2"]
    if arguments[0] != "run" or "--help" in arguments:
        return arguments
    options = dict(SMALL)
    if {"--generic-model", "encoders", "fine-tuning"} & set(arguments):
        del options["--model"]
    elif not {"--generic", "--pair"} & set(arguments):
        options["--pair"] = "tiny"
    for option, value in options.items():
        if option in arguments:
            place = arguments.index(option)
            arguments = [*arguments[:place], *arguments[place + 2 :]]
        arguments = [*arguments, option, value]
    return arguments


def is_run(words: list[str]) -> bool:
    return not any(set(some) <= set(words) for some in NOT_RUN)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_can_be_typed(page: Path) -> None:
    """Options and arguments are those of the parser, also of what is not run here."""
    for words in shell_commands(page):
        try:
            build_parser().parse_args(words[1:])
        except SystemExit as end:
            assert (end.code, words[-1]) == (0, "--help"), " ".join(words)


def test_pages_show_commands() -> None:
    shown = {page.stem: len(shell_commands(page)) for page in RUN}
    assert sum(shown.values()) > 25
    assert {"start", "own-data", "take-home", "saved-models", "machines", "cite"} <= set(shown)


def test_how_large_the_whole_run_is() -> None:
    whole = study_cells("all", Request())
    # Those of encoders need an extra, and some a checkpoint.
    extra = ("encoders", "fine-tuning", "zero-shot", "new-words", "imbalance")
    others = {c for study, some in whole.by_study.items() if study not in extra for c in some}
    assert f"({len(others)} cells, and some" in (DOCS / "start.md").read_text(encoding="utf-8")
    # Said in words.
    assert len({*whole.by_study, *whole.left_out} - set(extra)) == 14
    for page in (README, DOCS / "start.md"):
        assert "fourteen studies" in page.read_text(encoding="utf-8")


def test_the_readme_shows_commands_of_the_pages() -> None:
    """So that they are run there."""
    told = [
        words for page in ("start", "own-data") for words in shell_commands(DOCS / f"{page}.md")
    ]
    mine = shell_commands(README)
    assert len(mine) == 4
    assert [words for words in mine if words not in told] == []


def _a_model_of_all_documents(said: str) -> None:
    from gensim.models.doc2vec import Doc2Vec

    assert "wiki+reviews" in said
    assert Path("results/runs/all/report.html").stat().st_size > 10_000
    # All 80 generic and 180 domain documents, if the strategy presents both.
    assert Doc2Vec.load("reviews.model").corpus_count in (180, 260)


def _a_vector_for_each_text(said: str) -> None:
    assert len(pd.read_parquet("vectors.parquet")) == len(pd.read_csv("new.csv"))


def _two_runs_in_one(said: str) -> None:
    cells = [len(pd.read_csv(f"results/runs/{name}/cells.csv")) for name in ("one", "whole")]
    assert cells[0] == cells[1] > 5


def _a_vector_of_the_encoder_for_each_text(said: str) -> None:
    vectors = np.load("vectors.npy")
    assert vectors.shape == (len(pd.read_csv("new.csv")), 128)
    assert {"scratch-2x128-crops", "dbow"} <= set(
        pd.read_csv("results/runs/encoders/cells.csv")["model"]
    )


# What the commands of a page leave, and have printed.
LEFT = {
    "own-data": _a_model_of_all_documents,
    "take-home": _a_vector_for_each_text,
    "machines": _two_runs_in_one,
    "encoders": _a_vector_of_the_encoder_for_each_text,
}


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_commands_of_a_page(
    page: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if page.stem == "encoders" and missing():
        pytest.skip(f"{', '.join(missing())} not installed: {INSTALL}")
    commands = shell_commands(page)
    if "results/runs/all" in str(commands) and "run" not in {words[1] for words in commands}:
        assert main(small(["d2vbench", "run", "all"])) == 0
    said = ""
    for words in filter(is_run, commands):
        try:
            status = main(small(words))
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        assert status == 0, f"{' '.join(words)}\n{err}"
        said += out
    LEFT.get(page.stem, bool)(said)


def test_the_vectorizer_classifies(folder: Path) -> None:
    (code,) = python_blocks(DOCS / "howto" / "take-home.md")
    found: dict[str, object] = {}
    exec(code, found)
    reviews = pd.read_csv("reviews.csv")
    # Of three classes, 0.33 would be chance.
    assert found["classifier"].score(reviews["text"], reviews["topic"]) > 0.8  # type: ignore[attr-defined]


def test_a_run_from_python(folder: Path) -> None:
    (code,) = python_blocks(DOCS / "start.md")
    assert python_blocks(README) == [code]
    quick = 'label="topic", profile="quick", models=["dbow"], epochs=2, jobs=1, quiet=True)'
    assert code.count('label="topic")') == 1
    found: dict[str, object] = {}
    exec(code.replace('label="topic")', quick), found)
    run = found["run"]
    assert len(run.frame) == 10  # type: ignore[attr-defined]
    assert run.report().name == "report.html"  # type: ignore[attr-defined]
