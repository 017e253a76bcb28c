"""Cells of every strategy and vocabulary policy: computed, recorded, and told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cells import changed, trained_cell
from light_run import save_svg
from small_run import Quiet, backend

from d2vbench.analysis import findings, load_run, summarise
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.spec.cell import Cell, TrainedCell
from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import Cards, Pair
from d2vbench.errors import UsageError
from d2vbench.evaluation import CLASSIFIERS, Classifier
from d2vbench.families import FAMILIES
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.report import build_report


def cell(strategy: str, model: str = "dbow", **values: object) -> Cell:
    settings = Doc2VecSettings(model, vector_size=16, min_count=2)
    made = trained_cell(
        pair="small", fraction=1.0, settings=settings, strategy=strategy, schedule="restart",
        seed=0, epochs=2, engine="gensim", budgets=("all",),
    )  # fmt: skip
    return changed(made, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strategy", "model"),
    [
        ("reverse(2)", "dbow"), ("concatenated(2)", "dbow"), ("shuffled-once(2)", "dbow"),
        ("replay(2, 0.5)", "dbow"), ("annealed(2)", "dbow"), ("mixed-finish(2)", "dbow"),
        ("selected(0.5)", "dbow"), ("frozen(2)", "dm-mean"), ("ensemble(2)", "dbow"),
        ("oversampled(balanced)", "dbow"),
    ],
)  # fmt: skip
def test_every_strategy_makes_a_record(small_pair: Pair, strategy: str, model: str) -> None:
    record, predictions = run_cell(cell(strategy, model), small_pair)
    assert set(record["metrics"]) == {"all"}
    assert len(predictions["all"]) == len(small_pair.test)
    generic, domain = small_pair.generic.words(), small_pair.train.words()
    if strategy.endswith("(2)") or strategy.startswith("replay"):
        assert record["counts"]["words_trained"] == 2 * generic + 4 * domain
    if strategy == "selected(0.5)":
        assert record["counts"]["words_trained"] == generic + 2 * domain


def test_an_ensemble_has_the_vectors_of_two_narrow_models(small_pair: Pair) -> None:
    widths: list[int] = []
    kept: list[np.ndarray] = []
    family, classify = FAMILIES["doc2vec"], CLASSIFIERS["logistic"].predict
    prepare = family.prepare

    def narrow(sides, settings, seed, plan):  # type: ignore[no-untyped-def]
        widths.append(settings.vector_size)
        return prepare(sides, settings, seed, plan)

    def keep(train, labels, test, **kwargs):  # type: ignore[no-untyped-def]
        kept.append(test)
        return classify(train, labels, test, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(family, "prepare", narrow)
        patch.setitem(CLASSIFIERS.built_in, "logistic", Classifier(keep, "t", version=1))
        both, _ = run_cell(cell("ensemble(2)"), small_pair)
        for part in ("generic-only", "domain-only(2)"):
            half = Doc2VecSettings("dbow", vector_size=8, min_count=2, engine="gensim")
            run_cell(cell(part, settings=half), small_pair)
    assert widths == [8, 8, 8, 8]
    assert np.array_equal(kept[0], np.hstack(kept[1:]))
    assert len(both["plans"]) == 2


def test_policies_change_the_vocabulary(small_pair: Pair) -> None:
    counts = {
        policy: run_cell(cell("domain-only(2)", vocabulary=policy), small_pair)[0]["counts"]
        for policy in ("natural", "own", "generic")
    }
    sizes = {policy: c["vocabulary"] for policy, c in counts.items()}
    assert sizes["natural"] > sizes["generic"] > sizes["own"]


def test_an_expansion_is_recorded_whatever_becomes_of_it(
    small_cards: Cards, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("d2vbench.report.document.pictures.save_figure", save_svg)
    policies = ("natural", "expanded", "expanded-restarted-tags", "expanded-repaired")
    cells = [
        *(cell("sequential(2)", vocabulary=policy, seed=s) for policy in policies for s in (0, 1)),
        *(cell("combined", schedule="linear", seed=s) for s in (0, 1)),
    ]
    result = run_cells(
        cells, small_cards, tmp_path, study="v", backend=backend(2), listener=Quiet(), cache=cache
    )
    assert (result.computed, result.failures) == (10, [])
    store = RecordStore(tmp_path)
    outcomes = [store.read(key).get("expansion", {}).get("outcome") for key in result.keys]
    assert outcomes[:2] == [None, None]
    assert set(outcomes[2:4]) <= {"crash", "out of bounds", "error"}
    assert outcomes[4:] == ["overwrite"] * 2 + ["success"] * 2 + [None] * 2
    assert store.read(result.keys[2])["metrics"] == {}
    assert list(store.predictions(result.keys[2])) == ["truth"]

    data = load_run(tmp_path)
    assert data.missing == 0
    assert data.cells["expansion_outcome"].notna().sum() == 6
    assert data.cells["accuracy_all"].isna().sum() == 2
    # The crash is no row of the comparison; the others are told apart.
    summary = summarise(data)
    assert set(summary["policy"]) == {"", *policies[:1], *policies[2:]}
    assert (summary["seeds"] == 2).all()
    (found,) = findings(data)
    assert found.best
    text = build_report(tmp_path).report.read_text(encoding="utf-8")
    assert "expanded-repaired vocabulary" in text


@pytest.mark.parametrize(
    ("strategy", "values", "message"),
    [
        ("frozen(2)", {}, "strategy frozen(2) cannot be told from generic-only in model dbow: "),
        ("sequential(0)", {}, "strategy sequential: k must be a whole number from 1 up"),
        ("combined", {"schedule": "lineer"}, "unknown schedule 'lineer': did you mean 'linear'?"),
        (
            "combined",
            {"vocabulary": "naturel"},
            "unknown vocabulary policy 'naturel': did you mean 'natural'?",
        ),
        (
            "combined",
            {"vocabulary": "expanded"},
            "vocabulary expanded: gensim expands between the two phases of sequential(k), which "
            "combined has not",
        ),
        (
            "sequential(2)",
            {"vocabulary": "expanded-repaired", "engine": "native"},
            "vocabulary expanded-repaired is gensim's own code: the engine must be gensim, got "
            "native",
        ),
        (
            "combined",
            {"classifiers": ("knn", "logistic")},
            "the first classifier must be logistic, by which strategies are compared, got knn, "
            "logistic",
        ),
        (
            "ensemble(2)",
            {"settings": Doc2VecSettings(vector_size=25)},
            "2 models divide vector_size between them, and 25 does not divide evenly",
        ),
    ],
)
def test_a_cell_that_could_not_be_trained_is_refused(
    strategy: str, values: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        cell(strategy, **values)
    assert str(caught.value).startswith(message)


def variants(**values: object) -> list[tuple[str, str]]:
    request = Request(pairs=("synthetic",), models=("dm-mean",), seeds=1, **values)  # type: ignore[arg-type]
    return [
        (str(c.strategy), str(c.schedule))
        for c in study_cells("strategies", request).cells
        if isinstance(c, TrainedCell)
    ]


def test_schedules_may_be_asked_for() -> None:
    assert variants(strategies=("combined", "sequential(4)"), schedules=("rewarmed", "cosine")) == [
        # One phase: nothing to warm up again, so it is linear.
        ("combined", "linear"),
        ("combined", "cosine"),
        ("sequential(4)", "rewarmed"),
        ("sequential(4)", "cosine"),
    ]
    assert variants(strategies=("reverse(4)",)) == [
        ("reverse(4)", "linear"),
        ("reverse(4)", "restart"),
    ]
    of_study = dict.fromkeys(strategy for strategy, _ in variants())
    assert variants(schedules=("constant",)) == [(strategy, "constant") for strategy in of_study]
    with pytest.raises(UsageError, match="unknown schedule 'lineer'"):
        Request(schedules=("lineer",))
    with pytest.raises(UsageError, match=r"strategy frozen\(4\) cannot be told from generic-only"):
        study_cells("strategies", Request(strategies=("frozen(4)",), models=("dbow",)))


@pytest.mark.skipif(not native.available(), reason="the extension is not built")
def test_both_engines_predict_the_same_with_other_vocabularies(small_pair: Pair) -> None:
    for policy in ("own", "generic"):
        made = [
            run_cell(cell("sequential(2)", vocabulary=policy, engine=engine), small_pair)[1]["all"]
            for engine in ("gensim", "native")
        ]
        assert (made[0] == made[1]).mean() > 0.95
