"""Inference speed in documents/s: native.infer against a loop over Doc2Vec.infer_vector.

python benchmarks/inference.py [--documents 600] [--epochs 20] [--repeats 3] [--sizes 100]
"""

import argparse
import statistics

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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=int, default=6000, help="documents to train on")
    parser.add_argument("--documents", type=int, default=600, help="documents to infer")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    args = parser.parse_args()
    title, documents = corpus(args.train + args.documents)
    train, infer = documents[: -args.documents], documents[-args.documents :]
    print(f"{title}: {len(infer)} documents, {args.epochs} epochs each; {machine()}; "
          f"variant {native.variant()}; {args.repeats} interleaved rounds")  # fmt: skip
    rates = {"epochs": args.epochs, "alpha": 0.025, "min_alpha": 0.0001}
    seeds = np.arange(len(infer), dtype=np.uint32)
    rows = []
    for size in args.sizes:
        for name in args.models:
            model = build(tagged(train), name, size)
            native.train_epoch(model, encode(model, train), np.arange(len(train)), **RATES)
            encoded = encode(model, infer)
            seconds = interleave({
                "gensim": lambda m=model: [m.infer_vector(d, **rates) for d in infer],
                1: lambda m=model, e=encoded: native.infer(m, e, seeds, **rates),
                2: lambda m=model, e=encoded: native.infer(m, e, seeds, threads=2, **rates),
            }, args.repeats)  # fmt: skip
            speeds = [len(infer) / statistics.median(s) for s in seconds.values()]
            rows.append([
                size, name, *(f"{s:.0f}" for s in speeds),
                f"{median_ratio(seconds['gensim'], seconds[1]):.1f}",
                f"{median_ratio(seconds[1], seconds[2]):.2f}",
            ])  # fmt: skip
            print(rows[-1], flush=True)
    print(table(
        ["size", "model", "infer_vector loop", "native, 1 thread", "native, 2 threads",
         "native / loop", "2 threads / 1"], rows,
    ))  # fmt: skip
    print("Documents a second, medians; ratios are medians of the rounds' ratios.")


if __name__ == "__main__":
    main()
