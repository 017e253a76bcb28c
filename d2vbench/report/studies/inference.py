"""Inference pinned, chosen by cross-validation, and the band over the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from d2vbench.analysis import (
    InferenceOrder,
    RunData,
    inference_orders,
    inference_points,
    inference_summary,
)
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    Variant,
    variant_columns,
    variant_title,
    variants_of,
)
from d2vbench.analysis.studies.inference import SETTING
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, share_slug, slug_of, table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import (
    Block,
    Bullets,
    Chapter,
    FigureBlock,
    Number,
    Paragraph,
    TableBlock,
)
from d2vbench.report.document.tables import rows_by_variant
from d2vbench.report.document.titles import group_title, labels_title
from d2vbench.report.figures.inference import inference_figure

_READING = (
    "Every trained model is evaluated with each setting of inference in the grid. Pinned: the same "
    "setting for all. Chosen: the setting with the best cross-validated accuracy on training "
    "documents, for each seed by itself. Band: the lowest and the highest mean accuracy with any "
    "one setting. In brackets 95 % intervals over seeds and test documents."
)
_TAKE = (
    "Taken: the setting that cross-validation prefers over all seeds, as passes x first learning "
    "rate, and how many seeds chose it by themselves."
)
_ORDER = (
    "Kendall's tau compares two orders of the strategies by accuracy: 1 for the same order, -1 for "
    "the opposite. The lowest tau is that between the pinned setting and any other one of the "
    "grid, the same for all strategies. Where the winner changes, its lead over the old winner is "
    "measured with the chosen inference."
)
_SHOWS = (
    "Accuracy with the pinned inference (filled) and with the chosen one (open), and the band over "
    "the grid (bar). Each seed chooses by itself, so the chosen one may lie outside the band. The "
    "best with the pinned inference and the first label budget is on top."
)
_HEED = (
    "Here the choice of inference moves one strategy by more than the best and the worst strategy "
    "differ. An order of strategies holds for the inference that it was measured with."
)


def inference_chapter(data: RunData, note: str) -> Chapter:
    """Lay out what inference makes of each strategy, and whether it changes their order.

    Parameters
    ----------
    data : RunData
        Cells with a choice of inference.
    note : str
        The settings that they share, in a sentence.

    Returns
    -------
    Chapter
        With a warning for each place in which inference moves a strategy by more than all
        strategies differ.
    """
    orders, summary = inference_orders(data), inference_summary(data)
    blocks: list[Block] = [Paragraph(_READING)]
    if warnings := tuple(_warning(order) for order in orders if order.decides):
        blocks += [Paragraph(_HEED, strong=True), Bullets(warnings)]
    blocks.append(
        FigureBlock(
            "inference-band", "Inference pinned, chosen and over the grid",
            lambda: inference_figure(summary), _SHOWS, data=summary, settings=note,
        )
    )  # fmt: skip
    if orders:
        blocks.append(_order_table(orders, note))
    blocks += _tables(summary, note)
    blocks += _grids(inference_points(data), note)
    return Chapter("inference-chosen", "Inference pinned and chosen", tuple(blocks))


def _warning(order: InferenceOrder) -> str:
    place = group_title(order.pair, order.fraction, order.model)
    return (
        f"{place}, {labels_title(order.labels)}: the band of {variant_title(order.moved)} is "
        f"{100 * order.band:.1f} points wide; from the best to the worst strategy it is "
        f"{100 * order.spread:.1f}."
    )


def _order_table(orders: Sequence[InferenceOrder], note: str) -> TableBlock:
    columns: Columns = {
        "pair": cells.pair,
        "model": cells.model,
        "labels": cells.labels,
        "best, pinned": lambda row: cells.variant(row, "pinned_"),
        "best, chosen": lambda row: cells.variant(row, "chosen_"),
        "lead of a new best, points [95 %]": cells.intervals("lead", "lead_"),
        "tau, pinned and chosen": cells.numbers("tau", "{:.2f}".format),
        "lowest tau over the grid": cells.numbers("least_tau", "{:.2f}".format),
        "winners over the grid": lambda row: Number(
            f"{row['winners']} of {row['strategies']}", row["winners"]
        ),
        "best to worst, points": cells.numbers("spread", percent),
        "widest band, points": cells.numbers("band", percent),
    }
    title = "Whether inference changes the order of strategies"
    data = inference_order_table(orders)
    return table("inference-order", title, data, columns, caption=_ORDER, settings=note)


def inference_order_table(orders: Sequence[InferenceOrder]) -> pd.DataFrame:
    """Return what `InferenceOrder` says as rows, in accuracy and tau."""
    none = (math.nan,) * 3
    leads = [(o.lead.estimate, o.lead.low, o.lead.high) if o.lead else none for o in orders]
    rows = [
        {
            "pair": o.pair, "fraction": o.fraction, "model": o.model, "labels": o.labels,
            "strategies": o.strategies, "tau": o.tau, "least_tau": o.least_tau,
            "lead": lead, "lead_low": low, "lead_high": high, "winners": o.winners,
            "spread": o.spread, "band": o.band,
        }
        for o, (lead, low, high) in zip(orders, leads, strict=True)
    ]  # fmt: skip
    nobody = Variant("", schedule="-")
    sides = [
        variant_columns([o.pinned for o in orders], "pinned_"),
        variant_columns([o.chosen or nobody for o in orders], "chosen_"),
        variant_columns([o.moved for o in orders], "moved_"),
    ]
    return pd.concat([pd.DataFrame(rows), *sides], axis=1)


def _tables(summary: pd.DataFrame, note: str) -> list[TableBlock]:
    """Return a table for each pair, share of D and model: a row a strategy, best first."""
    made = []
    for (pair, fraction, model), group in summary.groupby(GROUP, sort=False):
        place = str(pair), float(str(fraction)), str(model)
        labels = list(dict.fromkeys(group["labels"]))
        columns: dict[str, str | cells.Show] = {"strategy": "title"}
        columns |= {
            f"{heading}, {labels_title(budget)}": cells.within(budget, show)
            for budget in labels
            for heading, show in _SHOWN.items()
        }
        rows = rows_by_variant(group)
        rows.sort(key=lambda row: -row[labels[0]]["accuracy"] if labels[0] in row else 1)
        slug = slug_of("inference", place[0], share_slug(place[1]), place[2])
        title = f"Inference: {group_title(*place)}"
        caption = f"{_READING} {_TAKE}"
        made.append(table(slug, title, group, columns, rows=rows, caption=caption, settings=note))
    return made


def _band(row: cells.Row) -> str:
    return Number(f"{percent(row['band_low'])} to {percent(row['band_high'])}", row["band_low"])


def _taken(row: cells.Row) -> str:
    if math.isnan(row["agreeing"]):
        return ""
    setting = setting_text(row["chosen_epochs"], row["chosen_alpha"])
    return f"{setting} ({row['agreeing']:.0f} of {row['seeds']:.0f})"


_SHOWN: dict[str, cells.Show] = {
    "pinned %": cells.intervals("accuracy", "accuracy_", "per cent"),
    "chosen %": cells.intervals("chosen", "chosen_", "per cent"),
    "band %": _band,
    "taken": _taken,
}


def setting_text(epochs: float, alpha: float) -> str:
    """Return a setting of inference: passes and first learning rate.

    Examples
    --------
    >>> setting_text(50, 0.025)
    '50 x 0.025'
    """
    return f"{epochs:g} x {alpha:g}"


def _grids(points: pd.DataFrame, note: str) -> list[TableBlock]:
    """Return a table for each place: a row a setting of inference, a column a strategy."""
    made = []
    for place, group in points.groupby([*GROUP, "labels"], sort=False):
        pair, fraction, model, budget = map(str, place)
        rows: dict[tuple[float, ...], dict[str, Any]] = {}
        titles = [variant_title(variant) for variant in variants_of(group)]
        for title, row in zip(titles, cells.rows(group), strict=True):
            text = setting_text(row["epochs"], row["alpha"]) + ", pinned" * bool(row["pinned"])
            of_setting = rows.setdefault(tuple(row[name] for name in SETTING), {"inference": text})
            of_setting[title] = row["accuracy"]
        columns: dict[str, str | cells.Show] = {"inference": "inference"}
        columns |= {title: partial(_reached, title) for title in dict.fromkeys(titles)}
        where = f"{group_title(pair, float(fraction), model)}, {labels_title(budget)}"
        made.append(
            table(
                slug_of("inference-grid", pair, share_slug(float(fraction)), model, budget),
                f"The grid of inference: {where}",
                group,
                columns,
                rows=rows.values(),
                caption="Accuracy in per cent, means over seeds, by passes x first learning rate.",
                settings=note,
            )
        )
    return made


def _reached(title: str, row: cells.Row) -> str:
    return cells.number(percent, row.get(title))
