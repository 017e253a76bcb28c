"""How much memory a task takes, and how much there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from d2vbench.bench.spec.cell import BaselineCell, Cell, TrainedCell
from d2vbench.corpora import Pair
from d2vbench.evaluation.given_vectors import averaging_bytes
from d2vbench.evaluation.pretrained import encoding_bytes
from d2vbench.families import FAMILIES, Cost, Sides

# A process with gensim loaded, for baselines scikit-learn, and what they keep for themselves.
_BASE = 320 << 20
# A document's place in seeds and predictions.
_BYTES_OF_A_DOCUMENT = 120
# A word of a text in training: its row. It may lie in a file (`d2vbench.mapped`), but only where
# there is room for all of it is training as fast as estimated.
_BYTES_OF_A_TOKEN = 4
# What is worked out for a run of documents while their words are looked up.
_BYTES_OF_A_RUN = 48 << 20
# A word that a baseline counts: its number, its place in the vocabulary, and eight bytes more.
_BYTES_OF_A_COUNTED_TOKEN = 16
# What is left to the system and to others.
_LEFT_FREE = 0.1
#: Documents of the generic corpus' own task that are inferred.
MOST_OF_GENERIC_TASK = 2500
# Components of a vector, where the settings do not say.
_WIDTH = 768


class Costs:
    """What training models takes, asked of their families once for each pair and settings."""

    def __init__(self) -> None:
        self._sides: dict[str, Sides] = {}
        self._costs: dict[tuple[str, str, Any], Cost] = {}

    def of(self, cell: TrainedCell, pair: Pair) -> Cost:
        """Return the cost of the model of a cell; its share of D counts as the whole."""
        place = (pair.key, cell.family, cell.settings)
        if place not in self._costs:
            sides = self._sides.setdefault(pair.key, Sides(pair.generic, pair.train))
            self._costs[place] = FAMILIES[cell.family].cost(cell.settings, sides)
        return self._costs[place]

    def memory(self, cell: Cell, pair: Pair) -> int:
        """Return the memory of the process that computes a cell.

        Parameters
        ----------
        cell : Cell
            Which cell; its share of D counts as the whole.
        pair : Pair
            The pair that it names.

        Returns
        -------
        int
            Bytes at the peak: the process itself, the model with what reading a checkpoint takes,
            the words of both sides, the vectors of the domain as the classifier holds them, and
            what diagnostics compare.
        """
        if isinstance(cell, BaselineCell):
            own = 0 if cell.encoder is None else encoding_bytes(cell.encoder, pair.train)
            if cell.word_vectors:
                own = averaging_bytes(cell.word_vectors, pair.train, pair.test)
            counted = _BYTES_OF_A_COUNTED_TOKEN * (pair.train.words() + pair.test.words())
            return _BASE + counted + own
        evaluated = len(pair.train) + len(pair.test)
        width = getattr(cell.settings, "vector_size", _WIDTH)
        # Documents of G's own task, half of them in training.
        task = min(MOST_OF_GENERIC_TASK, 2 * len(pair.generic_test)) if cell.diagnosed else 0
        return (
            _BASE
            + self.of(cell, pair).bytes
            # Of fine-tuning: a body of its own, its gradients and moments.
            + 4 * bool(cell.fine_tuned) * self.of(cell, pair).state_bytes // 3
            # What it is pulled back to.
            + ("pull" in cell.strategy.asks) * self.of(cell, pair).state_bytes
            + _BYTES_OF_A_DOCUMENT * len(pair.test)
            + _BYTES_OF_A_RUN
            + _BYTES_OF_A_TOKEN * (pair.generic.words() + pair.train.words())
            # Tables as they were before the follow-up, and both times' rows that are compared; of
            # both times, the vectors of G's task and their turned copies.
            + cell.diagnosed * 3 * self.of(cell, pair).state_bytes
            + 2 * 4 * 4 * task * width
            # Single precision as encoded; standardised, and by folds, once more each.
            + 4 * 4 * evaluated * width
        )


def available_memory() -> int:
    """Return how much memory processes started now may take, in bytes.

    Returns
    -------
    int
        What the system can give without swapping, and no more than what is left of the limit of
        the control group that this process runs in (version 2), less a tenth; all there is where
        the system does not say.
    """
    free = [_meminfo(), _control_group()]
    known = [size for size in free if size is not None]
    return int(min(known) * (1 - _LEFT_FREE)) if known else sys.maxsize


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if "MemAvailable" in line)
    except (OSError, ValueError, IndexError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def _control_group() -> int | None:
    try:
        group = Path("/proc/self/cgroup").read_text(encoding="utf-8").strip().rpartition(":")[2]
        folder = Path("/sys/fs/cgroup") / group.lstrip("/")
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        return None if limit == "max" else max(0, int(limit) - used)
    except (OSError, ValueError):
        return None
