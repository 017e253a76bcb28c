"""Figures of single studies: curves over a dial, and the heat map of follow-up schedules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from d2vbench.analysis.frame import BASELINE
from d2vbench.analysis.summary import GROUP, REFERENCE, VARIANT, variant_title
from d2vbench.report.style import STYLE
from d2vbench.report.titles import COLOURS, OTHER_COLOUR, labels_title, model_title, pair_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FOLLOW_UP = re.compile(r"follow-up\(([^)]*)\)")
_DIAL = re.compile(r"synthetic(?:-(\d+))?")
# The dial of the pair that has no number in its name.
_PLAIN_DIAL = 25


def dial_of(pair: str) -> float | None:
    """Return the share of shifted senses of a synthetic pair, in per cent; None for another pair.

    Examples
    --------
    >>> dial_of("synthetic-75"), dial_of("synthetic"), dial_of("docstrings-scipy")
    (75.0, 25.0, None)
    """
    match = _DIAL.fullmatch(pair)
    return float(match[1] or _PLAIN_DIAL) if match else None


def share_curves(summary: pd.DataFrame, heading: str) -> tuple[Figure, pd.DataFrame]:
    """Draw accuracy over the share of D that there is, one panel a pair, model and label budget.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, of cells at several shares.
    heading : str
        Of the figure.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The share is on a logarithmic axis.
    drawn : pandas.DataFrame
        One row a point: ``panel``, ``variant``, ``x``, ``y``, ``low``, ``high``, in per cent.
    """
    rows = summary[summary["model"] != BASELINE]
    panels = rows["pair"] + "\n" + _model_and_labels(rows)
    rows = rows.assign(panel=panels, x=100 * rows["fraction"])
    return _curves(rows, heading, "share of the domain corpus that there is (%)", log=True)


def shift_curves(summary: pd.DataFrame, heading: str) -> tuple[Figure, pd.DataFrame]:
    """Draw accuracy over the dial of the synthetic pairs; see `share_curves`."""
    rows = summary[(summary["model"] != BASELINE) & summary["pair"].map(dial_of).notna()]
    rows = rows.assign(panel=_model_and_labels(rows), x=rows["pair"].map(dial_of))
    return _curves(rows, heading, "words with another sense in the generic corpus (%)", log=False)


def label_curves(summary: pd.DataFrame, heading: str) -> tuple[Figure, pd.DataFrame]:
    """Draw accuracy over the number of labelled documents a class; see `share_curves`.

    The whole of the labels stands at the right, where the axis has no number.
    """
    rows = summary[summary["model"] != BASELINE]
    most = 2 * max((float(b) for b in rows["labels"] if b != "all"), default=1.0)
    panel = [
        f"{pair_title(pair, fraction)}\n{model_title(model)}"
        for pair, fraction, model in rows[GROUP].to_numpy().tolist()
    ]
    x = [most if b == "all" else float(b) for b in rows["labels"]]
    named = {most: "all"}
    rows = rows.assign(panel=panel, x=x)
    return _curves(rows, heading, "labelled documents a class", log=True, named=named)


def _model_and_labels(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["model"].map(model_title) + ", " + rows["labels"].map(labels_title)


def _curves(
    rows: pd.DataFrame,
    heading: str,
    xlabel: str,
    log: bool,
    named: Mapping[float, str] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = list(dict.fromkeys(rows["panel"]))
    drawn: list[dict[str, Any]] = []
    with mpl.rc_context({**STYLE, "axes.grid.axis": "y"}):
        figure = Figure(figsize=(max(4.6 * len(panels), 7.0), 4.4), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels,
                               strict=True):  # fmt: skip
            mine = rows[rows["panel"] == panel]
            ends = []
            for variant, points in mine.groupby(VARIANT, sort=False):
                points = points.sort_values("x")
                colour = COLOURS.get(str(variant[0]), OTHER_COLOUR)
                y, low, high = (
                    100 * points[name] for name in ("accuracy", "accuracy_low", "accuracy_high")
                )
                axes.fill_between(points["x"], low, high, color=colour, alpha=0.12, lw=0)
                axes.plot(points["x"], y, "o-", color=colour, ms=4, lw=1.6)
                name = variant_title(*map(str, variant))
                ends.append((float(y.iloc[-1]), name, colour))
                drawn += [
                    {"panel": panel, "variant": name, "x": a, "y": b, "low": c, "high": d}
                    for a, b, c, d in zip(points["x"], y, low, high, strict=True)
                ]
            if log:
                axes.set_xscale("log")
                ticks = sorted(set(mine["x"]))
                axes.set_xticks(ticks, [(named or {}).get(x, f"{x:g}") for x in ticks])
                axes.minorticks_off()
            _label_ends(axes, ends, float(mine["x"].max()))
            axes.set_title(panel, loc="left", fontsize=9.5, fontweight="bold")
            axes.set_xlabel(xlabel)
            axes.set_ylabel("accuracy (%)")
        figure.suptitle(heading, x=0.01, ha="left", fontsize=11)
    return figure, pd.DataFrame(drawn)


def _label_ends(axes: Any, ends: list[tuple[float, str, str]], x: float) -> None:
    """Name each line at its right end, names apart enough to be read."""
    low, high = axes.get_ylim()
    step = 0.062 * (high - low)
    place = -float("inf")
    for y, name, colour in sorted(ends):
        place = max(y, place + step)
        axes.annotate(
            name, (x, y), xytext=(1.02, (place - low) / (high - low)),
            textcoords="axes fraction", color=colour, fontsize=8, va="center",
            annotation_clip=False,
        )  # fmt: skip


def schedules_heat_map(summary: pd.DataFrame, heading: str) -> tuple[Figure, pd.DataFrame]:
    """Draw what follow-ups gain or lose against `combined`, by start alpha and length.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, with ``sequential(k)`` under ``follow-up(a)`` and a `combined`.
    heading : str
        Of the figure.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair, share of D, model and label budget; the number in a field is the
        paired difference in percentage points, bold where the verdict is better or worse.
    drawn : pandas.DataFrame
        One row a field: ``panel``, ``alpha``, ``k``, ``difference`` (points), ``verdict``.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    start = summary["schedule"].str.extract(_FOLLOW_UP, expand=False)
    rows = summary[start.notna() & (summary["strategy"] == "sequential")]
    rows = rows.assign(
        start_alpha=start[rows.index].astype(float),
        passes=rows["k"].astype(int),
        points=100 * rows["difference"],
        panel=[
            f"{pair_title(pair, fraction)}\n{model_title(model)}, {labels_title(labels)}"
            for pair, fraction, model, labels in rows[[*GROUP, "labels"]].to_numpy().tolist()
        ],
    )
    panels = list(dict.fromkeys(rows["panel"]))
    bound = max(float(rows["points"].abs().max()), 1.0)
    with mpl.rc_context({**STYLE, "axes.grid": False}):
        figure = Figure(figsize=(max(4.4 * len(panels), 7.0), 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels,
                               strict=True):  # fmt: skip
            mine = rows[rows["panel"] == panel]
            table = mine.pivot_table(index="passes", columns="start_alpha", values="points")
            # Blue for gains, orange for losses: told apart by colour-blind readers, and by sign.
            axes.imshow(table, cmap="PuOr", vmin=-bound, vmax=bound, aspect="auto", origin="lower")
            for i, k in enumerate(table.index):
                for j, alpha in enumerate(table.columns):
                    field = mine[(mine["passes"] == k) & (mine["start_alpha"] == alpha)]
                    if field.empty:
                        continue
                    value = float(field["points"].iloc[0])
                    sure = field["verdict"].iloc[0] in ("better", "worse")
                    axes.text(
                        j, i, f"{value:+.1f}", ha="center", va="center", fontsize=9,
                        fontweight="bold" if sure else "normal",
                        color="white" if abs(value) > 0.6 * bound else "black",
                    )  # fmt: skip
            axes.set_xticks(range(len(table.columns)), [f"{a:g}" for a in table.columns])
            axes.set_yticks(range(len(table.index)), [f"{k}" for k in table.index])
            axes.set_xlabel("alpha at the start of the follow-up")
            axes.set_ylabel("k: passes over D for each over G")
            axes.set_title(panel, loc="left", fontsize=9, fontweight="bold")
        figure.suptitle(
            f"{heading}\nsequential(k) minus {REFERENCE}, percentage points; bold: better or worse "
            "beyond noise", x=0.01, ha="left", fontsize=10.5,
        )  # fmt: skip
    names = {"start_alpha": "alpha", "passes": "k", "points": "difference"}
    drawn = rows.drop(columns=["alpha", "k", "difference"], errors="ignore").rename(columns=names)
    return figure, drawn[["panel", "alpha", "k", "difference", "verdict"]].reset_index(drop=True)
