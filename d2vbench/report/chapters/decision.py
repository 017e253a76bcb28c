"""What is seen first: a figure, and for each pair what to train, its gain, its cost, how sure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from d2vbench.analysis import Interval, Recommendation
from d2vbench.analysis.claims.evidence import ALL, FEW
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.scores import holm
from d2vbench.analysis.contrasts.variants import REFERENCE, variant_columns, variant_title
from d2vbench.analysis.statistics.verdicts import verdict
from d2vbench.analysis.studies.frontier import PLAIN, Choice, Reached
from d2vbench.report.chapters.comparison import Over
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import counted, share_text
from d2vbench.report.document.structure import Chapter, FigureBlock, TableBlock
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.drawing.dot_plots import by_effect, strategies_figure, with_titles
from d2vbench.report.figures.frontier import frontier_figure, frontier_points
from d2vbench.report.figures.overview import has_overview, overview_figure, pairs_of

QUESTION = (
    "Which way of training on a generic (G) and a domain corpus (D) classifies the domain's "
    "documents best, and at what cost?"
)
# Of the first figure: as many as fit beside the table on a screen.
_ROWS, _PANELS = 7, 6
#: What a verdict says to one who decides.
SURE = {
    "better": "beyond noise",
    "worse": "worse, beyond noise",
    "equivalent": "practically equal",
    "inconclusive": "may be noise",
    "too few seeds": "two seeds: too few",
    "no interval": "one seed: not known",
}
# A baseline has no model.
_OF_BASELINE = ("pair", "fraction", "labels")
_HOLDS = "Verdicts hold for these pairs and settings: another corpus may differ."
_WITH = " + logistic regression"
_LESS = "as good: within 1 point in 95 % of resamples, and its share of the words; "
_NONE = Interval(math.nan, math.nan, math.nan, math.nan)


def decision_rows(found: Sequence[Recommendation]) -> pd.DataFrame:
    """Return a row a recommendation: what to train, its gain over the simplest, cost and verdict.

    Parameters
    ----------
    found : sequence of Recommendation
        Of any places.

    Returns
    -------
    pandas.DataFrame
        ``cost`` is in words of the simplest; the verdicts' p are adjusted by Holm's method over the
        rows. NaN and empty where the simplest was not run, and where it is the best itself.
    """
    gains = [_NONE if one.best is one.simplest else one.gain or _NONE for one in found]
    adjusted = holm([gain.p for gain in gains])
    rows = []
    for one, gain, p in zip(found, gains, adjusted, strict=True):
        plain, cheap = one.simplest, one.cheapest
        rows.append({
            **_place((one.pair, one.fraction, one.model, one.labels)), "train": one.best.title,
            "accuracy": one.best.accuracy.estimate, "simplest": plain.title if plain else "",
            "is_simplest": one.best is plain,
            **_interval(gain), "p_holm": p,
            "cost": one.best.words_trained / plain.words_trained if plain else math.nan,
            "verdict": "" if math.isnan(gain.estimate) else str(verdict(gain, p, one.seeds)),
            "cheapest": "" if cheap is one.best else cheap.title,
            "cheapest_cost": cheap.words_trained / one.best.words_trained,
            "seeds": one.seeds,
        })  # fmt: skip
    variants = variant_columns([one.best.variant for one in found])
    return pd.concat([pd.DataFrame(rows), variants], axis=1)


def frontier_rows(chosen: Sequence[Choice]) -> pd.DataFrame:
    """Return the same of the largest budget of each place, from the study `frontier`."""
    largest = {one.best.place: one for one in sorted(chosen, key=lambda one: one.best.passes)}
    rows = []
    for place, one in largest.items():
        alone = one.best.strategy == PLAIN or one.plain is None
        gain = _NONE if alone or one.gain is None else one.gain
        cost = one.best.best.cost / one.plain.best.cost if one.plain else math.nan
        rows.append({
            **_place(place), "train": variant_title(one.best.best.variant),
            "accuracy": one.best.best.stack.resampled.interval().estimate,
            "simplest": one.plain.strategy if one.plain else "",
            "is_simplest": one.best.strategy == PLAIN, **_interval(gain),
            "p_holm": math.nan, "cost": cost, "verdict": "" if alone else one.verdict,
            "cheapest": "", "cheapest_cost": math.nan, "seeds": len(one.best.best.stack.seeds),
        })  # fmt: skip
    variants = variant_columns([one.best.best.variant for one in largest.values()])
    return pd.concat([pd.DataFrame(rows), variants], axis=1)


def with_baselines(rows: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the most accurate baseline of each place, of those in a summary.

    Returns
    -------
    pandas.DataFrame
        With ``baseline`` and ``baseline_accuracy``; empty and NaN where there is none.
    """
    baselines = summary[summary["model"] == BASELINE]
    names, accuracies = [], []
    for place in zip(*(rows[name] for name in _OF_BASELINE), strict=True):
        here = baselines
        for name, value in zip(_OF_BASELINE, place, strict=True):
            here = here[here[name] == value]
        best = here.nlargest(1, "accuracy")
        names.append("".join(best["strategy"]))
        accuracies.append(best["accuracy"].iloc[0] if len(best) else math.nan)
    return rows.assign(baseline=names, baseline_accuracy=accuracies)


def shown_first(found: Sequence[Recommendation]) -> list[Recommendation]:
    """Return the recommendations that the first table has room for: of one model, two budgets."""
    kept = _budgets(one.labels for one in found)
    return [one for one in found if one.model == found[0].model and one.labels in kept]


def _budgets(labels: Iterable[str]) -> list[str]:
    there = list(dict.fromkeys(labels))
    return [name for name in (ALL, FEW) if name in there] or there[:2]


def _place(place: tuple[str, float, str, str]) -> dict[str, Any]:
    return dict(zip(("pair", "fraction", "model", "labels"), place, strict=True))


def _interval(gain: Interval) -> dict[str, float]:
    return {"gain": gain.estimate, "gain_low": gain.low, "gain_high": gain.high, "p": gain.p}


def decision_table(rows: pd.DataFrame, settings: str) -> TableBlock:
    """Lay the rows of `with_baselines` out, those of the first model."""
    model = rows["model"].iloc[0]
    kept = _budgets(rows["labels"])
    mine = rows[(rows["model"] == model) & rows["labels"].isin(kept)].reset_index(drop=True)
    simplest = [name for name in dict.fromkeys(mine["simplest"]) if name]
    against = simplest[0] if len(simplest) == 1 else "the simplest"
    columns: dict[str, str | cells.Show] = {
        "pair": cells.pair,
        "labels": lambda row: labels_title(row["labels"]).replace(" labels", ""),
        "train": "train",
        f"gains over {against}": partial(_gain, named=len(simplest) > 1),
        "words": cells.numbers("cost", "{:.2g} x".format),
        "how sure": sure_text,
    }
    compared = [name.removesuffix(_WITH) for name in dict.fromkeys(mine["baseline"]) if name]
    if compared:
        columns["baseline"] = _baseline
    cheaper = bool((mine["cheapest"] != "").any())
    if cheaper:
        columns["as good for less"] = _cheapest
    if mine["labels"].nunique() == 1:
        columns.pop("labels")
    seeds = sorted(set(mine["seeds"]))
    of = counted(seeds[0], "seed") if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds"
    return table(
        "decision", f"What to train ({model_title(model)})", mine, columns,
        caption=f"Gains in points of accuracy [95 %], {of}; words trained as a multiple of "
        f"{against}'s; {_LESS * cheaper}how sure: after Holm's adjustment for "
        f"{'all budgets of the frontier' if mine['p_holm'].isna().all() else 'the rows'}; where it "
        f"may be noise, the simplest may do. {_versus(compared)}{_HOLDS}",
        settings=settings,
    )  # fmt: skip


def sure_text(row: cells.Row) -> str:
    """Return in words how sure the gain of a row is."""
    if row["verdict"] == "inconclusive" and (row["gain_low"] > 0 or row["gain_high"] < 0):
        # Zero lies outside, but with so many comparisons some interval would.
        return "not sure (Holm)"
    return SURE.get(row["verdict"], "nothing better found" if row["is_simplest"] else "not known")


def _gain(row: cells.Row, named: bool) -> str:
    if row["is_simplest"]:
        return "it is the simplest"
    shown = cells.intervals("gain", "gain_")(row) or "not known"
    return cells.number(lambda _: f"{shown} ({row['simplest']})", row["gain"]) if named else shown


def _versus(baselines: Sequence[str]) -> str:
    if not baselines:
        return ""
    return (
        f"Baseline: points by which the best without Doc2Vec ({', '.join(baselines)}) is ahead "
        "of what is trained. "
    )


def _baseline(row: cells.Row) -> str:
    return cells.number("{:+.1f}".format, 100 * (row["baseline_accuracy"] - row["accuracy"]))


def _cheapest(row: cells.Row) -> str:
    if not row["cheapest"]:
        return "-"
    return f"{row['cheapest']} ({share_text(row['cheapest_cost'])})"


def first_chapter(
    rows: pd.DataFrame,
    summary: pd.DataFrame,
    reached: Sequence[Reached],
    settings: str,
    over: Over,
) -> Chapter | None:
    """Return what a page begins with.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `decision_rows` or `frontier_rows`.
    summary : pandas.DataFrame
        Of the main comparison.
    reached : sequence of Reached
        From the study `frontier`, where there is one.
    settings : str
        What the cells share, in a sentence.
    over : callable
        Returns the means over new corpora of a model and label budget.

    Returns
    -------
    Chapter or None
        None where nothing can be recommended.
    """
    if rows.empty:
        return None
    decision = decision_table(with_baselines(rows, summary), settings)
    figure = _frontier(reached, summary, settings) if reached else None
    figure = figure or _overview(decision, summary, settings, over)
    blocks = (decision, figure) if figure else (decision,)
    return Chapter("decision", "What to train", blocks)


def _frontier(
    reached: Sequence[Reached], summary: pd.DataFrame, settings: str
) -> FigureBlock | None:
    first = reached[0].place
    mine = [one for one in reached if one.place[2:] == first[2:]]
    places = list(dict.fromkeys(one.place for one in mine))[:_PANELS]
    points = frontier_points([one for one in mine if one.place in places],
                             summary[summary["model"] == BASELINE])  # fmt: skip
    return FigureBlock(
        "first", f"Accuracy over words trained, {model_title(first[2])}, {labels_title(first[3])}",
        partial(frontier_figure, points, across=3, height=0.95),
        "Each strategy at its best for a budget, chosen by cross-validation. Bars: 95 % intervals.",
        data=points, settings=settings,
    )  # fmt: skip


def _overview(
    decision: TableBlock, summary: pd.DataFrame, settings: str, over: Over
) -> FigureBlock | None:
    """Return the overview with the rows that a decision is about, or accuracies without one."""
    place = decision.data.iloc[0]
    rows = summary[(summary["model"] == place["model"]) & (summary["labels"] == place["labels"])]
    if rows.empty:
        return None
    titled = with_titles(rows)
    order = by_effect(titled)
    wanted = dict.fromkeys([*decision.data["train"], *decision.data["cheapest"], REFERENCE])
    ranked = [*(name for name in order if name in wanted), *order]
    kept = set(list(dict.fromkeys(ranked))[:_ROWS]) | {REFERENCE}
    mine = rows[titled["title"].isin(kept)]
    model, labels = str(place["model"]), str(place["labels"])
    where = f"{model_title(model)}, {labels_title(labels)}"
    if len(pairs_of(mine, model)) > 1 and has_overview(mine, model):
        return FigureBlock(
            "first", f"Gain over {REFERENCE} in points: {where}",
            lambda: overview_figure(mine, model=model, labels=labels, over=over(model, labels)),
            f"The variants of the table and the best others, of {len(order)}. Light: each pair; "
            "filled: their mean.",
            data=mine, settings=settings,
        )  # fmt: skip
    return FigureBlock(
        "first", f"Accuracy by strategy: {where}", lambda: strategies_figure(mine),
        f"The best of {len(order)} variants, mean over seeds. Bars: 95 % intervals.",
        data=mine, settings=settings,
    )  # fmt: skip
