"""Training speed in raw words/s: native against gensim's iterator and corpus_file.

python benchmarks/kernel.py [--documents N] [--sizes 100 300] [--repeats 5] [--threads 1 2]
"""

import argparse
import copy
import statistics
import tempfile
from pathlib import Path

import numpy as np
from common import (
    MODELS,
    RATES,
    build,
    corpus,
    encode,
    interleave,
    machine,
    median_ratio,
    table,
    tagged,
)

from d2vbench.families.doc2vec.native import kernel as native


def contenders(name, size, documents, corpus_file, threads):
    docs = tagged(documents)
    base = build(docs, name, size)
    encoded, order = encode(base, documents), np.arange(len(documents))
    words = len(encoded.tokens)
    runs = {}
    for n in threads:
        by_iterator, by_file, ours = (copy.deepcopy(base) for _ in range(3))
        by_iterator.workers = by_file.workers = n
        rates = RATES | {"epochs": 1, "total_words": words}
        runs["gensim iterator", n] = lambda m=by_iterator, r=rates: m.train(docs, **r)
        runs["gensim corpus_file", n] = lambda m=by_file, r=rates: m.train(
            corpus_file=str(corpus_file), total_examples=len(documents), **r
        )
        runs["native", n] = lambda m=ours, n=n: native.train_epoch(
            m, encoded, order, threads=n, **RATES
        )
    return runs, words


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, help="only the first N documents")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    args = parser.parse_args()
    title, documents = corpus(args.documents)
    words = sum(map(len, documents))
    print(f"{title}: {len(documents)} documents, {words} raw words; {machine()}; "
          f"variant {native.variant()}; {args.repeats} interleaved rounds")  # fmt: skip
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.txt"
        path.write_text("".join(" ".join(d) + "\n" for d in documents))
        for size in args.sizes:
            for name in args.models:
                runs, words = contenders(name, size, documents, path, args.threads)
                seconds = interleave(runs, args.repeats)
                for n in args.threads:
                    speeds = {
                        who: words / statistics.median(seconds[who, n]) / 1000
                        for who in ("gensim iterator", "gensim corpus_file", "native")
                    }
                    ratios = [
                        median_ratio(seconds[who, n], seconds["native", n])
                        for who in ("gensim iterator", "gensim corpus_file")
                    ]
                    rows.append([
                        size, name, n, *(f"{s:.0f}" for s in speeds.values()),
                        *(f"{r:.2f}" for r in ratios),
                    ])  # fmt: skip
                    print(rows[-1], flush=True)
    print(table(
        ["size", "model", "threads", "gensim iterator", "gensim corpus_file", "native",
         "native / iterator", "native / corpus_file"], rows,
    ))  # fmt: skip
    print("Thousands of raw words a second, medians; ratios are medians of the rounds' ratios.")


if __name__ == "__main__":
    main()
