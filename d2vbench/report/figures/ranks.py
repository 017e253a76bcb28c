"""The critical-difference diagram: average ranks over pairs, and who is not told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from d2vbench.analysis import AcrossPairs
from d2vbench.analysis.contrasts.variants import REFERENCE
from d2vbench.report.figures.canvas import SMALL
from d2vbench.report.figures.looks import look_of
from d2vbench.report.figures.rows import RowBlock, RowPanel, lay_rows
from d2vbench.report.figures.style import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Between the bars, in inches.
_BAR = 0.09


def ranks_figure(
    found: AcrossPairs,
    heading: str = "",
    *,
    strategies: Mapping[str, str] | None = None,
    columns: int = 2,
) -> tuple[Figure, pd.DataFrame]:
    """Draw average ranks, and bars over strategies that are not told apart (Demsar 2006).

    Parameters
    ----------
    found : AcrossPairs
        From `across_pairs`.
    heading : str
        Which model and labels; empty: none.
    strategies : mapping of str to str, optional
        From the names of `found` to those of their strategies; default: they are the same.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row a strategy, best at the top, with its rank on the axis; each bar at the right joins
        a clique of strategies, none of which differs from another by Wilcoxon's test and Holm.
    drawn : pandas.DataFrame
        One row a strategy: ``strategy``, ``rank``, ``cliques`` (numbers of its bars, from 1).
    """
    import matplotlib as mpl

    names, ranks = found.names, found.average_ranks
    n = len(names)
    count = len(found.cliques)
    axis = f"average rank over {len(found.pairs)} pairs (1 is best)"
    panels: list[RowPanel | None] = [RowPanel(0.6, max(n, 2) + 0.4, axis)]
    if count:
        wide = max(0.6, 0.2 + _BAR * count)
        panels.append(RowPanel(0, wide, "", title="not told apart", inches=wide, plain=True))
    if heading and found.least_holm_p >= 0.05:
        heading += ": too few pairs for any test to tell two apart"
    with mpl.rc_context(STYLE):
        sheet, (grid,) = lay_rows(
            [RowBlock("", list(names), panels)], columns=columns, heading=heading,
            strong=(REFERENCE,),
        )  # fmt: skip
        axes = grid[0]
        assert axes is not None
        axes.hlines(range(n), 0.6, ranks, color="#9A9A9A", lw=0.8, zorder=1)
        for y, (name, rank) in enumerate(zip(names, ranks, strict=True)):
            look = look_of((strategies or {}).get(name, name))
            axes.plot([rank], [y], look.marker, color=look.colour, ms=look.size + 0.6, zorder=2)
            # Where there is no room at the right the number stands at the left, over the line.
            left = rank > 0.85 * n
            axes.annotate(
                f"{rank:.2f}", (rank, y), xytext=(-5 if left else 5, 0), fontsize=SMALL,
                textcoords="offset points", va="center_baseline", ha="right" if left else "left",
                bbox={"fc": "white", "ec": "none", "pad": 0.8},
            )  # fmt: skip
        if count and grid[1] is not None:
            for i, clique in enumerate(found.cliques):
                grid[1].plot(
                    [0.1 + i * _BAR] * 2, [clique[0] - 0.3, clique[-1] + 0.3], color="#000000",
                    lw=2.6, solid_capstyle="butt",
                )  # fmt: skip
    cliques = [
        " ".join(str(c + 1) for c, clique in enumerate(found.cliques) if i in clique)
        for i in range(n)
    ]
    drawn = pd.DataFrame({"strategy": list(names), "rank": list(ranks), "cliques": cliques})
    drawn.attrs |= {"figure": "ranks", "pairs": len(found.pairs)}
    return sheet.figure, drawn
