"""Fine-tuning as a way to predict, beside a classifier on the vectors of a trained encoder.

How long, and at which rate, is chosen on a stratified hold-out of the labelled documents of
D-train, the first of the classifier's folds, from `CANDIDATES`: two rates and three numbers of
passes for every arm, the passes read off one course. The most accurate on the hold-out is taken, of
equals the one of the smaller loss there. Then all labelled documents train. Test documents are read
once, at the end.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.evaluation.baselines import Labelled
from d2vbench.evaluation.classifiers.folds import FOLDS, right_share, stratified_folds
from d2vbench.evaluation.classifiers.outcome import Outcome
from d2vbench.families.encoder.arms import BATCH, HEAD, SCRATCH, Arm, parse_arm
from d2vbench.families.encoder.descent import Rates

#: How many courses each arm chooses from.
CANDIDATES = 6
# Of a body: times the rate of its own training. Of a head, where it is alone, and beside a body.
_BODY_RATES = (0.5, 2.0)
_HEAD_RATES, _HEAD_BESIDE = (1e-3, 1e-2), 2e-3
# The longest course: so many passes, or, of few labels, as many as make so many updates.
# A head alone reads vectors that are there already, and takes longer to get where it gets.
_PASSES, _UPDATES = 4, 64
_PASSES_OF_HEAD, _UPDATES_OF_HEAD = 24, 400
_SHORTER = (1, 2, 4)  # The longest, and a half and a quarter of it.


def passes_of(arm: Arm, documents: int) -> tuple[int, ...]:
    """Return the three numbers of passes to choose from, in ascending order.

    Parameters
    ----------
    arm : Arm
        A head alone takes more.
    documents : int
        That are labelled.
    """
    alone = arm.kind == HEAD
    least, updates = (_PASSES_OF_HEAD, _UPDATES_OF_HEAD) if alone else (_PASSES, _UPDATES)
    longest = max(least, math.ceil(updates / max(math.ceil(documents / BATCH), 1)))
    longest = math.ceil(longest / max(_SHORTER)) * max(_SHORTER)
    return tuple(sorted(longest // part for part in _SHORTER))


def rates_of(arm: Arm, peak_rate: float) -> list[Rates]:
    """Return the two learning rates to choose from, the lower first.

    Parameters
    ----------
    arm : Arm
        A head alone has rates of its own.
    peak_rate : float
        Of the body.
    """
    if arm.kind == HEAD:
        return [Rates(0.0, rate) for rate in _HEAD_RATES]
    return [Rates(peak_rate * times, _HEAD_BESIDE) for times in _BODY_RATES]


def readings(arm: Arm, documents: int) -> float:
    """Return how many documents an arm reads at most, for the planner.

    One that is read without learning counts a third: the way through the layers and not back.
    """
    if arm.kind == HEAD:
        return documents / 3
    # A course for each rate on all but the hold-out, and one on all.
    shares = len(_BODY_RATES) * (1 - 1 / FOLDS) + 1
    tried = len(_BODY_RATES) * len(_SHORTER) / FOLDS / 3
    # The head is scaled by the vectors of the body as it is; each random body has its own.
    before = (shares if arm.kind == SCRATCH else 1) / 3
    return documents * (max(passes_of(arm, documents)) * shares + tried + before)


def fine_tuned(
    learner: Any, arm: str, train: Selection, test: Selection, labelled: Labelled, base: int
) -> Outcome:
    """Fine-tune an encoder on labelled documents, and say what test documents are.

    Parameters
    ----------
    learner : EncoderLearner
        With the body to begin from, which stays as it is.
    arm : str
        As `parse_arm` reads it.
    train, test : Selection
        D-train, of which only the labelled documents are read, and the test documents.
    labelled : Labelled
        The documents of D-train that have labels.
    base : int
        Base seed of the pair.

    Returns
    -------
    Outcome
        Its details say what was chosen: ``rate`` of the body (of the head, where that is alone),
        ``passes``, ``holdout_accuracy`` at those (None without a hold-out), ``holdout_documents``
        and ``candidates``; and whether the longest course was taken, ``longest``. Where every
        class has one document there is no hold-out: the lower rate and the longest course are
        taken.
    """
    from d2vbench.families.encoder.tuning import FineTuning

    read = parse_arm(arm)
    # Of ten labels a class most of D-train has none, and encoding it costs more than the arm.
    rows, at = np.unique(labelled.documents, return_inverse=True)
    tuning = FineTuning(learner, read, train.take(rows), test, base)
    classes, own = np.unique(labelled.labels, return_inverse=True)
    candidates = rates_of(read, tuning.peak_rate)
    lengths = passes_of(read, len(labelled.documents))
    documents = labelled.options().get("documents")
    halves = next(stratified_folds(labelled.labels, labelled.folds, documents), None)
    chosen, passes = candidates[0], lengths[-1]
    details: dict[str, Any] = {"holdout_accuracy": None, "holdout_documents": 0, "candidates": 1}
    if halves is not None:
        seen, unseen = halves
        tried: list[tuple[float, float, Rates, int]] = []
        for rates in candidates:
            course = tuning.course(
                at[seen], own[seen], len(classes), rates, lengths[-1], labelled.folds
            )
            for done, state in enumerate(course, 1):
                if done in lengths:
                    said = state.scores(tuning.train, at[unseen])
                    of = None if documents is None else documents[unseen]
                    right = float(right_share(said.argmax(axis=1), own[unseen], of))
                    tried.append((right, -_loss(said, own[unseen]), rates, done))
        # Of equals the first: the lower rate, the shorter course.
        best = max(range(len(tried)), key=lambda i: (round(tried[i][0], 12), tried[i][1], -i))
        accuracy, _, chosen, passes = tried[best]
        details = {
            "holdout_accuracy": accuracy,
            "holdout_documents": len(np.unique(labelled.documents[unseen])),
            "candidates": len(tried),
        }
    # As long as it was: the warm-up is a share of the longest course, whatever is taken of it.
    course = tuning.course(at, own, len(classes), chosen, lengths[-1], labelled.folds)
    for state in itertools.islice(course, passes - 1, passes):
        said = state.scores(tuning.test)
    rate = chosen.head if read.kind == HEAD else chosen.body
    details |= {"rate": rate, "passes": passes, "longest": passes == lengths[-1]}
    return Outcome(classes[said.argmax(axis=1)].astype(np.int32), details)


def _loss(scores: npt.NDArray[np.float32], truth: npt.NDArray[np.int64]) -> float:
    """Return the mean cross-entropy."""
    from scipy.special import log_softmax

    each = log_softmax(scores.astype(np.float64), axis=1)[np.arange(len(truth)), truth]
    return -float(each.mean())
