"""A run's folder with many cells: status, what a resumed run looks at, merge, pack, report.

python benchmarks/load.py [--cells 50000] [--no-report] [--folder DIR]

The cells are copies of the six of a small run under seeds of their own, so their numbers are
false. Each verb is a process of its own; time is by the clock and of the processor, memory the
peak of the process. A verb that does not end with status 0 is shown with what it said; a merge of
the run with its own archive must be refused, at once.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from d2vbench.bench.spec.identity import checksum, key_of, sealed
from d2vbench.bench.store.manifest import MANIFEST, read_manifest

VERB = """
import resource, sys, time
from d2vbench.cli.main import main
start = time.monotonic()
code = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("MEASURED", code, time.monotonic() - start, time.process_time(), peak, file=sys.stderr)
"""
LOOK = """
import resource, sys, time
from pathlib import Path
from d2vbench.bench.store.manifest import read_manifest
from d2vbench.bench.store.records import RecordStore
start = time.monotonic()
out = Path(sys.argv[1])
store = RecordStore(out)
store.examine(read_manifest(out)["cells"])
store.of_other_versions({"0" * 64: ({}, "")})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
times = f"{time.monotonic() - start:.1f} | {time.process_time():.1f}"
print(f"| resume, before it computes | 0 | {times} | {peak:.0f} |")
"""


def lay(small, out, count):
    """Make a run of many cells out of a small one, without the care that a run takes."""
    manifest = read_manifest(small)
    records = [
        json.loads((small / "records" / f"{k}.json").read_bytes()) for k in manifest["cells"]
    ]
    files = [(small / "records" / f"{k}.npz") for k in manifest["cells"]]
    (out / "records").mkdir(parents=True)
    keys = []
    for number in range(count):
        which = number % len(records)
        record = json.loads(json.dumps(records[which]))
        record["cell"]["seed"] = number // len(records)
        record["key"] = key_of(record)
        keys.append(record["key"])
        sealed_one = {**record, "sha256": checksum(record)}
        text = json.dumps(sealed_one, indent=1, sort_keys=True)
        (out / "records" / f"{record['key']}.json").write_text(text)
        shutil.copyfile(files[which], out / "records" / f"{record['key']}.npz")
    study = {**manifest["studies"][0], "cells": keys}
    whole = {**manifest, "cells": keys, "studies": [study]}
    (out / MANIFEST).write_text(json.dumps(sealed(whole)))
    return keys


def measured(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", VERB, *map(str, arguments)], capture_output=True, text=True
    )
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("MEASURED")] or [""]
    if not line:
        sys.exit(done.stderr)
    _, code, seconds, cpu, peak = line.split()
    said = [] if code == "0" else done.stderr.splitlines()[-2:-1]
    times = f"{float(seconds):.1f} | {float(cpu):.1f}"
    print(f"| {arguments[0]} | {code} | {times} | {float(peak):.0f} |", *said, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=50_000)
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        small, out = Path(folder, "small"), Path(folder, "run")
        run = [
            sys.executable, "-m", "d2vbench", "run", "order", "--pair", "synthetic",
            "--seeds", "1", "--epochs", "1", "--out", str(small),
        ]  # fmt: skip
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, env={**os.environ})
        start = time.monotonic()
        keys = lay(small, out, args.cells)
        size = sum(path.stat().st_blocks * 512 for path in (out / "records").iterdir())
        print(f"{len(keys):,} cells, {size / 2**20:.0f} MiB on the disk, "
              f"laid in {time.monotonic() - start:.0f} s\n")  # fmt: skip
        print("| | status | seconds | of which CPU | MiB |\n| --- | ---: | ---: | ---: | ---: |")
        measured("status", out)
        subprocess.run([sys.executable, "-c", LOOK, str(out)], check=True)
        measured("pack", out, "--out", Path(folder, "packed"))
        measured("status", Path(folder, "packed"))
        measured("merge", out, Path(folder, "packed"), "--out", Path(folder, "refused"))
        if not args.no_report:
            measured("report", out)
            # With the report of the whole.
            measured("merge", out, small, "--out", Path(folder, "merged"))


if __name__ == "__main__":
    main()
