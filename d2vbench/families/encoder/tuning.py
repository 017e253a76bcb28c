"""Fine-tuning: a body and a new linear head learn from labels, one pass after another.

The head reads the mean hidden state, each component standardised by the labelled documents' vectors
as they are before (so that it is one linear layer, and its rate means the same for every body); its
weights begin at zero. AdamW; rates rise over the first tenth of the updates of the longest course
and then stay, so that the state after each pass is that of a course of so many passes: one run
tries all numbers of passes.

Nothing here chooses: that is `d2vbench.evaluation.fine_tuning`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.errors import UsageError, UserError
from d2vbench.families.encoder.arms import BALANCED, BATCH, FOCAL, HEAD, SCRATCH, TOP, WEIGHTED, Arm
from d2vbench.families.encoder.descent import Descent, Rates
from d2vbench.families.encoder.extra import quiet_and_alone
from d2vbench.families.encoder.learner import EncoderLearner
from d2vbench.families.encoder.network import UNREAD, Network
from d2vbench.families.encoder.presentations import PieceDocuments
from d2vbench.keys import derive_seed

Scores = npt.NDArray[np.float32]

_AT_ONCE = 64
# What a standard deviation is at least: a component that hardly differs is centred alone.
_LEAST_SPREAD = 1e-6
#: Of the focal loss (Lin et al. 2017, arXiv 1708.02002).
FOCUS = 2.0


class FineTuning:
    """What all courses of one arm from one body have in common.

    Parameters
    ----------
    learner : EncoderLearner
        With the body to begin from, which stays as it is.
    arm : Arm
        Which weights learn, by which loss.
    train, test : Selection
        Documents of D-train, those that have labels and no others, and the test documents.
    base : int
        Base seed of the pair.
    """

    def __init__(
        self, learner: EncoderLearner, arm: Arm, train: Selection, test: Selection, base: int
    ) -> None:
        self.learner, self.arm, self._base = learner, arm, base
        self.train, self.test = learner.pieces(train), learner.pieces(test)
        self._vectors: dict[int, Scores] = {}
        if arm.kind == TOP:
            layers_of(learner.network.body, arm.layers)

    @property
    def peak_rate(self) -> float:
        """The learning rate of the body's own training; from random weights the usual one."""
        return peak_rate_of(self.learner, self.arm)

    def vectors(self, documents: PieceDocuments) -> Scores:
        """Return the vectors by the body as it is, (n_documents, width) float32."""
        found = self._vectors.get(id(documents))
        if found is None:
            with quiet_and_alone():
                found = _vectors(self.learner.network, documents, np.arange(len(documents)))
            self._vectors[id(documents)] = found
        return found

    def course(
        self,
        documents: npt.NDArray[np.int64],
        labels: npt.NDArray[np.int64],
        classes: int,
        rates: Rates,
        passes: int,
        seed: int,
    ) -> Iterator[Course]:
        """Train, and yield the course after each pass.

        Parameters
        ----------
        documents : (n,) int64
            Positions in ``train``; one of several labels stands there for each.
        labels : (n,) int64
            0 to ``classes`` - 1.
        classes : int
            How many.
        rates : Rates
            Learning rates.
        passes : int
            Of the longest course: warm-up is a share of it.
        seed : int
            Of the orders: one seed means the same orders in every arm.

        Raises
        ------
        UserError
            If the loss is no number any more.
        """
        course = Course(self, documents, labels, classes, rates, passes)
        for done in range(passes):
            course.go_through(np.random.default_rng(derive_seed(seed, "fine-tuning", done)))
            yield course

    def body(self) -> Network:
        """Return a body of its own for a course."""
        return own_body(self.learner, self.arm, self._base)


def own_body(learner: EncoderLearner, arm: Arm, base: int) -> Network:
    """Return a copy of a learner's body of which what an arm trains requires gradients."""
    import torch

    own = copy.copy(learner.network)
    if arm.kind == SCRATCH:
        config = learner.network.body.config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(base, "initial weights", "fine-tuning"))
            own.body = type(learner.network.body)(config)
    else:
        own.body = copy.deepcopy(learner.network.body)
    own.body.eval()
    own.model = own.body
    own.body.requires_grad_(True)
    for name, parameter in own.body.named_parameters():
        if UNREAD in name:
            parameter.requires_grad_(False)
    if arm.kind == TOP:
        own.body.requires_grad_(False)
        for layer in layers_of(own.body, arm.layers):
            layer.requires_grad_(True)
    return own


# From random weights, and the width up to which it holds: wider ones learn at lower rates.
_PEAK, _PEAK_WIDTH = 1e-3, 128


def peak_rate_of(learner: EncoderLearner, arm: Arm) -> float:
    """Return the learning rate of the body's own training; from random weights the usual one."""
    settings = learner.settings
    if arm.kind != SCRATCH or settings.scratch is not None:
        return settings.peak_rate
    return min(_PEAK, _PEAK * _PEAK_WIDTH / learner.width)


class Course:
    """A body and a head on their way through labelled documents; see `FineTuning.course`."""

    def __init__(
        self,
        of: FineTuning,
        documents: npt.NDArray[np.int64],
        labels: npt.NDArray[np.int64],
        classes: int,
        rates: Rates,
        passes: int,
    ) -> None:
        import torch

        self._of, self._head_alone = of, of.arm.kind == HEAD
        read = of.train.readable()[documents]
        if not read.any():
            raise UserError(
                f"fine-tuning {of.arm}: encoder {of.learner.settings.encoder} can read none of the "
                f"{len(documents)} labelled documents: give more labels a class"
            )
        self._documents, self._labels = documents[read], labels[read].astype(np.int64)
        with quiet_and_alone():
            self._network = of.learner.network if self._head_alone else of.body()
            if of.arm.kind == SCRATCH:
                known = _vectors(self._network, of.train, self._documents)[self._documents]
            else:
                known = of.vectors(of.train)[self._documents]
            self._head = torch.nn.Linear(of.learner.width, classes)
        spread = known.std(axis=0)
        self._centre = torch.from_numpy(known.mean(axis=0))
        self._scale = torch.from_numpy(1 / np.where(spread > _LEAST_SPREAD, spread, 1.0))
        torch.nn.init.zeros_(self._head.weight)
        torch.nn.init.zeros_(self._head.bias)
        counts = np.maximum(np.bincount(self._labels, minlength=classes), 1)
        self._share = len(self._labels) / (classes * counts)
        self._weights = torch.from_numpy(self._share.astype(np.float32))
        updates = math.ceil(len(self._documents) / BATCH) * passes
        body = None if self._head_alone else self._network.body
        what = f"fine-tuning {of.arm} of encoder {of.learner.settings.encoder}"
        self._descent = Descent(self._head, body, rates, updates, what)

    def go_through(self, random: np.random.Generator) -> None:
        """Train on as many documents as there are, in an order of their own."""
        n = len(self._documents)
        if self._of.arm.loss == BALANCED:
            chance = self._share[self._labels]
            order = random.choice(n, n, p=chance / chance.sum())
        else:
            order = random.permutation(n)
        with quiet_and_alone():
            for begin in range(0, n, BATCH):
                self._update(order[begin : begin + BATCH])

    def _update(self, rows: npt.NDArray[np.int64]) -> None:
        self._descent.step(self._loss(self._logits(self._documents[rows]), self._labels[rows]))

    def _logits(self, documents: npt.NDArray[np.int64]) -> Any:
        import torch

        if self._head_alone:
            vectors = torch.from_numpy(self._of.vectors(self._of.train)[documents])
        else:
            vectors = self._network.vectors([self._of.train[d] for d in documents.tolist()])
        return self._head((vectors - self._centre) * self._scale)

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

    def scores(
        self, documents: PieceDocuments, rows: npt.NDArray[np.int64] | None = None
    ) -> Scores:
        """Return the scores of the classes, (n_documents, n_classes) float32.

        Parameters
        ----------
        documents : PieceDocuments
            ``train`` or ``test`` of the `FineTuning`.
        rows : (n,) int64, optional
            Which of them; by default all. Those of which nothing can be read have the vector of
            the mean labelled document.

        Raises
        ------
        UserError
            If one is no number: the loss after the last update is asked by nobody else.
        """
        import torch

        rows = np.arange(len(documents)) if rows is None else rows
        with quiet_and_alone(), torch.inference_mode():
            if self._head_alone:
                vectors = self._of.vectors(documents)
            else:
                vectors = _vectors(self._network, documents, rows)
            asked = torch.from_numpy(vectors[rows])
            asked[torch.from_numpy(~documents.readable()[rows])] = self._centre
            found: Scores = self._head((asked - self._centre) * self._scale).numpy()
        if not np.isfinite(found).all():
            raise self._descent.error("the scores of classes are no numbers")
        return found


def _vectors(
    network: Network, documents: PieceDocuments, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return (n_documents, width) vectors, those of other rows than asked for left at zero."""
    import torch

    lengths = np.diff(documents.offsets)
    rows = np.unique(rows)
    rows = rows[documents.readable()[rows]]
    rows = rows[np.argsort(lengths[rows], kind="stable")]
    vectors = np.zeros((len(documents), int(network.body.config.hidden_size)), dtype=np.float32)
    with torch.inference_mode():
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            vectors[some] = network.vectors([documents[row] for row in some.tolist()]).numpy()
    return vectors


def layers_of(body: Any, top: int) -> list[Any]:
    """Return the top layers of a body.

    Raises
    ------
    UsageError
        If it has fewer, or does not say which its layers are.
    """
    import torch

    lists = [list(part) for part in body.modules() if isinstance(part, torch.nn.ModuleList)]
    layers = max(lists, key=lambda some: len(some), default=[])
    if not 0 < top <= len(layers):
        raise UsageError(f"fine-tuning top({top}): the encoder has {len(layers)} layers")
    return layers[-top:]
