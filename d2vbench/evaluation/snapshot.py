"""The weights of a model at one moment of its training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.families.doc2vec import Trainee


@dataclass(frozen=True)
class Snapshot:
    """What inference reads of a model, as it was at the end of a phase.

    Attributes
    ----------
    outputs : (n_words, layer1_size) float32
        Output vectors: ``syn1neg``.
    words : (n_words, vector_size) float32 or None
        Word vectors; None in a model that does not train them, which is pure PV-DBOW.
    known : dict
        For whoever infers with these weights: what was found, by what was asked. Models that go on
        from the same weights ask the same.
    """

    outputs: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32] | None
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, trainee: Trainee) -> Snapshot:
        """Copy the weights of a model as they are now.

        Parameters
        ----------
        trainee : Trainee
            In training; not changed.
        """
        model = trainee.engine.model
        words = None if model.sg and not model.dbow_words else model.wv.vectors.copy()
        return cls(model.syn1neg.copy(), words)

    @contextmanager
    def placed_in(self, trainee: Trainee) -> Iterator[None]:
        """Let a model have these weights for a while, to infer with; then its own again.

        Parameters
        ----------
        trainee : Trainee
            The model that the snapshot is of, trained on. Nothing may train it meanwhile: the
            snapshot would change. ``model.random`` is put back as well.
        """
        model = trainee.engine.model
        own, state = (model.syn1neg, model.wv.vectors), model.random.get_state()
        try:
            model.syn1neg = self.outputs
            if self.words is not None:
                model.wv.vectors = self.words
            yield
        finally:
            model.syn1neg, model.wv.vectors = own
            model.random.set_state(state)
