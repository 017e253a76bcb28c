"""Seconds and memory of the analysis of a large run, on made-up correctness.

python benchmarks/analysis_speed.py                  # 1,000 cells, 5,000 test documents
python benchmarks/analysis_speed.py --cells 200
"""

import argparse
import resource
import time

import numpy as np
import pandas as pd
from common import machine, table

from d2vbench.analysis import (
    CLAIMS,
    RunData,
    accuracy_variance,
    across_pairs,
    findings,
    judge,
    mean_by_pair,
    recommend,
    summarise,
    transfer,
)

SEEDS = 5
PAIRS = ("a", "b", "c", "d", "e")
VARIANTS = [
    ("combined", "", "linear"),
    ("generic-only", "", "linear"),
    *(("domain-only", k, "linear") for k in ("1", "2", "4", "8", "budget")),
    *(("oversampled", k, "linear") for k in ("2", "4", "8", "balanced")),
    *(("sequential", k, s) for k in ("1", "2", "4", "8") for s in ("linear", "restart")),
    *(
        ("sequential", k, f"follow-up({a})")
        for k in ("1", "4")
        for a in (0.001, 0.0025, 0.005, 0.01, 0.05)
    ),
    ("reverse", "4", "restart"),
    ("mixed-finish", "4", "restart"),
    ("replay", "4, 0.1", "restart"),
    *((name, "4", "linear") for name in ("annealed", "concatenated", "shuffled-once")),
    *(("sequential", "4", s) for s in ("rewarmed", "cosine", "constant")),
    *(("selected", q, "linear") for q in ("0.25", "0.5")),
    ("ensemble", "4", "linear"),
]


def made_run(n_cells, n_documents):
    rng = np.random.default_rng(0)
    rows, correct = [], {}
    hard = rng.random(n_documents)
    for i in range(n_cells):
        place, seed = divmod(i, SEEDS)
        place, variant = divmod(place, len(VARIANTS))
        key, (strategy, k, schedule) = f"cell{i}", VARIANTS[variant]
        row = {
            "pair": PAIRS[place % len(PAIRS)], "fraction": 1.0 / (1 + place // len(PAIRS)),
            "model": "dbow", "strategy": strategy, "k": k, "schedule": schedule,
            "vocabulary_policy": "shared", "setting": "", "seed": seed, "engine": "native",
            "words_trained": 1e6 * (variant + 1), "key": key,
        }  # fmt: skip
        for budget, level in (("all", 0.8), ("10", 0.6)):
            noise = rng.normal(0, 0.2, n_documents) + rng.normal(0, 0.01)
            correct[key, budget] = hard + noise < level + variant / 1000
            accuracy = float(correct[key, budget].mean())
            row[f"accuracy_{budget}"] = row[f"macro_f1_{budget}"] = accuracy
            row[f"cv_accuracy_{budget}"] = accuracy
        rows.append(row)
    keys = [row["key"] for row in rows]
    studies = [{"name": "strategies", "cells": keys}, {"name": "transfer", "cells": keys}]
    manifest = {"study": "all", "cells": keys, "studies": studies, "pairs": {}}
    return RunData(manifest, pd.DataFrame(rows), correct, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=5000)
    arguments = parser.parse_args()
    data = made_run(arguments.cells, arguments.documents)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps = {
        "summary": lambda: summarise(data),
        "findings": lambda: findings(data),
        "claims": lambda: judge(CLAIMS, data),
        "transfer": lambda: transfer(data.study("transfer")),
        "recommend": lambda: [recommend(data, pair) for pair in PAIRS],
        "across pairs": lambda: across_pairs(
            (means := mean_by_pair(data)).to_numpy(), list(means.columns), list(means.index)
        ),
        "variance": lambda: accuracy_variance(data),
    }
    rows, whole = [], 0.0
    for name, step in steps.items():
        start = time.perf_counter()
        step()
        seconds = time.perf_counter() - start
        whole += seconds
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append((name, f"{seconds:.1f}", f"{peak:.0f}"))
    rows.append(("all", f"{whole:.1f}", rows[-1][2]))
    print(f"{machine()}; {len(data.cells)} cells, {arguments.documents} documents, 2 budgets")
    print(f"Before the analysis: {before:.0f} MiB\n")
    print(table(("step", "seconds", "peak MiB so far"), rows))


if __name__ == "__main__":
    main()
