"""What a logistic regression minimises, as its definition has it."""

from __future__ import annotations

from typing import Any

import numpy as np


def objective(x: Any, y: Any, c: float, coefficients: Any, intercepts: Any) -> float:
    """Return the sum of losses and the penalty over C, as its definition has it."""
    scores = x.astype(np.float64) @ coefficients.T + intercepts
    if scores.shape[1] == 1:
        loss = np.logaddexp(0, scores[:, 0]) - scores[:, 0] * y
    else:
        top = scores.max(axis=1, keepdims=True)
        loss = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
        loss -= scores[np.arange(len(y)), y]
    return float(loss.sum() + (coefficients**2).sum() / (2 * c))
