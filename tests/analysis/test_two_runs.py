"""Two runs side by side: pairing, verdicts, what is identical."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from run_support import made_run, right

from d2vbench.analysis import RunData
from d2vbench.analysis.comparison.setting_changes import Change, setting_changes
from d2vbench.analysis.comparison.two_runs import SETTINGS, compare_runs, independent_interval
from d2vbench.bench.spec.cell import TrainedCell
from d2vbench.families.doc2vec import Doc2VecSettings

PAIRS = {
    "p": {
        "key": "0" * 64, "generic_documents": 10, "generic_words": 100, "train_documents": 5,
        "train_words": 50, "test_documents": 200, "classes": ["a", "b"],
        "sources": {"c": {"content_sha256": "1" * 64, "versions": {"scipy": "1.0"}}},
    }
}  # fmt: skip


def run(
    share: float = 0.7, seeds: range = range(3), noise: int = 0, pairs: Any = PAIRS, **other: Any
) -> RunData:
    """Two variants; those of one seed and noise are right on the same documents."""
    cells = [
        {
            "strategy": strategy,
            "k": k,
            "seed": seed,
            "correct": right(share + 0.02 * bool(k), seed=100 * noise + seed),
            **other,
        }
        for strategy, k in (("combined", ""), ("oversampled", 4))
        for seed in seeds
    ]
    data = made_run(cells)
    data.manifest["pairs"] = pairs
    return dataclasses.replace(data, cells=data.cells.assign(setting="", vector_size=100, window=5))


def test_every_setting_of_a_cell_sets_it_apart() -> None:
    known = {*SETTINGS, "seed", "engine", "budgets", "settings", "family", "classifiers"}
    known |= {"vocabulary", "inference"}  # vocabulary_policy, inference_...
    # Ask for more of a cell, as budgets and classifiers do.
    known |= {"inference_grid", "diagnosed"}
    names = {f.name for kind in (TrainedCell, Doc2VecSettings) for f in dataclasses.fields(kind)}
    assert names <= known


def test_a_run_is_the_same_as_itself() -> None:
    found = compare_runs(run(), run())
    assert found.same
    assert (found.changes, found.identical, found.differing, found.claims) == ([], 6, [], [])
    assert found.only_first.empty
    assert found.only_second.empty
    assert [(d.variant, d.identical, d.interval.estimate) for d in found.differences] == [
        ("combined", True, 0.0),
        ("oversampled(4)", True, 0.0),
    ]
    assert {str(d.verdict) for d in found.differences} == {"equivalent"}


def test_all_of_g_is_the_same_where_a_run_does_not_say_so() -> None:
    """The column is there in runs alone that have a cell with less."""
    found = compare_runs(run(), run(generic_fraction=1.0))
    assert (found.identical, len(found.only_first), len(found.only_second)) == (6, 0, 0)
    less = compare_runs(run(), run(generic_fraction=0.5))
    assert (less.identical, len(less.only_first), len(less.only_second)) == (0, 6, 6)


def test_a_better_second_run_is_better_and_the_other_way_round_worse() -> None:
    first, second = run(0.6), run(0.75)
    found = compare_runs(first, second)
    assert not found.same
    assert (found.identical, len(found.differing)) == (0, 6)
    assert set(found.differing[0].columns) == {"accuracy_all", "macro_f1_all", "predictions"}
    assert found.differing[0].accuracy == pytest.approx(0.15, abs=0.03)
    for one in found.differences:
        assert one.paired_by == "seeds and documents"
        assert one.second - one.first == pytest.approx(one.interval.estimate)
        assert one.interval.low < 0.15 < one.interval.high + 0.02
        assert str(one.verdict) == "better"
        assert one.p_holm >= one.interval.p
    back = compare_runs(second, first)
    assert {str(one.verdict) for one in back.differences} == {"worse"}
    assert back.differences[0].interval.estimate == -found.differences[0].interval.estimate


def test_other_seeds_are_compared_document_by_document() -> None:
    found = compare_runs(run(), run(seeds=range(3, 8)))
    assert (found.identical, len(found.only_first), len(found.only_second)) == (0, 6, 10)
    assert [one.paired_by for one in found.differences] == ["documents", "documents"]
    assert [one.seeds for one in found.differences] == [3, 3]
    assert not any(one.identical for one in found.differences)
    assert {str(one.verdict) for one in found.differences} <= {"equivalent", "inconclusive"}
    assert Change("grid", "seed", "0, 1, 2", "3, 4, 5, 6, 7") in found.changes


def test_some_common_seeds_are_paired_on_those() -> None:
    found = compare_runs(run(), run(seeds=range(1, 4)))
    assert found.identical == 4
    assert [(one.paired_by, one.seeds) for one in found.differences] == [
        ("seeds and documents", 2)
    ] * 2
    assert {str(one.verdict) for one in found.differences} == {"too few seeds"}


def test_other_documents_are_independent() -> None:
    pairs = {"p": {**PAIRS["p"], "key": "2" * 64, "train_documents": 6}}
    found = compare_runs(run(), run(pairs=pairs))
    assert [one.paired_by for one in found.differences] == ["nothing", "nothing"]
    paired = compare_runs(run(), run(noise=1)).differences[0].interval
    apart = found.differences[0].interval
    assert apart.high - apart.low > 1.5 * (paired.high - paired.low)
    assert [change for change in found.changes if change.kind == "documents"] == [
        Change("documents", "p", "content 0000000000000000", "content 2222222222222222"),
        Change("documents", "p: train documents", "5", "6"),
    ]


def test_independent_intervals_are_as_wide_as_the_variances_say() -> None:
    rng = np.random.default_rng(5)
    first = (rng.random((5, 400)) < 0.6).astype(float)
    second = (rng.random((4, 300)) < 0.7).astype(float)
    found = independent_interval(first, second)
    assert found.estimate == pytest.approx(second.mean() - first.mean())
    # No effect of seeds or documents of their own: binomial.
    usual = 1.96 * np.sqrt(0.24 / first.size + 0.21 / second.size)
    assert 0.7 * usual < (found.high - found.low) / 2 < 3 * usual
    back = independent_interval(second, first)
    assert (back.low < 0) == (found.high > 0)
    alone = independent_interval(first[:1], second)
    assert np.isnan([alone.low, alone.high, alone.p]).all()


def test_cells_that_one_run_lacks_and_that_failed() -> None:
    longer = run(epochs=20)
    found = compare_runs(run(), longer)
    assert (len(found.only_first), len(found.only_second), found.differences) == (6, 6, [])
    assert found.changes == [Change("grid", "epochs", "10", "20")]
    failed = run()
    failed.cells.loc[0, ["accuracy_all", "macro_f1_all"]] = np.nan
    del failed.correct["cell0", "all"]
    found = compare_runs(run(), failed)
    assert [one.first_key for one in found.differing] == ["cell0"]
    assert [one.seeds for one in found.differences] == [2, 3]


def test_another_engine_is_matched_where_each_has_one() -> None:
    found = compare_runs(run(), run(engine="gensim"))
    assert found.identical == 6
    assert found.differences[0].engines == ("native", "gensim")
    assert found.changes == [Change("grid", "engine", "native", "gensim")]


def test_seconds_are_no_result() -> None:
    def timed(seconds: float) -> RunData:
        data = run()
        return dataclasses.replace(data, cells=data.cells.assign(seconds_train=seconds))

    assert compare_runs(timed(1.0), timed(2.0)).same


def test_what_one_grid_asks_for_and_the_other_does_not_is_no_difference() -> None:
    def asked(budgets: tuple[str, ...], accuracy: float) -> RunData:
        data = run()
        more = {f"labelled_{b}": 30 for b in budgets} | {f"accuracy_{b}": accuracy for b in budgets}
        return dataclasses.replace(data, cells=data.cells.assign(**more))

    found = compare_runs(asked(("10", "20"), 0.5), asked(("10",), 0.5))
    assert (found.identical, found.differing) == (6, [])
    (*_, last) = compare_runs(asked(("10",), 0.5), asked(("10",), 0.6)).differing
    assert last.columns == ("accuracy_10",)
    assert last.accuracy == 0


def test_classifiers_of_one_run_alone_are_no_difference() -> None:
    def more(accuracy: float, names: dict[str, frozenset[str]]) -> RunData:
        data = run()
        cells = data.cells.assign(knn_accuracy_all=accuracy)
        return dataclasses.replace(data, cells=cells, classifiers=names)

    of_all = {f"cell{i}": frozenset({"knn"}) for i in range(6)}
    assert compare_runs(run(), more(0.5, of_all)).identical == 6
    found = compare_runs(more(0.5, of_all), more(0.6, of_all))
    assert (found.identical, len(found.differing)) == (0, 6)
    (columns,) = {one.columns for one in found.differing}
    assert columns == ("knn_accuracy_all",)


def test_what_a_differing_cell_is_called() -> None:
    """By its variant, pair, seed and both records; the largest gap, with its sign."""
    second = run()
    second.correct["cell4", "all"] = ~second.correct["cell4", "all"]
    second = dataclasses.replace(second, cells=second.cells.assign(more=[*range(5), None]))
    found = compare_runs(run(), second)
    (one,) = [one for one in found.differing if "predictions" in one.columns]
    before, after = run().correct["cell4", "all"].mean(), second.correct["cell4", "all"].mean()
    assert (one.title, one.pair, one.seed) == ("oversampled(4)", "p", 1)
    assert (one.first_key, one.second_key) == ("cell4", "cell4")
    assert one.columns == ("more", "predictions")
    assert one.accuracy == pytest.approx(after - before) and one.accuracy < -0.3
    # A column that one run alone has, and no value of it, is nothing.
    assert [other.first_key for other in found.differing] == [f"cell{i}" for i in range(5)]
    assert found.identical == 1


def test_cells_of_one_engine_go_with_those_of_that_engine() -> None:
    """Each engine of both runs with itself; one that a run alone has, with none."""
    cells = [
        {"seed": seed, "engine": engine, "correct": right(share, seed=seed)}
        for engine, share in (("native", 0.5), ("gensim", 0.8))
        for seed in range(3)
    ]
    both, alone = made_run(cells), made_run(cells[3:])
    found = compare_runs(both, alone)
    assert (found.identical, len(found.only_first), len(found.only_second)) == (3, 3, 0)
    assert set(found.only_first["engine"]) == {"native"}
    (difference,) = found.differences
    assert (difference.engines, difference.seeds) == (("gensim", "gensim"), 3)
    assert difference.identical and difference.first == difference.second > 0.7
    assert not found.same
    assert compare_runs(both, both).identical == 6


def test_what_is_the_same_in_sources_is_not_listed() -> None:
    source = {"c": {"content_sha256": "3" * 64, "versions": {"scipy": "2.0", "numpy": "1"}}}
    more = {**source, "d": {"content_sha256": "4" * 64}}
    changed = {"key": "5" * 64, "sources": more, "classes": ["a", "c"], "test_words": 9}
    found = setting_changes(run(), run(pairs={"p": {**PAIRS["p"], **changed}}))
    assert [(change.what, change.first, change.second) for change in found] == [
        ("p", "content 0000000000000000", "content 5555555555555555"),
        ("p: classes", "a, b", "a, c"),
        ("p: corpus c, sha256", "1" * 16, "3" * 16),
        ("p: corpus c, scipy", "1.0", "2.0"),
        ("p: corpus c, numpy", "-", "1"),
        ("p: corpus d, sha256", "-", "4" * 16),
    ]
    assert {change.kind for change in found} == {"documents"}
    assert len({change.what for change in setting_changes(run(), run(alpha=0.5, negative=7))}) == 2


def test_other_grids_are_said_in_order() -> None:
    first, second = run(), run(alpha=0.1, min_alpha=float("nan"), schedule="cosine", engine="-")
    second = dataclasses.replace(second, missing=1200)
    second.correct.update({(key, "10"): some for (key, _), some in second.correct.items()})
    assert [(c.what, c.first, c.second) for c in setting_changes(first, second)] == [
        ("engine", "native", "-"),
        ("schedule", "linear", "cosine"),
        ("alpha", "0.025", "0.1"),
        ("label budgets", "all", "all, 10"),
        ("cells without a record", "0", "1200"),
    ]


def test_other_pairs_and_strategies_are_said() -> None:
    other = {"q": {**PAIRS["p"], "train_documents": 9}}
    found = setting_changes(run(), run(pairs={**PAIRS, **other}))
    assert found == [Change("documents", "pairs", "p", "p, q")]
    # The same content is not looked into.
    assert setting_changes(run(pairs=other), run(pairs={**other, **PAIRS})) == [
        Change("documents", "pairs", "q", "p, q")
    ]
    more = run()
    few = dataclasses.replace(more, cells=more.cells[more.cells["k"] == ""])
    assert Change("grid", "strategy", "combined", "combined, oversampled(4)") in setting_changes(
        few, more
    )


def test_a_claim_that_flipped() -> None:
    cells = [
        {"strategy": strategy, "k": 4, "seed": seed, "cv_accuracy_all": 0.5,
         "correct": right(share, seed=seed)}
        for strategy, share in (("oversampled", 0.5), ("domain-only", 0.7))
        for seed in range(3)
    ]  # fmt: skip
    other = [
        {**cell, "correct": right(0.9, seed=int(cell["seed"]))}
        if cell["strategy"] == "oversampled"
        else cell
        for cell in cells
    ]
    found = compare_runs(made_run(cells), made_run(other))
    assert [(one.id, one.first, one.second) for one in found.claims if one.id == "C3"] == [
        ("C3", "supported", "contradicted")
    ]


def test_versions_and_processors() -> None:
    def computed(**other: Any) -> RunData:
        environment = {
            "d2vbench": "0.1.0", "python": "3.11.7", "packages": {"gensim": "4.4.0"}, "cpu": "X",
            "cores": 2, "system": "Linux x86_64", "commit": None,
        }  # fmt: skip
        return dataclasses.replace(run(), environments=[{**environment, **other}])

    second = computed(cpu="Y, 2", packages={"gensim": "4.4.1", "mine": "1"}, commit="abc")
    assert setting_changes(computed(), second) == [
        Change("computed with", "cpu", "X", "Y, 2"),
        Change("computed with", "commit", "-", "abc"),
        Change("computed with", "gensim", "4.4.0", "4.4.1"),
        Change("computed with", "mine", "-", "1"),
    ]
    assert compare_runs(computed(), second).same
