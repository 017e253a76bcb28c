"""What a family of models is, and what a learner is: all that a plan needs to train one."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.families.selection import nearest_first
from d2vbench.families.settings import narrowed
from d2vbench.families.words import Documents, count_words
from d2vbench.keys import derive_seed
from d2vbench.strategies import ALPHA, ASKS, MIN_ALPHA, Phase, Plan, Sizes, Strategy

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class InferenceSettings:
    """How vectors are inferred: the benchmark's own, never inherited from training.

    Attributes
    ----------
    epochs : int
        Passes over each document.
    alpha, min_alpha : float
        Learning rate of the first and of the last pass.
    """

    epochs: int = 20
    alpha: float = ALPHA
    min_alpha: float = MIN_ALPHA


@dataclass(frozen=True)
class Sides:
    """The documents that a model is trained on.

    Document g of G has the number g, document d of D the number ``len(generic) + d``.

    Attributes
    ----------
    generic, domain : Selection
        G and the part of D-train that is trained on.
    """

    generic: Selection
    domain: Selection

    @functools.cached_property
    def sizes(self) -> Sizes:
        """How large the two sides are, as plans need it."""
        return Sizes(len(self.generic), len(self.domain), self.generic.words(), self.domain.words())

    @functools.cached_property
    def word_counts(self) -> dict[str, int]:
        """How often each word occurs in the two, each document once; see `count_words`."""
        return count_words([self.generic, self.domain])

    @functools.cached_property
    def nearest(self) -> npt.NDArray[np.int64]:
        """Documents of G from the nearest to D to the farthest; takes a moment to find."""
        return nearest_first(self.generic, self.domain)


@dataclass(frozen=True)
class Cost:
    """What training one model takes, as estimated.

    Attributes
    ----------
    seconds_per_word : float
        Of one core, for a word that is presented once.
    state_bytes : int
        Of what training changes: the size of a checkpoint.
    bytes : int
        Memory at the peak, the state included and that of the usual process left out.
    """

    seconds_per_word: float
    state_bytes: int
    bytes: int


class Settings(Protocol):
    """The settings of a family: a frozen dataclass that refuses impossible values."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON values from which ``family.settings(**values)`` makes an equal object."""
        ...  # pragma: no cover


class Learner(Protocol):
    """One model of a family, with its documents, in training.

    Its state is all that training changes, random streams included: put back, training goes on
    from there as if it had not stopped. A class that derives from this one has `present`,
    `encode`, `state` and `restore` to write; the others have usual answers.
    """

    sides: Sides

    def begin(self, phase: Phase) -> None:
        """Be told which phase begins; what it presents follows by calls of `present`.

        Parameters
        ----------
        phase : Phase
            Asks nothing (`Phase.asks`) that the family does not offer.
        """

    def present(
        self,
        order: npt.NDArray[np.int64],
        start_rate: float,
        end_rate: float,
        frozen: Collection[str] = (),
    ) -> None:
        """Train on documents once each, in an order: an epoch or a part of one.

        Parameters
        ----------
        order : (n_presentations,) int64
            Numbers of documents (see `Sides`); repeats are allowed.
        start_rate, end_rate : float
            Learning rate at both ends; level where it is 0 or below.
        frozen : collection of str
            What keeps its values, by the family's own names.
        """
        ...  # pragma: no cover

    def encode(
        self, documents: Selection, seeds: npt.NDArray[np.uint32], inference: InferenceSettings
    ) -> Vectors:
        """Return a vector for each document, (n_documents, dim) float32; training is unaffected.

        Parameters
        ----------
        documents : Selection
            Any documents, seen in training or not.
        seeds : (n_documents,) uint32
            One a document, where encoding draws random numbers.
        inference : InferenceSettings
            Where encoding trains.
        """
        ...  # pragma: no cover

    def degenerate(self, documents: Selection | None = None) -> dict[str, int]:
        """Count the documents that the model reads in part or not at all.

        Parameters
        ----------
        documents : Selection, optional
            By default those of training.

        Returns
        -------
        dict of str to int
            ``empty``, ``all_out_of_vocabulary`` and ``cut`` for families of words.
        """
        return {}

    def readable(self, documents: Selection) -> npt.NDArray[np.bool_]:
        """Return which documents the model reads anything of, (n_documents,) bool."""
        return np.ones(len(documents), dtype=bool)

    def vocabulary_size(self) -> int:
        """Return how many words or word pieces the model knows; 0 where it has no list."""
        return 0

    def trained_vectors(self, documents: Selection) -> Vectors | None:
        """Return what training has left for documents of D, (n, dim); None where it leaves none."""
        return None

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return all that training changes, as arrays; may be views of the model's own."""
        ...  # pragma: no cover

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put a state back.

        Raises
        ------
        ValueError
            If the arrays are no state of such a learner; then nothing has changed.
        """
        ...  # pragma: no cover

    def word_rows(self, documents: Selection | None = None) -> Documents | None:
        """Return the words of documents as rows of `tables`; None where those are empty.

        Parameters
        ----------
        documents : Selection, optional
            By default those of training, G first.
        """
        return None

    def tables(self) -> dict[str, npt.NDArray[Any]]:
        """Return the vectors of words that drift compares, (n_words, dim) each; may be empty.

        They are what `encode` reads: placed back by `placed`, documents are encoded as then. The
        first is the one with whose rows document vectors are multiplied, or of which they are made.
        """
        return {}

    def placed(self, tables: Mapping[str, npt.NDArray[Any]]) -> AbstractContextManager[None]:
        """Encode with tables of an earlier moment for a while, then with the model's own again.

        Whoever has `tables` writes it: the usual answer places nothing.
        """
        return nullcontext()


@runtime_checkable
class Family(Protocol):
    """A kind of model that can be trained by a plan.

    A class that derives from this one has `settings`, `cost` and `prepare` to write; the others
    have the usual answers of a family of one model.

    Attributes
    ----------
    name, title : str
        For options and records, and for people.
    version : int
        Raised when what the family computes changes; a family of several parts that change apart
        names them in `components`.
    offers : frozenset of str
        What phases may ask of its learners, of `d2vbench.strategies.ASKS`.
    """

    name: str
    title: str
    version: int
    offers: frozenset[str] = frozenset()

    def settings(self, **options: Any) -> Settings:
        """Return the settings that options describe.

        Raises
        ------
        UsageError
            For an unknown option or an impossible value.
        """
        ...  # pragma: no cover

    def components(self, settings: Any) -> Mapping[str, int]:
        """Return the versions of the parts that models with these settings use."""
        return {}

    def label(self, settings: Any) -> str:
        """Return the name of the model in tables, as ``dbow``."""
        return self.name

    def refuses(self, settings: Any, strategy: Strategy) -> str:
        """Return in one sentence why a strategy cannot be trained; empty if it can.

        What its phases ask for and the family does not offer need not be looked at here.
        """
        return ""

    def trains_to_encode(self, settings: Any) -> bool:
        """Return whether encoding trains, so that its epochs and alpha decide the vectors."""
        return True

    def part_of_plan(self, settings: Any, plan: Plan) -> Any:
        """Return what of a plan decides the untrained model, as JSON values; None for nothing.

        Plans with the same part share the training of the phases that they begin with.
        """
        return None

    def trains_apart(self, settings: Any) -> bool:
        """Return whether a plan is trained by `train_apart`, in one go, and not phase by phase."""
        return False

    def train_apart(
        self, sides: Sides, settings: Any, seed: int, plan: Plan
    ) -> tuple[dict[str, Any], Learner | None]:
        """Train a plan whose outcome is a result too, such as a crash of gensim's own code.

        Returns
        -------
        outcome : dict
            JSON values, for the record.
        learner : Learner or None
            The trained model, where there is one.
        """
        raise ValueError(f"family {self.name} trains no plan apart")

    def narrowed(self, settings: Any, models: int) -> Any:
        """Return the settings of each of so many models whose vectors stand side by side.

        Raises
        ------
        UsageError
            If the width does not divide evenly.
        """
        return narrowed(settings, models)

    def cost(self, settings: Any, sides: Sides) -> Cost:
        """Return what training a model takes."""
        ...  # pragma: no cover

    def prepare(self, sides: Sides, settings: Any, seed: int, plan: Plan) -> Learner:
        """Return an untrained learner: vocabulary, initial weights, random stream at its start.

        Parameters
        ----------
        sides : Sides
            What it is trained on.
        settings : Settings
            Of this family.
        seed : int
            Base seed of the pair.
        plan : Plan
            What will be trained: the vocabulary may depend on it.
        """
        ...  # pragma: no cover


def tunes(family: Family) -> bool:
    """Return whether labels may go on training a family's models: it then says ``tunes = True``.

    See `d2vbench.evaluation.fine_tuning`. A model that no plan has trained is of use then too.
    """
    return bool(getattr(family, "tunes", False))


def refusal(family: Family, settings: Any, strategy: Strategy) -> str:
    """Return in one sentence why a family cannot train a strategy; empty if it can."""
    for ask in sorted(strategy.asks - family.offers):
        return f"strategy {strategy} {ASKS[ask]}, which family {family.name} cannot"
    if strategy.idle and not tunes(family):
        return f"strategy {strategy} trains nothing: it is for encoders, got family {family.name}"
    if strategy.models > 1 and not hasattr(settings, "vector_size"):
        return (
            f"strategy {strategy} divides vector_size between its models, which family "
            f"{family.name} has not"
        )
    return family.refuses(settings, strategy)


def inference_seeds(text_hash: Sequence[int], seed: int) -> npt.NDArray[np.uint32]:
    """Return a seed for each document that depends on its text and the base seed alone.

    Parameters
    ----------
    text_hash : sequence of int
        From `Selection.text_hash`.
    seed : int
        Base seed of the pair.

    Returns
    -------
    (n,) uint32
        The same for the same text, in any order and under any strategy.
    """
    return np.asarray([derive_seed(seed, "inference", int(h)) for h in text_hash], dtype=np.uint32)
