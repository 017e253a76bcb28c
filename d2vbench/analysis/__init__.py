"""Analysis: from records to tables, intervals and verdicts. Needs no gensim."""

from d2vbench.analysis.bootstrap import (
    Interval,
    Resampled,
    Resamples,
    mean_interval,
    paired_interval,
)
from d2vbench.analysis.frame import RunData, load_run
from d2vbench.analysis.simulation import CrossedEffects
from d2vbench.analysis.summary import Finding, findings, summarise
from d2vbench.analysis.tuned import own_best
from d2vbench.analysis.verdicts import EQUIVALENCE, Verdict, verdict

__all__ = [
    "EQUIVALENCE",
    "CrossedEffects",
    "Finding",
    "Interval",
    "Resampled",
    "Resamples",
    "RunData",
    "Verdict",
    "findings",
    "load_run",
    "mean_interval",
    "own_best",
    "paired_interval",
    "summarise",
    "verdict",
]
