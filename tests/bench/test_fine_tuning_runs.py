"""Runs of fine-tuning: records are the same however they are computed; the study and its claims."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from cells import trained_cell
from encoder_support import TINY, needs_extra, save_checkpoint
from small_run import Quiet

from d2vbench.analysis import load_run
from d2vbench.analysis.claims.fine_tuning import ENCODER_CLAIMS
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.plan.memory import Costs
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell, cell_from_json
from d2vbench.bench.spec.encoder_studies.fine_tuning import STUDY, fine_tuning
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.bench.store.records import RecordStore
from d2vbench.bench.store.verify import record_difference
from d2vbench.cli.main import main
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError
from d2vbench.families import FAMILIES, refusal
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.report import build_report
from d2vbench.strategies import parse_schedule, parse_strategy

pytestmark = needs_extra


def cell(strategy: str, arm: str = "", seed: int = 0, **own: Any) -> TrainedCell:
    schedule = "restart" if strategy.startswith("sequential") else "linear"
    settings = EncoderSettings(**{**TINY, "vocabulary": "natural", "peak_rate": 2e-3, **own})
    return dataclasses.replace(
        trained_cell(epochs=1, budgets=("5",)), family="encoder", settings=settings,
        strategy=parse_strategy(strategy), schedule=parse_schedule(schedule), seed=seed,
        fine_tuned=arm,
    )  # fmt: skip


def asked() -> list[TrainedCell]:
    some = [("untrained", ""), ("untrained", "head"), ("domain-only(4)", "head")]
    grid = [cell(strategy, arm, seed) for strategy, arm in some for seed in range(2)]
    return [
        *grid,
        *(cell("untrained", "all", seed) for seed in range(2)),
        cell("sequential(4)", "all, weighted", precision="bfloat16"),
    ]


@pytest.fixture(scope="module")
def finished(
    small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunResult:
    out = tmp_path_factory.mktemp("tuned")
    return run_cells(asked(), small_cards, out, study=STUDY, listener=Quiet(), cache=cache)


def test_a_cell_alone_gives_the_record_of_the_run(finished: RunResult, small_pair: Pair) -> None:
    """In the run the cells of one body went on from one training."""
    assert not finished.failures
    store = RecordStore(finished.out)
    for place in (3, 5, 8):
        one, record = asked()[place], store.read(finished.keys[place])
        assert cell_from_json(json.loads(json.dumps(one.to_json()))) == one
        alone, _ = run_cell(one, small_pair)
        left = {"key", "schema", "versions", "sources"}
        kept = {name: value for name, value in record.items() if name not in left}
        assert record_difference(kept, json.loads(json.dumps(alone))) == ""
        said = record["metrics"]["5"]["logistic"]
        assert 0 < said["accuracy"] <= 1 and 0 < said["macro_f1"] <= 1
        assert said["candidates"] == 6 and "c" not in said
        assert record["versions"]["fine-tuning"] == 2
        assert "classifier logistic" not in record["versions"]
        assert record["seconds"]["fine_tune"] > 0


def test_the_report_reads_the_claims_off_the_study(finished: RunResult) -> None:
    data = load_run(finished.out)
    assert set(data.cells["setting"]) - {""} == {
        "fine-tuned head", "fine-tuned all", "bfloat16, fine-tuned all, weighted"
    }  # fmt: skip
    build_report(finished.out)
    text = (finished.out / "report.md").read_text(encoding="utf-8")
    assert "Fine-tuning: claims and verdicts" in text
    for claim in ENCODER_CLAIMS:
        assert claim.statement in text
    assert "all weights minus frozen vectors, the encoder as it is" in text
    assert "untrained; fine-tuned all against untrained" in text
    # What the run has not is said to be missing, and what the common advice is about is apart.
    assert "needs cells of study fine-tuning" in text


def test_bodies_are_trained_once_for_all_arms(small_pair: Pair) -> None:
    arms = ("", "all", "head")
    cells = [cell("sequential(4)", arm) for arm in arms]
    laid = lay_out(cells, {"small": small_pair})
    assert [len(stretch.cells) for stretch in laid.stretches] == [3]
    seconds = laid.work({0, 1, 2})
    # All weights take the longest, a head reads once.
    assert seconds[1] > seconds[2] and seconds[1] > seconds[0]
    memory = [Costs().memory(one, small_pair) for one in cells]
    assert memory[0] < memory[1] == memory[2]


def test_the_study_has_each_body_with_each_arm(tmp_path: Path) -> None:
    checkpoint = str(save_checkpoint(tmp_path / "mine"))
    request = Request(
        pairs=("mine",), family="encoder", encoder=("scratch:2x32", checkpoint), seeds=1,
        max_tokens=(32,),
    )  # fmt: skip
    cells = fine_tuning(request)
    assert [c.variant for c in cells if isinstance(c, BaselineCell)] == ["tf-idf"]
    trained = [c for c in cells if isinstance(c, TrainedCell)]
    by_model = {
        m: {(str(c.strategy), c.fine_tuned) for c in trained if c.model == m}
        for m in {c.model for c in trained}
    }
    bodies = {"untrained", "domain-only(4)", "oversampled(4)", "sequential(4)"}
    every = {(body, arm) for body in bodies for arm in ("", "all")}
    every |= {(b, arm) for b in ("untrained", "oversampled(4)") for arm in ("head", "top(1)")}
    assert by_model == {
        "scratch-2x32-crops-natural": every, "mine-crops": {*every, ("untrained", "scratch")}
    }  # fmt: skip
    chosen = fine_tuning(dataclasses.replace(request, arms=("all, weighted",)))
    assert {c.fine_tuned for c in chosen if isinstance(c, TrainedCell)} == {"", "all, weighted"}
    assert {
        str(c.strategy) for c in chosen if isinstance(c, TrainedCell) and c.fine_tuned
    } == bodies
    assert {c.precision for c in (one.settings for one in trained)} == {"bfloat16"}
    quick = fine_tuning(dataclasses.replace(request, profile="quick"))
    assert len(quick) < len(cells)
    with pytest.raises(UsageError, match=r"top\(3\): encoder .* has 2 layers"):
        fine_tuning(dataclasses.replace(request, arms=("top(3)",)))
    with pytest.raises(UsageError, match="is for study fine-tuning, got study encoders"):
        study_cells("encoders", dataclasses.replace(request, arms=("all",)))


def test_what_cannot_be_fine_tuned_is_refused() -> None:
    usual = trained_cell()
    with pytest.raises(UsageError, match="fine-tuning is for encoders, got family doc2vec"):
        dataclasses.replace(usual, fine_tuned="all")
    with pytest.raises(UsageError, match="leave out inference_grid, diagnosed and further"):
        dataclasses.replace(cell("combined", "all"), diagnosed=True)
    with pytest.raises(UsageError, match="arm 'all, plain' is written 'all'"):
        cell("combined", "all, plain")
    with pytest.raises(UsageError, match=r"fine-tuning top\(3\): the encoder has 2 layers"):
        cell("combined", "top(3)")
    untrained = parse_strategy("untrained")
    said = refusal(FAMILIES["doc2vec"], usual.settings, untrained)
    assert said == "strategy untrained trains nothing: it is for encoders, got family doc2vec"
    presented = EncoderSettings(**TINY)
    assert "take vocabulary natural" in refusal(FAMILIES["encoder"], presented, untrained)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--arm", "most"], "an arm of fine-tuning is all, top(n), head or scratch"),
        (["--arm", "top(4)"], "fine-tuning top(4): encoder scratch:2x128 has 2 layers"),
        (["--encoder", "nobody/nothing"], "is neither a folder nor a model that has been fetched"),
    ],
)
def test_wrong_use_is_one_sentence(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["run", STUDY, "--pair", "synthetic", "--out", str(tmp_path / "run")]
    assert main([*arguments, *options]) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
    assert not (tmp_path / "run").exists()
