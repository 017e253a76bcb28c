"""Analysis: from records to tables, intervals and verdicts. Needs no gensim."""

from d2vbench.analysis.across import AcrossPairs, across_pairs, critical_difference
from d2vbench.analysis.bayesian import SignedRankProbabilities, bayesian_signed_rank
from d2vbench.analysis.bootstrap import (
    Interval,
    Resampled,
    Resamples,
    mean_interval,
    paired_interval,
)
from d2vbench.analysis.frame import RunData, load_run
from d2vbench.analysis.pair_means import mean_by_pair
from d2vbench.analysis.simulation import CrossedEffects
from d2vbench.analysis.summary import Finding, findings, summarise
from d2vbench.analysis.tuned import own_best
from d2vbench.analysis.verdicts import EQUIVALENCE, Verdict, verdict

__all__ = [
    "EQUIVALENCE",
    "AcrossPairs",
    "CrossedEffects",
    "Finding",
    "Interval",
    "Resampled",
    "Resamples",
    "RunData",
    "SignedRankProbabilities",
    "Verdict",
    "across_pairs",
    "bayesian_signed_rank",
    "critical_difference",
    "findings",
    "load_run",
    "mean_by_pair",
    "mean_interval",
    "own_best",
    "paired_interval",
    "summarise",
    "verdict",
]
