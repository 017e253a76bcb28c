"""The tables of a comparison: a row a variant, best first."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.summary import EXPOSURE
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    REFERENCE,
    Variant,
    variant_title,
    variants_of,
)
from d2vbench.report.document import cells
from d2vbench.report.document.blocks import share_slug, slug_of, table
from d2vbench.report.document.structure import TableBlock
from d2vbench.report.document.titles import group_title, labels_title

_READING = (
    "Accuracy on held-out domain documents in per cent; against combined: the paired difference "
    "in percentage points, with its verdict, not corrected for the best having been selected. In "
    "brackets 95 % intervals over seeds and test documents. Best first, baselines last. Area: the "
    "alpha that a document of D (of G) collects over its passes. Core seconds: those of one core, "
    "from training to evaluation."
)


def comparison_tables(
    summary: pd.DataFrame, study: str, named: bool = True, settings: str = ""
) -> list[TableBlock]:
    """Lay a summary out for reading: a table for each pair, share of D and model.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`.
    study : str
        Whose it is: what slugs begin with.
    named : bool
        Whether titles begin with it too.
    settings : str
        Those that its cells share, in a sentence.

    Returns
    -------
    list of TableBlock
        A row a variant, best first by the first label budget, and baselines last. For each label
        budget the accuracy in per cent with its 95 % interval, and the difference from
        `combined` in percentage points with its interval and verdict; behind those of the first
        budget passes and areas, words and seconds of one core, where they are known.
    """
    baseline = summary[summary["model"] == BASELINE]
    doc2vec = summary[summary["model"] != BASELINE]
    made = []
    for (pair, fraction, model), group in doc2vec.groupby(GROUP, sort=False):
        mine = baseline[(baseline["pair"] == pair) & (baseline["fraction"] == fraction)]
        place = (str(pair), float(str(fraction)), str(model))
        budgets = list(dict.fromkeys(group["labels"]))
        columns: dict[str, str | cells.Show] = {"strategy": "title"}
        for budget in budgets:
            title = labels_title(budget)
            columns[f"accuracy %, {title}"] = cells.within(budget, _ACCURACY)
            columns[f"points against {REFERENCE}, {title}"] = cells.within(budget, _DIFFERENCE)
            if budget == budgets[0]:
                # Beside the accuracy that most is read, before a screen ends.
                columns |= {
                    heading: cells.within(budget, cells.numbers(name, form))
                    for heading, (name, form) in _EXPOSURE.items()
                    if name in group and group[name].notna().any()
                }
        found = [row for row in rows_by_variant(group) if budgets[0] in row]
        found.sort(key=lambda row: -row[budgets[0]]["accuracy"])
        title = group_title(*place)
        made.append(
            table(
                slug_of(study, place[0], share_slug(place[1]), place[2]),
                f"{study}: {title}" if named else title,
                pd.concat([group, mine]) if len(mine) else group,
                columns,
                rows=[*found, *rows_by_variant(mine)],
                caption=_READING,
                settings=settings,
            )
        )
    return made


def brief_tables(summary: pd.DataFrame) -> list[TableBlock]:
    """Lay a summary out for a narrow screen: as `comparison_tables`, no intervals or exposure."""
    ends = [f"{name}_{end}" for name in ("accuracy", "difference") for end in ("low", "high")]
    wide = dict.fromkeys((*ends, *EXPOSURE), math.nan)
    return comparison_tables(summary.assign(**wide), "", named=False)


_ACCURACY = cells.intervals("accuracy", "accuracy_", "per cent")
_DIFFERENCE = cells.worded(cells.intervals("difference", "difference_"), "verdict")
# Of the last, seconds of one core over training, inference and evaluation.
_EXPOSURE: dict[str, tuple[str, Callable[[float], str]]] = {
    "passes of D": ("domain_passes", lambda passes: f"{round(passes, 1):g}"),
    "area of D": ("domain_area", "{:.3f}".format),
    "area of G": ("generic_area", "{:.3f}".format),
    "million words": ("words_trained", lambda words: f"{words / 1e6:,.1f}"),
    "core seconds": ("seconds_core", "{:,.0f}".format),
}


def rows_by_variant(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each variant its title, and by label budget its row of the summary."""
    found: dict[Variant, dict[str, Any]] = {}
    for variant, row in zip(variants_of(rows), cells.rows(rows), strict=True):
        found.setdefault(variant, {"title": variant_title(variant)})[str(row["labels"])] = row
    return list(found.values())


def expansion_tables(cells: pd.DataFrame, study: str, settings: str = "") -> list[TableBlock]:
    """Return what became of gensim's expanded vocabularies.

    Parameters
    ----------
    cells : pandas.DataFrame
        From `RunData`; columns ``expansion_...`` are there where a cell expanded its vocabulary.
    study : str
        Whose cells they are: what the slug begins with.
    settings : str
        Those that its cells share, in a sentence.

    Returns
    -------
    list of TableBlock
        One, with a row for each pair, policy and outcome; none without such cells.
    """
    if "expansion_outcome" not in cells:
        return []
    tried = cells[cells["expansion_outcome"].notna()]
    if tried.empty:
        return []
    signal = tried.get("expansion_signal", pd.Series(index=tried.index, dtype=object))
    ended = tried["expansion_outcome"].astype(str)
    ended = ended.where(signal.isna(), ended + " (" + signal.astype(str) + ")")
    names = {"pair": "pair", "vocabulary_policy": "vocabulary", "expansion_gensim": "gensim"}
    data = tried[list(names)].astype(str).rename(columns=names).assign(outcome=ended)
    data = data.groupby(list(data), sort=False).size().reset_index(name="trials")
    title = "What became of build_vocab(update=True)"
    slug = slug_of(study, "expansion")
    return [table(slug, title, data, list(map(str, data)), settings=settings)]
