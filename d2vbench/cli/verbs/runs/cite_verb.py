"""``d2vbench cite``: what to cite, and tables and figures in LaTeX."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.asking import RUNS
from d2vbench.errors import UsageError

if TYPE_CHECKING:
    from d2vbench.report.document.structure import Document


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "cite",
        help="print BibTeX for the software, corpora and methods, or a table in LaTeX",
        description="Without TABLE: BibTeX for d2vbench, the corpora of a run and the methods that "
        "it used, and the ids of its tables and figures. With TABLE: that table or figure in "
        "LaTeX, with all settings in its caption, and the keys to cite.",
        epilog="Example: d2vbench cite claims --run results/runs/all",
    )
    parser.add_argument(
        "table", nargs="?", metavar="TABLE",
        help="an id, the beginning of an id, or a name such as 'claims'",
    )  # fmt: skip
    parser.add_argument(
        "--run", dest="folder", type=Path, metavar="DIR",
        help="the run's folder; default: the only one in results/runs",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print it."""
    from d2vbench.analysis import load_run
    from d2vbench.report.document.cite import bibliography, citation_keys, find_block
    from d2vbench.report.document.contents import make_document
    from d2vbench.report.document.references import software_bibtex
    from d2vbench.report.render.latex import block_latex

    folder = _folder(options.folder)
    if folder is None:
        if options.table is not None:
            raise UsageError(
                f"cite {options.table}: which run? There is no single one in {RUNS}; give its "
                "folder with --run DIR"
            )
        print(software_bibtex())
        print("\n% For the corpora, methods and tables of a run, give its folder with --run DIR.")
        return 0
    data = load_run(folder)
    document = make_document(data)
    if options.table is None:
        print(bibliography(data, document), end="")
        print(f"\n% Tables and figures of run {document.run_id}:")
        print("\n".join(_listed(document)))
        return 0
    identity, block = find_block(document, options.table)
    print(block_latex(document, block, identity), end="")
    print(rf"% \cite{{{','.join(citation_keys(data, document))}}}")
    return 0


def _folder(given: Path | None) -> Path | None:
    if given is not None:
        return given
    found = sorted(RUNS.glob("*/manifest.json"))
    return found[0].parent if len(found) == 1 else None


def _listed(document: Document) -> list[str]:
    """Return the ids as lines that BibTeX takes for comments."""
    from d2vbench.report.document.ids import block_ids

    ids = block_ids(document)
    blocks = document.shown()
    width = max(len(block.slug) for block in blocks)
    return [
        f"%   {ids[block.slug]}  {block.slug:{width}}  {' '.join(block.title.split())}"
        for block in blocks
    ]
