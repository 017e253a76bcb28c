"""``d2vbench clean``: show how large the cache is, and remove what is not wanted."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from d2vbench.errors import UsageError, UserError, unknown_name

ALL = "all"
# The keys of `d2vbench.corpora.acquire.cache.KINDS`, which help must do without; a test compares
# them.
PARTS = ("archives", "texts", "encoded", "pairs", "ceilings")


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "clean",
        help="show what the cache takes on the disk, and remove it",
        description="Without an argument, show what there is and how large it is. With one, show "
        "it, ask, and remove it: one of its parts, or all; with --run, the checkpoints and "
        "rejected records of a run. Results are never removed.",
        epilog="Example: d2vbench clean encoded",
    )
    parser.add_argument("what", nargs="?", metavar="WHAT", help=f"{', '.join(PARTS)} or {ALL}")
    parser.add_argument(
        "--run", dest="folder", type=Path, metavar="DIR", help="a run's folder instead of the cache"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show, ask, remove; status 1 if the answer was no."""
    from d2vbench.cli.display import size_text
    from d2vbench.corpora.acquire.cache import KINDS, cache_folder

    if options.folder is not None and options.what is not None:
        raise UsageError("give either WHAT, a part of the cache, or --run DIR")
    if options.what is not None and options.what not in (*KINDS, ALL):
        raise unknown_name("part of the cache", options.what, [*KINDS, ALL])
    parts = _of_run(options.folder) if options.folder else _of_cache(options.what)
    where = options.folder or cache_folder()
    print(f"{where}:")
    for (kind, name), size in _grouped(parts).items():
        print(f"  {kind:<10} {size_text(size):>10}  {name}")
    print(f"  {'together':<10} {size_text(sum(part.size for part in parts)):>10}")
    if options.what is None and options.folder is None:
        for kind, text in KINDS.items():
            print(f"`d2vbench clean {kind}` removes {text}")
        return 0
    if not parts:
        return 0
    if not options.yes and not _agreed():
        print("nothing was removed")
        return 1
    for part in parts:
        part.remove()
    print(f"removed {size_text(sum(part.size for part in parts))}")
    return 0


def _of_cache(what: str | None) -> list[Any]:
    from d2vbench.corpora.acquire.cache import cache_parts

    return [part for part in cache_parts() if what in (None, ALL, part.kind)]


def _of_run(folder: Path) -> list[Any]:
    from d2vbench.bench.execution.lock import is_locked
    from d2vbench.bench.store.manifest import MANIFEST
    from d2vbench.corpora.acquire.cache import Part, folder_size

    if not (folder / MANIFEST).exists():
        raise UserError(f"{folder} holds no run: {folder / MANIFEST} is missing")
    if is_locked(folder):
        raise UserError(f"a run is using {folder}: its checkpoints are needed")
    found = [("checkpoint", path) for path in sorted((folder / "checkpoints").glob("*"))]
    found += [("rejected", path) for path in sorted((folder / "records/rejected").glob("*"))]
    return [Part(kind, path.name, path, folder_size(path)) for kind, path in found]


def _grouped(parts: list[Any]) -> dict[tuple[str, str], int]:
    """Return sizes by kind and name; files named by a hash are counted."""
    sizes: dict[tuple[str, str], int] = {}
    hashed = Counter(part.kind for part in parts if part.kind in ("pairs", "ceilings"))
    for part in parts:
        name = f"{hashed[part.kind]} files" if part.kind in hashed else part.name
        sizes[part.kind, name] = sizes.get((part.kind, name), 0) + part.size
    return sizes


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask: give --yes to remove it")
    return input("Remove all of this? [y/N] ").strip().lower() in ("y", "yes")
