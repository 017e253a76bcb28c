"""Carrying out a plan with an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.engines.choice import ENGINES
from d2vbench.engines.documents import Documents, map_documents
from d2vbench.engines.models import ModelSettings, build_model, count_words
from d2vbench.errors import unknown_name
from d2vbench.keys import derive_seed
from d2vbench.strategies import Plan, Sizes, epoch_order

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


class Engine(Protocol):
    """What an engine does; see `GensimEngine` for the arguments."""

    name: str
    model: Doc2Vec
    documents: Documents

    def train_epoch(
        self, order: npt.NDArray[np.int64], start_alpha: float, end_alpha: float
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
    """An untrained model with its documents: the same for every strategy of a comparison.

    Attributes
    ----------
    engine : Engine
        Holds the model.
    sizes : Sizes
        Of G and of the part of D-train that is trained on.
    seed : int
        Base seed of the pair: of initial weights, orders and gensim's random stream.
    """

    engine: Engine
    sizes: Sizes
    seed: int


def prepare(
    generic: Selection,
    domain: Selection,
    settings: ModelSettings,
    seed: int,
    engine: str,
) -> Trainee:
    """Build the shared vocabulary and the initial weights.

    Parameters
    ----------
    generic, domain : Selection
        G and the part of D-train that is trained on. Both make the vocabulary, with natural
        counts, whatever the strategy will present.
    settings : ModelSettings
        The model.
    seed : int
        Base seed of the pair.
    engine : str
        A key of `ENGINES`.

    Returns
    -------
    Trainee
        Document g of G has tag g, document d of D has tag ``len(generic) + d``.

    Raises
    ------
    UsageError
        For an unknown engine.
    """
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    counts = count_words([generic, domain])
    model = build_model(
        counts,
        len(generic) + len(domain),
        settings,
        derive_seed(seed, "initial weights"),
    )
    documents = map_documents([generic, domain], model.wv.key_to_index)
    sizes = Sizes(len(generic), len(domain), generic.words(), domain.words())
    return Trainee(ENGINES[engine](model, documents), sizes, seed)


def train(trainee: Trainee, plan: Plan) -> None:
    """Carry out a plan from beginning to end, on an untrained model.

    Parameters
    ----------
    trainee : Trainee
        From `prepare`; its model is updated in place.
    plan : Plan
        What to present.
    """
    trainee.engine.model.random.seed(derive_seed(trainee.seed, "training stream"))
    for phase in plan.phases:
        for epoch in range(phase.epochs):
            order = epoch_order(phase, epoch, trainee.sizes, trainee.seed)
            trainee.engine.train_epoch(order, *phase.epoch_alpha(epoch))


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
