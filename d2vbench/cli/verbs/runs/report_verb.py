"""``d2vbench report RUN``: the report of a run, from its results alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "report",
        help="write the report of a run again, from its results alone",
        description="Write report.html, report.md, cells.csv, tables and figures of a run from its "
        "records. "
        "Nothing is trained; gensim is not needed.",
        epilog="Example: d2vbench report results/runs/all",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="where to; default: into the run's folder. With it, the run's folder is only read",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report."""
    from d2vbench.files import gone_if_empty, make_writable_folder
    from d2vbench.report import build_report

    if options.out is None:
        print(f"Report: {build_report(options.folder).report}")
        return 0
    with gone_if_empty(options.out):
        make_writable_folder(options.out, "--out")
        print(f"Report: {build_report(options.folder, options.out).report}")
    return 0
