"""Encoders to take home: three commands from texts to vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from encoder_support import needs_extra, save_checkpoint
from models_support import texts

from d2vbench.cli.main import main

pytestmark = needs_extra


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    generic, domain, _ = texts()
    (tmp_path / "g.txt").write_text("\n".join(generic) + "\n", encoding="utf-8")
    # Without labels: none are read.
    (tmp_path / "d.txt").write_text("\n".join(domain) + "\n", encoding="utf-8")
    return str(tmp_path / "g.txt"), str(tmp_path / "d.txt")


def trained(tmp_path: Path, files: tuple[str, str], name: str, *more: str) -> Path:
    out = tmp_path / name
    status = main([
        "train", "--generic", files[0], "--domain", files[1], "--strategy", "oversampled(2)",
        "--max-tokens", "32", "--output", str(out), *more,
    ])  # fmt: skip
    assert status == 0
    return out


@pytest.mark.parametrize("objective", ["crops", "mlm"])
def test_an_encoder_is_trained_saved_and_gives_vectors(
    objective: str, tmp_path: Path, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from d2vbench.families.encoder.extra import quiet_and_alone

    out = trained(tmp_path, files, "mine", "--encoder", "scratch:2x32", "--objective", objective)
    assert "40 generic and 30 domain documents" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} >= {
        "model.safetensors", "config.json", "tokenizer.json", "README.md"
    }  # fmt: skip
    assert not list(out.glob("*.bin"))
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "| strategy | oversampled(2) |" in card and f"| objective | {objective} |" in card
    again = trained(tmp_path, files, "again", "--encoder", "scratch:2x32", "--objective", objective)
    weights = [(folder / "model.safetensors").read_bytes() for folder in (out, again)]
    assert weights[0] == weights[1]

    some = ["ban baN ", "", "\U0001f680", "ban bar bas bat " * 30]
    rows = [json.dumps({"text": text}) for text in some]
    (tmp_path / "new.jsonl").write_text("\n".join(rows), encoding="utf-8")
    vectors_file = tmp_path / "vectors.npy"
    arguments = ["infer", str(tmp_path / "new.jsonl"), "--encoder", str(out)]
    assert main([*arguments, "--output", str(vectors_file)]) == 0
    said = capsys.readouterr().out
    assert "1 of 4 documents without a word piece: the vector is zero" in said
    assert "1 of 4 documents without a known word piece: the vector is zero" in said
    # As many as it was trained with, though more are usual.
    assert "1 of 4 documents of more than 32 tokens: the rest is not read" in said
    vectors = np.load(vectors_file)
    assert (vectors.shape, vectors.dtype) == ((4, 32), np.float32)
    with quiet_and_alone(), torch.inference_mode():
        tokens = AutoTokenizer.from_pretrained(out)(some[0], return_tensors="pt")
        model = AutoModel.from_pretrained(out).eval()
        theirs = model(**tokens).last_hidden_state[0].mean(dim=0).numpy()
    np.testing.assert_allclose(vectors[0], theirs, atol=1e-5)


def test_a_checkpoint_goes_on_and_is_told_from_what_it_was(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    first = save_checkpoint(tmp_path / "first")
    out = trained(tmp_path, files, "mine", "--encoder", str(first), "--precision", "bfloat16")
    (tmp_path / "new.txt").write_text("orbit of a probe\n", encoding="utf-8")
    found = []
    for folder in (first, out):
        path = tmp_path / f"{folder.name}.npy"
        arguments = ["infer", str(tmp_path / "new.txt"), "--encoder", str(folder)]
        assert main([*arguments, "--output", str(path)]) == 0
        found.append(np.load(path))
    assert 0 < np.abs(found[0] - found[1]).max() < 0.5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--window", "3"], "--window is for Doc2Vec, and goes with no --encoder"),
        (["--engine", "native"], "--engine is for Doc2Vec, and goes with no --encoder"),
        (["--run", "results"], "--run is for Doc2Vec, and goes with no --encoder"),
        (["--objective", "nli"], "unknown objective 'nli'"),
        (["--strategy", "frozen(2)"], "strategy frozen(2) freezes weights of Doc2Vec"),
        (["--encoder", "scratch:0x0"], "expected 1 to 48 layers"),
    ],
)
def test_wrong_use_of_train_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, files: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    usual = ["train", "--generic", files[0], "--domain", files[1], "--strategy", "combined"]
    usual += ["--encoder", "scratch:1x16", "--output", str(tmp_path / "mine")]
    assert main([*usual, *arguments]) == 2
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_is_there_is_left_alone(
    tmp_path: Path, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept").touch()
    usual = ["train", "--generic", files[0], "--domain", files[1], "--strategy", "combined"]
    assert main([*usual, "--encoder", "scratch:1x16", "--output", str(tmp_path / "mine")]) == 2
    assert capsys.readouterr().err == (
        f"d2vbench: error: --output {tmp_path / 'mine'} is there already: give the name of a new "
        "folder\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which model? Give --model, or --encoder with a checkpoint"),
        (["--model", "a", "--encoder", "b"], "which model? Give --model, or --encoder"),
        (["--model", "a", "--precision", "bfloat16"], "--precision is for an encoder: give --enc"),
        (["--encoder", "scratch:2x32"], "has random weights: give a checkpoint"),
        (["--encoder", "nobody/nothing"], "is neither a folder nor a model that has been fetched"),
        (["--encoder", "x", "--threads", "2"], "--threads is for Doc2Vec"),
    ],
)
def test_wrong_use_of_infer_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.txt").write_text("a text\n", encoding="utf-8")
    usual = ["infer", str(tmp_path / "new.txt"), "--output", str(tmp_path / "vectors.npy")]
    assert main([*usual, *arguments]) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
