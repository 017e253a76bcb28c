"""Two runs side by side: what changed in their settings, and in their results beyond noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from d2vbench.analysis.claims.advice import CLAIMS
from d2vbench.analysis.claims.judging import judge
from d2vbench.analysis.comparison.setting_changes import Change, setting_changes
from d2vbench.analysis.contrasts.frame import ALWAYS_USUAL, RunData
from d2vbench.analysis.contrasts.scores import budgets, holm, stack_all
from d2vbench.analysis.contrasts.variants import VARIANT, Variant, variant_title
from d2vbench.analysis.statistics.bootstrap import FLOOR, Interval, Resamples, percentile
from d2vbench.analysis.statistics.verdicts import Verdict, verdict
from d2vbench.keys import derive_seed

# What sets cells apart, but for the seed, the engine and the label budgets.
SETTINGS = [
    "pair", "fraction", "generic_fraction", "model", "strategy", "k", "share", "schedule",
    "schedule_value", "vocabulary_policy", "epochs", "alpha", "min_alpha", "inference_epochs",
    "inference_alpha", "inference_min_alpha", "vectors", "vector_size", "window", "negative",
    "sample", "min_count", "generic_model", "word_vectors", "fine_tuned", "tokens",
]  # fmt: skip
_IDENTITY = {*SETTINGS, "seed", "engine", "setting", "key"}

PAIRED = "seeds and documents"
BY_DOCUMENTS = "documents"
UNPAIRED = "nothing"

_Settings = tuple[Any, ...]
_Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Differing:
    """A cell that both runs have, with other results.

    Attributes
    ----------
    title, pair : str
        Which variant, and on what.
    seed : int
        Its seed.
    first_key, second_key : str
        Names of the two records.
    columns : tuple of str
        The columns of `RunData.cells` that differ, and ``predictions``.
    accuracy : float
        Largest difference of accuracy over label budgets, second minus first, in [-1, 1].
    """

    title: str
    pair: str
    seed: int
    first_key: str
    second_key: str
    columns: tuple[str, ...]
    accuracy: float


@dataclass(frozen=True)
class RunDifference:
    """A variant that both runs have: its accuracy in the second minus that in the first.

    Attributes
    ----------
    pair, fraction, model, variant, labels
        Which.
    engines : tuple of (str, str)
        In the two runs.
    first, second : float
        Mean accuracy, in [0, 1], over the seeds compared.
    interval : Interval
        Of the second minus the first.
    seeds : int
        Seeds that it rests on; the smaller number where runs are not paired.
    paired_by : str
        What the runs have in common: `PAIRED`, `BY_DOCUMENTS` or `UNPAIRED`.
    identical : bool
        Whether every document came out the same with every seed.
    p_holm : float
        p-value, adjusted by Holm's method over all differences of the two runs.
    verdict : Verdict
        On the second run.
    """

    pair: str
    fraction: float
    model: str
    variant: str
    labels: str
    engines: tuple[str, str]
    first: float
    second: float
    interval: Interval
    seeds: int
    paired_by: str
    identical: bool
    p_holm: float
    verdict: Verdict


@dataclass(frozen=True)
class ClaimChange:
    """What two runs say of a claim: its id and statement, and the verdicts of both."""

    id: str
    statement: str
    first: str
    second: str


@dataclass(frozen=True)
class TwoRuns:
    """What changed between two runs.

    Attributes
    ----------
    changes : list of Change
        In settings.
    identical : int
        Cells that are the same to the last digit in both.
    differing : list of Differing
        Cells that both have, with other results.
    only_first, only_second : pandas.DataFrame
        Cells that one run alone has, rows of `RunData.cells`.
    differences : list of RunDifference
        For each variant that both have, and each label budget.
    claims : list of ClaimChange
        The claims on which the verdicts differ.
    """

    changes: list[Change]
    identical: int
    differing: list[Differing]
    only_first: pd.DataFrame
    only_second: pd.DataFrame
    differences: list[RunDifference]
    claims: list[ClaimChange]

    @property
    def same(self) -> bool:
        """Whether nothing differs but perhaps where and with what the runs were computed."""
        return not (
            self.differing
            or len(self.only_first)
            or len(self.only_second)
            or any(change.kind != "computed with" for change in self.changes)
        )


def compare_runs(first: RunData, second: RunData) -> TwoRuns:
    """Compare two runs.

    Parameters
    ----------
    first, second : RunData
        The runs; differences are the second minus the first.

    Returns
    -------
    TwoRuns
        Cells are matched by their settings. A cell that a run has with several engines is matched
        with that of the same engine; one that each run has with one engine, with that of the other.

        Where the documents of a pair are the same in both, differences are taken in pairs: on the
        seeds that both have, or, where they have none in common, document by document on as many
        seeds as both have, in their order (seeds can be exchanged). On other documents the runs are
        independent, and so are the resamples. p-values are adjusted over all differences.
    """
    matched, only_first, only_second = _match(first, second)
    right, nobody = (_right(first), _right(second)), frozenset[str]()
    differing = []
    for a, b in matched:
        one, two = first.classifiers.get(a.key, nobody), second.classifiers.get(b.key, nobody)
        if (found := _differing(*right, a, b, one ^ two)) is not None:
            differing.append(found)
    alike = not differing and only_first.empty and only_second.empty
    return TwoRuns(
        setting_changes(first, second),
        len(matched) - len(differing),
        differing,
        only_first,
        only_second,
        _differences(first, second),
        # The same cells in the same studies say the same.
        [] if alike and first.studies() == second.studies() else _claims(first, second),
    )


def _settings(row: Any) -> _Settings:
    """Return what sets a cell apart; a setting that a cell lacks is none, and equal to itself."""
    values = {name: getattr(row, name, None) for name in SETTINGS}
    # A run in which all cells have all of G lacks the column.
    return tuple(
        None if value != value or value == ALWAYS_USUAL.get(name) else value
        for name, value in values.items()
    )


_Sides = dict[_Settings, dict[str, list[Any]]]


def _sides(data: RunData) -> _Sides:
    """Return the cells of each variant by engine."""
    found: _Sides = {}
    for row in data.cells.itertuples(index=False):
        found.setdefault(_settings(row), {}).setdefault(str(row.engine), []).append(row)
    return found


def _engine_pairs(one: dict[str, list[Any]], two: dict[str, list[Any]]) -> list[tuple[str, str]]:
    common = [(engine, engine) for engine in one if engine in two]
    left = [engine for engine in one if engine not in two]
    right = [engine for engine in two if engine not in one]
    if not common and len(left) == len(right) == 1:
        return [(left[0], right[0])]
    return common


def _match(
    first: RunData, second: RunData
) -> tuple[list[tuple[Any, Any]], pd.DataFrame, pd.DataFrame]:
    one, two = _sides(first), _sides(second)
    matched: list[tuple[Any, Any]] = []
    for settings, engines in one.items():
        others = two.get(settings, {})
        for a, b in _engine_pairs(engines, others):
            matched += _by_seed(engines[a], others[b])
    keys = [{pair[side].key for pair in matched} for side in (0, 1)]
    only = [
        data.cells[~data.cells["key"].isin(there)]
        for data, there in zip((first, second), keys, strict=True)
    ]
    return matched, only[0], only[1]


def _by_seed(rows: Sequence[Any], others: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair cells of one seed; those that are asked for the same label budgets first."""
    left = list(others)
    for row in rows:
        same = [other for other in left if other.seed == row.seed]
        if same:
            best = next((other for other in same if _asked(other) == _asked(row)), same[0])
            left.remove(best)
            yield row, best


def _asked(row: Any) -> set[str]:
    return {name for name in row._fields if name.startswith("labelled_") and _is_there(row, name)}


def _is_there(row: Any, name: str) -> bool:
    return hasattr(row, name) and not pd.isna(getattr(row, name))


def _differing(
    first: _Right, second: _Right, a: Any, b: Any, classifiers: frozenset[str]
) -> Differing | None:
    """Return in what two records of a cell differ, or None; some classifiers one of them has."""
    # What one grid asks of cells and the other does not is no difference of a result.
    unasked = {name.removeprefix("labelled_") for name in _asked(a) ^ _asked(b)}
    prefixes = ("seconds_", *(f"{name}_" for name in classifiers))
    columns = []
    for name in dict.fromkeys((*a._fields, *b._fields)):
        if name in _IDENTITY or name.startswith(prefixes) or name.rpartition("_")[2] in unasked:
            continue
        there = (_is_there(a, name), _is_there(b, name))
        if there != (False, False) and (not all(there) or getattr(a, name) != getattr(b, name)):
            columns.append(name)
    mine, theirs = first.get(a.key, {}), second.get(b.key, {})
    common = [budget for budget in mine if budget in theirs]
    if any(not np.array_equal(mine[budget], theirs[budget]) for budget in common):
        columns.append("predictions")
    if not columns:
        return None
    gaps = [float(theirs[budget].mean() - mine[budget].mean()) for budget in common]
    return Differing(
        row_title(a),
        str(a.pair),
        int(a.seed),
        a.key,
        b.key,
        tuple(columns),
        max(gaps, key=abs, default=0.0),
    )


_Right = dict[str, dict[str, npt.NDArray[np.bool_]]]


def _right(data: RunData) -> _Right:
    """Return by key, and then by label budget or task, which documents are right."""
    found: _Right = {}
    for (key, name), right in data.correct.items():
        found.setdefault(key, {})[name] = right
    return found


def _differences(first: RunData, second: RunData) -> list[RunDifference]:
    one, two = _sides(first), _sides(second)
    pairs = [data.manifest.get("pairs", {}) for data in (first, second)]
    common = [budget for budget in budgets(first) if budget in budgets(second)]
    found: list[dict[str, Any]] = []
    scores: list[tuple[_Scores, _Scores]] = []
    for settings, engines in one.items():
        others = two.get(settings, {})
        for ours, theirs in _engine_pairs(engines, others):
            row = engines[ours][0]
            keys = [some.get(row.pair, {}).get("key") for some in pairs]
            for labels in common:
                a, b = (
                    _scores(first, engines[ours], labels),
                    _scores(second, others[theirs], labels),
                )
                if not a or not b:
                    continue
                paired_by, *two_sides = _aligned(a, b, keys[0] == keys[1])
                scores.append((two_sides[0], two_sides[1]))
                found.append(
                    {
                        "pair": str(row.pair),
                        "fraction": float(row.fraction),
                        "model": str(row.model),
                        "variant": row_title(row),
                        "labels": labels,
                        "engines": (ours, theirs),
                        "first": float(scores[-1][0].mean()),
                        "second": float(scores[-1][1].mean()),
                        "seeds": min(map(len, scores[-1])),
                        "paired_by": paired_by,
                        "identical": paired_by == PAIRED and bool(np.array_equal(*scores[-1])),
                    }
                )
    intervals = _intervals([one["paired_by"] for one in found], scores)
    adjusted = holm([interval.p for interval in intervals])
    return [
        RunDifference(
            **one, interval=interval, p_holm=p, verdict=verdict(interval, p, one["seeds"])
        )
        for one, interval, p in zip(found, intervals, adjusted, strict=True)
    ]


def row_title(row: Any) -> str:
    """Return the name of the variant that a row of `RunData.cells` belongs to."""
    return variant_title(Variant.of(getattr(row, name) for name in VARIANT))


def _scores(data: RunData, rows: Sequence[Any], labels: str) -> dict[int, _Scores]:
    """Return by seed which documents are right, (n_documents,) float64; no result is no score."""
    return {
        int(row.seed): data.correct[row.key, labels].astype(np.float64)
        for row in sorted(rows, key=lambda row: int(row.seed))
        if (row.key, labels) in data.correct and _is_there(row, f"accuracy_{labels}")
    }


def _aligned(
    first: dict[int, _Scores], second: dict[int, _Scores], same_documents: bool
) -> tuple[str, _Scores, _Scores]:
    """Return what two runs have in common, and their scores in the same order."""
    a, b = np.stack(list(first.values())), np.stack(list(second.values()))
    if not same_documents or a.shape[1] != b.shape[1]:
        return UNPAIRED, a, b
    common = [seed for seed in first if seed in second]
    if common:
        return (
            PAIRED,
            np.stack([first[seed] for seed in common]),
            np.stack([second[seed] for seed in common]),
        )
    fewest = min(len(a), len(b))
    return BY_DOCUMENTS, a[:fewest], b[:fewest]


def _intervals(paired_by: list[str], scores: list[tuple[_Scores, _Scores]]) -> list[Interval]:
    paired = {
        i: (b - a, list(range(len(a))))
        for i, (a, b) in enumerate(scores)
        if paired_by[i] != UNPAIRED
    }
    stacks = stack_all(paired)
    return [
        stacks[i].resampled.interval() if i in stacks else independent_interval(a, b)
        for i, (a, b) in enumerate(scores)
    ]


def independent_interval(first: _Scores, second: _Scores) -> Interval:
    """Return the difference of two means with its interval, where nothing is in common.

    Parameters
    ----------
    first, second : (n_seeds, n_documents) float64
        Scores of other seeds on other documents; the shapes may differ.

    Returns
    -------
    Interval
        Of the second mean minus the first. Each is resampled by itself, seeds and documents, and
        the deviations are subtracted, so that their variances add up; never shorter than the floor
        that documents alone make (see `mean_interval`). Without ends where a side has one seed.
    """
    sides = []
    for name, scores in (("first", first), ("second", second)):
        rng = np.random.default_rng(derive_seed(0, "independent", name, *scores.shape))
        sides.append(Resamples(len(scores), scores.shape[1], rng).draw([scores])[0])
    estimate = float(second.mean() - first.mean())
    if min(len(first), len(second)) == 1:
        return Interval(estimate, np.nan, np.nan, np.nan)
    documents = sides[1].by_document - sides[0].by_document
    ends = [
        percentile(draws) for draws in (sides[1].once - sides[0].once, estimate + FLOOR * documents)
    ]
    lows, highs, ps = zip(*ends, strict=True)
    return Interval(estimate, min(lows), max(highs), max(ps))


def _claims(first: RunData, second: RunData) -> list[ClaimChange]:
    return [
        ClaimChange(a.claim.id, a.claim.statement, str(a.outcome), str(b.outcome))
        for a, b in zip(judge(CLAIMS, first), judge(CLAIMS, second), strict=True)
        if a.outcome != b.outcome
    ]
