"""The diagnosis of a follow-up, and the generic task."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from labelled_generic import with_generic_test
from learners import doc2vec, encode, plan_of

from d2vbench.corpora import Pair
from d2vbench.evaluation import GenericTask, diagnose
from d2vbench.evaluation.diagnostics import generic_task
from d2vbench.evaluation.diagnostics.drift import mean_cosine
from d2vbench.families import Learner, train_phase
from d2vbench.families.doc2vec import MODELS
from d2vbench.families.words import OOV, word_lists

Tables = dict[str, np.ndarray]


def copies(learner: Learner) -> Tables:
    return {name: table.copy() for name, table in learner.tables().items()}


def trained(
    pair: Pair, model: str, strategy: str = "sequential(2)"
) -> tuple[Tables, Any, dict[str, np.ndarray]]:
    """Return tables at the end of the generic phase, the end, and vectors encoded at both."""
    learner = doc2vec(pair, model, seed=0)
    plan = plan_of(pair, strategy, "restart", epochs=4, alpha=0.05)
    train_phase(learner, plan.phases[0], 0)
    before, vectors = copies(learner), {"before": encode(learner, pair.test)}
    train_phase(learner, plan.phases[1], 0)
    return before, learner, {**vectors, "after": encode(learner, pair.test)}


def word_groups(pair: Pair, learner: Any) -> dict[str, np.ndarray]:
    """Return rows of the words of G that D has too and of those that it lacks, by their names."""
    generic, domain = ({word for words in word_lists(side) for word in words}
                       for side in (pair.generic, pair.train))  # fmt: skip
    own = learner.model.wv.key_to_index
    # So the third kind is there, and is in neither.
    assert (domain - generic) & own.keys()
    groups = {"domain": generic & domain, "absent": generic - domain}
    return {name: np.array(sorted(own[word] for word in words & own.keys()))
            for name, words in groups.items()}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_what_is_said_of_each_model(model: str, small_pair: Pair) -> None:
    before, learner, vectors = trained(small_pair, model)
    held_out = {"domain": (vectors["before"], vectors["after"])}
    said = diagnose(before, learner, held_out, 0)
    tables = ["outputs"] if model == "dbow" else ["outputs", "words"]
    # What is lost is a share of what is kept, where enough is.
    kinds = [f"{measure}_{table}" for measure in ("turn", "products") for table in tables]
    lost = {f"{k}_lost" for k in kinds if min(said[f"{k}_absent"], said[f"{k}_domain"]) >= 0.1}
    assert lost == {key for key in said if key.endswith("_lost") and key[0] != "n"} != set()
    assert {key for key in said if not key.endswith("_lost")} == {
        "documents_domain", "paired",
        *(f"{measure}_{table}_{what}" for measure in ("turn", "products", "neighbours")
          for table in tables for what in ("absent", "domain", "across")),
        *(f"inferred_domain_{how}" for how in ("raw", "aligned", "centred")),
        *(f"{name}_{group}" for name in ("vocabulary", "neighbours")
          for group in ("domain", "absent")),
        *(f"{table}_{group}_{how}" for table in tables for group in ("domain", "absent")
          for how in ("raw", "aligned", "centred")),
    }  # fmt: skip
    groups = word_groups(small_pair, learner)
    rows = groups["domain"]
    assert said["vocabulary_domain"] == len(rows)
    assert said["vocabulary_absent"] == len(groups["absent"])
    outputs = learner.tables()["outputs"]
    assert said["outputs_domain_raw"] == mean_cosine(before["outputs"][rows], outputs[rows])
    assert said["inferred_domain_raw"] == mean_cosine(vectors["before"], vectors["after"])
    # Raw and aligned cosines see little of it: most of an output vector is common to all words.
    for group in ("domain", "absent"):
        assert said[f"outputs_{group}_centred"] < said[f"outputs_{group}_raw"] < 1
    assert 0 < said["neighbours_domain"] < 1
    assert 0 < said["neighbours_absent"] < 1
    if model != "dbow":
        # The follow-up does not present them, and negative samples are output vectors.
        absent = groups["absent"]
        assert np.array_equal(before["words"][absent], learner.tables()["words"][absent])
        assert said["words_absent_raw"] == pytest.approx(1, abs=1e-12)
        assert said["words_domain_raw"] < 0.9999
    np.random.seed(5)  # noqa: NPY002
    assert diagnose(before, learner, held_out, 0) == said


def test_nothing_moved_is_no_drift(small_pair: Pair) -> None:
    _, learner, vectors = trained(small_pair, "dm-mean")
    now = vectors["after"]
    said = diagnose(copies(learner), learner, {"generic": (now, now)}, 0)
    sizes = {key: said.pop(key) for key in list(said)
             if key.startswith(("vocab", "documents", "paired"))}  # fmt: skip
    assert set(sizes) == {"vocabulary_domain", "vocabulary_absent", "documents_generic", "paired"}
    lost = {key: said.pop(key) for key in list(said) if key.endswith("_lost")}
    assert len(lost) == 6
    assert lost == dict.fromkeys(lost, pytest.approx(0))
    assert said == dict.fromkeys(said, pytest.approx(1))


@pytest.mark.parametrize("model", ["dbow", "dm-concat"])
def test_a_turn_of_the_whole_model_is_no_drift_once_aligned(model: str, small_pair: Pair) -> None:
    before, learner, vectors = trained(small_pair, model)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)
    own = learner.model
    outputs = before["outputs"]
    parts = np.split(outputs, outputs.shape[1] // 16, axis=1)
    own.syn1neg = np.hstack([part @ turn for part in parts])
    if "words" in before:
        own.wv.vectors = before["words"] @ turn
    held_out = {"domain": (vectors["before"], vectors["before"] @ turn)}
    said = diagnose(before, learner, held_out, 0)
    for key, value in said.items():
        if key.endswith("_raw"):
            assert value < 0.9, key
        elif key.endswith(("_aligned", "_centred")) or key.startswith(("turn", "products")):
            assert value == pytest.approx(float(not key.endswith("_lost")), abs=1e-5), key
    assert said["neighbours_domain"] == said["neighbours_absent"] == pytest.approx(1, abs=0.01)


def test_what_all_words_gain_in_common_is_no_drift_once_centred(small_pair: Pair) -> None:
    before, learner, vectors = trained(small_pair, "dbow")
    own = learner.model
    own.syn1neg = before["outputs"] + np.linspace(-1, 1, 16, dtype=np.float32)
    old = vectors["before"]
    said = diagnose(before, learner, {"domain": (old, old + np.float32(0.1))}, 0)
    for name in ("outputs_domain", "outputs_absent", "inferred_domain"):
        assert said[f"{name}_centred"] == pytest.approx(1, abs=1e-3)
        assert said[f"{name}_raw"] < 0.9


def test_documents_with_many_absent_words_are_told_from_those_with_few(small_pair: Pair) -> None:
    before, learner, vectors = trained(small_pair, "dbow")
    absent = set(word_groups(small_pair, learner)["absent"].tolist())
    documents = learner.word_rows(small_pair.test)
    shares = np.array([
        np.mean([row in absent for row in documents.tokens[a:b] if row != OOV])
        for a, b in itertools.pairwise(documents.offsets.tolist())
    ])  # fmt: skip
    assert 0 < shares.mean() < 0.5
    most = shares > np.median(shares)
    # Documents with many are no longer classified rightly, and move.
    right = np.ones(len(shares), bool), ~most
    old = vectors["before"]
    new = np.where(most[:, None], vectors["after"][::-1], old)
    said = diagnose(before, learner, {"generic": (old, new)}, 0, small_pair.test, right)
    n = len(shares) // 2
    expected = np.sort(shares)
    assert said["fewest_share"] == pytest.approx(expected[:n].mean())
    assert said["most_share"] == pytest.approx(expected[n:].mean())
    assert (said["fewest_accuracy"], said["most_accuracy"]) == pytest.approx(
        (0, -most.sum() / n), abs=0.1
    )
    assert said["most_neighbours"] < said["fewest_neighbours"] < 1
    without = diagnose(before, learner, {"generic": (old, new)}, 0, small_pair.test)
    assert {key for key in said if key not in without} == {"fewest_accuracy", "most_accuracy"}
    few, held_out = {"generic": (old[:20], new[:20])}, small_pair.test.take(np.arange(20))
    assert "most_share" not in diagnose(before, learner, few, 0, held_out)


def test_frozen_output_vectors_do_not_drift(small_pair: Pair) -> None:
    before, learner, _ = trained(small_pair, "dm-mean", "frozen(2)")
    said = diagnose(before, learner, {}, 0)
    assert said["outputs_domain_raw"] == said["outputs_absent_raw"] == pytest.approx(1)
    assert said["words_domain_raw"] < 0.99


def test_a_domain_that_has_every_word_leaves_no_group_of_absent_ones(small_pair: Pair) -> None:
    # D is G: all words of the one are words of the other.
    same = dataclasses.replace(small_pair, train=small_pair.generic)
    before, learner, _ = trained(same, "dbow")
    said = diagnose(before, learner, {}, 0)
    assert said["vocabulary_absent"] == 0
    assert {key for key in said if "absent" in key} == {"vocabulary_absent"}


def test_the_generic_task_is_a_sample_of_labelled_documents(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = with_generic_test(small_pair)
    labels = pair.generic.corpus.labels
    whole = GenericTask.of(pair, 0)
    assert whole is not None
    assert np.array_equal(whole.train.documents, pair.generic.documents)
    assert np.array_equal(whole.test.documents, pair.generic_test.documents)
    assert np.array_equal(whole.truth, labels[whole.test.documents])
    assert len(np.unique(whole.labels)) == 4

    monkeypatch.setattr(generic_task, "MOST_TRAIN", 60)
    monkeypatch.setattr(generic_task, "MOST_TEST", 30)
    some = GenericTask.of(pair, 0)
    assert some is not None
    assert (len(some.train), len(some.test)) == (60, 30)
    assert set(some.train.documents) <= set(pair.generic.documents)
    assert set(some.test.documents) <= set(pair.generic_test.documents)
    assert np.array_equal(some.labels, labels[some.train.documents])
    shares = np.unique(some.labels, return_counts=True)[1] / 60
    assert shares == pytest.approx(np.unique(whole.labels, return_counts=True)[1] / 134, abs=0.02)
    again, other = GenericTask.of(pair, 0), GenericTask.of(pair, 1)
    assert again is not None and other is not None
    assert np.array_equal(again.train.documents, some.train.documents)
    assert not np.array_equal(other.train.documents, some.train.documents)
    assert not np.array_equal(other.test.documents, some.test.documents)


def test_a_class_too_small_to_choose_c_by_is_no_part_of_the_task(small_pair: Pair) -> None:
    pair = with_generic_test(small_pair)
    labels = pair.generic.corpus.labels.copy()
    # The first class keeps four training documents, and the second loses its labels.
    first, second = np.unique(labels[pair.generic.documents])[:2]
    members = pair.generic.documents[labels[pair.generic.documents] == first]
    labels[members[4:]] = -1
    labels[pair.generic.documents[labels[pair.generic.documents] == second]] = -1
    corpus = dataclasses.replace(pair.generic.corpus, labels=labels)
    changed = dataclasses.replace(
        pair,
        generic=dataclasses.replace(pair.generic, corpus=corpus),
        generic_test=dataclasses.replace(pair.generic_test, corpus=corpus),
    )
    task = GenericTask.of(changed, 0)
    assert task is not None
    assert len(np.unique(task.labels)) == 2
    assert set(np.unique(task.truth)) <= set(np.unique(task.labels))
    assert not {first, second, -1} & set(task.labels.tolist())


def test_without_labels_or_test_documents_there_is_no_task(small_pair: Pair) -> None:
    assert GenericTask.of(small_pair, 0) is None
    pair = with_generic_test(small_pair)
    labels = np.full_like(pair.generic.corpus.labels, -1)
    bare = dataclasses.replace(pair.generic.corpus, labels=labels)
    assert GenericTask.of(
        dataclasses.replace(pair, generic=dataclasses.replace(pair.generic, corpus=bare)), 0
    ) is None  # fmt: skip
