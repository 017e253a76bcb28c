"""Crops, masks and word pieces."""

from __future__ import annotations

import numpy as np
import pytest
from encoder_support import TINY, needs_extra
from hypothesis import given
from hypothesis import strategies as st
from learners import plan_of
from models_support import selection

from d2vbench.corpora import Pair
from d2vbench.errors import UserError
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.encoder.presentations import crop, mask, stream_of
from d2vbench.families.encoder.settings import EncoderSettings


@given(length=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_a_crop_is_a_run_of_the_document(length: int, seed: int) -> None:
    pieces = np.arange(length, dtype=np.int32)
    found = crop(pieces, np.random.default_rng(seed))
    assert np.array_equal(found, np.arange(found[0], found[-1] + 1))
    assert min(8, length) <= len(found) <= max(length // 2, min(8, length))


@given(length=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_a_mask_changes_what_it_names_and_nothing_else(length: int, seed: int) -> None:
    pieces = np.arange(100, 100 + length, dtype=np.int32)
    kept = pieces.copy()
    ordinary = np.arange(5, 100, dtype=np.int32)
    shown, told = mask(pieces, np.random.default_rng(seed), 4, ordinary)
    assert np.array_equal(pieces, kept)
    assert len(told) == len(set(told.tolist())) == max(round(0.15 * length), 1)
    others = np.setdiff1d(np.arange(length), told)
    assert np.array_equal(shown[others], pieces[others])
    changed = shown[told]
    assert ((changed == 4) | (changed == pieces[told]) | np.isin(changed, ordinary)).all()


def test_most_of_what_is_told_is_masked() -> None:
    pieces = np.full(20_000, 7, dtype=np.int32)
    shown, told = mask(pieces, np.random.default_rng(0), 4, np.array([9], dtype=np.int32))
    shares = [(shown[told] == piece).mean() for piece in (4, 9, 7)]
    np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.02)


def test_a_presentation_has_a_stream_of_its_own() -> None:
    def first(*place: int) -> float:
        return float(stream_of(*place).random())

    assert first(1, 2, 3) == first(1, 2, 3)
    assert len({first(1, 2, 3), first(0, 2, 3), first(1, 3, 3), first(1, 2, 4)}) == 4


@needs_extra
def test_word_pieces_follow_the_policy(small_pair: Pair) -> None:
    nothing = selection(["x"]).take(np.arange(0))
    generic, domain = selection(["aaaa bbbb aaaa bbbb"] * 30), selection(["cccc dddd"] * 10)

    def pieces(vocabulary: str, strategy: str, g: object = generic) -> set[str]:
        made = EncoderSettings(**{**TINY, "vocabulary": vocabulary})
        plan = plan_of(small_pair, strategy)
        learner = FAMILIES["encoder"].prepare(Sides(g, domain), made, 1, plan)  # type: ignore[arg-type]
        return set(learner.network.tokenizer.get_vocab())

    assert {"aaaa", "cccc"} <= pieces("presented", "combined")
    assert "aaaa" not in pieces("presented", "domain-only(1)")
    assert "cccc" not in pieces("generic", "combined")
    assert {"aaaa", "cccc"} <= pieces("natural", "domain-only(1)")
    with pytest.raises(UserError, match="there is no text to learn word pieces from"):
        pieces("generic", "combined", nothing)


@needs_extra
def test_word_pieces_are_of_the_size_asked_for_and_cover_what_they_learned(
    small_pair: Pair,
) -> None:
    made = EncoderSettings(**{**TINY, "pieces": 250})
    sides = Sides(small_pair.generic, small_pair.train)
    learner = FAMILIES["encoder"].prepare(sides, made, 1, plan_of(small_pair, "combined"))
    assert learner.vocabulary_size() == 250
    assert learner.degenerate()["all_out_of_vocabulary"] == 0
    assert learner.network.tokenizer.unk_token_id not in learner.documents.pieces
    # Rare characters of many scripts leave room for pieces.
    many = selection(["".join(chr(0x4E00 + i) for i in range(3000)), "common words " * 50])
    learner = FAMILIES["encoder"].prepare(
        Sides(many, many.take(np.arange(0))), made, 1, plan_of(small_pair, "generic-only")
    )
    assert learner.vocabulary_size() <= 250
    assert "common" in learner.network.tokenizer.get_vocab()
