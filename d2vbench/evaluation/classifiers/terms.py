"""The regularisation path of logistic regression on sparse rows, such as those of TF-IDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.classifiers import passes
from d2vbench.evaluation.classifiers.products import RowProducts
from d2vbench.remembered import Remembered

Doubles = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

# Pairs of steps that L-BFGS remembers; steps of one fit, and halvings of one step, at most.
_MEMORY, _STEPS, _SHORTENED = 8, 500, 25
# Armijo's condition: what part of the promised decrease a step must bring. Losses are sums of
# float32 terms: a rise of less than so many parts of them is none.
_DECREASE, _NOISE = 1e-4, 1e-7
# Of a slope, the longest first step: the second derivative of a loss is a quarter at most.
_FIRST_STEP = 4.0
# A gap of so many times the tolerance is past doubt where float32 has rounded it twice.
_DOUBT = 2.0
# Fits from the beginning that are kept, by what they depend on: more than there are label budgets,
# of which all labels alone are the same for the next seed.
_ANEW = Remembered[tuple[Doubles, Doubles, bool]](most=8)


class TermsPath:
    """A logistic regression that goes from one C to the next.

    Parameters
    ----------
    rows : (n, n_terms) sparse float
        Training rows of length 1 at most.
    labels : (n,) int
        Their classes: 0 to ``classes`` - 1, all of them there.
    classes : int
        2 or more.

    Notes
    -----
    The objective is that of `RegularisationPath`. A row is no longer than 1 and there are more
    terms than rows, so that the weights are sought as sums of rows (the representer theorem):
    ``weights = rows.T @ parts``, with ``parts`` of (n, n_classes), a fifth or a tenth as many
    numbers as weights; the inner product of two such sums is that of their weights. In it L-BFGS
    runs as in `RegularisationPath`, with the inner products of all remembered moves in one matrix
    (Chen, Wang and Zhou 2014, "Large-scale L-BFGS using MapReduce").

    A fit ends by the gap between the objective and that of its dual (Yu, Huang and Lin 2011, "Dual
    coordinate descent methods for logistic regression and maximum entropy models"), which no other
    weights can be better by. scikit-learn's ``lbfgs`` ends where the largest component of the mean
    loss' slope is below ``tol``: of rows that share few terms each component is small long before
    the weights are, and with ``tol=1e-3`` a path over C stands still from C = 10 on.
    """

    def __init__(
        self,
        rows: Any,
        labels: npt.NDArray[np.integer],
        classes: int,
    ) -> None:
        truth = np.zeros((len(labels), classes), dtype=np.float32)
        truth[np.arange(len(labels)), labels] = 1
        logs = np.log(truth.mean(axis=0, dtype=np.float64))
        # The best intercepts for weights of zero.
        intercepts = logs[1:] - logs[:1] if classes == 2 else logs - logs.mean()
        self._truth = truth[:, 1:].copy() if classes == 2 else truth
        self._products = RowProducts(rows.astype(np.float32), self._truth.shape[1])
        # Parts, then intercepts, which are their own inner products; likewise everywhere below.
        self._at = np.concatenate([np.zeros(self._truth.size), intercepts])
        self._scores = self._at.copy()

    def fit(self, c: float, tolerance: float) -> bool:
        """Go on to another C from the weights that there are.

        Parameters
        ----------
        c : float
            Inverse of the regularisation.
        tolerance : float
            Of the gap a document, in nats.

        Returns
        -------
        bool
            Whether the fit got there.
        """
        enough = tolerance * len(self._truth)
        said = self._loss(self._at, self._scores, c)
        here = self._looked(self._at, self._scores, c, said, enough)
        memory = _Memory(self._at.size)
        for _ in range(_STEPS):
            if here.gap <= enough:
                break
            way, scores_way, promised = memory.direction(here, min(c, _FIRST_STEP))
            step = 1.0
            for _ in range(_SHORTENED):
                at = passes.stepped(here.at, way, step)
                scores = passes.stepped(here.scores, scores_way, step)
                said = self._loss(at, scores, c)
                if said.loss <= here.loss + _DECREASE * step * promised + _NOISE * here.loss:
                    break
                step /= 2
            else:
                break  # No step is short enough: float32 tells no more.
            there = self._looked(at, scores, c, said, enough)
            memory.add(here, there)
            here = there
        self._at, self._scores = here.at, here.scores
        return bool(here.gap <= enough)

    def fit_anew(self, c: float, tolerance: float) -> bool:
        """Fit from the beginning; see `fit`. The last such fits of this process are kept.

        All labels are the same documents for every seed, and often the same C.
        """

        def anew() -> tuple[Doubles, Doubles, bool]:
            reached = self.fit(c, tolerance)
            return self._at, self._scores, reached

        self._at, self._scores, reached = _ANEW.get(self._key(c, tolerance), anew)
        return reached

    def _key(self, c: float, tolerance: float) -> bytes:
        """Return a digest of all that a fit depends on."""
        found = hashlib.sha256(repr((self._truth.shape, c, tolerance)).encode())
        for array in (*self._products.parts(), self._truth, self._at):
            found.update(np.ascontiguousarray(array).data)
        return found.digest()

    def _loss(self, at: Doubles, scores: Doubles, c: float) -> _Said:
        """Return the objective, and the probability of each class for each row."""
        rows, classes = self._truth.shape
        split = self._truth.size
        penalty = float(at[:split] @ scores[:split]) / (2 * c)
        if classes == 1:
            found = (scores[:split].reshape(rows, 1) + scores[split:]).astype(np.float32)
            loss = np.logaddexp(0, found) - found * self._truth
            sure = np.reciprocal(1 + np.exp(-np.clip(found, -80, None)), dtype=np.float32)
            return _Said(float(loss.sum(dtype=np.float64)) + penalty, sure, None)
        found = passes.shifted(scores, rows, classes)
        right = float(np.vdot(found, self._truth))
        sure = np.exp(found)
        total = passes.shares(sure)
        lost = float(np.log(total).sum(dtype=np.float64))
        return _Said(lost - right + penalty, sure, lambda: lost - float(np.vdot(sure, found)))

    def _looked(self, at: Doubles, scores: Doubles, c: float, said: _Said, enough: float) -> _Place:
        """Return all that is known of a place; a gap far from enough is about right."""
        split = self._truth.size
        over, tilt = passes.over(said.sure, self._truth)
        of_over = self._products.of(over)
        slope = passes.slope(over, at, c, tilt)
        scores_slope = passes.slope(of_over, scores, c, tilt)
        length = c / 2 * float(np.vdot(over, of_over))
        # The dual asks for residuals that sum to zero, which those of a step on the way do not.
        lean = float(np.abs(tilt * at[split:]).sum())

        def gap(entropy: float) -> float:
            return abs(said.loss - (entropy - length)) + lean

        if said.entropy is not None and (about := gap(said.entropy())) > _DOUBT * enough:
            return _Place(at, scores, said.loss, slope, scores_slope, about)
        from scipy.special import xlogy

        entropy = -float(xlogy(said.sure, said.sure).sum(dtype=np.float64))
        if self._truth.shape[1] == 1:
            entropy -= float(xlogy(1 - said.sure, 1 - said.sure).sum(dtype=np.float64))
        return _Place(at, scores, said.loss, slope, scores_slope, gap(entropy))

    def predict(self, rows: Any) -> npt.NDArray[np.int64]:
        """Return the class of each of (n, n_terms) sparse rows, (n,) int64."""
        split = self._truth.size
        parts = self._at[:split].reshape(self._truth.shape).astype(np.float32)
        scores = rows.astype(np.float32) @ self._products.weights(parts) + self._at[split:]
        if scores.shape[1] == 1:
            return np.asarray(scores[:, 0] > 0, dtype=np.int64)
        return np.asarray(scores.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class _Said:
    """The objective at a place, and what came with it.

    ``sure`` are the probabilities; ``entropy`` gives their entropy from the scores, without a
    logarithm of each.
    """

    loss: float
    sure: Singles
    entropy: Callable[[], float] | None


@dataclass(frozen=True)
class _Place:
    """Where a fit is: vectors of parts and intercepts, and their products with the rows."""

    at: Doubles
    scores: Doubles
    loss: float
    slope: Doubles
    scores_slope: Doubles
    gap: float


class _Memory:
    """The last moves of L-BFGS and what they turned the slope by, with all inner products."""

    def __init__(self, size: int) -> None:
        # Moves, then turns; the first dimension is the place in a ring.
        self._vectors = np.zeros((2, _MEMORY, size), dtype=np.float32)
        self._products = np.zeros((2, _MEMORY, size), dtype=np.float32)
        self._inner = np.zeros((2 * _MEMORY, 2 * _MEMORY))
        self._order: list[int] = []

    def add(self, before: _Place, after: _Place) -> None:
        """Remember a move, unless the slope bends the wrong way along it."""
        move, scores_move = after.at - before.at, after.scores - before.scores
        turn = after.slope - before.slope
        bend, length = float(scores_move @ turn), float(scores_move @ move)
        if bend <= 1e-10 * length:
            return
        place = self._order.pop(0) if len(self._order) == _MEMORY else len(self._order)
        self._order.append(place)
        self._vectors[0, place], self._vectors[1, place] = move, turn
        self._products[0, place] = scores_move
        np.subtract(
            after.scores_slope, before.scores_slope, self._products[1, place], casting="unsafe"
        )
        for kind in (0, 1):
            found = self._vectors.reshape(2 * _MEMORY, -1) @ self._products[kind, place]
            row = kind * _MEMORY + place
            self._inner[row] = self._inner[:, row] = found

    def direction(self, here: _Place, first: float) -> tuple[Doubles, Doubles, float]:
        """Return where to go, its products with the rows, and the decrease that it promises."""
        if not self._order:
            promised = -first * float(here.slope @ here.scores_slope)
            return -first * here.slope, -first * here.scores_slope, promised
        vectors = self._vectors.reshape(2 * _MEMORY, -1)
        products = self._products.reshape(2 * _MEMORY, -1)
        # The direction is a sum of all remembered vectors and of the slope, the last.
        inner = np.zeros((2 * _MEMORY + 1, 2 * _MEMORY + 1))
        inner[:-1, :-1] = self._inner
        inner[-1, :-1] = inner[:-1, -1] = products @ here.slope.astype(np.float32)
        inner[-1, -1] = here.slope @ here.scores_slope
        times = np.zeros(len(inner))
        times[-1] = -1
        back: dict[int, float] = {}
        for move in reversed(self._order):
            turn = move + _MEMORY
            back[move] = float(times @ inner[:, move]) / inner[move, turn]
            times[turn] -= back[move]
        last = self._order[-1]
        times *= inner[last, last + _MEMORY] / inner[last + _MEMORY, last + _MEMORY]
        for move in self._order:
            turn = move + _MEMORY
            times[move] += back[move] - float(times @ inner[:, turn]) / inner[move, turn]
        single, own = times[:-1].astype(np.float32), times[-1]
        way = passes.mixed(single @ vectors, own, here.slope)
        scores_way = passes.mixed(single @ products, own, here.scores_slope)
        return way, scores_way, float(times @ inner[:, -1])
