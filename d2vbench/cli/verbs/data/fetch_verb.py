"""``d2vbench fetch``: put a corpus onto this machine, verified."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.errors import UsageError, UserError

if TYPE_CHECKING:
    from rich.console import Console

    from d2vbench.corpora.acquire.fetch import Fetched

ALL = "all"
# Without a terminal, a line each so many seconds.
_PERIOD = 15.0


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "fetch",
        help="download a corpus, or take it from a folder, and verify it",
        description="Put the archives of a corpus into the cache (D2VBENCH_DATA) after comparing "
        "their documents with the corpus' card. The only verb that uses the network.",
        epilog="Example: d2vbench fetch 20newsgroups",
    )
    parser.add_argument(
        "corpus",
        metavar="CORPUS",
        nargs="?",
        help="a corpus, 'all' that the pairs use (d2vbench list), or hf:NAME of Hugging Face",
    )
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="DIR",
        help="take the archives, or their unpacked files, from this folder; no network",
    )  # fmt: skip
    parser.add_argument(
        "--force", action="store_true", help="fetch again, even if the corpus is there"
    )
    parser.add_argument(
        "--encoder", metavar="NAME",
        help="fetch a checkpoint of the Hugging Face hub in place of a corpus: safetensors and "
        "tokenizer alone (needs d2vbench[transformers])",
    )  # fmt: skip
    parser.add_argument("--revision", metavar="REV", help="of the checkpoint")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fetch one corpus, or all; status 1 if one of them failed."""
    from d2vbench.cli.display import make_console
    from d2vbench.corpora import load_cards
    from d2vbench.corpora.acquire.fetch import fetch, fetch_from_hub, fetchable
    from d2vbench.corpora.acquire.local import HUB

    console = make_console()
    if (options.corpus is None) == (options.encoder is None):
        raise UsageError("what to fetch? Give a corpus (see: d2vbench list), or --encoder NAME")
    if options.revision is not None and options.encoder is None:
        raise UsageError("--revision is that of an encoder: give --encoder NAME too")
    if options.encoder is not None:
        return _fetch_encoder(console, options)
    if options.corpus.startswith(HUB):
        if options.source is not None:
            raise UsageError("--from is for corpora with a card: give --domain the folder itself")
        folder = fetch_from_hub(options.corpus, None, options.force)
        console.print(f"{options.corpus}: is there, in {folder}", soft_wrap=True)
        return 0
    cards = load_cards()
    many = options.corpus == ALL
    chosen = fetchable(cards) if many else [options.corpus]
    status = 0
    for name in chosen:
        card = cards.corpus(name)
        try:
            with _Display(console) as display:
                done = fetch(card, None, options.source, options.force, display)
        except UserError as error:
            if not many:
                raise
            # The others are still fetched.
            print(f"d2vbench: error: {error}", file=sys.stderr)
            status = 1
            continue
        console.print(_sentence(name, done), soft_wrap=True)
    return status


def _fetch_encoder(console: Console, options: argparse.Namespace) -> int:
    from d2vbench.families.encoder.checkpoints import fetch_checkpoint

    if options.source is not None or options.force:
        raise UsageError("--from and --force are for corpora: an encoder may be a folder")
    found = fetch_checkpoint(options.encoder, options.revision or "")
    console.print(
        f"{found.name}: is there, in {found.folder}\n  sha256 {found.sha256}", soft_wrap=True
    )
    return 0


def _sentence(name: str, done: Fetched) -> str:
    if not done.files:
        return f"{name}: needs no download"
    where = next(iter(done.files.values())).parent
    if done.contents is None:
        return f"{name}: is there already, in {where}"
    left_out = ", ".join(f"{n:,} {what}" for what, n in done.contents.left_out.items())
    return (
        f"{name}: {done.contents.total():,} documents, verified, in {where}\n"
        + (f"  left out by its reader: {left_out}\n" if left_out else "")
        + f"  content sha256 {done.contents.content_sha256}"
    )


class _Display:
    """A bar for a terminal, plain lines otherwise."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

        self.console = console
        self.last_line = time.monotonic()
        self.bar = Progress(
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("bytes", total=None, visible=False)

    def __enter__(self) -> _Display:
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def note(self, text: str) -> None:
        self.bar.update(self.task, visible=False)
        self.console.print(text, soft_wrap=True)

    def progress(self, done: int, total: int | None) -> None:
        self.bar.update(self.task, completed=done, total=total, visible=True)
        now = time.monotonic()
        if not self.console.is_terminal and now - self.last_line >= _PERIOD:
            self.last_line = now
            of = f" of {total / 1e6:,.1f}" if total else ""
            self.console.print(f"{done / 1e6:,.1f}{of} MB")
