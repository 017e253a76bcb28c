"""Time and memory against words, documents, vocabulary and cells, fitted and extrapolated.

python benchmarks/scale.py [--part words documents vocabulary cells] [--quick]

Each point is a process of its own, so that its peak of memory is its own. Texts are made up: words
drawn by Zipf's law, the native engine, PV-DBOW with 100 components, one thread. CPU time is given,
since it depends less on what else the machine does than time by the clock; other work still takes
its share of caches and memory. Cells are copies of one record under keys of their own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import machine, table

SIZE = 100
#: What is held while one of the three grows.
WORDS, DOCUMENTS, VOCABULARY = 10_000_000, 100_000, 50_000
POINTS = {
    "words": [5_000_000, 10_000_000, 20_000_000, 40_000_000, 80_000_000],
    "documents": [50_000, 200_000, 500_000, 1_000_000, 2_000_000],
    "vocabulary": [20_000, 50_000, 100_000, 200_000, 400_000],
    "cells": [500, 1_000, 2_000, 4_000],
}
TEST_DOCUMENTS = 2_500


def measured(step, results, name):
    """Do a step; note its CPU seconds and return what it gave."""
    start = time.process_time()
    given = step()
    results[name] = time.process_time() - start
    return given


def peak():
    """Peak of resident memory of this process, MiB; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def training(words, documents, vocabulary):
    """Build a model and train it for one epoch over a made-up corpus."""
    import gensim  # noqa: F401  (its import is not of the model's building)

    from d2vbench.families.doc2vec.models import Doc2VecSettings, build_model
    from d2vbench.families.doc2vec.native import kernel as native

    found = {"base": peak()}
    rng = np.random.default_rng(0)
    # By the inverse of the distribution function, a slice at a time, to leave no large arrays.
    steps = np.cumsum(1 / np.arange(1, vocabulary + 1))
    tokens = np.empty(words, np.uint32)
    counts = np.zeros(vocabulary, np.int64)
    for first in range(0, words, 1 << 20):
        part = tokens[first : first + (1 << 20)]
        part[:] = np.searchsorted(steps, rng.random(len(part)) * steps[-1])
        counts += np.bincount(part, minlength=vocabulary)
    offsets = np.linspace(0, words, documents + 1).astype(np.int64)
    counts = np.maximum(counts, 5)
    ranks = np.argsort(-counts, kind="stable")
    names = {f"w{i}": int(counts[i]) for i in ranks.tolist()}
    settings = Doc2VecSettings("dbow", vector_size=SIZE)
    model = measured(lambda: build_model(names, documents, settings, 1), found, "build")
    # A word's row in the model is its place by count.
    rows = np.empty(vocabulary, np.uint32)
    rows[ranks] = np.arange(vocabulary)
    for first in range(0, words, 1 << 20):
        tokens[first : first + (1 << 20)] = rows[tokens[first : first + (1 << 20)]]
    corpus = native.Documents(tokens, offsets)
    order = rng.permutation(documents)
    measured(
        lambda: native.train_epoch(model, corpus, order, start_alpha=0.025, end_alpha=0.0001),
        found,
        "epoch",
    )
    return {**found, "peak": peak()}


def cells(count):
    """Write, check and read `count` records, as the one coordinator of a run does."""
    from d2vbench.bench.spec.identity import record_key
    from d2vbench.bench.store.records import RecordStore

    published = Path(__file__).resolve().parents[1] / "results" / "published" / "embedded"
    kept = RecordStore(published)
    key = next(iter(json.loads((published / "manifest.json").read_text())["cells"]))
    record = kept.read(key)
    for name in ("schema", "key", "sha256", "predictions_sha256"):
        record.pop(name, None)
    truth = np.arange(TEST_DOCUMENTS, dtype=np.int32) % 7
    predictions = {"truth": truth, **dict.fromkeys(record["metrics"], truth)}
    found = {"base": peak()}
    with tempfile.TemporaryDirectory() as folder:
        store = RecordStore(Path(folder))
        # A key is of the cell, so the cells differ, by their seeds; the numbers are false.
        made = [{**record, "cell": {**record["cell"], "seed": i}} for i in range(count)]
        keys = [record_key(r["cell"], r["pair_key"], r["versions"]) for r in made]

        def write():
            for key, one in zip(keys, made, strict=True):
                store.write(key, one, predictions)

        measured(write, found, "write")
        measured(lambda: store.present(keys), found, "check")
        held = measured(lambda: [store.read(key) for key in keys], found, "read")
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        found["disk"] = sum(path.stat().st_size for path in files) / 2**20
        found["files"] = len(files)
        assert len(held) == count
    return {**found, "peak": peak()}


def arguments_of(part, value):
    held = {"words": WORDS, "documents": DOCUMENTS, "vocabulary": VOCABULARY}
    return {"count": value} if part == "cells" else {**held, part: value}


def alone(part, value):
    """Return what a process of its own measured."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", part, str(value)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def line(x, y):
    """Least squares of y = a + b x, weighted by 1 / y: relative errors count.

    Also the exponent of a power law through the same points, and the largest relative error of
    the line.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    slope, start = np.polyfit(x, y, 1, w=1 / y)
    power = np.polyfit(np.log(x), np.log(y), 1)[0]
    return start, slope, power, float(np.abs((start + slope * x) / y - 1).max())


def show(part, values):
    rows = []
    for value in values:
        rows.append(alone(part, value))
        print(part, value, rows[-1], file=sys.stderr, flush=True)
    names = [name for name in rows[0] if name != "base"]
    body = [[f"{v:,}", *(f"{r[n]:,.2f}" for n in names)] for v, r in zip(values, rows, strict=True)]
    print(f"\n{part}\n\n" + table([part, *names], body) + "\n")
    fits = []
    for name in names:
        start, slope, power, error = line(values, [max(row[name], 1e-3) for row in rows])
        fits.append(
            [name, f"{start:.3g}", f"{slope * 1e6:.4g}", f"{power:.2f}", f"{100 * error:.0f} %"]
        )
    header = ["of", "at none", f"a million {part}", "power law's exponent", "largest error of line"]
    print(table(header, fits), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", nargs="+", default=list(POINTS), choices=list(POINTS))
    parser.add_argument("--quick", action="store_true", help="the first three points of each")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        part, value = args.one
        given = arguments_of(part, int(value))
        print(json.dumps(cells(**given) if part == "cells" else training(**given)))
        return
    print(f"{machine()}; seconds are CPU time, peak and disk MiB")
    for part in args.part:
        show(part, POINTS[part][: 3 if args.quick else None])


if __name__ == "__main__":
    main()
