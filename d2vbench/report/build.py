"""Everything a run's folder shows: cells, summaries, figures, the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from d2vbench.analysis import Finding, RunData, findings, load_run, summarise
from d2vbench.corpora.left_out import left_out_text
from d2vbench.errors import UserError
from d2vbench.files import write_text
from d2vbench.report.figures import differences_figure, strategies_figure
from d2vbench.report.findings import finding_lines
from d2vbench.report.style import save_figure
from d2vbench.report.tables import (
    Table,
    comparison_tables,
    escape_markdown,
    to_latex,
    to_markdown,
)


@dataclass(frozen=True)
class ReportPaths:
    """What was written, and what it says.

    Attributes
    ----------
    report : pathlib.Path
        ``summary.md``.
    tables : list of Table
        The comparison tables, without intervals.
    note : str
        The settings that they share.
    findings : list of Finding
        Who is ahead.
    """

    report: Path
    tables: list[Table]
    note: str
    findings: list[Finding]


def build_report(run: Path) -> ReportPaths:
    """Write ``cells.csv``, ``summary.csv|md|tex`` and ``figures/`` from the records of a run.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder.

    Returns
    -------
    ReportPaths
        The report and what it says.

    Raises
    ------
    UserError
        If there is no run or not one finished cell.
    """
    data = load_run(run)
    if data.cells.empty or not (data.cells["model"] != "tf-idf").any():
        raise UserError(f"{run} has no finished cell yet: nothing to report")
    summary = summarise(data)
    found = findings(data)
    tables = comparison_tables(summary)
    write_text(run / "cells.csv", data.cells.to_csv(index=False, lineterminator="\n"))
    write_text(
        run / "summary.csv",
        summary.to_csv(index=False, lineterminator="\n", float_format="%.6f"),
    )
    figures = run / "figures"
    figures.mkdir(exist_ok=True)
    for name in ("strategies", "differences"):
        # A figure of an earlier command must not stand beside the tables of this one.
        for ending in ("png", "svg"):
            (figures / f"{name}.{ending}").unlink(missing_ok=True)
    drawn = [("strategies", strategies_figure)]
    if summary["difference"].notna().any():
        drawn.append(("differences", differences_figure))
    for name, draw in drawn:
        save_figure(draw(summary)[0], figures, name)
    note = footnote(data)
    write_text(
        run / "summary.tex",
        "\n".join(
            to_latex(table, f"{table.title}. {note}", f"tab:d2vbench-{i + 1}")
            for i, table in enumerate(tables)
        ),
    )
    text = _markdown(data, summary, found, tables, note, [name for name, _ in drawn])
    write_text(run / "summary.md", text)
    return ReportPaths(run / "summary.md", comparison_tables(summary, brief=True), note, found)


def footnote(data: RunData) -> str:
    """Return the settings that every table shares, in a sentence or two."""
    cells = data.cells[data.cells["model"] != "tf-idf"]

    def values(column: str) -> str:
        return ", ".join(f"{v:g}" for v in dict.fromkeys(cells[column].dropna()))

    return (
        f"Engine: {', '.join(dict.fromkeys(cells['engine']))}. "
        f"Seeds: {cells['seed'].nunique()}. E = {values('epochs')} passes over the generic corpus, "
        f"alpha {values('alpha')} to {values('min_alpha')}, vector_size {values('vector_size')}, "
        f"window {values('window')}, negative {values('negative')}, sample {values('sample')}, "
        f"min_count {values('min_count')}. Intervals: 95 %, bootstrap over seeds and test "
        "documents. Verdicts: difference from combined, Holm-adjusted; "
        "equivalent means that the whole interval lies within 1 point."
    )


def _corpus_lines(pairs: dict[str, Any]) -> list[str]:
    lines = []
    for name, pair in pairs.items():
        sources = "; ".join(
            f"{escape_markdown(corpus)} sha256 `{source['content_sha256'][:16]}`"
            + "".join(
                f", {escape_markdown(package)} {escape_markdown(version)}"
                for package, version in source["versions"].items()
            )
            for corpus, source in pair["sources"].items()
        )
        lines.append(
            f"- {escape_markdown(name)}: {pair['generic_documents']:,} generic documents "
            f"({pair['generic_words']:,} words), {pair['train_documents']:,} + "
            f"{pair['test_documents']:,} domain documents (train + test) of "
            f"{len(pair['classes'])} classes, {pair['train_words']:,} words in train. {sources}. "
            f"Left out: {left_out_text(pair['left_out'])}."
        )
    return lines


def _environment_line(environment: dict[str, Any]) -> str:
    packages = ", ".join(f"{k} {v}" for k, v in environment["packages"].items())
    return (
        f"- Computed with d2vbench {environment['d2vbench']}, Python {environment['python']}, "
        f"{packages}; {escape_markdown(environment['cpu'])}; "
        f"commit {environment['commit'] or 'unknown'}."
    )


def _markdown(
    data: RunData,
    summary: pd.DataFrame,
    found: list[Finding],
    tables: list[Table],
    note: str,
    figures: list[str],
) -> str:
    lines = [
        f"# d2vbench: study {escape_markdown(data.manifest['study'])}",
        "",
        "## Who is ahead",
        "",
        *(f"- {escape_markdown(line)}" for line in finding_lines(found)),
        "",
    ]
    if data.missing:
        lines += [f"**{data.missing} cells of this study have no record yet.**", ""]
    if summary["seeds"].min() < 3:
        lines += ["Two seeds are too few for verdicts: intervals say little about seeds.", ""]
    for name in figures:
        lines += [f"![{name}](figures/{name}.png)", ""]
    lines += ["## Tables", ""]
    engines = [e for e in dict.fromkeys(data.cells["engine"]) if e != "-"]
    for table in tables:
        lines += [f"### {escape_markdown(table.title)}", "", to_markdown(table)]
        lines += [f"Engine: {', '.join(engines)}.", ""]
    lines += [
        escape_markdown(note),
        "",
        "## Provenance",
        "",
        *_corpus_lines(data.manifest["pairs"]),
        *map(_environment_line, data.environments),
        "- Every number comes from `records/`, one JSON file a cell; `cells.csv` lists them.",
    ]
    return "\n".join(lines) + "\n"
