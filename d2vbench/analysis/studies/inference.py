"""Inference pinned, chosen by cross-validation, and over a grid: whether it decides who leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE, RunData
from d2vbench.analysis.contrasts.scores import (
    CHOSEN,
    budgets,
    evaluated,
    paired_difference,
    variant_stacks,
)
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    VARIANT,
    Variant,
    by_variant,
    variant_title,
    variants_of,
)
from d2vbench.analysis.statistics.bootstrap import Interval

# One setting of inference.
SETTING = ["epochs", "alpha", "min_alpha"]
_PLACE = [*GROUP, "labels"]
_POINTS = [*_PLACE, *VARIANT, *SETTING, "pinned", "seeds", "accuracy", "cv_accuracy"]
_SUMMARY = [
    *_PLACE, *VARIANT, "seeds", "accuracy", "accuracy_low", "accuracy_high", "chosen", "chosen_low",
    "chosen_high", "band_low", "band_high", *(f"chosen_{name}" for name in SETTING), "agreeing",
]  # fmt: skip


def chooses_all(data: RunData) -> bool:
    """Return whether inference was chosen for every trained cell that has a result."""
    trained = data.cells.loc[data.cells["model"] != BASELINE, "key"]
    there = set(trained) & {key for key, _ in data.correct}
    return bool(there) and there <= set(data.inference["key"])


def inference_points(data: RunData) -> pd.DataFrame:
    """Return what each variant reaches with each setting of inference that was tried.

    Parameters
    ----------
    data : RunData
        Cells with a choice of inference; others are left out.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, share of D, model, label budget, variant and setting: ``accuracy``
        on test documents and ``cv_accuracy`` on training documents, means over ``seeds`` in
        [0, 1], and whether the setting is the ``pinned`` one. ``cv_accuracy`` is NaN where a seed
        has no cross-validation.
    """
    rows = []
    for place, there in _places(data):
        for _, variant, cells in by_variant(there):
            tried = data.inference[
                data.inference["key"].isin(cells["key"]) & (data.inference["labels"] == place[-1])
            ]
            pinned = tuple(cells[f"inference_{name}"].iloc[0] for name in SETTING)
            for setting, mine in tried.groupby(SETTING, sort=False):
                means = [
                    float(mine[name].astype(float).mean(skipna=False)) for name in _POINTS[-2:]
                ]
                rows.append((*place, *variant, *setting, setting == pinned, len(mine), *means))
    return pd.DataFrame(rows, columns=_POINTS)


def _places(data: RunData) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    """Yield each pair, share of D, model and label budget with the cells that tried inference."""
    mine = data.cells[data.cells["key"].isin(data.inference["key"])]
    for group, cells in mine.groupby(GROUP, sort=False):
        for budget in budgets(data):
            there = evaluated(data, cells, budget)
            if len(there):
                yield (*group, budget), there


def inference_summary(data: RunData) -> pd.DataFrame:
    """Say of each variant what inference makes of it.

    Parameters
    ----------
    data : RunData
        See `inference_points`.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, share of D, model, label budget and variant; accuracies on test
        documents, means over seeds in [0, 1]. ``accuracy``: with the pinned inference; ``chosen``:
        with that which cross-validation chose for each seed; both with ``_low`` and ``_high``
        (95 %, two-level bootstrap). ``band_low``, ``band_high``: the lowest and the highest with
        any one setting of the grid. ``chosen_epochs``, ``chosen_alpha``, ``chosen_min_alpha``: of
        the setting with the best cross-validated accuracy over all seeds, the one to take for a
        new model; of equals the pinned one, then that of the fewest passes. ``agreeing``: how many
        seeds chose it by themselves. NaN where nothing could be chosen.
    """
    points = inference_points(data)
    rows = []
    for place, there in _places(data):
        pinned = variant_stacks(data, there, str(place[-1]))
        chosen = variant_stacks(data, there, f"{place[-1]}{CHOSEN}")
        here = points[(points[_PLACE] == list(place)).all(axis=1)]
        for _, variant, mine in by_variant(here):
            row = dict(zip(_PLACE, place, strict=True)) | variant._asdict()
            row |= {"seeds": len(pinned[variant].seeds)}
            row |= _ends("accuracy", pinned[variant].accuracy)
            row |= {"band_low": mine["accuracy"].min(), "band_high": mine["accuracy"].max()}
            if variant in chosen and mine["cv_accuracy"].notna().all():
                row |= _ends("chosen", chosen[variant].accuracy)
                best = _best(mine)
                row |= {f"chosen_{name}": best[name] for name in SETTING}
                named = zip(there["key"], variants_of(there), strict=True)
                keys = [key for key, other in named if other == variant]
                row |= {"agreeing": _agreeing(data, keys, str(place[-1]), best)}
            rows.append(row)
    return pd.DataFrame(rows, columns=_SUMMARY)


@dataclass(frozen=True)
class ChosenInference:
    """The inference to use with a new model, where cross-validation could choose one.

    Attributes
    ----------
    epochs, alpha, min_alpha
        Of the setting that is best in cross-validation over all seeds.
    agreeing, seeds : int
        How many seeds chose it by themselves, of how many.
    accuracy : Interval
        On test documents, with what each seed chose.
    pinned : bool
        Whether it is the pinned setting.
    """

    epochs: int
    alpha: float
    min_alpha: float
    agreeing: int
    seeds: int
    accuracy: Interval
    pinned: bool


def chosen_inference(cells: RunData, budget: str) -> ChosenInference | None:
    """Return what was chosen for one variant in one place.

    Parameters
    ----------
    cells : RunData
        Cells that differ by seed alone.
    budget : str
        Label budget.

    Returns
    -------
    ChosenInference or None
        None where nothing was tried, or there was no cross-validation.
    """
    if cells.inference.empty:
        return None
    summary = inference_summary(cells)
    rows = summary[(summary["labels"] == budget) & summary["chosen"].notna()].to_dict("records")
    if not rows:
        return None
    (row,) = rows
    setting = {name: row[f"chosen_{name}"] for name in SETTING}
    usual = cells.cells.iloc[0]
    return ChosenInference(
        epochs=int(setting["epochs"]),
        alpha=float(setting["alpha"]),
        min_alpha=float(setting["min_alpha"]),
        agreeing=int(row["agreeing"]),
        seeds=int(row["seeds"]),
        accuracy=Interval(row["chosen"], row["chosen_low"], row["chosen_high"], float("nan")),
        pinned=all(usual[f"inference_{name}"] == value for name, value in setting.items()),
    )


def _ends(name: str, interval: Interval) -> dict[str, object]:
    ends = ("", interval.estimate), ("_low", interval.low), ("_high", interval.high)
    return {f"{name}{end}": value for end, value in ends}


def _best(points: pd.DataFrame) -> pd.Series[Any]:
    # Rounded, so that the last bit of a mean decides nothing.
    ranked = points.assign(cv_accuracy=points["cv_accuracy"].round(12))
    order = ["cv_accuracy", "pinned", *SETTING]
    return ranked.sort_values(order, ascending=[False, False, True, True, True]).iloc[0]


def _agreeing(data: RunData, keys: list[str], budget: str, best: pd.Series[Any]) -> int:
    tried = data.inference
    own = tried[
        tried["key"].isin(keys) & (tried["labels"] == budget) & tried["chosen"].astype(bool)
    ]
    return int((own[SETTING] == best[SETTING]).all(axis=1).sum())


@dataclass(frozen=True)
class InferenceOrder:
    """Whether inference changes the order of strategies in one place.

    Attributes
    ----------
    pair, model, labels : str
        Where.
    fraction : float
        Share of D-train.
    strategies : int
        How many variants are ordered.
    tau : float
        Kendall's tau-b between the accuracies with the pinned inference and with the chosen one; 1
        for the same order. NaN where all are equal, or nothing was chosen.
    least_tau : float
        The lowest tau between the pinned setting and any other one of the grid, the same for all.
    pinned, chosen : Variant
        The variant with the highest mean accuracy under each; ``chosen`` is None where nothing
        was chosen.
    lead : Interval or None
        Where these two differ: the new winner minus the old one, with the chosen inference.
    winners : int
        How many variants win with some setting of the grid, the same for all.
    spread : float
        From the worst variant to the best, with the pinned inference.
    band : float
        Of the variant that moves most over the grid: from its lowest accuracy to its highest.
    moved : Variant
        Which variant that is.
    """

    pair: str
    fraction: float
    model: str
    labels: str
    strategies: int
    tau: float
    least_tau: float
    pinned: Variant
    chosen: Variant | None
    lead: Interval | None
    winners: int
    spread: float
    band: float
    moved: Variant

    @property
    def decides(self) -> bool:
        """Whether inference moves a variant by more than all variants differ."""
        return self.band > self.spread


def inference_orders(data: RunData) -> list[InferenceOrder]:
    """Say in each place whether inference changes the order of strategies.

    Parameters
    ----------
    data : RunData
        See `inference_points`.

    Returns
    -------
    list of InferenceOrder
        For each pair, share of D, model and label budget with two variants or more, over the
        seeds that all of them have. Of equals the first in the grid is the winner.
    """
    data = _common_seeds(data)
    points, summary = inference_points(data), inference_summary(data)
    found = []
    for place, there in _places(data):
        mine = summary[(summary[_PLACE] == list(place)).all(axis=1)]
        here = points[(points[_PLACE] == list(place)).all(axis=1)]
        if len(mine) < 2:
            continue
        variants = variants_of(mine)
        titles = [variant_title(variant) for variant in variants]
        pinned, chosen = (mine[name].to_numpy(dtype=float) for name in ("accuracy", "chosen"))
        bands = (mine["band_high"] - mine["band_low"]).to_numpy(dtype=float)
        # A setting that some variant did not try orders nothing.
        table = here.assign(variant=[variant_title(v) for v in variants_of(here)]).pivot_table(
            "accuracy", "variant", SETTING, sort=False
        ).loc[titles].dropna(axis="columns")  # fmt: skip
        first = int(pinned.argmax())
        second = None if mine["chosen"].isna().any() else int(chosen.argmax())
        lead = None
        if second is not None and second != first:
            stacks = variant_stacks(data, there, f"{place[-1]}{CHOSEN}")
            difference = paired_difference(stacks[variants[second]], stacks[variants[first]])
            lead = None if difference is None else difference[0]
        pair, fraction, model, labels = place
        found.append(
            InferenceOrder(
                pair=str(pair),
                fraction=float(str(fraction)),
                model=str(model),
                labels=str(labels),
                strategies=len(mine),
                tau=_tau(pinned, chosen),
                least_tau=float(table.apply(lambda column: _tau(pinned, column)).min()),  # noqa: B023
                pinned=variants[first],
                chosen=None if second is None else variants[second],
                lead=lead,
                winners=table.idxmax().nunique(),
                spread=float(pinned.max() - pinned.min()),
                band=float(bands.max()),
                moved=variants[int(bands.argmax())],
            )
        )
    return found


def _common_seeds(data: RunData) -> RunData:
    """Return the part of a run whose seeds every variant of a place has."""
    kept: list[str] = []
    for _, cells in data.cells[data.cells["key"].isin(data.inference["key"])].groupby(GROUP):
        seeds = [set(mine["seed"]) for _, _, mine in by_variant(cells)]
        kept += cells.loc[cells["seed"].isin(set.intersection(*seeds)), "key"].tolist()
    return data.only(data.cells["key"].isin(kept))


def _tau(one: Any, two: Any) -> float:
    from scipy.stats import kendalltau

    return float(kendalltau(one, two).statistic)
