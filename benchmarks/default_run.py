"""A default run against a plain script that does the same cells one by one.

python benchmarks/default_run.py [--seeds 1] [--jobs 2] [--every 1] [--plain JOBSxWORKERS ...]

The plain script is in ``plain.py``; the cells are those of the default profile that it can do. It
is timed in several ways: ``1x1``, a loop over the cells with one gensim worker, so that a result
can be had again; ``1x2``, a loop with as many workers as there are cores; ``2x1``, cells in two
processes. ``--every N`` gives it each N-th cell of a random order alone, and its time is scaled up:
the tool has to do all, since what it saves depends on the whole grid.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import plain
from common import Quiet, machine
from joblib import Parallel, delayed

from d2vbench.bench.compute.measure import Sample
from d2vbench.bench.execution.backends import Local
from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.plan.memory import available_memory
from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.corpora import load_cards, open_pair
from d2vbench.families.doc2vec import choose_engine


def one(cell, pair, workers):
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        sample = Sample.of(cell, pair)
        parts = (pair.generic, sample.domain, pair.test)
        generic, train, test = map(plain.texts, parts)
        return plain.run(cell, generic, train, sample.rows[:, 0], test, pair.test_labels, workers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--study", default="all")
    parser.add_argument("--plain", nargs="+", default=["1x1", "1x2", "2x1"])
    args = parser.parse_args()
    cards = load_cards()
    engine = choose_engine("native", print)
    cells = study_cells(args.study, Request(seeds=args.seeds, engine=engine)).cells
    cells = [cell for cell in cells if plain.can_do(cell)]
    pairs = {name: open_pair(cards.pair(name), cards) for name in {c.pair for c in cells}}
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
    for way in args.plain:
        processes, workers = map(int, way.split("x"))
        start = time.perf_counter()
        tasks = (delayed(one)(cells[i], pairs[cells[i].pair], workers) for i in sample)
        theirs = [r[0] for r in Parallel(n_jobs=processes, batch_size=1)(tasks)]
        seconds = (time.perf_counter() - start) * len(cells) / len(sample)
        scaled = "" if len(sample) == len(cells) else f" (scaled up from {len(sample)} cells)"
        print(
            f"plain script {way}: {seconds:.1f} s{scaled}; ratio {seconds / ours:.1f}", flush=True
        )
        report_gap(theirs, mine)


def report_gap(theirs, mine):
    gap = np.array(theirs) - np.array(mine)
    print(
        f"accuracy of the plain script minus d2vbench: mean {100 * gap.mean():+.2f} points, "
        f"standard deviation {100 * gap.std():.2f}"
    )


if __name__ == "__main__":
    main()
