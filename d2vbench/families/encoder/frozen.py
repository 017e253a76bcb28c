"""Vectors of a checkpoint as it is: nothing is trained."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError
from d2vbench.families.base import InferenceSettings, Sides, Vectors
from d2vbench.families.encoder.family import FAMILY
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.remembered import Remembered
from d2vbench.strategies import Phase, Plan

if TYPE_CHECKING:
    from d2vbench.families.encoder.learner import EncoderLearner

# Of selections that were encoded last in this process: seeds share their test documents.
_LAST = Remembered[Vectors](most=4)


def frozen_learner(
    settings: EncoderSettings, some: Selection, words_of: Selection | None = None
) -> EncoderLearner:
    """Return a checkpoint that encodes and is trained on nothing.

    Parameters
    ----------
    settings : EncoderSettings
        Of a checkpoint.
    some : Selection
        Any documents, of which none is read.
    words_of : Selection, optional
        D-train, where the settings add its words to the vocabulary.

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
    nothing = some.take(np.arange(0))
    domain = words_of if settings.added and words_of is not None else nothing
    return FAMILY.prepare(Sides(nothing, domain), settings, 0, Plan((Phase("nothing", 0),)))


def frozen_vectors(
    settings: EncoderSettings, *selections: Selection, words_of: Selection | None = None
) -> list[Vectors]:
    """Return the vectors of documents by a checkpoint as it is.

    Parameters
    ----------
    settings : EncoderSettings
        Of a checkpoint.
    *selections : Selection
        Any documents.
    words_of : Selection, optional
        D-train, where the settings add its words to the vocabulary: a row that nobody has trained,
        the mean of those of its pieces.

    Returns
    -------
    list of (n_documents, width) float32
        For each selection: the mean of the last hidden states; zero where nothing can be read.

    Raises
    ------
    UsageError
        As of `frozen_learner`.
    """
    added = words_of.key if settings.added and words_of is not None else ""

    @functools.cache
    def learner() -> EncoderLearner:
        return frozen_learner(settings, selections[0], words_of)

    def encoded(selection: Selection) -> Vectors:
        seeds = np.zeros(len(selection), dtype=np.uint32)
        return learner().encode(selection, seeds, InferenceSettings())

    return [
        _LAST.get((some.key, settings, added), functools.partial(encoded, some))
        for some in selections
    ]
