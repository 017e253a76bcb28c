"""Every verb that writes, on a disk that is full or may only be read from any write on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from corpora.made_archives import make
from fault_support import failing
from light_run import save_svg
from models_support import texts
from saved_models_support import model_path

from d2vbench.bench.execution.runner import RunResult
from d2vbench.cli.main import main
from d2vbench.corpora.acquire.fetch import fetch
from d2vbench.corpora.cards import ArchiveCard, CorpusCard
from d2vbench.errors import UserError
from d2vbench.report.document import pictures

Command = Callable[[Path], list[str]]
# Each number is a run of the verb: all of the first writes, and some of the many that follow.
PLACES = (0, 1, 5, 30)
TRAIN = [
    "train", "--strategy", "combined", "--generic", "in/wiki.txt", "--domain", "in/mine.txt",
    "--vector-size", "4", "--epochs", "1", "--min-count", "2", "--infer-epochs", "1",
]  # fmt: skip
COMMANDS: dict[str, list[str]] = {
    "report": ["report", "w/run"],
    "pack": ["pack", "in/run", "--out", "w/packed"],
    "merge": ["merge", "in/run", "--out", "w/merged"],
    "compare": ["compare", "in/run", "in/run", "--csv", "w/c.csv"],
    "train": [*TRAIN, "--output", "w/my.model"],
    "convert": ["convert", str(model_path("3.8.3/split")), "w/new.model"],
    "infer npy": ["infer", "--model", "in/m.model", "in/mine.txt", "--output", "w/v.npy"],
    "infer csv": ["infer", "--model", "in/m.model", "in/mine.txt", "--output", "w/v.csv"],
    "infer parquet": ["infer", "--model", "in/m.model", "in/mine.txt", "--output", "w/v.parquet"],
    "describe": ["describe", "--generic", "in/wiki.txt", "--domain", "in/mine.csv",
                 "--plot", "w/p.svg"],
    "explain": ["explain", "combined", "--generic", "in/wiki.txt", "--domain", "in/mine.csv",
                "--plot", "w/p.png"],
}  # fmt: skip


@pytest.fixture(scope="module")
def given(finished_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the verbs read: a finished run, texts, a model, and a cache that holds the texts."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "in").mkdir()
    shutil.copytree(finished_run.out, folder / "in/run")
    generic, domain, labels = texts()
    (folder / "in/wiki.txt").write_text("\n".join(generic) + "\n")
    (folder / "in/mine.txt").write_text("\n".join(domain) + "\n")
    pd.DataFrame({"text": domain, "label": labels}).to_csv(folder / "in/mine.csv", index=False)
    return folder


@pytest.fixture
def place(given: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder above, the working folder ``w`` in it being empty but for a run."""
    monkeypatch.chdir(given)
    monkeypatch.setattr(pictures, "save_figure", save_svg)
    if not Path("in/m.model").exists():
        assert main([*TRAIN, "--output", "in/m.model"]) == 0
    yield given
    shutil.rmtree("w", ignore_errors=True)


def fresh() -> Path:
    shutil.rmtree("w", ignore_errors=True)
    Path("w").mkdir()
    shutil.copytree("in/run", "w/run")
    return Path("w")


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("verb", list(COMMANDS))
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_write_that_fails_is_one_line_and_costs_nothing(
    place: Path, verb: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    if verb == "infer parquet":
        pytest.importorskip("pyarrow")
    command = COMMANDS[verb]
    before = written(fresh())
    assert main(command) == 0
    whole = written(Path("w"))
    assert len(whole) > len(before)
    capsys.readouterr()
    met = 0
    for at in PLACES:
        folder = fresh()
        with failing(folder, code, at) as fault:
            status = main(command)
        said = capsys.readouterr()
        if not fault.met:
            assert status == 0
            break
        met += 1
        assert status == 1, (at, said.err)
        last = said.err.splitlines()[-1]
        assert last.startswith("d2vbench: error: ")
        assert os.strerror(code) in last
        found = written(folder)
        if code == errno.ENOSPC:
            assert not [name for name in found if name.endswith(".tmp")]
        # What was there is there, and what is new is whole.
        for name, content in before.items():
            assert found[name] == content
        if not verb.startswith("train"):
            for name in found:
                if name in whole and not name.endswith(".tmp"):
                    assert found[name] == whole[name], (at, name)
        if at == 1:
            assert main([*command, *(["--force"] if verb in ("train", "convert") else [])]) == 0
            # What could not be removed is hidden, and no part of any result.
            after = {name for name in written(folder) if not Path(name).name.startswith(".")}
            assert after == {name for name in whole if not Path(name).name.startswith(".")}
            capsys.readouterr()
    assert met


def answer(said: str) -> str:
    """Return what was found, without what is said of work that is done once."""
    return said[said.index("wiki+mine   ") :]


# Of three files that are opened together, those that could be are closed when they are forgotten.
@pytest.mark.filterwarnings("ignore:unclosed file .*encoded:ResourceWarning")
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_cache_that_cannot_be_written(
    place: Path, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The entries of two corpora, then the choice of documents, which may be missing."""
    command = COMMANDS["describe"][:-2]
    whole = ""
    for at in (99, *range(0, 40, 3)):
        folder = fresh()
        monkeypatch.setenv("D2VBENCH_DATA", str(folder / "cache"))
        with failing(folder / "cache", code, at) as fault:
            status = main(command)
        said = capsys.readouterr()
        if status == 0:
            whole = whole or answer(said.out)
            assert answer(said.out) == whole
        else:
            assert fault.met
            assert status == 1
            assert said.err.startswith("d2vbench: error: ")
            assert os.strerror(code) in said.err
            assert len(said.err.splitlines()) == 1
        assert main(command) == 0
        assert answer(capsys.readouterr().out) == whole


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_fetch_that_cannot_be_written(tmp_path: Path, code: int) -> None:
    archive = make(tmp_path, "tar.gz", {f"made-train/sci.med/{i}": b"text" for i in range(3)})
    card = CorpusCard(
        "made", "1", "t", "d.", "newsgroups", "x", archives=[ArchiveCard(archive.name, [])]
    )
    failed = 0
    for at in range(20):
        cache = tmp_path / f"cache-{at}"
        with failing(cache, code, at) as fault:
            try:
                done = fetch(card, cache, archive)
            except (OSError, UserError) as error:
                assert os.strerror(code) in str(error)
                failed += 1
                done = None
        if done is None:
            assert fault.met
            assert not (cache / "archives/made" / archive.name).exists()
            done = fetch(card, cache, archive)
        assert (cache / "archives/made" / archive.name).read_bytes() == archive.read_bytes()
    assert 3 < failed < 20
