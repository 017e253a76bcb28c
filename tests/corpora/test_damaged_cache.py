"""Any bit of the cache may flip: what is read is what was written, or it is made again."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import Cards, open_corpus, open_pair
from d2vbench.corpora.pairs import choice as choice_module
from d2vbench.corpora.pairs.choice import Choice
from d2vbench.corpora.pairs.whole import document_names
from d2vbench.corpora.store.encoded import damage


def flipped(whole: bytes, bit: int) -> bytes:
    spoilt = bytearray(whole)
    spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)


def test_any_bit_of_an_entry_of_the_store(small_cards: Cards, tmp_path: Path) -> None:
    """Also of what says which classes there are, and of the names of documents."""
    folder = open_corpus(small_cards.corpus("small"), cache=tmp_path).folder
    assert damage(folder) is None
    rng = random.Random(1)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        bits = 8 * len(whole)
        # All of the small file that describes the others, and some of each of those.
        for bit in range(0, bits, 61) if path.name == "meta.json" else rng.sample(range(bits), 8):
            path.write_bytes(flipped(whole, bit))
            assert damage(folder) is not None, (path.name, bit)
        path.write_bytes(whole)
    assert damage(folder) is None


def test_a_name_of_a_class_that_changed_is_made_anew(small_cards: Cards, tmp_path: Path) -> None:
    card = small_cards.corpus("small")
    first = open_corpus(card, cache=tmp_path)
    meta = first.folder / "meta.json"
    meta.write_text(meta.read_text().replace("domain.a", "domain.b").replace("class", "klass"))
    (first.folder / "names.txt").write_text("x\n")
    notes: list[str] = []
    again = open_corpus(card, None, tmp_path, notes.append)
    assert "is damaged (meta.json is not what was written)" in notes[0] or "names.txt" in notes[0]
    assert again.label_names == first.label_names
    names = (again.folder / "names.txt").read_text().splitlines()
    assert len(set(names)) == len(again.labels)


@pytest.mark.parametrize("kind", ["a list", "deep", "numbers", "no digest"])
def test_what_is_no_description_of_an_entry(small_cards: Cards, tmp_path: Path, kind: str) -> None:
    folder = open_corpus(small_cards.corpus("small"), cache=tmp_path).folder
    texts = {"a list": "[]", "deep": "[" * 100_000, "numbers": "1", "no digest": '{"sha256": {}}'}
    (folder / "meta.json").write_text(texts[kind])
    assert damage(folder) is not None


def test_any_bit_of_a_choice_of_documents(small_cards: Cards, tmp_path: Path) -> None:
    pair = open_pair(small_cards.pair("small"), small_cards, tmp_path)
    (path,) = (tmp_path / "pairs").iterdir()
    whole = path.read_bytes()
    rng = random.Random(2)
    notes: list[str] = []
    for bit in rng.sample(range(8 * len(whole)), 40):
        path.write_bytes(flipped(whole, bit))
        found = open_pair(small_cards.pair("small"), small_cards, tmp_path, notes.append)
        assert (found.key, found.counts) == (pair.key, pair.counts)
        assert np.array_equal(found.train_labels, pair.train_labels)
    assert document_names(found.test) == document_names(pair.test)
    assert any(note.startswith(f"{path} is damaged (") for note in notes)


def test_what_is_no_damage_of_a_choice_is_not_taken_for_it(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Choice:
        raise zlib.error("of another thing")

    monkeypatch.setattr(choice_module, "_choose", fail)
    with pytest.raises(zlib.error, match="of another thing"):
        open_pair(small_cards.pair("small"), small_cards, tmp_path)


def test_a_damaged_choice_in_a_cache_that_cannot_be_written(
    small_cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = open_pair(small_cards.pair("small"), small_cards, tmp_path)
    (path,) = (tmp_path / "pairs").iterdir()
    whole = path.read_bytes()
    # The method of compression of the first member, in the directory at the end.
    path.write_bytes(flipped(whole, 8 * (whole.index(b"PK\x01\x02") + 10)))

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(choice_module, "write_atomic", refused)
        assert open_pair(small_cards.pair("small"), small_cards, tmp_path).key == pair.key
        assert path.read_bytes() != whole
    assert open_pair(small_cards.pair("small"), small_cards, tmp_path).key == pair.key
    assert len(list((tmp_path / "pairs").iterdir())) == 1
    with np.load(path, allow_pickle=False) as file:
        assert "counts" in file.files
