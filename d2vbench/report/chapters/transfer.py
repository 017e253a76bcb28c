"""What a pair loses with the schedule that was chosen on the others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from d2vbench.analysis import Regret, Skipped
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import interval_text, skipped_line
from d2vbench.report.document.structure import Block, Chapter, Paragraph
from d2vbench.report.document.titles import labels_title, model_title, pair_title

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
        rows = [
            (
                pair_title(r.pair, r.fraction), model_title(r.model), labels_title(r.labels),
                f"{r.chosen} (from {', '.join(r.chosen_on)})", r.own, interval_text(r.interval),
                str(r.candidates), str(r.seeds),
            )
            for r in regrets
        ]  # fmt: skip
        columns = ("pair", "model", "labels", "chosen elsewhere", "its own", "lost, points [95 %]",
                   "candidates", "seeds")  # fmt: skip
        title = "What a pair loses with the schedule chosen on the others"
        data = transfer_table(regrets)
        blocks.append(table("transfer-regret", title, columns, rows, data, 5, _READING))
    if line := skipped_line(skipped):
        blocks.append(Paragraph(line))
    return Chapter("schedules-transfer", "Do schedules transfer?", tuple(blocks))


def transfer_table(regrets: Sequence[Regret]) -> pd.DataFrame:
    """Return what was lost as rows, in accuracy."""
    columns = [
        "pair", "fraction", "model", "labels", "chosen", "chosen_on", "own", "candidates",
        "regret", "low", "high", "p", "seeds",
    ]  # fmt: skip
    rows = [
        (
            r.pair, r.fraction, r.model, r.labels, r.chosen, " ".join(r.chosen_on), r.own,
            r.candidates, r.interval.estimate, r.interval.low, r.interval.high, r.interval.p,
            r.seeds,
        )
        for r in regrets
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
