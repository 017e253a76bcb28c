"""How well words are told apart: per class, and beside it the accuracy that misleads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.tokens.task import OUTSIDE

Labels = npt.NDArray[np.int64]


def token_scores(truth: Labels, told: Labels, classes: Sequence[str]) -> dict[str, float]:
    """Return what became of words, each in [0, 1] but for counts.

    Parameters
    ----------
    truth, told : (n,) int64
        Classes, 0 outside.
    classes : sequence of str
        Names of the classes from 1 on.

    Returns
    -------
    dict
        ``accuracy`` over all words; ``outside``, the share of words outside of all names, which is
        the accuracy of telling nothing; ``macro_f1``, the mean F1 of the classes that ``truth``
        has, that of the words outside left out; ``f1_NAME`` of each of them; ``words`` and
        ``named``, how many there are. No ``macro_f1`` where ``truth`` has no name; nothing at all
        where it has no word.
    """
    if not len(truth):
        return {}
    found = {
        "accuracy": float((truth == told).mean()),
        "outside": float((truth == OUTSIDE).mean()),
        "words": len(truth),
        "named": int((truth != OUTSIDE).sum()),
    }
    each = {}
    for label, name in enumerate(classes, 1):
        is_there, said = truth == label, told == label
        if is_there.any():
            right = int((is_there & said).sum())
            each[f"f1_{name}"] = 2 * right / int(is_there.sum() + said.sum())
    if each:
        found["macro_f1"] = float(np.mean(list(each.values())))
    return {**found, **each}
