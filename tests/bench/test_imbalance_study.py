"""The study `imbalance`: labels of a long tail, cells of tokens, what it lays out, a small run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import trained_cell
from encoder_support import TINY, needs_extra
from light_run import save_svg
from sklearn.metrics import f1_score, recall_score
from small_run import Quiet

from d2vbench.analysis import load_run
from d2vbench.analysis.studies.imbalance import loss_scores
from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell, cell_from_json, tail_of
from d2vbench.bench.spec.encoder_studies.imbalance import STUDY, imbalance
from d2vbench.bench.spec.request import Request
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import _of_words, _within, record_difference
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.report import build_report
from d2vbench.report.drawing import style
from d2vbench.strategies import parse_strategy

TAIL = "tail-4"
WEIGHTED = "logistic-balanced"


def doc2vec(**own: Any) -> TrainedCell:
    settings = Doc2VecSettings("dbow", vector_size=16, min_count=2)
    return trained_cell(settings=settings, epochs=1, budgets=(TAIL,), **own)


def test_a_long_tail_is_drawn_from_the_share_of_d(small_pair: Pair) -> None:
    cell = doc2vec(fraction=0.5)
    sample = Sample.of(cell, small_pair)
    drawn = sample.labelled(TAIL)
    sizes = np.bincount(drawn.labels, minlength=len(small_pair.classes))
    rare = sample.rare(TAIL)
    assert len(rare) == len(sizes) // 2 and sizes[rare].max() <= np.median(sizes)
    assert sizes.min() >= 2 and sizes.max() > sizes.min()
    assert drawn.documents.max() < len(sample.domain) and not len(sample.rare("5"))
    # The same in every strategy and loss.
    alone = dataclasses.replace(cell, strategy=parse_strategy("domain-only(1)"))
    other = Sample.of(alone, small_pair)
    assert np.array_equal(other.labelled(TAIL).documents, drawn.documents)


def test_what_is_measured_of_rare_classes(small_pair: Pair) -> None:
    cell = doc2vec(classifiers=("logistic", WEIGHTED))
    assert cell_from_json(json.loads(json.dumps(cell.to_json()))) == cell
    assert cell.versions()["long tail"] == 1
    record, predictions = run_cell(cell, small_pair)
    rare = Sample.of(cell, small_pair).rare(TAIL)
    truth = predictions["truth"]
    for name, place in (("logistic", TAIL), (WEIGHTED, f"{TAIL}.{WEIGHTED}")):
        said, told = record["metrics"][TAIL][name], predictions[place]
        how = {"labels": rare, "average": "macro", "zero_division": 0}
        assert said["rare_recall"] == pytest.approx(recall_score(truth, told, **how))
        assert said["rare_f1"] == pytest.approx(f1_score(truth, told, **how))
    weighted = record["metrics"][TAIL][WEIGHTED]
    assert weighted["folds"] == 5 and weighted["converged"] and 0 < weighted["cv_accuracy"] <= 1
    # Labels as they always were have neither, and no version of it.
    plain = dataclasses.replace(cell, budgets=("5",), classifiers=("logistic",))
    assert "long tail" not in plain.versions()
    assert "rare_recall" not in run_cell(plain, small_pair)[0]["metrics"]["5"]["logistic"]


def test_weights_lean_to_rare_classes() -> None:
    from d2vbench.evaluation import CLASSIFIERS

    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [190, 10]).astype(np.int32)
    vectors = (rng.normal(size=(200, 4)) + labels[:, None]).astype(np.float32)
    test = (rng.normal(size=(400, 4)) + (np.arange(400) % 2)[:, None]).astype(np.float32)
    plain, weighted = (
        CLASSIFIERS[name].predict(vectors, labels, test, seed=1) for name in ("logistic", WEIGHTED)
    )
    assert 0.3 < weighted.predicted.mean() < 0.7 and plain.predicted.mean() < 0.3
    one = CLASSIFIERS[WEIGHTED].predict(vectors[[0, 199]], labels[[0, 199]], test, seed=1)
    assert one.details["folds"] == 0 and one.details["cv_accuracy"] is None


def test_what_is_no_long_tail_and_no_cell_of_tokens_is_refused() -> None:
    assert tail_of("tail-20") == 20 and tail_of("whole-10") is None
    for wrong in ("tail-1", "tail-", "tail-x", "tail-2.5"):
        with pytest.raises(UsageError, match="a long tail of labels is tail-2 or steeper"):
            dataclasses.replace(doc2vec(), budgets=(wrong,))
    with pytest.raises(UsageError, match="unknown task of tokens 'names'"):
        dataclasses.replace(doc2vec(), tokens="names")
    with pytest.raises(UsageError, match="an encoder is fine-tuned for them, by any loss but bal"):
        dataclasses.replace(doc2vec(), tokens="planted")


def encoder(arm: str = "", tokens: str = "", seed: int = 0, **own: Any) -> TrainedCell:
    settings = EncoderSettings(**{**TINY, "vocabulary": "natural", "peak_rate": 2e-3})
    budgets = ("80",) if tokens else (TAIL,)
    return dataclasses.replace(
        doc2vec(seed=seed), family="encoder", settings=settings, fine_tuned=arm, tokens=tokens,
        strategy=parse_strategy("untrained"), budgets=budgets, **own,
    )  # fmt: skip


@needs_extra
def test_cells_of_tokens_have_labels_by_document(small_pair: Pair) -> None:
    with pytest.raises(UsageError, match="any loss but balanced, got fine_tuned 'all, balanced'"):
        encoder("all, balanced", "planted")
    for wrong in (TAIL, "whole-10"):
        with pytest.raises(UsageError, match=f"all or a number of documents, got {wrong}"):
            dataclasses.replace(encoder("all", "planted"), budgets=(wrong,))
    one = encoder("all, focal", "planted")
    assert cell_from_json(json.loads(json.dumps(one.to_json()))) == one
    assert one.versions()["tokens planted"] == 1 and "tokens" not in encoder("all").to_json()
    laid = lay_out([encoder(), one, encoder("head", "planted")], {"small": small_pair})
    assert all(seconds > 0 for seconds in laid.work({0, 1, 2}).values())


def grid() -> list[TrainedCell]:
    classifiers = ("logistic", WEIGHTED)
    return [
        cell
        for seed in range(2)
        for cell in (
            doc2vec(seed=seed, classifiers=classifiers),
            encoder(seed=seed, classifiers=classifiers),
            encoder("head", seed=seed),
            encoder("head, weighted", seed=seed),
            encoder("head", "planted", seed),
            encoder("head, weighted", "planted", seed),
        )
    ]


@pytest.fixture(scope="module")
def finished(
    small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunResult:
    out = tmp_path_factory.mktemp("imbalance")
    return run_cells(grid(), small_cards, out, study=STUDY, listener=Quiet(), cache=cache)


@needs_extra
def test_a_run_has_the_records_of_its_cells_alone(finished: RunResult, small_pair: Pair) -> None:
    assert not finished.failures
    store = RecordStore(finished.out)
    place = 5
    record = store.read(finished.keys[place])
    alone, _ = run_cell(grid()[place], small_pair)
    left = {"key", "schema", "versions", "sources"}
    kept = {name: value for name, value in record.items() if name not in left}
    assert record_difference(kept, json.loads(json.dumps(alone))) == ""
    # There are fewer documents than that.
    labelled = len(small_pair.train)
    assert labelled < 80
    assert record["metrics"] == {} and record["counts"]["labelled_80"] == labelled
    assert record["counts"]["token_documents"] == len(small_pair.train)
    said = record["tokens"]["80"]
    assert said.keys() == {"seen", "unseen", "chosen"}
    assert said["chosen"]["documents"] == labelled and said["chosen"]["candidates"] == 6
    assert said["seen"]["outside"] > 0.9 and 0 <= said["seen"]["macro_f1"] <= 1
    assert store.correct(record) == {}


def test_on_another_machine_accuracies_of_words_are_compared() -> None:
    said = {"seen": {"accuracy": 0.98, "macro_f1": 0.3}, "unseen": {}, "chosen": {"passes": 4}}
    assert _of_words({"tokens": {"40": said}}) == {"40, seen": 0.98} and _of_words({}) == {}
    assert _within({"40, seen": (0.98, 0.97)}, 0.02)
    assert not _within({"40, seen": (0.98, 0.95)}, 0.02)
    # Where nothing can be compared, nothing is said to agree.
    assert not _within({}, 0.02)


@needs_extra
def test_the_report_says_what_becomes_of_the_claim(
    finished: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "save_figure", save_svg)
    found = loss_scores(load_run(finished.out))
    places = {(one.task, one.learner, one.names, one.loss) for one in found}
    assert places == {
        *(("", learner, "", loss) for learner in ("head", "logistic regression")
          for loss in ("plain", "weighted")),
        *(("planted", "head", names, loss) for names in ("seen", "unseen")
          for loss in ("plain", "weighted")),
    }  # fmt: skip
    # Of Doc2Vec and of the encoder.
    assert len([one for one in found if one.learner == "logistic regression"]) == 4
    assert all((one.gain is None) == (one.loss == "plain") for one in found)
    build_report(finished.out)
    text = (finished.out / "report.md").read_text(encoding="utf-8")
    assert "E6. A loss that weighs each class alike raises macro-F1 where classes are rare." in text
    assert "Losses and rare classes of documents" in text
    assert "Losses and rare classes of words" in text
    assert "a long tail of labels, 4 to 1" in text
    cells = (finished.out / "cells.csv").read_text(encoding="utf-8")
    assert "tokens_unseen_macro_f1_80" in cells and f"{WEIGHTED}_rare_f1_{TAIL}" in cells


@needs_extra
def test_the_study_has_each_loss_and_more_in_larger_profiles() -> None:
    request = Request(pairs=("mine", "reuters-comp"), family="encoder", encoder=("scratch:2x32",),
                      seeds=1)  # fmt: skip

    def laid(profile: str) -> set[Any]:
        return set(imbalance(dataclasses.replace(request, profile=profile)))

    quick, default, full = map(laid, ("quick", "default", "full"))
    assert quick < default < full
    assert {c.variant for c in default if isinstance(c, BaselineCell)} == {"tf-idf"}
    trained = [c for c in default if isinstance(c, TrainedCell)]
    assert {c.budgets for c in trained if not c.tokens} == {("tail-20",)}
    arms = {c.fine_tuned for c in trained if not c.tokens and c.family == "encoder"}
    assert arms == {"", "all", "all, weighted", "all, balanced", "all, focal", "head",
                    "head, weighted"}  # fmt: skip
    of_words = {(c.pair, c.tokens, c.fine_tuned) for c in trained if c.tokens}
    assert of_words == {
        (pair, task, arm)
        for pair, task in (("mine", "planted"), ("reuters-comp", "planted"),
                           ("reuters-comp", "tagged"))
        for arm in ("all", "all, weighted", "all, focal")
    }  # fmt: skip
    # One body for all, and both logistic regressions on it and on Doc2Vec.
    assert {str(c.strategy) for c in trained} == {"oversampled(4)"}
    assert {c.family for c in trained if WEIGHTED in c.classifiers} == {"doc2vec", "encoder"}
    more = imbalance(dataclasses.replace(request, labels_per_class=("10",)))
    assert {c.budgets for c in more if not getattr(c, "tokens", "")} == {("tail-20", "10")}
