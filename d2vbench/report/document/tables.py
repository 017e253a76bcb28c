"""The tables of a comparison: a row a variant, best first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.analysis.contrasts.variants import (
    GROUP,
    Variant,
    variant_title,
    variants_of,
    with_texts,
)
from d2vbench.report.document.blocks import share_slug, slug_of, table
from d2vbench.report.document.phrases import percent, points
from d2vbench.report.document.structure import TableBlock
from d2vbench.report.document.titles import group_title, labels_title

_READING = (
    "Accuracy on held-out domain documents in per cent; against combined: the paired difference "
    "in percentage points, with its verdict. In brackets 95 % intervals over seeds and test "
    "documents. Best first, baselines last."
)


@dataclass(frozen=True)
class Table:
    """A table of text, for a narrow screen.

    Attributes
    ----------
    title : str
        What it is about.
    columns : tuple of str
        Headings; the first column is text, the others are numbers.
    rows : tuple of tuple of str
        Cells, as people read them.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _accuracy(row: Mapping[str, Any], brief: bool) -> str:
    text = percent(row["accuracy"])
    if brief or math.isnan(row["accuracy_low"]):
        return text
    return f"{text} [{percent(row['accuracy_low'])}, {percent(row['accuracy_high'])}]"


def _difference(row: Mapping[str, Any], brief: bool) -> str:
    if isinstance(row["verdict"], float) or row["verdict"] == "reference":
        return "reference" if row["verdict"] == "reference" else ""
    text = points(row["difference"])
    if not brief and not math.isnan(row["difference_low"]):
        text += f" [{points(row['difference_low'])}, {points(row['difference_high'])}]"
    return f"{text} {row['verdict']}"


def brief_tables(summary: pd.DataFrame) -> list[Table]:
    """Lay a summary out for a narrow screen: as `comparison_tables`, without intervals."""
    return [
        Table(title, columns, rows) for _, title, columns, rows, _ in _comparisons(summary, True)
    ]


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
        `combined` in percentage points with its interval and verdict.
    """
    return [
        table(
            slug_of(study, pair, share_slug(fraction), model),
            f"{study}: {title}" if named else title,
            columns,
            rows,
            data,
            1,
            _READING,
            settings,
        )
        for (pair, fraction, model), title, columns, rows, data in _comparisons(summary, False)
    ]


_Rows = tuple[tuple[str, ...], ...]


def _comparisons(
    summary: pd.DataFrame, brief: bool
) -> Iterator[tuple[tuple[str, float, str], str, tuple[str, ...], _Rows, pd.DataFrame]]:
    """Yield where, title, headings, rows and numbers of each comparison."""
    baseline = summary[summary["model"] == BASELINE]
    doc2vec = summary[summary["model"] != BASELINE]
    for (pair, fraction, model), group in doc2vec.groupby(GROUP, sort=False):
        mine = baseline[(baseline["pair"] == pair) & (baseline["fraction"] == fraction)]
        budgets = list(dict.fromkeys(group["labels"]))
        columns = ["strategy"]
        for budget in budgets:
            columns += [f"accuracy %, {labels_title(budget)}", "against combined, points"]
        found = _by_variant(group)
        first = [v for v, by_budget in found.items() if budgets[0] in by_budget]
        first.sort(key=lambda v: -found[v][budgets[0]]["accuracy"])
        rows = []
        for variant in first:
            cells = [variant_title(variant)]
            for budget in budgets:
                row = found[variant].get(budget)
                cells += [_accuracy(row, brief), _difference(row, brief)] if row else ["", ""]
            rows.append(tuple(cells))
        for variant, by_budget in _by_variant(mine).items():
            cells = [variant.strategy]
            for budget in budgets:
                row = by_budget.get(budget)
                cells += [_accuracy(row, brief) if row else "", ""]
            rows.append(tuple(cells))
        place = (str(pair), float(str(fraction)), str(model))
        data = pd.concat([group, mine]) if len(mine) else group
        yield place, group_title(*place), tuple(columns), tuple(rows), with_texts(data)


def _by_variant(rows: pd.DataFrame) -> dict[Variant, dict[str, dict[str, Any]]]:
    """Return the rows of a comparison by variant and label budget."""
    found: dict[Variant, dict[str, dict[str, Any]]] = {}
    for variant, record in zip(variants_of(rows), rows.to_dict("records"), strict=True):
        row = {str(name): value for name, value in record.items()}
        found.setdefault(variant, {})[str(row["labels"])] = row
    return found


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
    counts: Counter[tuple[str, ...]] = Counter()
    for _, cell in tried.iterrows():
        signal = cell.get("expansion_signal")
        ended = str(cell["expansion_outcome"]) + (f" ({signal})" if isinstance(signal, str) else "")
        place = (cell["pair"], cell["vocabulary_policy"], cell["expansion_gensim"])
        counts[(*map(str, place), ended)] += 1
    if not counts:
        return []
    columns = ("pair", "vocabulary", "gensim", "outcome", "trials")
    data = pd.DataFrame([(*place, n) for place, n in counts.items()], columns=list(columns))
    title = "What became of build_vocab(update=True)"
    rows = [(*place, str(n)) for place, n in counts.items()]
    slug = slug_of(study, "expansion")
    return [table(slug, title, columns, rows, data, 4, settings=settings)]
