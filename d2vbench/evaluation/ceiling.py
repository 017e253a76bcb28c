"""What TF-IDF reaches on a pair with all labels: how much room there is above a model."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
from pathlib import Path

import numpy as np

from d2vbench.corpora import Pair, cache_folder
from d2vbench.corpora.pairs.labels import met
from d2vbench.corpora.store import tokenise
from d2vbench.evaluation.baselines import BASELINES, Labelled
from d2vbench.evaluation.classifiers import CLASSIFIERS, MAIN_CLASSIFIER
from d2vbench.files import write_json
from d2vbench.keys import digest

#: Raised when something else is computed from the same outcome.
VERSION = 1
_BASELINE = "tf-idf"


def tf_idf_accuracy(pair: Pair, cache: Path | None = None) -> float:
    """Return the accuracy on D-test of TF-IDF and logistic regression with all of D-train.

    Parameters
    ----------
    pair : Pair
        Its generic side is not read.
    cache : pathlib.Path, optional
        The result is kept in its folder ``ceilings``, by the documents of D, their labels and
        words, and the versions of what computes it. Default: `cache_folder`.

    Returns
    -------
    float
        In [0, 1]. Computed where it is not there or damaged.
    """
    path = (cache or cache_folder()) / "ceilings" / f"{_key(pair)}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        known = json.loads(path.read_text(encoding="utf-8"))["accuracy"]
        if type(known) is float and 0 <= known <= 1:
            return known
    everything = Labelled.of(np.arange(len(pair.train)), pair.train_rows, folds=0)
    outcome = BASELINES[_BASELINE].predict(pair.generic, pair.train, pair.test, [everything], 0)[0]
    accuracy = float(np.mean(met(outcome.predicted, pair.test_rows)))
    # A cache that only others may write to serves all the same.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {"accuracy": accuracy})
    return accuracy


def _key(pair: Pair) -> str:
    corpus = pair.train.corpus
    versions = [
        VERSION,
        tokenise.VERSION,
        BASELINES.version(_BASELINE),
        CLASSIFIERS.version(MAIN_CLASSIFIER),
        importlib.metadata.version("scikit-learn"),
    ]
    parts = [corpus.content_sha256, corpus.meta["tokeniser"]]
    for side, rows in ((pair.train, pair.train_rows), (pair.test, pair.test_rows)):
        parts += [side.documents.tolist(), rows.tolist()]
    return digest([versions, *parts])[:32]
