"""What claims at equal exposure rest on: three comparisons side by side, and the curve."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from d2vbench.analysis import Judged, Outcome
from d2vbench.analysis.claims.evidence import ALL, BESIDE, Evidence
from d2vbench.analysis.studies.exposure import Fit
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import share_text
from d2vbench.report.document.structure import Block, FigureBlock, TableBlock
from d2vbench.report.document.titles import model_title
from d2vbench.report.figures.exposure import exposure_figure, exposure_points

# Of a figure: four rows of three fill a page.
_PANELS = 12


def views_text(judged: Judged) -> str:
    """Return what each of the views of a claim says, in a line; empty without any.

    Those that agree with the claim come first, so that none is taken for all.
    """
    said = judged.claim.by_view(judged.votes)
    agree = [view for view, outcome in said.items() if outcome is Outcome.SUPPORTED]
    if agree and len(agree) < len(said):
        others = [f"{outcome} {view}" for view, outcome in said.items() if view not in agree]
        return f"supported {' and '.join(agree)} only; {'; '.join(others)}"
    return "; ".join(f"{outcome} {view}" for view, outcome in said.items())


def views_table(judged: Judged) -> TableBlock:
    """Return the views of a claim side by side: a row a pair, model and label budget.

    A cell has the difference with its interval and verdict, or says that it is not computed.
    """
    claim = judged.claim
    named = {test: view for view, test in claim.views}
    found: dict[tuple[Any, ...], dict[str, Evidence]] = {}
    for piece in judged.evidence:
        if piece.role != BESIDE and piece.test in named:
            place = (piece.pair, piece.fraction, piece.model, piece.labels)
            found.setdefault(place, {})[named[piece.test]] = piece
    rows = []
    for place, by_view in found.items():
        row: dict[str, Any] = dict(zip(("pair", "fraction", "model", "labels"), place, strict=True))
        for view, _ in claim.views:
            one = by_view.get(view)
            row |= {f"{view}, {name}": None if one is None else getattr(one.interval, name)
                    for name in ("estimate", "low", "high")}  # fmt: skip
            row[f"{view}, finding"] = "not computed" if one is None else one.finding
        rows.append(row | {"together": str(claim.outcome(list(by_view.values())))})
    shows: dict[str, str | cells.Show] = {
        "pair": cells.pair, "model": cells.model, "labels": cells.labels,
        **{view: cells.worded(cells.intervals(f"{view}, estimate", f"{view}, "), f"{view}, finding")
           for view, _ in claim.views},
        "together": "together",
    }  # fmt: skip
    names = [f"{view}, {name}" for view, _ in claim.views
             for name in ("estimate", "low", "high", "finding")]  # fmt: skip
    columns = ["pair", "fraction", "model", "labels", *names, "together"]
    return table(
        f"claim-{claim.id.lower()}-three",
        f"{claim.id}: the three comparisons side by side",
        pd.DataFrame(rows, columns=columns),
        shows,
        caption=f"Claim: {claim.statement} Difference of accuracy in percentage points, with its "
        "95 % interval and verdict. Together: supported or contradicted only where all three "
        "comparisons are. What is not computed lacks cells: see below.",
    )


def fit_blocks(fits: Sequence[Fit]) -> list[Block]:
    """Return how much of the differences the area of D explains: a table, and the figure.

    Parameters
    ----------
    fits : sequence of Fit
        By place; may be none.

    Returns
    -------
    list of Block
        Empty without a fit.
    """
    if not fits:
        return []
    rows = [
        {
            **dict(zip(("pair", "fraction", "model", "labels"), one.place, strict=True)),
            "variants": len(one.curve), "strategies": len({p.variant.strategy for p in one.curve}),
            "r2": one.r2, "r2_across": one.r2_across, "r2_words": one.r2_words,
        }
        for one in fits
    ]  # fmt: skip
    explained = table(
        "exposure-explained",
        "How much of what variants differ by a curve explains",
        pd.DataFrame(rows),
        {
            "pair": cells.pair, "model": cells.model, "labels": cells.labels,
            "variants": "variants", "strategies": "strategies",
            "area of D, in sample": cells.numbers("r2", share_text),
            "area of D, strategies left out": cells.numbers("r2_across", share_text),
            "words trained, in sample": cells.numbers("r2_words", share_text),
        },
        caption="Share of the variance of mean accuracies over variants. Left out: each strategy "
        "is predicted by the curve of the others; negative where their mean predicts better.",
    )  # fmt: skip
    return [*fit_figures([one for one in fits if one.place[3] == ALL] or fits), explained]


def fit_figures(fits: Sequence[Fit], study: str = "") -> list[FigureBlock]:
    """Return a figure a model, and more than one where it has more panels than a page.

    Parameters
    ----------
    fits : sequence of Fit
        By place; may be none.
    study : str
        Whose variants they are of: what the slug begins with; empty for a whole run.

    Returns
    -------
    list of FigureBlock
        Accuracy over the area of D: variants as points, and a curve for each pair.
    """
    found = []
    for model in dict.fromkeys(one.place[2] for one in fits):
        mine = [one for one in fits if one.place[2] == model]
        pages = range(0, len(mine), _PANELS)
        for page in pages:
            points = exposure_points(mine[page : page + _PANELS])
            part = f", {page // _PANELS + 1} of {len(pages)}" if len(pages) > 1 else ""
            number = str(page // _PANELS + 1) if len(pages) > 1 else ""
            found.append(
                FigureBlock(
                    slug_of(study, "exposure", model, number),
                    f"Accuracy over the area of D, {model_title(model)}{part}",
                    partial(exposure_figure, points),
                    "A point a variant, its mean over seeds: strategy, schedule, k, alpha and "
                    "epochs. The area of D is the alpha that a document of D collects over its "
                    "passes. The line is a cubic of its logarithm through all points.",
                    data=points,
                )
            )
    return found


def residual_table(judged: Judged, data: pd.DataFrame, columns: Any) -> TableBlock:
    """Return the strategies of a claim about each of them in one table."""
    claim = judged.claim
    shown = data[data["role"] != BESIDE] if (data["role"] != BESIDE).any() else data
    return table(
        f"claim-{claim.id.lower()}-strategies",
        f"{claim.id}: each strategy against the curve of the others",
        data,
        columns,
        rows=cells.rows(shown),
        caption=f"Claim: {claim.statement} Found: mean difference of accuracy from the curve, in "
        "percentage points. p-values are adjusted by Holm's method over the votes of a verdict.",
    )
