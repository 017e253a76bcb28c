"""A small grid of cells on the small pair."""

from __future__ import annotations

from d2vbench.bench.cell import Cell, baseline_cell
from d2vbench.engines import ModelSettings

EPOCHS = 12


class Quiet:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.started: tuple[int, int] | None = None
        self.cells: list[Cell] = []
        self.errors: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def start(self, total: int, present: int, work: float) -> None:
        assert work >= 0
        self.started = (total, present)

    def finished(self, cell: Cell, work: float, error: str | None) -> None:
        assert work > 0
        self.cells.append(cell)
        if error:
            self.errors.append(error)


def grid(seeds: int = 2, engine: str = "gensim") -> list[Cell]:
    cells = []
    for seed in range(seeds):
        cells.append(baseline_cell("small", 1.0, seed, ("all", "5")))
        cells += [
            Cell(
                pair="small",
                fraction=1.0,
                settings=ModelSettings(model, vector_size=16, min_count=2),
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
