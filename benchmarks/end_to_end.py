"""A whole run: against a script that trains each cell alone, and against another checkout.

python benchmarks/end_to_end.py plain [--study all] [--pair PAIR] [--seeds 1] [--every 1]
python benchmarks/end_to_end.py other CHECKOUT PYTHON [--rounds 2] [--studies ...] [-- ARGUMENTS]

The plain script is in ``plain.py``; the cells are those of the study that it can do. It is timed in
several ways: ``1x1``, a loop over the cells with one gensim worker, so that a result can be had
again; ``1x2``, a loop with as many workers as there are cores; ``2x1``, cells in two processes.
``--every N`` gives it each N-th cell of a random order alone, and its time is scaled up: the tool
has to do all, since what it saves depends on the whole grid.

``other`` runs the same command here and in another checkout, which a Python of its own has
installed, in turn; both begin with an empty folder of the run, and with corpora that are read.
With ``--studies``, one study after the other goes into the same folder: what both sides have of
``run all``.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import plain
from common import Quiet, machine
from joblib import Parallel, delayed

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.execution.backends import Local
from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.plan.memory import available_memory
from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.corpora import load_cards, open_pair
from d2vbench.families.doc2vec import choose_engine

HERE = Path(__file__).resolve().parents[1]
USUAL = ["run", "strategies", "--model", "dbow", "--seeds", "3", "--pair", "20newsgroups-ohsumed"]
for name in ("domain-only(4)", "combined", "oversampled(4)", "generic-only", "sequential(4)"):
    USUAL += ["--strategy", name]


def one(cell, pair, workers):
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        sample = Sample.of(cell, pair)
        parts = (pair.generic, sample.domain, pair.test)
        generic, train, test = map(plain.texts, parts)
        labels = sample.rows[:, 0]
        return plain.run(cell, generic, train, labels, test, pair.test_labels, workers)


def against_plain(args):
    cards = load_cards()
    engine = choose_engine("native", print)
    pairs = (args.pair,) if args.pair else None
    cells = study_cells(args.study, Request(seeds=args.seeds, engine=engine, pairs=pairs)).cells
    cells = [cell for cell in cells if plain.can_do(cell)]
    opened = {name: open_pair(cards.pair(name), cards) for name in {c.pair for c in cells}}
    print(f"{len(cells)} cells, {args.jobs} processes; {machine()}", flush=True)
    sample = list(range(len(cells)))
    random.Random(0).shuffle(sample)
    sample = sample[:: args.every]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        result = run_cells(
            cells,
            cards,
            Path(folder),
            study=args.study,
            listener=Quiet(),
            backend=Local(args.jobs, available_memory()),
        )
        ours = time.perf_counter() - start
        from d2vbench.analysis import load_run

        table = load_run(Path(folder)).cells.set_index("key")
        mine = [table.loc[result.keys[i], "accuracy_all"] for i in sample]
    words = (
        f"{result.words_trained / 1e6:.0f} million words, {result.words['alone'] / 1e6:.0f} alone"
    )
    print(f"d2vbench: {ours:.1f} s, {words}", flush=True)
    for way in args.ways:
        processes, workers = map(int, way.split("x"))
        start = time.perf_counter()
        tasks = (delayed(one)(cells[i], opened[cells[i].pair], workers) for i in sample)
        theirs = [r[0] for r in Parallel(n_jobs=processes, batch_size=1)(tasks)]
        seconds = (time.perf_counter() - start) * len(cells) / len(sample)
        scaled = "" if len(sample) == len(cells) else f" (scaled up from {len(sample)} cells)"
        print(
            f"plain script {way}: {seconds:.1f} s{scaled}; ratio {seconds / ours:.1f}", flush=True
        )
        gap = np.array(theirs) - np.array(mine)
        print(
            f"accuracy of the plain script minus d2vbench: mean {100 * gap.mean():+.2f} points, "
            f"standard deviation {100 * gap.std():.2f}"
        )


def timed(checkout, python, commands):
    """Return the seconds of commands in a new folder, and the processor's with their children's."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        for arguments in commands:
            subprocess.run(
                [python, "-m", "d2vbench", *arguments, "--out", folder],
                check=True,
                cwd=checkout,
                env={**os.environ, "PYTHONPATH": str(checkout)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def against_other(args):
    if args.studies:
        commands = [["run", study, *args.arguments] for study in args.studies]
    else:
        commands = [args.arguments or USUAL]
    print(*(f"d2vbench {' '.join(arguments)}" for arguments in commands), sep="\n")
    print(machine(), flush=True)
    sides = {"here": (HERE, sys.executable), "other": (args.checkout, args.python)}
    for checkout, python in sides.values():  # Corpora are read once, outside the timing.
        timed(checkout, python, [[*arguments, "--dry-run"] for arguments in commands])
    found = {name: [] for name in sides}
    for place in range(args.rounds):
        for name in list(sides)[:: -1 if place % 2 else 1]:
            found[name].append(timed(*sides[name], commands))
            print(f"{name}: {found[name][-1][0]:.1f} s", flush=True)
    for place, what in enumerate(("seconds", "seconds of the processor")):
        here, other = (statistics.median(run[place] for run in found[name]) for name in sides)
        print(f"{what}: {here:.1f} here, {other:.1f} there, ratio {here / other:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(required=True)
    one_side = kinds.add_parser("plain")
    one_side.add_argument("--study", default="all")
    one_side.add_argument("--pair")
    one_side.add_argument("--seeds", type=int, default=1)
    one_side.add_argument("--jobs", type=int, default=2)
    one_side.add_argument("--every", type=int, default=1)
    one_side.add_argument("--ways", nargs="+", default=["1x1", "1x2", "2x1"])
    one_side.set_defaults(do=against_plain)
    two_sides = kinds.add_parser("other")
    two_sides.add_argument("checkout", type=Path)
    two_sides.add_argument("python")
    two_sides.add_argument("--rounds", type=int, default=2)
    two_sides.add_argument("--studies", nargs="+")
    two_sides.add_argument("arguments", nargs="*")
    two_sides.set_defaults(do=against_other)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
