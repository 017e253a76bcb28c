"""Columns of tables of `d2vbench.analysis.studies.paired_gains`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from d2vbench.analysis.studies.paired_gains import PairedGain
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.structure import Block

_SIDES = {"accuracy": "", "without": "without_"}


def gains_table(
    slug: str,
    title: str,
    found: Sequence[PairedGain],
    own: Sequence[str],
    before: Mapping[str, Any],
    sides: Mapping[str, Literal["accuracy", "without"]],
    after: Mapping[str, Any],
    over: str,
    settings: str,
) -> Block:
    """Return a table of gains: where, both accuracies, their difference with its verdict.

    Parameters
    ----------
    slug, title : str
        Of the table.
    found : sequence of PairedGain
        A row each.
    own : sequence of str
        Fields of the gains that only the study has.
    before, after : mapping
        Columns on either side of the measured ones, as `table` takes them.
    sides : mapping of str to str
        Headings of the two accuracies, in their order.
    over : str
        What p is adjusted over, for the caption.
    settings : str
        What the cells share.
    """
    return table(
        slug, title, pd.DataFrame([_values(one, own) for one in found]),
        {
            "pair": cells.pair, **before, "labels": cells.labels,
            **{
                heading: cells.intervals(side, _SIDES[side], "per cent")
                for heading, side in sides.items()
            },
            "difference": cells.worded(cells.intervals("gain", "gain_"), "verdict"),
            **after,
        },
        caption="Differences are paired, in percentage points with 95 % intervals and verdicts (p "
        f"adjusted by Holm's method over {over}).",
        settings=settings,
    )  # fmt: skip


def _values(one: PairedGain, own: Sequence[str]) -> dict[str, Any]:
    return {
        "pair": one.pair, "fraction": one.fraction,
        **{name: getattr(one, name) for name in own},
        "labels": one.labels, "accuracy": one.accuracy.estimate, "low": one.accuracy.low,
        "high": one.accuracy.high, "without": one.without.estimate,
        "without_low": one.without.low, "without_high": one.without.high,
        "gain": one.gain.estimate, "gain_low": one.gain.low, "gain_high": one.gain.high,
        "verdict": str(one.verdict),
    }  # fmt: skip
