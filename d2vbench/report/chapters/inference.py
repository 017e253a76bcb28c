"""Inference pinned, chosen by cross-validation, and the band over the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from d2vbench.analysis import (
    InferenceOrder,
    RunData,
    inference_orders,
    inference_points,
    inference_summary,
)
from d2vbench.analysis.contrasts.inference import SETTING
from d2vbench.analysis.contrasts.variants import GROUP, variant_title, variants_of, with_texts
from d2vbench.report.document.blocks import share_slug, slug_of, table
from d2vbench.report.document.phrases import interval_text, percent
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
    "the grid (bar). Left: the strategy with the best pinned accuracy on top."
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


def _tau_text(tau: float) -> str:
    return "" if math.isnan(tau) else f"{tau:.2f}"


def _order_table(orders: Sequence[InferenceOrder], note: str) -> TableBlock:
    columns = (
        "pair, model, labels", "best, pinned", "best, chosen", "its lead, points [95 %]",
        "tau, pinned and chosen", "lowest tau over the grid", "winners over the grid",
        "best to worst, points", "widest band, points",
    )  # fmt: skip
    rows = [
        (
            _place(one), one.pinned, "the same" if one.chosen == one.pinned else one.chosen,
            interval_text(one.lead) if one.lead else "", _tau_text(one.tau),
            _tau_text(one.least_tau), f"{one.winners} of {one.strategies}",
            f"{100 * one.spread:.1f}", f"{100 * one.band:.1f}",
        )
        for one in orders
    ]  # fmt: skip
    title = "Whether inference changes the order of strategies"
    return table(
        "inference-order", title, columns, rows, inference_order_table(orders), 3, _ORDER, note
    )


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
        columns, cells = ["strategy"], {}
        labels = list(dict.fromkeys(group["labels"]))
        for budget in labels:
            columns += [f"{what}, {labels_title(budget)}" for what in _COLUMNS]
            mine = group[group["labels"] == budget]
            for variant, row in zip(variants_of(mine), mine.to_dict("records"), strict=True):
                cells[variant, budget] = _cells({str(k): v for k, v in row.items()})
        first = group[group["labels"] == labels[0]].sort_values("accuracy", ascending=False)
        rows = [
            (
                variant_title(variant),
                *(text for b in labels for text in cells.get((variant, b), ("",) * len(_COLUMNS))),
            )
            for variant in variants_of(first)
        ]  # fmt: skip
        slug = slug_of("inference", place[0], share_slug(place[1]), place[2])
        title = f"Inference: {group_title(*place)}"
        caption = f"{_READING} {_TAKE}"
        found.append(table(slug, title, columns, rows, with_texts(group), 1, caption, note))
    return found


_COLUMNS = ("pinned %", "chosen %", "band %", "taken")


def _cells(row: dict[str, float]) -> tuple[str, ...]:
    def shown(name: str) -> str:
        if math.isnan(row[name]):
            return ""
        ends = row[f"{name}_low"], row[f"{name}_high"]
        text = percent(row[name])
        return text if math.isnan(ends[0]) else f"{text} [{percent(ends[0])}, {percent(ends[1])}]"

    taken = ""
    if not math.isnan(row["agreeing"]):
        setting = setting_text(row["chosen_epochs"], row["chosen_alpha"])
        taken = f"{setting} ({row['agreeing']:.0f} of {row['seeds']:.0f})"
    band = f"{percent(row['band_low'])} to {percent(row['band_high'])}"
    return shown("accuracy"), shown("chosen"), band, taken


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
            (
                f"{setting_text(epochs, alpha)}{', pinned' * pinned}",
                *("" if math.isnan(value) else percent(value) for value in values),
            )
            for (epochs, alpha, _, pinned), values in zip(
                wide.index.tolist(), wide.to_numpy().tolist(), strict=True
            )
        ]  # fmt: skip
        where = f"{group_title(pair, float(fraction), model)}, {labels_title(budget)}"
        slug = slug_of("inference-grid", pair, share_slug(float(fraction)), model, budget)
        caption = "Accuracy in per cent, means over seeds, by passes x first learning rate."
        found.append(
            table(slug, f"The grid of inference: {where}", ("inference", *wide.columns), rows,
                  with_texts(group), 1, caption, note)
        )  # fmt: skip
    return found
