"""A task: the work that is done in one go, in whatever process, and reported event by event."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

from d2vbench.bench.compute.environment import environment, source_digest
from d2vbench.bench.compute.work import alone_events, stretch_events
from d2vbench.bench.execution.events import EXCEPTION, CellDone, Event, failed
from d2vbench.bench.plan.tree import Stretch
from d2vbench.bench.spec.cell import Cell, TrainedCell
from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.corpora import Cards, Pair, Provision


@dataclass(frozen=True)
class PairReference:
    """A pair as a process that may be on another machine gets it.

    Attributes
    ----------
    provisions : tuple of Provision
        Its corpora.
    packed : bytes
        The choice of documents, referring to the corpora; never written to a file.
    """

    provisions: tuple[Provision, ...]
    packed: bytes

    @classmethod
    def of(cls, pair: Pair, cards: Cards) -> PairReference:
        """Return the reference of a pair that is open here."""
        card = cards.pair(pair.name)
        sides = {card.generic.corpus: pair.generic, card.domain.corpus: pair.train}
        provisions = tuple(
            Provision.of(side.corpus, cards.corpus(name), card.tokeniser)
            for name, side in sides.items()
        )
        return cls(provisions, pickle.dumps(pair))

    def open(self) -> Pair:
        """Return the pair.

        Raises
        ------
        UserError
            If this machine has not the corpora and cannot build them.
        """
        for provision in self.provisions:
            provision.provide()
        pair: Pair = pickle.loads(self.packed)
        return pair


@dataclass(frozen=True)
class Task:
    """A cell alone, or a stretch of the plan tree with the cells that end in it.

    Attributes
    ----------
    cells : dict of int to Cell
        Those to compute, by their index in the grid; of a stretch there may be none.
    some : Cell
        Any cell of the trunk: says which model.
    pair : PairReference
        The pair that the cells name.
    stretch : Stretch or None
        None for a cell alone.
    checkpoints : Checkpoints
        Of the run.
    sources : str
        `source_digest` of the process that asks: another one's results would not be the same.
    memory : int
        Bytes that the process needs, as estimated.
    chain : float
        Seconds until it and all that follows it are done, as estimated: the longest goes first.
    """

    cells: dict[int, Cell]
    some: Cell
    pair: PairReference
    stretch: Stretch | None
    checkpoints: Checkpoints
    sources: str
    memory: int
    chain: float = 0.0

    def events(self) -> Iterator[Event]:
        """Do the work in this process.

        Yields
        ------
        Event
            One `CellDone` for each of `cells`; its record says what it was computed with.
        """
        for event in self._events():
            if isinstance(event, CellDone) and event.result is not None:
                record, predictions = event.result
                record = {**record, "sources": self.sources, "environment": environment()}
                event = dataclasses.replace(event, result=(record, predictions))
            yield event

    def _events(self) -> Iterator[Event]:
        if self.sources != source_digest():
            text = "this process has other sources of d2vbench than the one that began the run"
            yield from [CellDone(i, None, text, EXCEPTION) for i in self.cells]
            return
        try:
            pair = self.pair.open()
        except Exception:
            yield from [failed(i) for i in self.cells]
            return
        if self.stretch is None:
            for index, cell in self.cells.items():
                yield from alone_events(index, cell, pair)
        else:
            trained = cast(dict[int, TrainedCell], self.cells)
            some = cast(TrainedCell, self.some)
            yield from stretch_events(self.stretch, trained, some, pair, self.checkpoints)

    def without(self, done: Collection[int]) -> Task:
        """Return the task without some of its cells."""
        left = {i: cell for i, cell in self.cells.items() if i not in done}
        return dataclasses.replace(self, cells=left)

    def alone(self, index: int) -> Task:
        """Return the task of computing one of its cells alone."""
        return dataclasses.replace(self, cells={index: self.cells[index]}, stretch=None)
