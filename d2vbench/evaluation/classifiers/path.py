"""The regularisation path of logistic regression on dense vectors, for all folds at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

# Pairs of steps that L-BFGS remembers; steps of one fit, and halvings of one step, at most.
_MEMORY, _STEPS, _SHORTENED = 8, 500, 20
# Armijo's condition: what part of the promised decrease a step must bring. Losses are sums of
# float32 terms: a rise of less than so many parts of them is none.
_DECREASE, _NOISE = 1e-4, 1e-7


class RegularisationPath:
    """Logistic regressions that share a C and the next one's start: one for each set of vectors.

    Parameters
    ----------
    sets : sequence of (n, dim) float32
        Training vectors, each column of mean 0.
    labels : sequence of (n,) int
        Their classes: 0 to ``classes`` - 1, all of which each set has.
    classes : int
        2 or more.

    Notes
    -----
    The objective is scikit-learn's: C times the sum of the documents' losses, and half the squared
    length of the weights without the intercepts; softmax over all classes, for two classes the
    logistic loss of one weight vector. Minimised is that divided by C.

    The sets are the training halves of a cross-validation: of the same width and about as long, so
    that one array operation does the work of all. L-BFGS (Nocedal and Wright, Numerical
    Optimization, 2006, algorithm 7.5) runs in coordinates in which the second derivatives at equal
    scores are about the identity: columns are rotated to the principal axes of the vectors, and
    each weight is scaled by the root of ``p (1 - p) s + 1 / C``, ``p`` the share of its class and
    ``s`` the sum of squares along the axis. From one C to the next the weights are kept.

    Class scores are float32; weights, losses and sums over documents' losses are float64.
    """

    def __init__(
        self,
        sets: Sequence[npt.NDArray[np.float32]],
        labels: Sequence[npt.NDArray[np.integer]],
        classes: int,
    ) -> None:
        folds, longest, dim = len(sets), max(map(len, sets)), sets[0].shape[1]
        self._lengths = np.array([len(vectors) for vectors in sets], dtype=np.float64)
        self._axes, self._squares = np.zeros((folds, dim, dim)), np.zeros((folds, dim))
        # Rows past the end of a set are zero and weigh nothing.
        self._present = np.zeros((folds, longest), dtype=np.float32)
        self._rotated = np.zeros((folds, longest, dim + 1), dtype=np.float32)
        self._truth = np.zeros((folds, classes, longest), dtype=np.float32)
        for fold, (vectors, own) in enumerate(zip(sets, labels, strict=True)):
            rows = slice(len(vectors))
            gram = (vectors.T @ vectors).astype(np.float64)
            squares, self._axes[fold] = np.linalg.eigh(gram)
            self._squares[fold] = np.maximum(squares, 0)
            self._rotated[fold, rows, :dim] = vectors @ self._axes[fold].astype(np.float32)
            self._rotated[fold, rows, dim] = self._present[fold, rows] = 1
            self._truth[fold, own, np.arange(len(own))] = 1
        shares = self._truth.sum(axis=2, dtype=np.float64) / self._lengths[:, None]
        if classes == 2:
            self._truth, shares = self._truth[:, 1:], shares[:, 1:]
        self._spread = shares * (1 - shares)
        # Scores of the classes are wanted document by document in a row: a class is a row.
        self._columns = np.ascontiguousarray(self._rotated.transpose(0, 2, 1))
        self._weights = np.zeros((folds, shares.shape[1], dim + 1))
        self._scale = self._penalty = np.ones(())

    def fit(self, c: float, tolerance: float) -> npt.NDArray[np.bool_]:
        """Go on to another C from the weights that there are.

        Parameters
        ----------
        c : float
            Inverse of the regularisation.
        tolerance : float
            A fit ends where the loss a document lies, by the second derivatives of the coordinates,
            less than this above its least value.

        Returns
        -------
        (n_folds,) bool
            Whether each fit got there.
        """
        curvature = self._spread[:, :, None] * self._squares[:, None] + 1 / c
        of_intercepts = (self._spread * self._lengths[:, None])[:, :, None]
        self._scale = 1 / np.sqrt(np.concatenate([curvature, of_intercepts], axis=2))
        self._penalty = np.full(self._weights.shape[2], 1 / c)
        self._penalty[-1] = 0
        at, reached = self._descend(self._weights / self._scale, tolerance * self._lengths)
        self._weights = at * self._scale
        return reached

    def predict(self, fold: int, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """Return the class of each of (n, dim) vectors by one of the fits, (n,) int64."""
        weights = self._weights[fold]
        scores = vectors @ (weights[:, :-1] @ self._axes[fold].T).T + weights[:, -1]
        if len(weights) == 1:
            return np.asarray(scores[:, 0] > 0, dtype=np.int64)
        return np.asarray(scores.argmax(axis=1), dtype=np.int64)

    def _descend(self, at: Doubles, enough: Doubles) -> tuple[Doubles, npt.NDArray[np.bool_]]:
        """Minimise from a place by L-BFGS, each fold on its own though all step together."""
        everyone = np.arange(len(at))
        loss, slope = self._loss(at, everyone)
        moves: list[tuple[Doubles, Doubles, Doubles]] = []
        active = _dot(slope, slope) / 2 > enough
        for _ in range(_STEPS):
            if not active.any():
                break
            direction = _direction(slope, moves)
            promised = _dot(direction, slope)
            step, todo = np.ones(len(at)), np.flatnonzero(active)
            new_at, new_loss, new_slope = at.copy(), loss.copy(), slope.copy()
            for _ in range(_SHORTENED):
                tried = at[todo] + step[todo, None, None] * direction[todo]
                found, found_slope = self._loss(tried, todo)
                wanted = loss[todo] + _DECREASE * step[todo] * promised[todo]
                good = found <= wanted + _NOISE * np.abs(loss[todo])
                taken = todo[good]
                new_at[taken], new_loss[taken] = tried[good], found[good]
                new_slope[taken] = found_slope[good]
                todo = todo[~good]
                if not len(todo):
                    break
                step[todo] /= 2
            active[todo] = False  # No step is short enough: float32 tells no more.
            moved, turned = new_at - at, new_slope - slope
            bent = _dot(moved, turned)
            moves = [*moves, (moved, turned, _inverse(bent))][-_MEMORY:]
            at, loss, slope = new_at, new_loss, new_slope
            active &= _dot(slope, slope) / 2 > enough
        return at, _dot(slope, slope) / 2 <= enough

    def _loss(self, at: Doubles, folds: npt.NDArray[np.int64]) -> tuple[Doubles, Doubles]:
        """Return the objective of some folds, (n,), and its slope, of the shape of ``at``."""
        # A slice is no copy, and nearly always all folds are wanted.
        some = slice(None) if len(folds) == len(self._lengths) else folds
        truth, present = self._truth[some], self._present[some]
        weights = at * self._scale[some]
        scores: Singles = np.matmul(weights.astype(np.float32), self._columns[some])
        if scores.shape[1] == 1:
            score = scores[:, 0]
            each = np.logaddexp(0, score) - score * truth[:, 0]
            loss = (each * present).sum(axis=1, dtype=np.float64)
            sure = 1 / (1 + np.exp(-np.clip(scores, -80, None)))
            too_much: npt.NDArray[np.floating] = (sure - truth) * present[:, None]
        else:
            scores -= scores.max(axis=1, keepdims=True)
            right = np.einsum("fkn,fkn->fn", scores, truth)
            np.exp(scores, out=scores)
            total = scores.sum(axis=1)
            each = np.log(total) - right
            loss = (each * present).sum(axis=1, dtype=np.float64)
            scores *= (present / total)[:, None]
            scores -= truth
            too_much = scores
        pulled = self._penalty * weights
        slope = np.matmul(too_much, self._rotated[some]) + pulled
        return loss + _dot(pulled, weights) / 2, slope * self._scale[some]


def _dot(a: Doubles, b: Doubles) -> Doubles:
    """Return the inner product of each fold's arrays, (n_folds,)."""
    return np.asarray(np.einsum("fij,fij->f", a, b))


def _inverse(values: Doubles) -> Doubles:
    """Return 1 over each value, and 0 for what is not above 0: such a move is not remembered."""
    good = values > np.finfo(np.float64).tiny
    return np.where(good, 1 / np.where(good, values, 1), 0)


def _direction(slope: Doubles, moves: Sequence[tuple[Doubles, Doubles, Doubles]]) -> Doubles:
    """Return where L-BFGS goes: minus the slope, times the inverse curvature that moves tell."""
    direction, parts = -slope, []
    for moved, turned, inverse in reversed(moves):
        part = inverse * _dot(moved, direction)
        direction -= part[:, None, None] * turned
        parts.append(part)
    if moves:
        moved, turned, inverse = moves[-1]
        length = _dot(moved, turned) * _inverse(_dot(turned, turned))
        direction *= np.where(length > 0, length, 1)[:, None, None]
    for (moved, turned, inverse), part in zip(moves, reversed(parts), strict=True):
        direction += (part - inverse * _dot(turned, direction))[:, None, None] * moved
    return direction
