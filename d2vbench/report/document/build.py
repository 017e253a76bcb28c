"""Everything that a report consists of, written into a folder."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from d2vbench.analysis import Finding, RunData, load_run
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.errors import UserError
from d2vbench.files import FIGURE_ENDINGS, remove_left_over, write_json, write_text
from d2vbench.report.chapters.studies import study_parts
from d2vbench.report.document.blocks import with_descriptions
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.ids import block_ids
from d2vbench.report.document.notice import read_notice
from d2vbench.report.document.settings import usual_settings
from d2vbench.report.document.stamp import write_stamp
from d2vbench.report.document.structure import Document, TableBlock
from d2vbench.report.document.tables import brief_tables
from d2vbench.report.figures.description import describe_figure
from d2vbench.report.figures.style import quiet_about_glyphs, save_figure
from d2vbench.report.render.html import to_html
from d2vbench.report.render.latex import block_latex
from d2vbench.report.render.markdown import markdown_table, to_markdown
from d2vbench.report.render.spreadsheet import csv_text

REPORT = "report.md"
PAGE = "report.html"
INDEX = Path("tables") / "index.json"
_TABLE_ENDINGS = (".csv", ".md", ".tex")
# What an index may name: nothing else is ever removed.
# Seconds after which nobody is writing a file any more.
_ABANDONED = 600.0
_OURS = re.compile(r"(tables|figures)/[a-z0-9-]+\.(csv|md|tex|png|svg|pdf)")


@dataclass(frozen=True)
class ReportPaths:
    """What was written, and what it says.

    Attributes
    ----------
    report : pathlib.Path
        ``report.html``; ``report.md`` lies beside it.
    tables : list of TableBlock
        The main comparison, without intervals.
    note : str
        The settings that the run's cells share.
    findings : list of Finding
        Who is ahead.
    """

    report: Path
    tables: list[TableBlock]
    note: str
    findings: list[Finding]


def build_report(run: Path, out: Path | None = None) -> ReportPaths:
    """Write the report of a run: ``report.html|md``, ``cells.csv``, ``tables/`` and ``figures/``.

    Parameters
    ----------
    run : pathlib.Path
        The run's folder. It is only read where `out` is another.
    out : pathlib.Path, optional
        Where to; default: the run's folder.

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
    out = run if out is None else out
    parts = study_parts(data)
    document = replace(make_document(data, parts), notice=read_notice(run))
    write_report(document, data, out)
    if out == run:
        write_stamp(run)
    return ReportPaths(
        out / PAGE,
        brief_tables(parts[0].summary),
        usual_settings(data).sentence(),
        parts[0].found,
    )


def write_report(document: Document, data: RunData, out: Path) -> None:
    """Write a document in all its forms; those of an earlier one in the folder are removed.

    Parameters
    ----------
    document : Document
        From `make_document`.
    data : RunData
        What it was made from.
    out : pathlib.Path
        The folder; made where it is not there.
    """
    ids = block_ids(document)
    index = report_index(document, ids)
    tables, figures = out / "tables", out / "figures"
    for folder in (tables, figures):
        folder.mkdir(parents=True, exist_ok=True)
    # A table or figure of an earlier command must not stand beside those of this one.
    _remove_earlier(out)
    for folder in (out, tables, figures):
        remove_left_over(folder, age=_ABANDONED)
    # Before what it lists: what an interrupted report leaves is then known to the next.
    write_json(out / INDEX, index)
    write_text(out / "cells.csv", csv_text(data.cells))
    for block in document.tables():
        write_text(tables / f"{block.slug}.csv", csv_text(block.data))
        write_text(tables / f"{block.slug}.md", markdown_table(block))
        write_text(tables / f"{block.slug}.tex", block_latex(document, block, ids[block.slug]))
    said: dict[str, str] = {}
    for shown in document.figures():
        write_text(figures / f"{shown.slug}.tex", block_latex(document, shown, ids[shown.slug]))
        with quiet_about_glyphs():
            figure, numbers = shown.draw()
        # What can be seen is known once it is drawn.
        said[shown.slug] = shown.description or describe_figure(numbers) or shown.caption
        save_figure(figure, figures, shown.slug, shown.title, said[shown.slug])
    document = with_descriptions(document, said)
    drawn = {
        shown.slug: (figures / f"{shown.slug}.svg").read_text(encoding="utf-8")
        for shown in document.figures()
    }
    page = to_html(document, drawn, lambda block: csv_text(block.data), ids)
    write_text(out / PAGE, page)
    write_text(out / REPORT, to_markdown(document, ids))


def report_index(document: Document, ids: dict[str, str]) -> dict[str, Any]:
    """Return what a report holds: id, slug, title, caption and files of each table and figure.

    Parameters
    ----------
    document : Document
        The report.
    ids : dict of str to str
        From `block_ids`.

    Returns
    -------
    dict
        ``run`` (the id of the run's content), ``tables`` and ``figures``, in the order of reading.
    """
    kinds = (
        ("tables", document.tables(), _TABLE_ENDINGS),
        ("figures", document.figures(), (*FIGURE_ENDINGS, ".tex")),
    )
    return {"run": document.run_id} | {
        kind: [
            {
                "id": ids[block.slug], "slug": block.slug, "title": block.title,
                "caption": document.full_caption(block),
                "files": [f"{kind}/{block.slug}{ending}" for ending in endings],
            }
            for block in blocks
        ]
        for kind, blocks, endings in kinds
    }  # fmt: skip


def _remove_earlier(out: Path) -> None:
    """Remove the files that the index in a folder names, and nothing else."""
    try:
        index = json.loads((out / INDEX).read_text(encoding="utf-8"))
        names = [name for kind in ("tables", "figures") for one in index[kind]
                 for name in one["files"]]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    for name in names:
        if isinstance(name, str) and _OURS.fullmatch(name):
            (out / name).unlink(missing_ok=True)
