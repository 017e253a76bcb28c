"""A small grid of cells on the small pair."""

from __future__ import annotations

from cells import baseline_cell, trained_cell

from d2vbench.bench.execution.backends import Backend, Inline, Local
from d2vbench.bench.execution.failures import Failure
from d2vbench.bench.spec.cell import Cell
from d2vbench.families.doc2vec import Doc2VecSettings

EPOCHS = 12


class Quiet:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.started: tuple[int, int] | None = None
        self.cells: list[Cell] = []
        self.errors: list[str] = []
        self.words = 0

    def note(self, text: str) -> None:
        self.notes.append(text)

    def start(self, total: int, present: int, work: float) -> None:
        assert work >= 0
        self.started = (total, present)

    def trained(self, words: int) -> None:
        self.words += words

    def finished(
        self, cell: Cell, work: float, accuracy: float | None, failure: Failure | None
    ) -> None:
        assert work > 0
        assert failure is None or accuracy is None
        self.cells.append(cell)
        if failure:
            self.errors.append(failure.error)


def backend(jobs: int = 1) -> Backend:
    """One job in this process, several in processes of their own."""
    return Inline() if jobs == 1 else Local(jobs, 8 << 30)


def grid(seeds: int = 2, engine: str = "gensim") -> list[Cell]:
    cells = []
    for seed in range(seeds):
        cells.append(baseline_cell("small", 1.0, seed, ("all", "5")))
        cells += [
            trained_cell(
                diagnosed=True,
                pair="small",
                fraction=1.0,
                settings=Doc2VecSettings(model, vector_size=16, min_count=2),
                strategy=strategy,
                schedule=schedule,
                seed=seed,
                epochs=EPOCHS,
                engine=engine,
                budgets=("all", "5"),
            )
            for model, strategy, schedule in (
                ("dbow", "combined", "linear"),
                ("dbow", "sequential(2)", "restart"),
                ("dm-mean", "combined", "linear"),
            )
        ]
    return cells
