"""Which choice moves the outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from d2vbench.analysis import VarianceShares
from d2vbench.report.document.blocks import table
from d2vbench.report.document.phrases import percent
from d2vbench.report.document.structure import Block, Chapter, Paragraph
from d2vbench.report.document.titles import labels_title, model_title

_READING = (
    "Shares of the variance of accuracy over cells, in per cent, by what each choice adds to R2 "
    "averaged over all orders (LMG). A description of this grid, not a test: widen what a choice "
    "ranges over and its share grows. The rest is interactions and noise."
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
    factors = list(dict.fromkeys(name for shares in found.values() for name in shares.shares))
    columns = ("model, labels", *factors, "rest", "cells", "standard deviation, points")
    rows, confounded = [], set()
    for (model, labels), one in found.items():
        confounded.add(one.confounded)
        # A factor of one value cannot explain anything, which is no finding.
        shown = [_share(one, name) for name in factors]
        rows.append(
            (
                f"{model_title(model)}, {labels_title(labels)}", *shown, _percent(one.residual),
                str(one.cells), f"{100 * math.sqrt(one.variance):.1f}",
            )
        )  # fmt: skip
    blocks: list[Block] = [
        table("variance", "Shares of the variance of accuracy", columns, rows,
              variance_table(found), 1, _READING)
    ]  # fmt: skip
    names = sorted({name for some in confounded for name in some})
    if names:
        blocks.append(Paragraph(
            f"In this grid {' and '.join(names)} are told in part by other choices; what they "
            "explain in common is divided among them."
        ))  # fmt: skip
    return Chapter("what-moves-the-outcome", "What moves the outcome", tuple(blocks))


def _percent(share: float) -> str:
    return "" if math.isnan(share) else percent(share)


def _share(one: VarianceShares, name: str) -> str:
    if one.levels.get(name, 0) < 2:
        return "one value"
    return _percent(one.shares[name])


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
