"""Inference chosen by cross-validation beside the pinned one, from one trained model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import changed, trained_cell

from d2vbench.bench.compute import work
from d2vbench.bench.compute.inference_grid import try_grid
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec.cell import TrainedCell, cell_from_json
from d2vbench.bench.spec.request import INFERENCE_ALPHAS, INFERENCE_EPOCHS, Request
from d2vbench.bench.spec.studies import study_cells
from d2vbench.bench.store.packed import read_packed, write_packed
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.evaluation import MAIN_CLASSIFIER, Outcome
from d2vbench.families import FAMILIES, InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings

PINNED = InferenceSettings()
GRID = (PINNED, InferenceSettings(40, 0.1), InferenceSettings(2, 0.01))
BUDGETS = ("all", "5")


def choosing(grid: tuple[InferenceSettings, ...] = GRID, **more: Any) -> TrainedCell:
    return trained_cell(
        settings=Doc2VecSettings(vector_size=8, min_count=2), epochs=3, engine="gensim",
        budgets=BUDGETS, inference_grid=grid, **more,
    )  # fmt: skip


def judged(accuracy: float, cv_accuracy: float | None) -> dict[str, Any]:
    predicted = np.full(4, round(100 * accuracy), np.int32)
    metrics = {"accuracy": accuracy, "cv_accuracy": cv_accuracy}
    return {"10": (Outcome(predicted), metrics)}


def tried(scores: list[float | None], grid: tuple[InferenceSettings, ...] = GRID) -> Any:
    """Try a grid whose accuracy on test documents falls as that of cross-validation rises."""
    said = {
        settings: judged(0.9 - 0.1 * i, score)
        for i, (settings, score) in enumerate(zip(grid, scores, strict=True))
    }
    return try_grid(grid, PINNED, said[PINNED], lambda settings: said[settings])


def test_training_documents_alone_choose() -> None:
    record, predictions = tried([0.5, 0.7, 0.6])
    assert record["chosen"] == {"10": 1}
    assert record["band"] == {"10": [pytest.approx(0.7), 0.9]}
    assert predictions["10.chosen"].tolist() == [80] * 4
    assert [point["epochs"] for point in record["points"]] == [20, 40, 2]
    assert record["points"][1]["metrics"]["10"] == {"accuracy": 0.8, "cv_accuracy": 0.7}


@pytest.mark.parametrize(
    ("scores", "place"),
    [
        ([0.7, 0.7, 0.7], 0),  # The pinned one,
        ([0.5, 0.7, 0.7], 2),  # then that of the fewest passes.
        ([0.5, 0.7, 0.7 + 1e-15], 2),
        ([0.5, 0.7 + 1e-15, 0.7], 2),
    ],
)
def test_of_equals_the_usual_and_the_cheapest(scores: list[float | None], place: int) -> None:
    assert tried(scores)[0]["chosen"] == {"10": place}


def test_without_cross_validation_nothing_is_chosen() -> None:
    record, predictions = tried([None, None, None])
    assert record["chosen"] == {"10": None}
    assert predictions == {}
    assert record["band"]["10"][1] == 0.9


def test_the_record_says_what_each_setting_gives_as_if_it_had_been_pinned(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[Any] = []
    usual = work.train_phase
    monkeypatch.setattr(work, "train_phase", lambda *a: (trained.append(1), usual(*a)))
    record, predictions = run_cell(choosing(), small_pair)
    assert len(trained) == 1
    for place, settings in enumerate(GRID):
        alone, said = run_cell(choosing((), inference=settings), small_pair)
        point = record["inference"]["points"][place]
        assert point["metrics"] == {b: alone["metrics"][b][MAIN_CLASSIFIER] for b in BUDGETS}
        for budget in BUDGETS:
            if record["inference"]["chosen"][budget] == place:
                assert np.array_equal(predictions[f"{budget}.chosen"], said[budget])
    for budget in BUDGETS:
        scores = [p["metrics"][budget]["cv_accuracy"] for p in record["inference"]["points"]]
        assert scores[record["inference"]["chosen"][budget]] == max(scores)
        accuracies = [p["metrics"][budget]["accuracy"] for p in record["inference"]["points"]]
        assert record["inference"]["band"][budget] == [min(accuracies), max(accuracies)]


def test_everything_pinned_is_as_without_a_choice(small_pair: Pair) -> None:
    record, predictions = run_cell(choosing(), small_pair)
    plain, said = run_cell(choosing(()), small_pair)
    assert {**plain, "cell": 0, "seconds": 0} == {
        **{name: value for name, value in record.items() if name != "inference"},
        "cell": 0,
        "seconds": 0,
    }
    assert all(np.array_equal(predictions[name], said[name]) for name in said)
    assert predictions.keys() - said.keys() == {"all.chosen", "5.chosen"}


def test_a_cell_that_chooses_nothing_keeps_its_key() -> None:
    plain, more = choosing(()), choosing()
    # As before there was a choice.
    assert plain.to_json().keys() == {
        "pair", "fraction", "family", "settings", "strategy", "schedule", "seed", "epochs",
        "alpha", "min_alpha", "inference", "budgets", "classifiers", "vectors",
    }  # fmt: skip
    assert "choice of inference" not in plain.versions()
    assert more.key("pair") != plain.key("pair")
    assert more.versions()["choice of inference"] == 1
    for one in (plain, more):
        assert cell_from_json(one.to_json()) == one


@pytest.mark.parametrize(
    ("grid", "more", "says"),
    [
        ((PINNED,), {}, "2 or more different settings to choose from, got 1"),
        (GRID[1:], {}, "must contain the pinned inference"),
        (GRID, {"vectors": "trained", "strategy": "combined"}, "are not inferred"),
    ],
)
def test_a_grid_that_chooses_nothing_is_refused(
    grid: tuple[InferenceSettings, ...], more: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        choosing(grid, **more)


def test_a_family_that_trains_nothing_to_encode_has_no_grid() -> None:
    family = FAMILIES["word2vec-mean"]
    with pytest.raises(UsageError, match="trains nothing to encode"):
        changed(choosing(), family=family.name, settings=family.settings())
    with pytest.raises(UsageError, match="trains nothing to encode"):
        Request(family=family.name, choose_inference=True)


def test_a_request_for_the_choice_gives_every_inferred_cell_the_grid() -> None:
    request = Request(choose_inference=True)
    grid = request.inference_grid()
    assert grid[0] == PINNED
    assert {(s.epochs, s.alpha) for s in grid} == {
        (epochs, alpha) for epochs in INFERENCE_EPOCHS for alpha in INFERENCE_ALPHAS
    }
    cells = [c for c in study_cells("strategies", request).cells if isinstance(c, TrainedCell)]
    assert {(c.inference, c.inference_grid) for c in cells} == {(PINNED, grid)}
    of_training = study_cells("replication", request).cells
    assert {bool(c.inference_grid) for c in of_training if c.vectors == "trained"} == {False}  # type: ignore[union-attr]
    own = Request(choose_inference=True, infer_epochs=(5,), infer_alpha=(0.05,)).inference_grid()
    assert own == (PINNED, InferenceSettings(5, 0.05))
    with pytest.raises(UsageError, match="chosen from 2 or more settings, got only the pinned"):
        Request(choose_inference=True, infer_epochs=(20,), infer_alpha=(0.025,))


@pytest.mark.parametrize("profile", ["quick", "default", "full"])
def test_the_study_chooses_for_every_strategy_alike(profile: str) -> None:
    cells = study_cells("inference", Request(profile)).cells
    assert {c.strategy.name for c in cells} == {
        "domain-only", "combined", "oversampled", "sequential"
    }  # fmt: skip
    assert len({c.inference_grid for c in cells}) == 1
    assert cells[0].inference_grid


def test_all_leaves_the_study_out_where_there_is_nothing_to_choose_from() -> None:
    request = Request(infer_epochs=(20,), infer_alpha=(0.025,))
    assert "inference" not in study_cells("all", request).by_study


def test_a_cell_that_one_study_chooses_for_is_computed_once() -> None:
    grids = study_cells("all", Request()).by_study
    choosing = set(grids["inference"])
    plain = {dataclasses.replace(cell, inference_grid=()) for cell in choosing}
    assert choosing <= set(grids["strategies"])
    assert not plain & {cell for cells in grids.values() for cell in cells}
    alone = study_cells("strategies", Request()).cells
    assert len(alone) == len(grids["strategies"])


def test_the_choice_costs_inference_and_no_training(small_pair: Pair) -> None:
    cells = [choosing(()), choosing()]
    layout = lay_out(cells, {"small": small_pair})
    assert layout.words["tree"] == layout.words["alone"] / 2
    work = layout.work({0, 1})
    assert work[1] > work[0]


def test_packed_records_keep_what_was_right_with_the_chosen_inference(
    small_pair: Pair, tmp_path: Path
) -> None:
    cell = choosing()
    record, predictions = run_cell(cell, small_pair)
    store, key = RecordStore(tmp_path), cell.key(small_pair.key)
    provenance = {"versions": cell.versions(), "environment": {}}
    store.write(key, {**record, **provenance}, predictions)
    correct = store.correct(store.read(key))
    assert correct.keys() >= {"all", "5", "all.chosen", "5.chosen"}
    (out := tmp_path / "packed").mkdir()
    write_packed(out, [(store.read(key), correct)])
    packed = read_packed(out).correct[key]
    for budget, place in record["inference"]["chosen"].items():
        accuracy = record["inference"]["points"][place]["metrics"][budget]["accuracy"]
        assert packed[f"{budget}.chosen"].mean() == pytest.approx(accuracy)


def test_a_grid_that_grows_knows_a_cell_by_its_record_with_a_choice() -> None:
    first = study_cells("all", Request())
    recorded = set(first.cells)

    def scores(cell: Any) -> dict[str, float] | None:
        # The best lies at the end of the axis of alpha.
        return {"all": cell.alpha} if cell in recorded else None

    wider = study_cells("all", Request(scores=scores))
    ends = [max(cell.alpha for cell in one.by_study["tuned"]) for one in (first, wider)]  # type: ignore[union-attr]
    assert ends[0] < ends[1]
