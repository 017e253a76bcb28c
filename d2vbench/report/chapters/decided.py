"""Rows of what to train: of recommendations, of budgets and of the frontier, in one form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from d2vbench.analysis import Interval, Recommendation
from d2vbench.analysis.claims.within_budget import Affordable
from d2vbench.analysis.contrasts.contrasts import Place
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.rivals import PassCounts, Rival, Rivals
from d2vbench.analysis.contrasts.scores import holm
from d2vbench.analysis.contrasts.summary import is_pretrained
from d2vbench.analysis.contrasts.variants import Variant, variant_columns, variant_title
from d2vbench.analysis.statistics.verdicts import EQUIVALENCE, MIN_SEEDS, verdict
from d2vbench.analysis.studies.frontier import Candidate, Choice
from d2vbench.report.document import cells
from d2vbench.report.document.phrases import points, share_text

#: What a verdict says to one who decides.
SURE = {
    "better": "beyond noise",
    "worse": "worse, beyond noise",
    "equivalent": "practically equal",
    "inconclusive": "may be noise",
    "too few seeds": "two seeds: too few",
    "no interval": "one seed: not known",
}
#: The same of a gain whose low end is practically nothing.
SMALL = "may be small"
#: What too few seeds say.
UNKNOWN = "not known"
# A baseline has no model.
_OF_BASELINE = ("pair", "fraction", "labels")
_NONE = Interval(math.nan, math.nan, math.nan, math.nan)


class _Side(NamedTuple):
    """What is trained, or what it is compared with."""

    title: str
    cost: float


def decision_rows(found: Sequence[Recommendation]) -> pd.DataFrame:
    """Return a row a recommendation: what to train, its gain over the simplest, cost and verdict.

    Parameters
    ----------
    found : sequence of Recommendation
        Of any places.

    Returns
    -------
    pandas.DataFrame
        ``cost`` is that of the simplest times so much; ``cheaper`` the cheapest within noise, with
        its ``cheaper_cost`` as a share of what is trained, ``next`` the next best, both with their
        difference from what is trained; the verdicts' p are adjusted by Holm's method over the
        rows. NaN and empty where the simplest was not run, and where it is the best itself.
    """
    gains = [_NONE if one.best is one.simplest else one.gain or _NONE for one in found]
    rows = []
    for one, gain, p in zip(found, gains, holm([gain.p for gain in gains]), strict=True):
        best, plain = one.best, one.simplest
        rows.append({
            **_row(
                (one.pair, one.fraction, one.model, one.labels),
                _Side(best.title, best.words_trained),
                _Side(plain.title, plain.words_trained) if plain else None,
                _judged(gain, p, one.seeds), one.rivals,
            ),
            **_of(best.passes, best.accuracy.estimate), "is_simplest": best is plain,
            "cheapest": "" if one.cheapest is best else one.cheapest.title,
            "cheapest_cost": _times(one.cheapest.words_trained, best.words_trained),
        })  # fmt: skip
    return _frame(rows, [one.best.variant for one in found])


def frontier_rows(chosen: Sequence[Choice]) -> pd.DataFrame:
    """Return the same of the largest budget of each place, from the study `frontier`.

    Verdicts are adjusted over all budgets of the study.
    """
    largest = {one.best.place: one for one in sorted(chosen, key=lambda one: one.best.passes)}
    rows = []
    for place, one in largest.items():
        gain = _NONE if one.best is one.plain or one.gain is None else one.gain
        seeds = len(one.best.best.stack.seeds)
        judged = {**_judged(gain, math.nan, seeds), "verdict": one.verdict}
        if math.isnan(gain.estimate):
            judged["verdict"] = ""
        plain = _Side(one.plain.strategy, one.plain.best.cost) if one.plain else None
        rows.append({**_candidate(place, one.best.best, plain, judged, one.rivals),
                     "is_simplest": one.best is one.plain})  # fmt: skip
    return _frame(rows, [one.best.best.variant for one in largest.values()])


def budget_rows(found: Sequence[Affordable]) -> pd.DataFrame:
    """Return the same of what a budget of words or seconds pays for."""
    gains = [one.gain or _NONE for one in found]
    rows = []
    for one, gain, p in zip(found, gains, holm([gain.p for gain in gains]), strict=True):
        plain = _Side(one.plain.variant.strategy, one.plain.cost) if one.plain else None
        judged = _judged(gain, p, len(one.best.stack.seeds))
        rows.append({**_candidate(one.place, one.best, plain, judged, one.rivals),
                     "is_simplest": one.best is one.plain})  # fmt: skip
    return _frame(rows, [one.best.variant for one in found])


def _judged(gain: Interval, p: float, seeds: int) -> dict[str, Any]:
    known = not math.isnan(gain.estimate)
    return {
        **_ends("gain", gain), "p": gain.p, "p_holm": p,
        "verdict": str(verdict(gain, p, seeds)) if known else "", "seeds": seeds,
    }  # fmt: skip


def _candidate(
    place: Place, best: Candidate, plain: _Side | None, judged: dict[str, Any], beside: Rivals
) -> dict[str, Any]:
    side = _Side(variant_title(best.variant), best.cost)
    accuracy = best.stack.mean
    return {**_row(place, side, plain, judged, beside), **_of(best.passes, accuracy)}


def _of(passes: PassCounts, accuracy: float) -> dict[str, float]:
    return {
        "generic_passes": passes.generic, "domain_passes": passes.domain, "accuracy": accuracy,
    }  # fmt: skip


def _row(
    place: Place, best: _Side, plain: _Side | None, judged: dict[str, Any], beside: Rivals
) -> dict[str, Any]:
    """Return what all rows have in common."""
    cheaper = beside.cheaper
    return {
        **dict(zip(("pair", "fraction", "model", "labels"), place, strict=True)),
        "train": best.title, "amount": best.cost,
        "simplest": plain.title if plain else "",
        "cost": _times(best.cost, plain.cost) if plain else math.nan, **judged,
        **_rival("cheaper", cheaper),
        "cheaper_cost": _times(cheaper.cost, best.cost) if cheaper else math.nan,
        "cheaper_tried": beside.tried, **_rival("next", beside.nearest),
    }  # fmt: skip


def _times(cost: float, other: float) -> float:
    """Return how many times as much; NaN against what trains nothing."""
    return cost / other if other else 1.0 if cost == other else math.nan


def _rival(name: str, one: Rival | None) -> dict[str, Any]:
    difference = one.difference if one else _NONE
    title = variant_title(one.variant) if one else ""
    return {name: title, **_ends(f"{name}_difference", difference)}


def _ends(name: str, one: Interval) -> dict[str, float]:
    return {name: one.estimate, f"{name}_low": one.low, f"{name}_high": one.high}


def _frame(rows: Sequence[dict[str, Any]], variants: Sequence[Variant]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(rows), variant_columns(variants)], axis=1)


def with_baselines(rows: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the most accurate baseline of each place, of those in a summary.

    One that others have pre-trained on text of their own is in another league, and not among them.

    Returns
    -------
    pandas.DataFrame
        With ``baseline`` and ``baseline_accuracy``; empty and NaN where there is none.
    """
    # A run without baselines has a summary without types.
    baselines = summary[summary["model"] == BASELINE].astype({"accuracy": float})
    baselines = baselines[~baselines["strategy"].map(is_pretrained).astype(bool)]
    names, accuracies = [], []
    for place in zip(*(rows[name] for name in _OF_BASELINE), strict=True):
        here = baselines
        for name, value in zip(_OF_BASELINE, place, strict=True):
            here = here[here[name] == value]
        best = here.nlargest(1, "accuracy")
        names.append("".join(best["strategy"]))
        accuracies.append(best["accuracy"].iloc[0] if len(best) else math.nan)
    return rows.assign(baseline=names, baseline_accuracy=accuracies)


def sure_text(row: cells.Row, beside: bool = False) -> str:
    """Return in words how sure the gain of a row is; of the simplest, beside it the next best."""
    if row["verdict"] == "inconclusive" and (row["gain_low"] > 0 or row["gain_high"] < 0):
        # Zero lies outside, but with so many comparisons some interval would.
        return "not sure (Holm)"
    if row["verdict"] == "better" and row["gain_low"] < EQUIVALENCE:
        return SMALL
    if beside and row["is_simplest"] and row["next"]:
        return f"nothing better found; next best {next_text(row)}"
    return SURE.get(row["verdict"], "nothing better found" if row["is_simplest"] else UNKNOWN)


def gain_text(row: cells.Row, named: bool = False) -> str:
    """Return the gain of a row over the simplest, which is named where rows differ in it."""
    if row["is_simplest"]:
        return "it is the simplest"
    shown = _told(row, "gain") or UNKNOWN
    return cells.number(lambda _: f"{shown} ({row['simplest']})", row["gain"]) if named else shown


def passes_text(row: cells.Row) -> str:
    """Return how often each corpus is gone through, which sorts by the passes of D.

    Examples
    --------
    >>> passes_text({"generic_passes": 10.0, "domain_passes": 40.0})
    '10 G + 40 D'
    >>> passes_text({"generic_passes": 0.0, "domain_passes": 20.0})
    '20 D'
    """
    counts = {"G": row["generic_passes"], "D": row["domain_passes"]}
    said = " + ".join(f"{n:.3g} {name}" for name, n in counts.items() if n > 0)
    return cells.number(lambda _: said, row["domain_passes"])


def cheaper_text(row: cells.Row) -> str:
    """Return the cheapest within noise of what is trained, with points and words against that."""
    if row["cheaper_tried"] and row["seeds"] < MIN_SEEDS:
        return UNKNOWN
    if not row["cheaper"]:
        return "none" if row["cheaper_tried"] else "it is the cheapest"
    less = share_text(1 - row["cheaper_cost"])
    return f"{row['cheaper']} ({points(row['cheaper_difference'])}, -{less})"


def next_text(row: cells.Row) -> str:
    """Return the best alternative, with its difference from what is trained.

    Examples
    --------
    >>> ends = {"next_difference_low": -0.013, "next_difference_high": 0.004}
    >>> row = {"next": "reverse(4), linear", "next_difference": -0.005, **ends}
    >>> next_text({**row, "seeds": 3})
    'reverse(4), linear: -0.5 [-1.3, +0.4]'
    >>> next_text({**row, "seeds": 2})
    'reverse(4), linear: -0.5'
    """
    return f"{row['next']}: {_told(row, 'next_difference')}"


def _told(row: cells.Row, name: str) -> str:
    """Return a difference, with its interval where seeds are enough for one."""
    # An interval of two seeds would reach beyond all that is possible.
    few = {f"{name}_{end}": math.nan for end in ("low", "high")} if row["seeds"] < MIN_SEEDS else {}
    return cells.intervals(name, f"{name}_")({**row, **few})
