"""What a record says of a trained model: classifiers, forgetting, drift; and of baselines."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from cells import baseline_cell, changed, trained_cell
from labelled_generic import with_generic_test
from threadpoolctl import threadpool_limits

from d2vbench.bench.compute.findings import Findings
from d2vbench.bench.compute.measure import (
    Before,
    Clock,
    Result,
    measure,
)
from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.spec.cell import VECTORS, Cell, TrainedCell
from d2vbench.corpora import Pair
from d2vbench.errors import UsageError
from d2vbench.evaluation import BASELINES, CLASSIFIERS, Classifier, scores
from d2vbench.evaluation.classifiers.centroid import centroid
from d2vbench.evaluation.diagnostics import generic_task
from d2vbench.evaluation.diagnostics.drift import mean_cosine
from d2vbench.families import FAMILIES, Learner, Sides, train, train_phase
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.strategies import follows_generic

BUDGETS = ("all", "5")
# What is recorded of logistic regression beside its scores.
C_DETAILS = ("c", "folds", "cv_accuracy", "c_at_edge", "unconverged", "converged")


def cell(strategy: str = "sequential(2)", model: str = "dbow", **values: object) -> Cell:
    settings = Doc2VecSettings(model, vector_size=16, min_count=2)
    made = trained_cell(
        pair="small", fraction=1.0, settings=settings, strategy=strategy, schedule="restart",
        seed=0, epochs=6, alpha=0.05, engine="gensim", budgets=("all",),
        classifiers=tuple(CLASSIFIERS), diagnosed=values.get("vectors") != "trained",
    )  # fmt: skip
    return changed(made, **values)  # type: ignore[arg-type]


def measured(made: Cell, pair: Pair, snapshot: bool = True) -> Result:
    """Train a cell of one model, and measure it with what it was after its first phase."""
    # As in a run: one thread.
    with threadpool_limits(limits=1):
        return _measured(made, pair, snapshot)


def _measured(made: Cell, pair: Pair, snapshot: bool) -> Result:
    assert isinstance(made, TrainedCell)
    sample = Sample.of(made, pair)
    (plan,) = made.plans(sample.sides.sizes)
    learner = FAMILIES["doc2vec"].prepare(sample.sides, made.settings, sample.base, plan)
    before = None
    for i, phase in enumerate(plan.phases):
        train_phase(learner, phase, sample.base)
        if i == 0 and snapshot and follows_generic(plan.phases):
            before = snapshot_of(learner)
    return measure(made, pair, sample, [learner], Clock(), before=before)


def snapshot_of(learner: Learner) -> Before:
    return Before({name: table.copy() for name, table in learner.tables().items()}, Findings())


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for part in value.values() for n in numbers(part)]
    return [value] if isinstance(value, float) else []


def test_vectors_of_training_are_those_of_the_documents(small_pair: Pair) -> None:
    """Labels, rows and documents belong together: the task is solved, and not by chance."""
    made = cell("combined", vectors="trained", schedule="linear", epochs=20)
    record, predictions = run_cell(made, small_pair)
    sample = Sample.of(made, small_pair)
    trained = sample.sides.domain
    assert len(trained) == len(small_pair.train) + len(small_pair.test)
    assert set(trained.documents) == {
        *small_pair.train.documents, *small_pair.test.documents
    }  # fmt: skip
    assert list(sample.domain.documents) == list(small_pair.train.documents)
    assert record["counts"]["words_trained"] == 20 * (
        small_pair.generic.words() + small_pair.train.words() + small_pair.test.words()
    )
    with threadpool_limits(limits=1):
        (plan,) = made.plans(sample.sides.sizes)
        learner = FAMILIES["doc2vec"].prepare(sample.sides, made.settings, sample.base, plan)
        train(learner, plan, sample.base)
        tag = {d: len(small_pair.generic) + i for i, d in enumerate(trained.documents)}
        learned, asked = (
            np.stack([learner.model.dv[tag[d]] for d in selection.documents])
            for selection in (small_pair.train, small_pair.test)
        )
        found = centroid(learned, small_pair.train_labels, asked, seed=0).predicted
    assert list(found) == list(predictions["all.centroid"])
    assert record["metrics"]["all"]["centroid"]["accuracy"] > 0.5
    assert "drift" not in record
    assert "generic" not in record


def test_vectors_of_training_share_no_weights_with_inferred_ones(small_pair: Pair) -> None:
    cells = [cell("combined", schedule="linear", vectors=vectors) for vectors in VECTORS]
    layout = lay_out(cells, {"small": small_pair})
    assert len(layout.stretches) == 2
    assert len({made.key(small_pair.key) for made in cells}) == 2


def test_vectors_of_another_kind_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        cell(vectors="both")
    assert str(caught.value) == "unknown kind of vectors 'both': (valid: inferred, trained)"
    with pytest.raises(UsageError) as caught:
        cell("ensemble(2)", schedule="linear", vectors="trained")
    assert str(caught.value) == (
        "vectors trained: one model has them for each document, but strategy ensemble(2) with "
        "these settings has not"
    )


def test_every_classifier_is_in_the_record(small_pair: Pair) -> None:
    record, predictions = measured(cell(epochs=12, budgets=BUDGETS), small_pair)
    truth = small_pair.test_labels
    for budget in BUDGETS:
        metrics = record["metrics"][budget]
        assert {name: list(said) for name, said in metrics.items()} == {
            "logistic": ["accuracy", "macro_f1", *C_DETAILS],
            "knn": ["accuracy", "macro_f1", "k", "cv_accuracy"],
            "centroid": ["accuracy", "macro_f1"],
            "logistic-balanced": [
                "accuracy", "macro_f1", "c", "folds", "cv_accuracy", "converged",
            ],
        }  # fmt: skip
        for name in CLASSIFIERS:
            key = budget if name == "logistic" else f"{budget}.{name}"
            found = {m: metrics[name][m] for m in ("accuracy", "macro_f1")}
            assert found == scores(truth, predictions[key])
    # Of four classes.
    assert record["metrics"]["all"]["logistic"]["accuracy"] > 0.5
    assert set(predictions) == {
        "truth", "all", "5", "all.knn", "5.knn", "all.centroid", "5.centroid",
        "all.logistic-balanced", "5.logistic-balanced",
    }  # fmt: skip
    # Nothing is held out of G.
    assert "generic" not in record
    # Without a snapshot there is nothing to diagnose, and no seconds of it.
    assert "diagnose" in record["seconds"]
    assert "diagnose" not in measured(cell(), small_pair, snapshot=False)[0]["seconds"]


def test_the_generic_task_before_and_after(small_pair: Pair) -> None:
    pair = with_generic_test(small_pair)
    record, predictions = measured(cell(vocabulary="natural"), pair)
    after, before = record["generic"]["after"], record["generic"]["before"]
    for metrics, name in ((after, "generic"), (before, "generic_before")):
        found = {m: metrics[m] for m in ("accuracy", "macro_f1")}
        assert found == scores(predictions["generic_truth"], predictions[name])
        assert (metrics["labelled"], metrics["tested"], metrics["classes"]) == (133, 67, 4)
    # With the same counts: what was before is what `generic-only` ends with, having seen the same.
    alone, theirs = measured(cell("generic-only", schedule="linear", vocabulary="natural"), pair)
    assert alone["generic"] == {"after": before}
    assert np.array_equal(theirs["generic"], predictions["generic_before"])
    assert "generic_before" not in theirs
    assert "drift" not in alone
    assert record["counts"]["generic_test_empty"] == 0
    assert record["counts"]["generic_train_cut"] == 0


@pytest.mark.parametrize("model", ["dbow", "dm-mean"])
def test_drift_of_held_out_documents_is_that_between_two_models(
    model: str, small_pair: Pair
) -> None:
    """The snapshot's vectors are those that `generic-only` infers with."""
    pair = with_generic_test(small_pair)
    vectors: dict[str, list[np.ndarray]] = {}
    for strategy, schedule in (("generic-only", "linear"), ("sequential(2)", "restart")):
        kept = vectors.setdefault(strategy, [])

        def keep(train, labels, test, *, seed, kept=kept):  # type: ignore[no-untyped-def]
            kept.append(test)
            return centroid(train, labels, test, seed=seed)

        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(CLASSIFIERS.built_in, "centroid", Classifier(keep, "t", version=1))
            record, _ = measured(
                cell(strategy, model, schedule=schedule, vocabulary="natural"), pair
            )
    drift = record["drift"]
    expected = mean_cosine(vectors["generic-only"][0], vectors["sequential(2)"][0])
    assert drift["inferred_domain_raw"] == pytest.approx(expected)
    assert (drift["documents_domain"], drift["documents_generic"]) == (60, 67)
    assert drift["inferred_generic_raw"] != drift["inferred_domain_raw"]
    assert drift["inferred_generic_centred"] < 0.99
    assert ("words_domain_raw" in drift) == (model == "dm-mean")


def test_what_nobody_asks_about_is_not_diagnosed_and_nothing_else_differs(
    small_pair: Pair,
) -> None:
    pair = with_generic_test(small_pair)
    plain, fewer = run_cell(cell(diagnosed=False), pair)
    asked, predictions = run_cell(cell(), pair)
    assert asked.keys() - plain.keys() == {"generic", "drift"}
    assert asked["cell"] == {**plain["cell"], "diagnosed": True}
    assert "diagnose" not in plain["seconds"]
    assert asked["metrics"] == plain["metrics"]
    assert predictions.keys() - fewer.keys() == {"generic", "generic_before", "generic_truth"}
    assert all(np.array_equal(values, predictions[name]) for name, values in fewer.items())
    versions = cell(diagnosed=False).versions()
    assert cell().versions().keys() - versions.keys() == {"diagnostics", "drift"}


def test_vectors_of_training_are_not_diagnosed() -> None:
    with pytest.raises(UsageError, match="leave out diagnosed"):
        cell("combined", schedule="linear", vectors="trained", diagnosed=True)


def test_without_a_snapshot_there_is_no_drift_and_nothing_else_differs(small_pair: Pair) -> None:
    pair = with_generic_test(small_pair)
    whole, predictions = measured(cell(), pair)
    bare, fewer = measured(cell(), pair, snapshot=False)
    assert "drift" not in bare
    assert set(bare["generic"]) == {"after"}
    assert bare["metrics"] == whole["metrics"]
    assert bare["counts"] == whole["counts"]
    assert bare["generic"]["after"] == whole["generic"]["after"]
    assert set(predictions) - set(fewer) == {"generic_before"}
    assert all(np.array_equal(values, predictions[name]) for name, values in fewer.items())


def test_a_record_is_plain_json_without_nan(small_pair: Pair) -> None:
    record, _ = measured(cell(model="dm-mean"), with_generic_test(small_pair))
    assert json.loads(json.dumps(record, allow_nan=False))["drift"] == record["drift"]
    assert all(math.isfinite(n) for n in numbers(record))


def test_measuring_leaves_the_model_as_it_is(small_pair: Pair) -> None:
    pair, made = with_generic_test(small_pair), cell(model="dm-mean")
    assert isinstance(made, TrainedCell)
    sample = Sample.of(made, pair)
    (plan,) = made.plans(sample.sides.sizes)
    learner = FAMILIES["doc2vec"].prepare(sample.sides, made.settings, sample.base, plan)
    train_phase(learner, plan.phases[0], sample.base)
    before = snapshot_of(learner)
    train_phase(learner, plan.phases[1], sample.base)
    kept = {name: array.copy() for name, array in learner.state().items()}
    with threadpool_limits(limits=1):
        first, second = (
            measure(made, pair, sample, [learner], Clock(), before=before) for _ in range(2)
        )
    assert all(np.array_equal(array, kept[name]) for name, array in learner.state().items())
    for part in ("metrics", "generic", "drift", "counts"):
        assert first[0][part] == second[0][part]


@pytest.mark.skipif(not native.available(), reason="the extension is not built")
def test_both_engines_say_the_same(small_pair: Pair) -> None:
    pair = with_generic_test(small_pair)
    ours, theirs = (
        measured(cell(model="dm-mean", engine=engine), pair)[0]["drift"]
        for engine in ("native", "gensim")
    )
    # Float32 sums in another order; a neighbour of an equally near one may change, and a document
    # of a few dozen may be classified otherwise.
    right = {name for name in ours if name.endswith("_accuracy")}
    assert {n: ours[n] for n in right} == pytest.approx({n: theirs[n] for n in right}, abs=0.05)
    ours, theirs = ({n: v for n, v in one.items() if n not in right} for one in (ours, theirs))
    assert ours == pytest.approx(theirs, abs=0.01)


def test_the_samples_are_the_same_for_every_strategy(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generic_task, "MOST_TRAIN", 80)
    monkeypatch.setattr(generic_task, "MOST_TEST", 40)
    pair = with_generic_test(small_pair)
    truths = [
        measured(cell(strategy, schedule=schedule, seed=seed), pair)[1]["generic_truth"].tolist()
        for strategy, schedule, seed in (
            ("sequential(2)", "restart", 0), ("combined", "linear", 0), ("combined", "linear", 1),
        )
    ]  # fmt: skip
    assert truths[0] == truths[1] != truths[2]
    assert len(truths[0]) == 40


def test_unlabelled_documents_held_out_of_g_drift_all_the_same(small_pair: Pair) -> None:
    pair = with_generic_test(small_pair)
    labels = np.where(pair.generic.corpus.labels >= 0, 0, -1).astype(np.int32)
    corpus = dataclasses.replace(pair.generic.corpus, labels=labels)
    one_class = dataclasses.replace(
        pair,
        generic=dataclasses.replace(pair.generic, corpus=corpus),
        generic_test=dataclasses.replace(pair.generic_test, corpus=corpus),
    )
    record, predictions = measured(cell(), one_class)
    assert "generic" not in record
    assert "generic_truth" not in predictions
    assert record["drift"]["documents_generic"] == 67


def test_an_ensemble_has_a_generic_task(small_pair: Pair) -> None:
    record, predictions = run_cell(cell("ensemble(2)"), with_generic_test(small_pair))
    assert set(record["generic"]) == {"after"}
    assert len(predictions["generic"]) == 67


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("sequential(2)", True), ("replay(2, 0.5)", True), ("mixed-finish(2)", True),
        ("reverse(2)", False), ("combined", False), ("generic-only", False),
        ("domain-only(2)", False), ("concatenated(2)", False), ("annealed(2)", False),
    ],
)  # fmt: skip
def test_which_plans_go_on_from_the_generic_corpus(
    strategy: str, expected: bool, small_pair: Pair
) -> None:
    (plan,) = cell(strategy).plans(Sides(small_pair.generic, small_pair.train).sizes)
    assert follows_generic(plan.phases) is expected
    assert cell(strategy).strategy.follows_generic is expected
    assert ("drift" in cell(strategy).versions()) is expected
    expanded = cell(vocabulary="expanded", engine="gensim")
    assert "drift" not in expanded.versions()


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_makes_a_record(name: str, small_pair: Pair) -> None:
    made = baseline_cell("small", 1.0, 0, BUDGETS, name)
    record, predictions = run_cell(made, small_pair)
    assert (made.variant, made.engine) == (name, "")
    assert set(predictions) == {"truth", *BUDGETS}
    for budget in BUDGETS:
        assert {name: set(said) for name, said in record["metrics"][budget].items()} == {
            "logistic": {"accuracy", "macro_f1", *C_DETAILS}
        }
    assert record["metrics"]["all"]["logistic"]["accuracy"] > 0.4
    again, same = run_cell(made, small_pair)
    assert again["metrics"] == record["metrics"]
    assert all(np.array_equal(values, predictions[key]) for key, values in same.items())


def test_baselines_have_keys_of_their_own_and_known_names() -> None:
    assert baseline_cell("p", 1.0, 0, BUDGETS) == baseline_cell("p", 1.0, 0, BUDGETS, "tf-idf")
    keys = {baseline_cell("p", 1.0, 0, BUDGETS, name).key("k") for name in BASELINES}
    assert len(keys) == len(BASELINES)
    with pytest.raises(UsageError) as caught:
        baseline_cell("p", 1.0, 0, BUDGETS, "lsi")
    assert str(caught.value).startswith("unknown baseline 'lsi'")
