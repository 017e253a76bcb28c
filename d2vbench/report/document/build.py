"""Everything that a report consists of, written into a folder."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from d2vbench.analysis import Finding, RunData, load_run
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.bench.store.packed import packed_files
from d2vbench.errors import UserError
from d2vbench.files import FIGURE_ENDINGS, remove_left_over, write_json, write_text
from d2vbench.keys import digest, digest_files, file_sha256
from d2vbench.report.document.contents import make_document
from d2vbench.report.document.ids import block_ids
from d2vbench.report.document.notice import NOTICE, read_notice
from d2vbench.report.document.pictures import KNOWN, pictures_of
from d2vbench.report.document.settings import usual_settings
from d2vbench.report.document.structure import Document, FigureBlock, TableBlock
from d2vbench.report.document.tables import brief_tables
from d2vbench.report.render.html import to_html
from d2vbench.report.render.latex import block_latex
from d2vbench.report.render.markdown import markdown_table, to_markdown
from d2vbench.report.render.spreadsheet import csv_text
from d2vbench.report.studies.studies import study_parts

REPORT = "report.md"
PAGE = "report.html"
# Beside the report: what it was made of.
STAMP = ".report"
_TABLES, _FIGURES = "tables", "figures"
INDEX = Path(_TABLES) / "index.json"
# What an index may name: nothing else is ever removed.
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
        raise UserError(f"{run} has no finished cell of a trained model yet: nothing to report")
    out = run if out is None else out
    parts = study_parts(data)
    document = replace(make_document(data, parts), notice=read_notice(run))
    write_report(document, data, out)
    if out == run:
        write_text(run / STAMP, _stamp(run) + "\n")
    return ReportPaths(
        out / PAGE,
        brief_tables(parts[0].summary),
        usual_settings(data).sentence(),
        parts[0].found,
    )


def is_up_to_date(run: Path) -> bool:
    """Return whether the report of a run's folder is what `build_report` would write now."""
    try:
        return (run / STAMP).read_text(encoding="utf-8").strip() == _stamp(run)
    except OSError:
        return False


def _stamp(run: Path) -> str:
    """Return the digest of what a report is made of: manifest, records, and the sources for it."""
    package = Path(__file__).resolve().parents[2]
    sources = [*package.glob("analysis/**/*.py"), *package.glob("report/**/*.py")]
    sources += package.glob("report/render/assets/*.*")
    # A record's name is the hash of what it came from.
    records = sorted(path.name for path in (run / "records").glob("*.json"))
    whole = [run / "manifest.json", *(path for path in packed_files(run) if path.exists())]
    whole += [path for path in (run / NOTICE,) if path.exists()]
    return digest([*map(file_sha256, whole), records, digest_files(sources)])


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
    exhibits = [_exhibit(document, block, ids[block.slug]) for block in document.shown()]
    for folder in (out, out / _TABLES, out / _FIGURES):
        folder.mkdir(parents=True, exist_ok=True)
    # A table or figure of an earlier command must not stand beside those of this one.
    slugs = {block.slug for block in document.figures()}
    _remove_earlier(out, {f"{_FIGURES}/{slug}{end}" for slug in slugs for end in FIGURE_ENDINGS})
    for folder in (out, out / _TABLES, out / _FIGURES):
        remove_left_over(folder)
    # Before what it lists: what an interrupted report leaves is then known to the next.
    index: dict[str, Any] = {"run": document.run_id, _TABLES: [], _FIGURES: []}
    for one in exhibits:
        index[one.kind].append(one.entry)
    write_json(out / INDEX, index)
    write_text(out / "cells.csv", csv_text(data.cells))
    for one in exhibits:
        for ending, text in one.texts.items():
            write_text(out / one.kind / f"{one.block.slug}{ending}", text)
    pictures = pictures_of(list(document.figures()), out / _FIGURES, out / KNOWN)
    csv = {one.block.slug: one.texts[".csv"] for one in exhibits if one.kind == _TABLES}
    write_text(out / PAGE, to_html(document, pictures, lambda block: csv[block.slug], ids))
    write_text(out / REPORT, to_markdown(document, ids))


@dataclass(frozen=True)
class _Exhibit:
    """A table or figure: its place in the index, and the texts of its files by their endings."""

    block: TableBlock | FigureBlock
    kind: str
    entry: dict[str, Any]
    texts: dict[str, str]


def _exhibit(document: Document, block: TableBlock | FigureBlock, identity: str) -> _Exhibit:
    texts: dict[str, str] = {}
    kind, drawn = _FIGURES, list(FIGURE_ENDINGS)
    if isinstance(block, TableBlock):
        texts = {".csv": csv_text(block.data), ".md": markdown_table(block)}
        kind, drawn = _TABLES, []
    texts[".tex"] = block_latex(document, block, identity)
    entry = {
        "id": identity, "slug": block.slug, "title": block.title,
        "caption": document.full_caption(block),
        "files": [f"{kind}/{block.slug}{ending}" for ending in (*drawn, *texts)],
    }  # fmt: skip
    return _Exhibit(block, kind, entry, texts)


def _remove_earlier(out: Path, staying: set[str]) -> None:
    """Remove the files that the index in a folder names but for some figures, and nothing else."""
    try:
        index = json.loads((out / INDEX).read_text(encoding="utf-8"))
        names = [name for kind in ("tables", "figures") for one in index[kind]
                 for name in one["files"]]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    for name in names:
        if isinstance(name, str) and _OURS.fullmatch(name) and name not in staying:
            (out / name).unlink(missing_ok=True)
