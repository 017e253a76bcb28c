"""What is measured of a trained model: inferred vectors, classified, as a record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.cell import ALL_LABELS, Cell
from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.subsets import per_class, stratified_fraction
from d2vbench.engines import Documents, Trainee, corpus_sizes, inference_seeds, map_documents
from d2vbench.evaluation import Outcome, classify, scores, tfidf_predictions
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Sizes, make_plans, parse_schedule, parse_strategy

Predictions = dict[str, npt.NDArray[np.int32]]
Result = tuple[dict[str, Any], Predictions]


class Clock:
    """Seconds per named step, by wall clock; a step that comes again adds up."""

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(seconds or {})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add what is done within to a step."""
        started = time.perf_counter()
        yield
        spent = self.seconds.get(name, 0.0) + time.perf_counter() - started
        self.seconds[name] = round(spent, 4)


@dataclass(frozen=True)
class Sample:
    """What of a pair a cell is about: everything random in it is paired.

    It depends on the seed, the pair and the share of D, and not on the strategy.

    Attributes
    ----------
    base : int
        Seed from which all others derive.
    domain : Selection
        The part of D-train that there is.
    labels : (n,) int32
        Its classes.
    """

    base: int
    domain: Selection
    labels: npt.NDArray[np.int32]

    @classmethod
    def of(cls, cell: Cell, pair: Pair) -> Sample:
        """Draw it."""
        base = derive_seed(cell.seed, pair.name)
        present = stratified_fraction(
            pair.train_labels, cell.fraction, derive_seed(base, "share of the domain")
        )
        return cls(base, pair.train.take(present), pair.train_labels[present])


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


def measure(
    cell: Cell,
    pair: Pair,
    sample: Sample,
    trainees: list[Trainee],
    clock: Clock,
    expansion: dict[str, Any] | None = None,
) -> Result:
    """Infer, classify and make the record of a cell from its trained models.

    Parameters
    ----------
    cell : Cell
        Which cell.
    pair : Pair
        Its pair.
    sample : Sample
        Of the cell and the pair.
    trainees : list of Trainee
        The models of its plans; none for a baseline, and where an expansion came to nothing.
    clock : Clock
        With the seconds of training.
    expansion : dict, optional
        What became of an expanded vocabulary.

    Returns
    -------
    record : dict
        See `d2vbench.bench.work.run_cell`.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget.
    """
    record: dict[str, Any] = {"cell": cell.to_json(), "pair_key": pair.key}
    counts: dict[str, Any] = {
        "generic_documents": len(pair.generic),
        "domain_documents": len(sample.domain),
        "test_documents": len(pair.test),
        "classes": len(pair.classes),
    }
    metrics: dict[str, Any] = {}
    predictions: Predictions = {"truth": pair.test_labels}
    if expansion is not None:
        record["expansion"] = expansion
    if cell.settings is not None:
        sizes = corpus_sizes(pair.generic, sample.domain)
        plans = cell_plans(cell, sizes)
        record["plans"] = [plan.to_json() for plan in plans]
        counts |= {
            "generic_words": sizes.generic_words,
            "domain_words": sizes.domain_words,
            "words_trained": sum(plan.words(sizes) for plan in plans),
        }
    record |= {"metrics": metrics, "counts": counts, "seconds": clock.seconds}
    if cell.settings is not None and not trainees:
        return record, predictions  # An expansion that crashed predicts nothing.
    vectors = _inferred(cell, pair, sample, trainees, clock, counts) if trainees else None
    with clock.step("evaluate"):
        for budget in cell.budgets:
            chosen = _labelled(sample.labels, budget, derive_seed(sample.base, "labels"))
            labels = sample.labels[chosen]
            folds = derive_seed(sample.base, "folds", budget)
            outcome: Outcome
            if vectors is None:
                outcome = tfidf_predictions(
                    sample.domain.take(chosen), labels, pair.test, seed=folds
                )
            else:
                outcome = classify(vectors[0][chosen], labels, vectors[1], seed=folds)
            predictions[budget] = outcome.predicted
            metrics[budget] = {
                **scores(pair.test_labels, outcome.predicted),
                **outcome.details,
                "labelled": len(chosen),
            }
    return record, predictions


def _inferred(
    cell: Cell,
    pair: Pair,
    sample: Sample,
    trainees: list[Trainee],
    clock: Clock,
    counts: dict[str, Any],
) -> tuple[Any, Any]:
    """Return the vectors of D-train and of D-test, those of several models side by side."""
    parts: tuple[list[Any], list[Any]] = ([], [])
    for trainee in trainees:
        with clock.step("infer"):
            for name, selection, part in zip(
                ("train", "test"), (sample.domain, pair.test), parts, strict=True
            ):
                part.append(_infer(cell, trainee, selection, sample.base, counts, name))
        _add_odd(counts, "training", trainee.engine.documents)
        # Of an ensemble, that of the model with the largest.
        known = len(trainee.engine.model.wv)
        counts["vocabulary"] = max(known, counts.get("vocabulary", 0))
    return np.hstack(parts[0]), np.hstack(parts[1])


def _labelled(labels: npt.NDArray[np.int32], budget: str, seed: int) -> npt.NDArray[np.int64]:
    if budget == ALL_LABELS:
        return np.arange(len(labels), dtype=np.int64)
    return per_class(labels, int(budget), seed)


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
