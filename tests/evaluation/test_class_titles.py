"""Titles of classes: from a card, or from the labels; and what is wrong with some."""

from __future__ import annotations

from pathlib import Path

import pytest

from d2vbench.corpora import Cards, load_cards
from d2vbench.corpora.card_files import read_card
from d2vbench.corpora.pairs.pair import open_pair
from d2vbench.errors import UserError
from d2vbench.evaluation.class_titles import class_titles


def test_titles_are_those_of_the_card_else_the_labels() -> None:
    assert class_titles(["C14", "rec.autos"]) == ["C14", "rec autos"]
    assert class_titles(["C14", "C11"], ["Heart", "Eyes"]) == ["Heart", "Eyes"]


@pytest.mark.parametrize(
    ("names", "titles", "said"),
    [
        (
            ["C14", "C11"], ["Heart", ""],
            "class 'C11' has no title on the card of its corpus, and others have: add it under "
            "[titles]",
        ),
        (
            ["a.b", "x", "a-b"], [],
            "classes 'a.b' and 'a-b' have one title, 'a b': zero-shot classification cannot tell "
            "them apart",
        ),
        (
            ["1", "2"], [],
            "class '1' has no title that could be read: zero-shot classification needs classes "
            "with names",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read(names: list[str], titles: list[str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        class_titles(names, titles)
    assert str(caught.value) == said


def test_a_pair_has_the_titles_of_its_card_and_they_are_part_of_a_key(
    small_cards: Cards, cache: Path
) -> None:
    import dataclasses

    plain = open_pair(small_cards.pair("small"), small_cards, cache)
    assert plain.titles == () and plain.titled_key == plain.key
    first = plain.classes[0]
    named = dataclasses.replace(small_cards.corpora["small"], titles={first: "the first"})
    cards = Cards({"small": named}, small_cards.pairs)
    titled = open_pair(cards.pair("small"), cards, cache)
    assert titled.titles == ("the first", *[""] * (len(plain.classes) - 1))
    # Documents are the same; only what reads titles is another cell.
    assert titled.key == plain.key and titled.titled_key != plain.key


def test_cards_of_the_package_name_every_class_or_none() -> None:
    for card in load_cards().corpora.values():
        known = {label for classes in card.documents.values() for label in classes}
        if card.titles:
            assert set(card.titles) == known - {"unlabelled"}, card.name
            assert len(class_titles([*card.titles], [*card.titles.values()])) == len(card.titles)


@pytest.mark.parametrize("title", ['""', "3", '"12"'])
def test_a_title_on_a_card_is_words(title: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nversion = "1"\ntitle = "t"\ndescription = "d"\nreader = "ohsumed"\n'
        f'licence = "l"\n[titles]\nC01 = {title}\n'
    )
    with pytest.raises(UserError, match=r"mine\.toml \[titles\]: 'C01' must be words, got "):
        read_card(path)
