"""Untrained models kept for a while: cells of other seeds begin with the same vocabulary."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from d2vbench.families.doc2vec.start import document_rows

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec

# Vocabularies that a process keeps: G's own, and those of strategies that present D 1 and 4 times.
MOST_KEPT = 3


class Templates:
    """The last few vocabularies that this process made, as models without weights."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Doc2Vec] = OrderedDict()

    def model(self, key: Hashable, seed: int, make: Callable[[int], Doc2Vec]) -> Doc2Vec:
        """Return an untrained model.

        Parameters
        ----------
        key : hashable
            All that decides the model but for the seed.
        seed : int
            Of the initial weights.
        make : callable
            Makes the model from the seed; left out where the vocabulary is known.

        Returns
        -------
        gensim.models.doc2vec.Doc2Vec
            As ``make(seed)`` returns it. Nothing of it that training or gensim's other methods
            change is shared with another.
        """
        if key not in self._kept:
            made = make(seed)
            self._kept[key] = _emptied(made)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return made
        self._kept.move_to_end(key)
        model = _copied(self._kept[key])
        model.seed = seed
        model.random = np.random.RandomState(seed)
        model.dv.vectors = document_rows(seed, len(model.dv), model.vector_size)
        model.init_weights()
        return model


def _emptied(model: Doc2Vec) -> Doc2Vec:
    """Return a copy without weights."""
    kept = _copied(model)
    kept.syn1neg = None
    for side in (kept.wv, kept.dv):
        side.vectors = np.zeros((0, side.vector_size), np.float32)
    return kept


def _copied(model: Doc2Vec) -> Doc2Vec:
    """Return a model with its own vocabulary, and the same table of negative samples."""
    made = copy.copy(model)
    made.lifecycle_events = list(model.lifecycle_events)
    for name in ("wv", "dv"):
        side: Any = copy.copy(getattr(model, name))
        side.index_to_key = copy.copy(side.index_to_key)
        side.key_to_index = dict(side.key_to_index)
        side.expandos = {key: array.copy() for key, array in side.expandos.items()}
        setattr(made, name, side)
    return made
