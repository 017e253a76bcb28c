"""Families of models that a plan can train."""

from typing import Any

from d2vbench.families.base import (
    Cost,
    Family,
    InferenceSettings,
    Learner,
    Sides,
    Vectors,
    inference_seeds,
    refusal,
)
from d2vbench.families.checked import Families, lacking, vectors_problem
from d2vbench.families.settings import settings_of
from d2vbench.families.training import one_thread, train, train_phase
from d2vbench.families.words import Documents
from d2vbench.plugins import found_in


def _check(name: str, value: Any) -> str:
    if isinstance(value, type) or not isinstance(value, Family):
        lacks = lacking(value, Family)
        return f"must be an object with the methods of d2vbench.families.Family{lacks}"
    return "" if value.name == name else f"is a family of another name, {value.name!r}"


#: Families by name: a module here with a ``FAMILY`` is found, third parties add entry points.
FAMILIES = Families("family", "d2vbench.families", found_in(__name__, "FAMILY"), _check)

__all__ = [
    "FAMILIES",
    "Cost",
    "Documents",
    "Family",
    "InferenceSettings",
    "Learner",
    "Sides",
    "Vectors",
    "inference_seeds",
    "one_thread",
    "refusal",
    "settings_of",
    "train",
    "train_phase",
    "vectors_problem",
]
