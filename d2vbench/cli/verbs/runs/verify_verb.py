"""``d2vbench verify RUN``: compute drawn cells of a run again and compare."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from d2vbench.errors import UsageError, UserError


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "verify",
        help="compute cells of a run again and compare them with what it says",
        description="Draw cells of a run, compute them again on this machine, and compare every "
        "number with its record. Exit status 1 if one differs.",
        epilog="Example: d2vbench verify results/runs/all --cells 10",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the run's folder, packed or not")
    parser.add_argument("--cells", type=int, default=10, metavar="N", help="draw N cells (10)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (0)")
    parser.add_argument(
        "--key", action="append", metavar="KEY",
        help="verify this cell: its key in cells.csv or the first digits of it; may be given again",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify some cells; status 1 if one is not the same."""
    from d2vbench.bench.store.manifest import existing_manifest
    from d2vbench.bench.store.records import RecordStore
    from d2vbench.bench.store.verify import Verified, draw, verify
    from d2vbench.corpora import Pair, load_cards, open_pair

    if options.cells < 1:
        raise UsageError(f"--cells must be 1 or more, got {options.cells}")
    if options.seed < 0:
        raise UsageError(f"--seed must be 0 or more, got {options.seed}")
    manifest = existing_manifest(options.folder)
    store = RecordStore(options.folder)
    present = store.present(manifest["cells"])
    keys = [key for key in manifest["cells"] if key in present]
    if not keys:
        raise UserError(f"{options.folder} has no finished cell yet: nothing to verify")
    chosen = _named(options.key, keys) if options.key else draw(keys, options.cells, options.seed)
    cards = load_cards()
    pairs: dict[str, Pair] = {}
    differ: list[Verified] = []
    widest = 0.0
    for number, key in enumerate(chosen, 1):
        name = store.read(key)["cell"]["pair"]
        if name not in pairs:
            if name not in cards.pairs:
                raise UserError(
                    f"pair {name} of {options.folder} has no card here: a run on corpora of one's "
                    "own is computed again with `d2vbench run` and compared with `d2vbench compare`"
                )
            pairs[name] = open_pair(cards.pair(name), cards)
        found = verify(store, key, pairs[name])
        cell = found.cell
        print(
            f"{number} of {len(chosen)}: {key[:12]} {cell.title}: "
            + (f"DIFFERS: {found.difference}" if found.difference else _same(found.tolerance)),
            flush=True,
        )
        widest = max(widest, found.tolerance)
        if found.difference:
            differ.append(found)
    if not differ:
        print(f"all {len(chosen)} cells are {_same(widest)}")
        return 0
    print(f"{len(differ)} of {len(chosen)} cells differ")
    for why in dict.fromkeys(one.elsewhere for one in differ if one.elsewhere):
        print(f"last digits may move between machines: {why}")
    return 1


def _same(tolerance: float) -> str:
    """Say how far cells are the same: those of encoders may be less so on another machine."""
    if not tolerance:
        return "the same to the digit"
    return f"the same within {100 * tolerance:g} points of accuracy (other machine or libraries)"


def _named(asked: list[str], keys: list[str]) -> list[str]:
    """Return the keys that begin as asked; each of them must be one key."""
    chosen = []
    for text in asked:
        found = [key for key in keys if key.startswith(text)]
        if len(found) != 1:
            raise UsageError(
                f"--key {text!r}: expected the first digits of the key of one cell with a record, "
                f"which {len(found)} of {len(keys)} begin with"
            )
        chosen += found
    return chosen
