# PYTHON_ARGCOMPLETE_OK
"""The entry point: reads the arguments, calls a verb, turns errors into exit statuses."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from d2vbench import __version__
from d2vbench.errors import UsageError, UserError, spelled

# In the order of the help, with the package of `d2vbench.cli.verbs` that has the module.
VERBS = {
    "run": "runs",
    "status": "runs",
    "report": "runs",
    "recommend": "runs",
    "cite": "runs",
    "train": "models",
    "infer": "models",
    "convert": "models",
    "compare": "runs",
    "list": "data",
    "fetch": "data",
    "describe": "data",
    "explain": "models",
    "check": "models",
    "doctor": "data",
    "merge": "runs",
    "pack": "runs",
    "verify": "runs",
    "clean": "runs",
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="d2vbench",
        description="Train gensim Doc2Vec on a generic and a domain corpus by different "
        "strategies, evaluate inferred vectors on domain classification, and report which "
        "strategy is best.",
        epilog="Start with: d2vbench run all --profile quick",
    )
    parser.add_argument("--version", action="version", version=f"d2vbench {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, package in VERBS.items():
        importlib.import_module(f"d2vbench.cli.verbs.{package}.{verb}_verb").add_parser(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run d2vbench.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those of the process.

    Returns
    -------
    int
        0 done; 1 a run failed, wholly or in part; 2 wrong usage; 130 interrupted.
    """
    parser = build_parser()
    if "_ARGCOMPLETE" in os.environ:
        from d2vbench.cli.completion import complete

        complete(parser)
    options = parser.parse_args(arguments)
    try:
        with _ended_like_ctrl_c(), spelled(_option):
            status: int = options.run(options)
        return status
    except UserError as error:
        print(f"d2vbench: error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("\nd2vbench: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as in `d2vbench list | head`.
        sys.stderr.close()
        return 1
    except MemoryError as error:
        # numpy says how much it wanted, and for what.
        print(f"d2vbench: error: not enough memory: {error or 'none is left'}", file=sys.stderr)
        return 1
    except OSError as error:
        # A full disk, a folder that went away: finished records stay, the run can go on.
        where = f"{error.filename}: " if error.filename else ""
        print(f"d2vbench: error: {where}{error.strerror or error}", file=sys.stderr)
        return 1


# Options that are not called as their keywords in Python.
_SPELLED = {
    "tokenizer": "tokeniser",
    "lowercase": "keep-case",
    "pairs": "pair",
    "models": "model",
    "strategies": "strategy",
    "schedules": "schedule",
    "classifiers": "classifier",
    "normalize_labels": "normalise-labels",
    "evidence": "run",
}


def _option(name: str, value: str | None = None) -> str:
    spelling = f"--{_SPELLED.get(name, name.replace('_', '-'))}"
    return spelling if value is None else f"{spelling} {shlex.quote(value)}"


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Take SIGTERM, with which systems end what runs in them, for Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
