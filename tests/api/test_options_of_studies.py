"""Every option of a run changes what a study computes, or is refused: none is ignored."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from encoder_support import needs_extra, save_checkpoint
from saved_models_support import model_path

import d2vbench
from d2vbench.api.asking import OF_ENCODERS, OWN_OPTIONS, prepare
from d2vbench.bench.spec.cell import Cell
from d2vbench.bench.spec.studies import STUDIES
from d2vbench.cli.main import main
from d2vbench.errors import UserError

# Values of each option, where it takes several at least two. Names of files are made below.
VALUES: dict[str, Sequence[Any]] = {
    "models": ("dm-mean", "dm-sum"), "strategies": ("combined", "oversampled(4)"),
    "schedules": ("restart", "rewarmed"), "seeds": (1,), "epochs": (3,), "alpha": (0.06,),
    "min_alpha": (0.0002,), "engine": ("gensim",), "family": ("word2vec-mean",),
    "vector_size": (50, 60), "window": (3, 4), "negative": (7, 8), "sample": (0.01, 0.02),
    "min_count": (2, 3),
    "vocabulary": (
        "presented", "natural", "own", "checkpoint+100", "checkpoint+200", "model", "model-expanded"
    ),
    "encoder": ("scratch:1x64", "scratch:1x128"), "revision": ("abc",),
    "objective": ("crops", "mlm"), "optimiser": ("carried", "reset"),
    "precision": ("float32", "bfloat16"), "max_tokens": (32, 48), "batch": (8, 16),
    "peak_rate": (1e-3, 2e-3), "nli": ("CHECKPOINT",), "arms": ("all", "head"),
    "infer_epochs": (5, 6), "infer_alpha": (0.05, 0.06), "choose_inference": (True,),
    "labels_per_class": (5, 6), "classifiers": ("knn", "centroid"), "diagnostics": (True,),
    "generic_model": (model_path("3.8.3/dbow"),), "word_vectors": ("VECTORS",),
}  # fmt: skip
# What decides where and how to compute, and on what; the latter's options have their own tests.
ELSEWHERE = {
    "study", "profile", "pairs", "generic", "domain", "jobs", "memory", "checkpoint_limit",
    "time_limit", "backend", "address", "force", "only_missing", "fail_fast", "stop_after", "out",
    "name", "quiet", *OWN_OPTIONS,
}  # fmt: skip
# What a study does anyway.
ALWAYS = {("drift", "diagnostics"), ("inference", "choose_inference")}
# What a study cannot do without, or only has with something else.
NEEDS: dict[str, dict[str, Any]] = {
    "warm": {"generic_model": model_path("3.8.3/dbow")},
    "zero-shot": {"encoder": "CHECKPOINT"},
    "new-words": {"encoder": "CHECKPOINT"},
    "shift": {"pairs": "synthetic"},
    "replication": {"pairs": None},
}
ASKED: list[tuple[str, dict[str, Any]]] = [
    *((study, NEEDS.get(study, {})) for study in STUDIES.built_in),
    ("all", {}),
    ("strategies", {"family": "word2vec-mean"}),
    ("strategies", {"family": "encoder"}),
    ("strategies", {"generic_model": model_path("3.8.3/dbow")}),
    ("strategies", {"word_vectors": "VECTORS"}),
    ("encoders", {"word_vectors": "VECTORS"}),
]


def test_every_option_of_a_run_is_tried() -> None:
    names = set(inspect.signature(d2vbench.run).parameters)
    assert names == {*VALUES, *ELSEWHERE}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("files")
    vectors = folder / "v.txt"
    vectors.write_text("2 4\nthe 1 2 3 4\narray 1 1 2 3\n", encoding="utf-8")
    return {"VECTORS": vectors, "CHECKPOINT": str(save_checkpoint(folder / "checkpoint"))}


@needs_extra
@pytest.mark.parametrize(
    ("study", "asked"), ASKED, ids=[f"{study}-{'-'.join(asked)}" for study, asked in ASKED]
)
def test_an_option_changes_what_is_computed_or_is_refused(
    study: str,
    asked: dict[str, Any],
    files: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    common = {"study": study, "profile": "quick", "pairs": "docstrings-scipy", **asked}

    def cells(**more: Any) -> list[Cell]:
        given = {k: files.get(str(v), v) for k, v in {**common, **more}.items()}
        return prepare(given, lambda text: None).asked.cells

    def accepted(name: str, values: Sequence[Any]) -> dict[Any, list[Cell]]:
        found = {}
        for value in values:
            try:
                found[value] = cells(**{name: value})
            except UserError:
                continue
        return found

    usual = cells()
    ignored = []
    for name, values in VALUES.items():
        if name in asked or (study, name) in ALWAYS:
            continue
        found = accepted(name, values)
        if found and all(some == usual for some in found.values()):
            ignored.append(name)
        several = list(found)
        if len(several) > 1 and found[several[0]] != found[several[1]]:
            pair = (several[0], several[1])
            both = accepted(name, [pair])
            if both and both[pair] in (found[pair[0]], found[pair[1]]):
                ignored.append(f"second of {name}")
    assert ignored == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("frontier --alpha 0.05", "--alpha changes nothing in study frontier: leave it out"),
        ("tuned --alpha 0.05", "--alpha changes nothing in study tuned: leave it out"),
        (
            "replication --labels-per-class 5",
            "--labels-per-class changes nothing in study replication: leave it out",
        ),
    ],
)
def test_what_is_refused_is_said(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *arguments.split(), "--dry-run"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"d2vbench: error: {message}"


@needs_extra
@pytest.mark.parametrize("study", OF_ENCODERS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--diagnostics", "--diagnostics changes nothing in study {}: leave it out"),
        (
            "--family word2vec-mean",
            "study {} is one of encoders: leave out --family word2vec-mean",
        ),
    ],
)
def test_what_studies_of_encoders_refuse(
    study: str, arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", study, *arguments.split(), "--dry-run"]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == f"d2vbench: error: {message.format(study)}"


@needs_extra
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "imbalance --classifier knn",
            "--classifier changes nothing in study imbalance: leave it out",
        ),
        (
            "zero-shot --objective mlm",
            "--objective changes nothing in study zero-shot: leave it out",
        ),
        (
            "zero-shot --max-tokens 64 128",
            "study zero-shot takes one value of --max-tokens, got 2",
        ),
        (
            "fine-tuning --engine native",
            "--engine is for models of Doc2Vec, and study fine-tuning trains none here: leave it "
            "out",
        ),
        (
            "order --family word2vec-mean --engine native",
            "--engine is for models of Doc2Vec, and study order trains none here: leave it out",
        ),
    ],
)
def test_what_one_study_refuses(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *arguments.split(), "--dry-run"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"d2vbench: error: {message}"
