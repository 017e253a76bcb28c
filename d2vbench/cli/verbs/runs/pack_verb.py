"""``d2vbench pack RUN``: a compact archive of a run, to publish or to send."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from d2vbench.errors import UsageError, UserError
from d2vbench.files import gone_if_empty, make_writable_folder, remove_left_over, write_atomic


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "pack",
        help="write a compact archive of a run, to publish or to send",
        description="Write the records of a run into one compressed file, and beside it which test "
        "documents were classified correctly. The folder can be reported, cited, compared and "
        "continued like the run; which class was predicted for each document is left out.",
        epilog="Example: d2vbench pack results/runs/all --out packed",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="a new folder")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Pack a run."""
    from d2vbench.bench.store.manifest import MANIFEST, existing_manifest
    from d2vbench.bench.store.packed import CORRECT, RECORDS, write_packed
    from d2vbench.bench.store.records import RecordStore

    source, out = options.folder, options.out
    manifest = existing_manifest(source)
    if (out / "records").exists() or (out.exists() and out.samefile(source)):
        raise UsageError(f"--out {out} holds a run that is not packed: give another folder")
    with gone_if_empty(out):
        make_writable_folder(out, "--out")
        remove_left_over(out, (MANIFEST, RECORDS, CORRECT))
        store = RecordStore(source)
        found = filter(None, map(store.find, manifest["cells"]))
        count = write_packed(out, ((record, store.correct(record)) for record in found))
        if not count:
            raise UserError(f"{source} has no finished cell yet: nothing to pack")
        content = (source / MANIFEST).read_bytes()
        write_atomic(out / MANIFEST, lambda file: file.write(content))
    size = sum((out / name).stat().st_size for name in (RECORDS, CORRECT))
    missing = len(manifest["cells"]) - count
    print(
        f"packed {count:,} records into {out} ({size / 2**20:.1f} MiB)"
        + (f"; {missing:,} cells have none yet" if missing else "")
    )
    return 0
