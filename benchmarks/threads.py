"""Threads on one model: words a second, and processor time a word, as threads are added.

Where threads wait for one another's rows, a word takes more processor time than with one thread;
where the machine has no free core, it takes no more, but the clock shows no gain. Rows `apart` are
threads that train a model each: what the cores can do when no row travels between them.

python benchmarks/threads.py [--documents 6000] [--sizes 100 300] [--threads 1 2] [--repeats 5]
"""

import argparse
import copy
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from common import MODELS, RATES, build, corpus, encode, machine, table, tagged

from d2vbench.families.doc2vec.native import kernel as native


def together(model, encoded, order, threads):
    """Train one model with some threads; returns how many models were trained."""
    native.train_epoch(model, encoded, order, threads=threads, **RATES)
    return 1


def apart(models, encoded, order):
    """Train each of some models with one thread, all at the same time; returns how many."""
    with ThreadPoolExecutor(len(models)) as pool:
        list(pool.map(lambda m: native.train_epoch(m, encoded, order, **RATES), models))
    return len(models)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=6000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=["dbow", "dbow-words", "dm-mean"],
                        choices=list(MODELS))  # fmt: skip
    args = parser.parse_args()
    title, documents = corpus(args.documents)
    print(f"{title}: {len(documents)} documents; {machine()}; variant {native.variant()}; "
          f"{args.repeats} interleaved rounds")  # fmt: skip
    rows = []
    for size in args.sizes:
        for name in args.models:
            model = build(tagged(documents), name, size)
            encoded, order = encode(model, documents), np.arange(len(documents))
            words = len(encoded.tokens)
            several = [model, *(copy.deepcopy(model) for _ in range(max(args.threads) - 1))]
            ways = {str(n): partial(together, model, encoded, order, n) for n in args.threads}
            for n in args.threads:
                if n > 1:
                    ways[f"{n} apart"] = partial(apart, several[:n], encoded, order)
            clock, processor = ({way: [] for way in ways} for _ in range(2))
            for _ in range(args.repeats):
                for way, train in ways.items():
                    at, spent = time.perf_counter(), time.process_time()
                    models = train()
                    clock[way].append((time.perf_counter() - at) / models)
                    processor[way].append((time.process_time() - spent) / models)
            first = str(args.threads[0])
            for way in ways:
                seconds, spent = statistics.median(clock[way]), statistics.median(processor[way])
                rows.append([
                    size, name, way, f"{words / seconds / 1000:.0f}",
                    f"{statistics.median(clock[first]) / seconds:.2f}",
                    f"{spent / words * 1e9:.0f}", f"{spent / seconds:.2f}",
                ])  # fmt: skip
                print(rows[-1], flush=True)
    print(table(
        ["size", "model", "threads", "thousand words/s", f"against {args.threads[0]}",
         "processor ns a word", "cores used"], rows,
    ))  # fmt: skip


if __name__ == "__main__":
    main()
