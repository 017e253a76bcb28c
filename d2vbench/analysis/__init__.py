"""Analysis: from records to tables, intervals and verdicts. Needs no gensim."""

from d2vbench.analysis.claims.advice import CLAIMS
from d2vbench.analysis.claims.evidence import Evidence
from d2vbench.analysis.claims.judging import Claim, Judged, Outcome, judge, verdict_of
from d2vbench.analysis.claims.recommend import Option, Recommendation, recommend
from d2vbench.analysis.claims.transfer import Regret, transfer
from d2vbench.analysis.contrasts.across import AcrossPairs, across_pairs, critical_difference
from d2vbench.analysis.contrasts.contrasts import Cells, Compared, Contrast, Skipped, compare
from d2vbench.analysis.contrasts.drift import take_measure
from d2vbench.analysis.contrasts.frame import RunData, load_run
from d2vbench.analysis.contrasts.pair_means import mean_by_pair
from d2vbench.analysis.contrasts.summary import Finding, findings, summarise
from d2vbench.analysis.statistics.bootstrap import (
    Interval,
    Resampled,
    Resamples,
    mean_interval,
    paired_interval,
)
from d2vbench.analysis.statistics.crossed import OverPairs, over_pairs
from d2vbench.analysis.statistics.seeds import seed_interval
from d2vbench.analysis.statistics.simulation import CrossedEffects
from d2vbench.analysis.statistics.spread import spread_ratio
from d2vbench.analysis.statistics.variance import VarianceShares, accuracy_variance, variance_shares
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE, Verdict, verdict
from d2vbench.analysis.studies.inference import (
    ChosenInference,
    InferenceOrder,
    inference_orders,
    inference_points,
    inference_summary,
)
from d2vbench.analysis.studies.tuned import own_best

__all__ = [
    "CLAIMS",
    "EQUIVALENCE",
    "AcrossPairs",
    "Cells",
    "ChosenInference",
    "Claim",
    "Compared",
    "Contrast",
    "CrossedEffects",
    "Evidence",
    "Finding",
    "InferenceOrder",
    "Interval",
    "Judged",
    "Option",
    "Outcome",
    "OverPairs",
    "Recommendation",
    "Regret",
    "Resampled",
    "Resamples",
    "RunData",
    "Skipped",
    "VarianceShares",
    "Verdict",
    "accuracy_variance",
    "across_pairs",
    "compare",
    "critical_difference",
    "findings",
    "inference_orders",
    "inference_points",
    "inference_summary",
    "judge",
    "load_run",
    "mean_by_pair",
    "mean_interval",
    "over_pairs",
    "own_best",
    "paired_interval",
    "recommend",
    "seed_interval",
    "spread_ratio",
    "summarise",
    "take_measure",
    "transfer",
    "variance_shares",
    "verdict",
    "verdict_of",
]
