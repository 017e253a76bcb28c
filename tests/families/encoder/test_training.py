"""An encoder in training: the same everywhere, resumed or not, and it learns."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_support import TINY, needs_extra, save_checkpoint
from learners import encode, plan_of, sides_of, untrained
from models_support import selection

from d2vbench.corpora import Pair
from d2vbench.errors import UsageError, UserError
from d2vbench.families import FAMILIES, Sides, train, train_phase
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import parse_strategy

pytestmark = needs_extra
KINDS: dict[str, dict[str, Any]] = {
    "crops": {},
    "crops, bfloat16, reset": {"precision": "bfloat16", "optimiser": "reset"},
    "mlm": {"objective": "mlm"},
    "mlm, bfloat16": {"objective": "mlm", "precision": "bfloat16"},
}


def settings(**own: Any) -> EncoderSettings:
    return EncoderSettings(**{**TINY, **own})


def make(pair: Pair, **own: Any) -> Any:
    return untrained(pair, "encoder", settings(**own))


def bits(learner: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in learner.state().items()}


@pytest.mark.parametrize("kind", KINDS)
def test_training_goes_on_from_a_state_as_if_it_had_not_stopped(
    kind: str, small_pair: Pair
) -> None:
    plan = plan_of(small_pair, "sequential(1)", "restart")
    whole, first, second = (make(small_pair, **KINDS[kind]) for _ in range(3))
    start = bits(whole)
    train(whole, plan, 1)
    train_phase(first, plan.phases[0], 1)
    second.restore({name: array.copy() for name, array in first.state().items()})
    assert bits(second) == bits(first)
    train_phase(second, plan.phases[1], 1)
    assert bits(second) == bits(whole)
    changed = {name for name, before in start.items() if bits(whole)[name] != before}
    weights = {name for name in start if name.startswith("weights ")}
    assert len(changed & weights) >= len(weights) - 2
    assert np.array_equal(encode(second, small_pair.test), encode(whole, small_pair.test))


ELSEWHERE = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import torch
torch.manual_seed(int(sys.argv[2]))
torch.set_num_threads(int(sys.argv[2]))
from families.encoder.test_training import digest_of, settings
from conftest import small_cards
from d2vbench.corpora import open_pair
cards = small_cards.__wrapped__() if hasattr(small_cards, "__wrapped__") else None
print(digest_of(open_pair(cards.pair("small"), cards)))
"""


def digest_of(pair: Pair) -> str:
    total = hashlib.sha256()
    for own in ({}, {"objective": "mlm", "precision": "bfloat16"}):
        learner = make(pair, **own)
        train(learner, plan_of(pair, "oversampled(2)", epochs=1), 1)
        total.update(encode(learner, pair.test).tobytes())
        for array in learner.state().values():
            total.update(array.tobytes())
    return total.hexdigest()


def test_two_processes_come_to_the_same(small_pair: Pair, cache: Path) -> None:
    """Also the word pieces: their trainer goes through hash tables of another order in each."""
    tests = str(Path(__file__).resolve().parents[2])
    # Not the one of this process.
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, tests, seed],
        env={**os.environ, "PYTHONHASHSEED": seed, "D2VBENCH_DATA": str(cache)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == digest_of(small_pair)


def test_random_streams_of_others_are_neither_read_nor_moved(small_pair: Pair) -> None:
    import torch

    plan = plan_of(small_pair, "domain-only(1)", epochs=1)
    found = []
    for seed in (3, 4):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        before = torch.get_rng_state(), torch.get_num_threads()
        learner = make(small_pair)
        train(learner, plan, 1)
        found.append(encode(learner, small_pair.test))
        assert torch.equal(torch.get_rng_state(), before[0])
        assert torch.get_num_threads() == before[1]
    assert np.array_equal(*found)


def test_it_learns_what_the_domain_is_about(small_pair: Pair) -> None:
    """Documents of a class come nearer to each other than they were with random weights."""
    learner = make(small_pair)
    labels = small_pair.test_labels

    def apart() -> float:
        vectors = encode(learner, small_pair.test)
        unit = vectors - vectors.mean(axis=0)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        alike = (labels[:, None] == labels[None, :]) & ~np.eye(len(labels), dtype=bool)
        cosines = unit @ unit.T
        return float(cosines[alike].mean() - cosines[labels[:, None] != labels[None, :]].mean())

    before = apart()
    train(learner, plan_of(small_pair, "oversampled(4)", epochs=3), 1)
    assert apart() > before + 0.05


def test_the_presentations_of_a_document_are_the_same_in_every_strategy(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from d2vbench.families.encoder import learner as module

    seen: dict[str, set[bytes]] = {}
    for strategy in ("sequential(2)", "oversampled(2)"):
        drawn: set[bytes] = set()
        plain = module.crop

        def noted(pieces: Any, random: Any, drawn: set[bytes] = drawn, plain: Any = plain) -> Any:
            found = plain(pieces, random)
            drawn.add(pieces.tobytes() + b"|" + found.tobytes())
            return found

        with monkeypatch.context() as patch:
            patch.setattr(module, "crop", noted)
            train(make(small_pair), plan_of(small_pair, strategy, epochs=1), 1)
        seen[strategy] = drawn
    assert seen["sequential(2)"] == seen["oversampled(2)"]
    assert len(seen["sequential(2)"]) > 500


def test_the_learning_rate_follows_the_schedule(
    small_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = make(small_pair, peak_rate=0.01, warmup=2)
    rates = []
    step = learner._optimiser.step
    learner._optimiser.step = lambda: (
        rates.append(learner._optimiser.param_groups[0]["lr"]) or step()
    )
    order = np.arange(64)
    learner.present(order, 0.025, 0.0125)
    words = np.diff(small_pair.generic.offsets())[:64]
    done = np.concatenate([[0], np.cumsum(words)])[[0, 16, 32, 48]] / words.sum()
    expected = 0.01 * (1 - done / 2) * np.minimum(np.arange(1, 5) / 2, 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-9)


def test_moments_are_carried_or_begin_anew(small_pair: Pair) -> None:
    plan = plan_of(small_pair, "sequential(1)", "restart", epochs=1)
    for optimiser, kept in (("carried", True), ("reset", False)):
        learner = make(small_pair, optimiser=optimiser)
        train_phase(learner, plan.phases[0], 1)
        updates = int(learner.state()["updates"][0])
        assert updates > 5
        learner.begin(plan.phases[1])
        state = learner.state()
        moments = [state[name] for name in state if name.startswith("exp_avg")]
        assert any(array.any() for array in moments) == kept
        assert state["updates"].tolist() == [updates if kept else 0, updates]


def test_a_state_of_another_shape_is_refused_and_changes_nothing(small_pair: Pair) -> None:
    learner = make(small_pair)
    before = bits(learner)
    other = make(small_pair, encoder="scratch:1x16").state()
    with pytest.raises(ValueError, match=r"weights .*expected float32 of shape"):
        learner.restore(other)
    assert bits(learner) == before


def test_documents_of_no_piece_are_zero_and_counted(small_pair: Pair) -> None:
    learner = make(small_pair)
    known = "".join(c for c in learner.network.tokenizer.get_vocab() if len(c) == 1)[:1]
    texts = selection([known, "", " \n", "\U0001f680", f"{known} " * 500, "\ud800"])
    vectors = encode(learner, texts)
    assert vectors.any(axis=1).tolist() == [True, False, False, False, True, False]
    assert learner.readable(texts).tolist() == [True, False, False, False, True, False]
    assert learner.degenerate(texts) == {"empty": 2, "all_out_of_vocabulary": 2, "cut": 1}


def test_documents_of_no_piece_are_no_hindrance_in_training(small_pair: Pair) -> None:
    texts = selection(["", "orbit of a probe", "", "chips", " "])
    learner = FAMILIES["encoder"].prepare(
        Sides(texts.take(np.arange(0)), texts), settings(), 1, plan_of(small_pair, "domain-only(1)")
    )
    before = bits(learner)
    learner.present(np.array([0, 2, 4]), 0.02, 0.01)
    learner.present(np.array([1]), 0.02, 0.01)
    assert learner.state()["presented"].tolist() == [1, 1, 1, 0, 1]
    assert {n: b for n, b in bits(learner).items() if n != "presented"} == {
        n: b for n, b in before.items() if n != "presented"
    }
    learner.present(np.array([1, 3]), 0.02, 0.01)
    assert learner.state()["updates"].tolist() == [1, 1]


@pytest.mark.parametrize("objective", ["crops", "mlm"])
def test_a_loss_that_is_no_number_is_an_error(objective: str, small_pair: Pair) -> None:
    import torch

    learner = make(small_pair, objective=objective)
    with torch.no_grad():
        next(iter(learner.network.parameters().values())).fill_(math.nan)
    with pytest.raises(UserError) as caught:
        learner.present(np.arange(16), 0.02, 0.01)
    assert str(caught.value) == (
        "encoder scratch:2x32: after 0 updates the loss is nan: lower alpha or peak_rate (0.001)"
    )


def test_what_an_encoder_cannot_do_is_refused(small_pair: Pair) -> None:
    family, mine = FAMILIES["encoder"], settings()
    from d2vbench.families import refusal

    assert "freezes weights of Doc2Vec" in refusal(family, mine, parse_strategy("frozen(2)"))
    assert "divides vector_size" in refusal(family, mine, parse_strategy("ensemble(2)"))
    assert "draws negative samples" in refusal(family, mine, parse_strategy("adapted(2)"))
    assert refusal(family, mine, parse_strategy("replay(2, 0.1)")) == ""
    with pytest.raises(UsageError, match="encoder can freeze nothing, got outputs, words"):
        make(small_pair).present(np.arange(2), 0.02, 0.01, frozen=("words", "outputs"))


def test_a_checkpoint_is_trained_further(tmp_path: Path, small_pair: Pair) -> None:
    folder = str(save_checkpoint(tmp_path / "mine"))
    for objective in ("crops", "mlm"):
        made = EncoderSettings(folder, objective=objective, max_tokens=32, peak_rate=1e-3)
        learner = untrained(small_pair, "encoder", made)
        before = encode(learner, small_pair.test)
        train(learner, plan_of(small_pair, "domain-only(1)", epochs=1), 1)
        assert np.abs(encode(learner, small_pair.test) - before).max() > 1e-3
        assert FAMILIES["encoder"].label(made) == f"mine-{objective}"


def test_only_masked_places_are_told_and_the_loss_is_that_of_all(tmp_path: Path) -> None:
    """The loss by the output layer over a few places is transformers' own over full logits."""
    import torch
    from transformers import AutoModelForMaskedLM

    from d2vbench.families.encoder.extra import quiet_and_alone

    folder = save_checkpoint(tmp_path / "mine")
    texts = selection(["the orbit of a probe over chips", "a card of chips and the probe"])
    made = EncoderSettings(str(folder), objective="mlm", max_tokens=32)
    learner = FAMILIES["encoder"].prepare(Sides(texts, texts.take(np.arange(0))), made, 1, None)
    shown = [learner.documents[0].copy(), learner.documents[1].copy()]
    told = [np.array([1, 3]), np.array([0])]
    truth = [pieces[places] for pieces, places in zip(shown, told, strict=True)]
    for pieces, places in zip(shown, told, strict=True):
        pieces[places] = learner.network.tokenizer.mask_token_id
    with quiet_and_alone(), torch.no_grad():
        mine = float(learner.network.masked_loss(shown, told, truth))
        model = AutoModelForMaskedLM.from_pretrained(folder).eval()
        longest = max(map(len, shown)) + 2
        tokens = torch.zeros((2, longest), dtype=torch.long)
        labels = torch.full((2, longest), -100)
        for row, (pieces, places, true) in enumerate(zip(shown, told, truth, strict=True)):
            tokens[row, : len(pieces) + 2] = torch.tensor([2, *pieces.tolist(), 3])
            labels[row, places + 1] = torch.from_numpy(true.astype(np.int64))
        theirs = model(tokens, attention_mask=(tokens != 0).long(), labels=labels).loss
    assert mine == pytest.approx(float(theirs), rel=1e-5)


def test_sides_of_a_pair_know_their_texts(small_pair: Pair) -> None:
    sides = sides_of(small_pair)
    learner = make(small_pair)
    assert len(learner.documents) == len(sides.generic) + len(sides.domain)
    assert learner.degenerate()["empty"] == 0
