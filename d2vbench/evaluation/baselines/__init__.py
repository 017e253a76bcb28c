"""The baselines by name, one a file: a module with a ``BASELINE`` is found."""

from d2vbench.evaluation.baselines.definition import (
    Baseline,
    Labelled,
    check_baseline,
    with_vectors,
)
from d2vbench.plugins import Catalogue, found_in

BASELINES: Catalogue[Baseline] = Catalogue(
    "baseline", "d2vbench.baselines", found_in(__name__, "BASELINE"), check_baseline
)

__all__ = ["BASELINES", "Baseline", "Labelled", "with_vectors"]
