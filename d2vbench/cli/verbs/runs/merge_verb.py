"""``d2vbench merge``: join runs that several machines have computed parts of."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

_MOST = 10


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "merge",
        help="join runs from several machines",
        description="Join runs in one folder and report on the whole. Runs that do not agree on a "
        "cell are shown, and nothing is written unless --prefer says which to take.",
        epilog="Example: d2vbench merge runs/one runs/two --out runs/both",
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="write to this folder; a run that it holds takes part",
    )  # fmt: skip
    parser.add_argument(
        "--prefer", type=Path, metavar="RUN", help="take this run's results where they differ"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Merge and report; status 1 for conflicts that are not settled."""
    from d2vbench.bench.store.merge import merge_runs
    from d2vbench.cli.display import cell_text
    from d2vbench.files import gone_if_empty, make_writable_folder
    from d2vbench.report import build_report

    with gone_if_empty(options.out):
        make_writable_folder(options.out, "--out")
        merged = merge_runs(options.runs, options.out, options.prefer)
    for sentence in merged.rejected:
        print(f"left out: {sentence}", file=sys.stderr)
    for conflict in merged.conflicts[:_MOST]:
        print(
            f"conflict: {cell_text(conflict.cell)}: "
            f"{conflict.kept} and {conflict.other} differ: {conflict.what}",
            file=sys.stderr,
        )
    if len(merged.conflicts) > _MOST:
        print(f"and {len(merged.conflicts) - _MOST} more conflicts", file=sys.stderr)
    if not merged.written:
        print("nothing was written; --prefer RUN says whose results to take", file=sys.stderr)
        return 1
    for folder, n in merged.records.items():
        print(f"{n} records from {folder}")
    if merged.same:
        print(f"{merged.same} records were in several runs, with the same results")
    print(f"Report: {build_report(options.out).report}")
    return 0
