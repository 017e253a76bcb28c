"""Runs of encoders: records are the same however they are computed, and reports name them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from cells import trained_cell
from encoder_support import TINY, needs_extra, save_checkpoint
from models_support import selection
from small_run import Quiet, backend

from d2vbench.analysis import load_run
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell, cell_from_json
from d2vbench.bench.spec.encoder_studies.encoders import encoders
from d2vbench.bench.spec.identity import checksum
from d2vbench.bench.spec.request import Request
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import record_difference, verify
from d2vbench.cli.main import main
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.evaluation import outcome_problem
from d2vbench.evaluation.class_titles import title_of
from d2vbench.evaluation.pretrained import OF_ANY_ENCODER, find_baseline
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.report import build_report
from d2vbench.strategies import parse_schedule, parse_strategy

pytestmark = needs_extra
BUDGETS = ("all", "5")


def cell(strategy: str, schedule: str, **own: object) -> TrainedCell:
    return dataclasses.replace(
        trained_cell(epochs=1, budgets=BUDGETS),
        family="encoder",
        settings=EncoderSettings(**{**TINY, **own}),  # type: ignore[arg-type]
        strategy=parse_strategy(strategy),
        schedule=parse_schedule(schedule),
    )


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> EncoderSettings:
    folder = save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "mine")
    return EncoderSettings(str(folder), max_tokens=32)


@pytest.fixture(scope="module")
def asked(checkpoint: EncoderSettings) -> list[Cell]:
    grid: list[Cell] = []
    for own in ({}, {"precision": "bfloat16", "objective": "mlm", "optimiser": "reset"}):
        grid += [
            cell("combined", "linear", **own),
            cell("sequential(1)", "restart", **own),
            cell("sequential(1)", "follow-up(0.005)", **own),
        ]
    others = [BaselineCell("small", 1.0, name, 0, BUDGETS, checkpoint) for name in OF_ANY_ENCODER]
    return [*grid, *others]


@pytest.fixture(scope="module")
def finished(
    asked: list[Cell], small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunResult:
    out = tmp_path_factory.mktemp("encoders")
    return run_cells(asked, small_cards, out, study="strategies", listener=Quiet(), cache=cache)


def test_a_cell_alone_gives_the_record_of_the_run(
    asked: list[Cell], finished: RunResult, small_pair: Pair
) -> None:
    """In the run both follow-ups went on from one checkpoint of their generic phase."""
    assert not finished.failures and finished.words["tree"] < finished.words["alone"]
    store = RecordStore(finished.out)
    for one, key in zip(asked, finished.keys, strict=True):
        record = store.read(key)
        assert cell_from_json(json.loads(json.dumps(one.to_json()))) == one
        alone, _ = run_cell(one, small_pair)
        left = {"key", "schema", "versions", "sources"}
        kept = {name: value for name, value in record.items() if name not in left}
        assert record_difference(kept, json.loads(json.dumps(alone))) == ""
        assert 0 < record["metrics"]["all"]["logistic"]["accuracy"] <= 1
        assert set(record["libraries"]) == {"torch", "transformers", "tokenizers"}


@pytest.mark.processes
def test_processes_of_their_own_give_the_same_records(
    asked: list[Cell], finished: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    some = [asked[0], asked[4], asked[-1]]
    result = run_cells(
        some, small_cards, tmp_path, study="strategies", listener=Quiet(), cache=cache,
        backend=backend(2),
    )  # fmt: skip
    assert not result.failures
    here, there = RecordStore(finished.out), RecordStore(tmp_path)
    for key in result.keys:
        assert record_difference(here.read(key), there.read(key)) == ""
        right = here.correct(here.read(key)), there.correct(there.read(key))
        assert all(np.array_equal(right[0][name], right[1][name]) for name in right[0])


def test_a_report_names_encoders_and_what_others_have_trained(finished: RunResult) -> None:
    data = load_run(finished.out)
    assert set(data.cells["model"]) == {
        "scratch-2x32-crops", "scratch-2x32-mlm-reset", "baseline"
    }  # fmt: skip
    # Settings of one kind of model are usual for it, whatever others have.
    assert set(data.cells["setting"]) == {""}
    paths = build_report(finished.out)
    text = (finished.out / "report.md").read_text(encoding="utf-8")
    assert "mine as it is (pre-trained by others) + logistic regression" in text
    assert "Engine: encoder." in paths.note and "inferred" not in paths.note
    assert "mine (pre-trained by others) by the titles of classes, without labels" in text
    # Trained models are not measured against what others have trained on text of their own.
    assert "the best without Doc2Vec (mine" not in text


def test_elsewhere_accuracies_may_differ_by_the_tolerance_that_is_said(
    finished: RunResult, small_pair: Pair, tmp_path: Path
) -> None:
    import shutil

    run = Path(shutil.copytree(finished.out, tmp_path / "run"))
    key, store = finished.keys[0], RecordStore(run)
    assert verify(store, key, small_pair).difference == ""
    path = run / "records" / f"{key}.json"
    record = json.loads(path.read_text())
    assert record["tolerance"] == 0.02
    for by, library, same in ((0.01, None, False), (0.01, "1.0", True), (0.03, "1.0", False)):
        changed = json.loads(json.dumps(record))
        changed["metrics"]["all"]["logistic"]["accuracy"] += by
        changed["libraries"]["torch"] = library or changed["libraries"]["torch"]
        changed["sha256"] = checksum(changed)
        path.write_text(json.dumps(changed))
        found = verify(store, key, small_pair)
        assert (found.difference == "") == same
        assert found.tolerance == (0.02 if same else 0)
        assert ("torch 1.0 there" in found.elsewhere) == (library is not None)


def test_a_loss_that_is_no_number_fails_the_cell(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from d2vbench.families.encoder.network import Network

    plain = Network.contrastive_loss
    monkeypatch.setattr(
        Network, "contrastive_loss", lambda self, *parts: plain(self, *parts) * float("nan")
    )
    result = run_cells(
        [cell("combined", "linear")], small_cards, tmp_path, study="strategies", listener=Quiet(),
        cache=cache,
    )  # fmt: skip
    ((_, failure),) = result.failures
    assert "after 0 updates the loss is nan: lower alpha or peak_rate" in failure.reason()
    assert not RecordStore(tmp_path).present(result.keys)


def test_the_study_has_three_leagues(checkpoint: EncoderSettings) -> None:
    names = (checkpoint.encoder, "scratch:1x16")
    request = Request(pairs=("mine",), family="encoder", encoder=names, max_tokens=(32,), seeds=1)
    cells = encoders(request)
    assert {c.variant for c in cells if isinstance(c, BaselineCell)} == {
        "frozen-encoder mine", "zero-shot mine", "tf-idf"
    }  # fmt: skip
    trained = [c for c in cells if isinstance(c, TrainedCell)]
    by_model = {
        model: [c for c in trained if c.model == model] for model in {c.model for c in trained}
    }
    assert set(by_model) == {"mine-crops", "scratch-1x16-crops", "dbow"}
    plans = {m: {(str(c.strategy), str(c.schedule), c.epochs) for c in some}
             for m, some in by_model.items()}  # fmt: skip
    # Doc2Vec is there for the same presentations, and for ten times as many.
    words = plans.pop("dbow")
    (same,) = {frozenset(some) for some in plans.values()}
    assert words == same | {(strategy, rates, 10 * epochs) for strategy, rates, epochs in same}
    quick = encoders(dataclasses.replace(request, profile="quick"))
    assert set(quick) < set(cells)
    assert {c.epochs for c in quick if isinstance(c, TrainedCell)} == {e for _, _, e in same}
    full = encoders(dataclasses.replace(request, profile="full", encoder=None))
    models = {c.model for c in full if isinstance(c, TrainedCell)}
    assert {"scratch-2x128-crops", "scratch-2x128-mlm", "scratch-2x128-crops-reset"} <= models


def test_what_does_not_go_with_a_baseline_is_refused(checkpoint: EncoderSettings) -> None:
    for name, encoder in (("tf-idf", checkpoint), ("frozen-encoder", None)):
        with pytest.raises(UsageError, match="an encoder is for frozen-encoder, zero-shot"):
            BaselineCell("small", 1.0, name, 0, BUDGETS, encoder)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--encoder", "nobody/nothing"], "is neither a folder nor a model that has been fetched"),
        (["--encoder", "scratch:9"], "expected scratch:LAYERSxWIDTH, as in scratch:2x128"),
        (["--objective", "nli"], "unknown objective 'nli'"),
        (["--max-tokens", "2"], "max_tokens must be 8 or more, got 2"),
        (["--infer-epochs", "5"], "family encoder trains nothing to encode a document"),
        (["--window", "3"], "no such setting: window; there are encoder,"),
    ],
)
def test_wrong_use_is_one_sentence(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["run", "strategies", "--pair", "synthetic", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--family", "encoder", *options]) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_fetch_says_where_an_encoder_is(
    checkpoint: EncoderSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "--encoder", checkpoint.encoder]) == 0
    assert capsys.readouterr().out == (
        f"{checkpoint.encoder}: is there, in {Path(checkpoint.encoder).resolve()}\n"
        f"  sha256 {checkpoint.weights}\n"
    )
    for arguments in (["fetch"], ["fetch", "imdb", "--encoder", "x"]):
        assert main(arguments) == 2
        assert "what to fetch? Give a corpus" in capsys.readouterr().err
    assert main(["fetch", "imdb", "--revision", "x"]) == 2
    assert "--revision is that of an encoder" in capsys.readouterr().err
    assert main(["fetch", "--encoder", "x", "--force"]) == 2
    assert "--from and --force are for corpora" in capsys.readouterr().err


def test_zero_shot_takes_the_class_whose_title_is_nearest(checkpoint: EncoderSettings) -> None:
    titles = ["the.orbit/of_a-probe", "card over chips"]
    some = selection(["Card over chips!", "the orbit of a probe", "the orbit of a probe"])
    baseline = find_baseline("zero-shot", checkpoint, titles)
    nothing = some.take(np.arange(0))
    (outcome,) = baseline.predict(nothing, nothing, some, [None], 0)  # type: ignore[list-item]
    assert outcome.predicted.tolist() == [1, 0, 0]
    assert outcome_problem(outcome, 3) == ""
    with pytest.raises(UserError) as caught:
        title_of("12.3")
    assert str(caught.value) == (
        "class '12.3' has no title that could be read: zero-shot classification needs classes "
        "with names"
    )
