"""Raw texts beside the encoded store."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from d2vbench.corpora import Cards, CorpusCard, Selection, load_cards, open_corpus
from d2vbench.corpora.pairs.own import own_pair
from d2vbench.corpora.readers import read_documents
from d2vbench.corpora.store import encoded, texts
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.memory import encode_in_memory, numbered, whole
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError

TEXTS = ["Second text.\n\nWith MORE, lines!", "first text", "", "first text", "\ud800 half é"]


def test_texts_are_those_of_the_reader(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    corpus = open_corpus(card, cache=tmp_path)
    by_name = {d.name: d.text for d in read_documents(card.reader, card.parameters, {})}
    expected = [by_name[name] for name in sorted(by_name)]
    chosen = np.array([3, 0, 7, len(expected) - 1])
    assert list(iter_texts(whole(corpus))) == expected
    assert list(iter_texts(Selection(corpus, chosen))) == [expected[i] for i in chosen]
    # The second time nothing is read but what is kept.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "read_documents", None)
        texts._load.cache_clear()
        assert list(iter_texts(Selection(corpus, chosen)))[1] == expected[0]


def test_texts_in_memory() -> None:
    some = whole(encode_in_memory(numbered(TEXTS), Tokeniser(), "some"))
    assert list(iter_texts(some)) == TEXTS
    assert list(iter_texts(some.take(np.array([4, 1])))) == [TEXTS[4], TEXTS[1]]


@pytest.fixture
def card(tmp_path: Path) -> CorpusCard:
    (tmp_path / "g.txt").write_text("one text here\nanother text there\n", encoding="utf-8")
    rows = [f"a{i} b{i},{'xy'[i % 2]}" for i in range(8)]
    (tmp_path / "d.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    pair, cards = own_pair(str(tmp_path / "g.txt"), str(tmp_path / "d.csv"), load_cards())
    return cards.corpus(pair.generic.corpus)


def test_files_that_have_changed_since_are_refused(card: CorpusCard, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    corpus = open_corpus(card, cache=cache)
    (tmp_path / "g.txt").write_text("one text here\na third text\n", encoding="utf-8")
    with pytest.raises(UserError, match="its files have other texts now than when its words"):
        list(iter_texts(whole(corpus)))
    assert not list((cache / "texts").iterdir())


def test_of_two_that_read_at_once_the_first_is_kept(
    card: CorpusCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands there by then is whole, and another process may be about to open its files."""
    cache = tmp_path / "cache"
    corpus = whole(open_corpus(card, cache=cache))
    read, placed = texts.read_documents, []

    def reads_while_another_does(*arguments: Any) -> Iterator[Document]:
        monkeypatch.setattr(texts, "read_documents", read)
        assert list(iter_texts(corpus)) == ["one text here", "another text there"]
        (folder,) = (path for path in (cache / "texts").iterdir() if path.name[0] != ".")
        placed.append((folder / "texts.bin").stat().st_ino)
        return read(*arguments)

    monkeypatch.setattr(texts, "read_documents", reads_while_another_does)
    assert list(iter_texts(corpus)) == ["one text here", "another text there"]
    (folder,) = (cache / "texts").iterdir()
    assert placed == [(folder / "texts.bin").stat().st_ino]


def test_what_a_killed_process_left_is_removed_after_a_day(
    card: CorpusCard, tmp_path: Path
) -> None:
    root = tmp_path / "cache/texts"
    for name, days in ((".building-old", 2), (".building-new", 0.5)):
        (root / name).mkdir(parents=True)
        past = time.time() - days * 24 * 3600
        os.utime(root / name, (past, past))
    corpus = open_corpus(card, cache=tmp_path / "cache")
    assert list(iter_texts(whole(corpus))) == ["one text here", "another text there"]
    names = {path.name for path in root.iterdir()}
    assert names == {".building-new", corpus.content_sha256[:32]}


def test_damaged_texts_are_found(card: CorpusCard, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    corpus = open_corpus(card, cache=cache)
    assert list(iter_texts(whole(corpus))) == ["one text here", "another text there"]
    (folder,) = (cache / "texts").iterdir()
    kept = (folder / "texts.bin").read_bytes()
    (folder / "texts.bin").write_bytes(kept.replace(b"another", b"anothxr"))
    with pytest.raises(UserError, match=r"the texts in .* are damaged \(a text has another hash"):
        list(iter_texts(whole(corpus)))
    # What is cut short is read again.
    (folder / "texts.bin").write_bytes(kept[:5])
    texts._load.cache_clear()
    assert list(iter_texts(whole(corpus))) == ["one text here", "another text there"]
    shutil.rmtree(folder)
    texts._load.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "SOURCES", {})
        patch.setattr(texts, "SOURCES", {})
        with pytest.raises(UserError, match="nothing says where its texts are read from"):
            list(iter_texts(whole(corpus)))
