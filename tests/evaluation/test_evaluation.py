"""Metrics and a baseline."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import Pair
from d2vbench.corpora.store import tokenise
from d2vbench.evaluation import BASELINES, Labelled, ceiling, scores
from d2vbench.evaluation.baselines import tf_idf
from d2vbench.evaluation.classifiers.logistic import classify


def test_scores_by_hand() -> None:
    truth = np.array([0, 0, 1, 1], dtype=np.int32)
    predicted = np.array([0, 0, 1, 2], dtype=np.int32)
    # F1: class 0 is 1, class 1 has precision 1 and recall 1/2; class 2 is not in the truth.
    assert scores(truth, predicted) == {
        "accuracy": 0.75,
        "macro_f1": pytest.approx((1 + 2 / 3) / 2),
    }


def test_tfidf_beats_chance_by_far(small_pair: Pair) -> None:
    everything = Labelled(np.arange(len(small_pair.train)), small_pair.train_labels, folds=0)
    (outcome,) = BASELINES["tf-idf"].predict(
        small_pair.generic, small_pair.train, small_pair.test, [everything], 0
    )
    assert scores(small_pair.test_labels, outcome.predicted)["accuracy"] > 0.6


def test_a_ceiling_is_computed_once_for_its_documents_and_versions(
    small_pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []

    def counted(*arguments, **options):  # type: ignore[no-untyped-def]
        computed.append(len(arguments[1]))
        return classify(*arguments, **options)

    monkeypatch.setattr(tf_idf, "classify", counted)

    def ceiling_of(pair: Pair) -> tuple[float, bool]:
        before = len(computed)
        found = ceiling.tf_idf_accuracy(pair, tmp_path)
        return found, len(computed) > before

    first, new = ceiling_of(small_pair)
    assert new and 0.6 < first <= 1
    assert ceiling_of(small_pair) == (first, False)
    # G is not read: a pair with another one has the same domain.
    assert ceiling_of(dataclasses.replace(small_pair, generic=small_pair.train)) == (first, False)
    # Fewer documents, or other labels of the same documents, are another domain.
    half = dataclasses.replace(
        small_pair,
        train=small_pair.train.take(np.arange(0, len(small_pair.train), 2)),
        train_rows=small_pair.train_rows[::2],
    )
    assert ceiling_of(half)[1]
    turned = (small_pair.test_rows + 1) % len(small_pair.classes)
    found, new = ceiling_of(dataclasses.replace(small_pair, test_rows=turned))
    assert new and found < first
    # Versions of what computes it.
    for module in (ceiling, tokenise):
        with monkeypatch.context() as context:
            context.setattr(module, "VERSION", 99)
            assert ceiling_of(small_pair) == (first, True)
    assert ceiling_of(small_pair) == (first, False)
    kept = sorted((tmp_path / "ceilings").iterdir())
    assert len(kept) == 5
    for damaged in ("", "{", "[]", '{"accuracy": 2.0}', '{"accuracy": "1"}', "\xff"):
        for path in kept:
            path.write_text(damaged, encoding="latin-1")
        assert ceiling_of(small_pair) == (first, True)
    assert ceiling_of(small_pair) == (first, False)
