"""Figures. Each function returns what it drew, so that tests look at numbers, not pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from d2vbench.analysis.frame import BASELINE
from d2vbench.analysis.summary import BASELINE_TITLES, GROUP, VARIANT, Variant, variant_title
from d2vbench.analysis.verdicts import EQUIVALENCE
from d2vbench.report.style import STYLE
from d2vbench.report.titles import (
    COLOURS,
    OTHER_COLOUR,
    labels_title,
    model_title,
    pair_title,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = ("o", "D", "s", "^")
# Distance between the label budgets of one strategy, in rows.
_STEP = 0.28


def _panel_rows(group: pd.DataFrame) -> list[Variant]:
    """Return the variants of a panel from bottom to top: the order of the grid, reversed."""
    variants = dict.fromkeys(zip(*(group[name] for name in VARIANT), strict=True))
    return list(variants)[::-1]


def _grid(summary: pd.DataFrame) -> tuple[list[tuple[str, float]], list[str]]:
    doc2vec = summary[summary["model"] != BASELINE]
    rows = list(dict.fromkeys(zip(doc2vec["pair"], doc2vec["fraction"], strict=True)))
    return rows, list(dict.fromkeys(doc2vec["model"]))


def _draw(
    summary: pd.DataFrame, value: str, xlabel: str, heading: str, caption: str
) -> tuple[Figure, pd.DataFrame]:
    """Draw a dot plot with intervals: a panel for each pair and model, a row for each variant."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    pairs, models = _grid(summary)
    # Panels side by side share their rows, whichever variants each of them has.
    rows = [
        _panel_rows(
            summary[
                (summary["pair"] == pair)
                & (summary["fraction"] == fraction)
                & (summary["model"] != BASELINE)
            ]
        )
        for pair, fraction in pairs
    ]
    heights = [len(variants) for variants in rows]
    drawn: list[dict[str, Any]] = []
    with mpl.rc_context(STYLE):
        head = 1.3
        height = head + sum(0.33 * n + 0.75 for n in heights)
        figure = Figure(figsize=(max(3.0 + 3.6 * len(models), 7.6), height))
        FigureCanvasAgg(figure)
        axes = figure.subplots(
            len(pairs), len(models), squeeze=False, sharex="row",
            gridspec_kw={"height_ratios": heights},
        )  # fmt: skip
        for i, (pair, fraction) in enumerate(pairs):
            for j, model in enumerate(models):
                group = summary[
                    (summary["pair"] == pair)
                    & (summary["fraction"] == fraction)
                    & (summary["model"] == model)
                ]
                if group.empty:
                    axes[i][j].set_axis_off()
                    continue
                first = not any(axes[i][k].axison for k in range(j))
                drawn += _panel(axes[i][j], group, value, rows[i], show_names=first)
                if value == "accuracy":
                    _baseline_lines(axes[i][j], summary, pair, fraction)
                else:
                    axes[i][j].axvspan(
                        -100 * EQUIVALENCE,
                        100 * EQUIVALENCE,
                        color="#000000",
                        alpha=0.08,
                        lw=0,
                    )
                    axes[i][j].axvline(0, color="#000000", lw=0.8)
                axes[i][j].set_title(
                    f"{pair_title(pair, fraction)}\n{model_title(model)}",
                    fontsize=9.5, loc="left", fontweight="bold",
                )  # fmt: skip
                axes[i][j].tick_params(labelbottom=True)
                if i == len(pairs) - 1:
                    axes[i][j].set_xlabel(xlabel)
        # A letter is a little more than half as wide as its size: a long heading is set smaller.
        fits = 72 * 0.97 * figure.get_figwidth() / (0.56 * max(len(heading), 1))
        size = min(12.0, fits)
        figure.suptitle(heading, x=0.01, y=1 - 0.08 / height, ha="left", fontsize=size)
        handles = _legend(summary, value)
        figure.legend(
            handles=handles, loc="upper left", ncols=len(handles), frameon=False,
            bbox_to_anchor=(0.0, 1 - 0.36 / height), fontsize=8.5, handletextpad=0.4,
        )  # fmt: skip
        figure.text(0.012, 0.06 / height, caption, fontsize=7.5, va="bottom", color="#333333")
        lines = caption.count("\n") + 1
        figure.tight_layout(rect=(0, (0.12 + 0.13 * lines) / height, 1, 1 - 0.52 / height))
    return figure, pd.DataFrame(drawn)


def _panel(
    axes: Any,
    group: pd.DataFrame,
    value: str,
    variants: list[Variant],
    show_names: bool,
) -> list[dict[str, Any]]:
    budgets = list(dict.fromkeys(group["labels"]))
    drawn = []
    for y, variant in enumerate(variants):
        colour = COLOURS.get(variant[0], OTHER_COLOUR)
        for b, budget in enumerate(budgets):
            same = (group[VARIANT] == list(variant)).all(axis=1)
            found = group[same & (group["labels"] == budget)]
            if found.empty:
                continue
            row = found.iloc[0]
            place = y + ((len(budgets) - 1) / 2 - b) * _STEP
            x, low, high = (100 * row[name] for name in (value, f"{value}_low", f"{value}_high"))
            if value == "difference" and row["verdict"] == "reference":
                x = low = high = 0.0
            if pd.notna(low):
                axes.plot(
                    [low, high],
                    [place, place],
                    color=colour,
                    lw=1.4,
                    solid_capstyle="butt",
                )
            axes.plot(
                [x], [place], _MARKERS[b % len(_MARKERS)], color=colour, ms=5, mew=1.2,
                mfc=colour if b == 0 else "white",
            )  # fmt: skip
            drawn.append(
                {
                    **{name: row[name] for name in (*GROUP, "labels")},
                    "variant": variant_title(*variant),
                    "y": place,
                    "x": x,
                    "low": low,
                    "high": high,
                }
            )
    axes.set_yticks(range(len(variants)))
    axes.set_yticklabels([variant_title(*v) for v in variants] if show_names else [])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.6, len(variants) - 0.4)
    return drawn


def _baseline_lines(axes: Any, summary: pd.DataFrame, pair: str, fraction: float) -> None:
    """Draw where TF-IDF is; the other baselines are in the tables."""
    baseline = summary[
        (summary["model"] == BASELINE)
        & (summary["strategy"] == BASELINE_TITLES["tf-idf"])
        & (summary["pair"] == pair)
        & (summary["fraction"] == fraction)
    ]
    for b, (_, row) in enumerate(baseline.iterrows()):
        axes.axvline(100 * row["accuracy"], color="#555555", lw=1, ls="--" if b == 0 else ":")


def _legend(summary: pd.DataFrame, value: str) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    budgets = list(dict.fromkeys(summary["labels"]))
    for b, budget in enumerate(budgets):
        handles.append(
            Line2D(
                [],
                [],
                ls="",
                marker=_MARKERS[b % len(_MARKERS)],
                color="#444444",
                mfc="#444444" if b == 0 else "white",
                label=labels_title(budget),
            )
        )
    if value == "accuracy" and (summary["model"] == BASELINE).any():
        for b, budget in enumerate(budgets):
            label = f"TF-IDF, {labels_title(budget)}"
            style = "--" if b == 0 else ":"
            handles.append(Line2D([], [], color="#555555", lw=1, ls=style, label=label))
    if value == "difference":
        handles.append(
            Patch(
                color="#000000",
                alpha=0.08,
                lw=0,
                label="interval within: practically equal",
            )
        )
    return handles


def _k_note(summary: pd.DataFrame) -> str:
    return (
        "\nname(k): each domain document is trained on k times for each time a generic one is."
        if (summary["k"] != "").any()
        else ""
    )


def strategies_figure(
    summary: pd.DataFrame,
    heading: str = "Doc2Vec on a generic and a domain corpus: accuracy by training strategy",
) -> tuple[Figure, pd.DataFrame]:
    """Draw the accuracy of every strategy.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`.
    heading : str
        Of the figure.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair, share of D and model.
    drawn : pandas.DataFrame
        One row a point: ``x``, ``low``, ``high`` in per cent.
    """
    seeds = int(summary["seeds"].max()) if len(summary) else 0
    interval = (
        "bars: 95 % intervals over seeds and test documents"
        if seeds > 1
        else "one seed: no intervals"
    )
    caption = (
        f"Points: accuracy on held-out domain documents, mean over {seeds} "
        f"seed{'s' * (seeds != 1)}; {interval}.\n"
        f"Vectors are inferred; the classifier is a logistic regression.{_k_note(summary)}"
    )
    return _draw(
        summary,
        "accuracy",
        "accuracy on domain test documents (%)",
        heading,
        caption,
    )


def differences_figure(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the paired difference of every strategy from `combined`.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`, with a `combined` in every group.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A panel for each pair, share of D and model.
    drawn : pandas.DataFrame
        One row a point: ``x``, ``low``, ``high`` in percentage points.
    """
    caption = (
        "Points: mean paired difference over seeds and held-out documents, bars: its 95 % interval."
        "\nRight of zero: better than one shuffled training on both corpora (combined)."
        f"{_k_note(summary)}"
    )
    return _draw(
        summary,
        "difference",
        "accuracy minus that of combined (percentage points)",
        "What each strategy gains or loses against combined training",
        caption,
    )
