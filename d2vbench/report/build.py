"""Everything a run's folder shows: cells, summaries, figures, the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from d2vbench.analysis import Finding, RunData, findings, load_run, own_best, summarise
from d2vbench.analysis.frame import BASELINE
from d2vbench.corpora.left_out import left_out_text
from d2vbench.errors import UserError
from d2vbench.files import FIGURE_ENDINGS, write_text
from d2vbench.report.figures import differences_figure, strategies_figure
from d2vbench.report.findings import finding_lines
from d2vbench.report.section import Drawing, Section
from d2vbench.report.sections import sections, write_tables
from d2vbench.report.stamp import write_stamp
from d2vbench.report.study_figures import (
    label_curves,
    schedules_heat_map,
    share_curves,
    shift_curves,
)
from d2vbench.report.style import save_figure
from d2vbench.report.tables import (
    Table,
    comparison_tables,
    escape_markdown,
    expansion_tables,
    to_latex,
    to_markdown,
)

# The study that the report opens with, and the one whose cells are candidates.
MAIN = "strategies"
TUNED = "tuned"


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
    """Write ``cells.csv``, ``summary.csv|md|tex``, tables of what it shows, and ``figures/``.

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
    if data.cells.empty or not (data.cells["model"] != BASELINE).any():
        raise UserError(f"{run} has no finished cell yet: nothing to report")
    parts = [_part(data, name) for name in data.studies()]
    parts = [part for part in parts if not part.summary.empty]
    main = parts[0]
    write_text(run / "cells.csv", data.cells.to_csv(index=False, lineterminator="\n"))
    whole = pd.concat([part.summary.assign(study=part.study) for part in parts])
    whole = whole[["study", *main.summary.columns]]
    write_text(
        run / "summary.csv", whole.to_csv(index=False, lineterminator="\n", float_format="%.6f")
    )
    figures = run / "figures"
    figures.mkdir(exist_ok=True)
    for path in [one for ending in FIGURE_ENDINGS for one in figures.glob(f"*{ending}")]:
        # A figure of an earlier command must not stand beside the tables of this one.
        path.unlink()
    judged = sections(data)
    drawings = [part.figures for part in parts] + [section.figures for section in judged]
    for name, draw in (drawing for some in drawings for drawing in some):
        save_figure(draw()[0], figures, name)
    write_tables(run, judged)
    note = footnote(data)
    tables = [table for part in parts for table in part.tables]
    write_text(
        run / "summary.tex",
        "\n".join(
            to_latex(table, f"{table.title}. {note}", f"tab:d2vbench-{i + 1}")
            for i, table in enumerate(tables)
        ),
    )
    found = findings(data.study(main.study))
    write_text(run / "summary.md", _markdown(data, parts, found, note, judged))
    write_stamp(run)
    brief = comparison_tables(main.summary, brief=True)
    return ReportPaths(run / "summary.md", brief, note, found)


@dataclass(frozen=True)
class _Part:
    """What the report shows of one study."""

    study: str
    question: str
    engines: list[str]
    summary: pd.DataFrame
    tables: list[Table]
    figures: list[tuple[str, Drawing]]


def _part(data: RunData, study: str) -> _Part:
    mine = data.study(study)
    if study == TUNED and "cv_accuracy_all" in mine.cells:
        mine, _ = own_best(mine)
    summary = summarise(mine)
    question = data.question(study)
    tables = [*comparison_tables(summary), *expansion_tables(mine.cells)]
    several = len(data.studies()) > 1
    if several:
        tables = [replace(table, title=f"{study}: {table.title}") for table in tables]
    heading = f"{study}: {question}" if several and study != MAIN else ""
    engines = [engine for engine in dict.fromkeys(mine.cells["engine"]) if engine != "-"]
    return _Part(study, question, engines, summary, tables, _figures(study, summary, heading))


def _figures(study: str, summary: pd.DataFrame, heading: str) -> list[tuple[str, Drawing]]:
    """Return what to draw of a study; nothing is drawn yet."""
    contrasts = bool(summary["difference"].notna().any())
    if study == "schedules" and contrasts and _has_follow_ups(summary):
        return [(study, lambda: schedules_heat_map(summary, heading or study))]
    if study == "domain-size" and summary["fraction"].nunique() > 1:
        return [(study, lambda: share_curves(summary, heading or study))]
    if study == "shift" and summary["pair"].nunique() > 1:
        return [(study, lambda: shift_curves(summary, heading or study))]
    if study == "labels" and summary["labels"].nunique() > 1:
        return [(study, lambda: label_curves(summary, heading or study))]
    if heading:
        return [(study, lambda: strategies_figure(summary, heading))]
    drawings: list[tuple[str, Drawing]] = [("strategies", lambda: strategies_figure(summary))]
    if contrasts:
        drawings.append(("differences", lambda: differences_figure(summary)))
    return drawings


def _has_follow_ups(summary: pd.DataFrame) -> bool:
    return bool(summary["schedule"].str.startswith("follow-up(").any())


def footnote(data: RunData) -> str:
    """Return the settings that every table shares, in a sentence or two."""
    cells = data.cells[data.cells["model"] != BASELINE]

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


def _section_lines(judged: Iterable[Section]) -> list[str]:
    return [line for one in judged for line in (f"## {one.title}", "", *one.lines)]


def _markdown(
    data: RunData, parts: list[_Part], found: list[Finding], note: str, judged: list[Section]
) -> str:
    summary = parts[0].summary
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
    lines += _section_lines(one for one in judged if one.early)
    for part in parts:
        if len(parts) > 1:
            lines += [f"## Study {part.study}", "", part.question, ""]
        for name, _ in part.figures:
            lines += [f"![{name}](figures/{name}.png)", ""]
        lines += [] if len(parts) > 1 else ["## Tables", ""]
        for table in part.tables:
            lines += [f"### {escape_markdown(table.title)}", "", to_markdown(table)]
            lines += [f"Engine: {', '.join(part.engines)}.", ""]
    lines += _section_lines(one for one in judged if not one.early)
    lines += [
        escape_markdown(note),
        "",
        "## Provenance",
        "",
        *_corpus_lines(data.manifest["pairs"]),
        *map(_environment_line, data.environments),
        *_words_line(data.manifest.get("words")),
        "- Every number comes from `records/`, one JSON file a cell; `cells.csv` lists them.",
    ]
    return "\n".join(lines) + "\n"


def _words_line(words: dict[str, int] | None) -> list[str]:
    if not words:
        return []
    return [
        f"- Training each cell alone takes {words['alone'] / 1e6:,.1f} million words; with what "
        f"cells have in common trained once, {words['tree'] / 1e6:,.1f} million "
        f"({words['tree'] / max(words['alone'], 1):.0%})."
    ]
