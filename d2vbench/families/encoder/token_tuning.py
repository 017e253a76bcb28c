"""Fine-tuning for tokens: a body and a linear head on the first piece of each word.

Pieces behind the first of a word are read and not asked about. Weights of the head begin at zero.
Orders, updates and what an arm trains are those of `d2vbench.families.encoder.tuning`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError
from d2vbench.families.encoder.arms import BATCH, FOCAL, HEAD, WEIGHTED, Arm
from d2vbench.families.encoder.descent import Descent, Rates
from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.learner import EncoderLearner
from d2vbench.families.encoder.network import Network
from d2vbench.families.encoder.tuning import FOCUS, own_body, peak_rate_of
from d2vbench.families.encoder.words import WordPieces, word_pieces
from d2vbench.keys import derive_seed

#: A class of few words weighs no more than so many times the mean: else an update that has one of
#: them is about that word alone.
MOST_WEIGHT = 50.0
_AT_ONCE = 64

Labels = list[npt.NDArray[np.int64]]
States = list[npt.NDArray[np.float32]]


class TokenTuning:
    """What all courses of one arm from one body have in common.

    Parameters
    ----------
    learner : EncoderLearner
        With the body to begin from, which stays as it is.
    arm : Arm
        Which weights learn, by which loss.
    base : int
        Base seed of the pair.
    """

    def __init__(self, learner: EncoderLearner, arm: Arm, base: int) -> None:
        self.learner, self.arm, self.base = learner, arm, base
        self._states: list[tuple[WordPieces, States]] = []

    @property
    def peak_rate(self) -> float:
        """The learning rate of the body's own training; from random weights the usual one."""
        return peak_rate_of(self.learner, self.arm)

    def pieces(self, documents: Sequence[Sequence[str]]) -> WordPieces:
        """Return documents, as words, in pieces."""
        longest = self.learner.settings.max_tokens - self.learner.network.room
        return word_pieces(documents, self.learner.network.tokenizer, longest)

    def states(self, documents: WordPieces) -> States:
        """Return the hidden states of the words that are read, by the body as it is.

        Returns
        -------
        list of (n_read, width) float32
            Of each document. What was asked for before is kept: a head alone reads it often.
        """
        import torch

        for known, states in self._states:
            if known is documents:
                return states
        width = self.learner.width
        states = [np.empty((0, width), dtype=np.float32) for _ in range(len(documents))]
        with quiet_and_alone(), torch.inference_mode():
            for some in batches(documents):
                found = hidden_of(self.learner.network, documents, some).numpy()
                for row, part in zip(some, parts(documents, some, found), strict=True):
                    states[row] = part
        self._states.append((documents, states))
        return states

    def course(
        self, documents: WordPieces, labels: Labels, classes: int, rates: Rates, passes: int,
        seed: int,
    ) -> Iterator[TokenCourse]:  # fmt: skip
        """Train, and yield the course after each pass.

        Parameters
        ----------
        documents : WordPieces
            To learn from.
        labels : list of (n_words,) int64
            The class of each word, 0 to ``classes`` - 1.
        classes : int
            How many, that of the words outside of all included.
        rates : Rates
            Learning rates.
        passes : int
            Of the longest course: warm-up is a share of it.
        seed : int
            Of the orders: one seed means the same orders in every arm.

        Raises
        ------
        UserError
            If no word can be read, or the loss is no number any more.
        """
        course = TokenCourse(self, documents, labels, classes, rates, passes)
        for done in range(passes):
            course.go_through(np.random.default_rng(derive_seed(seed, "fine-tuning", done)))
            yield course


def batches(documents: WordPieces) -> Iterator[list[int]]:
    """Yield the documents of which a word is read, some at a time, the short ones first."""
    lengths = np.asarray([len(pieces) for pieces in documents.pieces])
    rows = np.flatnonzero([len(places) > 0 for places in documents.places])
    rows = rows[np.argsort(lengths[rows], kind="stable")]
    for begin in range(0, len(rows), _AT_ONCE):
        yield rows[begin : begin + _AT_ONCE].tolist()


def hidden_of(network: Network, documents: WordPieces, some: list[int]) -> Any:
    """Return the hidden states of the words of some documents, (n_read, width) float32 tensor."""
    pieces = [documents.pieces[row] for row in some]
    return network.hidden_at(pieces, [documents.places[row] for row in some])


def parts(documents: WordPieces, some: list[int], found: Any) -> list[Any]:
    """Return what was found of the words of some documents, document by document."""
    ends = np.cumsum([len(documents.places[row]) for row in some])
    return np.split(found, ends[:-1])


def class_weights(labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.float32]:
    """Return n / (K n_c) of each class c of K by n labels, `MOST_WEIGHT` at most, (K,) float32."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return np.minimum(len(labels) / (classes * counts), MOST_WEIGHT).astype(np.float32)


class TokenCourse:
    """A body and a head on their way through documents; see `TokenTuning.course`."""

    def __init__(
        self, of: TokenTuning, documents: WordPieces, labels: Labels, classes: int, rates: Rates,
        passes: int,
    ) -> None:  # fmt: skip
        import torch

        self._of, self._documents = of, documents
        self._rows = np.flatnonzero([len(places) > 0 for places in documents.places])
        encoder = of.learner.settings.encoder
        if not len(self._rows):
            raise UserError(
                f"fine-tuning {of.arm} for tokens: encoder {encoder} can read no word of the "
                f"{len(documents)} labelled documents: give more labels"
            )
        self._labels = [label[words] for label, words in zip(labels, documents.words, strict=True)]
        alone = of.arm.kind == HEAD
        with quiet_and_alone():
            self._network = of.learner.network if alone else own_body(of.learner, of.arm, of.base)
            self._head = torch.nn.Linear(of.learner.width, classes)
        torch.nn.init.zeros_(self._head.weight)
        torch.nn.init.zeros_(self._head.bias)
        self._weights = torch.from_numpy(class_weights(np.concatenate(self._labels), classes))
        updates = math.ceil(len(self._rows) / BATCH) * passes
        what = f"fine-tuning {of.arm} of encoder {encoder} for tokens"
        body = None if alone else self._network.body
        self._descent = Descent(self._head, body, rates, updates, what)

    def go_through(self, random: np.random.Generator) -> None:
        """Train on each document once, in an order of their own."""
        order = random.permutation(self._rows)
        with quiet_and_alone():
            for begin in range(0, len(order), BATCH):
                rows = order[begin : begin + BATCH]
                truth = np.concatenate([self._labels[row] for row in rows.tolist()])
                self._descent.step(self._loss(self._logits(self._documents, rows), truth))

    def _logits(self, documents: WordPieces, rows: npt.NDArray[np.int64]) -> Any:
        import torch

        if self._of.arm.kind == HEAD:
            states = self._of.states(documents)
            known = np.concatenate([states[row] for row in rows.tolist()])
            return self._head(torch.from_numpy(known))
        return self._head(hidden_of(self._network, documents, rows.tolist()))

    def _loss(self, logits: Any, labels: npt.NDArray[np.int64]) -> Any:
        import torch
        from torch.nn import functional

        truth = torch.from_numpy(labels)
        each = functional.cross_entropy(logits, truth, reduction="none")
        if self._of.arm.loss == WEIGHTED:
            each = each * self._weights[truth]
        if self._of.arm.loss == FOCAL:
            each = each * (1 - torch.exp(-each)) ** FOCUS
        return each.mean()

    def tell(self, documents: WordPieces) -> Labels:
        """Return the class of each word that is read, as ``documents.words`` lists them.

        Parameters
        ----------
        documents : WordPieces
            Any, by `TokenTuning.pieces`.

        Raises
        ------
        UserError
            If a score is no number.
        """
        import torch

        told: Labels = [np.empty(0, dtype=np.int64) for _ in range(len(documents))]
        with quiet_and_alone(), torch.inference_mode():
            for some in batches(documents):
                scores = self._logits(documents, np.asarray(some))
                if not bool(torch.isfinite(scores).all()):
                    raise self._descent.error("the scores of classes are no numbers")
                said = scores.argmax(dim=1).numpy()
                for row, part in zip(some, parts(documents, some, said), strict=True):
                    told[row] = part
        return told
