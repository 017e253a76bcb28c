"""Why pairs differ: what generic text is worth over each property of a pair."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis.studies.moderators import PROPERTIES, Moderators
from d2vbench.report.document.phrases import points
from d2vbench.report.drawing.canvas import (
    KeyItem,
    round_ticks,
    set_y_ticks,
    signed_tick,
    tick_text,
)
from d2vbench.report.drawing.marks import note_mark
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.rows import spread_limits
from d2vbench.report.drawing.style import Drawn, drawing
from d2vbench.report.figures.exposure import set_log_axes

_HEIGHT = 1.5
# By domain: colours of Okabe and Ito (2008) and markers, so that no figure needs colour to be read.
_LOOKS = (
    ("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#000000", "v"),
    ("#E69F00", "P"), ("#56B4E9", "X"), ("#7F7F7F", "<"),
)  # fmt: skip
PREDICTED = "predicted"


def domain_titles(pairs: Sequence[str], domains: Sequence[str]) -> dict[str, str]:
    """Return what domains are called: what the names of all their pairs end in, where they do.

    Examples
    --------
    >>> domain_titles(["imdb-ag-news", "reuters-ag-news", "a-b"], ["x: 1", "x: 1", "y: 2"])
    {'x: 1': 'ag-news', 'y: 2': 'y'}
    """
    found = {}
    for domain in dict.fromkeys(domains):
        mine = [
            pair.split("-")[::-1] for pair, of in zip(pairs, domains, strict=True) if of == domain
        ]
        words = zip(*mine, strict=False) if len(mine) > 1 else ()
        ends = [some[0] for some in itertools.takewhile(lambda some: len({*some}) == 1, words)]
        found[domain] = "-".join(ends[::-1]) or domain.split(":")[0]
    return found


def moderator_points(one: Moderators) -> pd.DataFrame:
    """Return what the figure shows.

    Parameters
    ----------
    one : Moderators
        Of one model and label budget.

    Returns
    -------
    pandas.DataFrame
        A row for each pair and panel: ``pair``, ``domain``, ``panel``, ``property``, ``x``,
        ``difference``, ``low``, ``high``; the last three in [-1, 1], ends of 95 % by the sampling
        variance. A property that is a logarithm is shown as what it is of.
    """
    titles = domain_titles([p.pair for p in one.points], [p.domain for p in one.points])
    rows: list[dict[str, Any]] = []
    for point in one.points:
        reach = 1.96 * float(np.sqrt(point.variance))
        shown = {
            "pair": point.pair, "domain": titles[point.domain], "difference": point.difference,
            "low": point.difference - reach, "high": point.difference + reach,
        }  # fmt: skip
        for moderator in PROPERTIES:
            x = point.properties[moderator.name]
            rows.append({
                **shown, "panel": moderator.title, "property": moderator.name,
                "x": float(np.exp(x)) if moderator.logarithm else x,
            })  # fmt: skip
        said = f"{PREDICTED} from other corpora (points)"
        rows.append({**shown, "panel": said, "property": PREDICTED, "x": 100 * point.left_out})
    return pd.DataFrame(rows)


@drawing("moderators", axes__grid__axis="y")
def moderators_figure(rows: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw what generic text is worth over each property, a point a pair.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `moderator_points`.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel a property, and one of what the other pairs predict, where the line is that of equal
        numbers. Colour and marker say the domain.
    drawn : pandas.DataFrame
        The points, differences in percentage points.
    """
    inner = ["difference", "low", "high"]
    drawn = rows.dropna(subset=["x"]).assign(**{name: 100 * rows[name] for name in inner})
    panels = list(dict.fromkeys(drawn["panel"]))
    domains = list(dict.fromkeys(drawn["domain"]))
    looks = {name: _LOOKS[i % len(_LOOKS)] for i, name in enumerate(domains)}
    key = [
        KeyItem(name, {"color": colour, "marker": marker, "mfc": colour, "ms": 4.0})
        for name, (colour, marker) in looks.items()
    ]
    sheet, all_axes = lay_panels(
        panels, columns=columns, across=3 if columns == 2 else 2, height=_HEIGHT,
        room=Room(left=0.42, right=0.14), key=key, ylabel="gain (points)",
    )  # fmt: skip
    ys = spread_limits(drawn[["low", "high"]].to_numpy(float).ravel())
    logarithmic = {one.name for one in PROPERTIES if one.logarithm}
    for axes, panel in zip(all_axes, panels, strict=True):
        mine = drawn[drawn["panel"] == panel]
        name = str(mine["property"].iloc[0])
        if name in logarithmic:
            set_log_axes(axes, (mine["x"].min() / 1.2, mine["x"].max() * 1.2), ys)
        else:
            axes.set_xlim(*spread_limits(mine["x"]))
            ticks = round_ticks(mine["x"].min(), mine["x"].max(), 4)
            axes.set_xticks(ticks, [tick_text(tick) for tick in ticks])
            axes.set_ylim(*ys)
            axes.tick_params(axis="y", length=0)
        set_y_ticks(axes, 6, signed_tick)
        axes.axhline(0, color="#555555", lw=0.8, zorder=1)
        if name == PREDICTED:
            ends = [max(axes.get_xlim()[0], ys[0]), min(axes.get_xlim()[1], ys[1])]
            axes.plot(ends, ends, color="#555555", lw=0.8, ls=(0, (3, 2)), zorder=1)
        row: Any
        for row in mine.itertuples():
            colour, marker = looks[row.domain]
            axes.plot([row.x, row.x], [row.low, row.high], color=colour, lw=0.6, alpha=0.6)
            axes.plot(row.x, row.difference, color=colour, marker=marker, ms=3.2, mew=0.3, ls="")
            text = (
                f"{row.pair}: {points(row.difference / 100)} points "
                f"[{points(row.low / 100)}, {points(row.high / 100)}], {panel}: {row.x:.3g}"
            )
            note_mark(axes, row.x, row.difference, text, ends=(row.low, row.high), upright=True)
    return sheet.figure, drawn
