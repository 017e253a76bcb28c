"""What a pair loses with the schedule that was chosen on the others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from d2vbench.analysis import Regret, Skipped
from d2vbench.analysis.contrasts.variants import variant_columns
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import Columns, table
from d2vbench.report.document.phrases import skipped_line
from d2vbench.report.document.structure import Block, Chapter, Paragraph

_READING = (
    "For each pair the schedule is chosen on the other pairs, by cross-validation on training "
    "documents, and compared with the pair's own choice by the same. What is lost is accuracy on "
    "test documents, in percentage points; below zero, the other pairs chose better than the pair "
    "itself. The interval is about seeds and documents, with both choices taken as given."
)


def transfer_chapter(regrets: Sequence[Regret], skipped: Sequence[Skipped]) -> Chapter:
    """Lay out what was lost; from `transfer`."""
    blocks: list[Block] = [Paragraph(_READING)]
    if regrets:
        columns: Columns = {
            "pair": cells.pair,
            "model": cells.model,
            "labels": cells.labels,
            "chosen elsewhere": lambda r: f"{cells.variant(r, 'chosen_')} (from {r['chosen_on']})",
            "its own": lambda r: cells.variant(r, "own_"),
            "lost, points [95 %]": cells.intervals("regret"),
            "candidates": "candidates",
            "seeds": "seeds",
        }
        title = "What a pair loses with the schedule chosen on the others"
        data = transfer_table(regrets)
        blocks.append(table("transfer-regret", title, data, columns, caption=_READING))
    if line := skipped_line(skipped):
        blocks.append(Paragraph(line))
    return Chapter("schedules-transfer", "Do schedules transfer?", tuple(blocks))


def transfer_table(regrets: Sequence[Regret]) -> pd.DataFrame:
    """Return what was lost as rows, in accuracy."""
    rows = [
        {
            "pair": r.pair, "fraction": r.fraction, "model": r.model, "labels": r.labels,
            "chosen_on": ", ".join(r.chosen_on), "candidates": r.candidates,
            "regret": r.interval.estimate, "low": r.interval.low, "high": r.interval.high,
            "p": r.interval.p, "seeds": r.seeds,
        }
        for r in regrets
    ]  # fmt: skip
    sides = [
        variant_columns([r.chosen for r in regrets], "chosen_"),
        variant_columns([r.own for r in regrets], "own_"),
    ]
    return pd.concat([pd.DataFrame(rows), *sides], axis=1)
