"""A plan as a picture: the share of D and the learning rate against progress in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from d2vbench.report.pair_figure import DOMAIN_COLOUR, GENERIC_COLOUR
from d2vbench.report.style import STYLE
from d2vbench.strategies import Plan, Sizes, outline

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plan_figure(title: str, plans: Sequence[Plan], sizes: Sizes) -> tuple[Figure, pd.DataFrame]:
    """Draw the plans of a strategy.

    Parameters
    ----------
    title : str
        Heading.
    plans : sequence of Plan
        One for each model that the strategy trains, side by side.
    sizes : Sizes
        Of the corpora.

    Returns
    -------
    figure : matplotlib.figure.Figure
        For each plan what is presented above its learning rate. The area under the rate is
        coloured by the corpus that is trained with it.
    drawn : pandas.DataFrame
        One row a stretch, with the attributes of `Stretch` and the number of its ``model``.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = pd.DataFrame(
        {"model": model, **dataclasses.asdict(stretch)}
        for model, plan in enumerate(plans)
        for stretch in outline(plan, sizes)
    )
    style = {**STYLE, "axes.grid": False, "axes.spines.left": True}
    with mpl.rc_context(style):
        figure = Figure(figsize=(8.5, 4.8), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(
            2, len(plans), squeeze=False, sharex=True, sharey="row",
            height_ratios=(1, 1.4),
        )  # fmt: skip
        for model in range(len(plans)):
            mine = drawn[drawn["model"] == model]
            _draw_share(panels[0][model], mine)
            _draw_alpha(panels[1][model], mine)
            panels[1][model].set_xlabel("words trained on (millions)")
        panels[0][0].set_ylabel("share of words (%)")
        panels[1][0].set_ylabel("alpha")
        panels[1][0].set_xlim(0, drawn["end"].max() / 1e6)
        panels[1][0].set_ylim(0, 1.08 * drawn["alpha_start"].max())
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        figure.legend(
            handles=_legend(), loc="outside lower left", ncols=3, frameon=False, fontsize=8.5
        )
    return figure, drawn


def _millions(stretches: pd.DataFrame) -> list[float]:
    """Return both ends of each stretch, in order."""
    return (stretches[["begin", "end"]].to_numpy().ravel() / 1e6).tolist()


def _draw_share(axes: Any, stretches: pd.DataFrame) -> None:
    words = _millions(stretches)
    share = [100 * value for value in stretches["domain"] for _ in range(2)]
    axes.fill_between(words, 100, color=GENERIC_COLOUR, alpha=0.35, lw=0)
    axes.fill_between(words, share, color=DOMAIN_COLOUR, lw=0)
    axes.set_ylim(0, 100)
    _name_phases(axes, stretches)


def _draw_alpha(axes: Any, stretches: pd.DataFrame) -> None:
    words = _millions(stretches)
    alpha = stretches[["alpha_start", "alpha_end"]].to_numpy()
    # Stretches may be too many to tell apart: an epoch that is first G and then D is a comb.
    domain = (alpha * stretches[["domain"]].to_numpy()).ravel()
    axes.fill_between(words, alpha.ravel(), color=GENERIC_COLOUR, alpha=0.35, lw=0)
    axes.fill_between(words, domain, color=DOMAIN_COLOUR, lw=0)
    axes.plot(words, alpha.ravel(), color="#000000", lw=1.5)
    for begin in _phase_starts(stretches)[1:]:
        axes.axvline(begin, color="#000000", lw=0.8, ls=":")


def _phase_starts(stretches: pd.DataFrame) -> list[float]:
    return (stretches.groupby("phase", sort=False)["begin"].min() / 1e6).tolist()


def _name_phases(axes: Any, stretches: pd.DataFrame) -> None:
    """Write the phases' names above the panel; a short last one ends where the panel does."""
    starts, end = _phase_starts(stretches), stretches["end"].max() / 1e6
    names = list(dict.fromkeys(stretches["phase"]))
    for name, begin, until in zip(names, starts, [*starts[1:], end], strict=True):
        if begin:
            axes.axvline(begin, color="#000000", lw=0.8, ls=":")
        short = begin > 0 and until - begin < 0.15 * end
        axes.annotate(
            name, (until if short else begin, 100), (0, 3), textcoords="offset points",
            ha="right" if short else "left", va="bottom", fontsize=9,
        )  # fmt: skip


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(color=GENERIC_COLOUR, alpha=0.35, lw=0, label="G, the generic corpus"),
        Patch(color=DOMAIN_COLOUR, lw=0, label="D, the domain corpus"),
        Line2D([], [], color="#000000", lw=1.5, label="learning rate; area beneath: alpha x words"),
    ]
