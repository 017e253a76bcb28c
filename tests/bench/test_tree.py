"""The plan tree trains nothing twice, and no cell can tell that it was in one."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import baseline_cell, changed, trained_cell
from hypothesis import given
from hypothesis import strategies as st
from small_run import Quiet, backend

from d2vbench.bench.compute import work as work_module
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.grid import RunOptions
from d2vbench.bench.execution.runner import RunResult, run_cells
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.plan.tree import lay_tree
from d2vbench.bench.spec.cell import Cell, TrainedCell
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, Pair
from d2vbench.evaluation import CLASSIFIERS, Classifier
from d2vbench.evaluation.baselines import mean_word2vec, tf_idf
from d2vbench.evaluation.classifiers import terms
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.remembered import Remembered
from d2vbench.strategies import AlphaPiece, Passes, Phase, Plan, Sizes

CELL = trained_cell(
    pair="small", fraction=1.0, vocabulary="natural",
    settings=Doc2VecSettings(vector_size=16, min_count=2), strategy="combined",
    schedule="linear", seed=0, epochs=4, budgets=("all",), engine="gensim", diagnosed=True,
)  # fmt: skip
VARIANTS = [
    ("generic-only", "linear"),
    ("sequential(1)", "restart"),
    ("sequential(2)", "restart"),
    ("sequential(2)", "follow-up(0.005)"),
    ("sequential(2)", "linear"),
    ("domain-only(2)", "linear"),
    ("reverse(2)", "restart"),
    ("combined", "linear"),
    ("oversampled(1)", "linear"),
    ("ensemble(1)", "restart"),
]


def cells(model: str = "dbow") -> list[Cell]:
    assert isinstance(CELL, TrainedCell)
    own = dataclasses.replace(CELL.settings, model=model)
    made = [changed(CELL, settings=own, strategy=s, schedule=c) for s, c in VARIANTS]
    more = dataclasses.replace(made[2], inference=InferenceSettings(epochs=5))
    return [baseline_cell("small", 1.0, 0, ("all",)), *made, more]


def run(
    grid: list[Cell],
    cards: Cards,
    out: Path,
    cache: Path,
    jobs: int = 1,
    run_options: RunOptions | None = None,
) -> RunResult:
    out.mkdir(exist_ok=True)
    return run_cells(
        grid,
        cards,
        out,
        study="s",
        listener=Quiet(),
        backend=backend(jobs),
        run_options=run_options,
        cache=cache,
    )


@pytest.fixture(scope="module")
def whole(small_cards: Cards, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The cells in the tree, as they should be; to be read alone."""
    return run(cells(), small_cards, tmp_path_factory.mktemp("whole"), cache)


@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_a_cell_is_the_same_alone_and_in_the_tree(
    model: str, whole: RunResult, small_cards: Cards, small_pair: Pair, cache: Path, tmp_path: Path
) -> None:
    grid = cells(model)
    result = whole if model == "dbow" else run(grid, small_cards, tmp_path, cache)
    assert (result.computed, result.failures) == (len(grid), [])
    store = RecordStore(result.out)
    for cell, key in zip(grid, result.keys, strict=True):
        record, predictions = run_cell(cell, small_pair)
        stored = store.read(key)
        for part in ("cell", "pair_key", "metrics", "counts"):
            # As JSON: tuples come back as lists.
            assert stored[part] == json.loads(json.dumps(record[part])), (cell.strategy, part)
        assert stored.get("plans") == record.get("plans")
        for name, values in store.predictions(key).items():
            assert np.array_equal(values, predictions[name])


def test_the_vectors_are_the_same_to_the_bit(
    small_cards: Cards, small_pair: Pair, cache: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen: dict[str, list[np.ndarray]] = {}
    classify = CLASSIFIERS["logistic"].predict

    def remember(train, labels, test, **rest):  # type: ignore[no-untyped-def]
        seen.setdefault(place, []).append(np.vstack([train, test]))
        return classify(train, labels, test, **rest)

    monkeypatch.setitem(CLASSIFIERS.built_in, "logistic", Classifier(remember, "t", version=1))
    grid = [c for c in cells() if c.variant.startswith("sequential")]
    place = "tree"
    run(grid, small_cards, tmp_path, cache)
    place = "alone"
    for cell in grid:
        run_cell(cell, small_pair)
    # The tree computes a level at a time: compare as sets of arrays.
    alone = {a.tobytes() for a in seen["alone"]}
    assert {a.tobytes() for a in seen["tree"]} == alone
    assert len(alone) == len(grid)


def trained_phases(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    train_phase = work_module.train_phase

    def count(learner, phase, seed):  # type: ignore[no-untyped-def]
        names.append(phase.name)
        train_phase(learner, phase, seed)

    monkeypatch.setattr(work_module, "train_phase", count)
    return names


def test_every_edge_is_trained_once(
    small_cards: Cards, small_pair: Pair, cache: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    grid = [c for c in cells() if not c.variant.startswith("ensemble")]
    names = trained_phases(monkeypatch)
    result = run(grid, small_cards, tmp_path, cache)
    # generic once for generic-only, restart and follow-up, and once for linear, whose first phase
    # has another alpha; domain for domain-only and reverse, four times after generic.
    assert sorted(names) == ["domain"] * 5 + ["generic"] * 3 + ["mixed"]
    assert result.words_trained == result.words["tree"] < result.words["alone"]
    assert not (tmp_path / "checkpoints").exists()
    layout = lay_out(grid, {"small": small_pair})
    assert sum(len(s.phases) for s in layout.stretches) == 9


def test_without_room_for_checkpoints_the_results_are_the_same(
    whole: RunResult, small_cards: Cards, cache: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    names = trained_phases(monkeypatch)
    limited = run(cells(), small_cards, tmp_path, cache, run_options=RunOptions(checkpoint_limit=0))
    assert limited.words_trained > whole.words_trained
    assert names.count("generic") > 3
    a, b = RecordStore(whole.out), RecordStore(tmp_path)
    assert [a.read(k)["metrics"] for k in whole.keys] == [b.read(k)["metrics"] for k in whole.keys]


class Stopped(Quiet):
    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def finished(self, *told) -> None:  # type: ignore[no-untyped-def]
        super().finished(*told)
        if len(self.cells) == self.after:
            raise KeyboardInterrupt


def test_an_interrupted_tree_goes_on_from_its_checkpoint(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = [changed(CELL, strategy=f"sequential({k})", schedule="restart") for k in (1, 2, 3)]
    with pytest.raises(KeyboardInterrupt):
        run_cells(grid, small_cards, tmp_path, study="s", listener=Stopped(1), cache=cache)
    kept = sorted((tmp_path / "checkpoints").glob("*.npz"))
    # The weights after G, and beside them what the first branch has inferred with them.
    assert [path.name.count(".") for path in kept] == [4, 1]
    names = trained_phases(monkeypatch)
    result = run(grid, small_cards, tmp_path, cache)
    assert (result.present, result.computed) == (1, 2)
    assert names == ["domain", "domain"]
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "other shape"])
def test_a_damaged_checkpoint_is_trained_again(
    small_cards: Cards, cache: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = [changed(CELL, strategy=f"sequential({k})", schedule="restart") for k in (1, 2)]
    save = Checkpoints.save

    def spoil(self: Checkpoints, key: str, *rest) -> bool:  # type: ignore[no-untyped-def]
        save(self, key, *rest)
        path = self.path(key)
        content = bytearray(path.read_bytes())
        if damage == "other shape":
            with np.load(path) as file:
                arrays = {**file, "state/words": np.zeros((1, 1), np.float32)}
            np.savez(path, **arrays)
        elif damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        else:
            content[len(content) // 2] ^= 255
            path.write_bytes(content)
        return True

    whole = run(grid, small_cards, tmp_path / "whole", cache)
    monkeypatch.setattr(Checkpoints, "save", spoil)
    names = trained_phases(monkeypatch)
    result = run(grid, small_cards, tmp_path / "spoilt", cache)
    assert names == ["generic", "generic", "domain", "generic", "domain"]
    a, b = RecordStore(tmp_path / "whole"), RecordStore(tmp_path / "spoilt")
    assert [a.read(k)["metrics"] for k in whole.keys] == [b.read(k)["metrics"] for k in result.keys]


def test_training_that_fails_costs_its_own_cells(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_phase = work_module.train_phase

    def fail(learner, phase, seed):  # type: ignore[no-untyped-def]
        if phase.alpha[0].start == 0.005:
            raise RuntimeError("no luck")
        train_phase(learner, phase, seed)

    monkeypatch.setattr(work_module, "train_phase", fail)
    result = run(cells(), small_cards, tmp_path, cache)
    assert [str(cell.schedule) for cell, _ in result.failures] == ["follow-up(0.005)"]
    assert result.failures[0][1].error.endswith("RuntimeError: no luck\n")
    assert result.computed == len(cells()) - 1


def test_processes_share_checkpoints(
    whole: RunResult, small_cards: Cards, cache: Path, tmp_path: Path
) -> None:
    two = run(cells(), small_cards, tmp_path, cache, jobs=2)
    assert two.words_trained == whole.words_trained == whole.words["tree"]
    a, b = RecordStore(whole.out), RecordStore(tmp_path)
    assert [a.read(k)["metrics"] for k in whole.keys] == [b.read(k)["metrics"] for k in two.keys]


def phase(name: str, alpha: float) -> Phase:
    return Phase(name, 1, generic=Passes(0, 1), alpha=(AlphaPiece(1, alpha, alpha / 2),))


paths = st.lists(
    st.tuples(
        st.sampled_from(["t", "u"]),
        st.lists(st.sampled_from([0.1, 0.2]), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=12,
)


@given(paths)
def test_stretches_cover_every_plan_and_repeat_nothing(
    chosen: list[tuple[str, list[float]]],
) -> None:
    plans = [
        (i, trunk, Plan(tuple(phase(str(j), a) for j, a in enumerate(alphas))))
        for i, (trunk, alphas) in enumerate(chosen)
    ]
    stretches = lay_tree(plans)
    by_key = {s.key: s for s in stretches}
    assert len(by_key) == len(stretches)
    prefixes = {
        (trunk, plan.phases[: n + 1]) for _, trunk, plan in plans for n in range(len(plan.phases))
    }
    assert sum(len(s.phases) for s in stretches) == len(prefixes)
    found = {}
    for place, stretch in enumerate(stretches):
        if stretch.parent:
            parent = by_key[stretch.parent]
            assert stretches.index(parent) < place
            assert stretch.before == (*parent.before, *parent.phases)
            assert stretch.depth == parent.depth + 1
            assert parent.branches > 1
        for index, own in stretch.cells:
            found[index] = (*stretch.before, *stretch.phases[:own])
    assert found == {i: plan.phases for i, _, plan in plans}
    for stretch in stretches:
        children = [s for s in stretches if s.parent == stretch.key]
        assert len(children) == stretch.branches
        assert stretch.below == len(stretch.cells) + sum(s.below for s in children)
    sizes = Sizes(3, 2, 30, 20)
    assert sum(s.words(sizes) for s in stretches) == 30 * len(prefixes)


def test_what_trains_nothing_makes_no_trunk(small_pair: Pair) -> None:
    """Budgets, inference and names of equal plans do not divide the tree; all else does."""
    one = changed(CELL, strategy="combined")
    same = [
        changed(one, strategy="oversampled(1)"),
        changed(one, budgets=("5",)),
        changed(one, inference=InferenceSettings(epochs=3)),
    ]
    assert isinstance(one, TrainedCell)
    others = [
        changed(one, seed=1),
        changed(one, fraction=0.5),
        changed(one, vocabulary="generic"),
        changed(one, vocabulary="own"),
        changed(one, settings=dataclasses.replace(one.settings, window=3)),
        changed(one, alpha=0.05),
        changed(one, engine="native"),
    ]
    assert len(lay_out([one, *same], {"small": small_pair}).stretches) == 1
    assert len(lay_out([one, *others], {"small": small_pair}).stretches) == 1 + len(others)
    for a, b in itertools.combinations(lay_out([one, *others], {"small": small_pair}).stretches, 2):
        assert a.key != b.key


def test_the_manifest_says_what_the_tree_saves(whole: RunResult) -> None:
    manifest = (whole.out / "manifest.json").read_text()
    assert f'"tree": {whole.words["tree"]}' in manifest


def test_time_with_many_jobs_counts_a_shared_trunk_once(small_pair: Pair) -> None:
    """Twenty follow-ups of one generic model: no number of jobs is done before that is trained."""
    follow_ups = [changed(CELL, strategy="sequential(1)", schedule=f"follow-up(0.0{n})")
                  for n in range(10, 30)]  # fmt: skip
    grid = [*(changed(cell, epochs=200) for cell in follow_ups), *cells()]
    layout = lay_out(grid, {"small": small_pair})
    every = set(range(len(grid)))
    total = sum(layout.work(every).values())
    roots = layout.ready(every)
    longest = max(layout.chain(root, every) for root in roots)
    times = [layout.seconds(every, jobs) for jobs in (1, 2, 4, 1000)]
    assert times[0] == pytest.approx(total)
    assert times[-1] == pytest.approx(longest)
    assert times == sorted(times, reverse=True)
    for jobs, seconds in zip((2, 4), times[1:3], strict=True):
        assert max(total / jobs, longest) <= seconds <= total / jobs + longest
    # The share of a cell is the work divided, and says nothing of how long one has to wait for it.
    assert longest > 2 * max(layout.work(every).values())
    assert layout.seconds(set(), 2) == 0.0
    some = {0, 1}
    assert layout.seconds(some, 1) == pytest.approx(sum(layout.work(some).values()))


def test_baselines_that_learn_alike_are_one_task_and_learn_once(
    small_cards: Cards,
    small_pair: Pair,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("tf-idf", "mean-word2vec", "sif")
    grid = [baseline_cell("small", 1.0, seed, ("all",), n) for seed in (0, 1) for n in names]
    layout = lay_out(grid, {"small": small_pair})
    # Term weights of the whole of D-train are the same for every seed.
    assert layout.ready(set(range(6))) == [(0, 3), (1, 2), (4, 5)]
    assert layout.ready({2, 3}) == [(2,), (3,)]
    half = [baseline_cell("small", 0.5, seed, ("all",), "tf-idf") for seed in (0, 1)]
    assert lay_out(half, {"small": small_pair}).ready({0, 1}) == [(0,), (1,)]
    learned: list[int] = []
    weighed: list[int] = []
    learn, weigh = mean_word2vec.plain_word_vectors, tf_idf._weighed

    def counting(*arguments: Any) -> Any:
        learned.append(arguments[2])
        return learn(*arguments)

    def counting_rows(*arguments: Any) -> Any:
        weighed.append(len(arguments[0]))
        return weigh(*arguments)

    monkeypatch.setattr(tf_idf, "_weighed", counting_rows)
    monkeypatch.setattr(tf_idf, "_LAST", Remembered())
    monkeypatch.setattr(mean_word2vec, "plain_word_vectors", counting)
    monkeypatch.setattr(mean_word2vec, "_LAST", Remembered())
    result = run(grid, small_cards, tmp_path, cache)
    assert result.computed == 6
    assert len(learned) == len(set(learned)) == 2
    assert weighed == [1]
    # As alone.
    monkeypatch.setattr(terms, "_ANEW", Remembered(most=8))
    for i in (2, 3):
        alone = run_cell(grid[i], small_pair)[0]
        assert RecordStore(tmp_path).read(result.keys[i])["metrics"] == alone["metrics"]


def test_a_shared_phase_begins_with_the_vocabulary_of_the_whole_plan(
    small_cards: Cards,
    cache: Path,
    small_pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counts `presented` are those of all phases, also where one stretch has the first alone."""
    loaded: list[float | None] = []
    load = Checkpoints.load

    def noted(self: Checkpoints, key: str, learner: Any) -> float | None:
        loaded.append(load(self, key, learner))
        return loaded[-1]

    monkeypatch.setattr(Checkpoints, "load", noted)
    cells: list[Cell] = [
        changed(CELL, vocabulary="presented", strategy="sequential(1)", schedule=schedule)
        for schedule in ("restart", "follow-up(0.005)")
    ]
    result = run_cells(
        cells, small_cards, tmp_path, study="strategies", listener=Quiet(), cache=cache
    )
    # Both go on from it: a model of other words could not be put back.
    assert len(loaded) == 2 and None not in loaded
    for cell, key in zip(cells, result.keys, strict=True):
        alone, _ = run_cell(cell, small_pair)
        record = RecordStore(tmp_path).read(key)
        for name in ("metrics", "counts", "drift"):
            assert record[name] == json.loads(json.dumps(alone[name]))
