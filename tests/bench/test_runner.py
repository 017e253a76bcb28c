"""The runner computes what is missing, once, and the same in any way of running it."""

from __future__ import annotations

import dataclasses
import json
import random
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from cells import changed
from small_run import EPOCHS, Quiet, backend, grid

from d2vbench import keys as keys_module
from d2vbench.analysis import load_run
from d2vbench.bench.compute import work as work_module
from d2vbench.bench.compute.measure import measure
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.runner import RunResult, _Run, run_cells
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec import versions
from d2vbench.bench.spec.cell import Cell, TrainedCell
from d2vbench.bench.spec.studies import PROFILES, Request, study_cells
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.evaluation import BASELINES
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings


def run(cells: list[Cell], cards: Cards, out: Path, cache: Path, jobs: int = 1):  # type: ignore[no-untyped-def]
    listener = Quiet()
    result = run_cells(
        cells, cards, out, study="strategies", backend=backend(jobs), listener=listener, cache=cache
    )
    return result, listener


def table(out: Path) -> str:
    frame = load_run(out).cells
    return frame[[c for c in frame if not c.startswith("seconds_")]].to_csv(index=False)


def test_a_second_run_computes_nothing(
    finished_run: RunResult, small_cards: Cards, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (finished_run.computed, finished_run.present) == (8, 0)
    monkeypatch.setattr(work_module, "measure", lambda *a: pytest.fail("computed again"))
    result, listener = run(grid(), small_cards, finished_run.out, cache)
    assert (result.computed, result.present, result.failures) == (0, 8, [])
    assert listener.started == (8, 8)
    assert listener.cells == []


def test_two_processes_give_the_same_table(
    finished_run: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    result, listener = run(grid(), small_cards, tmp_path, cache, jobs=2)
    assert (result.computed, len(listener.cells)) == (8, 8)
    assert table(tmp_path) == table(finished_run.out)


def test_a_cell_does_not_depend_on_those_before_it(
    small_pair: Pair, finished_run: RunResult
) -> None:
    last = grid()[-1]
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    record, predictions = run_cell(last, small_pair)
    store = RecordStore(finished_run.out)
    stored = store.read(last.key(small_pair.key))
    assert record["metrics"] == stored["metrics"]
    assert json.loads(json.dumps(record["plans"])) == stored["plans"]
    for name, values in store.predictions(last.key(small_pair.key)).items():
        assert np.array_equal(values, predictions[name])


def test_a_record_says_everything(finished_run: RunResult, small_pair: Pair) -> None:
    record = RecordStore(finished_run.out).read(finished_run.keys[1])
    assert record["cell"]["strategy"] == {"name": "combined", "k": None, "share": None}
    assert record["pair_key"] == small_pair.key
    assert set(record["metrics"]) == {"all", "5"}
    assert record["counts"]["labelled_5"] == 20
    area = pytest.approx((record["cell"]["alpha"] + record["cell"]["min_alpha"]) / 2 * EPOCHS)
    assert record["counts"]["words_trained"] == EPOCHS * (
        small_pair.generic.words() + small_pair.train.words()
    )
    assert record["exposure"] == {
        "generic_passes": EPOCHS, "domain_passes": EPOCHS,
        "generic_area": area, "domain_area": area,
        "words_trained": record["counts"]["words_trained"],
    }  # fmt: skip
    assert record["counts"]["test_empty"] == 0
    assert set(record["seconds"]) == {"prepare", "train", "infer", "evaluate"}
    assert record["environment"]["packages"]["gensim"].startswith("4.4")


def test_accuracy_is_that_of_the_predictions(finished_run: RunResult) -> None:
    data = load_run(finished_run.out)
    for _, row in data.cells.iterrows():
        for budget in ("all", "5"):
            mean = data.correct[row["key"], budget].mean()
            assert mean == pytest.approx(row[f"accuracy_{budget}"], abs=1e-12)


def test_fewer_labels_are_worse_on_the_whole(finished_run: RunResult) -> None:
    cells = load_run(finished_run.out).cells
    assert cells["accuracy_all"].mean() > cells["accuracy_5"].mean()


def test_a_failing_cell_costs_itself_alone(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_sequential(cell: Cell, *rest, **more):  # type: ignore[no-untyped-def]
        if cell.variant == "sequential(2)":
            raise RuntimeError("no luck")
        return measure(cell, *rest, **more)

    monkeypatch.setattr(work_module, "measure", break_sequential)
    result, listener = run(grid(1), small_cards, tmp_path, cache)
    assert (result.computed, len(result.failures)) == (3, 1)
    cell, failure = result.failures[0]
    assert cell.variant == "sequential(2)"
    assert failure.error.endswith("RuntimeError: no luck\n")
    assert listener.errors == [failure.error]
    assert load_run(tmp_path).missing == 1
    monkeypatch.undo()
    again, _ = run(grid(1), small_cards, tmp_path, cache)
    assert (again.computed, again.present) == (1, 3)


def test_an_interrupted_run_keeps_what_is_finished(
    small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    class Impatient(Quiet):
        def finished(self, *told) -> None:  # type: ignore[no-untyped-def]
            super().finished(*told)
            if len(self.cells) == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cells(grid(1), small_cards, tmp_path, study="s", listener=Impatient(), cache=cache)
    again, _ = run(grid(1), small_cards, tmp_path, cache)
    assert (again.computed, again.present) == (2, 2)


def test_the_key_follows_what_decides_a_result(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = grid()[1]
    others = [
        changed(cell, seed=7),
        changed(cell, engine="native"),
        changed(cell, fraction=0.5),
        changed(cell, settings=Doc2VecSettings(window=6)),
        changed(cell, inference=InferenceSettings(epochs=5)),
    ]
    keys = {c.key(small_pair.key) for c in [cell, *others]} | {cell.key("other contents")}
    assert len(keys) == 7
    before = cell.key(small_pair.key)
    assert before == cell.key(small_pair.key)
    monkeypatch.setattr(keys_module, "SEEDS_VERSION", 2)
    versions._common.cache_clear()
    try:
        assert cell.key(small_pair.key) != before
    finally:
        monkeypatch.undo()
        versions._common.cache_clear()
    assert cell.key(small_pair.key) == before


def test_long_cells_are_estimated_longer(small_pair: Pair) -> None:
    layout = lay_out(grid()[:4], {"small": small_pair})
    tfidf, combined, sequential, dm = (layout.work({i})[i] for i in range(4))
    classifying = layout._classifying(layout.cells[1])
    assert tfidf == pytest.approx(BASELINES["tf-idf"].cost * classifying)
    assert classifying < combined < sequential
    assert dm - classifying == pytest.approx(1.5 * (combined - classifying))


def test_damaged_predictions_are_one_sentence(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.folder.mkdir()
    (store.folder / "bad.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(UserError, match="delete the file and run again"):
        store.predictions("bad")


def test_a_record_without_predictions_does_not_count(
    finished_run: RunResult, tmp_path: Path
) -> None:
    store, other = RecordStore(finished_run.out), RecordStore(tmp_path)
    key = finished_run.keys[0]
    other.folder.mkdir()
    other.path(key).write_bytes(store.path(key).read_bytes())
    assert other.present([key]) == set()


@pytest.mark.parametrize("profile", PROFILES)
def test_studies_compare_the_same_seeds_everywhere(profile: str) -> None:
    cells = study_cells("all", Request(profile)).cells
    assert len(set(cells)) == len(cells)
    places: dict[tuple[object, ...], set[int]] = {}
    for cell in cells:
        place = (cell.pair, cell.fraction, dataclasses.replace(cell, seed=0))
        places.setdefault(place, set()).add(cell.seed)
    assert len({frozenset(seeds) for seeds in places.values()}) == 1
    assert any(cell.variant == "combined" for cell in cells)


def test_profiles_are_nested() -> None:
    def trainings(profile: str) -> set[Cell]:
        # A larger profile may choose the inference of a cell beside, or diagnose it.
        return {
            dataclasses.replace(cell, inference_grid=(), diagnosed=False)
            if isinstance(cell, TrainedCell)
            else cell
            for cell in study_cells("all", Request(profile)).cells
        }

    quick, default, full = map(trainings, PROFILES)
    assert quick < default < full


def test_a_request_narrows_the_grid() -> None:
    request = Request(
        pairs=("synthetic",), models=("dbow",), strategies=("sequential(2)",), seeds=1, epochs=3
    )
    cells = study_cells("strategies", request).cells
    assert [c.title for c in cells] == [
        "synthetic tf-idf seed 0",
        "synthetic tf-idf-generic seed 0",
        "synthetic lsa seed 0",
        "synthetic mean-word2vec seed 0",
        "synthetic sif seed 0",
        "synthetic dbow sequential(2) linear seed 0",
        "synthetic dbow sequential(2) restart seed 0",
    ]
    assert {c.epochs for c in cells[5:]} == {3}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"profile": "quik"}, "unknown profile 'quik': did you mean 'quick'?"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"epochs": 0}, "epochs must be 1 or more, got 0"),
        ({"models": ("dm",)}, "unknown model 'dm'"),
        ({"strategies": ("sequential(0)",)}, "strategy sequential: k must be"),
    ],
)
def test_wrong_requests(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Request(**values)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_wrong_cells() -> None:
    with pytest.raises(UsageError, match=r"fraction must lie in \(0, 1\], got 0"):
        dataclasses.replace(grid()[1], fraction=0.0)
    with pytest.raises(UsageError, match="a seed must be 0 or more, got -1"):
        dataclasses.replace(grid()[1], seed=-1)


def test_a_checkpoint_goes_when_what_goes_on_from_it_was_left_by_an_earlier_run() -> None:
    """a, b and c are a chain; an interrupted run has left a and b, and only c is wanted."""
    chain = {None: "a", "a": "b", "b": "c"}
    stretches = {
        key: SimpleNamespace(key=key, parent=parent, cells=((0, 1),) if key == "c" else ())
        for parent, key in chain.items()
    }
    removed: list[str] = []
    run: Any = _Run.__new__(_Run)
    run.layout = SimpleNamespace(
        cells=("a cell",),
        ready=lambda wanted, parent=None: [stretches[chain[parent]]] if parent in chain else [],
    )
    run.checkpoints = SimpleNamespace(present=lambda key: key in "ab", remove=removed.append)
    run.waiting = Counter({"a": 1, "b": 1})
    run._task = lambda cells, item, wanted: item.key
    assert list(run._tasks({0}, None)) == ["c"]
    assert removed == ["a"]
    run._needed_once_less("b")
    assert removed == ["a", "b"]
