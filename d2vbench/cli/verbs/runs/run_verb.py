"""``d2vbench run STUDY``: compute what is missing, then report."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.api.asking import Prepared, prepare
from d2vbench.api.resources import CHECKPOINT_LIMIT
from d2vbench.api.running import carry_out
from d2vbench.cli.arguments import (
    ENGINE,
    add_flags,
    add_own_corpora,
    add_rates,
    add_values,
    keywords,
)
from d2vbench.files import gone_if_empty, make_writable_folder

if TYPE_CHECKING:
    from rich.console import Console

    from d2vbench.analysis import Finding
    from d2vbench.bench.execution.runner import RunResult
    from d2vbench.report import ReportPaths


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "run",
        help="train, evaluate and report a study, or all of them",
        description="Compute the cells of a study that have no record yet, then write tables and "
        "plots. The same command again computes nothing that is there.",
        epilog="Example: d2vbench run strategies --profile quick --pair synthetic",
    )
    parser.add_argument("study", metavar="STUDY", help="a study, or 'all' (see: d2vbench list)")
    parser.add_argument(
        "--profile", default="default",
        help="how much of the study to compute: quick, default (the default) or full",
    )  # fmt: skip
    again = "; may be given again"
    add_values(
        parser,
        str,
        {
            "--model": ("MODEL", f"compute only this model{again}"),
            "--strategy": ("STRATEGY", f"compute this strategy, as in 'sequential(4)'{again}"),
            "--schedule": (
                "SCHEDULE",
                f"compute this learning-rate schedule, as in 'follow-up(0.005)'{again}",
            ),
            "--pair": ("PAIR", f"compute only this pair, or all of a crossing{again}"),
        },
        action="append",
    )
    add_values(
        parser,
        int,
        {
            "--seeds": ("N", "number of seeds, from 1"),
            "--epochs": ("E", "passes over the generic corpus"),
        },
    )
    add_rates(parser)
    parser.add_argument("--engine", help=ENGINE)
    add_values(parser, Path, {"--out": ("DIR", "the run's folder; default: results/runs/STUDY")})
    add_values(parser, str, {"--name": ("NAME", "the run's name: its folder is results/runs/NAME")})
    what = parser.add_argument_group("what to compute")
    add_flags(what, {"--dry-run": "print what would be computed, and its cost"})
    add_flags(
        what.add_mutually_exclusive_group(),
        {
            "--only-missing": "skip cells that failed before; by default they are tried again",
            "--force": "compute every cell, also those with a record",
        },
    )
    add_flags(
        what.add_mutually_exclusive_group(),
        {
            "--keep-going": "continue with the other cells when one fails (the default)",
            "--fail-fast": "stop when a cell fails",
        },
    )
    add_values(
        what,
        float,
        {"--stop-after": ("SECONDS", "stop after so many seconds; the same command continues")},
    )
    _add_settings(parser)
    _add_resources(parser)
    add_values(
        parser,
        Path,
        {
            "--generic-model": (
                "FILE",
                "a saved Doc2Vec in place of the generic corpus: studies strategies and warm",
            ),
            "--word-vectors": (
                "FILE",
                "word vectors (word2vec, GloVe) in place of the generic corpus: study strategies; "
                "in encoders and zero-shot, documents are averaged of them beside it",
            ),
        },
    )
    add_own_corpora(parser)
    parser.set_defaults(run=run)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "settings of the model", "Each takes one or several values; several make a grid."
    )
    for option, kind, text in (
        ("--vector-size", int, "components of a vector"),
        ("--window", int, "words of context on each side"),
        ("--negative", int, "negative samples for each word"),
        ("--sample", float, "threshold above which frequent words are subsampled; 0: none"),
        ("--min-count", int, "ignore words that occur less often"),
        (
            "--vocabulary",
            str,
            "whose words and counts: presented (default), natural, 'noise(D)' ...",
        ),
        ("--infer-epochs", int, "passes over a document when its vector is inferred"),
        ("--infer-alpha", float, "first learning rate of inference"),
    ):
        add_values(group, kind, {option: ("VALUE", text)}, nargs="+")
    group.add_argument(
        "--choose-inference", action="store_true",
        help="beside the pinned inference, choose one by cross-validation for each cell and label "
        "budget: from --infer-epochs x --infer-alpha, or from the usual grid",
    )  # fmt: skip
    add_values(
        group,
        str,
        {"--labels-per-class": ("N", "labelled documents a class, beside all labels (10)")},
        nargs="+",
    )
    group.add_argument(
        "--classifier", action="append", metavar="NAME",
        help="evaluate with this classifier; may be given again",
    )  # fmt: skip
    group.add_argument(
        "--diagnostics", action="store_true",
        help="measure of each cell what training has moved and forgotten, as the study drift does",
    )  # fmt: skip
    group.add_argument("--family", metavar="NAME", help="train this kind of model, as in doc2vec")
    _add_encoder(parser)


def _add_encoder(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "settings of an encoder (--family encoder)", "Likewise; needs d2vbench[transformers]."
    )
    for option, kind, text in (
        (
            "--encoder",
            str,
            "scratch:LAYERSxWIDTH (scratch:2x128), a folder with a checkpoint, or the name of one "
            "that 'd2vbench fetch --encoder' has fetched",
        ),
        ("--objective", str, "what it learns by: crops (default) or mlm"),
        ("--optimiser", str, "moments of AdamW between phases: carried (default) or reset"),
        (
            "--precision",
            str,
            "of products of matrices: bfloat16 (the default in studies of encoders) or float32",
        ),
        (
            "--max-tokens",
            int,
            "word pieces at which a document is cut (64 in studies of encoders; in zero-shot "
            "and elsewhere 128)",
        ),
        ("--batch", int, "presentations of an update (32)"),
        ("--peak-rate", float, "learning rate at alpha 0.025 (1e-3; of a checkpoint 5e-5)"),
    ):
        add_values(group, kind, {option: ("VALUE", text)}, nargs="+")
    add_values(group, str, {"--revision": ("REV", "of a checkpoint on the Hugging Face hub")})
    add_values(
        group,
        str,
        {
            "--nli": (
                "MODEL",
                "a model for natural-language inference, a folder or fetched: study zero-shot",
            )
        },
    )
    add_values(
        group,
        str,
        {
            "--arm": (
                "ARM",
                "study fine-tuning: what learns from labels, as in all, 'top(1)', head, scratch, "
                "or with a loss 'all, weighted' (balanced, focal); may be given again",
            )
        },
        action="append",
    )


def _add_resources(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("where to compute, and with how much")
    where.add_argument(
        "--jobs", type=int, metavar="N",
        help="compute N cells at once; default: one per processor core, fewer if memory is short",
    )  # fmt: skip
    where.add_argument(
        "--memory", type=float, metavar="GIB",
        help="limit the memory of all cells together, in GiB; default: what is free",
    )  # fmt: skip
    where.add_argument(
        "--checkpoint-limit", type=float, default=CHECKPOINT_LIMIT, metavar="GIB",
        help="limit the disk space of checkpoints, in GiB (4)",
    )  # fmt: skip
    where.add_argument(
        "--time-limit", type=float, metavar="SECONDS",
        help="end a cell that takes longer; it counts as failed, the run continues",
    )  # fmt: skip
    where.add_argument(
        "--backend", default="local", metavar="NAME",
        help="compute on local (this machine), dask or ray (needs d2vbench[dask] or [ray])",
    )  # fmt: skip
    where.add_argument(
        "--address", metavar="ADDRESS",
        help="address of the Dask scheduler (tcp://HOST:PORT) or the Ray cluster",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Run a study."""
    from d2vbench.cli.display import make_console

    prepared = prepare(keywords(options), lambda text: print(text, file=sys.stderr))
    console = make_console()
    if options.dry_run:
        from d2vbench.cli.verbs.runs.dry_run import dry_run

        return dry_run(console, prepared)
    # The folder is tried before minutes of reading, which may yet end in an error.
    with gone_if_empty(prepared.folder):
        make_writable_folder(prepared.folder, "--out")
        if options.domain is not None and prepared.request.pairs:
            # Seen before anything is read: is that the column that was meant?
            description = prepared.cards.pair(prepared.request.pairs[0]).description
            console.print(description, soft_wrap=True)
        return _run(console, prepared)


def _run(console: Console, prepared: Prepared) -> int:
    from d2vbench.api.progress import Display, time_left
    from d2vbench.bench.store.manifest import MANIFEST

    started, out = time.monotonic(), prepared.folder
    engines = dict.fromkeys(cell.engine for cell in prepared.asked.cells if cell.engine)
    if engines:
        console.print(f"engine: {', '.join(engines)}")
    try:
        with Display(console) as display, _report_in_sight():
            result = carry_out(prepared, display)
    except KeyboardInterrupt:
        kept = (
            f"Finished cells are kept in {out}; the same command continues from there."
            if (out / MANIFEST).exists()
            else "Nothing was trained."
        )
        console.print(f"\nInterrupted. {kept}", soft_wrap=True)
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


# What a report is written with: half a second to load.
_REPORT = (
    "d2vbench.report.document.build", "jinja2", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg",
)  # fmt: skip
# Seconds after which most runs that are complete have said so.
_COMPLETE = 2.0


@contextlib.contextmanager
def _report_in_sight() -> Iterator[None]:
    """Load what the report needs meanwhile, since this process waits while others compute."""

    def load() -> None:
        with contextlib.suppress(Exception):  # Whoever needs it says so.
            for name in _REPORT:
                importlib.import_module(name)

    timer = threading.Timer(_COMPLETE, load)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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
        console.print(text, soft_wrap=True)

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
        say(f"Stopped: {result.stopped}. The same command continues from there.")
        status = 1
    if result.computed + result.present == 0:
        return status
    if not result.computed and is_up_to_date(out):
        say(f"Report: {out / 'report.html'} (up to date)")
        return status
    from d2vbench.report import build_report

    report: ReportPaths = build_report(out)
    _print_tables(console, report)
    console.print(report.note, soft_wrap=not console.is_terminal)
    console.print()
    say(f"What to train: d2vbench recommend {shlex.quote(str(out))}")
    say(f"Report: {report.report}")
    return status


# Of a pair: what fits on a screen beside those of others.
_MOST_ROWS = 8


def _print_tables(console: Console, report: ReportPaths) -> None:
    """Print a table a pair, of its first model and its largest share of the domain."""
    from d2vbench.cli.display import make_table
    from d2vbench.report import finding_lines
    from d2vbench.report.document.titles import group_title

    largest: dict[str, Finding] = {}
    for one in report.findings:
        if one.pair not in largest or one.fraction > largest[one.pair].fraction:
            largest[one.pair] = one
    shown = {group_title(one.pair, one.fraction, one.model): one for one in largest.values()}
    for block in report.tables:
        if block.title not in shown:
            continue
        finding = shown[block.title]
        tied = {finding.best, *finding.tied} if finding.tied else set()
        more = ("within noise of the best",) if tied else ()
        table = make_table(block.title, *block.columns, *more, left=(0, len(block.columns)))
        for row in block.rows[:_MOST_ROWS]:
            table.add_row(*row, *("yes" if row[0] in tied else "" for _ in more))
        console.print(table)
        if rest := block.rows[_MOST_ROWS:]:
            near = sum(row[0] in tied for row in rest)
            told = f", {near} of them within noise of the best" if tied else ""
            console.print(f"and {len(rest)} more{told}")
        # Those within noise stand in the table.
        said = finding if finding.ahead is None else replace(finding, tied=[])
        for line in finding_lines([said]):
            console.print(f"{line}\n", soft_wrap=not console.is_terminal)
    if left := len(report.tables) - len(shown):
        console.print(f"{left} more tables (other models and shares) are in the report.\n")
