"""Tables as data, and their forms: Markdown, LaTeX."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from d2vbench.analysis.frame import BASELINE
from d2vbench.analysis.summary import GROUP, VARIANT, variant_title
from d2vbench.report.titles import group_title, labels_title

_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~$"})
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{c: f"\\{c}" for c in "&%$#_{}"},
    }
)


@dataclass(frozen=True)
class Table:
    """A table of text.

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


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    return " ".join(text.translate(_MARKDOWN).split())


def escape_latex(text: str) -> str:
    """Return text that LaTeX sets as it stands."""
    return " ".join(text.translate(_LATEX).split())


def percent(value: float) -> str:
    """Return a share in per cent with one decimal.

    Examples
    --------
    >>> percent(0.7503)
    '75.0'
    """
    return f"{value * 100:.1f}"


def points(value: float) -> str:
    """Return a difference in percentage points, signed, with one decimal.

    Examples
    --------
    >>> points(-0.0513), points(0.0)
    ('-5.1', '+0.0')
    """
    return f"{value * 100:+.1f}"


def _accuracy(row: pd.Series, brief: bool) -> str:
    text = percent(row["accuracy"])
    if brief or math.isnan(row["accuracy_low"]):
        return text
    return f"{text} [{percent(row['accuracy_low'])}, {percent(row['accuracy_high'])}]"


def _difference(row: pd.Series, brief: bool) -> str:
    if isinstance(row["verdict"], float) or row["verdict"] == "reference":
        return "reference" if row["verdict"] == "reference" else ""
    text = points(row["difference"])
    if not brief and not math.isnan(row["difference_low"]):
        text += f" [{points(row['difference_low'])}, {points(row['difference_high'])}]"
    return f"{text} {row['verdict']}"


def comparison_tables(summary: pd.DataFrame, brief: bool = False) -> list[Table]:
    """Lay a summary out for reading: a table for each pair, share of D and model.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `summarise`.
    brief : bool
        Leave the intervals out, for a narrow screen.

    Returns
    -------
    list of Table
        A row a variant, best first by the first label budget, and baselines last. For each label
        budget the accuracy in per cent with its 95 % interval, and the difference from
        `combined` in percentage points with its interval and verdict.
    """
    tables = []
    baseline = summary[summary["model"] == BASELINE]
    doc2vec = summary[summary["model"] != BASELINE]
    for (pair, fraction, model), group in doc2vec.groupby(GROUP, sort=False):
        budgets = list(dict.fromkeys(group["labels"]))
        columns = ["strategy"]
        for budget in budgets:
            columns += [
                f"accuracy %, {labels_title(budget)}",
                "against combined, points",
            ]
        first = group[group["labels"] == budgets[0]]
        order = first.sort_values("accuracy", ascending=False, kind="stable")
        rows = []
        for _, best in order.iterrows():
            cells = [variant_title(*(best[name] for name in VARIANT))]
            for budget in budgets:
                same = (group[VARIANT] == best[VARIANT]).all(axis=1)
                row = group[same & (group["labels"] == budget)].iloc[0]
                cells += [_accuracy(row, brief), _difference(row, brief)]
            rows.append(tuple(cells))
        mine = baseline[(baseline["pair"] == pair) & (baseline["fraction"] == fraction)]
        for name, one in mine.groupby("strategy", sort=False):
            cells = [str(name)]
            for budget in budgets:
                row = one[one["labels"] == budget]
                cells += [_accuracy(row.iloc[0], brief) if len(row) else "", ""]
            rows.append(tuple(cells))
        title = group_title(str(pair), float(str(fraction)), str(model))
        tables.append(Table(title, tuple(columns), tuple(rows)))
    return tables


def expansion_tables(cells: pd.DataFrame) -> list[Table]:
    """Return what became of gensim's expanded vocabularies.

    Parameters
    ----------
    cells : pandas.DataFrame
        From `RunData`; columns ``expansion_...`` are there where a cell expanded its vocabulary.

    Returns
    -------
    list of Table
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
    rows = [(*place, str(count)) for place, count in counts.items()]
    if not rows:
        return []
    title = "what became of build_vocab(update=True)"
    return [Table(title, ("pair", "vocabulary", "gensim", "outcome", "trials"), tuple(rows))]


def to_markdown(table: Table) -> str:
    """Return a table in Markdown, without its title."""
    lines = [
        "| " + " | ".join(map(escape_markdown, table.columns)) + " |",
        "|" + "|".join([" :--- "] + [" ---: "] * (len(table.columns) - 1)) + "|",
    ]
    lines += ["| " + " | ".join(map(escape_markdown, row)) + " |" for row in table.rows]
    return "\n".join(lines) + "\n"


def to_latex(table: Table, caption: str, label: str) -> str:
    r"""Return a table as a LaTeX float; needs the package booktabs.

    Parameters
    ----------
    table : Table
        The table.
    caption : str
        Plain text, escaped here.
    label : str
        For ``\ref``; letters, digits, ``:`` and ``-``.

    Returns
    -------
    str
        Text to ``\input``.
    """
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escape_latex(caption)}}}",
        rf"\label{{{label}}}",
        r"\begin{tabular}{l" + "r" * (len(table.columns) - 1) + "}",
        r"\toprule",
        " & ".join(map(escape_latex, table.columns)) + r" \\",
        r"\midrule",
        *(" & ".join(_latex_number(cell) for cell in row) + r" \\" for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_number(cell: str) -> str:
    # A row that begins with "[" would be read as the argument of the "\\" before it.
    text = escape_latex(cell)
    return f"{{}}{text}" if text.startswith("[") else text
