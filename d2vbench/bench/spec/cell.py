"""A cell: one training, one evaluation, one record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from d2vbench.bench.spec.identity import record_key
from d2vbench.bench.spec.versions import (
    baseline_versions,
    budget_versions,
    given_versions,
    pretrained_versions,
    trained_versions,
)
from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, check_name
from d2vbench.evaluation import BASELINES, CLASSIFIERS, MAIN_CLASSIFIER, Baseline
from d2vbench.evaluation.given_vectors import GIVEN
from d2vbench.evaluation.pretrained import PRETRAINED, find_baseline
from d2vbench.evaluation.tokens import TASKS
from d2vbench.families import FAMILIES, InferenceSettings, refusal
from d2vbench.families.base import tunes
from d2vbench.families.encoder.arms import BALANCED, TOP, parse_arm
from d2vbench.families.encoder.checkpoints import short_name
from d2vbench.strategies import ALPHA, MIN_ALPHA, Plan, Schedule, Sizes, Strategy, make_plans

# A label budget: "all" stands for every label of the share of D that there is, a number for so many
# a class of it. "whole" and "whole-10" are the same of all of D-train, whatever share the vectors
# were trained on: unlabelled text is scarce there, and labels are not. "tail-20" is a long tail of
# the share of D: its most frequent class has 20 times the labelled documents of its rarest.
ALL_LABELS, WHOLE, TAIL = "all", "whole", "tail"

# Which vectors the classifier is given.
INFERRED, TRAINED = "inferred", "trained"
VECTORS = {
    INFERRED: "Training and test vectors are inferred; no test document is trained on.",
    TRAINED: "Test documents are trained on as well, and the vectors of training are classified: "
    "what many published numbers rest on, and what no comparison of strategies does.",
}


@dataclass(frozen=True)
class TrainedCell:
    """Everything that decides the result of one training, but for the corpora's contents.

    Attributes
    ----------
    pair : str
        Name of a pair card.
    fraction : float
        Share of D-train that there is, in (0, 1].
    family : str
        A key of `d2vbench.families.FAMILIES`.
    settings : object
        Of the model, made by the family's ``settings``.
    strategy : Strategy
        What is presented.
    schedule : Schedule
        With which learning rates.
    seed : int
        Base seed, from 0.
    epochs : int
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    inference : InferenceSettings
        Pinned: the same for every strategy.
    inference_grid : tuple of InferenceSettings
        What cross-validation on D-train chooses from, beside the pinned inference; none for most.
        No model is trained for it.
    generic_fraction : float
        Share of G's documents that there is, in (0, 1]; smaller shares lie within larger ones.
    budgets : tuple of str
        Label budgets: ``"all"``, documents per class, or ``"tail-20"``, a long tail, of the share
        of D; ``"whole"`` or ``"whole-10"``, of all of D-train.
    classifiers : tuple of str
        Keys of `d2vbench.evaluation.CLASSIFIERS`, the main one first.
    vectors : str
        A key of `VECTORS`.
    diagnosed : bool
        Whether it is measured what training has moved and forgotten, which takes longer than all
        else that is done after training.
    fine_tuned : str
        How the trained encoder goes on learning from labels, as `parse_arm` reads it; empty where
        its vectors are classified as they are. What it predicts stands in the place of the main
        classifier.
    tokens : str
        A key of `d2vbench.evaluation.tokens.TASKS` where words are told apart in place of
        documents; a number as a label budget is then one of documents in all. Else empty.
    """

    pair: str
    fraction: float
    family: str
    settings: Any
    strategy: Strategy
    schedule: Schedule
    seed: int
    epochs: int
    alpha: float = ALPHA
    min_alpha: float = MIN_ALPHA
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    budgets: tuple[str, ...] = (ALL_LABELS, "10")
    classifiers: tuple[str, ...] = (MAIN_CLASSIFIER,)
    vectors: str = INFERRED
    inference_grid: tuple[InferenceSettings, ...] = ()
    generic_fraction: float = 1.0
    diagnosed: bool = False
    fine_tuned: str = ""
    tokens: str = ""

    def __post_init__(self) -> None:
        """Refuse what no training could carry out."""
        _check_sample(self.fraction, self.seed)
        if not 0 < self.generic_fraction <= 1:
            raise UsageError(f"generic_fraction must lie in (0, 1], got {self.generic_fraction}")
        for budget in self.budgets:
            labels_of(budget)
        check_name("kind of vectors", self.vectors, VECTORS)
        for name in self.classifiers:
            check_name("classifier", name, CLASSIFIERS)
        if self.classifiers[:1] != (MAIN_CLASSIFIER,):
            raise UsageError(
                f"the first classifier must be {MAIN_CLASSIFIER}, by which strategies are "
                f"compared, got {', '.join(self.classifiers) or 'none'}"
            )
        check_name("family", self.family, FAMILIES)
        family = FAMILIES[self.family]
        if reason := refusal(family, self.settings, self.strategy):
            raise UsageError(reason)
        if self.strategy.models > 1:
            family.narrowed(self.settings, self.strategy.models)
        if self.vectors == TRAINED and self.diagnosed:
            raise UsageError(f"vectors {TRAINED} are those of one model: leave out diagnosed")
        if self.vectors == TRAINED and any(labels_of(budget)[0] for budget in self.budgets):
            raise UsageError(f"vectors {TRAINED}: labels are of the share of D that is trained on")
        if self.vectors == TRAINED and (
            self.strategy.models > 1 or family.trains_apart(self.settings)
        ):
            raise UsageError(
                f"vectors {TRAINED}: one model has them for each document, but strategy "
                f"{self.strategy} with these settings has not"
            )
        if self.inference_grid:
            self._check_inference_grid()
        if self.fine_tuned:
            self._check_fine_tuned()
        if self.tokens:
            self._check_tokens()

    def _check_fine_tuned(self) -> None:
        arm, family = parse_arm(self.fine_tuned), FAMILIES[self.family]
        if not tunes(family):
            raise UsageError(f"fine-tuning is for encoders, got family {self.family}")
        if str(arm) != self.fine_tuned:
            raise UsageError(f"arm {self.fine_tuned!r} is written {str(arm)!r}")
        shape = getattr(self.settings, "scratch", None)
        if arm.kind == TOP and shape is not None and arm.layers > shape.layers:
            raise UsageError(f"fine-tuning {arm}: the encoder has {shape.layers} layers")
        if self.inference_grid or self.diagnosed or len(self.classifiers) > 1:
            raise UsageError(
                f"fine-tuning {arm} classifies by itself: leave out inference_grid, diagnosed and "
                "further classifiers"
            )
        if self.strategy.models > 1 or self.vectors == TRAINED:
            raise UsageError(f"fine-tuning {arm} goes on from one model: got {self.strategy}")

    def _check_tokens(self) -> None:
        check_name("task of tokens", self.tokens, TASKS)
        if not self.fine_tuned or parse_arm(self.fine_tuned).loss == BALANCED:
            raise UsageError(
                f"tokens {self.tokens}: an encoder is fine-tuned for them, by any loss but "
                f"{BALANCED}, got fine_tuned {self.fine_tuned!r}"
            )
        if any(labels_of(budget)[0] or tail_of(budget) for budget in self.budgets):
            raise UsageError(
                f"tokens {self.tokens}: a label budget is {ALL_LABELS} or a number of documents, "
                f"got {', '.join(self.budgets)}"
            )

    def _check_inference_grid(self) -> None:
        if len(set(self.inference_grid)) < 2:
            raise UsageError(
                "inference_grid must have 2 or more different settings to choose from, got "
                f"{len(set(self.inference_grid))}: add epochs or alphas of inference"
            )
        if self.inference not in self.inference_grid:
            raise UsageError(
                f"inference_grid must contain the pinned inference, {self.inference}: it is one of "
                "those to choose from"
            )
        if self.vectors == TRAINED:
            raise UsageError(f"vectors {TRAINED} are not inferred: leave out inference_grid")
        if not FAMILIES[self.family].trains_to_encode(self.settings):
            raise UsageError(
                f"family {self.family} trains nothing to encode a document: leave out "
                "inference_grid"
            )

    @property
    def model(self) -> str:
        """Name of the model in tables."""
        return FAMILIES[self.family].label(self.settings)

    @property
    def engine(self) -> str:
        """What trains it, for families of several engines; else empty."""
        return str(getattr(self.settings, "engine", ""))

    @property
    def from_saved(self) -> bool:
        """Whether a saved model stands for the generic corpus."""
        names = ("generic_model", "word_vectors")
        return any(getattr(self.settings, name, "") for name in names)

    @property
    def variant(self) -> str:
        """What is compared: the strategy."""
        return str(self.strategy)

    @property
    def title(self) -> str:
        """What the cell is, in one line."""
        arm = f" fine-tuned {self.fine_tuned}" if self.fine_tuned else ""
        arm += f" for tokens {self.tokens}" if self.tokens else ""
        return f"{self.pair} {self.model} {self.strategy} {self.schedule}{arm} seed {self.seed}"

    def plans(self, sizes: Sizes) -> tuple[Plan, ...]:
        """Return the plans, one for each model that the strategy trains."""
        return make_plans(
            self.strategy,
            self.schedule,
            sizes,
            epochs=self.epochs,
            alpha=self.alpha,
            min_alpha=self.min_alpha,
            saved=self.from_saved,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the cell as JSON values."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        parts = {name: values[name].to_json() for name in ("settings", "strategy", "schedule")}
        parts["inference"] = dataclasses.asdict(self.inference)
        grid = [dataclasses.asdict(settings) for settings in values.pop("inference_grid")]
        if values["generic_fraction"] == 1:
            del values["generic_fraction"]
        if not values["diagnosed"]:
            del values["diagnosed"]
        for name in ("fine_tuned", "tokens"):
            if not values[name]:
                del values[name]
        # A cell that chooses nothing, of all of G, is named as before there was a choice.
        return {**values, **parts, **({"inference_grid": grid} if grid else {})}

    def versions(self) -> dict[str, int | str]:
        """Return the versions of the components that decide the result."""
        return trained_versions(
            self.family,
            self.settings,
            self.strategy.name,
            self.schedule.name,
            self.classifiers,
            diagnosed=self.diagnosed,
            chooses=bool(self.inference_grid),
            fine_tuned=bool(self.fine_tuned),
            tokens=self.tokens,
        ) | budget_versions(map(tail_of, self.budgets))

    def key(self, pair_key: str) -> str:
        """Return the name of the cell's record.

        Parameters
        ----------
        pair_key : str
            Identity of the pair's documents: `Pair.key`.

        Returns
        -------
        str
            sha256 of the cell, the pair's contents and the versions of its components.
        """
        return record_key(self.to_json(), pair_key, self.versions())


@dataclass(frozen=True)
class BaselineCell:
    """A baseline on one sample of a pair: it has no model that a plan trains.

    Attributes
    ----------
    pair, fraction, seed, budgets
        As of a `TrainedCell`.
    baseline : str
        A key of `d2vbench.evaluation.BASELINES`, of
        `d2vbench.evaluation.pretrained.PRETRAINED`, or of
        `d2vbench.evaluation.given_vectors.GIVEN`.
    encoder : object or None
        Of one by a checkpoint, settings of the family encoder: which checkpoint.
    word_vectors : str
        Of one by given word vectors, their name in the cache; else empty.
    """

    pair: str
    fraction: float
    baseline: str
    seed: int
    budgets: tuple[str, ...] = (ALL_LABELS, "10")
    encoder: Any = None
    word_vectors: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown baseline, and labels of what it does not read."""
        _check_sample(self.fraction, self.seed)
        for budget in self.budgets:
            if labels_of(budget)[0]:
                raise UsageError(f"a baseline reads the share of D alone, got the labels {budget}")
        if (self.baseline in PRETRAINED) != (self.encoder is not None):
            raise UsageError(f"an encoder is for {', '.join(PRETRAINED)}, got {self.baseline}")
        if (self.baseline in GIVEN) != bool(self.word_vectors):
            raise UsageError(f"word vectors are for {', '.join(GIVEN)}, got {self.baseline}")
        if self.encoder is None and not self.word_vectors:
            check_name("baseline", self.baseline, BASELINES)

    @property
    def definition(self) -> Baseline:
        """The baseline, with its checkpoint or word vectors where it reads some."""
        return self.definition_for()

    def definition_for(self, pair: Pair | None = None) -> Baseline:
        """Return the baseline for the classes of a pair.

        Raises
        ------
        UserError
            If it reads titles of classes, and one has none.
        """
        classes, titles = (pair.classes, pair.titles) if pair is not None else ((), ())
        return find_baseline(self.baseline, self.encoder, classes, titles, self.word_vectors)

    @property
    def reads_titles(self) -> bool:
        """Whether the titles of classes decide its result."""
        return self.baseline in PRETRAINED and PRETRAINED[self.baseline].reads_titles

    @property
    def engine(self) -> str:
        """Empty: no engine of a family trains it."""
        return ""

    @property
    def variant(self) -> str:
        """What is compared: the baseline."""
        if self.word_vectors:
            return f"{self.baseline} {self.word_vectors[:8]}"
        if self.encoder is None:
            return self.baseline
        more = f" {self.encoder.vocabulary}" if self.encoder.added else ""
        return f"{self.baseline} {short_name(self.encoder.encoder)}{more}"

    @property
    def title(self) -> str:
        """What the cell is, in one line."""
        return f"{self.pair} {self.variant} seed {self.seed}"

    def to_json(self) -> dict[str, Any]:
        """Return the cell as JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        encoder = values.pop("encoder")
        if not values["word_vectors"]:
            del values["word_vectors"]
        return values if encoder is None else {**values, "encoder": encoder.to_json()}

    def versions(self) -> dict[str, int | str]:
        """Return the versions of the components that decide the result."""
        drawn = budget_versions(map(tail_of, self.budgets))
        if self.word_vectors:
            return given_versions(self.baseline) | drawn
        if self.encoder is None:
            return baseline_versions(self.baseline) | drawn
        return pretrained_versions(self.baseline, self.encoder) | drawn

    def key(self, pair_key: str) -> str:
        """Return the name of the cell's record; see `TrainedCell.key`."""
        return record_key(self.to_json(), pair_key, self.versions())


Cell = TrainedCell | BaselineCell


def pair_key_of(cell: Cell, pair: Pair) -> str:
    """Return the identity of what a cell reads of a pair: of its classes the titles, if any."""
    titled = isinstance(cell, BaselineCell) and cell.reads_titles
    return pair.titled_key if titled else pair.key


def cell_from_json(values: Mapping[str, Any]) -> Cell:
    """Return the cell that ``to_json`` was called on."""
    values = {**values, "budgets": tuple(values["budgets"])}
    if "baseline" in values:
        if "encoder" in values:
            values["encoder"] = FAMILIES["encoder"].settings(**values["encoder"])
        return BaselineCell(**values)
    return TrainedCell(
        **{
            **values,
            "settings": FAMILIES[values["family"]].settings(**values["settings"]),
            "strategy": Strategy.from_json(values["strategy"]),
            "schedule": Schedule(**values["schedule"]),
            "inference": InferenceSettings(**values["inference"]),
            "inference_grid": tuple(
                InferenceSettings(**settings) for settings in values.get("inference_grid", ())
            ),
            "classifiers": tuple(values["classifiers"]),
        }
    )


def labels_of(budget: str) -> tuple[bool, int | None]:
    """Read a label budget.

    Returns
    -------
    whole : bool
        Whether the labels are of all of D-train, and not of the share that there is.
    count : int or None
        Documents per class; None for all, and for a long tail (see `tail_of`).

    Raises
    ------
    UsageError
        For another text.

    Examples
    --------
    >>> labels_of("all"), labels_of("10"), labels_of("whole-10")
    ((False, None), (False, 10), (True, 10))
    """
    if budget in (ALL_LABELS, WHOLE):
        return budget == WHOLE, None
    if tail_of(budget):
        return False, None
    number = budget.removeprefix(f"{WHOLE}-")
    whole = number != budget
    if not (number.isascii() and number.isdecimal()) or int(number) < 1:
        raise UsageError(
            f"a label budget is {ALL_LABELS} or a number of documents a class, or {WHOLE} or "
            f"{WHOLE}-10 of all of D, got {budget!r}"
        )
    return whole, int(number)


def tail_of(budget: str) -> int | None:
    """Return how many times the labels of the rarest class the most frequent has; None elsewhere.

    Raises
    ------
    UsageError
        For a long tail that is none.

    Examples
    --------
    >>> tail_of("tail-20"), tail_of("10")
    (20, None)
    """
    number = budget.removeprefix(f"{TAIL}-")
    if number == budget:
        return None
    if not (number.isascii() and number.isdecimal()) or int(number) < 2:
        raise UsageError(f"a long tail of labels is {TAIL}-2 or steeper, got {budget!r:.60}")
    return int(number)


def _check_sample(fraction: float, seed: int) -> None:
    if not 0 < fraction <= 1:
        raise UsageError(f"fraction must lie in (0, 1], got {fraction}")
    if seed < 0:
        raise UsageError(f"a seed must be 0 or more, got {seed}")
