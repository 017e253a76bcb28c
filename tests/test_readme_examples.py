"""What the README shows is run as it stands, on small corpora and in a quick profile."""

from __future__ import annotations

import gzip
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from saved_models_support import model_path

from d2vbench.cli.main import main

README = Path(__file__).resolve().parents[1] / "README.md"
_QUICK = ["--profile", "quick", "--epochs", "2", "--model", "dbow", "--jobs", "1"]
_TOPICS = {
    "disks": "disk mount drive partition second boot cable scsi controller format",
    "medicine": "doctor patient dose disease treatment symptoms clinic blood test drug",
    "space": "orbit launch rocket moon shuttle engine telescope satellite mission fuel",
}


def section(name: str) -> str:
    text = README.read_text(encoding="utf-8")
    return text.split(f"\n## {name}\n")[1].split("\n## ")[0]


def commands(name: str) -> list[list[str]]:
    lines = [line for line in section(name).splitlines() if line.startswith("    python -m ")]
    return [shlex.split(line, comments=True)[3:] for line in lines]


def blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", section(name), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where wiki.txt.gz, reviews.csv and new.csv lie."""
    path = tmp_path_factory.mktemp("readme")
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
    return path


def test_three_lines_lead_from_own_data_to_a_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    run, recommend, train = commands("Your own data in three lines")
    assert [run[0], recommend[0], train[0]] == ["run", "recommend", "train"]
    assert main([*run, *_QUICK]) == 0
    assert Path("results/runs/all/report.html").stat().st_size > 10_000
    capsys.readouterr()
    assert main(recommend) == 0
    assert "wiki+reviews" in capsys.readouterr().out
    assert main(train) == 0, capsys.readouterr().err
    assert Path("reviews.model").exists()
    from gensim.models.doc2vec import Doc2Vec

    # All 80 generic and 180 domain documents, if the strategy presents both.
    assert Doc2Vec.load("reviews.model").corpus_count in (180, 260)


def test_a_model_is_trained_and_gives_vectors(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("wiki.txt.gz", "reviews.csv", "new.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    train, infer, convert, saved, compare, go_on = commands("The model to take home")
    assert main([*train, "--epochs", "2"]) == 0
    assert main(infer) == 0
    (tmp_path / convert[1]).write_bytes(model_path("3.8.3/dbow").read_bytes())
    assert main(convert) == 0
    assert main([*saved, "--epochs", "2"]) == 0
    assert main([*compare, "--epochs", "1", "--profile", "quick", "--jobs", "1"]) == 0
    assert main([*go_on, "--epochs", "2"]) == 0
    assert len(pd.read_parquet("vectors.parquet")) == len(pd.read_csv("new.csv"))


def test_the_vectorizer_classifies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = blocks("The model to take home")
    found: dict[str, object] = {}
    exec(code, found)
    reviews = pd.read_csv("reviews.csv")
    # Of three classes, 0.33 would be chance.
    assert found["classifier"].score(reviews["text"], reviews["topic"]) > 0.8  # type: ignore[attr-defined]


def test_a_run_from_python(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = blocks("From Python")
    small = 'label="topic", profile="quick", models=["dbow"], epochs=2, jobs=1, quiet=True)'
    assert code.count('label="topic")') == 1
    found: dict[str, object] = {}
    exec(code.replace('label="topic")', small), found)
    run = found["run"]
    assert len(run.frame) == 10  # type: ignore[attr-defined]
    assert run.report().name == "report.html"  # type: ignore[attr-defined]
