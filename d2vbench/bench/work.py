"""What one cell does: subset, train, infer, classify."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.cell import ALL_LABELS, Cell
from d2vbench.corpora import Pair
from d2vbench.corpora.subsets import per_class, stratified_fraction
from d2vbench.engines import inference_seeds, map_documents, prepare, train
from d2vbench.evaluation import Outcome, classify, scores, tfidf_predictions
from d2vbench.keys import derive_seed
from d2vbench.strategies import make_plan, parse_schedule, parse_strategy

Predictions = dict[str, npt.NDArray[np.int32]]


class _Clock:
    """Seconds per named step, by wall clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 4)


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
        JSON values: ``cell``, ``plan``, ``metrics`` by label budget, ``counts``, ``seconds`` by
        step. The same in every process, but for the seconds.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget.
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


def _train_and_infer(
    cell: Cell,
    pair: Pair,
    domain: Any,
    base: int,
    clock: _Clock,
    record: dict[str, Any],
    counts: dict[str, Any],
) -> tuple[Any, Any]:
    assert cell.settings is not None
    with clock.step("prepare"):
        trainee = prepare(pair.generic, domain, cell.settings, base, cell.engine)
        plan = make_plan(
            parse_strategy(cell.strategy),
            parse_schedule(cell.schedule),
            trainee.sizes,
            epochs=cell.epochs,
            alpha=cell.alpha,
            min_alpha=cell.min_alpha,
        )
    with clock.step("train"):
        train(trainee, plan)
    vectors = []
    with clock.step("infer"):
        for name, selection in (("train", domain), ("test", pair.test)):
            documents = map_documents([selection], trainee.engine.model.wv.key_to_index)
            seeds = inference_seeds(selection.text_hash().tolist(), base)
            settings = cell.inference
            vectors.append(
                trainee.engine.infer(
                    documents,
                    seeds,
                    epochs=settings.epochs,
                    alpha=settings.alpha,
                    min_alpha=settings.min_alpha,
                )
            )
            counts |= {f"{name}_{odd}": n for odd, n in documents.odd().items()}
    counts |= {f"training_{odd}": n for odd, n in trainee.engine.documents.odd().items()}
    counts |= {
        "vocabulary": len(trainee.engine.model.wv),
        "generic_words": trainee.sizes.generic_words,
        "domain_words": trainee.sizes.domain_words,
        "words_trained": plan.words(trainee.sizes),
    }
    record["plan"] = plan.to_json()
    return vectors[0], vectors[1]
