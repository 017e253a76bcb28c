"""How much memory a task takes, and how much there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from d2vbench.bench.spec.cell import Cell
from d2vbench.corpora import Pair
from d2vbench.families.doc2vec import EXPANDED
from d2vbench.families.doc2vec.models import count_words

# A process with gensim and scikit-learn loaded, and what they keep for themselves.
_BASE = 320 << 20
# Strings, dictionary entries and gensim's own record of a word.
_BYTES_OF_A_WORD = 600
# A document's row in gensim's list of tags, and its place in orders and seeds.
_BYTES_OF_A_DOCUMENT = 120
# A word of a text: its number, its place in the vocabulary, and eight bytes while it is looked up.
_BYTES_OF_A_TOKEN = 16
# What is left to the system and to others.
_LEFT_FREE = 0.1


def model_bytes(words: int, documents: int, vector_size: int, window: int, model: str) -> int:
    """Return the size of the arrays of a model.

    Parameters
    ----------
    words : int
        In the vocabulary.
    documents : int
        That are trained on.
    vector_size, window : int
        As in gensim.
    model : str
        A key of `d2vbench.families.doc2vec.MODELS`; a concatenation has an output row of
        ``2 * window + 1`` vectors for each word.

    Returns
    -------
    int
        Bytes of word, document and output vectors, in single precision.
    """
    outputs = vector_size * (2 * window + 1 if model == "dm-concat" else 1)
    return 4 * (words * (vector_size + outputs) + documents * vector_size)


class MemoryEstimate:
    """Estimates the memory of tasks, from vocabulary, documents and dimension."""

    def __init__(self) -> None:
        self._vocabularies: dict[tuple[str, int], int] = {}

    def of(self, cell: Cell, pair: Pair) -> int:
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
            Bytes at the peak: the process itself, the model, its weights once more while a
            checkpoint is read, the words of both sides, and the vectors of the domain as the
            classifier holds them.
        """
        if cell.settings is None:
            return _BASE + _BYTES_OF_A_TOKEN * (pair.train.words() + pair.test.words())
        settings = cell.settings
        words = self.vocabulary(pair, settings.min_count)
        documents = len(pair.generic) + len(pair.train)
        size = settings.vector_size
        model = model_bytes(words, documents, size, settings.window, settings.model)
        tokens = pair.generic.words() + pair.train.words()
        evaluated = len(pair.train) + len(pair.test)
        return (
            # An expansion trains in one more process.
            _BASE * (2 if cell.vocabulary in EXPANDED else 1)
            + 2 * model
            + _BYTES_OF_A_WORD * words
            + _BYTES_OF_A_DOCUMENT * (documents + len(pair.test))
            + _BYTES_OF_A_TOKEN * tokens
            # Single precision as inferred; standardised, and by folds, once more each.
            + 4 * 4 * evaluated * size
        )

    def vocabulary(self, pair: Pair, min_count: int) -> int:
        """Return how many words of G and D-train occur so often or more."""
        place = (pair.key, min_count)
        if place not in self._vocabularies:
            counts = count_words([pair.generic, pair.train])
            self._vocabularies[place] = sum(count >= min_count for count in counts.values())
        return self._vocabularies[place]


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
