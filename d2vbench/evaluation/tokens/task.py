"""What a task of tokens is: documents as words, each of a class or outside of all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Pair, Selection

#: The class of a word that is no part of a name.
OUTSIDE = 0
_WORD = re.compile(r"\w+|[^\w\s]")
#: Words of a document that are looked at: encoders cut documents as well.
MOST_WORDS = 256


def words_of(text: str) -> list[str]:
    """Return the first words of a text, and other characters that are no blanks.

    Examples
    --------
    >>> words_of("U.S. wheat")
    ['U', '.', 'S', '.', 'wheat']
    """
    return [found[0] for found in itertools.islice(_WORD.finditer(text), MOST_WORDS)]


@dataclass(frozen=True)
class TokenDocuments:
    """Documents as words.

    Attributes
    ----------
    words : list of list of str
        Of each document.
    labels : list of (n_words,) int64
        Classes: 0 outside of names, from 1 the classes of the task.
    unseen : list of (n_words,) bool
        Which words are of a name that no training document has.
    """

    words: list[list[str]]
    labels: list[npt.NDArray[np.int64]]
    unseen: list[npt.NDArray[np.bool_]]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.words)

    def take(self, rows: npt.NDArray[np.int64]) -> TokenDocuments:
        """Return some of the documents."""
        some = rows.tolist()
        return TokenDocuments(
            [self.words[i] for i in some],
            [self.labels[i] for i in some],
            [self.unseen[i] for i in some],
        )


@dataclass(frozen=True)
class TokenTask:
    """Documents to learn from, and others to be asked about.

    Attributes
    ----------
    classes : tuple of str
        Of names, from class 1 on.
    train, test : TokenDocuments
        No document is in both. No name of ``unseen`` words is in ``train``.
    """

    classes: tuple[str, ...]
    train: TokenDocuments
    test: TokenDocuments


@dataclass(frozen=True, eq=False)
class TokenDefinition:
    """A task of tokens by name.

    Attributes
    ----------
    name, title : str
        For cells, and for tables.
    make : callable
        From a pair, and the part of D-train that there is, to the task. It does not depend on the
        seed.
    documents : callable
        From the same to how many documents can be learned from and asked about, at most; for the
        planner.
    version : int
        Raised when it makes something else.
    """

    name: str
    title: str
    make: Callable[[Pair, Selection], TokenTask]
    documents: Callable[[Pair, Selection], tuple[int, int]]
    version: int
