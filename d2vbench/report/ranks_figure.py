"""The critical-difference diagram: average ranks over pairs, and who is not told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from d2vbench.analysis import AcrossPairs
from d2vbench.report.style import STYLE
from d2vbench.report.titles import COLOURS, OTHER_COLOUR

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Distance between the bars, in rows.
_BAR = 0.5


def ranks_figure(found: AcrossPairs, heading: str) -> tuple[Figure, pd.DataFrame]:
    """Draw average ranks, and bars over strategies that are not told apart (Demsar 2006).

    Parameters
    ----------
    found : AcrossPairs
        From `across_pairs`.
    heading : str
        Which model and labels.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row a strategy, best at the top, with its rank on the axis; each bar at the right joins
        a clique of strategies, none of which differs from another by Wilcoxon's test and Holm.
    drawn : pandas.DataFrame
        One row a strategy: ``strategy``, ``rank``, ``cliques`` (numbers of its bars, from 1).
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names, ranks = found.names, found.average_ranks
    n = len(names)
    height = 1.35 + 0.27 * n
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.6, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes, side = figure.subplots(
            1, 2, sharey=True, gridspec_kw={"width_ratios": [6, max(1.0, 0.3 * len(found.cliques))]}
        )
        for y, (name, rank) in enumerate(zip(names, ranks, strict=True)):
            colour = COLOURS.get(name.partition("(")[0].partition(",")[0], OTHER_COLOUR)
            axes.plot([1, rank], [y, y], color="#BBBBBB", lw=0.8, zorder=1)
            axes.plot([rank], [y], "o", color=colour, ms=6, zorder=2)
            axes.annotate(
                f"{rank:.2f}", (rank, y), xytext=(7, 0), textcoords="offset points", va="center",
                fontsize=8,
            )  # fmt: skip
        axes.set_yticks(range(n), list(names))
        axes.set_ylim(n - 0.4, -0.6)
        axes.set_xlim(0.9, max(n, 2) + 0.5)
        axes.set_xlabel("average rank (1 is best)")
        axes.tick_params(axis="y", length=0)
        for i, clique in enumerate(found.cliques):
            side.plot(
                [i, i], [clique[0] - 0.25, clique[-1] + 0.25], color="#000000", lw=3,
                solid_capstyle="butt",
            )  # fmt: skip
        side.set_xlim(-0.7, max(len(found.cliques), 1) - 0.3)
        side.set_axis_off()
        side.set_title("not told apart" if found.cliques else "", fontsize=8, loc="left")
        few = (
            "\nToo few pairs for any test to tell two apart." if found.least_holm_p >= 0.05 else ""
        )
        axes.set_title(
            f"{heading}: average rank over {len(found.pairs)} pairs{few}",
            loc="left", fontsize=9.5, fontweight="bold",
        )  # fmt: skip
    cliques = [
        " ".join(str(c + 1) for c, clique in enumerate(found.cliques) if i in clique)
        for i in range(n)
    ]
    drawn = pd.DataFrame({"strategy": list(names), "rank": list(ranks), "cliques": cliques})
    return figure, drawn
