"""Accuracy over seconds: models of words, encoders, and what stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.studies.costs import Cost, Kind
from d2vbench.report.document.titles import labels_title, model_title, pair_title
from d2vbench.report.drawing.canvas import KeyItem
from d2vbench.report.drawing.looks import look_of
from d2vbench.report.drawing.marks import interval_words, note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.rows import spread_limits
from d2vbench.report.drawing.style import Drawn, drawing
from d2vbench.report.figures.exposure import set_log_axes

# Of Okabe and Ito (2008): here a colour is a kind of model, and a marker what it was trained on.
_COLOURS: Mapping[str, str] = {
    Kind.WORDS: "#0072B2",
    Kind.SCRATCH: "#D55E00",
    Kind.FURTHER: "#E69F00",
    Kind.TAKEN: "#009E73",
    Kind.NONE: "#5F5F5F",
    Kind.OTHER: "#CC79A7",
}
_BASELINES: Sequence[Any] = ("*", "P", "X", "h", "d", "v", "8")
_NEUTRAL = "#222222"
# A kind of more models is not spelt out in the key.
_FEW = 2


def cost_points(found: Sequence[Cost]) -> pd.DataFrame:
    """Return what the figure shows.

    Parameters
    ----------
    found : sequence of Cost
        From `costs`.

    Returns
    -------
    pandas.DataFrame
        One row a variant: ``panel``, ``kind``, ``model``, ``strategy``, ``variant``, ``line`` (rows
        that differ in a setting alone share one), ``seconds``, and ``accuracy``, ``low``, ``high``
        in [0, 1].
    """
    several = len({one.fraction for one in found}) > 1
    rows = []
    for one in found:
        pair = pair_title(one.pair, one.fraction if several else 1.0)
        rows.append({
            "panel": f"{pair}, {labels_title(one.labels)}", "kind": str(one.kind),
            "model": one.model, "strategy": one.variant.strategy, "variant": one.title,
            "line": f"{one.model} {one.variant._replace(setting='')}", "seconds": one.seconds,
            "accuracy": one.accuracy.estimate, "low": one.accuracy.low, "high": one.accuracy.high,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _named(kind: str, rows: pd.DataFrame) -> str:
    """Return a kind with its models, where they are few."""
    models = list(dict.fromkeys(rows.loc[rows["kind"] == kind, "model"].map(model_title)))
    return f"{kind}: {', '.join(models)}" if len(models) <= _FEW else kind


@drawing("costs", axes__grid__axis="y")
def costs_figure(points: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw accuracy over seconds of one core, a panel for each pair and label budget.

    Parameters
    ----------
    points : pandas.DataFrame
        From `cost_points`, at least one row.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Seconds are on a logarithmic axis. A point a variant: the colour says which kind of model it
        is, the marker its strategy. A line joins a variant and the same with other settings, such
        as more passes. Bars are 95 % intervals.
    drawn : pandas.DataFrame
        The points, accuracy in per cent.
    """
    names = ["accuracy", "low", "high"]
    rows = points.assign(**{name: 100 * points[name].astype(float) for name in names})
    titles = list(dict.fromkeys(rows["panel"]))
    trained = rows["model"] != BASELINE
    markers: dict[str, Any] = {
        name: look_of(name).marker for name in dict.fromkeys(rows.loc[trained, "strategy"])
    }
    beside = list(dict.fromkeys(rows.loc[~trained, "strategy"]))
    markers |= {name: _BASELINES[i % len(_BASELINES)] for i, name in enumerate(beside)}
    kinds = [str(kind) for kind in Kind if (rows.loc[trained, "kind"] == str(kind)).any()]
    key = [KeyItem(_named(kind, rows), {"facecolor": _COLOURS[kind]}, patch=True) for kind in kinds]
    key += [KeyItem(name, {"color": _NEUTRAL, "marker": markers[name], "ls": "", "ms": 4.5})
            for name in markers if name not in beside]  # fmt: skip
    of = dict(zip(rows["strategy"], rows["kind"], strict=True))
    key += [KeyItem(name, {"color": _COLOURS[of[name]], "marker": markers[name], "ls": "", "ms": 5})
            for name in beside]  # fmt: skip
    sheet, panels = lay_panels(
        titles, columns=columns, across=min(len(titles), columns), height=1.9,
        room=Room(left=0.34, right=0.08), key=key, xlabel="seconds of one core, reading to labels",
        ylabel="accuracy (%)",
    )  # fmt: skip
    ends = rows["seconds"].min() / 1.4, rows["seconds"].max() * 1.4
    for axes, title in zip(panels, titles, strict=True):
        mine = rows[rows["panel"] == title]
        set_log_axes(axes, ends, spread_limits(mine[names].to_numpy(float).ravel()))
        for _, some in mine.groupby("line", sort=False):
            some = some.sort_values("seconds")
            colour = _COLOURS[some["kind"].iloc[0]]
            axes.vlines(some["seconds"], some["low"], some["high"], color=colour, lw=0.7, alpha=0.7)
            axes.plot(
                some["seconds"], some["accuracy"], color=colour, lw=0.8, alpha=0.9, ms=4.5,
                marker=markers[some["strategy"].iloc[0]], mew=0.4, zorder=3, clip_on=False,
            )  # fmt: skip
            row: Any
            for row in some.itertuples():
                model = "" if row.model == BASELINE else f"{model_title(row.model)}, "
                what = interval_words(row.accuracy, row.low, row.high, "%")
                text = f"{model}{row.variant}: {what} in {row.seconds:,.3g} seconds; {row.panel}"
                span = (row.low, row.high)
                note_mark(axes, row.seconds, row.accuracy, text, row.strategy, span, upright=True)
    return sheet.figure, rows
