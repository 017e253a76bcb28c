"""Fine-tuning for tokens: how long and at which rate is chosen, then test documents are asked.

The candidates are those of fine-tuning for documents, but that courses of a body are three times as
long: few words say anything about a rare class. What is chosen by is macro-F1 without the words
outside, on every fifth labelled document, whatever the loss; of equals the lower rate, then the
shorter course. Then all labelled documents train.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.evaluation.fine_tuning import passes_of, rates_of, readings
from d2vbench.evaluation.tokens.scoring import token_scores
from d2vbench.evaluation.tokens.task import OUTSIDE, TokenTask
from d2vbench.families.encoder.arms import HEAD, Arm, parse_arm
from d2vbench.keys import derive_seed

#: Words of names that were seen in training, of such that were not; the others are left out.
SEEN, UNSEEN = "seen", "unseen"
_OF = 5
# Times the passes of fine-tuning for documents; a head alone takes many as it is.
_LONGER = 3

Labels = list[npt.NDArray[np.int64]]


def token_passes(arm: Arm, documents: int) -> tuple[int, ...]:
    """Return the numbers of passes to choose from, in ascending order, as `passes_of` does."""
    longer = 1 if arm.kind == HEAD else _LONGER
    return tuple(longer * passes for passes in passes_of(arm, documents))


def token_readings(arm: Arm, documents: int) -> float:
    """Return how many documents an arm reads at most, as `readings` does, for the planner."""
    return (1 if arm.kind == HEAD else _LONGER) * readings(arm, documents)


def tokens_tuned(
    learner: Any, arm: str, task: TokenTask, documents: npt.NDArray[np.int64], base: int
) -> dict[str, dict[str, float | int | bool | None]]:
    """Fine-tune an encoder for tokens, and say how well it tells them on test documents.

    Parameters
    ----------
    learner : EncoderLearner
        With the body to begin from, which stays as it is.
    arm : str
        As `parse_arm` reads it.
    task : TokenTask
        Documents and classes.
    documents : (n,) int64
        Which training documents are labelled.
    base : int
        Base seed of the pair.

    Returns
    -------
    dict of dict
        `token_scores` under ``seen`` and ``unseen``: over words outside and those of names that
        training has, or has not. ``chosen``: ``rate``, ``passes``, ``longest`` (whether that is the
        longest course), ``holdout_macro_f1`` (None without names to choose by), ``candidates``,
        ``documents`` and ``named`` (words of names) that were learned from.
    """
    from d2vbench.families.encoder.token_tuning import TokenTuning

    read = parse_arm(arm)
    tuning = TokenTuning(learner, read, base)
    train, classes = task.train.take(documents), len(task.classes) + 1
    pieces, seed = tuning.pieces(train.words), derive_seed(base, "tokens")
    lengths, candidates = token_passes(read, len(train)), rates_of(read, tuning.peak_rate)
    order = np.random.default_rng(derive_seed(seed, "held out")).permutation(len(train))
    unseen = np.sort(order[: len(train) // _OF])
    seen = np.sort(order[len(train) // _OF :])
    asked = tuning.pieces(train.take(unseen).words)
    truth = _read(train.take(unseen).labels, asked.words)
    rates, passes, best = candidates[0], lengths[-1], None
    if len(truth) and (truth != OUTSIDE).any():
        halves = train.take(seen)
        learned = tuning.pieces(halves.words)
        tried = []
        for one in candidates:
            course = tuning.course(learned, halves.labels, classes, one, lengths[-1], seed)
            for done, state in enumerate(course, 1):
                if done in lengths:
                    said = np.concatenate(state.tell(asked))
                    found = token_scores(truth, said, task.classes)["macro_f1"]
                    tried.append((found, one, done))
        best = max(range(len(tried)), key=lambda i: (round(tried[i][0], 12), -i))
        _, rates, passes = tried[best]
    course = tuning.course(pieces, train.labels, classes, rates, lengths[-1], seed)
    (state,) = itertools.islice(course, passes - 1, passes)
    test = tuning.pieces(task.test.words)
    told, truth = np.concatenate(state.tell(test)), _read(task.test.labels, test.words)
    new = np.concatenate([a[b] for a, b in zip(task.test.unseen, test.words, strict=True)])
    of_seen, of_unseen = ~new, new | (truth == OUTSIDE)
    learned_from = _read(train.labels, pieces.words)
    return {
        SEEN: dict(token_scores(truth[of_seen], told[of_seen], task.classes)),
        UNSEEN: dict(token_scores(truth[of_unseen], told[of_unseen], task.classes)),
        "chosen": {
            "rate": rates.head if read.kind == HEAD else rates.body,
            "passes": passes,
            "longest": passes == lengths[-1],
            "holdout_macro_f1": None if best is None else tried[best][0],
            "candidates": 1 if best is None else len(tried),
            "documents": len(train),
            "named": int((learned_from != OUTSIDE).sum()),
        },
    }


def _read(labels: Labels, words: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return the labels of the words that are read, of all documents."""
    if not labels:
        return np.empty(0, dtype=np.int64)
    return np.concatenate([of[some] for of, some in zip(labels, words, strict=True)])
