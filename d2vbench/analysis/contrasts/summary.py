"""The main comparison: every strategy against `combined`, and who is ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import (
    Stack,
    budgets,
    cell_stacks,
    evaluated,
    holm,
    paired_difference,
    variant_stacks,
)
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    REFERENCE,
    VARIANT,
    Variant,
    mean_by_variant,
    variant_title,
)
from d2vbench.analysis.statistics.bootstrap import Interval
from d2vbench.analysis.statistics.verdicts import UNTOLD, verdict

# What a variant takes: exposure of both corpora, words, and seconds of one core.
EXPOSURE = (
    "domain_passes",
    "generic_passes",
    "domain_area",
    "generic_area",
    "words_trained",
    "seconds_core",
)


@dataclass(frozen=True)
class _Contrast:
    interval: Interval
    p: float
    seeds: int

    @property
    def verdict(self) -> str:
        return str(verdict(self.interval, self.p, self.seeds))


def _contrasts(stacks: dict[Variant, Stack], reference: Variant) -> dict[Variant, _Contrast]:
    """Compare every variant with one of them on the seeds that both have; Holm over all."""
    found = {
        variant: difference
        for variant, stack in stacks.items()
        if variant != reference and (difference := paired_difference(stack, stacks[reference]))
    }
    adjusted = holm([interval.p for interval, _ in found.values()])
    return {
        variant: _Contrast(interval, p, seeds)
        for (variant, (interval, seeds)), p in zip(found.items(), adjusted, strict=True)
    }


def _groups(data: RunData) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield the comparisons, each as (pair, share of D, model) and its cells."""
    doc2vec = data.cells[data.cells["model"] != BASELINE]
    for place, group in doc2vec.groupby(GROUP, sort=False):
        yield tuple(place), group


def _reference(stacks: dict[Variant, Stack]) -> Variant | None:
    """Return `combined` in its plainest form, where there is one."""
    found = [variant for variant in stacks if variant.strategy == REFERENCE]
    plainest = Variant(REFERENCE)
    return plainest if plainest in found else next(iter(found), None)


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
        Holm-adjusted p-value and verdict. All in [0, 1]. The columns `EXPOSURE` are means over
        seeds, NaN where they are not known. Baselines come last.
    """
    rows = []
    for (pair, fraction, model), group in _groups(data):
        for budget in budgets(data):
            stacks = variant_stacks(data, group, budget)
            reference = _reference(stacks)
            contrasts = _contrasts(stacks, reference) if reference else {}
            macro_f1 = mean_by_variant(group, f"macro_f1_{budget}")
            exposed = {c: mean_by_variant(group, c) for c in EXPOSURE if c in group}
            for variant, stack in stacks.items():
                row = _row((pair, fraction, model, budget), variant, stack)
                row["macro_f1"] = macro_f1[variant]
                row |= {column: means[variant] for column, means in exposed.items()}
                if variant in contrasts:
                    contrast = contrasts[variant]
                    row |= {
                        "difference": contrast.interval.estimate,
                        "difference_low": contrast.interval.low,
                        "difference_high": contrast.interval.high,
                        "p_holm": contrast.p,
                        "verdict": contrast.verdict,
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
    *EXPOSURE,
]


def _row(place: tuple[Any, ...], variant: Variant, stack: Stack) -> dict[str, Any]:
    interval = stack.accuracy
    return {
        **dict(zip([*GROUP, "labels"], place, strict=True)),
        **variant._asdict(),
        "seeds": len(stack.seeds),
        "accuracy": interval.estimate,
        "accuracy_low": interval.low,
        "accuracy_high": interval.high,
    }


BASELINE_TITLES = {
    "tf-idf": "TF-IDF + logistic regression",
    "tf-idf-generic": "TF-IDF of G and D + logistic regression",
    "lsa": "LSA + logistic regression",
    "mean-word2vec": "mean of word2vec vectors + logistic regression",
    "sif": "SIF-weighted mean of word2vec vectors + logistic regression",
}


_PRETRAINED = "pre-trained by others"


def baseline_title(name: str) -> str:
    """Return what a baseline is called in tables.

    Examples
    --------
    >>> baseline_title("tf-idf")
    'TF-IDF + logistic regression'
    >>> baseline_title("frozen-encoder all-MiniLM-L6-v2")
    'all-MiniLM-L6-v2 as it is (pre-trained by others) + logistic regression'
    >>> baseline_title("frozen-encoder mine checkpoint+500")
    'mine with up to 500 words of D, as it is (pre-trained by others) + logistic regression'
    >>> baseline_title("zero-shot-nli mine")
    'mine (pre-trained by others) by inference from titles of classes, without labels'
    """
    kind, _, checkpoint = name.partition(" ")
    checkpoint = re.sub(r" checkpoint\+(\d+)$", r" with up to \1 words of D,", checkpoint)
    averages = {"mean-given-vectors": "mean", "sif-given-vectors": "SIF-weighted mean"}
    if kind in averages:
        of = f"of word vectors {checkpoint} ({_PRETRAINED})"
        return f"{averages[kind]} {of} + logistic regression"
    if kind == "frozen-encoder":
        return f"{checkpoint} as it is ({_PRETRAINED}) + logistic regression"
    if kind == "zero-shot":
        return f"{checkpoint} ({_PRETRAINED}) by the titles of classes, without labels"
    if kind == "zero-shot-nli":
        return f"{checkpoint} ({_PRETRAINED}) by inference from titles of classes, without labels"
    return BASELINE_TITLES.get(name, name)


def is_pretrained(title: str) -> bool:
    """Return whether a baseline reads what others have trained: a league of its own."""
    return _PRETRAINED in title


def _baselines(data: RunData) -> list[dict[str, Any]]:
    rows = []
    baselines = data.cells[data.cells["model"] == BASELINE]
    for (pair, fraction, name), group in baselines.groupby(
        ["pair", "fraction", "strategy"], sort=False
    ):
        title = baseline_title(str(name))
        variant = Variant(title, schedule="-")
        for budget in budgets(data):
            there = evaluated(data, group, budget)
            if there.empty:
                continue
            cells = list(zip(there["seed"].tolist(), there["key"].tolist(), strict=True))
            stack = cell_stacks(data, {variant: cells}, budget)[variant]
            row = _row((pair, fraction, BASELINE, budget), variant, stack)
            row["macro_f1"] = float(there[f"macro_f1_{budget}"].mean())
            if "seconds_core" in there:
                row["seconds_core"] = float(there["seconds_core"].mean())
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
        Variants whose paired difference from the best may be noise, nearest first, of those that
        share three seeds or more with it: of others it is not known. The best was picked by its
        mean, after the fact: this list is a description, and no test that was fixed in advance.
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
            stacks = variant_stacks(data, group, budget)
            if not stacks:
                continue
            means = {variant: stack.mean for variant, stack in stacks.items()}
            best, *others = sorted(means, key=lambda v: -means[v])
            behind = _contrasts(stacks, best)
            told = {v for v, one in behind.items() if one.verdict not in UNTOLD}
            tied = [v for v in others if v in told and not behind[v].p < 0.05]
            reference = _reference(stacks)
            ahead: _Contrast | None = None
            against = REFERENCE
            if reference and reference != best:
                ahead = _contrasts(stacks, reference).get(best)
            elif others and others[0] in behind:
                # The best is the reference itself: its margin is that over the next.
                found_behind = behind[others[0]]
                against = variant_title(others[0])
                ahead = replace(found_behind, interval=_turned(found_behind.interval))
            found.append(
                Finding(
                    pair=pair,
                    fraction=fraction,
                    model=model,
                    labels=budget,
                    best=variant_title(best),
                    accuracy=means[best],
                    against=against,
                    ahead=ahead.interval if ahead else None,
                    verdict=ahead.verdict if ahead else "",
                    tied=[variant_title(v) for v in tied],
                )
            )
    return found
