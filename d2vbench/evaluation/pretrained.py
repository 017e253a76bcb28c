"""Baselines that read a checkpoint which others have trained: a league of their own.

What the checkpoint was trained on is not known here, and may hold documents of a pair.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from d2vbench.corpora import Selection
from d2vbench.corpora.store.memory import encode_in_memory, numbered, whole
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError
from d2vbench.evaluation.baselines import BASELINES, Baseline, Labelled
from d2vbench.evaluation.classifiers import CLASSIFIERS, MAIN_CLASSIFIER, Outcome
from d2vbench.families import FAMILIES, Sides


@dataclass(frozen=True, eq=False)
class Pretrained:
    """A baseline by a checkpoint.

    Attributes
    ----------
    predict : callable
        As of a `Baseline`, after the settings of family encoder that say which checkpoint, and the
        names of the classes.
    title : str
        For tables.
    version : int
        Raised when what it says changes.
    """

    predict: Callable[..., list[Outcome]]
    title: str
    version: int

    def of(self, settings: Any, classes: Sequence[str] = ()) -> Baseline:
        """Return the baseline with the checkpoint that settings say, for classes of such names."""
        return Baseline(
            functools.partial(self.predict, settings, classes),
            self.title,
            self.version,
            learns=f"checkpoint {settings.weights}",
        )


def frozen_encoder(
    settings: Any,
    classes: Sequence[str],
    generic: Selection,
    domain: Selection,
    test: Selection,
    budgets: Sequence[Labelled],
    seed: int,
) -> list[Outcome]:
    """Classify the mean hidden states of a checkpoint as it is, by the main classifier."""
    from d2vbench.families.encoder.frozen import frozen_vectors

    train, unseen = frozen_vectors(settings, domain, test)
    classify = CLASSIFIERS[MAIN_CLASSIFIER].predict
    return [classify(train[b.documents], b.labels, unseen, **b.options()) for b in budgets]


def title_of(name: str) -> str:
    """Return the name of a class as text that an encoder can read.

    Raises
    ------
    UserError
        If there is no letter in it.

    Examples
    --------
    >>> title_of("comp.sys.mac_hardware"), title_of("Health/Care")
    ('comp sys mac hardware', 'Health Care')
    """
    words = "".join(c if c.isalnum() else " " for c in name).split()
    if not any(c.isalpha() for word in words for c in word):
        raise UserError(
            f"class {name!r:.60} has no title that could be read: zero-shot classification needs "
            "classes with names"
        )
    return " ".join(words)


def zero_shot(
    settings: Any,
    classes: Sequence[str],
    generic: Selection,
    domain: Selection,
    test: Selection,
    budgets: Sequence[Labelled],
    seed: int,
) -> list[Outcome]:
    """Give each document the class whose title is nearest to it, by cosine; no label is read."""
    from d2vbench.families.encoder.frozen import frozen_vectors

    titles = whole(encode_in_memory(numbered(map(title_of, classes)), Tokeniser(), "titles"))
    vectors, named = frozen_vectors(settings, test, titles)
    unit = named / np.maximum(np.linalg.norm(named, axis=1, keepdims=True), 1e-12)
    nearest = np.argmax(vectors @ unit.T, axis=1).astype(np.int32)
    return [Outcome(nearest) for _ in budgets]


#: Baselines by a checkpoint, by name.
PRETRAINED: dict[str, Pretrained] = {
    "frozen-encoder": Pretrained(frozen_encoder, "Frozen encoder + logistic regression", 1),
    "zero-shot": Pretrained(zero_shot, "Zero-shot by the titles of classes", 1),
}


def find_baseline(name: str, settings: Any = None, classes: Sequence[str] = ()) -> Baseline:
    """Return a baseline, with its checkpoint where it reads one."""
    return PRETRAINED[name].of(settings, classes) if name in PRETRAINED else BASELINES[name]


def encoding_seconds(settings: Any, train: Selection, test: Selection) -> float:
    """Estimate the seconds in which a checkpoint encodes documents."""
    # One way through the layers takes a third of training.
    rate = _cost(settings, train).seconds_per_word / 3
    return rate * (train.words() + test.words())


def encoding_bytes(settings: Any, train: Selection) -> int:
    """Estimate the memory that a checkpoint takes."""
    return _cost(settings, train).bytes


def _cost(settings: Any, train: Selection) -> Any:
    return FAMILIES["encoder"].cost(settings, Sides(train, train))
