"""Diagnostics: what a follow-up has moved, and what was forgotten."""

from d2vbench.evaluation.diagnostics.diagnose import (
    DRIFT_VERSION,
    MOST_DOCUMENTS,
    diagnose,
)
from d2vbench.evaluation.diagnostics.generic_task import DIAGNOSTICS_VERSION, GenericTask

__all__ = [
    "DIAGNOSTICS_VERSION",
    "DRIFT_VERSION",
    "MOST_DOCUMENTS",
    "GenericTask",
    "diagnose",
]
