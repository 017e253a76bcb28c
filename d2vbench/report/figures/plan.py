"""A plan as a picture: the share of D and the learning rate against progress in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd

from d2vbench.report.drawing.canvas import (
    BODY,
    MARGIN,
    SMALL,
    WIDTHS,
    KeyItem,
    line_height,
    new_sheet,
    round_ticks,
    text_width,
    tick_text,
)
from d2vbench.report.drawing.rows import fitting_ticks
from d2vbench.report.drawing.style import Drawn, drawing
from d2vbench.report.figures.pair import DOMAIN_COLOUR, GENERIC_COLOUR
from d2vbench.strategies import Plan, Sizes, outline

_LEFT, _BETWEEN, _NAMES = 0.44, 0.2, 0.15
_SHARE, _ALPHA = 0.85, 1.25
# G is lighter than D by so much that the two are told apart in grey.
_GENERIC_ALPHA = 0.35


@drawing("plan", axes__grid=False, axes__spines__left=True)
def plan_figure(title: str, plans: Sequence[Plan], sizes: Sizes, *, columns: int = 2) -> Drawn:
    """Draw the plans of a strategy.

    Parameters
    ----------
    title : str
        Heading; empty: none.
    plans : sequence of Plan
        One for each model that the strategy trains, side by side.
    sizes : Sizes
        Of the corpora.
    columns : int
        1 or 2: 89 or 183 mm wide.

    Returns
    -------
    figure : matplotlib.figure.Figure
        For each plan what is presented above its learning rate. The area under the rate is
        coloured by the corpus that is trained with it.
    drawn : pandas.DataFrame
        One row a stretch, with the attributes of `Stretch` and the number of its ``model``.
    """
    drawn = pd.DataFrame(
        {"model": model, **dataclasses.asdict(stretch)}
        for model, plan in enumerate(plans)
        for stretch in outline(plan, sizes)
    )
    width, n = WIDTHS[columns], len(plans)
    wide = (width - 2 * MARGIN - _LEFT - 0.08 - _BETWEEN * (n - 1)) / n
    end = float(drawn["end"].max()) / 1e6
    highest = 1.08 * float(drawn["alpha_start"].max())
    below = _NAMES + _SHARE + 0.16 + _ALPHA + 0.17 + line_height(BODY)
    sheet, top = new_sheet(columns, below, title, _key())
    top += _NAMES
    for model in range(n):
        mine = drawn[drawn["model"] == model]
        x = MARGIN + _LEFT + model * (wide + _BETWEEN)
        share = sheet.axes(x, top, wide, _SHARE)
        alpha = sheet.axes(x, top + _SHARE + 0.16, wide, _ALPHA)
        _draw_share(share, mine, end, wide)
        _draw_alpha(alpha, mine)
        ticks = fitting_ticks(0, end, wide, tick_text)
        for axes, texts in ((share, []), (alpha, [tick_text(t) for t in ticks])):
            axes.set_xlim(0, end)
            axes.set_xticks(ticks, texts or [""] * len(ticks))
        share.set_ylim(0, 100)
        alpha.set_ylim(0, highest)
        marks = round_ticks(0, highest, 5)
        for axes, at in ((share, [0.0, 50.0, 100.0]), (alpha, marks)):
            axes.set_yticks(at, [tick_text(v) if not model else "" for v in at])
        sheet.write(x + wide / 2, top + _SHARE + 0.16 + _ALPHA + 0.17,
                    "words trained on (millions)", BODY, ha="center")  # fmt: skip
    for text, middle in (
        ("share of words (%)", top + _SHARE / 2),
        ("alpha", top + _SHARE + 0.16 + _ALPHA / 2),
    ):
        sheet.upright(MARGIN, middle, text)
    return sheet.figure, drawn


def _millions(stretches: pd.DataFrame) -> list[float]:
    """Return both ends of each stretch, in order."""
    return (stretches[["begin", "end"]].to_numpy().ravel() / 1e6).tolist()


def _draw_share(axes: Any, stretches: pd.DataFrame, end: float, wide: float) -> None:
    words = _millions(stretches)
    share = [100 * value for value in stretches["domain"] for _ in range(2)]
    axes.fill_between(words, 100, color=GENERIC_COLOUR, alpha=_GENERIC_ALPHA, lw=0)
    axes.fill_between(words, share, color=DOMAIN_COLOUR, lw=0)
    _name_phases(axes, stretches, end, wide)


def _draw_alpha(axes: Any, stretches: pd.DataFrame) -> None:
    words = _millions(stretches)
    alpha = stretches[["alpha_start", "alpha_end"]].to_numpy()
    # Stretches may be too many to tell apart: an epoch that is first G and then D is a comb.
    domain = (alpha * stretches[["domain"]].to_numpy()).ravel()
    axes.fill_between(words, alpha.ravel(), color=GENERIC_COLOUR, alpha=_GENERIC_ALPHA, lw=0)
    axes.fill_between(words, domain, color=DOMAIN_COLOUR, lw=0)
    axes.plot(words, alpha.ravel(), color="#000000", lw=1.2)
    for begin in _phase_starts(stretches)[1:]:
        axes.axvline(begin, color="#000000", lw=0.7, ls=":")


def _phase_starts(stretches: pd.DataFrame) -> list[float]:
    return (stretches.groupby("phase", sort=False)["begin"].min() / 1e6).tolist()


def _name_phases(axes: Any, stretches: pd.DataFrame, end: float, wide: float) -> None:
    """Write the phases' names above the panel.

    A name that is longer than its phase ends where the phase does; one that would run into its
    neighbour is left out, as are all but the first where phases are a comb.
    """
    starts, last = _phase_starts(stretches), float(stretches["end"].max()) / 1e6
    names = list(dict.fromkeys(stretches["phase"]))
    spans = list(zip(names, starts, [*starts[1:], last], strict=True))
    taken: list[tuple[float, float]] = []
    # The first and the last are named first of all.
    order = sorted(range(len(spans)), key=lambda i: (i not in (0, len(spans) - 1), i))
    for i in order:
        name, begin, until = spans[i]
        if begin:
            axes.axvline(begin, color="#000000", lw=0.7, ls=":")
        room = text_width(name, SMALL) / wide * end
        short = begin > 0 and until - begin < room
        left = until - room if short else begin
        gap = 0.06 / wide * end
        if any(left < b + gap and a < left + room + gap for a, b in taken):
            continue
        taken.append((left, left + room))
        axes.annotate(
            name, (until if short else begin, 100), (0, 2), textcoords="offset points",
            ha="right" if short else "left", va="bottom", fontsize=SMALL, color="#222222",
        )  # fmt: skip


def _key() -> list[KeyItem]:
    grey = {"fc": GENERIC_COLOUR, "alpha": _GENERIC_ALPHA}
    line = {"color": "#000000", "lw": 1.2, "ls": "-"}
    return [
        KeyItem("G, the generic corpus", grey, patch=True),
        KeyItem("D, the domain corpus", {"fc": DOMAIN_COLOUR}, patch=True),
        KeyItem("learning rate; area beneath: alpha x words", line),
    ]
