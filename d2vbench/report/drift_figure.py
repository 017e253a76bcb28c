"""Drift of vectors between the phases, before and after alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from d2vbench.analysis.variants import GROUP
from d2vbench.report.style import STYLE
from d2vbench.report.titles import group_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = {"outputs": "output vectors", "words": "word vectors"}
# Told apart by shape as well: colours may be lost.
_GROUPS = {"domain": ("words in D", "#0072B2", "o"), "absent": ("absent from D", "#D55E00", "D")}
_STEP = 0.2


def drift_figure(means: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw mean cosines of vectors before and after the follow-up.

    Parameters
    ----------
    means : pandas.DataFrame
        From `drift_means`, with columns ``drift_outputs_...`` or ``drift_words_...``.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row of panels for each pair and model, one for each kind of vector; in it a row a
        variant. Hollow is as they are, filled after Procrustes, and a line joins the two.
    drawn : pandas.DataFrame
        One row a point: ``panel``, ``kind``, ``variant``, ``words`` (domain, absent), ``way``
        (raw, aligned), ``cosine``.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    kinds = [k for k in _KINDS if any(str(c).startswith(f"drift_{k}_") for c in means)]
    groups = [(tuple(place), rows) for place, rows in means.groupby(GROUP, sort=False)]
    heights = [len(rows) for _, rows in groups]
    drawn: list[dict[str, Any]] = []
    with mpl.rc_context(STYLE):
        height = 1.2 + sum(0.4 * n + 0.8 for n in heights)
        figure = Figure(figsize=(max(3.0 + 3.4 * len(kinds), 7.6), height), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(
            len(groups), len(kinds), squeeze=False, sharex=True,
            gridspec_kw={"height_ratios": heights},
        )  # fmt: skip
        for i, ((pair, fraction, model), rows) in enumerate(groups):
            panel = group_title(str(pair), float(str(fraction)), str(model))
            named = False
            for axes, kind in zip(grid[i], kinds, strict=True):
                found = _panel(axes, rows, kind)
                if not found:
                    axes.set_axis_off()
                    continue
                drawn += [{"panel": panel, "kind": kind, **point} for point in found]
                axes.set_yticks(range(len(rows)), list(rows["variant"]) if not named else [])
                axes.set_ylim(len(rows) - 0.5, -0.5)
                axes.tick_params(axis="y", length=0)
                axes.tick_params(labelbottom=True)
                title = _KINDS[kind] if named else f"{panel}\n{_KINDS[kind]}"
                axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
                if i == len(groups) - 1:
                    axes.set_xlabel("mean cosine with what it was; 1 is not moved")
                named = True
        handles = [
            Line2D([], [], marker=marker, color=colour, lw=0, mfc=face, label=f"{name}, {way}")
            for name, colour, marker in _GROUPS.values()
            for face, way in (("white", "as they are"), (colour, "aligned"))
        ]
        figure.suptitle("What moved in the follow-up", x=0.01, ha="left", fontsize=11)
        figure.legend(
            handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=8.5
        )
    return figure, pd.DataFrame(drawn)


def _panel(axes: Any, rows: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
    drawn = []
    for y, (_, row) in enumerate(rows.iterrows()):
        for g, (group, (_, colour, marker)) in enumerate(_GROUPS.items()):
            place = y + (g - 0.5) * 2 * _STEP
            found = {way: row.get(f"drift_{kind}_{group}_{way}") for way in ("raw", "aligned")}
            there = {way: float(v) for way, v in found.items() if v is not None and pd.notna(v)}
            if len(there) == 2:
                axes.plot(list(there.values()), [place, place], color=colour, lw=1.2, zorder=1)
            for way, value in there.items():
                axes.plot(
                    [value], [place], marker, color=colour, ms=5, mew=1.2, zorder=2,
                    mfc="white" if way == "raw" else colour,
                )  # fmt: skip
                drawn.append({"variant": row["variant"], "words": group, "way": way,
                              "cosine": value})  # fmt: skip
    return drawn
