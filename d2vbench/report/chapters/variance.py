"""Which choice moves the outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import pandas as pd

from d2vbench.analysis import VarianceShares
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import Block, Chapter, Paragraph
from d2vbench.report.document.titles import labels_title, model_title

_READING = (
    "Shares of the variance of accuracy over cells, in per cent, by what each choice adds to R2 "
    "averaged over all orders (LMG). A description of this grid, not a test: with a wider range of "
    "values the share of a choice grows. The rest is interactions and noise."
)


def variance_chapter(found: Mapping[tuple[str, str], VarianceShares]) -> Chapter:
    """Lay the shares out.

    Parameters
    ----------
    found : mapping of (str, str) to VarianceShares
        By model and label budget; from `accuracy_variance`.

    Returns
    -------
    Chapter
        With a table, a row a model and label budget.
    """
    data = variance_table(found)
    rows = [
        {
            "of": f"{model_title(model)}, {labels_title(labels)}", "residual": one.residual,
            "cells": one.cells, "deviation": math.sqrt(one.variance),
            # A factor of one value cannot explain anything, which is no finding.
            **{n: s for n, s in one.shares.items() if one.levels.get(n, 0) > 1},
        }
        for (model, labels), one in found.items()
    ]  # fmt: skip
    factors = dict.fromkeys(name for one in found.values() for name in one.shares)
    columns: dict[str, str | cells.Show] = {"model, labels": "of"}
    columns |= {name: partial(_share, name) for name in factors}
    columns |= {
        "rest": cells.numbers("residual", percent),
        "cells": "cells",
        "standard deviation, points": cells.numbers("deviation", percent),
    }
    title = "Shares of the variance of accuracy"
    confounded = {one.confounded for one in found.values()}
    blocks: list[Block] = [table("variance", title, data, columns, rows=rows, caption=_READING)]
    names = sorted({name for some in confounded for name in some})
    if names:
        blocks.append(Paragraph(
            f"In this grid {' and '.join(names)} are partly determined by other choices; what they "
            "explain in common is divided among them."
        ))  # fmt: skip
    return Chapter("what-moves-the-outcome", "What moves the outcome", tuple(blocks))


def _share(name: str, row: cells.Row) -> str:
    return cells.number(percent, row[name]) if name in row else "one value"


def variance_table(found: Mapping[tuple[str, str], VarianceShares]) -> pd.DataFrame:
    """Return the shares as rows, in [0, 1]."""
    rows = [
        (model, labels, name, share, one.levels.get(name), one.cells, one.variance,
         name in one.confounded)
        for (model, labels), one in found.items()
        for name, share in (*one.shares.items(), ("residual", one.residual))
    ]  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=["model", "labels", "factor", "share", "levels", "cells", "variance", "confounded"],
    )
