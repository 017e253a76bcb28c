"""How strategies compare over the pairs of corpora of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from d2vbench.analysis import (
    AcrossPairs,
    RunData,
    SignedRankProbabilities,
    across_pairs,
    bayesian_signed_rank,
    mean_by_pair,
)
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.scores import budgets
from d2vbench.analysis.contrasts.variants import REFERENCE, variant_title, variants_of
from d2vbench.keys import derive_seed
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import slug_of, table
from d2vbench.report.document.phrases import p_text, percent
from d2vbench.report.document.structure import (
    Block,
    Chapter,
    Drawing,
    FigureBlock,
    Paragraph,
    TableBlock,
)
from d2vbench.report.document.titles import labels_title, model_title
from d2vbench.report.figures.overview import ranks_figure

_FIGURE_CAPTION = (
    "Average rank of each strategy over pairs, 1 is best. A bar joins strategies that Wilcoxon's "
    "signed-rank test, adjusted by Holm's method, does not tell apart."
)
# With so few pairs the number of draws does not limit precision.
_DRAWS = 20_000

_READING = (
    "Each pair counts once, with the mean accuracy over seeds. Rank 1 is best. Wilcoxon's "
    "signed-rank test, adjusted by Holm's method over all comparisons of two strategies; a "
    "difference that is not found is no evidence of equality, above all with few pairs. P(worse), "
    "P(equivalent) and P(better) are probabilities by the Bayesian signed-rank test with a region "
    "of practical equivalence of 1 point: how the strategy stands against the reference on a pair "
    "like these. A few pairs that agree are enough to make one of them high: it is weak evidence."
)


@dataclass(frozen=True)
class Ranked:
    """A comparison over pairs with one model and label budget.

    Attributes
    ----------
    model, labels : str
        Where.
    means : pandas.DataFrame
        (n_pairs, n_strategies): what was compared.
    found : AcrossPairs
        The tests.
    strategies : dict of str to str
        From the title of each variant to the name of its strategy.
    reference : str
        `combined` where it is there, else the strategy of the best average rank.
    probabilities : dict of str to SignedRankProbabilities
        Of each other strategy against the reference.
    """

    model: str
    labels: str
    means: pd.DataFrame
    found: AcrossPairs
    strategies: Mapping[str, str]
    reference: str
    probabilities: Mapping[str, SignedRankProbabilities]


def ranked(data: RunData) -> list[Ranked]:
    """Compare the strategies of the first study that has them on two pairs or more.

    Parameters
    ----------
    data : RunData
        The run.

    Returns
    -------
    list of Ranked
        For each model and label budget with two pairs and two strategies that all of them have.
    """
    studies = data.studies()
    mine = data.study(studies[0]) if studies else data
    models = [m for m in dict.fromkeys(mine.cells["model"]) if m != BASELINE]
    strategies = {variant_title(v): v.strategy for v in dict.fromkeys(variants_of(mine.cells))}
    result = []
    for model in models:
        for labels in budgets(mine):
            means = mean_by_pair(mine, model, labels)
            if len(means) < 2 or len(means.columns) < 2:
                continue
            found = across_pairs(means.to_numpy(), list(means.columns), list(means.index))
            reference = REFERENCE if REFERENCE in found.names else found.names[0]
            probabilities = {}
            for name in found.names:
                if name != reference:
                    rng = np.random.default_rng(derive_seed(0, "ranks", model, labels, name))
                    differences = (means[name] - means[reference]).to_numpy()
                    probabilities[name] = bayesian_signed_rank(differences, rng, count=_DRAWS)
            result.append(Ranked(model, labels, means, found, strategies, reference, probabilities))
    return result


def across_chapter(comparisons: Sequence[Ranked], sources: Mapping[str, set[str]]) -> Chapter:
    """Lay out average ranks, tests and probabilities.

    Parameters
    ----------
    comparisons : sequence of Ranked
        From `ranked`; at least one.
    sources : mapping of str to set of str
        The corpora of each pair, to say which pairs share one.

    Returns
    -------
    Chapter
        A sub-chapter for each comparison, and a critical-difference diagram for each model.
    """
    figures: dict[str, Block] = {}
    for one in comparisons:
        # One a model: further label budgets are in the tables.
        if one.model not in figures:
            figures[one.model] = FigureBlock(
                slug_of("ranks", one.model),
                f"Average ranks over pairs: {_title(one)}",
                _drawing(one),
                _FIGURE_CAPTION,
                data=pairs_table([one]),
            )
    parts = tuple(
        Chapter(slug_of("across", one.model, one.labels), _title(one), tuple(_blocks(one, sources)))
        for one in comparisons
    )
    blocks = (Paragraph(_READING), *figures.values())
    return Chapter("across-pairs", "Across pairs", blocks, parts)


def _title(one: Ranked) -> str:
    return f"{model_title(one.model)}, {labels_title(one.labels)}"


def _drawing(one: Ranked) -> Drawing:
    return lambda: ranks_figure(one.found, strategies=one.strategies)


def _blocks(one: Ranked, sources: Mapping[str, set[str]]) -> list[Block]:
    return [_ranks(one), Paragraph(_tests(one, sources))]


def _ranks(one: Ranked) -> TableBlock:
    found = one.found
    place = found.names.index(one.reference)
    means = one.means.mean()

    def row(i: int, name: str) -> dict[str, str]:
        p = one.probabilities.get(name)
        against = cells.number(p_text, found.holm_p[i, place]) if p else "reference"
        return {
            "strategy": name,
            "average rank": cells.number("{:.2f}".format, found.average_ranks[i]),
            "mean accuracy %": cells.number(percent, means[name]),
            f"p (Holm) against {one.reference}": against,
            "P(worse)": cells.number("{:.2f}".format, p and p.worse),
            "P(equivalent)": cells.number("{:.2f}".format, p and p.equivalent),
            "P(better)": cells.number("{:.2f}".format, p and p.better),
        }

    rows = [row(i, name) for i, name in enumerate(found.names)]
    return table(
        slug_of("across", one.model, one.labels),
        f"Strategies over pairs: {_title(one)}",
        pairs_table([one]),
        list(rows[0]),
        rows=rows,
        caption=_READING,
    )


def _tests(one: Ranked, sources: Mapping[str, set[str]]) -> str:
    """Return what the tests over all strategies say, in sentences."""
    found = one.found
    text = f"Pairs: {', '.join(found.pairs)}."
    if not math.isnan(found.friedman_p):
        text += (
            f" Friedman's test that all are alike: p {_equals(found.friedman_p)} "
            f"(Iman and Davenport: p {_equals(found.iman_davenport_p)})."
        )
    if found.left_out:
        text += f" Left out, because a strategy is missing: {', '.join(found.left_out)}."
    cliques = [f"{found.names[c[0]]} to {found.names[c[-1]]}" for c in found.cliques]
    if found.cliques and len(found.cliques[0]) == len(found.names):
        text += " No two are told apart."
    elif cliques:
        text += f" Not told apart, in the order of ranks: {'; '.join(cliques)}."
    if found.note:
        text += f" {found.note[0].upper()}{found.note[1:]}."
    return text + _shared(found.pairs, sources)


def _equals(p: float) -> str:
    return p_text(p) if p < 0.001 else f"= {p_text(p)}"


def _shared(pairs: Sequence[str], sources: Mapping[str, set[str]]) -> str:
    """Return which corpora several pairs share: such pairs are not independent."""
    counts: dict[str, int] = {}
    for pair in pairs:
        for corpus in sources.get(pair, ()):
            counts[corpus] = counts.get(corpus, 0) + 1
    shared = sorted(corpus for corpus, n in counts.items() if n > 1)
    if not shared:
        return ""
    return (
        f" Several pairs share {', '.join(shared)}: they are not independent, and the tests take "
        "them as independent."
    )


def pairs_table(comparisons: Sequence[Ranked]) -> pd.DataFrame:
    """Return a row for each two strategies: ranks, tests and probabilities."""
    columns = [
        "model", "labels", "first", "second", "rank_first", "rank_second", "difference",
        "wilcoxon_p", "holm_p", "p_worse", "p_equivalent", "p_better", "friedman_p",
        "critical_difference", "pairs",
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for one in comparisons:
        found, names = one.found, one.found.names
        means = one.means.loc[list(found.pairs)].mean()
        for i, first in enumerate(names):
            for j, second in enumerate(names):
                # Each two once: with the reference second, else in the order of ranks.
                if first == one.reference or (second != one.reference and j <= i):
                    continue
                p = one.probabilities[first] if second == one.reference else None
                rows.append((
                    one.model, one.labels, first, second, found.average_ranks[i],
                    found.average_ranks[j], float(means[first] - means[second]),
                    found.wilcoxon_p[i, j], found.holm_p[i, j],
                    *((p.worse, p.equivalent, p.better) if p else (math.nan,) * 3),
                    found.friedman_p, found.critical_difference, len(found.pairs),
                ))  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
