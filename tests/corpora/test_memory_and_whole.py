"""Texts in memory as the store has them; pairs with all of their documents; texts to infer."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import Cards, Pair, load_cards, open_corpus
from d2vbench.corpora.pairs.own import Layout, own_pair, own_texts
from d2vbench.corpora.pairs.whole import document_names, open_whole
from d2vbench.corpora.store.memory import encode_in_memory, numbered, whole
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError

TEXTS = ["The cat sat.", "", "Ünïcode and the cat", "12 34", "a\tb sat sat"]


def test_memory_holds_what_the_store_holds(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "d.txt").write_text("\n".join(TEXTS) + "\n")
    (tmp_path / "g.txt").write_text("generic\n")
    _, cards = own_pair(
        str(tmp_path / "g.txt"), str(tmp_path / "d.txt"), load_cards(), labelled=False
    )
    stored = open_corpus(cards.corpus("own-domain-d"), Tokeniser(), cache)
    kept = encode_in_memory(numbered(TEXTS), Tokeniser(), "d")
    for one, other in ((kept, stored), (pickle.loads(pickle.dumps(kept)), stored)):
        assert one.lexicon == other.lexicon
        assert one.content_sha256 == other.content_sha256
        for name in ("tokens", "offsets", "labels", "splits", "text_hash"):
            mine, theirs = getattr(one, name), getattr(other, name)
            assert np.array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype
    tokens, offsets = whole(kept).gather()
    words = [kept.lexicon[i] for i in tokens]
    assert words[: offsets[1]] == ["the", "cat", "sat"]
    assert document_names(whole(stored)) == [d.name for d in numbered(TEXTS)]
    nothing = encode_in_memory([], Tokeniser(), "n")
    assert (len(whole(nothing)), whole(nothing).words(), nothing.lexicon) == (0, 0, [])


def test_all_documents_of_a_pair(small_cards: Cards, small_pair: Pair, cache: Path) -> None:
    card = small_cards.pair("small")
    found = open_whole(card, small_cards, cache)
    domain = np.union1d(small_pair.train.documents, small_pair.test.documents)
    assert np.array_equal(found.domain.documents, domain)
    assert np.array_equal(found.generic.documents, small_pair.generic.documents)
    assert (found.name, found.left_out) == ("small", {"generic_over_cap": 0})
    # A document that both sides name is in D; classes of any size count; the cap of G holds.
    other = dataclasses.replace(
        card,
        generic=dataclasses.replace(card.generic, include=[], max_documents=50),
        domain=dataclasses.replace(card.domain, min_class=10_000, max_class=1),
    )
    found = open_whole(other, small_cards, cache)
    assert np.array_equal(found.domain.documents, domain)
    assert len(found.generic) == 50
    assert found.left_out == {"generic_over_cap": 150}
    assert not np.intersect1d(found.generic.documents, domain).size


def test_a_side_without_words(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "g.txt").write_text("1 2\n3\n")
    (tmp_path / "d.txt").write_text("some words\n")
    pair, cards = own_pair(
        str(tmp_path / "g.txt"), str(tmp_path / "d.txt"), load_cards(), labelled=False
    )
    with pytest.raises(UserError) as caught:
        open_whole(pair, cards, cache)
    assert str(caught.value) == (
        "pair g+d: the 2 generic documents hold no word: are these the texts, and does the "
        "tokeniser fit their language?"
    )


def test_a_domain_without_labels(tmp_path: Path, cache: Path) -> None:
    """As a line a document, a table or a folder; a label that is named must be there."""
    (tmp_path / "g.txt").write_text("generic words\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/one").write_text("some words")
    (tmp_path / "body.csv").write_text("body\nsome words\n")
    (tmp_path / "two.csv").write_text("id,text\n1,some words\n")
    (tmp_path / "label.csv").write_text("body,label\nsome words,a\nsome words,\n")
    shipped = load_cards()
    for name, documents in (("folder", 1), ("body.csv", 1), ("two.csv", 1), ("label.csv", 2)):
        pair, cards = own_pair(
            str(tmp_path / "g.txt"), str(tmp_path / name), shipped, labelled=False
        )
        assert len(open_whole(pair, cards, cache).domain) == documents
        if name != "label.csv":
            with pytest.raises(UserError):
                own_pair(str(tmp_path / "g.txt"), str(tmp_path / name), shipped)
    with pytest.raises(UserError) as caught:
        own_pair(
            str(tmp_path / "g.txt"), str(tmp_path / "two.csv"), shipped, Layout(label="kind"),
            labelled=False,
        )  # fmt: skip
    assert str(caught.value).endswith("give the name of the label column as label")


def test_texts_to_infer(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("body,label,split\nsome words,a,validation\nmore,b,\n")
    found = list(own_texts(str(tmp_path / "t.csv"), "INPUT"))
    assert [(d.text, d.label, d.split) for d in found] == [
        ("some words", None, None), ("more", None, None),
    ]  # fmt: skip
    (tmp_path / "t.txt").write_text("one\n\ntwo\n")
    assert [d.name for d in own_texts(str(tmp_path / "t.txt"), "INPUT")] == [
        "0000000001", "0000000002", "0000000003",
    ]  # fmt: skip
