"""Vectors of a checkpoint as it is: nothing is trained."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError
from d2vbench.families.base import InferenceSettings, Sides, Vectors
from d2vbench.families.encoder.family import FAMILY
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Phase, Plan

# Of selections that were encoded last in this process: seeds share their test documents.
_LAST: dict[Hashable, Vectors] = {}
_MOST = 4


def frozen_vectors(settings: EncoderSettings, *selections: Selection) -> list[Vectors]:
    """Return the vectors of documents by a checkpoint as it is.

    Parameters
    ----------
    settings : EncoderSettings
        Of a checkpoint.
    *selections : Selection
        Any documents.

    Returns
    -------
    list of (n_documents, width) float32
        For each selection: the mean of the last hidden states; zero where nothing can be read.

    Raises
    ------
    UsageError
        For an encoder from scratch, which is no checkpoint.
    """
    if settings.scratch is not None:
        raise UsageError(
            f"encoder {settings.encoder} has random weights: give a checkpoint, whose vectors mean "
            "something as they are"
        )
    learner: Any = None
    found = []
    for selection in selections:
        key = (selection.key, settings)
        if key not in _LAST:
            if learner is None:
                nothing = selection.take(np.arange(0))
                untrained = Plan((Phase("nothing", 0),))
                learner = FAMILY.prepare(Sides(nothing, nothing), settings, 0, untrained)
            seeds = np.zeros(len(selection), dtype=np.uint32)
            vectors = learner.encode(selection, seeds, InferenceSettings())
            while len(_LAST) >= _MOST:
                del _LAST[next(iter(_LAST))]
            _LAST[key] = vectors
        found.append(_LAST[key])
    return found
