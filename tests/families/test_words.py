"""Documents as rows of a vocabulary, from any selections."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from models_support import selection

from d2vbench.corpora.store import selections
from d2vbench.families.words import OOV, count_words, frequent_words, map_documents, word_lists

SIDES = {
    "generic": ["one two two", "", "three"],
    "domain": ["two four"],
    "nothing": [],
    "silent": ["", ""],
}
ROWS = {"two": 0, "one": 1, "four": 2}


@pytest.mark.parametrize("order", list(itertools.permutations(SIDES)), ids=" ".join)
def test_selections_without_a_word_stand_anywhere(order: tuple[str, ...]) -> None:
    sides = [selection(SIDES["generic"]).take(np.arange(0)) if name == "nothing"
             else selection(SIDES[name]) for name in order]  # fmt: skip
    documents = map_documents(sides, ROWS)
    texts = [text.split() for name in order for text in SIDES[name]]
    assert len(documents) == len(texts)
    assert documents.offsets.tolist() == [0, *itertools.accumulate(map(len, texts))]
    assert documents.tokens.tolist() == [ROWS.get(word, OOV) for words in texts for word in words]
    assert (documents.tokens.dtype, documents.offsets.dtype) == (np.uint32, np.int64)
    assert documents.degenerate() == {"empty": 3, "all_out_of_vocabulary": 1, "cut": 0}
    assert [words for side in sides for words in word_lists(side)] == texts
    assert list(count_words(sides).items()) == [("two", 3), ("four", 1), ("one", 1), ("three", 1)]
    assert frequent_words(sides, 2) == {"two": 0}


@pytest.mark.parametrize("n", [0, 1, 3])
def test_only_selections_without_a_document(n: int) -> None:
    nothing = selection(["one"]).take(np.arange(0))
    documents = map_documents([nothing] * n, ROWS)
    assert (len(documents), len(documents.tokens)) == (0, 0)
    assert documents.known().shape == (0,)
    assert count_words([nothing] * n) == {}


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_counts_are_the_same_however_many_words_are_read_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "_WORDS_AT_ONCE", at_once)
    texts = ["one two two", "", "six", "four one", "two", "one one four"]
    documents = map_documents([selection(texts)], ROWS)
    assert len(list(selections.runs(documents.offsets))) == {1: 5, 2: 4, 3: 3, 1000: 1}[at_once]
    assert documents.known().tolist() == [3, 0, 0, 2, 1, 3]
    assert documents.counts(3).tolist() == [3, 4, 2]
    assert documents.counts(2, first=4).tolist() == [2, 2]
    shares = documents.shares(np.array([ROWS["one"], ROWS["four"]]))
    assert shares == pytest.approx([1 / 3, np.nan, np.nan, 1, 0, 1], nan_ok=True)
