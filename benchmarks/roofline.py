"""How far the kernel is from the machine's limit.

A step of the kernel (one input, negative + 1 targets) reads and writes back its targets' rows, and
does a number of products and sums. Small loops in C measure how long the rows alone take, drawn
from the same words as the kernel draws, and how many products and sums the registers can do; both
run on one thread. The larger of the two times bounds a step from below.

python benchmarks/roofline.py [--documents N] [--sizes 100 300] [--repeats 5]
"""

import argparse
import ctypes
import shlex
import statistics
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import numpy as np
from common import RATES, SETTINGS, build, corpus, encode, interleave, machine, table, tagged

from d2vbench.families.doc2vec.native import kernel as native

TURNS = 20_000_000


def compiled(folder):
    target = Path(folder) / "roofline.so"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    source = Path(__file__).with_name("roofline.c")
    subprocess.run(
        [*compiler, "-O3", "-ffp-contract=off", "-shared", "-fPIC", str(source), "-o", str(target)],
        check=True,
    )
    library = ctypes.CDLL(str(target))
    library.peak.restype = ctypes.c_float
    library.peak.argtypes = [ctypes.c_int64]
    pointer = ctypes.c_void_p
    library.rows.argtypes = [pointer, ctypes.c_int64, pointer, ctypes.c_int64, ctypes.c_int64]
    library.rows.restype = None
    return library


def steps_of(name, effective, documents, window):
    """Steps of an epoch, and context rows of a step (expected, reduced windows)."""
    positions = effective - documents
    context = window + 1  # twice the mean of 1 .. window; a little less at documents' ends
    if name == "dbow-words":
        return positions * (context + 1), 0
    return positions, context if name.startswith("dm") else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    title, documents = corpus(args.documents)
    print(f"{title}: {len(documents)} documents; {machine()}; variant {native.variant()}")
    rng = np.random.default_rng(0)
    rows = []
    targets = SETTINGS["negative"] + 1
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(folder)
        for size in args.sizes:
            for name in ("dbow", "dbow-words", "dm-mean"):
                model = build(tagged(documents), name, size)
                encoded, order = encode(model, documents), np.arange(len(documents))
                effective, _ = native.train_epoch(model, encoded, order, **RATES)
                steps, context = steps_of(name, effective, len(documents), SETTINGS["window"])
                # Targets as the kernel draws them: every sixth a word of the text, subsampled.
                draws = rng.integers(0, model.cum_table[-1], 1_200_000)
                which = np.searchsorted(model.cum_table, draws).astype(np.uint32)
                known = encoded.tokens[encoded.tokens != native.OOV]
                keep = model.wv.expandos["sample_int"][known] >= rng.integers(0, 2**32, len(known))
                which[::targets] = np.resize(known[keep], len(which[::targets]))
                scratch = model.syn1neg.copy()
                seconds = interleave({
                    "kernel": lambda m=model, e=encoded, o=order: native.train_epoch(
                        m, e, o, **RATES),
                    "rows": lambda s=scratch, w=which, n=size: library.rows(
                        s.ctypes.data, n, w.ctypes.data, len(w), 12),
                    "peak": lambda: library.peak(TURNS),
                }, args.repeats)  # fmt: skip
                fastest = {k: min(v) for k, v in seconds.items()}
                moved = 2 * 4 * size * targets
                # A component of a target: 2 for the dot product, 4 for row and error; of the
                # input: 1; of a context row: 1 to gather, 1 to update.
                operations = size * (6 * targets + 1 + 2 * context)
                rate = 2 * 6 * 8 * TURNS / fastest["peak"]
                per_rows = fastest["rows"] / len(which) * targets * 1e9
                per_operations = operations / rate * 1e9
                per_step = fastest["kernel"] / steps * 1e9
                median = statistics.median(seconds["kernel"]) / steps * 1e9
                rows.append([
                    size, name, moved, operations, f"{moved / per_rows:.1f}", f"{rate / 1e9:.0f}",
                    f"{per_rows:.0f}", f"{per_operations:.0f}", f"{per_step:.0f}",
                    f"{median:.0f}", f"{max(per_rows, per_operations) / per_step:.0%}",
                ])  # fmt: skip
                print(rows[-1], flush=True)
    print(table(
        ["size", "model", "bytes a step", "operations a step", "rows, GB/s", "peak, Gop/s",
         "rows alone, ns", "operations alone, ns", "kernel, ns (least)", "kernel, ns (median)",
         "of the bound"], rows,
    ))  # fmt: skip


if __name__ == "__main__":
    main()
