"""Seconds of the report of a large run, made of records with false numbers.

python benchmarks/report_speed.py                    # 1,014 cells, 5,000 test documents
python benchmarks/report_speed.py --keep FOLDER      # and leave the run there
"""

import argparse
import cProfile
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import machine, table

from d2vbench.bench.compute.environment import environment
from d2vbench.bench.spec.identity import record_key
from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.bench.store.records import RecordStore
from d2vbench.evaluation import MAIN_CLASSIFIER
from d2vbench.files import write_json
from d2vbench.keys import derive_seed, digest

PAIRS = ("docstrings-scipy", "synthetic", "newsgroups-comp", "20newsgroups-ohsumed", "imdb-ohsumed")
MEASURES = [f"{kind}_{group}_{way}" for kind in ("outputs", "words") for group in
            ("domain", "absent") for way in ("raw", "aligned", "centred")]  # fmt: skip


def level(cell):
    """A true accuracy of a cell's variant, somewhere between 0.6 and 0.9."""
    said = cell.to_json() | {"seed": 0}
    return 0.6 + 0.3 * (int(digest(said)[:6], 16) / 16**6)


def record(cell, hard, where):
    """A record whose numbers are made up, and its predictions."""
    rng = np.random.default_rng(derive_seed(0, "report speed", cell.to_json()))
    n = len(hard)
    truth = np.arange(n, dtype=np.int32) % 5
    predictions, metrics = {"truth": truth}, {}
    for budget in cell.budgets:
        share = level(cell) - (0.0 if budget == "all" else 0.1)
        right = hard + rng.normal(0, 0.15, n) + rng.normal(0, 0.01) < share
        predictions[budget] = np.where(right, truth, (truth + 1) % 5).astype(np.int32)
        accuracy = float(right.mean())
        said = dict.fromkeys(("accuracy", "macro_f1", "cv_accuracy"), accuracy)
        metrics[budget] = {MAIN_CLASSIFIER: said}
    found = {
        "cell": cell.to_json(), "versions": {}, "pair_key": cell.pair, "sources": "",
        "metrics": metrics, "environment": where,
        "counts": {"test_documents": n, "words_trained": int(rng.integers(1e6, 2e7))},
        "seconds": {"train": 1.0, "infer": 1.0, "evaluate": 1.0},
    }  # fmt: skip
    if cell.variant.startswith(("sequential", "replay", "reverse")):
        found["drift"] = {name: float(rng.uniform(0.3, 1)) for name in MEASURES}
    return found, predictions


def make_run(out, documents):
    """Write records of a default run over five pairs."""
    request = Request(
        profile="default", pairs=PAIRS, alpha=0.025, min_alpha=0.0001, engine="native"
    )
    asked = study_cells("all", request)
    cells = asked.cells
    store, where = RecordStore(out), environment()
    hard = np.random.default_rng(0).random(documents)
    keys = {cell: record_key(cell.to_json(), cell.pair, {}) for cell in cells}
    for cell, key in keys.items():
        store.write(key, *record(cell, hard, where))
    pairs = {
        name: {
            "classes": list("abcde"), "generic_documents": 10_000, "generic_words": 1_000_000,
            "train_documents": documents, "test_documents": documents, "train_words": 1_000_000,
            "left_out": {}, "sources": {name: {"content_sha256": digest(name), "versions": {}}},
        }
        for name in dict.fromkeys(cell.pair for cell in cells)
    }  # fmt: skip
    studies = [
        {"name": name, "question": "?", "cells": [keys[cell] for cell in grid]}
        for name, grid in asked.by_study.items()
    ]
    write_json(
        out / "manifest.json",
        {"schema": 1, "study": "all", "cells": list(keys.values()), "studies": studies,
         "pairs": pairs, "engines": ["native"], "environment": where},
    )  # fmt: skip
    return len(cells)


def steps(out):
    """Return what takes how long within one process."""
    from d2vbench.analysis import load_run
    from d2vbench.report.document.build import write_report
    from d2vbench.report.document.contents import make_document

    rows = []
    start = time.perf_counter()
    data = load_run(out)
    rows.append(("read the records", time.perf_counter() - start))
    start = time.perf_counter()
    document = make_document(data)
    rows.append(("analysis", time.perf_counter() - start))
    start = time.perf_counter()
    write_report(document, data, out)
    shown = f"{len(document.tables())} tables, {len(document.figures())} figures"
    rows.append((f"write it ({shown})", time.perf_counter() - start))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="where to leave the run")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = arguments.keep or Path(folder) / "run"
        n = make_run(out, arguments.documents)
        print(f"{machine()}; {n} cells, {arguments.documents} test documents, 2 label budgets\n")
        if arguments.profile:
            profile = cProfile.Profile()
            profile.runcall(steps, out)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
            return
        command = [sys.executable, "-m", "d2vbench", "report", str(out)]
        seconds = []
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = [(name, f"{value:.1f}") for name, value in steps(out)]
        rows.append(("d2vbench report, the whole command", f"{np.median(seconds):.1f}"))
        processor = (used.ru_utime + used.ru_stime) / arguments.rounds
        rows.append(("of it processor time", f"{processor:.1f}"))
        rows.append(("peak MiB", f"{used.ru_maxrss / 1024:.0f}"))
        print(table(("step", "seconds"), rows))


if __name__ == "__main__":
    main()
