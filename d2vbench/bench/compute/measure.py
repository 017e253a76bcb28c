"""What is measured of a trained model: inferred vectors, classified, as a record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.spec.cell import ALL_LABELS, TRAINED, Cell
from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.pairs.subsets import per_class, stratified_fraction
from d2vbench.evaluation import (
    CLASSIFIERS,
    VECTOR_BASELINES,
    GenericTask,
    Outcome,
    Snapshot,
    diagnose,
    scores,
    tfidf_predictions,
)
from d2vbench.evaluation.diagnose import MOST_DOCUMENTS
from d2vbench.evaluation.samples import sample as sample_of
from d2vbench.families.doc2vec import (
    Documents,
    ModelSettings,
    Trainee,
    corpus_sizes,
    inference_seeds,
    map_documents,
)
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Sizes, make_plans, parse_schedule, parse_strategy

#: The classifier whose metrics and predictions go without its name.
MAIN = next(iter(CLASSIFIERS))

Predictions = dict[str, npt.NDArray[np.int32]]
Vectors = npt.NDArray[Any]
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
    trained : Selection
        The documents of D that a model is trained on: ``domain``, or where the vectors of training
        are classified the test documents as well.
    """

    base: int
    domain: Selection
    labels: npt.NDArray[np.int32]
    trained: Selection

    @classmethod
    def of(cls, cell: Cell, pair: Pair) -> Sample:
        """Draw it."""
        base = derive_seed(cell.seed, pair.name)
        present = stratified_fraction(
            pair.train_labels, cell.fraction, derive_seed(base, "share of the domain")
        )
        domain = pair.train.take(present)
        trained = domain
        if cell.vectors == TRAINED:
            both = np.concatenate([domain.documents, pair.test.documents])
            trained = Selection(domain.corpus, np.sort(both))
        return cls(base, domain, pair.train_labels[present], trained)


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


def follows_generic(plan: Plan) -> bool:
    """Return whether a plan goes on from a phase of G alone: whether `measure` takes a snapshot.

    Parameters
    ----------
    plan : Plan
        Of `sequential`, `frozen`, `replay`, `mixed-finish` and the like.

    Returns
    -------
    bool
        True for two phases of which the first presents nothing of D.
    """
    first = plan.phases[0]
    return len(plan.phases) == 2 and first.generic.count > 0 and not first.domain.count


def measure(
    cell: Cell,
    pair: Pair,
    sample: Sample,
    trainees: list[Trainee],
    clock: Clock,
    expansion: dict[str, Any] | None = None,
    before: Snapshot | None = None,
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
    before : Snapshot, optional
        Of the one model at the end of its first phase, where that was G alone; see
        `follows_generic`.

    Returns
    -------
    record : dict
        See `d2vbench.bench.compute.work.run_cell`. In ``metrics``, those of the main classifier
        have plain names, those of the others begin with the classifier's name and ``_``.
        ``generic`` has the metrics of the `GenericTask`, where the pair has one: ``after``
        training, and ``before`` the second phase. ``drift`` is what `diagnose` says of that phase.
    predictions : dict of str to (n_test,) int32
        ``truth``, and the predicted class by label budget: ``"10"`` of the main classifier,
        ``"10.knn"`` of another. Of the generic task ``generic_truth``, ``generic``,
        ``generic_before``.

    Notes
    -----
    What there is nothing to say of is left out; no value is zero or NaN in its stead.
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
        sizes = corpus_sizes(pair.generic, sample.trained)
        plans = cell_plans(cell, sizes)
        record["plans"] = [plan.to_json() for plan in plans]
        counts |= {
            "generic_words": sizes.generic_words,
            "domain_words": sizes.domain_words,
            "words_trained": sum(plan.words(sizes) for plan in plans),
        }
    record |= {"metrics": metrics, "counts": counts, "seconds": clock.seconds}
    if cell.settings is None:
        _measure_baseline(cell, pair, sample, clock, metrics, predictions)
        return record, predictions
    if not trainees:
        return record, predictions  # An expansion that crashed predicts nothing.
    infer = _Inference(cell, trainees, sample.base, counts)
    with clock.step("infer"):
        if cell.vectors == TRAINED:
            train, test = (_trained_vectors(trainees, s) for s in (sample.domain, pair.test))
        else:
            train, test = infer(sample.domain, "train"), infer(pair.test, "test")
    infer.count_training()
    with clock.step("evaluate"):
        for budget in cell.budgets:
            chosen, labels, folds = _labelled(sample, budget)
            for name, classifier in CLASSIFIERS.items():
                outcome = classifier(train[chosen], labels, test, seed=folds)
                _enter(pair, budget, name, outcome, len(chosen), metrics, predictions)
    if cell.vectors == TRAINED:
        return record, predictions
    task = GenericTask.of(pair, sample.base)
    if task is not None or before is not None:
        with clock.step("diagnose"):
            _diagnose(pair, sample, trainees, infer, test, task, before, record, predictions)
    return record, predictions


def _trained_vectors(trainees: list[Trainee], selection: Selection) -> Vectors:
    """Return the vectors that training has left for documents of D, (n, dim) float32."""
    (trainee,) = trainees
    rows = np.searchsorted(trainee.domain.documents, selection.documents)
    vectors: Vectors = trainee.engine.model.dv.vectors[len(trainee.generic) + rows]
    return vectors


def _measure_baseline(
    cell: Cell,
    pair: Pair,
    sample: Sample,
    clock: Clock,
    metrics: dict[str, Any],
    predictions: Predictions,
) -> None:
    """Enter a baseline's metrics, of the main classifier alone."""
    vectors: tuple[Vectors, Vectors] | None = None
    if cell.strategy in VECTOR_BASELINES:
        with clock.step("train"):
            learn = VECTOR_BASELINES[cell.strategy]
            vectors = learn(
                pair.generic, sample.domain, pair.test, ModelSettings(), seed=sample.base
            )
    with clock.step("evaluate"):
        for budget in cell.budgets:
            chosen, labels, folds = _labelled(sample, budget)
            if vectors is None:
                domain = sample.domain.take(chosen)
                outcome = tfidf_predictions(domain, labels, pair.test, seed=folds)
            else:
                train, test = vectors
                outcome = CLASSIFIERS[MAIN](train[chosen], labels, test, seed=folds)
            _enter(pair, budget, MAIN, outcome, len(chosen), metrics, predictions)


def _labelled(
    sample: Sample, budget: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], int]:
    """Return which documents of D-train are labelled, their classes, and the seed of the folds."""
    chosen = np.arange(len(sample.labels), dtype=np.int64)
    if budget != ALL_LABELS:
        chosen = per_class(sample.labels, int(budget), derive_seed(sample.base, "labels"))
    return chosen, sample.labels[chosen], derive_seed(sample.base, "folds", budget)


def _enter(
    pair: Pair,
    budget: str,
    name: str,
    outcome: Outcome,
    labelled: int,
    metrics: dict[str, Any],
    predictions: Predictions,
) -> None:
    found: dict[str, Any] = {**scores(pair.test_labels, outcome.predicted), **outcome.details}
    if name == MAIN:
        metrics[budget] = {**found, "labelled": labelled}
        predictions[budget] = outcome.predicted
        return
    metrics[budget] |= {f"{name}_{metric}": value for metric, value in found.items()}
    predictions[f"{budget}.{name}"] = outcome.predicted


class _Inference:
    """Infers vectors with the models of a cell, and counts odd documents.

    The vectors of several models stand side by side.
    """

    def __init__(
        self, cell: Cell, trainees: list[Trainee], base: int, counts: dict[str, Any]
    ) -> None:
        self.cell, self.trainees, self.base, self.counts = cell, trainees, base, counts

    def __call__(self, selection: Selection, name: str | None = None) -> Vectors:
        """Return (n_documents, dim) float32; odd ones are counted under the name, if any."""
        seeds = inference_seeds(selection.text_hash().tolist(), self.base)
        settings = self.cell.inference
        parts = []
        for trainee in self.trainees:
            documents = map_documents([selection], trainee.engine.model.wv.key_to_index)
            if name:
                _add_odd(self.counts, name, documents)
            parts.append(
                trainee.engine.infer(
                    documents,
                    seeds,
                    epochs=settings.epochs,
                    alpha=settings.alpha,
                    min_alpha=settings.min_alpha,
                )
            )
        return np.hstack(parts)

    def count_training(self) -> None:
        """Count what was trained on."""
        for trainee in self.trainees:
            _add_odd(self.counts, "training", trainee.engine.documents)
            # Of an ensemble, that of the model with the largest.
            known = len(trainee.engine.model.wv)
            self.counts["vocabulary"] = max(known, self.counts.get("vocabulary", 0))


def _diagnose(
    pair: Pair,
    sample: Sample,
    trainees: list[Trainee],
    infer: _Inference,
    test: Vectors,
    task: GenericTask | None,
    before: Snapshot | None,
    record: dict[str, Any],
    predictions: Predictions,
) -> None:
    """Enter what was forgotten and what has moved."""
    held_out = {"domain": (pair.test, test)}
    if task is not None:
        learned, asked = infer(task.train, "generic_train"), infer(task.test, "generic_test")
        held_out["generic"] = (task.test, asked)
        predictions["generic_truth"] = task.truth
        after, predictions["generic"] = task.judge(learned, asked, sample.base)
        record["generic"] = {"after": after}
    if before is None:
        return
    (trainee,) = trainees
    if task is None and len(pair.generic_test):
        unlabelled = pair.generic_test.take(_some(pair.generic_test, trainee, sample, "generic"))
        held_out["generic"] = (unlabelled, infer(unlabelled, "generic_test"))
    rows = {
        name: _some(selection, trainee, sample, name) for name, (selection, _) in held_out.items()
    }
    if infer.cell.inference not in before.known:
        with before.placed_in(trainee):
            then = {name: infer(held_out[name][0].take(rows[name])) for name in held_out}
            judged = None
            if task is not None:
                judged = task.judge(infer(task.train), infer(task.test), sample.base)
        before.known[infer.cell.inference] = then, judged
    then, judged = before.known[infer.cell.inference]
    if judged is not None:
        record["generic"]["before"], predictions["generic_before"] = judged
    compared = {name: (then[name], held_out[name][1][rows[name]]) for name in held_out}
    record["drift"] = diagnose(before, trainee, compared, sample.base)


def _some(
    selection: Selection, trainee: Trainee, sample: Sample, name: str
) -> npt.NDArray[np.int64]:
    """Draw the held-out documents whose vectors are compared, (n,) int64 positions.

    Those without a known word are left out: their vectors are what inference starts from.
    """
    rows = sample_of(
        np.arange(len(selection)), MOST_DOCUMENTS, derive_seed(sample.base, "drift", name)
    )
    documents = map_documents([selection.take(rows)], trainee.engine.model.wv.key_to_index)
    return rows[documents.known() > 0]


def _add_odd(counts: dict[str, Any], name: str, documents: Documents) -> None:
    """Count odd documents; of an ensemble, those of the model that has most of a kind."""
    for odd, n in documents.odd().items():
        counts[f"{name}_{odd}"] = max(n, counts.get(f"{name}_{odd}", 0))
