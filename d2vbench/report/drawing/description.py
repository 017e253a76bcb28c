"""What a figure shows, in words with numbers, for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.variants import REFERENCE
from d2vbench.report.document.titles import labels_title, model_title, pair_title
from d2vbench.report.drawing.canvas import signed

# More panels than these are counted, and those after them left to the table.
_PANELS = 8


def describe_figure(drawn: pd.DataFrame) -> str:
    """Describe a figure from the numbers that it shows.

    Parameters
    ----------
    drawn : pandas.DataFrame
        From a function that draws a figure of a run or a plan; ``drawn.attrs["figure"]`` says
        which kind it is.

    Returns
    -------
    str
        A few plain sentences: the kind of figure, what is best and worst and by how much. Empty
        for a kind that is not known, or without a number.
    """
    say = _KINDS.get(str(drawn.attrs.get("figure", "")))
    return say(drawn) if say and len(drawn) else ""


def _several(panels: list[str], what: str) -> str:
    """Join what is said of each panel; the rest is counted."""
    left = len(panels) - _PANELS
    more = f" {left} more {what}{'s' * (left != 1)} in the table." if left > 0 else ""
    return " ".join(panels[:_PANELS]) + more


def _number(value: float, low: float, high: float, form: Callable[[float], str]) -> str:
    if pd.isna(low) or pd.isna(high):
        return form(value)
    return f"{form(value)} [{form(low)}, {form(high)}]"


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[Any] = rows.to_dict("records")
    return records


def _extremes(rows: pd.DataFrame, column: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows with the largest and the smallest number, the first of equals."""
    ordered = rows.dropna(subset=[column]).sort_values(column, kind="stable", ascending=False)
    records = _records(ordered)
    least = next(row for row in records if row[column] == records[-1][column])
    return records[0], least


def _percent(value: float) -> str:
    return f"{value:.1f}"


def _dots(drawn: pd.DataFrame) -> str:
    measures = set(drawn["measure"])
    panels = []
    for place, group in drawn.groupby(["pair", "fraction", "model", "labels"], sort=False):
        pair, fraction, model, labels = place
        name = (
            f"{pair_title(str(pair), float(str(fraction)))}, {model_title(str(model))}, "
            f"{labels_title(str(labels))}"
        )
        accuracy = group[group["measure"] == "accuracy"]
        difference = group[group["measure"] == "difference"]
        if len(accuracy):
            best, worst = _extremes(accuracy, "x")
            panels.append(
                f"{name}: best is {best['variant']} with "
                f"{_number(best['x'], best['low'], best['high'], _percent)} per cent, "
                f"worst {worst['variant']} with "
                f"{_number(worst['x'], worst['low'], worst['high'], _percent)}."
            )
        else:
            others = difference[difference["verdict"] != "reference"]
            if len(others):
                best, worst = _extremes(others, "x")
                panels.append(
                    f"{name}: from {_worded(best)} to {_worded(worst)}; {_verdicts(difference)}."
                )
    count = drawn["variant"].nunique()
    variants = f"{count} variant{'s' * (count != 1)}"
    if "accuracy" in measures:
        beside = f", beside it the paired difference from {REFERENCE}" * ("difference" in measures)
        what = f"Accuracy of {variants} in per cent with 95 % intervals{beside}."
    else:
        what = (
            f"Paired difference in accuracy of {variants} from {REFERENCE}, in points with 95 % "
            "intervals."
        )
    return f"{what} {_several(panels, 'panel')}"


def _worded(row: Mapping[str, Any]) -> str:
    return f"{row['variant']} with {_number(row['x'], row['low'], row['high'], signed)}"


def _verdicts(rows: pd.DataFrame) -> str:
    counts = rows.loc[rows["verdict"] != "reference", "verdict"].value_counts(sort=False)
    return ", ".join(f"{n} {verdict}" for verdict, n in counts.items())


def _overview(drawn: pd.DataFrame) -> str:
    means = drawn[drawn["pair"] == ""].sort_values("x", ascending=False, kind="stable")
    pairs = list(dict.fromkeys(drawn.loc[drawn["pair"] != "", "pair"]))
    texts = [_worded(row) for row in _records(means)]
    interval = " with 95 % intervals over pairs" if means["low"].notna().any() else ""
    return (
        f"Difference in accuracy from {REFERENCE}, in points, on {', '.join(pairs)}; means over "
        f"pairs{interval}: {'; '.join(texts)}."
    )


def _curves(drawn: pd.DataFrame) -> str:
    named = drawn.attrs.get("named", {})
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        lines = []
        for variant, points in group.groupby("variant", sort=False):
            ends = points.sort_values("x").iloc[[0, -1]]
            first, last = (named.get(str(x), f"{x:g}") for x in ends["x"])
            y = ends["y"].tolist()
            lines.append(f"{variant} from {y[0]:.1f} at {first} to {y[1]:.1f} at {last}")
        panels.append(f"{str(panel).replace(chr(10), ', ')}: {'; '.join(lines)}.")
    return (
        f"Accuracy in per cent over {drawn.attrs.get('x', 'a dial')}, a line a variant with 95 % "
        f"intervals. {_several(panels, 'panel')}"
    )


def _heat_map(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        best, worst = _extremes(group, "difference")
        panels.append(
            f"{str(panel).replace(chr(10), ', ')}: from {signed(worst['difference'])} with "
            f"{_field(worst)} to {signed(best['difference'])} with {_field(best)}; "
            f"{int((group['verdict'] == 'better').sum())} of {len(group)} fields better, "
            f"{int((group['verdict'] == 'worse').sum())} worse beyond noise."
        )
    return (
        f"Difference in accuracy of sequential(k) from {REFERENCE}, in points, by the alpha that "
        f"the follow-up starts with, its length k, and other schedules. {_several(panels, 'panel')}"
    )


def _field(row: Mapping[str, Any]) -> str:
    schedule = row["schedule"] or f"alpha {row['alpha']:g}"
    return f"{schedule} and k = {int(row['k'])}"


def _drift(drawn: pd.DataFrame) -> str:
    kinds = {"outputs": "output vectors", "words": "word vectors"}
    words = {"domain": "words in D", "absent": "words absent from D"}
    panels = []
    for (panel, kind), group in drawn.groupby(["panel", "kind"], sort=False):
        parts = []
        for name, some in group.groupby("words", sort=False):
            _, least = _extremes(some, "cosine")
            ways = ", ".join(
                f"{way} {some.loc[some['way'] == way, 'cosine'].min():.2f} to "
                f"{some.loc[some['way'] == way, 'cosine'].max():.2f}"
                for way in dict.fromkeys(some["way"])
            )
            parts.append(f"{words[str(name)]} {ways}, lowest {least['variant']}")
        panels.append(f"{panel}, {kinds[str(kind)]}: {'; '.join(parts)}.")
    return (
        "Mean cosine of vectors with what they were before the follow-up, as they are (raw) and "
        f"after alignment. {_several(panels, 'panel')}"
    )


def _forgetting(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        points = "; ".join(
            f"{row['variant']} gains {signed(row['gain'])} and changes "
            f"{_number(row['change'], row['change_low'], row['change_high'], signed)}"
            for row in _records(group)
        )
        panels.append(
            f"{str(panel).replace(chr(10), ', ')}, against {group['against'].iloc[0]}: {points}."
        )
    return (
        "Gain in accuracy on the domain against the change of accuracy on the generic corpus, both "
        f"in points, a point a follow-up. {_several(panels, 'panel')}"
    )


def _ranks(drawn: pd.DataFrame) -> str:
    ranks = "; ".join(
        f"{name} {rank:.2f}" for name, rank in zip(drawn["strategy"], drawn["rank"], strict=True)
    )
    numbers = sorted({int(c) for text in drawn["cliques"] for c in str(text).split()})
    cliques = []
    for number in numbers:
        members = [
            name
            for name, text in zip(drawn["strategy"], drawn["cliques"], strict=True)
            if str(number) in str(text).split()
        ]
        cliques.append(f"{members[0]} to {members[-1]}")
    apart = f" Not told apart: {'; '.join(cliques)}." if cliques else ""
    pairs = drawn.attrs.get("pairs")
    over = f" over {pairs} pairs" if pairs else ""
    return f"Average ranks of accuracy{over}, 1 is best: {ranks}.{apart}"


def _plan(drawn: pd.DataFrame) -> str:
    models = []
    several = drawn["model"].nunique() > 1
    for model, group in drawn.groupby("model", sort=False):
        phases = []
        for phase, stretches in group.groupby("phase", sort=False):
            words = stretches["end"] - stretches["begin"]
            share = 100 * float((stretches["domain"] * words).sum()) / max(float(words.sum()), 1.0)
            phases.append(
                f"{phase}, {words.sum() / 1e6:.2f} million words, {share:.0f} % of them from D, "
                f"alpha from {stretches['alpha_start'].iloc[0]:.4g} to "
                f"{stretches['alpha_end'].iloc[-1]:.4g}"
            )
        name = f"Model {int(str(model)) + 1}: " if several else ""
        models.append(f"{name}{'; '.join(phases)}.")
    return f"Share of words and learning rate over training. {' '.join(models)}"


def _inference(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        rows = _records(group)
        said = [
            f"{row['variant']} {_percent(row['pinned'])}"
            + ("" if pd.isna(row["chosen"]) else f", chosen {_percent(row['chosen'])}")
            + f", band {_percent(row['low'])} to {_percent(row['high'])}"
            for row in rows
        ]
        panels.append(f"{panel}: {'; '.join(said)}.")
    return (
        "Accuracy in per cent with inference pinned, with that which cross-validation chose, and "
        f"the band over the grid. {_several(panels, 'panel')}"
    )


def _exposure(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        points = group[group["strategy"] != "curve"]
        best, worst = _extremes(points, "accuracy")
        panels.append(
            f"{str(panel).replace(chr(10), ', ')}: {len(points)} variants, of whose variance the "
            f"curve explains {100 * group['r2'].iloc[0]:.0f} %, or "
            f"{100 * group['r2_across'].iloc[0]:.0f} % of strategies left out; best "
            f"{best['variant']} with {_percent(best['accuracy'])} at {best['area']:.2g}, worst "
            f"{worst['variant']} with {_percent(worst['accuracy'])} at {worst['area']:.2g}."
        )
    return (
        "Accuracy in per cent over the area of D, a point a variant, with a curve through all. "
        f"{_several(panels, 'panel')}"
    )


def _frontier(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        points = group[group["words"].notna()]
        best, _ = _extremes(points, "accuracy")
        cheapest = _records(points.sort_values("words", kind="stable"))[0]
        said = ", ".join(
            f"{row['strategy']} {_number(row['accuracy'], row['low'], row['high'], _percent)}"
            for row in _records(group[group["words"].isna()])
        )
        panels.append(
            f"{str(panel).replace(chr(10), ', ')}: {points['strategy'].nunique()} strategies, from "
            f"{cheapest['words']:.3g} million words with {_percent(cheapest['accuracy'])} by "
            f"{cheapest['strategy']}; best {best['variant']} with "
            f"{_number(best['accuracy'], best['low'], best['high'], _percent)} for "
            f"{best['words']:.3g} million words; {int(points['front'].sum())} points on the Pareto "
            f"front{'; lines: ' + said if said else ''}."
        )
    return (
        "Accuracy in per cent over the words that a budget pays for, a curve a strategy. "
        f"{_several(panels, 'panel')}"
    )


def _costs(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        said = []
        for kind, some in group.groupby("kind", sort=False):
            best, _ = _extremes(some, "accuracy")
            what = _number(best["accuracy"], best["low"], best["high"], _percent)
            said.append(f"{kind}: at best {what}, {best['variant']}, in {best['seconds']:,.3g} s")
        panels.append(f"{panel}: {'; '.join(said)}.")
    return (
        "Accuracy in per cent over seconds of one core, by kind of model. "
        f"{_several(panels, 'panel')}"
    )


def _crossing(drawn: pd.DataFrame) -> str:
    ratios = drawn[drawn["measure"] == "ratio"]
    most, least = _extremes(drawn[drawn["measure"] == "divergence"], "value")
    return (
        f"Six panels over {len(ratios)} pairs of {ratios['generic'].nunique()} generic corpora and "
        f"{ratios['domain'].nunique()} domains. The sides differ most in "
        f"{most['generic']}-{most['domain']} ({most['value']:.2f} bits) and least in "
        f"{least['generic']}-{least['domain']} ({least['value']:.2f} bits)."
    )


def _moderators(drawn: pd.DataFrame) -> str:
    panels = []
    for panel, group in drawn.groupby("panel", sort=False):
        most, least = _extremes(group, "difference")
        panels.append(
            f"{panel}: {most['difference']:+.1f} at {most['x']:.3g} ({most['pair']}), "
            f"{least['difference']:+.1f} at {least['x']:.3g} ({least['pair']}); rank correlation "
            f"{group['x'].corr(group['difference'], method='spearman'):+.2f}."
        )
    return (
        f"What generic text is worth in percentage points, over {drawn['pair'].nunique()} pairs of "
        f"{drawn['domain'].nunique()} domains. {_several(panels, 'panel')}"
    )


_KINDS: dict[str, Callable[[pd.DataFrame], str]] = {
    "dots": _dots,
    "overview": _overview,
    "curves": _curves,
    "heat-map": _heat_map,
    "drift": _drift,
    "forgetting": _forgetting,
    "ranks": _ranks,
    "inference": _inference,
    "exposure": _exposure,
    "frontier": _frontier,
    "plan": _plan,
    "costs": _costs,
    "crossing": _crossing,
    "moderators": _moderators,
}
