"""What a classifier is: it says what an unseen vector is, from labelled training vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from d2vbench.evaluation.classifiers.outcome import Outcome


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier: its function, and what tells whether results of it can be compared.

    Attributes
    ----------
    predict : callable
        ``predict(train, labels, test, *, seed)`` fits on (n_train, dim) vectors and their
        (n_train,) int32 classes and returns the `Outcome` for (n_test, dim) vectors. A function
        of its arguments alone; the seed is that of the folds by which settings are chosen. Where
        documents have several labels, their vectors stand in ``train`` once for each, and
        ``documents=``, (n_train,) int64, says which rows are of one document.
    title : str
        For tables.
    version : int or None
        Raised when what it says changes. Without one, the digest of the sources that a third
        party's definition stands among takes its place.
    rank : int
        Place in lists; the first is the main one, by which strategies are compared and tuned.
    """

    predict: Callable[..., Outcome]
    title: str
    version: int | None = None
    rank: int = 100


def check_classifier(name: str, value: Any) -> str:
    """Return what is wrong with a third party's classifier; empty if nothing."""
    return "" if isinstance(value, Classifier) else f"must be a Classifier, got {value!r:.80}"
