"""Fine-tuning: what learns and what stays, what is chosen and by what, the same everywhere."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_support import TINY, needs_extra, save_checkpoint
from learners import encode, plan_of, sides_of
from models_support import selection, text

from d2vbench.corpora import Pair, Selection
from d2vbench.errors import UsageError, UserError
from d2vbench.evaluation import CLASSIFIERS, Labelled
from d2vbench.evaluation.fine_tuning import CANDIDATES, fine_tuned, passes_of, readings
from d2vbench.families import FAMILIES, Sides, train
from d2vbench.families.encoder.arms import parse_arm
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Phase, Plan

pytestmark = needs_extra
RATES = (1e-3, 2e-3)


def learner_of(pair: Pair, **own: Any) -> Any:
    settings = EncoderSettings(**{**TINY, "vocabulary": "natural", **own})
    return FAMILIES["encoder"].prepare(sides_of(pair), settings, 1, plan_of(pair, "combined"))


@pytest.fixture(scope="module")
def learner(small_pair: Pair) -> Any:
    return learner_of(small_pair)


@pytest.fixture(scope="module")
def topics() -> tuple[Selection, Selection, Labelled, np.ndarray]:
    """Two topics that a word tells apart, one of them rare: D-train, test, labels, truth."""
    rng = np.random.default_rng(1)
    labels = np.asarray([int(i % 4 == 0) for i in range(80)], dtype=np.int32)
    truth = np.asarray([i % 2 for i in range(40)], dtype=np.int32)
    train, test = (selection([text([c, 2], rng, 12) for c in some]) for some in (labels, truth))
    return train, test, Labelled.of(np.arange(80), labels[:, None], 7), truth


@pytest.fixture(scope="module")
def topical(topics: tuple[Selection, Selection, Labelled, np.ndarray]) -> Any:
    settings = EncoderSettings(**{**TINY, "vocabulary": "natural", "peak_rate": 3e-3})
    sides = Sides(topics[0], topics[0])
    return FAMILIES["encoder"].prepare(sides, settings, 1, Plan((Phase("untrained", 0),)))


def bits(learner: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in learner.state().items()}


def tuning(learner: Any, arm: str, topics: Any) -> Any:
    from d2vbench.families.encoder.tuning import FineTuning

    return FineTuning(learner, parse_arm(arm), topics[0], topics[1], 1)


def course(learner: Any, arm: str, topics: Any, passes: int = 1) -> Any:
    from d2vbench.families.encoder.tuning import Rates

    labelled = topics[2]
    of = tuning(learner, arm, topics)
    *_, last = of.course(labelled.documents, labelled.labels, 2, Rates(*RATES), passes, 7)
    return last


def test_what_an_arm_trains_and_what_it_leaves(topical: Any, topics: Any) -> None:
    before = bits(topical)

    def changed(arm: str) -> set[str]:
        network = course(topical, arm, topics)._network
        own = dict(network.body.named_parameters())
        return {
            name.removeprefix("weights ")
            for name, array in topical.state().items()
            if name.startswith("weights ")
            and own[name.removeprefix("weights ")].detach().numpy().tobytes() != array.tobytes()
        }

    everything, top = changed("all"), changed("top(1)")
    assert top < everything and all("layer.1." in name for name in top)
    assert any("layer.0." in name for name in everything)
    assert any("embeddings" in name for name in everything)
    # A head alone takes the body as it is, and no arm changes the learner.
    assert not changed("head") and bits(topical) == before


def test_scratch_begins_with_weights_of_its_own(topical: Any, topics: Any) -> None:
    def first(arm: str) -> np.ndarray:
        body = tuning(topical, arm, topics).body().body
        return next(body.parameters()).detach().numpy().copy()

    own, again, bodys = first("scratch"), first("scratch"), first("all")
    assert own.shape == bodys.shape and not np.array_equal(own, bodys)
    assert np.array_equal(own, again)


def test_all_weights_learn_what_a_head_on_random_weights_cannot(topical: Any, topics: Any) -> None:
    _, _, labelled, truth = topics
    said = fine_tuned(topical, "all", topics[0], topics[1], labelled, 1)
    assert (said.predicted == truth).mean() > 0.9
    assert said.details["candidates"] == CANDIDATES
    assert said.details["holdout_documents"] == 16
    assert 0.5 < said.details["holdout_accuracy"] <= 1


def test_a_head_comes_close_to_logistic_regression(small_pair: Pair) -> None:
    """On the vectors of one encoder, of a real corpus."""
    trained = learner_of(small_pair, peak_rate=5e-3)
    train(trained, plan_of(small_pair, "domain-only(2)"), 1)
    rows = small_pair.train_rows
    labelled = Labelled.of(np.arange(len(rows)), rows, 5)
    vectors = encode(trained, small_pair.train), encode(trained, small_pair.test)
    logistic = CLASSIFIERS["logistic"].predict(
        vectors[0][labelled.documents], labelled.labels, vectors[1], **labelled.options()
    )
    head = fine_tuned(trained, "head", small_pair.train, small_pair.test, labelled, 1)
    truth = small_pair.test_rows[:, 0]
    right = [float((one.predicted == truth).mean()) for one in (head, logistic)]
    chance = np.bincount(truth).max() / len(truth)
    assert right[1] > chance + 0.05, "logistic regression finds nothing to be close to"
    assert abs(right[0] - right[1]) < 0.05


@pytest.mark.parametrize("arm", ["all", "head"])
def test_test_documents_choose_nothing(arm: str, topical: Any, topics: Any) -> None:
    train, test, labelled, _ = topics
    one = fine_tuned(topical, arm, train, test, labelled, 1)
    some = np.arange(0, len(test), 3)
    other = fine_tuned(topical, arm, train, test.take(some), labelled, 1)
    assert one.details == other.details
    assert np.array_equal(one.predicted[some], other.predicted)


def test_unlabelled_documents_choose_nothing(topical: Any, topics: Any) -> None:
    train, test, labelled, _ = topics
    few = Labelled(labelled.documents[:40], labelled.labels[:40], labelled.folds)
    one = fine_tuned(topical, "top(1)", train, test, few, 1)
    other = fine_tuned(topical, "top(1)", train.take(np.arange(40)), test, few, 1)
    assert one.details == other.details and np.array_equal(one.predicted, other.predicted)


def test_a_short_course_is_the_beginning_of_a_long_one(topical: Any, topics: Any) -> None:
    from d2vbench.families.encoder.tuning import Rates

    labelled, of = topics[2], tuning(topical, "all", topics)

    def scores(rates: Rates) -> list[np.ndarray]:
        found = of.course(labelled.documents, labelled.labels, 2, rates, 2, 7)
        return [state.scores(of.test) for state in found]

    first, second = scores(Rates(*RATES)), scores(Rates(*RATES))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_losses_weigh_classes(topical: Any, topics: Any) -> None:
    """A loss that weighs the rare class leans towards it; weights are n / (K n_c)."""
    labelled = topics[2]
    plain = course(topical, "head", topics, 8)
    weighted = course(topical, "head, weighted", topics, 8)
    balanced = course(topical, "head, balanced", topics, 8)
    focal = course(topical, "head, focal", topics)
    assert np.allclose(weighted._weights.numpy(), [80 / (2 * 60), 80 / (2 * 20)])

    def leans(state: Any) -> float:
        said = state.scores(state._of.test)
        return float((said[:, 1] - said[:, 0]).mean())

    assert leans(weighted) > leans(plain) and leans(balanced) > leans(plain)
    rows = labelled.documents[:16]
    logits = plain._logits(rows).detach()
    truth = labelled.labels[:16].astype(np.int64)
    exact = logits.numpy().astype(np.float64)
    chance = np.exp(exact - np.logaddexp.reduce(exact, axis=1, keepdims=True))
    p = chance[np.arange(16), truth]
    assert float(plain._loss(logits, truth)) == pytest.approx(-np.log(p).mean(), abs=1e-5)
    focused = ((1 - p) ** 2 * -np.log(p)).mean()
    assert float(focal._loss(logits, truth)) == pytest.approx(focused, abs=1e-5)


def test_every_arm_has_as_many_candidates(topical: Any, topics: Any) -> None:
    train, test, labelled, _ = topics
    for arm in ("head", "top(2)", "scratch"):
        said = fine_tuned(topical, arm, train, test, labelled, 1)
        assert said.details["candidates"] == CANDIDATES
        assert said.details["passes"] in passes_of(parse_arm(arm), 80)
    assert passes_of(parse_arm("all"), 2000) == (1, 2, 4)
    assert readings(parse_arm("all"), 2000) > readings(parse_arm("head"), 2000)


@pytest.mark.parametrize("arm", ["all", "head", "scratch"])
def test_only_labelled_documents_are_read_and_as_many_as_estimated(
    arm: str, topical: Any, topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from d2vbench.families.encoder.network import Network

    train, test, labelled, _ = topics
    read, plain = [], Network.vectors

    def counting(self: Any, documents: Any) -> Any:
        # The way back through the layers takes twice the way there.
        read.append(len(documents) * (1 if torch.is_grad_enabled() else 1 / 3))
        return plain(self, documents)

    monkeypatch.setattr(Network, "vectors", counting)
    few = np.concatenate([np.flatnonzero(labelled.labels == c)[:10] for c in (0, 1)])
    fine_tuned(topical, arm, train, test, Labelled(few, labelled.labels[few], labelled.folds), 1)
    # A course that is taken from half way is not gone to its end.
    most = readings(parse_arm(arm), len(few)) + len(test) / 3
    longest = max(passes_of(parse_arm(arm), len(few)))
    spared = 0 if arm == "head" else len(few) * longest * 3 / 4
    assert most - spared - 1e-6 <= sum(read) <= most + 1e-6


def test_scores_that_are_no_numbers_are_an_error(topical: Any, topics: Any) -> None:
    last = course(topical, "all", topics)
    last._head.weight.data[0, 0] = float("nan")
    with pytest.raises(UserError, match="after 5 updates the scores of classes are no numbers"):
        last.scores(last._of.test)


def test_a_body_is_clipped_as_a_whole(topical: Any, topics: Any) -> None:
    last = course(topical, "all", topics)
    head, body = last._descent._clipped
    assert {id(p) for p in head} == {id(p) for p in last._head.parameters()}
    learns = [p for p in last._network.body.parameters() if p.requires_grad]
    assert {id(p) for p in body} == {id(p) for p in learns}
    norm = sum(float((p.grad**2).sum()) for p in body if p.grad is not None) ** 0.5
    assert norm <= 1 + 1e-5


def test_a_document_a_class_leaves_nothing_to_choose_by(topical: Any, topics: Any) -> None:
    train, test, labelled, _ = topics
    two = np.asarray([0, 1])
    few = Labelled(labelled.documents[two], labelled.labels[two], 1)
    said = fine_tuned(topical, "head", train, test, few, 1)
    assert said.details["holdout_accuracy"] is None and said.details["candidates"] == 1
    assert set(said.predicted.tolist()) <= {0, 1}


def test_several_labels_and_documents_of_nothing(topical: Any, topics: Any) -> None:
    """A document of two labels is held out with both; one of no text is not trained on."""
    train, test, labelled, _ = topics
    rows = np.stack([labelled.labels, np.full(80, -1, np.int32)], axis=1)
    rows[::8, 1] = 1 - rows[::8, 0]
    several = Labelled.of(np.arange(80), rows, 7)
    said = fine_tuned(topical, "head", train, test, several, 1)
    assert 0 < said.details["holdout_documents"] < 30
    empty = selection(["", *[text([0], np.random.default_rng(2), 9)] * 3])
    said = fine_tuned(topical, "top(1)", train, empty, labelled, 1)
    assert len(said.predicted) == 4


def test_labels_of_documents_of_nothing_are_an_error(topical: Any, topics: Any) -> None:
    from d2vbench.families.encoder.tuning import FineTuning, Rates

    nothing = selection([""] * 4)
    tuned = FineTuning(topical, parse_arm("all"), nothing, topics[1], 1)
    with pytest.raises(UserError, match="can read none of the 4 labelled documents: give more"):
        next(tuned.course(np.arange(4), np.arange(4) % 2, 2, Rates(1e-3, 1e-3), 1, 1))


def test_a_loss_that_is_no_number_is_an_error(
    topical: Any, topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from d2vbench.families.encoder.tuning import Course

    plain = Course._loss
    monkeypatch.setattr(Course, "_loss", lambda self, *parts: plain(self, *parts) * float("nan"))
    with pytest.raises(UserError) as caught:
        fine_tuned(topical, "all", topics[0], topics[1], topics[2], 1)
    assert str(caught.value) == (
        "fine-tuning all of encoder scratch:2x32: after 0 updates the loss is nan (rates 0.0015 of "
        "the body, 0.002 of the head): lower peak_rate"
    )


def test_wrong_arms_are_refused(topical: Any, topics: Any) -> None:
    for wrong in ("most", "top", "top(0)", "all,weighted", ""):
        with pytest.raises(UsageError, match="an arm of fine-tuning is all, top"):
            parse_arm(wrong)
    with pytest.raises(UsageError, match="unknown loss 'hinge'"):
        parse_arm("all, hinge")
    with pytest.raises(UsageError, match=r"fine-tuning top\(3\): the encoder has 2 layers"):
        tuning(topical, "top(3)", topics)


CODE = """
import hashlib, json, sys
import numpy as np
from encoder_support import TINY
from models_support import selection, text
from d2vbench.evaluation import Labelled
from d2vbench.evaluation.fine_tuning import fine_tuned
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Phase, Plan

def digest():
    rng = np.random.default_rng(1)
    labels = np.arange(32, dtype=np.int32) % 2
    some = selection([text([c, 2], rng, 12) for c in labels.tolist()])
    found = []
    for precision in ("float32", "bfloat16"):
        own = {**TINY, "vocabulary": "natural", "precision": precision}
        learner = FAMILIES["encoder"].prepare(
            Sides(some, some), EncoderSettings(**own), 1, Plan((Phase("untrained", 0),))
        )
        for arm in ("all", "scratch, balanced"):
            said = fine_tuned(learner, arm, some, some, Labelled(np.arange(32), labels, 3), 1)
            found.append([said.predicted.tolist(), said.details])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
"""


@pytest.mark.processes
def test_the_same_in_another_process() -> None:
    tests = Path(__file__).resolve().parents[1]
    here: dict[str, Any] = {}
    exec(CODE, here)
    path = os.pathsep.join([str(tests), str(tests.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", CODE + "\nprint(digest())"],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "9"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[-1] == here["digest"]()


def test_a_checkpoint_is_tuned_and_its_scratch_is_its_shape(topics: Any, tmp_path: Path) -> None:
    settings = EncoderSettings(str(save_checkpoint(tmp_path / "mine")), max_tokens=32)
    from d2vbench.families.encoder.frozen import frozen_learner

    learner = frozen_learner(settings, topics[0])
    labelled = topics[2]
    few = Labelled(labelled.documents[:24], labelled.labels[:24], 1)
    before = hashlib.sha256(b"".join(bits(learner).values())).hexdigest()
    for arm in ("all", "scratch"):
        assert len(fine_tuned(learner, arm, topics[0], topics[1], few, 1).predicted) == 40
    assert hashlib.sha256(b"".join(bits(learner).values())).hexdigest() == before
    body = tuning(learner, "scratch", topics).body().body
    assert [tuple(p.shape) for p in body.parameters()] == [
        tuple(p.shape) for p in learner.network.body.parameters()
    ]
    assert tuning(learner, "scratch", topics).peak_rate == 1e-3
    assert tuning(learner, "all", topics).peak_rate == settings.peak_rate
    assert dataclasses.replace(parse_arm("all"), kind="head") == parse_arm("head")
