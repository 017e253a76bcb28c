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
from d2vbench.analysis.contrasts.inference import SETTING
from d2vbench.analysis.contrasts.variants import GROUP, Variant, variant_title, variants_of
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, share_slug, slug_of, table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import (
    Block,
    Bullets,
    Chapter,
    FigureBlock,
    Paragraph,
    TableBlock,
)
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
    "the grid (bar). The best with the pinned inference and the first label budget is on top."
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
        blocks.append(Paragraph(_HEED, strong=True))
        blocks.append(Bullets(warnings))
    if len(summary) > 1:
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


_HEED = (
    "Here the choice of inference moves one strategy by more than the best and the worst strategy "
    "differ. An order of strategies holds for the inference that it was measured with."
)


def _place(one: InferenceOrder) -> str:
    place = group_title(one.pair, one.fraction, one.model)
    return f"{place}, {labels_title(one.labels)}"


def _warning(order: InferenceOrder) -> str:
    return (
        f"{_place(order)}: the band of {order.moved} is {100 * order.band:.1f} points wide; from "
        f"the best to the worst strategy it is {100 * order.spread:.1f}."
    )


def _order_table(orders: Sequence[InferenceOrder], note: str) -> TableBlock:
    data = inference_order_table(orders)
    columns: Columns = {
        "pair, model, labels": "place", "best, pinned": "best_pinned", "best, chosen": "chosen",
        "its lead, points [95 %]": cells.intervals("lead", "lead_"),
        "tau, pinned and chosen": cells.numbers("tau", "{:.2f}".format),
        "lowest tau over the grid": cells.numbers("least_tau", "{:.2f}".format),
        "winners over the grid": "winners_of",
        "best to worst, points": cells.numbers("spread", _points),
        "widest band, points": cells.numbers("band", _points),
    }  # fmt: skip
    rows = [
        {
            **row, "place": _place(one), "winners_of": f"{one.winners} of {one.strategies}",
            "chosen": "the same" if one.chosen == one.pinned else one.chosen,
        }
        for one, row in zip(orders, cells.rows(data), strict=True)
    ]  # fmt: skip
    title = "Whether inference changes the order of strategies"
    return table("inference-order", title, data, columns, rows=rows, caption=_ORDER, settings=note)


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def inference_order_table(orders: Sequence[InferenceOrder]) -> pd.DataFrame:
    """Return what `InferenceOrder` says as rows, in accuracy and tau."""
    columns = [
        "pair", "fraction", "model", "labels", "strategies", "tau", "least_tau", "best_pinned",
        "best_chosen", "lead", "lead_low", "lead_high", "winners", "spread", "band", "moved",
    ]  # fmt: skip
    rows = [
        (
            one.pair, one.fraction, one.model, one.labels, one.strategies, one.tau, one.least_tau,
            one.pinned, one.chosen,
            *((one.lead.estimate, one.lead.low, one.lead.high) if one.lead else (math.nan,) * 3),
            one.winners, one.spread, one.band, one.moved,
        )
        for one in orders
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _tables(summary: pd.DataFrame, note: str) -> list[Block]:
    """Return a table for each pair, share of D and model: a row a strategy, best first."""
    found: list[Block] = []
    for (pair, fraction, model), group in summary.groupby(GROUP, sort=False):
        place = str(pair), float(str(fraction)), str(model)
        columns: dict[str, str | cells.Show] = {"strategy": "title"}
        labels = list(dict.fromkeys(group["labels"]))
        for budget in labels:
            columns |= {
                f"{what}, {labels_title(budget)}": partial(_of_budget, budget, show)
                for what, show in _COLUMNS.items()
            }
        by_variant: dict[Variant, dict[str, Any]] = {}
        for variant, row in zip(variants_of(group), cells.rows(group), strict=True):
            by_variant.setdefault(variant, {"title": variant_title(variant)})[row["labels"]] = row
        rows = [row for row in by_variant.values() if labels[0] in row]
        rows.sort(key=lambda row: -row[labels[0]]["accuracy"])
        slug = slug_of("inference", place[0], share_slug(place[1]), place[2])
        title = f"Inference: {group_title(*place)}"
        caption = f"{_READING} {_TAKE}"
        found.append(table(slug, title, group, columns, rows=rows, caption=caption, settings=note))
    return found


def _of_budget(budget: str, show: cells.Show, row: cells.Row) -> str:
    return show(row[budget]) if budget in row else ""


def _band(row: cells.Row) -> str:
    return f"{percent(row['band_low'])} to {percent(row['band_high'])}"


def _taken(row: cells.Row) -> str:
    if math.isnan(row["agreeing"]):
        return ""
    setting = setting_text(row["chosen_epochs"], row["chosen_alpha"])
    return f"{setting} ({row['agreeing']:.0f} of {row['seeds']:.0f})"


_COLUMNS: dict[str, cells.Show] = {
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


def _grids(points: pd.DataFrame, note: str) -> list[Block]:
    """Return a table for each place: a row a setting of inference, a column a strategy."""
    found: list[Block] = []
    for place, group in points.groupby([*GROUP, "labels"], sort=False):
        pair, fraction, model, budget = map(str, place)
        named = group.assign(variant=[variant_title(v) for v in variants_of(group)])
        wide = named.pivot_table("accuracy", [*SETTING, "pinned"], "variant", sort=False)
        rows = [
            {
                "setting": f"{setting_text(epochs, alpha)}{', pinned' * pinned}",
                **dict(zip(wide.columns, values, strict=True)),
            }
            for (epochs, alpha, _, pinned), values in zip(
                wide.index.tolist(), wide.to_numpy().tolist(), strict=True
            )
        ]
        columns: Columns = {
            "inference": "setting",
            **{name: cells.numbers(name, percent) for name in wide.columns},
        }
        where = f"{group_title(pair, float(fraction), model)}, {labels_title(budget)}"
        slug = slug_of("inference-grid", pair, share_slug(float(fraction)), model, budget)
        caption = "Accuracy in per cent, means over seeds, by passes x first learning rate."
        title = f"The grid of inference: {where}"
        found.append(table(slug, title, group, columns, rows=rows, caption=caption, settings=note))
    return found
