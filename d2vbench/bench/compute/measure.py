"""What is measured of trained models: encoded vectors, classified, as a record."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.bench.compute.findings import Findings
from d2vbench.bench.compute.inference_grid import Judged, try_grid
from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.tokens import tokens_told
from d2vbench.bench.spec.cell import (
    TRAINED,
    BaselineCell,
    TrainedCell,
    labels_of,
    pair_key_of,
)
from d2vbench.bench.store.packed import truth_of
from d2vbench.corpora import Pair, Selection
from d2vbench.evaluation import (
    BASELINES,
    CLASSIFIERS,
    MAIN_CLASSIFIER,
    MOST_DOCUMENTS,
    GenericTask,
    Outcome,
    diagnose,
    outcome_problem,
    rare_scores,
    scores,
)
from d2vbench.evaluation.diagnostics.samples import sample as sample_of
from d2vbench.evaluation.fine_tuning import fine_tuned
from d2vbench.families import (
    FAMILIES,
    InferenceSettings,
    Learner,
    Vectors,
    inference_seeds,
    vectors_problem,
)
from d2vbench.keys import derive_seed
from d2vbench.remembered import saved_seconds
from d2vbench.strategies import exposure

Predictions = dict[str, npt.NDArray[np.int32]]
Result = tuple[dict[str, Any], Predictions]


class Clock:
    """Seconds per named step, by wall clock; a step that comes again adds up.

    What `Remembered` keeps of another cell counts as if it had been made for this one. Imports, and
    what cells of one model look up together, count for the first of them alone.
    """

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(seconds or {})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add what is done within to a step."""
        started, saved = time.perf_counter(), saved_seconds()
        yield
        spent = self.seconds.get(name, 0.0) + time.perf_counter() - started
        spent += saved_seconds() - saved
        self.seconds[name] = round(spent, 4)


@dataclass(frozen=True)
class Before:
    """A model at the end of the generic phase, to compare with what a follow-up makes of it.

    Attributes
    ----------
    tables : dict of str to array
        Copies of `Learner.tables`.
    found : Findings
        What was encoded with them: shared by all cells that continue from there.
    """

    tables: dict[str, npt.NDArray[Any]]
    found: Findings


def measure_baseline(cell: BaselineCell, pair: Pair, sample: Sample) -> Result:
    """Compute a baseline.

    Returns
    -------
    record, predictions
        As `measure` returns them; the only classifier is the main one.
    """
    clock = Clock()
    budgets = [sample.labelled(budget) for budget in cell.budgets]
    with clock.step("evaluate"), BASELINES.blame(cell.baseline):
        definition = cell.definition_for(pair)
        outcomes = definition.predict(pair.generic, sample.domain, pair.test, budgets, sample.base)
        if len(outcomes) != len(budgets):
            raise BASELINES.error(cell.baseline, "must return an outcome for each label budget")
        for outcome in outcomes:
            if problem := outcome_problem(outcome, len(pair.test)):
                raise BASELINES.error(cell.baseline, problem)
    predictions = truth_of(pair.test_rows)
    metrics = {}
    for budget, outcome in zip(cell.budgets, outcomes, strict=True):
        metrics[budget] = {MAIN_CLASSIFIER: _scored(pair, outcome, sample.rare(budget))}
        predictions[budget] = outcome.predicted
    record = _record(cell, pair, sample, clock) | {"metrics": metrics}
    if definition.measures is not None:
        record["counts"] |= definition.measures(pair.generic, sample.domain, pair.test)
    return record, predictions


def measure(
    cell: TrainedCell,
    pair: Pair,
    sample: Sample,
    learners: list[Learner],
    clock: Clock,
    outcome: Mapping[str, Any] | None = None,
    before: Before | None = None,
) -> Result:
    """Encode, classify and make the record of a cell from its trained models.

    Parameters
    ----------
    cell : TrainedCell
        Which cell.
    pair : Pair
        Its pair.
    sample : Sample
        Of the cell and the pair.
    learners : list of Learner
        The models of its plans; none where an expansion came to nothing.
    clock : Clock
        With the seconds of training.
    outcome : mapping, optional
        What became of a training apart: the record's ``expansion``.
    before : Before, optional
        Of the one model at the end of its first phase, where that was G alone; see
        `d2vbench.strategies.follows_generic`.

    Returns
    -------
    record : dict
        JSON values: ``cell``, ``pair_key``, ``plans``, ``counts``, ``exposure`` of both corpora,
        ``seconds`` by step; ``metrics`` by label budget and classifier; ``inference``, what
        `try_grid` says of the cell's grid; ``libraries`` and ``tolerance`` of a family that names
        some, ``model`` where the settings do not say its name. If the cell is diagnosed,
        ``generic`` has the metrics of the `GenericTask`, where the pair has one: ``after``
        training, and ``before`` the second phase; ``drift`` is what `diagnose` says of that phase.
    predictions : dict of str to (n_test,) int32
        ``truth`` (of several labels the first, and the others in ``truth_1``, ``truth_2``, -1 where
        there is none), and the predicted class by label budget: ``"10"`` of the main classifier,
        ``"10.knn"`` of another. Of the generic task ``generic_truth``, ``generic``,
        ``generic_before``; with the chosen inference ``"10.chosen"``.

    Notes
    -----
    Values that do not exist are left out; none is zero or NaN instead.
    """
    sizes = sample.sides.sizes
    plans = cell.plans(sizes)
    record = _record(cell, pair, sample, clock)
    record |= {"plans": [plan.to_json() for plan in plans], "metrics": {}}
    if cell.model not in (cell.family, getattr(cell.settings, "model", "")):
        # The name in tables, where the cell itself does not say it.
        record["model"] = cell.model
    counts = record["counts"]
    counts |= {
        "generic_words": sizes.generic_words,
        "domain_words": sizes.domain_words,
        "words_trained": sum(plan.words(sizes) for plan in plans),
    }
    record["exposure"] = exposure(plans, sizes).to_json()
    if outcome is not None:
        record["expansion"] = dict(outcome)
    predictions: Predictions = truth_of(pair.test_rows)
    if not learners:
        return record, predictions  # An expansion that crashed predicts nothing.
    encoder = Encoder(cell, learners, sample.base)
    if cell.tokens:
        with clock.step("fine_tune"):
            record["tokens"], own = tokens_told(cell, pair, sample, learners[0])
        counts |= {**own, "vocabulary": learners[0].vocabulary_size()}
        return record, predictions
    if cell.fine_tuned:
        counts |= encoder.degenerate("train", sample.domain)
        counts |= encoder.degenerate("test", pair.test)
        counts |= encoder.degenerate("training")
        counts["vocabulary"] = learners[0].vocabulary_size()
        with clock.step("fine_tune"):
            for budget in cell.budgets:
                outcome_of = _fine_tuned(cell, pair, sample, learners[0], budget)
                scored = _scored(pair, outcome_of, sample.rare(budget))
                record["metrics"][budget] = {MAIN_CLASSIFIER: scored}
                predictions[budget] = outcome_of.predicted
        return record, predictions
    with clock.step("infer"):
        if cell.vectors == TRAINED:
            train = {False: encoder.trained(sample.domain)}
            test = encoder.trained(pair.test)
        else:
            train = {whole: encoder(sample.read(whole)) for whole in sample.reads(cell.budgets)}
            test = encoder(pair.test)
            counts |= encoder.degenerate("train", sample.domain)
            counts |= encoder.degenerate("test", pair.test)
    counts |= encoder.degenerate("training")
    counts["vocabulary"] = max(learner.vocabulary_size() for learner in learners)
    with clock.step("evaluate"):
        judged = {name: _judged(cell, pair, sample, name, train, test) for name in cell.classifiers}
    for budget in cell.budgets:
        record["metrics"][budget] = {name: judged[name][budget][1] for name in cell.classifiers}
        for name in cell.classifiers:
            place = budget if name == MAIN_CLASSIFIER else f"{budget}.{name}"
            predictions[place] = judged[name][budget][0].predicted
    if cell.inference_grid:

        def judge(inference: InferenceSettings) -> Judged:
            learned = {
                whole: encoder(sample.read(whole), inference)
                for whole in sample.reads(cell.budgets)
            }
            asked = encoder(pair.test, inference)
            return _judged(cell, pair, sample, MAIN_CLASSIFIER, learned, asked)

        with clock.step("choose_inference"):
            record["inference"], found = try_grid(
                cell.inference_grid, cell.inference, judged[MAIN_CLASSIFIER], judge
            )
        predictions |= found
    if not cell.diagnosed:
        return record, predictions
    task = GenericTask.of(pair, sample.base)
    if task is not None or before is not None:
        with clock.step("diagnose"):
            found, more = _diagnosed(pair, sample, encoder, test, task, before)
        counts |= found.pop("counts")
        record |= found
        predictions |= more
    return record, predictions


def _fine_tuned(
    cell: TrainedCell, pair: Pair, sample: Sample, learner: Learner, budget: str
) -> Outcome:
    """Let a model go on learning from the documents of a label budget; it stays as it is."""
    train, chosen = sample.read(labels_of(budget)[0]), sample.labelled(budget)
    return fine_tuned(learner, cell.fine_tuned, train, pair.test, chosen, sample.base)


def _judged(
    cell: TrainedCell,
    pair: Pair,
    sample: Sample,
    name: str,
    train: Mapping[bool, Vectors],
    test: Vectors,
) -> Judged:
    """Classify with one classifier, by label budget; ``train`` by what `Sample.read` takes."""
    found = {}
    for budget in cell.budgets:
        chosen = sample.labelled(budget)
        with CLASSIFIERS.blame(name):
            said = CLASSIFIERS[name].predict(
                train[labels_of(budget)[0]][chosen.documents],
                chosen.labels,
                test,
                **chosen.options(),
            )
        if problem := outcome_problem(said, len(pair.test)):
            raise CLASSIFIERS.error(name, problem)
        found[budget] = said, _scored(pair, said, sample.rare(budget))
    return found


def _record(
    cell: TrainedCell | BaselineCell, pair: Pair, sample: Sample, clock: Clock
) -> dict[str, Any]:
    """Return the part of a record that every cell has."""
    counts = {
        "generic_documents": len(sample.sides.generic),
        "domain_documents": len(sample.domain),
        "test_documents": len(pair.test),
        "classes": len(pair.classes),
    }
    if not getattr(cell, "tokens", ""):
        labelled = {b: sample.labelled(b).documents for b in cell.budgets}
        counts |= {f"labelled_{b}": len(np.unique(some)) for b, some in labelled.items()}
    if pair.test_rows.shape[1] > 1:
        # Several labels a document, each of which counts.
        counts["domain_labels"] = int((sample.rows >= 0).sum())
        counts["test_labels"] = int((pair.test_rows >= 0).sum())
    return {
        "cell": cell.to_json(), "pair_key": pair_key_of(cell, pair), "counts": counts,
        "seconds": clock.seconds, **_of_libraries(cell),
    }  # fmt: skip


def _of_libraries(cell: TrainedCell | BaselineCell) -> dict[str, Any]:
    """Return versions of the libraries that a family names, and what they may change."""
    if isinstance(cell, BaselineCell):
        family: Any = None if cell.encoder is None else FAMILIES["encoder"]
    else:
        family = FAMILIES[cell.family]
    names = getattr(family, "libraries", ())
    if not names:
        return {}
    versions = {name: importlib.metadata.version(name) for name in names}
    return {"libraries": versions, "tolerance": family.tolerance}


def _scored(pair: Pair, outcome: Outcome, rare: npt.NDArray[np.int32]) -> dict[str, Any]:
    found = scores(pair.test_rows, outcome.predicted)
    if len(rare):
        found |= rare_scores(pair.test_rows, outcome.predicted, rare)
    return {**found, **outcome.details}


class Encoder:
    """Encodes documents with the models of a cell; the vectors of several stand side by side."""

    def __init__(self, cell: TrainedCell, learners: list[Learner], base: int) -> None:
        self.cell, self.learners, self.base = cell, learners, base

    def __call__(self, documents: Selection, inference: InferenceSettings | None = None) -> Vectors:
        """Return (n_documents, dim) float32, by default with the pinned inference.

        Raises
        ------
        PluginError
            If a third party's family returns anything else; `UserError` of d2vbench's own.
        """
        seeds = inference_seeds(documents.text_hash().tolist(), self.base)
        parts = []
        for learner in self.learners:
            vectors = learner.encode(documents, seeds, inference or self.cell.inference)
            if problem := vectors_problem(vectors, len(documents)):
                raise FAMILIES.error(self.cell.family, f"encode() {problem}")
            parts.append(vectors)
        return np.hstack(parts)

    def trained(self, documents: Selection) -> Vectors:
        """Return the vectors that training has left for documents of D, (n, dim) float32."""
        (learner,) = self.learners
        vectors = learner.trained_vectors(documents)
        if vectors is None:
            raise FAMILIES.error(self.cell.family, "leaves no vectors of training documents")
        return vectors

    def degenerate(self, name: str, documents: Selection | None = None) -> dict[str, int]:
        """Count degenerate documents under a name; of an ensemble, the most of each kind."""
        found: dict[str, int] = {}
        for learner in self.learners:
            for kind, n in learner.degenerate(documents).items():
                found[f"{name}_{kind}"] = max(n, found.get(f"{name}_{kind}", 0))
        return found


def _diagnosed(
    pair: Pair,
    sample: Sample,
    encoder: Encoder,
    test: Vectors,
    task: GenericTask | None,
    before: Before | None,
) -> tuple[dict[str, Any], Predictions]:
    """Return what was forgotten and what has moved: parts of a record, and predictions."""
    found: dict[str, Any] = {"counts": {}}
    predictions: Predictions = {}
    held_out = {"domain": (pair.test, test)}
    if task is not None:
        learned, asked = encoder(task.train), encoder(task.test)
        found["counts"] |= encoder.degenerate("generic_train", task.train)
        found["counts"] |= encoder.degenerate("generic_test", task.test)
        held_out["generic"] = (task.test, asked)
        after, predictions["generic"] = task.judge(learned, asked, sample.base)
        predictions["generic_truth"] = task.truth
        found["generic"] = {"after": after}
    if before is None:
        return found, predictions
    (learner,) = encoder.learners
    if task is None and len(pair.generic_test):
        unlabelled = pair.generic_test.take(_some(pair.generic_test, learner, sample, "generic"))
        held_out["generic"] = (unlabelled, encoder(unlabelled))
        found["counts"] |= encoder.degenerate("generic_test", unlabelled)
    rows = {
        name: _some(selection, learner, sample, name) for name, (selection, _) in held_out.items()
    }
    then = _then(encoder, learner, before, {n: held_out[n][0].take(rows[n]) for n in rows}, task)
    if task is not None:
        vectors = then["task_train"], then["task_test"]
        judged, predictions["generic_before"] = task.judge(*vectors, sample.base)
        found["generic"]["before"] = judged
    compared = {name: (then[name], held_out[name][1][rows[name]]) for name in held_out}
    generic, right = None, None
    if "generic" in held_out:
        generic = held_out["generic"][0].take(rows["generic"])
    if task is not None:
        was, now = ((predictions[name] == task.truth)[rows["generic"]]
                    for name in ("generic_before", "generic"))  # fmt: skip
        right = was, now
    found["drift"] = diagnose(before.tables, learner, compared, sample.base, generic, right)
    return found, predictions


def _then(
    encoder: Encoder,
    learner: Learner,
    before: Before,
    held_out: Mapping[str, Selection],
    task: GenericTask | None,
) -> dict[str, Vectors]:
    """Return the vectors of held-out documents, encoded by the model as it was before."""
    inference = encoder.cell.inference
    name = f"{inference.epochs}-{inference.alpha!r}-{inference.min_alpha!r}"
    wanted = dict(held_out)
    if task is not None:
        wanted |= {"task_train": task.train, "task_test": task.test}
    known = before.found.recall(name)
    if known is not None and known.keys() == wanted.keys():
        return known
    with learner.placed(before.tables):
        vectors = {name: encoder(documents) for name, documents in wanted.items()}
    before.found.keep(name, vectors)
    return vectors


def _some(
    selection: Selection, learner: Learner, sample: Sample, name: str
) -> npt.NDArray[np.int64]:
    """Draw the held-out documents whose vectors are compared, (n,) int64 positions.

    Those of which the model reads nothing are left out: their vectors say nothing of them.
    """
    rows = sample_of(
        np.arange(len(selection)), MOST_DOCUMENTS, derive_seed(sample.base, "drift", name)
    )
    return rows[learner.readable(selection.take(rows))]
