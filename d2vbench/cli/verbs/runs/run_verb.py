"""``d2vbench run STUDY``: compute what is missing, then report."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.running import carry_out, check_stop_after, run_folder
from d2vbench.cli.backend_arguments import add_backend_arguments, make_backend, resources
from d2vbench.cli.pair_arguments import add_pair_arguments, chosen_pairs
from d2vbench.cli.settings_arguments import add_settings_arguments, chosen_settings
from d2vbench.defaults import ALPHA, MIN_ALPHA
from d2vbench.files import gone_if_empty, make_writable_folder

if TYPE_CHECKING:
    from rich.console import Console

    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.execution.runner import RunResult
    from d2vbench.bench.spec.studies import StudyCells
    from d2vbench.corpora import Cards
    from d2vbench.report import ReportPaths


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "run",
        help="train, evaluate and report a study, or all of them",
        description="Compute the cells of a study that have no record yet, then write tables and "
        "plots. The same command again computes nothing that is there.",
    )
    parser.add_argument("study", metavar="STUDY", help="a study, or 'all' (see: d2vbench list)")
    parser.add_argument(
        "--profile",
        default="default",
        help="how much of the study to compute: quick, default (the default) or full",
    )
    parser.add_argument(
        "--model",
        action="append",
        metavar="MODEL",
        help="compute only this model; may be given again",
    )
    parser.add_argument(
        "--strategy",
        action="append",
        metavar="STRATEGY",
        help="compute this strategy, as in 'sequential(4)'; may be given again",
    )
    parser.add_argument(
        "--schedule",
        action="append",
        metavar="SCHEDULE",
        help="compute this learning-rate schedule, as in 'follow-up(0.005)'; may be given again",
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="number of seeds, from 1")
    parser.add_argument("--epochs", type=int, metavar="E", help="passes over the generic corpus")
    parser.add_argument(
        "--alpha", type=float, default=ALPHA, help=f"first learning rate ({ALPHA:g})"
    )
    parser.add_argument(
        "--min-alpha",
        type=float,
        default=MIN_ALPHA,
        help=f"last learning rate, above 0 ({MIN_ALPHA:g})",
    )
    parser.add_argument(
        "--engine",
        help="auto (native where it was built, else gensim), native or gensim; "
        "default: the environment variable D2VBENCH_ENGINE, else auto",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="the run's folder; default: results/runs/STUDY"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="the run's name: its folder is results/runs/NAME"
    )
    what = parser.add_argument_group("what to compute")
    what.add_argument(
        "--dry-run",
        action="store_true",
        help="print what would be computed, and its cost",
    )
    only = what.add_mutually_exclusive_group()
    only.add_argument(
        "--only-missing",
        action="store_true",
        help="skip cells that failed before; by default they are tried again",
    )
    only.add_argument(
        "--force", action="store_true", help="compute every cell, also those with a record"
    )
    failing = what.add_mutually_exclusive_group()
    failing.add_argument(
        "--keep-going",
        action="store_true",
        help="go on with the other cells when one fails (the default)",
    )
    failing.add_argument("--fail-fast", action="store_true", help="stop when a cell fails")
    what.add_argument(
        "--stop-after",
        type=float,
        metavar="SECONDS",
        help="stop after so many seconds; the same command continues",
    )
    add_settings_arguments(parser)
    add_backend_arguments(parser)
    add_pair_arguments(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run a study."""
    from rich.console import Console

    from d2vbench.bench.execution.grid import RunOptions
    from d2vbench.bench.spec.studies import Request, study_cells
    from d2vbench.families.doc2vec import choose_engine

    limits = resources(options)
    check_stop_after(options.stop_after)
    # The study is what the run is called without --name.
    out = run_folder(options.study, options.out, options.name)
    engine = choose_engine(options.engine, _warn)
    cards, pairs = chosen_pairs(options)
    request = Request(
        profile=options.profile,
        pairs=pairs,
        models=tuple(options.model) if options.model else None,
        strategies=tuple(options.strategy) if options.strategy else None,
        schedules=tuple(options.schedule) if options.schedule else None,
        seeds=options.seeds,
        epochs=options.epochs,
        alpha=options.alpha,
        min_alpha=options.min_alpha,
        engine=engine,
        **chosen_settings(options),
    )
    asked = study_cells(options.study, request)
    how = RunOptions(
        force=options.force,
        only_missing=options.only_missing,
        fail_fast=options.fail_fast,
        stop_after=options.stop_after,
        checkpoint_limit=limits.checkpoint_bytes(),
    )
    console = Console(highlight=False)
    if not console.is_terminal:
        # Nothing to fit into: a log may be as wide as its tables.
        console = Console(highlight=False, width=160)
    if options.dry_run:
        from d2vbench.cli.verbs.runs.dry_run import dry_run

        return dry_run(console, asked, cards, out, how, options)
    # The folder is tried before minutes of reading, which may yet end in an error.
    with gone_if_empty(out):
        make_writable_folder(out, "--out")
        if options.generic is not None and pairs:
            # Seen before anything is read: is that the column that was meant?
            console.print(cards.pair(pairs[0]).description, markup=False, soft_wrap=True)
        return _run(console, asked, cards, out, how, options)


def _warn(text: str) -> None:
    print(text, file=sys.stderr)


def _run(
    console: Console,
    asked: StudyCells,
    cards: Cards,
    out: Path,
    how: RunOptions,
    options: argparse.Namespace,
) -> int:
    from d2vbench.bench.store.manifest import MANIFEST
    from d2vbench.cli.display import Display, time_left

    started = time.monotonic()
    engines = ", ".join(dict.fromkeys(cell.engine for cell in asked.cells if cell.engine))
    console.print(f"engine: {engines}", markup=False)
    try:
        with Display(console) as display:
            backend = make_backend(options)
            result = carry_out(
                asked,
                cards,
                out,
                listener=display,
                backend=backend,
                run_options=how,
            )
    except KeyboardInterrupt:
        kept = (
            f"Finished cells are kept in {out}; the same command goes on from there."
            if (out / MANIFEST).exists()
            else "Nothing was trained."
        )
        console.print(f"\nInterrupted. {kept}", markup=False, soft_wrap=True)
        return 130
    if result.computed:
        console.print(
            f"computed {result.computed} cells in {time_left(time.monotonic() - started)}; "
            f"{_savings(result)}",
            markup=False,
        )
    elif not result.failures and not result.passed_over:
        console.print(f"all {result.present} cells are there already: nothing to compute")
    return _report(console, out, result)


def _savings(result: RunResult) -> str:
    """Say what was trained, and what sharing it saves over the whole grid."""
    alone, tree = result.words["alone"], result.words["tree"]
    return (
        f"{result.words_trained / 1e6:,.1f} million words trained (the whole grid takes "
        f"{tree / max(alone, 1):.0%} of what training each cell alone would)"
    )


def _report(console: Console, out: Path, result: RunResult) -> int:
    from d2vbench.report import is_up_to_date

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    status = 0
    if result.failures:
        say(
            f"{len(result.failures)} of {len(result.keys)} cells failed; why is in "
            f"{out / 'failed'}. The same command tries them again."
        )
        status = 1
    if result.passed_over:
        say(f"{result.passed_over} cells failed before and were left as they are.")
        status = 1
    if result.stopped:
        say(f"Stopped: {result.stopped}. The same command goes on from there.")
        status = 1
    if result.computed + result.present == 0:
        return status
    if not result.computed and is_up_to_date(out):
        say(f"Report: {out / 'report.html'} (up to date)")
        return status
    from d2vbench.report import build_report, finding_lines

    report: ReportPaths = build_report(out)
    _print_tables(console, report)
    console.print(report.note, markup=False, soft_wrap=not console.is_terminal)
    console.print()
    for line in finding_lines(report.findings):
        console.print(line, markup=False, soft_wrap=not console.is_terminal)
    console.print()
    say(f"Report: {report.report}")
    return status


def _print_tables(console: Console, report: ReportPaths) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for table in report.tables:
        shown = Table(title=Text(table.title), title_justify="left", box=box.SIMPLE, pad_edge=False)
        for i, column in enumerate(table.columns):
            shown.add_column(Text(column), justify="left" if i == 0 else "right")
        for row in table.rows:
            shown.add_row(*(Text(cell) for cell in row))
        console.print(shown)
