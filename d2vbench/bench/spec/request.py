"""What a person asks of a study."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from d2vbench.bench.spec.bounds import (
    MOST_SEEDS,
    check_amounts,
    check_inference,
    check_names,
    check_vector_size,
)
from d2vbench.errors import UsageError, check_name, option
from d2vbench.evaluation import CLASSIFIERS
from d2vbench.families import FAMILIES, InferenceSettings
from d2vbench.families.counts import OWN, PRESENTED
from d2vbench.families.doc2vec import MODELS
from d2vbench.families.doc2vec.saved import check_saved_options, warm_settings
from d2vbench.families.doc2vec.vocabulary import OF_A_MODEL
from d2vbench.families.encoder.arms import parse_arm
from d2vbench.families.encoder.extra import check_installed
from d2vbench.strategies import ALPHA, MIN_ALPHA
from d2vbench.strategies.schedules import check_alpha

DOC2VEC, ENCODER = "doc2vec", "encoder"
MODEL = "dbow"
# Settings of models that may be asked for, and those of them that only encoders have.
ENCODER_SETTINGS = (
    "encoder", "objective", "optimiser", "precision", "max_tokens", "batch", "peak_rate"
)  # fmt: skip
_SETTINGS = (
    "vector_size", "window", "negative", "sample", "min_count", "vocabulary", *ENCODER_SETTINGS
)  # fmt: skip

PROFILES = ("quick", "default", "full")
_SEEDS = {"quick": 2, "default": 3, "full": 5}

#: What inference is chosen from: each number of passes with each first learning rate. On
#: newsgroups-sci the twelve take about 45 s of a core a cell; training takes 4 to 9.
INFERENCE_EPOCHS = (10, 20, 50, 100)
INFERENCE_ALPHAS = (0.025, 0.05, 0.1)

#: Labelled documents a class of the usual label budget beside all.
LABELS_PER_CLASS = ("10",)


@dataclass(frozen=True)
class Request:
    """What a person asks of a study; None leaves it to the study and its profile.

    Attributes
    ----------
    profile : str
        ``quick``, ``default`` or ``full``.
    pairs, models, strategies, schedules : tuple of str or None
        Only these.
    seeds : int or None
        How many base seeds: 0 to seeds - 1.
    epochs : int or None
        E: passes over G.
    alpha, min_alpha : float
        Ends of the learning rate.
    engine : str
        Which engine of Doc2Vec trains.
    family : str
        A key of `d2vbench.families.FAMILIES`.
    vector_size, window, negative, min_count : tuple of int or None
        Settings of the model, as in gensim; several values make a grid.
    sample : tuple of float or None
        Threshold of subsampling, likewise.
    vocabulary : tuple of str or None
        Vocabulary policies, likewise.
    encoder, objective, optimiser, precision : tuple of str or None
        Settings of the family encoder, likewise; see
        `d2vbench.families.encoder.settings.EncoderSettings`.
    max_tokens, batch : tuple of int or None
        Likewise.
    peak_rate : tuple of float or None
        Likewise.
    arms : tuple of str or None
        Of the study `fine-tuning`: see `d2vbench.families.encoder.arms.parse_arm`.
    revision : str or None
        Of encoders that are names on the Hugging Face hub.
    infer_epochs : tuple of int or None
        Passes of inference, likewise.
    infer_alpha : tuple of float or None
        First learning rate of inference, likewise.
    choose_inference : bool
        Whether inference settings are chosen by cross-validation on D-train, beside the pinned
        ones: from `infer_epochs` x `infer_alpha`, or from `INFERENCE_EPOCHS` x `INFERENCE_ALPHAS`
        where these are None.
    labels_per_class : tuple of str or None
        Label budgets beside all labels: labelled documents a class, as in ``"10"``.
    classifiers : tuple of str
        Beside the main one.
    generic_model : str
        A saved model that stands for the generic corpus, by its name in the cache; empty for none.
    word_vectors : mapping of str to str
        Word vectors of a file that stand for it, likewise, by pair; empty for none.
    given_vectors : mapping of str to str
        Word vectors of a file that documents are averaged of, beside a generic corpus; likewise.
        A pair that is not there has no word with a vector, and no average.
    nli : str or None
        A model for natural-language inference: a folder, or a name that has been fetched.
    scores : callable
        Cross-validated accuracy of a cell by label budget, None without a record: studies whose
        grid grows look at what is there.
    """

    profile: str = "default"
    pairs: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None
    strategies: tuple[str, ...] | None = None
    schedules: tuple[str, ...] | None = None
    seeds: int | None = None
    epochs: int | None = None
    alpha: float = ALPHA
    min_alpha: float = MIN_ALPHA
    engine: str = "native"
    family: str = DOC2VEC
    vector_size: tuple[int, ...] | None = None
    window: tuple[int, ...] | None = None
    negative: tuple[int, ...] | None = None
    sample: tuple[float, ...] | None = None
    min_count: tuple[int, ...] | None = None
    vocabulary: tuple[str, ...] | None = None
    encoder: tuple[str, ...] | None = None
    objective: tuple[str, ...] | None = None
    optimiser: tuple[str, ...] | None = None
    precision: tuple[str, ...] | None = None
    max_tokens: tuple[int, ...] | None = None
    batch: tuple[int, ...] | None = None
    peak_rate: tuple[float, ...] | None = None
    arms: tuple[str, ...] | None = None
    revision: str | None = None
    infer_epochs: tuple[int, ...] | None = None
    infer_alpha: tuple[float, ...] | None = None
    choose_inference: bool = False
    labels_per_class: tuple[str, ...] | None = None
    classifiers: tuple[str, ...] = ()
    diagnostics: bool = False
    generic_model: str = ""
    word_vectors: Mapping[str, str] = field(default_factory=dict)
    given_vectors: Mapping[str, str] = field(default_factory=dict)
    nli: str | None = None
    scores: Callable[[Any], Mapping[str, float] | None] = field(
        default=lambda cell: None, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Check everything that can be checked without the corpora."""
        check_name("profile", self.profile, PROFILES)
        if self.seeds is not None and self.seeds < 1:
            raise UsageError(f"seeds must be 1 or more, got {self.seeds}")
        if self.seeds is not None and self.seeds > MOST_SEEDS:
            raise UsageError(f"seeds must be at most {MOST_SEEDS:,}, got {self.seeds!s:.20}")
        if self.epochs is not None and self.epochs < 1:
            raise UsageError(f"epochs must be 1 or more, got {self.epochs}")
        check_alpha(self.alpha, self.min_alpha)
        check_name("family", self.family, FAMILIES)
        if self.family == ENCODER:
            check_installed()
        for model in self.models or ():
            check_name("model", model, MODELS)
        for name in self.classifiers:
            check_name("classifier", name, CLASSIFIERS)
        if self.models and self.family != DOC2VEC:
            raise UsageError(f"models are those of {DOC2VEC}: family {self.family} takes none")
        for arm in self.arms or ():
            parse_arm(arm)
        for size in self.vector_size or ():
            check_vector_size(size)
        if self.from_saved:
            self._check_saved()
        # Any model: what is asked for is checked as the settings are made.
        settings = self.model_settings(MODEL)
        asked = self.infer_epochs or self.infer_alpha or self.choose_inference
        if asked and not self.encoding_trains(settings[0]):
            raise UsageError(
                f"family {self.family} trains nothing to encode a document: leave out the epochs, "
                "the alpha and the choice of inference"
            )
        if self.choose_inference and len(self.inference_candidates()) < 2:
            raise UsageError(
                "inference is chosen from 2 or more settings, got only the pinned one: give other "
                "epochs or alphas of inference, or none for the usual grid"
            )
        for inference in (*self.inferences(), *self.inference_grid()):
            check_inference(inference)
        for number in self.labels_per_class or ():
            if not (number.isascii() and number.isdecimal() and number.strip("0")):
                raise UsageError(
                    f"{option('labels_per_class')} must be whole numbers from 1, got "
                    f"{number!s:.60}: all labels are there beside them anyway"
                )
        check_names(self.strategies or (), self.schedules or ())
        check_amounts(self.strategies or (), self.epochs or 1, self.alpha)

    def label_budgets(self) -> tuple[str, ...]:
        """Return the label budgets of a cell: all labels, then those asked for or the usual one."""
        asked = [str(int(number)) for number in self.labels_per_class or LABELS_PER_CLASS]
        return tuple(dict.fromkeys(("all", *asked)))

    def seed_range(self) -> range:
        """Return the base seeds: those asked for, or as many as the profile has."""
        return range(self.seeds or _SEEDS[self.profile])

    @property
    def from_saved(self) -> str:
        """The keyword of what stands for the generic corpus; empty where that is there."""
        return next((n for n in ("generic_model", "word_vectors") if getattr(self, n)), "")

    def _check_saved(self) -> None:
        """Refuse what does not go with a file that stands for the generic corpus."""
        check_saved_options(vars(self))
        if self.family != DOC2VEC:
            raise UsageError(
                f"{option(self.from_saved)} is for models of {DOC2VEC}, got family {self.family}"
            )
        for name in (*ENCODER_SETTINGS, "revision"):
            if getattr(self, name) is not None:
                raise UsageError(
                    f"{option(name)} is for an encoder, and goes with no {option(self.from_saved)}"
                )
        if self.word_vectors:
            for policy in self.vocabulary or ():
                check_name("vocabulary beside word vectors", policy, (PRESENTED, OWN))

    def model_settings(self, model: str, **fixed: Any) -> list[Any]:
        """Return the settings of a model, one for each point of the grid that was asked for.

        Parameters
        ----------
        model : str
            Of Doc2Vec; other families have one model.
        **fixed
            Options of Doc2Vec that are not asked for, such as ``vocabulary``, and values in place
            of the family's usual ones.

        Returns
        -------
        list of settings
            One where no several values were asked for.

        Raises
        ------
        UsageError
            For a setting that the family has not, or an impossible value.

        Notes
        -----
        A saved model has its own settings, whatever ``model`` says, and the policies that treat
        words which it lacks.
        """
        if self.generic_model:
            policies = self.vocabulary or tuple(OF_A_MODEL)[:1]
            return [warm_settings(self.generic_model, policy, self.engine) for policy in policies]
        asked = {name: getattr(self, name) for name in _SETTINGS}
        grid: dict[str, tuple[Any, ...]]
        grid = {name: values for name, values in asked.items() if values is not None}
        if self.revision is not None:
            grid["revision"] = (self.revision,)
        if self.family == DOC2VEC:
            fixed = {"model": model, "engine": self.engine, **fixed}
        family = FAMILIES[self.family]
        return [
            family.settings(**{**fixed, **dict(zip(grid, values, strict=True))})
            for values in itertools.product(*grid.values())
        ]

    def has_vocabulary(self) -> bool:
        """Return whether the family has vocabulary policies."""
        return "vocabulary" in self.model_settings(MODEL)[0].to_json()

    def encoding_trains(self, settings: Any) -> bool:
        """Return whether the epochs and the alpha of inference decide the family's vectors."""
        return FAMILIES[self.family].trains_to_encode(settings)

    def inferences(self) -> list[InferenceSettings]:
        """Return the pinned inference of each cell: several where several were asked for."""
        usual = InferenceSettings()
        if self.choose_inference:
            return [usual]
        return _product(self.infer_epochs or (usual.epochs,), self.infer_alpha or (usual.alpha,))

    def inference_grid(self) -> tuple[InferenceSettings, ...]:
        """Return what inference is chosen from; empty if nothing is chosen."""
        return self.inference_candidates() if self.choose_inference else ()

    def inference_candidates(self) -> tuple[InferenceSettings, ...]:
        """Return what inference can be chosen from, the pinned first."""
        grid = _product(self.infer_epochs or INFERENCE_EPOCHS, self.infer_alpha or INFERENCE_ALPHAS)
        return tuple(dict.fromkeys((InferenceSettings(), *grid)))


def _product(epochs: Sequence[int], alphas: Sequence[float]) -> list[InferenceSettings]:
    least = InferenceSettings().min_alpha
    return [
        InferenceSettings(passes, alpha, min(least, alpha))
        for passes, alpha in itertools.product(epochs, alphas)
    ]
