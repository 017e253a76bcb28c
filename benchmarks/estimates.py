"""How far the estimates of `run --dry-run` are from what cells take.

python benchmarks/estimates.py [--pair PAIR ...] [--model MODEL ...] [--epochs 2]
python benchmarks/estimates.py --pair PAIR ... --study encoders [--profile quick]

Of a study the cells of one seed, else a baseline and a follow-up of each model. Each cell is
computed alone in a process of its own; its peak of resident memory and its seconds by step are
printed beside the estimates.
"""

import argparse
from pathlib import Path

from common import machine

from d2vbench.bench.compute.environment import source_digest
from d2vbench.bench.compute.task import PairReference, Task
from d2vbench.bench.execution.children import Children
from d2vbench.bench.execution.events import CellDone
from d2vbench.bench.plan.layout import lay_out
from d2vbench.bench.plan.memory import Costs
from d2vbench.bench.spec.cell import BaselineCell, TrainedCell
from d2vbench.bench.spec.studies import STUDIES, Request, study_cells
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import load_cards, open_pair
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.strategies import parse_schedule, parse_strategy


def peak(process):
    """Return the peak of resident memory of a living process, in MiB; Linux alone."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def usual_cells(pair, args):
    """Return a baseline, and a follow-up of each model."""
    what = parse_strategy("sequential(1)"), parse_schedule("restart"), 0, args.epochs
    models = (
        TrainedCell(pair, 1.0, "doc2vec", Doc2VecSettings(model), *what) for model in args.model
    )
    return [BaselineCell(pair, 1.0, "tf-idf", 0), *models]


def of_study(pair, args):
    """Return what a study computes with one seed."""
    return study_cells(args.study, Request(pairs=(pair,), profile=args.profile, seeds=1)).cells


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", nargs="+", default=["docstrings-scipy", "20newsgroups-ohsumed"])
    parser.add_argument("--model", nargs="+", default=["dbow", "dm-mean"])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--study", choices=sorted(STUDIES))
    parser.add_argument("--profile", default="quick")
    args = parser.parse_args()
    cards, costs = load_cards(), Costs()
    print(machine())
    for name in args.pair:
        pair = open_pair(cards.pair(name), cards)
        cells = of_study(name, args) if args.study else usual_cells(name, args)
        layout = lay_out(cells, {name: pair})
        for i, cell in enumerate(cells):
            task = Task(
                {i: cell}, cell, PairReference.of(pair, cards), None, Checkpoints(Path("none")),
                source_digest(), 0,
            )  # fmt: skip
            with Children() as children:
                (done,) = (e for e in children.supervise(task) if isinstance(e, CellDone))
                (child,) = children._all
                memory = peak(child._process.pid)
            seconds = done.result[0]["seconds"]
            steps = ", ".join(f"{step} {value:.1f}" for step, value in seconds.items())
            print(
                f"{cell.title}: peak {memory:.0f} MiB, estimated "
                f"{costs.memory(cell, pair) / 2**20:.0f}; {sum(seconds.values()):.1f} s, estimated "
                f"{layout.alone_seconds(i):.1f} ({steps})",
                flush=True,
            )


if __name__ == "__main__":
    main()
