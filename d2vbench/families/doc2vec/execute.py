"""Carrying out a plan with an engine."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.errors import unknown_name
from d2vbench.families.doc2vec.choice import ENGINES
from d2vbench.families.doc2vec.documents import Documents, map_documents
from d2vbench.families.doc2vec.models import ModelSettings, build_model, count_words
from d2vbench.families.doc2vec.selection import nearest_first
from d2vbench.families.doc2vec.vocabulary import SHARED, corpus_sizes, counted_documents
from d2vbench.keys import derive_seed
from d2vbench.strategies import LEARNS, Phase, Plan, Sizes, alpha_slices, epoch_order

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


class Engine(Protocol):
    """What an engine does; see `GensimEngine` for the arguments."""

    name: str
    model: Doc2Vec
    documents: Documents

    def train_epoch(
        self,
        order: npt.NDArray[np.int64],
        start_alpha: float,
        end_alpha: float,
        learns: Collection[str] = LEARNS,
    ) -> None:
        """Present documents once each, in an order."""
        ...  # pragma: no cover

    def infer(
        self,
        documents: Documents,
        seeds: npt.NDArray[np.uint32],
        *,
        epochs: int,
        alpha: float,
        min_alpha: float,
    ) -> npt.NDArray[np.float32]:
        """Infer a vector for each document."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Trainee:
    """A model with its documents; untrained, the same for every strategy of a comparison.

    What training changes is the model's weights and ``model.random``, and nothing else: with the
    two put back, training goes on from the end of any phase or epoch as if it had not stopped.

    Attributes
    ----------
    engine : Engine
        Holds the model.
    generic, domain : Selection
        G and the part of D-train that is trained on.
    seed : int
        Base seed of the pair: of initial weights, orders and gensim's random stream.
    """

    engine: Engine
    generic: Selection
    domain: Selection
    seed: int

    @functools.cached_property
    def sizes(self) -> Sizes:
        """Of the two corpora."""
        return corpus_sizes(self.generic, self.domain)

    @functools.cached_property
    def nearest(self) -> npt.NDArray[np.int64]:
        """Documents of G from the nearest to D to the farthest; takes a moment to find."""
        return nearest_first(self.generic, self.domain)


def prepare(
    generic: Selection,
    domain: Selection,
    settings: ModelSettings,
    seed: int,
    engine: str,
    *,
    vocabulary: str = SHARED,
    plan: Plan | None = None,
) -> Trainee:
    """Build the vocabulary and the initial weights.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that is trained on. Both make the shared vocabulary, with natural
        counts, whatever the strategy will present.
    settings : ModelSettings
        The model.
    seed : int
        Base seed of the pair.
    engine : str
        A key of `ENGINES`.
    vocabulary : str
        ``"shared"``, ``"own"`` or ``"generic"``; the expanded ones are for
        `d2vbench.families.doc2vec.reference.expanded.train_expanded`.
    plan : Plan, optional
        What will be trained; the vocabulary ``"own"`` depends on it, the others do not.

    Returns
    -------
    Trainee
        Document g of G has tag g, document d of D has tag ``len(generic) + d``.

    Raises
    ------
    UsageError
        For an unknown engine or vocabulary policy, or if no word is frequent enough.
    """
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    takes_share = plan is not None and any(phase.nearest != 1 for phase in plan.phases)
    nearest = nearest_first(generic, domain) if takes_share else None
    counts = count_words(counted_documents(vocabulary, generic, domain, plan, nearest))
    model = build_model(
        counts,
        len(generic) + len(domain),
        settings,
        derive_seed(seed, "initial weights"),
    )
    documents = map_documents([generic, domain], model.wv.key_to_index)
    return Trainee(ENGINES[engine](model, documents), generic, domain, seed)


def train(trainee: Trainee, plan: Plan) -> None:
    """Carry out a plan from beginning to end, on an untrained model.

    Parameters
    ----------
    trainee : Trainee
        From `prepare`; its model is updated in place.
    plan : Plan
        What to present.
    """
    begin(trainee)
    for phase in plan.phases:
        train_phase(trainee, phase)


def begin(trainee: Trainee) -> None:
    """Set the random stream of training to its start."""
    trainee.engine.model.random.seed(derive_seed(trainee.seed, "training stream"))


def train_phase(trainee: Trainee, phase: Phase, first_epoch: int = 0) -> None:
    """Carry out one phase, or the rest of it.

    Parameters
    ----------
    trainee : Trainee
        Whose model has what the phases before left, ``model.random`` included.
    phase : Phase
        With its learning rate.
    first_epoch : int
        Where to begin.
    """
    nearest = trainee.nearest if phase.nearest != 1 else None
    for epoch in range(first_epoch, phase.epochs):
        order = epoch_order(phase, epoch, trainee.sizes, trainee.seed, nearest)
        for documents, start, end in alpha_slices(phase, epoch, order):
            trainee.engine.train_epoch(documents, start, end, phase.learns)


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
