"""What one cell does: subset, train, infer, classify."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.cell import ALL_LABELS, Cell
from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.subsets import per_class, stratified_fraction
from d2vbench.engines import (
    EXPANDED,
    Documents,
    ModelSettings,
    Trainee,
    corpus_sizes,
    inference_seeds,
    map_documents,
    prepare,
    train,
)
from d2vbench.engines.expanded import train_expanded
from d2vbench.evaluation import Outcome, classify, scores, tfidf_predictions
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Sizes, make_plans, parse_schedule, parse_strategy

Predictions = dict[str, npt.NDArray[np.int32]]


class _Clock:
    """Seconds per named step, by wall clock; a step that comes again adds up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        spent = self.seconds.get(name, 0.0) + time.perf_counter() - started
        self.seconds[name] = round(spent, 4)


def run_cell(cell: Cell, pair: Pair) -> tuple[dict[str, Any], Predictions]:
    """Compute one cell.

    Parameters
    ----------
    cell : Cell
        What to do.
    pair : Pair
        The pair that the cell names.

    Returns
    -------
    record : dict
        JSON values: ``cell``, ``plans`` (one for each model that the strategy trains), ``metrics``
        by label budget, ``counts``, ``seconds`` by step, and ``expansion`` where the vocabulary
        was expanded. The same in every process, but for the seconds.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget. An expansion that crashed has no
        metrics and predicts nothing: that is its result.
    """
    # The limit reaches only libraries that are loaded already.
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    # One thread a cell: sums inside BLAS may depend on the number of threads.
    with threadpool_limits(limits=1):
        return _run_cell(cell, pair)


def _run_cell(cell: Cell, pair: Pair) -> tuple[dict[str, Any], Predictions]:
    clock = _Clock()
    # Everything random is paired: it depends on the seed and the pair, not on the strategy.
    base = derive_seed(cell.seed, pair.name)
    present = stratified_fraction(
        pair.train_labels, cell.fraction, derive_seed(base, "share of the domain")
    )
    domain, labels = pair.train.take(present), pair.train_labels[present]
    record: dict[str, Any] = {"cell": cell.to_json(), "pair_key": pair.key}
    counts: dict[str, Any] = {
        "generic_documents": len(pair.generic),
        "domain_documents": len(domain),
        "test_documents": len(pair.test),
        "classes": len(pair.classes),
    }
    vectors: tuple[Any, Any] | None = None
    if cell.settings is not None:
        vectors = _train_and_infer(cell, pair, domain, base, clock, record, counts)
        if vectors is None:
            record |= {"metrics": {}, "counts": counts, "seconds": clock.seconds}
            return record, {"truth": pair.test_labels}

    metrics: dict[str, Any] = {}
    predictions: Predictions = {"truth": pair.test_labels}
    with clock.step("evaluate"):
        for budget in cell.budgets:
            chosen = _labelled(labels, budget, derive_seed(base, "labels"))
            folds = derive_seed(base, "folds", budget)
            outcome: Outcome
            if vectors is None:
                outcome = tfidf_predictions(
                    domain.take(chosen), labels[chosen], pair.test, seed=folds
                )
            else:
                outcome = classify(vectors[0][chosen], labels[chosen], vectors[1], seed=folds)
            predictions[budget] = outcome.predicted
            metrics[budget] = {
                **scores(pair.test_labels, outcome.predicted),
                "c": outcome.c,
                "converged": outcome.converged,
                "labelled": len(chosen),
            }
    record |= {"metrics": metrics, "counts": counts, "seconds": clock.seconds}
    return record, predictions


def _labelled(labels: npt.NDArray[np.int32], budget: str, seed: int) -> npt.NDArray[np.int64]:
    if budget == ALL_LABELS:
        return np.arange(len(labels), dtype=np.int64)
    return per_class(labels, int(budget), seed)


def cell_plans(cell: Cell, sizes: Sizes) -> tuple[Plan, ...]:
    """Return the plans of a cell, one for each model that its strategy trains."""
    assert cell.settings is not None
    return make_plans(
        parse_strategy(cell.strategy),
        parse_schedule(cell.schedule),
        sizes,
        epochs=cell.epochs,
        alpha=cell.alpha,
        min_alpha=cell.min_alpha,
        model=cell.settings.model,
    )


def _train_and_infer(
    cell: Cell,
    pair: Pair,
    domain: Selection,
    base: int,
    clock: _Clock,
    record: dict[str, Any],
    counts: dict[str, Any],
) -> tuple[Any, Any] | None:
    """Return the vectors of D-train and of D-test; None where training came to nothing."""
    assert cell.settings is not None
    sizes = corpus_sizes(pair.generic, domain)
    plans = cell_plans(cell, sizes)
    width = cell.settings.vector_size // len(plans)
    settings = dataclasses.replace(cell.settings, vector_size=width)
    record["plans"] = [plan.to_json() for plan in plans]
    counts |= {
        "generic_words": sizes.generic_words,
        "domain_words": sizes.domain_words,
        "words_trained": sum(plan.words(sizes) for plan in plans),
    }
    parts: tuple[list[Any], list[Any]] = ([], [])
    for plan in plans:
        trainee = _trained(cell, settings, pair, domain, plan, base, clock, record)
        if trainee is None:
            return None
        with clock.step("infer"):
            for name, selection, part in zip(
                ("train", "test"), (domain, pair.test), parts, strict=True
            ):
                part.append(_infer(cell, trainee, selection, base, counts, name))
        _add_odd(counts, "training", trainee.engine.documents)
        # Of an ensemble, that of the model with the largest.
        known = len(trainee.engine.model.wv)
        counts["vocabulary"] = max(known, counts.get("vocabulary", 0))
    return np.hstack(parts[0]), np.hstack(parts[1])


def _trained(
    cell: Cell,
    settings: ModelSettings,
    pair: Pair,
    domain: Selection,
    plan: Plan,
    base: int,
    clock: _Clock,
    record: dict[str, Any],
) -> Trainee | None:
    if cell.vocabulary in EXPANDED:
        with clock.step("train"):
            expansion = train_expanded(pair.generic, domain, settings, base, plan, cell.vocabulary)
        record["expansion"] = expansion.outcome
        return expansion.trainee
    with clock.step("prepare"):
        trainee = prepare(
            pair.generic, domain, settings, base, cell.engine, vocabulary=cell.vocabulary, plan=plan
        )
    with clock.step("train"):
        train(trainee, plan)
    return trainee


def _infer(
    cell: Cell,
    trainee: Trainee,
    selection: Selection,
    base: int,
    counts: dict[str, Any],
    name: str,
) -> npt.NDArray[np.float32]:
    documents = map_documents([selection], trainee.engine.model.wv.key_to_index)
    _add_odd(counts, name, documents)
    return trainee.engine.infer(
        documents,
        inference_seeds(selection.text_hash().tolist(), base),
        epochs=cell.inference.epochs,
        alpha=cell.inference.alpha,
        min_alpha=cell.inference.min_alpha,
    )


def _add_odd(counts: dict[str, Any], name: str, documents: Documents) -> None:
    """Count odd documents; of an ensemble, those of the model that has most of a kind."""
    for odd, n in documents.odd().items():
        counts[f"{name}_{odd}"] = max(n, counts.get(f"{name}_{odd}", 0))
