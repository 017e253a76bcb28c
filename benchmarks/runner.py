"""What the runner itself costs: records, processes, messages, locks, progress.

python benchmarks/runner.py [--jobs 2] [--rounds 3] [--study all] [--profile P] [--resume 1000]

The same tasks are done twice in each round, in turn: by `run_cells`, and by bare processes of
joblib's that write nothing and tell nothing until a task is done. The ratio of the two is what the
runner adds. Then a run of ``--resume`` cells is made up from copies of two, and the time is taken
in which the command says that all is there; the first time it has the report to write.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Quiet, machine
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.backends import Local
from d2vbench.bench.execution.runner import run_cells
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.plan.memory import available_memory
from d2vbench.bench.spec.studies import Request, study_cells
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.bench.store.records import RecordStore
from d2vbench.corpora import load_cards, open_pair


def do(task):
    return len(list(task.events()))


def bare(cells, cards, folder, jobs):
    """Do every task of the tree in new processes of joblib's, level by level."""
    pairs = {name: open_pair(cards.pair(name), cards) for name in {c.pair for c in cells}}
    layout = lay_out(cells, pairs)
    references = {name: PairReference.of(pair, cards) for name, pair in pairs.items()}
    checkpoints = Checkpoints(Path(folder) / "checkpoints")
    with Parallel(n_jobs=jobs, batch_size=1, pre_dispatch=jobs) as parallel:
        level = layout.ready(every := set(range(len(cells))))
        while level:
            tasks = []
            for item in level:
                stretch = None if isinstance(item, tuple) else item
                mine = {i: cells[i] for i in (item if stretch is None else dict(item.cells))}
                some = cells[min(mine) if stretch is None else min(layout.below(item))]
                tasks.append(
                    Task(
                        mine, some, references[some.pair], stretch, checkpoints, source_digest(), 0
                    )
                )
            parallel(delayed(do)(task) for task in tasks)
            keys = [task.stretch.key for task in tasks if task.stretch]
            level = [item for key in keys for item in layout.ready(every, key)]
    # It would keep its processes for the next round, while the runner has to start its own.
    get_reusable_executor().shutdown(wait=True)


def compare(args):
    cards = load_cards()
    cells = study_cells(args.study, Request(profile=args.profile)).cells
    print(f"{len(cells)} cells, {args.jobs} jobs; {machine()}", flush=True)
    for i in range(args.rounds):
        seconds = {}
        for kind in ("runner", "bare") if i % 2 else ("bare", "runner"):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                if kind == "bare":
                    bare(cells, cards, folder, args.jobs)
                else:
                    backend = Local(args.jobs, available_memory())
                    run_cells(
                        cells, cards, Path(folder), study="all", listener=Quiet(), backend=backend
                    )
                seconds[kind] = time.perf_counter() - start
        ratio = seconds["runner"] / seconds["bare"]
        print(f"bare {seconds['bare']:.1f} s, runner {seconds['runner']:.1f} s, ratio {ratio:.3f}")


def resume(count, keep):
    """Time the command on a complete run of many cells."""
    with tempfile.TemporaryDirectory() as folder:
        out = keep or Path(folder) / "run"
        command = [sys.executable, "-m", "d2vbench", "run", "strategies", "--pair", "synthetic"]
        command += ["--model", "dbow", "--strategy", "domain-only(1)", "--out", str(out), "--seeds"]
        subprocess.run([*command, "1"], check=True, stdout=subprocess.DEVNULL)
        # Copies for the other seeds, whole and with keys of their own; their numbers are false.
        store, cards = RecordStore(out), load_cards()
        pair = open_pair(cards.pair("synthetic"), cards)
        request = Request(
            pairs=("synthetic",), models=("dbow",), strategies=("domain-only(1)",), seeds=count // 2
        )
        cells = study_cells("strategies", request).cells
        first = {c.variant: store.read(c.key(pair.key)) for c in cells if c.seed == 0}
        for cell in cells:
            key = cell.key(pair.key)
            if cell.seed:
                record = {**first[cell.variant], "cell": cell.to_json()}
                predictions = store.predictions(first[cell.variant]["key"])
                made = ("schema", "key", "sha256", "predictions_sha256")
                for name in made:
                    record.pop(name)
                store.write(key, record, predictions)
        command.append(str(count // 2))
        for _ in range(4):
            start = time.perf_counter()
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"{time.perf_counter() - start:.2f} s: {said.splitlines()[-2]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", default="default")
    parser.add_argument("--study", default="all")
    parser.add_argument("--resume", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="where to leave the run of --resume cells")
    args = parser.parse_args()
    if args.rounds:
        compare(args)
    if args.resume:
        resume(args.resume, args.keep)


if __name__ == "__main__":
    main()
