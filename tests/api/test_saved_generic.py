"""A saved model, or word vectors of a file, in place of the generic corpus."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from models_support import texts

import d2vbench
from d2vbench.bench.store.manifest import read_manifest
from d2vbench.cli.main import main

GENERIC, DOMAIN, LABELS = texts()
SMALL = ["--vector-size", "8", "--window", "2", "--min-count", "2", "--epochs", "2"]
OF_DOMAIN = ["--domain", "mine.csv"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generic model of `d2vbench train`, and word vectors in two formats."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "wiki.txt").write_text("\n".join(GENERIC) + "\n")
    pd.DataFrame({"text": DOMAIN, "label": LABELS}).to_csv(folder / "mine.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("D2VBENCH_DATA", str(folder / "cache"))
        patch.chdir(folder)
        arguments = ["--strategy", "generic-only", *SMALL, "--output", "g.model"]
        assert main(["train", *arguments, "--generic", "wiki.txt", *OF_DOMAIN]) == 0
        words = sorted({word for text in GENERIC for word in text.lower().split()})
        vectors = KeyedVectors(6)
        numbers = np.random.RandomState(0).rand(len(words), 6).astype(np.float32)
        vectors.add_vectors(words, numbers)
        vectors.save_word2vec_format("v.bin", binary=True)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(trained, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def strategies_in(run: str) -> set[str]:
    cells = [json.loads(p.read_text())["cell"] for p in Path(run, "records").glob("*.json")]
    return {cell.get("baseline") or cell["strategy"]["name"] for cell in cells}


def test_what_can_be_done_with_a_saved_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--generic-model", "g.model", *OF_DOMAIN, "--seeds", "1", "--epochs", "1"]
    assert main(["run", "strategies", *asked, "--profile", "quick", "--out", "run"]) == 0
    captured = capsys.readouterr()
    assert "generic model: PV-DBOW, 8 components, " in captured.err
    assert strategies_in("run") == {"tf-idf", "generic-only", "domain-only", "warm"}
    described = read_manifest(Path("run"))["pairs"]["mine"]
    assert (described["generic"], described["generic_documents"]) == ("", 0)
    assert "divergence" not in described
    # Nothing of the generic side is trained anew: only passes of D cost words.
    for path in Path("run/records").glob("*.json"):
        record = json.loads(path.read_text())
        if "baseline" not in record["cell"]:
            counts = record["counts"]
            passes = {"generic-only": 0, "domain-only": 4, "warm": 4}
            expected = passes[record["cell"]["strategy"]["name"]] * counts["domain_words"]
            assert counts["words_trained"] == expected
    # A saved model is compared with what needs none: one usual policy each.
    found = d2vbench.load("run").frame
    assert set(found[found["strategy"] != "tf-idf"]["policy"]) == {""}


def test_warm_treats_new_words_in_three_ways(folder: Path) -> None:
    run = d2vbench.run(
        "warm", generic_model="g.model", domain=str(folder / "mine.csv"), seeds=1, epochs=1,
        profile="quick", out="run", quiet=True,
    )  # fmt: skip
    warm = run.frame[run.frame["strategy"] == "warm"]
    assert set(warm["vocabulary_policy"]) == {"model", "model-expanded", "model-added"}
    assert set(warm["policy"]) == {"", "model-expanded", "model"}
    assert run.frame["generic_model"].nunique() == 1


def test_the_model_to_take_home_goes_on_from_a_saved_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--strategy", "warm(2)", "--schedule", "restart", "--generic-model", "g.model"]
    asked += ["--vocabulary", "model-added", *OF_DOMAIN]
    assert main(["train", *asked, "--output", "w.model"]) == 0
    card = Path("w.model.md").read_text()
    assert "| saved model | 0 | as it was saved |" in card
    assert "| generic | " not in card
    assert main(["infer", "--model", "w.model", "mine.csv", "--output", "w.npy"]) == 0
    assert np.load("w.npy").shape == (len(DOMAIN), 8)
    assert "warm(2)" in capsys.readouterr().out


def test_models_that_start_from_word_vectors(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--word-vectors", "v.bin", *OF_DOMAIN, "--seeds", "1", "--epochs", "1"]
    asked += ["--min-count", "2", "--model", "dm-mean"]
    assert main(["run", "strategies", *asked, "--out", "run"]) == 0
    assert "of 6 components" in capsys.readouterr().err
    names = {"tf-idf", "domain-only", "pretrained-words", "pretrained-words-frozen"}
    names |= {"mean-given-vectors", "sif-given-vectors"}
    assert {name.partition(" ")[0] for name in strategies_in("run")} == names
    named = ["--strategy", "pretrained-words(2)", "--model", "dm-mean", "--min-count", "2"]
    asked = [*named, "--word-vectors", "v.bin", *OF_DOMAIN]
    assert main(["train", *asked, "--output", "p.model"]) == 0
    assert main(["infer", "--model", "p.model", "mine.csv", "--output", "p.npy"]) == 0
    assert np.load("p.npy").shape == (len(DOMAIN), 6)


MODEL, VECTORS = ["--generic-model", "g.model"], ["--word-vectors", "v.bin"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["all", *MODEL, *OF_DOMAIN], "study all needs the generic corpus: with --generic-model"),
        (["order", *VECTORS, *OF_DOMAIN], "study order needs the generic corpus: with --word-vec"),
        (["warm"], "study warm needs a saved model: give --generic-model FILE"),
        (["warm", *VECTORS, *OF_DOMAIN], "study warm needs a"),
        (["strategies", "--generic-model", "no", *OF_DOMAIN], "--generic-model no: there is no"),
        (["strategies", "--generic-model", "wiki.txt", *OF_DOMAIN], "wiki.txt is no file that"),
        (
            ["strategies", "--generic-model", "g.model.d2vbench.npz", *OF_DOMAIN],
            "this file serves inference alone; give the model itself, g.model",
        ),
        (["strategies", *MODEL, *OF_DOMAIN, "--keep-case"], "with the tokeniser"),
        (["strategies", *MODEL, *OF_DOMAIN, "--vector-size", "9"], "--vector-size does not go"),
        (["strategies", *MODEL, *OF_DOMAIN, "--model", "dbow"], "--model does not go with"),
        (
            ["strategies", *MODEL, *OF_DOMAIN, "--family", "word2vec-mean"],
            "--generic-model is for models",
        ),
        (
            ["strategies", *MODEL, *OF_DOMAIN, "--objective", "mlm"],
            "--objective is for an encoder, and goes with no --generic-model",
        ),
        (
            ["strategies", *MODEL, *OF_DOMAIN, "--vocabulary", "natural"],
            "a saved model has one of",
        ),
        (["strategies", *MODEL, *OF_DOMAIN, "--strategy", "combined"], "needs the generic corpus"),
        (["strategies", *MODEL, *OF_DOMAIN, "--generic", "wiki.txt"], "leave --generic out"),
        (["strategies", *MODEL, *VECTORS, *OF_DOMAIN], "both stand for the generic corpus"),
        (["strategies", *OF_DOMAIN], "--domain needs --generic"),
        (["strategies", *VECTORS, *OF_DOMAIN, "--vector-size", "9"], "components, expected 9"),
        (["strategies", *VECTORS, *OF_DOMAIN, "--vector-size", "6", "7"], "are of one size"),
        (["strategies", *VECTORS, *OF_DOMAIN, "--strategy", "warm(2)"], "takes no word vectors"),
        (["strategies", *VECTORS, *OF_DOMAIN, "--model", "dbow"], "model dbow has none that"),
        (
            ["strategies", *VECTORS, *OF_DOMAIN, "--family", "word2vec-mean"],
            "--word-vectors is for models",
        ),
        (["strategies", *VECTORS, *OF_DOMAIN, "--vocabulary", "natural"], "beside word vectors"),
        (
            ["strategies", *MODEL, *OF_DOMAIN, "--strategy", "domain-only(budget)"],
            "size of the gen",
        ),
        (["strategies", *MODEL, *OF_DOMAIN, "--strategy", "warm(balanced)"], "size of the generic"),
        (["strategies", "--word-vectors", "mine.csv", *OF_DOMAIN], "expected word vectors of"),
    ],
)
def test_what_is_wrong_is_said_before_any_training(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["run", *arguments, "--out", "run"]) in (1, 2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("d2vbench: error: ")
    assert message in said
    assert not Path("run").exists()


def test_a_model_that_has_seen_the_domain_is_no_generic_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ["--strategy", "sequential(2)", *SMALL, "--generic", "wiki.txt", *OF_DOMAIN]
    assert main(["train", *both, "--output", "both.model"]) == 0
    asked = ["--generic-model", "both.model", *OF_DOMAIN]
    assert main(["run", "strategies", *asked, "--out", "run"]) == 1
    assert "was trained by sequential(2), on all documents of a domain" in capsys.readouterr().err
    # To go on with it for good is another matter.
    on = ["--strategy", "warm(1)", *asked, "--output", "on.model"]
    assert main(["train", *on]) == 0
    # Of gensim's own file it is not known.
    Path("both.model.d2vbench.npz").unlink()
    assert main(["run", "strategies", *asked, "--seeds", "1", "--profile", "quick",
                 "--epochs", "1", "--out", "run"]) == 0  # fmt: skip
    assert "whether it has seen test documents, is not known" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--strategy", "warm(2)"], "needs a saved model: give --generic-model FILE"),
        (["--strategy", "warm(2)", *MODEL, "--window", "3"], "--window does not go with"),
        (["--strategy", "warm(2)", *MODEL, *VECTORS], "both stand for the generic corpus"),
        (["--strategy", "combined", *MODEL], "needs the generic corpus"),
        (
            ["--strategy", "warm(2)", *MODEL, "--vocabulary", "own"],
            "a saved model has one of",
        ),
    ],
)
def test_train_refuses_it_too(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    both = [] if "--generic-model" in options else ["--generic", "wiki.txt"]
    assert main(["train", *options, *both, *OF_DOMAIN, "--output", "new.model"]) == 2
    assert message in capsys.readouterr().err
    assert not Path("new.model").exists()
