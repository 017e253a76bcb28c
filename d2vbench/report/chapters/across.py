"""How strategies compare over the pairs of corpora of a run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from d2vbench.analysis import AcrossPairs, OverPairs, RunData, across_pairs, mean_by_pair, verdict
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.pair_corpora import PairCorpora, corpora_text
from d2vbench.analysis.contrasts.pair_means import over_corpora_between
from d2vbench.analysis.contrasts.scores import budgets, holm
from d2vbench.analysis.contrasts.variants import REFERENCE, variant_title, variants_of
from d2vbench.analysis.statistics.verdicts import MIN_SEEDS
from d2vbench.report.chapters.over_pairs import OVER_PAIRS, over_pairs_numbers
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

# Of more strategies than so many, each two would be a long table.
_FEW = 12
K = TypeVar("K", bound=Hashable)

_FIGURE_CAPTION = (
    "Average rank of each strategy over pairs, 1 is best. A bar joins strategies that Wilcoxon's "
    "signed-rank test, adjusted by Holm's method, does not tell apart."
)
_READING = (
    "With all of D, the mean accuracy over seeds. The verdict is about the difference from the "
    "reference over new generic and new domain corpora: better or worse where the interval of the "
    "mean excludes zero and p, adjusted by Holm's method over the strategies, is under 0.05; "
    f"equivalent where it lies within 1 point. {OVER_PAIRS} Ranks describe the pairs of this run: "
    "1 is best; Wilcoxon's signed-rank test, adjusted by Holm's method over all comparisons of two "
    "strategies, takes pairs for independent, and none found is no evidence of equality, least of "
    "all with few pairs."
)

_BY_SEEDS = "share of seeds, %"
_SEEDS = (
    " Where seeds are little of the variance of the mean, more seeds hardly narrow its interval: "
    "that takes more corpora. With few seeds the share is a rough guide."
)


@dataclass(frozen=True)
class Against:
    """A strategy against the reference, over new corpora.

    Attributes
    ----------
    found : OverPairs
        The difference in accuracy.
    p_holm : float
        Adjusted over all strategies against the reference.
    verdict : str
        What interval and adjusted p say of new corpora.
    """

    found: OverPairs
    p_holm: float
    verdict: str


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
    against : dict of str to Against
        Each other strategy against the reference.
    between : dict of (str, str) to Against
        Each two of them, the first less the second; empty where there are many.
    """

    model: str
    labels: str
    means: pd.DataFrame
    found: AcrossPairs
    strategies: Mapping[str, str]
    reference: str
    against: Mapping[str, Against]
    between: Mapping[tuple[str, str], Against]


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
            plain = [(name, reference) for name in found.names if name != reference]
            few = found.names if len(found.names) <= _FEW else ()
            two = list(itertools.combinations(few, 2))
            over = over_corpora_between(mine, [*plain, *two], model, labels)
            against = _judged({name: over[name, of] for name, of in plain if (name, of) in over})
            between = _judged({both: over[both] for both in two if both in over})
            result.append(
                Ranked(model, labels, means, found, strategies, reference, against, between)
            )
    return result


def _judged(over: Mapping[K, OverPairs]) -> dict[K, Against]:
    """Judge differences together: p is adjusted over all of them."""
    adjusted = holm([one.interval.p for one in over.values()])
    return {
        # One seed is enough: what seeds add is then part of what pairs differ by.
        name: Against(one, p, str(verdict(one.interval, p, MIN_SEEDS)))
        for (name, one), p in zip(over.items(), adjusted, strict=True)
    }


def across_chapter(comparisons: Sequence[Ranked], corpora: Mapping[str, PairCorpora]) -> Chapter:
    """Lay out what strategies differ by over new corpora, and their ranks on these pairs.

    Parameters
    ----------
    comparisons : sequence of Ranked
        From `ranked`; at least one.
    corpora : mapping of str to PairCorpora
        From `pair_corpora`, to say which pairs share one.

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
        Chapter(slug_of("across", one.model, one.labels), _title(one), tuple(_blocks(one, corpora)))
        for one in comparisons
    )
    blocks = (Paragraph(_READING), *figures.values())
    return Chapter("across-pairs", "Across pairs", blocks, parts)


def _title(one: Ranked) -> str:
    return f"{model_title(one.model)}, {labels_title(one.labels)}"


def _drawing(one: Ranked) -> Drawing:
    return lambda: ranks_figure(one.found, strategies=one.strategies)


def _blocks(one: Ranked, corpora: Mapping[str, PairCorpora]) -> list[Block]:
    limits = dict.fromkeys(o.found.limits for o in one.against.values() if o.found.limits)
    between = [_between(one)] if len(one.between) > 1 else []
    return [_ranks(one), *map(Paragraph, limits), *between, Paragraph(_tests(one, corpora))]


def _between(one: Ranked) -> TableBlock:
    rows = [
        {"first": first, "second": second, **over_pairs_numbers(mine.found),
         "p_holm": mine.p_holm, "verdict": mine.verdict}
        for (first, second), mine in one.between.items()
    ]  # fmt: skip
    data = pd.DataFrame(rows)
    return table(
        slug_of("across", one.model, one.labels, "two"),
        f"Each two strategies over pairs: {_title(one)}",
        data,
        {
            "strategy": "first", "less": "second", "points [95 %]": cells.intervals("estimate"),
            "on a new pair [95 %]": cells.intervals("estimate", "new_"),
            "p (Holm)": cells.numbers("p_holm", p_text), "over new corpora": "verdict",
            **({_BY_SEEDS: cells.numbers("of_seeds", _hundreds)} if "of_seeds" in data else {}),
        },
        caption="As the table before it, of each two strategies, in the order of their ranks; p is "
        f"adjusted by Holm's method over all rows. {OVER_PAIRS}{_SEEDS * ('of_seeds' in data)}",
    )  # fmt: skip


def _ranks(one: Ranked) -> TableBlock:
    found = one.found
    place = found.names.index(one.reference)
    means = one.means.mean()
    seeds = any(not math.isnan(mine.found.of_seeds) for mine in one.against.values())

    def row(i: int, name: str) -> dict[str, str]:
        mine = one.against.get(name)
        numbers = over_pairs_numbers(mine.found) if mine else {}
        missing = "reference" if name == one.reference else "no seed in common"
        return {
            "strategy": name,
            "mean accuracy %": cells.number(percent, means[name]),
            f"minus {one.reference} [95 %]": cells.intervals("estimate")(numbers)
            if mine
            else missing,
            "on a new pair [95 %]": cells.intervals("estimate", "new_")(numbers) if mine else "",
            "p (Holm)": cells.number(p_text, mine and mine.p_holm),
            "over new corpora": mine.verdict if mine else "",
            **({_BY_SEEDS: cells.number(_hundreds, numbers.get("of_seeds"))} if seeds else {}),
            "average rank": cells.number("{:.2f}".format, found.average_ranks[i]),
            "Wilcoxon p (Holm)": cells.number(p_text, found.holm_p[i, place]),
        }

    rows = [row(i, name) for i, name in enumerate(found.names)]
    return table(
        slug_of("across", one.model, one.labels),
        f"Strategies over pairs: {_title(one)}",
        pairs_table([one]),
        list(rows[0]),
        rows=rows,
        caption=_READING + _SEEDS * seeds,
    )


def _hundreds(share: float) -> str:
    return f"{100 * share:.0f}"


def _tests(one: Ranked, corpora: Mapping[str, PairCorpora]) -> str:
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
    shared = corpora_text(found.pairs, corpora)
    return f"{text} {shared}" if shared else text


def _equals(p: float) -> str:
    return p_text(p) if p < 0.001 else f"= {p_text(p)}"


def pairs_table(comparisons: Sequence[Ranked]) -> pd.DataFrame:
    """Return a row for each two strategies: ranks, tests, and what is said of new corpora."""
    rows: list[dict[str, Any]] = []
    for one in comparisons:
        found, names = one.found, one.found.names
        means = one.means.loc[list(found.pairs)].mean()
        for i, first in enumerate(names):
            for j, second in enumerate(names):
                # Each two once: with the reference second, else in the order of ranks.
                if first == one.reference or (second != one.reference and j <= i):
                    continue
                row = {
                    "model": one.model, "labels": one.labels, "first": first, "second": second,
                    "rank_first": found.average_ranks[i], "rank_second": found.average_ranks[j],
                    "difference": float(means[first] - means[second]),
                    "wilcoxon_p": found.wilcoxon_p[i, j], "wilcoxon_holm_p": found.holm_p[i, j],
                    "friedman_p": found.friedman_p,
                    "critical_difference": found.critical_difference,
                }  # fmt: skip
                mine = one.against.get(first) if second == one.reference else None
                if mine is not None:
                    row |= over_pairs_numbers(mine.found)
                    row |= {"holm_p": mine.p_holm, "verdict": mine.verdict}
                rows.append(row | {"pairs": len(found.pairs)})
    return pd.DataFrame(rows)
