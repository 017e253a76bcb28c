"""Each standard card against its archive, where that is at hand; and what all of them must say."""

from __future__ import annotations

import fnmatch
from collections import Counter

import pytest
from shared_data import shared_archive

from d2vbench.corpora import load_cards
from d2vbench.corpora.acquire.fetch import fetchable
from d2vbench.corpora.acquire.verify import check_contents, decode_all

CARDS = load_cards()
FETCHED = {name: card for name, card in CARDS.corpora.items() if card.archives}
AT_HAND = {
    "20newsgroups": "20news-bydate.tar.gz",
    "20newsgroups-whole": "20news-bydate.tar.gz",
    "imdb": "aclImdb_v1.tar.gz",
    "ohsumed": "ohsumed-single-23.tar.gz",
    "reuters21578": "reuters21578.tar.gz",
    "ag-news-test": "agnews.tar.gz",
    "bbc": "bbc.tar.gz",
    "scicite": "scicite.tar.gz",
    "wikinews": "wikinews-en-2022.tar.gz",
    "wikipedia-articles": "wikipedia-en-2014.tar.gz",
    "wikipedia-sections": "wikipedia-en-2014.tar.gz",
}
TOTALS = {
    "20newsgroups": {"train": 11314, "test": 7532},
    "20newsgroups-whole": {"train": 11314, "test": 7532},
    "imdb": {"train": 75000, "test": 25000},
    "ohsumed": {"train": 3357, "test": 4043},
    "reuters21578": {"train": 9603, "test": 3299, "unsplit": 8676},
    "ag-news-test": {"unsplit": 7600},
    "bbc": {"unsplit": 2225},
    "scicite": {"train": 8236, "test": 1861},
}


@pytest.mark.parametrize("name", AT_HAND)
def test_the_documents_are_those_of_the_card(name: str) -> None:
    card, path = CARDS.corpora[name], shared_archive(AT_HAND[name])
    check_contents(card, decode_all(card, {card.archives[0].name: path}), str(path))


@pytest.mark.parametrize("name", TOTALS)
def test_the_counts_are_the_published_ones(name: str) -> None:
    documents = CARDS.corpora[name].documents
    assert {split: sum(classes.values()) for split, classes in documents.items()} == TOTALS[name]
    assert len(CARDS.corpora[name].content_sha256) == 64


@pytest.mark.parametrize("name", FETCHED)
def test_a_card_of_a_fetched_corpus_is_complete(name: str) -> None:
    card = FETCHED[name]
    assert card.homepage
    assert card.citation.lstrip().startswith("@")
    assert card.notes
    for archive in card.archives:
        assert archive.urls
        # Something must tell the right file from a wrong one.
        assert card.content_sha256 or archive.sha256 or archive.md5
    names = [n for archive in card.archives for n in (archive.name, *archive.local_names)]
    assert len(set(names)) == len(names)


def test_the_archives_at_hand_are_found_by_their_names() -> None:
    for name, file in AT_HAND.items():
        archive = CARDS.corpora[name].archives[0]
        assert file in (archive.name, *archive.local_names)


def test_no_two_files_have_one_name() -> None:
    # Two corpora may be read from one file.
    files = {
        (name, tuple(archive.urls))
        for card in FETCHED.values()
        for archive in card.archives
        for name in (archive.name, *archive.local_names)
    }
    assert max(Counter(name for name, _ in files).values()) == 1


def test_the_pairs_are_there() -> None:
    assert {
        "20newsgroups-ohsumed", "newsgroups-comp", "newsgroups-sci", "reuters-ohsumed",
        "20newsgroups-imdb", "reuters-comp", "imdb-ohsumed", "docstrings-scipy", "synthetic",
    } <= set(CARDS.pairs)  # fmt: skip
    assert fetchable(CARDS) == sorted(AT_HAND)


def chosen(labels: dict[str, int], include: list[str], exclude: list[str]) -> set[str]:
    return {
        label
        for label in labels
        if (not include or any(fnmatch.fnmatchcase(label, p) for p in include))
        and not any(fnmatch.fnmatchcase(label, p) for p in exclude)
    }


@pytest.mark.parametrize(
    ("name", "classes"), [("newsgroups-comp", 5), ("newsgroups-sci", 4), ("reuters-comp", 5)]
)
def test_groups_are_on_one_side_only(name: str, classes: int) -> None:
    pair = CARDS.pairs[name]
    domain = CARDS.corpora[pair.domain.corpus].documents["train"]
    of_domain = chosen(domain, pair.domain.include, pair.domain.exclude)
    assert len(of_domain) == classes
    if pair.generic.corpus == pair.domain.corpus:
        of_generic = chosen(domain, pair.generic.include, pair.generic.exclude)
        assert of_generic | of_domain == set(domain)
        assert not of_generic & of_domain
