"""What the runner itself costs: records, processes, messages, locks, progress.

python benchmarks/runner.py [--jobs 2] [--rounds 3] [--profile default] [--resume 1000]

The same tasks are done twice in each round, in turn: by `run_cells`, and by bare processes of
joblib's that write nothing and tell nothing until a task is done. The ratio of the two is what the
runner adds. Then a run of ``--resume`` small cells is made, and the time is taken in which the same
command says that all is there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import machine
from joblib import Parallel, delayed

from d2vbench.bench.backends import Local
from d2vbench.bench.cell import source_digest
from d2vbench.bench.checkpoints import Checkpoints
from d2vbench.bench.layout import lay_out
from d2vbench.bench.memory import available_memory
from d2vbench.bench.runner import run_cells
from d2vbench.bench.studies import Request, study_cells
from d2vbench.bench.task import PairReference, Task
from d2vbench.corpora import load_cards, open_pair


class Quiet:
    def note(self, text):
        pass

    def start(self, total, present, work):
        pass

    def trained(self, words):
        pass

    def finished(self, cell, work, accuracy, failure):
        if failure:
            print(failure.error)


def do(task):
    return len(list(task.events()))


def bare(cells, cards, pairs, folder, jobs):
    """Do every task of the tree in joblib's processes, level by level."""
    layout = lay_out(cells, pairs)
    references = {name: PairReference.of(pair, cards) for name, pair in pairs.items()}
    checkpoints = Checkpoints(Path(folder) / "checkpoints")
    with Parallel(n_jobs=jobs, batch_size=1, pre_dispatch=jobs) as parallel:
        for level in layout.levels(set(range(len(cells)))):
            tasks = []
            for item in level:
                stretch = None if isinstance(item, int) else item
                mine = (
                    {item: cells[item]} if stretch is None else {i: cells[i] for i, _ in item.cells}
                )
                some = cells[item] if stretch is None else cells[min(layout.below(item))]
                tasks.append(
                    Task(
                        mine, some, references[some.pair], stretch, checkpoints, source_digest(), 0
                    )
                )
            parallel(delayed(do)(task) for task in tasks)


def compare(args):
    cards = load_cards()
    cells = study_cells("all", Request(profile=args.profile))
    pairs = {name: open_pair(cards.pair(name), cards) for name in {c.pair for c in cells}}
    print(f"{len(cells)} cells, {args.jobs} jobs; {machine()}", flush=True)
    for i in range(args.rounds):
        seconds = {}
        for kind in ("runner", "bare") if i % 2 else ("bare", "runner"):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                if kind == "bare":
                    bare(cells, cards, pairs, folder, args.jobs)
                else:
                    backend = Local(args.jobs, available_memory())
                    run_cells(
                        cells, cards, Path(folder), study="all", listener=Quiet(), backend=backend
                    )
                seconds[kind] = time.perf_counter() - start
        ratio = seconds["runner"] / seconds["bare"]
        print(f"bare {seconds['bare']:.1f} s, runner {seconds['runner']:.1f} s, ratio {ratio:.3f}")


def resume(count):
    """Time the command on a complete run of many cells."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        # A thousand seeds of one cell: 1 epoch, so that making them takes some minutes at most.
        command = [sys.executable, "-m", "d2vbench", "run", "strategies", "--pair", "synthetic"]
        command += ["--model", "dbow", "--strategy", "domain-only(1)", "--epochs", "1"]
        command += ["--seeds", str(count // 2), "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cells = len(json.loads((out / "manifest.json").read_text())["cells"])
        for _ in range(3):
            start = time.perf_counter()
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"{time.perf_counter() - start:.2f} s: {said.splitlines()[-2]} ({cells} cells)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--resume", type=int, default=1000)
    args = parser.parse_args()
    if args.rounds:
        compare(args)
    if args.resume:
        resume(args.resume)


if __name__ == "__main__":
    main()
