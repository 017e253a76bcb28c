"""Every card that ships is valid; wrong ones are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from d2vbench.corpora.card_files import load_cards, read_card
from d2vbench.corpora.card_folders import cards_folder
from d2vbench.corpora.cards import CorpusCard, PairCard
from d2vbench.corpora.readers import READERS
from d2vbench.errors import UsageError, UserError

SHIPPED = sorted(cards_folder().glob("*.toml"))

CORPUS = """
name = "c"
version = "1"
title = "t"
description = "d"
reader = "synthetic"
licence = "x"
"""
PAIR = """
name = "p"
version = "1"
title = "t"
description = "d"
[generic]
corpus = "c"
[domain]
corpus = "c"
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_a_shipped_card_is_valid(path: Path) -> None:
    card = read_card(path)
    assert card.description.endswith(".")
    if isinstance(card, CorpusCard):
        assert card.reader in READERS
        assert card.licence


def test_classes_of_one_archive_have_one_title() -> None:
    """Zero-shot classification of whole messages reads what that of their texts reads."""
    corpora = load_cards().corpora
    plain, whole = corpora["20newsgroups"], corpora["20newsgroups-whole"]
    assert whole.titles == plain.titles and whole.titles.keys() == whole.documents["train"].keys()


def test_there_are_cards() -> None:
    cards = load_cards()
    assert {"docstrings-scipy", "synthetic"} <= set(cards.pairs)
    assert isinstance(cards.pair("synthetic"), PairCard)
    with pytest.raises(UsageError, match="did you mean 'synthetic'"):
        cards.pair("sintetic")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "c.toml",
            CORPUS + "licens = 'x'",
            "c.toml: unknown key 'licens': did you mean 'licence'? (valid: archives, citation, "
            "content_sha256, description, documents, homepage, licence, name, notes, parameters, "
            "reader, title, titles, version)",
        ),
        ("c.toml", CORPUS.replace('reader = "synthetic"', ""), "c.toml: missing key: reader"),
        (
            "c.toml",
            CORPUS.replace("synthetic", "sintetic"),
            "c.toml: unknown reader 'sintetic': did you mean 'synthetic'? (valid: "
            + ", ".join(sorted(READERS))
            + ")",
        ),
        (
            "p.pair.toml",
            PAIR + "min_class = -1",
            "p.pair.toml [domain]: min_class must not be below 0, got -1",
        ),
        (
            "...toml",
            CORPUS.replace('name = "c"', 'name = ".."'),
            "...toml: name '..': it must not begin with a dot, a dash or a space, nor end with a",
        ),
        (
            "..pair.toml",
            PAIR,
            "..pair.toml: name '.': it must not begin with a dot, a dash or a space, nor end with",
        ),
        ("\u202ec.toml", CORPUS, "\u202ec.toml: name '\\u202ec': it holds a character that cannot"),
        ("d.toml", CORPUS, "d.toml: name must be 'd', got 'c'"),
        (
            "c.toml",
            CORPUS.replace('version = "1"', "version = 1"),
            "c.toml: version must be str, got int (1)",
        ),
        ("c.toml", "name = ", "c.toml: not a TOML file"),
        (
            "c.toml",
            CORPUS + "[[archives]]\nname = '../x'\nurls = []",
            "c.toml [[archives]]: '../x' is no plain file name",
        ),
        (
            "c.toml",
            CORPUS + "[[archives]]\nname = 'x'\nurls = []\nlocal_names = ['a/b']",
            "c.toml [[archives]]: 'a/b' is no plain file name",
        ),
        (
            "c.toml",
            CORPUS + "[[archives]]\nname = 'x'\nurls = ['file:///x']",
            "c.toml [[archives]]: 'file:///x' is no http address",
        ),
        (
            "c.toml",
            CORPUS + "[[archives]]\nname = 'x'\nurls = []\nmd5 = 'abc'",
            "c.toml [[archives]]: an md5 is 32 hexadecimal digits in lower case, got 'abc'",
        ),
        (
            "c.toml",
            CORPUS + "[[archives]]\nname = 'x'\nurls = []\nsha256 = 'abc'",
            "c.toml [[archives]]: a sha256 is 64 hexadecimal digits in lower case, got 'abc'",
        ),
        (
            "p.pair.toml",
            PAIR + "train_shar = 0.5",
            "p.pair.toml [domain]: unknown key 'train_shar': did you mean 'train_share'?",
        ),
        (
            "p.pair.toml",
            PAIR + "train_share = 1.0",
            "p.pair.toml [domain]: train_share must lie in (0, 1), got 1.0",
        ),
        (
            "p.pair.toml",
            PAIR + "min_class = true",
            "p.pair.toml [domain]: min_class must be int, got bool (True)",
        ),
        (
            "p.pair.toml",
            "near_duplicate = 0.0\n" + PAIR,
            "p.pair.toml: near_duplicate must lie in (0, 1], got 0.0",
        ),
    ],
)
def test_a_wrong_card_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_card(path)
    assert str(caught.value).startswith(message)


def test_a_pair_of_an_unknown_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.pair.toml").write_text(PAIR)
    (tmp_path / "cc.toml").write_text(CORPUS.replace('"c"', '"cc"'))
    with pytest.raises(UserError) as caught:
        load_cards(tmp_path)
    assert str(caught.value) == ("p.pair.toml: unknown corpus 'c': did you mean 'cc'? (valid: cc)")
