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
from d2vbench.evaluation.baselines import BASELINES, Baseline, Labelled
from d2vbench.evaluation.class_titles import class_titles
from d2vbench.evaluation.classifiers import CLASSIFIERS, MAIN_CLASSIFIER, Outcome
from d2vbench.evaluation.given_vectors import GIVEN
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
    reads_titles : bool
        Whether it reads the titles of classes.
    cost_per_class : bool
        Whether it reads a document once for each class.
    """

    predict: Callable[..., list[Outcome]]
    title: str
    version: int
    reads_titles: bool = False
    cost_per_class: bool = False

    def of(
        self, settings: Any, classes: Sequence[str] = (), titles: Sequence[str] = ()
    ) -> Baseline:
        """Return the baseline with the checkpoint that settings say, for classes of such names.

        Raises
        ------
        UserError
            If it reads titles, and a class has none; see `class_titles`.
        """
        read = class_titles(classes, titles) if self.reads_titles else list(classes)
        return Baseline(
            functools.partial(self.predict, settings, read),
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

    train, unseen = frozen_vectors(settings, domain, test, words_of=domain)
    classify = CLASSIFIERS[MAIN_CLASSIFIER].predict
    return [classify(train[b.documents], b.labels, unseen, **b.options()) for b in budgets]


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

    titles = whole(encode_in_memory(numbered(classes), Tokeniser(), "titles"))
    vectors, named = frozen_vectors(settings, test, titles, words_of=domain)
    unit = named / np.maximum(np.linalg.norm(named, axis=1, keepdims=True), 1e-12)
    nearest = np.argmax(vectors @ unit.T, axis=1).astype(np.int32)
    return [Outcome(nearest) for _ in budgets]


def zero_shot_by_nli(
    settings: Any,
    classes: Sequence[str],
    generic: Selection,
    domain: Selection,
    test: Selection,
    budgets: Sequence[Labelled],
    seed: int,
) -> list[Outcome]:
    """Give each document the class whose title follows from it, by a model of inference (NLI).

    The document is the premise, and that it is about the class the hypothesis (Yin, Hay and Roth
    2019, arXiv 1909.00161); no label is read.
    """
    from d2vbench.families.encoder.nli import entailment

    likeliest = np.argmax(entailment(settings, test, classes), axis=1).astype(np.int32)
    return [Outcome(likeliest) for _ in budgets]


#: Baselines by a checkpoint, by name.
PRETRAINED: dict[str, Pretrained] = {
    "frozen-encoder": Pretrained(frozen_encoder, "Frozen encoder + logistic regression", 1),
    "zero-shot": Pretrained(
        zero_shot, "Zero-shot by the titles of classes", 1, reads_titles=True
    ),
    "zero-shot-nli": Pretrained(
        zero_shot_by_nli, "Zero-shot by natural-language inference", 1,
        reads_titles=True, cost_per_class=True,
    ),
}  # fmt: skip
#: Those of them that any encoder can make: inference takes a model that was trained for it.
OF_ANY_ENCODER = ("frozen-encoder", "zero-shot")


def find_baseline(
    name: str,
    settings: Any = None,
    classes: Sequence[str] = (),
    titles: Sequence[str] = (),
    word_vectors: str = "",
) -> Baseline:
    """Return a baseline, with its checkpoint or its word vectors where it reads some.

    Parameters
    ----------
    name : str
        A key of `BASELINES`, `PRETRAINED` or `GIVEN`.
    settings : object, optional
        Of the family encoder: which checkpoint.
    classes, titles : sequence of str
        Labels of the classes, and what their card calls them.
    word_vectors : str
        In the cache.
    """
    if name in GIVEN:
        return GIVEN[name].of(word_vectors)
    if name in PRETRAINED:
        return PRETRAINED[name].of(settings, classes, titles)
    return BASELINES[name]


def encoding_seconds(
    name: str, settings: Any, train: Selection, test: Selection, classes: int
) -> float:
    """Estimate the seconds in which a checkpoint reads what a baseline needs."""
    # One way through the layers takes a third of training.
    rate = _cost(settings, train).seconds_per_word / 3
    if PRETRAINED[name].cost_per_class:
        return rate * classes * test.words()
    return rate * (train.words() + test.words())


def encoding_bytes(settings: Any, train: Selection) -> int:
    """Estimate the memory that a checkpoint takes."""
    return _cost(settings, train).bytes


def _cost(settings: Any, train: Selection) -> Any:
    return FAMILIES["encoder"].cost(settings, Sides(train, train))
