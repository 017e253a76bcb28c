"""Why pairs differ: what generic text is worth, by properties of the pair."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.scores import budgets, holm
from d2vbench.analysis.studies.moderators import PROPERTIES, Moderators, moderators
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import p_text, share_text
from d2vbench.report.document.structure import Block, Chapter, FigureBlock, Paragraph
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.figures.moderators import domain_titles, moderator_points, moderators_figure

SLUG = "why-pairs-differ"
_READING = (
    "What generic text is worth on a pair is the accuracy with it less that without, of strategies "
    "that show the domain equally often. It is regressed on properties of the pair, all at once, "
    "each scaled to a standard deviation of one; generic corpora, domain corpora and pairs are "
    "random effects, as in the means over pairs. A property of the domain alone has no more values "
    "than there are domains, and whatever else these differ by goes along with it. A pair is "
    "predicted from those that share neither corpus with it: where that comes no nearer than the "
    "mean of all, the properties describe these pairs and predict no other."
)


def moderators_chapter(data: RunData) -> Chapter | None:
    """Lay out why pairs differ; None where a run has too few pairs.

    Parameters
    ----------
    data : RunData
        The run.
    """
    models = [model for model in dict.fromkeys(data.cells["model"]) if model != BASELINE]
    found = [
        one
        for model in models
        for labels in budgets(data)
        if isinstance(one := moderators(data, model, labels), Moderators)
    ]
    if not found:
        return None
    blocks: list[Block] = [Paragraph(_READING), *map(_said_block, found)]
    blocks += [_figure(one) for one in found]
    blocks += [_coefficients(found), _predictions(found)]
    return Chapter(SLUG, "Why pairs differ", tuple(blocks))


def _said_block(one: Moderators) -> Paragraph:
    """Say in a sentence how much is explained, and how well other corpora predict."""
    observed = np.array([point.difference for point in one.points])
    predicted = np.array([point.left_out for point in one.points])
    there = ~np.isnan(predicted)
    text = (
        f"{model_title(one.model)}, {labels_title(one.labels)}: {one.first} is "
        f"{100 * observed.min():+.1f} to {100 * observed.max():+.1f} points from {one.second} on "
        f"{len(observed)} pairs. The properties explain {share_text(one.found.explained)} of the "
        f"variance between pairs and leave a standard deviation of "
        f"{100 * one.found.deviation:.1f} points."
    )
    if there.sum() > 1:
        miss = np.sqrt(np.square(predicted - observed)[there].mean())
        plain = np.sqrt(np.square(_means_of_others(one) - observed)[there].mean())
        text += (
            f" Predicted from pairs of other corpora, a pair is missed by {100 * miss:.1f} points "
            f"(root mean square); the mean of those pairs misses it by {100 * plain:.1f}."
        )
    return Paragraph(text)


def _means_of_others(one: Moderators) -> np.ndarray:
    """Return for each pair the mean over those that share no corpus with it."""
    return np.array([
        np.mean([p.difference for p in one.points
                 if p.generic != point.generic and p.domain != point.domain] or [np.nan])
        for point in one.points
    ])  # fmt: skip


def _figure(one: Moderators) -> Block:
    points = moderator_points(one)
    return FigureBlock(
        slug_of(SLUG, one.model, one.labels),
        f"What generic text is worth by properties of the pair, {model_title(one.model)}, "
        f"{labels_title(one.labels)}",
        partial(moderators_figure, points),
        f"{one.first} less {one.second}, accuracy in percentage points, a point a pair; bars: "
        "95 % by seeds and test documents. Last panel: as predicted from the pairs that share "
        "neither corpus; the dashed line is that of equal numbers.",
        data=points,
    )


def _coefficients(found: Sequence[Moderators]) -> Block:
    titles = {one.name: one.title for one in PROPERTIES}
    rows = []
    for one in found:
        adjusted = holm([c.interval.p for c in one.found.coefficients])
        rows += [
            {
                "model": one.model, "labels": one.labels, "property": c.name,
                "title": titles[c.name], "change": c.interval.estimate, "low": c.interval.low,
                "high": c.interval.high, "p": c.interval.p, "p_holm": p, "freedom": c.freedom,
                "mean": c.mean, "deviation": c.deviation, "explained": one.found.explained,
                "left": one.found.deviation, "pairs": len(one.points),
            }
            for c, p in zip(one.found.coefficients, adjusted, strict=True)
        ]  # fmt: skip
    return table(
        slug_of(SLUG, "properties"), "What goes along with the worth of generic text",
        pd.DataFrame(rows),
        {
            "model": cells.model, "labels": cells.labels, "property": "title",
            "points for one standard deviation [95 %]": cells.intervals("change"),
            "p (Holm)": cells.numbers("p_holm", p_text), "pairs": "pairs",
        },
        caption="All properties entered at once; of sizes the logarithm. p is adjusted by Holm's "
        "method over the properties of a model and label budget.",
    )  # fmt: skip


def _predictions(found: Sequence[Moderators]) -> Block:
    rows = []
    for one in found:
        domains = domain_titles([p.pair for p in one.points], [p.domain for p in one.points])
        rows += [
            {
                "model": one.model, "labels": one.labels, "pair": point.pair, "fraction": 1.0,
                "generic": point.generic, "domain": domains[point.domain],
                "difference": point.difference, "variance": point.variance,
                "predicted": point.left_out, **point.properties,
            }
            for point in sorted(one.points, key=lambda p: -p.difference)
        ]  # fmt: skip

    def signed(name: str) -> cells.Show:
        return cells.numbers(name, lambda value: f"{100 * value:+.1f}")

    return table(
        slug_of(SLUG, "pairs"), "What generic text is worth on each pair, and as predicted",
        pd.DataFrame(rows),
        {
            "pair": cells.pair, "model": cells.model, "labels": cells.labels,
            "points": signed("difference"), "predicted from other corpora": signed("predicted"),
            "divergence, bits": cells.numbers("divergence", "{:.2f}".format),
            "words of D that G lacks": cells.numbers("out_of_vocabulary", share_text),
            "words of G for one of D": cells.numbers("ratio", lambda v: f"{np.exp(v):.1f}"),
            "words of a document": cells.numbers("length", lambda v: f"{np.exp(v):.0f}"),
            "classes": cells.numbers("classes", lambda v: f"{np.exp(v):.0f}"),
        },
    )  # fmt: skip
