"""The main comparison: every strategy against `combined`, and who is ahead."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.analysis.bootstrap import Interval, Resamples, mean_interval, paired_interval
from d2vbench.analysis.frame import BASELINE, RunData
from d2vbench.analysis.verdicts import verdict
from d2vbench.keys import derive_seed
from d2vbench.strategies import STRATEGIES, Strategy

REFERENCE = "combined"
GROUP = ["pair", "fraction", "model"]
VARIANT = ["strategy", "k", "schedule", "vocabulary_policy", "setting"]
Variant = tuple[str, str, str, str, str]

_SHARED = "shared"
# A report must do without the packages of third parties: what is not known to have one phase
# shows its schedule.
_ONE_PHASE = {name for name in STRATEGIES.built_in if Strategy(name).phases == 1}


def variant_title(
    strategy: str, k: str, schedule: str, vocabulary: str = _SHARED, setting: str = ""
) -> str:
    """Return the name of a strategy with what sets it apart, as tables and plots show it.

    The schedule is left out where it is `linear` and the strategy has one phase, and so is the
    shared vocabulary.

    Examples
    --------
    >>> variant_title("sequential", "4", "follow-up(0.005)")
    'sequential(4), follow-up(0.005)'
    >>> variant_title("combined", "", "linear")
    'combined'
    >>> variant_title("domain-only", "4", "cosine", "own")
    'domain-only(4), cosine, own vocabulary'
    >>> variant_title("combined", "", "linear", setting="E = 20")
    'combined; E = 20'
    """
    title = f"{strategy}({k})" if k else strategy
    if schedule != "-" and not (strategy in _ONE_PHASE and schedule == "linear"):
        title += f", {schedule}"
    if vocabulary not in (_SHARED, ""):
        title += f", {vocabulary} vocabulary"
    return f"{title}; {setting}" if setting else title


def budgets(data: RunData) -> list[str]:
    """Return the label budgets of a run in their order."""
    return list(dict.fromkeys(budget for _, budget in data.correct))


def scores_of(
    data: RunData, rows: pd.DataFrame, budget: str
) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Stack the correctness of the cells of one variant.

    Parameters
    ----------
    data : RunData
        The run.
    rows : pandas.DataFrame
        Cells that differ by seed alone.
    budget : str
        Label budget.

    Returns
    -------
    scores : (n_seeds, n_documents) float64
        1 for right, 0 for wrong, in order of the seeds.
    seeds : list of int
        The seeds.
    """
    rows = rows.sort_values("seed")
    stack = np.stack([data.correct[key, budget] for key in rows["key"]]).astype(np.float64)
    return stack, rows["seed"].tolist()


@functools.lru_cache(maxsize=4)
def _draws(n_seeds: int, n_documents: int) -> Resamples:
    # A fixed seed: intervals are part of a table that is to be the same wherever it is made.
    rng = np.random.default_rng(derive_seed(0, "bootstrap", n_seeds, n_documents))
    return Resamples(n_seeds, n_documents, rng)


def _holm(p: list[float]) -> list[float]:
    """Adjust p-values by Holm's method; NaN stays NaN and does not count."""
    from statsmodels.stats.multitest import multipletests

    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(np.asarray(p, dtype=float))
    if known.any():
        adjusted[known] = multipletests(np.asarray(p)[known], method="holm")[1]
    return adjusted.tolist()


def _contrasts(
    stacks: dict[Variant, tuple[npt.NDArray[np.float64], list[int]]], reference: Variant
) -> dict[Variant, tuple[Interval, float]]:
    """Compare every variant with one of them on the seeds that both have; Holm over all."""
    base, base_seeds = stacks[reference]
    found: dict[Variant, Interval] = {}
    for variant, (scores, seeds) in stacks.items():
        common = [s for s in seeds if s in base_seeds]
        if variant == reference or not common:
            continue
        mine = scores[[seeds.index(s) for s in common]]
        theirs = base[[base_seeds.index(s) for s in common]]
        found[variant] = paired_interval(mine, theirs, _draws(*mine.shape))
    adjusted = _holm([interval.p for interval in found.values()])
    return {
        variant: (interval, p)
        for (variant, interval), p in zip(found.items(), adjusted, strict=True)
    }


def _stacks(data: RunData, group: pd.DataFrame, budget: str) -> dict[Variant, Any]:
    return {
        (str(key[0]), str(key[1]), str(key[2]), str(key[3]), str(key[4])): scores_of(
            data, rows, budget
        )
        for key, rows in group.groupby(VARIANT, sort=False)
    }


def _groups(data: RunData) -> Any:
    """Return the cells with something to compare: a crash predicts nothing."""
    evaluated = data.cells["key"].isin({key for key, _ in data.correct})
    doc2vec = data.cells[(data.cells["model"] != BASELINE) & evaluated]
    return doc2vec.groupby(GROUP, sort=False)


def _reference(stacks: dict[Variant, Any]) -> Variant | None:
    """Return `combined` in its plainest form, where there is one."""
    found = [variant for variant in stacks if variant[0] == REFERENCE]
    plainest = ("linear", _SHARED, "")
    return next((v for v in found if v[2:] == plainest), found[0] if found else None)


def summarise(data: RunData) -> pd.DataFrame:
    """Summarise a run: one row for each pair, share of D, model, label budget and variant.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    pandas.DataFrame
        ``accuracy`` with ``accuracy_low`` and ``accuracy_high`` (95 %, two-level bootstrap),
        ``macro_f1`` (mean over seeds), and the difference from `combined` with its interval,
        Holm-adjusted p-value and verdict. All in [0, 1]. TF-IDF rows come last in each pair.
    """
    rows = []
    for (pair, fraction, model), group in _groups(data):
        for budget in budgets(data):
            stacks = _stacks(data, group, budget)
            reference = _reference(stacks)
            place = (pair, fraction, model, budget)
            contrasts = _contrasts(stacks, reference) if reference else {}
            for variant, (scores, seeds) in stacks.items():
                same = np.logical_and.reduce(
                    [group[column] == value for column, value in zip(VARIANT, variant, strict=True)]
                )
                row = _row(place, variant, scores, seeds)
                row["macro_f1"] = float(group.loc[same, f"macro_f1_{budget}"].mean())
                if variant in contrasts:
                    interval, p = contrasts[variant]
                    row |= {
                        "difference": interval.estimate,
                        "difference_low": interval.low,
                        "difference_high": interval.high,
                        "p_holm": p,
                        "verdict": str(verdict(interval, p, len(seeds))),
                    }
                elif variant == reference:
                    row["verdict"] = "reference"
                rows.append(row)
    rows += _baselines(data)
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    *GROUP,
    "labels",
    *VARIANT,
    "seeds",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "macro_f1",
    "difference",
    "difference_low",
    "difference_high",
    "p_holm",
    "verdict",
]


def _row(
    place: tuple[Any, ...],
    variant: Variant,
    scores: npt.NDArray[np.float64],
    seeds: list[int],
) -> dict[str, Any]:
    interval = mean_interval(scores, _draws(*scores.shape))
    return {
        **dict(zip([*GROUP, "labels"], place, strict=True)),
        **dict(zip(VARIANT, variant, strict=True)),
        "seeds": len(seeds),
        "accuracy": interval.estimate,
        "accuracy_low": interval.low,
        "accuracy_high": interval.high,
    }


def _baselines(data: RunData) -> list[dict[str, Any]]:
    rows = []
    baseline = data.cells[data.cells["model"] == BASELINE]
    for (pair, fraction), group in baseline.groupby(["pair", "fraction"], sort=False):
        for budget in budgets(data):
            scores, seeds = scores_of(data, group, budget)
            place = (pair, fraction, BASELINE, budget)
            row = _row(place, ("TF-IDF + logistic regression", "", "-", "", ""), scores, seeds)
            row["macro_f1"] = float(group[f"macro_f1_{budget}"].mean())
            rows.append(row)
    return rows


@dataclass(frozen=True)
class Finding:
    """Who is ahead on one pair, share of D, model and label budget.

    Attributes
    ----------
    pair, model, labels : str
        Where.
    fraction : float
        Share of D-train.
    best : str
        The variant with the highest mean accuracy.
    accuracy : float
        Its mean.
    against : str
        What its margin is measured against: `combined`, or the next best where that is the best.
    ahead : Interval or None
        How far it is ahead; None where there is nothing to compare with.
    verdict : str
        What that says, Holm-adjusted over all variants compared.
    tied : list of str
        Variants whose paired difference from the best may be noise, nearest first, and those that
        share no seed with it. The best was picked by its mean, after the fact: this list
        is a description, and no test that was fixed in advance.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    best: str
    accuracy: float
    against: str
    ahead: Interval | None
    verdict: str
    tied: list[str]


def _turned(interval: Interval) -> Interval:
    return Interval(-interval.estimate, -interval.high, -interval.low, interval.p)


def findings(data: RunData) -> list[Finding]:
    """Say for each pair, share of D, model and label budget which variant is ahead.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    list of Finding
        In the order of the grid.
    """
    found = []
    for (pair, fraction, model), group in _groups(data):
        for budget in budgets(data):
            stacks = _stacks(data, group, budget)
            means = {variant: float(scores.mean()) for variant, (scores, _) in stacks.items()}
            best, *others = sorted(means, key=lambda v: -means[v])
            behind = _contrasts(stacks, best)
            tied = [v for v in others if not (v in behind and behind[v][1] < 0.05)]
            reference = _reference(stacks)
            ahead: Interval | None = None
            word, p = "", math.nan
            seeds = len(stacks[best][1])
            against = REFERENCE
            if reference and reference != best:
                ahead, p = _contrasts(stacks, reference).get(best, (None, math.nan))
            elif others and others[0] in behind:
                # The best is the reference itself: its margin is that over the next.
                found_behind, p = behind[others[0]]
                against = variant_title(*others[0])
                ahead = _turned(found_behind)
            if ahead is not None:
                word = str(verdict(ahead, p, seeds))
            found.append(
                Finding(
                    pair=pair,
                    fraction=fraction,
                    model=model,
                    labels=budget,
                    best=variant_title(*best),
                    accuracy=means[best],
                    against=against,
                    ahead=ahead,
                    verdict=word,
                    tied=[variant_title(*v) for v in tied],
                )
            )
    return found
