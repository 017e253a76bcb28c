"""Word vectors of a file: what is kept for a pair does not depend on which others are asked for."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import numpy as np
import pytest

from d2vbench.analysis.contrasts.frame import cell_row
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.spec.request import Request
from d2vbench.bench.spec.warm import averages
from d2vbench.corpora import Cards
from d2vbench.corpora.pairs.pair import open_pair
from d2vbench.corpora.store.encoded import open_corpus
from d2vbench.errors import UserError
from d2vbench.families.doc2vec.saved import kept_vectors
from d2vbench.models.saved_generic import keep_word_vectors


@pytest.fixture(scope="module")
def cards(small_cards: Cards) -> Cards:
    """The small pair, and one of a corpus with other words beside."""
    corpus, pair = small_cards.corpora["small"], small_cards.pairs["small"]
    other = dataclasses.replace(
        corpus, name="other", parameters={**corpus.parameters, "domain_documents": 400}
    )
    sides = {
        name: dataclasses.replace(getattr(pair, name), corpus="other")
        for name in ("generic", "domain")
    }
    beside = dataclasses.replace(pair, name="beside", **sides)
    return Cards({"small": corpus, "other": other}, {"small": pair, "beside": beside})


@pytest.fixture
def file(cards: Cards, tmp_path: Path) -> Path:
    words: set[str] = set()
    for corpus in cards.corpora.values():
        words |= set(open_corpus(corpus, cards.pair("small").tokeniser).lexicon)
    rows = np.random.default_rng(0).normal(size=(len(words), 4))
    lines = [
        " ".join([word, *map(str, row)]) for word, row in zip(sorted(words), rows, strict=True)
    ]
    (tmp_path / "v.txt").write_text("\n".join([*lines, "nobodysword 1 2 3 4"]) + "\n")
    return tmp_path / "v.txt"


def test_a_cell_is_the_same_alone_and_beside_another_pair(
    cards: Cards, file: Path, cache: Path
) -> None:
    alone, size, _ = keep_word_vectors(file, cards, ["small"], None)
    both, _, _ = keep_word_vectors(file, cards, ["small", "beside"], None)
    assert size == 4 and both.keys() == {"small", "beside"}
    assert len(kept_vectors(both["beside"])[0]) != len(kept_vectors(both["small"])[0])
    pair = open_pair(cards.pair("small"), cards, cache)
    request = Request(seeds=1)
    (mean, sif), beside = (averages(request, "small", 1.0, names) for names in (alone, both))
    assert [cell.key(pair.key) for cell in (mean, sif)] == [cell.key(pair.key) for cell in beside]
    for one, other in zip((mean, sif), beside, strict=True):
        assert run_cell(one, pair)[0]["metrics"] == run_cell(other, pair)[0]["metrics"]
    # Tables name the file: pairs of one file are compared under one name.
    titles = {averages(request, name, 1.0, both)[0].variant for name in ("small", "beside")}
    assert len(titles) == 1


def test_a_packed_file_is_the_same_and_another_is_not(
    cards: Cards, file: Path, tmp_path: Path
) -> None:
    plain, _, _ = keep_word_vectors(file, cards, ["small"], None)
    (tmp_path / "v.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert keep_word_vectors(tmp_path / "v.gz", cards, ["small"], None)[0] == plain
    text = file.read_text().replace("nobodysword 1", "nobodysword 7")
    (tmp_path / "o.txt").write_text(text)
    other, _, _ = keep_word_vectors(tmp_path / "o.txt", cards, ["small"], None)
    assert other["small"][:8] != plain["small"][:8]
    assert kept_vectors(other["small"])[0] == kept_vectors(plain["small"])[0]


def test_a_pair_without_a_word_has_no_average(cards: Cards, tmp_path: Path) -> None:
    small, other = (
        set(open_corpus(cards.corpora[name], cards.pair("small").tokeniser).lexicon)
        for name in ("small", "other")
    )
    word = min(other - small)
    (tmp_path / "v.txt").write_text(f"{word} 1 2 3\n")
    names, _, said = keep_word_vectors(tmp_path / "v.txt", cards, ["small", "beside"], None)
    assert names.keys() == {"beside"} and said.endswith("none of the domain of small")
    assert averages(Request(), "small", 1.0, names) == []
    with pytest.raises(UserError, match="none of the words that are wanted"):
        keep_word_vectors(tmp_path / "v.txt", cards, ["small"], None)


def test_a_frame_names_the_file_of_a_model_that_starts_from_it(cards: Cards, file: Path) -> None:
    names, _, _ = keep_word_vectors(file, cards, ["small", "beside"], None)
    (cell, _) = averages(Request(seeds=1), "small", 1.0, names)
    record = {
        "cell": cell.to_json(), "metrics": {}, "counts": {}, "seconds": {}, "key": "k",
    }  # fmt: skip
    assert cell_row(record)["strategy"] == f"mean-given-vectors {names['small'][:8]}"
