"""What is unusual about one's own data is said, with the option that helps; the usual is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import load_cards, open_pair
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.corpora.pairs.warning import pair_warnings, whole_warnings
from d2vbench.corpora.pairs.whole import open_whole
from d2vbench.corpora.store.tokenise import Tokeniser

Row = tuple[str, ...]
Warned = Callable[..., list[str]]


def texts(count: int, seed: int, first: int = 0, length: int = 30) -> list[str]:
    """Return texts of 40 words, of which a domain that begins elsewhere has half others."""
    rng = np.random.default_rng(seed)
    words = [a + b + c for a in "bdfghjk" for b in "aeiou" for c in "lmnr"]
    return [" ".join(rng.choice(words[first : first + 40], length)) for _ in range(count)]


GENERIC = texts(120, 1, length=60)
DOMAIN = [(text, "abc"[i % 3]) for i, text in enumerate(texts(90, 2, 20))]


@pytest.fixture
def warned(tmp_path: Path, cache: Path) -> Warned:
    def warnings(
        generic: list[str] = GENERIC, domain: list[Row] = DOMAIN, whole: bool = False, **given: str
    ) -> list[str]:
        (tmp_path / "g.txt").write_text("".join(text + "\n" for text in generic))
        names = ["text", "label", "split"][: len(domain[0])]
        rows = "".join(",".join(row) + "\n" for row in [names, *domain])
        (tmp_path / "d.csv").write_text(rows)
        layout = Layout(**given)  # type: ignore[arg-type]
        paths = str(tmp_path / "g.txt"), str(tmp_path / "d.csv")
        card, cards = own_pair(*paths, load_cards(), layout)
        if whole:
            return whole_warnings(open_whole(card, cards, cache))
        return pair_warnings(open_pair(card, cards, cache), card)

    return warnings


def test_usual_data_is_not_warned_of(warned: Warned) -> None:
    assert warned() == []
    assert warned(whole=True) == []


def test_empty_documents(warned: Warned) -> None:
    for whole in (False, True):
        assert warned([*GENERIC, *["12 34"] * 9], whole=whole) == [
            "warning: 9 of 129 generic documents (7%) have no word: is text the right column, and "
            "does tokenizer fit the language?"
        ]
    # Five in a hundred are not more than five in a hundred.
    assert warned([*GENERIC, *["12 34"] * 6]) == []


def test_documents_of_rare_words_only(warned: Warned) -> None:
    odd = [f"{'xyzwvut'[i]}{'qp'[i % 2]} {'xyzwvut'[i]}rr" for i in range(7)]
    assert warned([*GENERIC, *odd]) == [
        "warning: 7 of 127 generic documents (6%) have only words that occur fewer than 5 times: a "
        "lower min_count, or another tokenizer, keeps words"
    ]


def test_long_documents(warned: Warned) -> None:
    long = texts(10, 3, length=10_001)
    assert warned([*GENERIC, *long]) == [
        "warning: 10 of 130 generic documents (8%) are cut at 10,000 words: give shorter documents "
        "as generic, such as chapters or paragraphs"
    ]


def test_near_duplicates(warned: Warned) -> None:
    twins = [*DOMAIN, *[(f"{text} bal", label) for text, label in DOMAIN[:9]]]
    assert warned(domain=twins) == [
        "warning: 9 of 99 domain documents (9%) are near-duplicates, and left out: "
        "near_duplicates='keep' or near_duplicates='train' keeps them"
    ]
    assert warned(domain=twins, near_duplicates="train") == []
    found = warned([*GENERIC, *(text for text, _ in DOMAIN[:20])])
    assert found == [
        "warning: 20 of 140 generic documents (14%) resemble one of the domain, and are left out: "
        "near_duplicates='keep' or near_duplicates='train' keeps them"
    ]


def test_documents_without_label_and_small_classes(warned: Warned) -> None:
    assert warned(domain=[*DOMAIN, *[(text, "") for text in texts(9, 4, 20)]]) == [
        "warning: 9 of 99 domain documents (9%) have no label: is label the right column?"
    ]
    small = [(text, f"c{i // 3}") for i, text in enumerate(texts(9, 4, 20))]
    assert warned(domain=[*DOMAIN, *small]) == [
        "warning: 9 of 99 domain documents (9%) are in classes too small, and left out: join small "
        "classes, or give another column as label"
    ]
    few = [(text, "few") for text in texts(9, 4, 20)]
    assert warned(domain=[*DOMAIN, *few]) == [
        "warning: 1 class has fewer than 10 documents ('few'): join small classes, or give another "
        "column as label"
    ]


def test_the_same_text_under_several_labels(warned: Warned) -> None:
    again = [(text, "abc"[(i + 1) % 3], "train") for i, (text, _) in enumerate(DOMAIN[:5])]
    split = [(*row, "train" if i < 60 else "test") for i, row in enumerate(DOMAIN)]
    assert warned(domain=[*split, *again]) == [
        "warning: 10 of 95 domain documents (11%) have a text that stands under several labels: no "
        "model can tell these apart, so leave such texts out, or give another column as label"
    ]


def test_nearly_all_of_one_class(warned: Warned) -> None:
    rows = [(text, "b" if i < 10 else "a") for i, text in enumerate(texts(300, 2, 20))]
    assert warned(texts(400, 1), rows) == [
        "warning: 96.7% of the domain documents are of class 'a': accuracy will tell strategies "
        "hardly apart, so give another column as label, or fewer documents of that class"
    ]


def test_an_identifier_as_label(warned: Warned) -> None:
    rows = [*DOMAIN, *[(text, f"id{i}") for i, text in enumerate(texts(100, 4, 20))]]
    assert warned(domain=rows)[1] == (
        "warning: the 190 labelled domain documents have 103 different labels: give a column of "
        "classes as label, this one looks like an identifier"
    )


def test_labels_that_are_spelt_in_several_ways(warned: Warned) -> None:
    rows = [(text, ["Sci Fi", "sci fi", "news"][i % 3]) for i, (text, _) in enumerate(DOMAIN)]
    assert warned(domain=rows) == [
        "warning: 1 label is spelt in several ways ('Sci Fi', 'sci fi'): normalize_labels joins "
        "them"
    ]
    assert warned(domain=rows, normalise_labels=True) == []


def test_a_generic_corpus_that_is_smaller(warned: Warned) -> None:
    found = warned(GENERIC[:20])
    assert found == [
        "warning: the generic corpus has 1,200 words, fewer than the 1,620 of the domain to train "
        "on: are generic and domain the right way round?"
    ]


def test_two_corpora_that_are_alike(warned: Warned) -> None:
    (found,) = warned(texts(300, 5, 20))
    factor = re.search(r"by a factor of ([0-9.]+)", found)
    assert factor and 0.5 < float(factor[1]) < 1.2
    assert found.startswith("warning: the words of the generic and of the domain documents differ")


def test_a_tokeniser_that_leaves_nothing_to_compare(warned: Warned) -> None:
    found = warned(["12"] * 60 + GENERIC, tokeniser=Tokeniser(min_length=3, max_length=3))
    assert "60 of 180 generic documents (33%) have no word" in found[0]
