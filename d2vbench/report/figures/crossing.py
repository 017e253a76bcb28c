"""A crossing as a picture: what tells its pairs apart, a field for each pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.corpora.store.documents import shown
from d2vbench.report.drawing.canvas import MARGIN, SMALL, WIDTHS, text_width, widest
from d2vbench.report.drawing.looks import text_colour
from d2vbench.report.drawing.panels import Room, lay_panels
from d2vbench.report.drawing.style import Drawn, drawing

_TALL = 0.17
_MOST_WIDE = 0.42
_BETWEEN = 0.12


@dataclass(frozen=True)
class _Measure:
    """A column of the table: its title, how its numbers are written, and its scale."""

    title: str
    form: Callable[[float], str]
    of_domain: bool = False
    logarithmic: bool = False


_MEASURES = {
    "ratio": _Measure("Words of G for one of D", lambda v: f"{v:.3g}", logarithmic=True),
    "divergence": _Measure("Jensen-Shannon divergence (bits)", "{:.2f}".format),
    "out_of_vocabulary": _Measure("D out of G's vocabulary (%)", lambda v: f"{100 * v:.1f}"),
    "found": _Measure("D-test found in G (%)", lambda v: f"{100 * v:.1f}"),
    "ceiling": _Measure("TF-IDF accuracy (%)", lambda v: f"{100 * v:.1f}", of_domain=True),
    "median_length": _Measure("Median words of D", "{:.0f}".format, True, True),
}


@drawing("crossing", axes__grid=False, axes__spines__bottom=False)
def crossing_figure(rows: pd.DataFrame, *, columns: int = 2) -> Drawn:
    """Draw what tells the pairs of a crossing apart.

    Parameters
    ----------
    rows : pandas.DataFrame
        A row for each pair: ``generic``, ``domain`` (names of the sides), ``ratio`` (words of G for
        one of D-train), ``divergence`` (bits), ``out_of_vocabulary``, ``found`` (share of D-test),
        ``ceiling`` (accuracy), ``median_length`` (words).
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each number, domains down and generic corpora across; what is the domain's alone
        is a single column. The darker, the larger, on a scale of each panel's own.
    drawn : pandas.DataFrame
        One row a field: ``measure``, ``generic`` (empty where the number is the domain's),
        ``domain``, ``value``, ``colour``.
    """
    domains = list(dict.fromkeys(rows["domain"]))
    generics = list(dict.fromkeys(rows["generic"]))
    drawn = pd.concat([_fields(rows, name) for name in _MEASURES], ignore_index=True)
    across = columns + 1
    left = widest([shown(d) for d in domains], SMALL) + 0.08
    below = widest([shown(g) for g in generics], SMALL) + 0.08
    each = (WIDTHS[columns] - 2 * MARGIN) / across
    cell = min((each - left - _BETWEEN) / len(generics), _MOST_WIDE)
    wide = len(generics) * cell
    sheet, panels = lay_panels(
        [measure.title for measure in _MEASURES.values()], columns=columns, across=across,
        height=len(domains) * _TALL, room=Room(left, each - left - wide, below),
    )  # fmt: skip
    for axes, (name, measure) in zip(panels, _MEASURES.items(), strict=True):
        xs = [""] if measure.of_domain else generics
        mine = drawn[drawn["measure"] == name]
        _draw(axes, mine, xs, domains, measure, len(generics), cell)
    return sheet.figure, drawn


def _fields(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    measure = _MEASURES[name]
    fields = rows[["generic", "domain", name]].rename(columns={name: "value"})
    if measure.of_domain:
        fields = fields.drop_duplicates("domain").assign(generic="")
    values = fields["value"].to_numpy(dtype=float)
    scaled = np.log(np.maximum(values, 1e-9)) if measure.logarithmic else values
    low, high = scaled.min(), scaled.max()
    shares = (scaled - low) / (high - low) if high > low else np.zeros(len(scaled))
    return fields.assign(measure=name, colour=[_colour(share) for share in shares])


def _colour(share: float) -> str:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    colours = LinearSegmentedColormap.from_list("", ["#F7F7F7", "#2166AC"], N=511)
    return to_hex(colours(share)).upper()


def _draw(
    axes: Any, fields: pd.DataFrame, xs: list[str], ys: list[str], measure: _Measure, most: int,
    cell: float,
) -> None:  # fmt: skip
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    texts = [measure.form(value) for value in fields["value"]]
    size = SMALL if max(text_width(t, SMALL) for t in texts) + 0.03 <= cell else 6.0
    patches, colours = [], []
    for field, text in zip(fields.to_dict("records"), texts, strict=True):
        x, y = xs.index(field["generic"]), len(ys) - 1 - ys.index(field["domain"])
        patches.append(Rectangle((x - 0.5, y - 0.5), 1, 1))
        colours.append(field["colour"])
        axes.text(
            x, y, text, ha="center", va="center_baseline", fontsize=size,
            color=text_colour(field["colour"]),
        )  # fmt: skip
    axes.add_collection(PatchCollection(patches, facecolors=colours, edgecolors="white", lw=0.8))
    axes.set_xlim(-0.5, most - 0.5)
    axes.set_ylim(-0.5, len(ys) - 0.5)
    names = [] if measure.of_domain else [shown(x) for x in xs]
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(ys)), [shown(y) for y in reversed(ys)])
    axes.tick_params(length=0)
