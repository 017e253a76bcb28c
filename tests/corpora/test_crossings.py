"""A crossing makes its pairs, and leaves the pairs that have cards as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report.figure_checks import assert_legible

from d2vbench.api.pairs import choose_pairs
from d2vbench.cli.main import main
from d2vbench.corpora import load_cards
from d2vbench.corpora.card_files import read_card
from d2vbench.corpora.card_folders import cards_folder
from d2vbench.corpora.cards import CrossingCard, PairCard
from d2vbench.corpora.pairs.duplicates import containment, similar_pairs
from d2vbench.errors import UsageError, UserError
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.figures.crossing import crossing_figure

CARDS = load_cards()
GENERIC = {"20newsgroups", "reuters", "imdb", "wikinews", "wikipedia"}
DOMAIN = {"ohsumed", "comp", "sci", "imdb", "bbc", "ag-news", "scicite"}
OVERLAP = {("20newsgroups", "comp"), ("20newsgroups", "sci"), ("imdb", "imdb")}
# Published records are kept under these names.
BEFORE = {
    "20newsgroups-imdb", "20newsgroups-ohsumed", "imdb-ohsumed", "reuters-comp", "reuters-ohsumed",
}  # fmt: skip

SMALL = """
name = "small"
version = "1"
title = "Two by two"
description = "Four pairs."
near_duplicate = 1.0
without = [["far", "b"]]
[generic.near]
corpus = "synthetic-0"
include = ["generic.*"]
description = "near"
[generic.far]
corpus = "synthetic-100"
include = ["generic.*"]
max_documents = 500
description = "far"
[domain.a]
corpus = "synthetic"
include = ["domain.*"]
description = "a"
[domain.b]
corpus = "synthetic-75"
include = ["domain.*"]
description = "b"
"""


def test_crossed_holds_every_place_without_overlap() -> None:
    crossing = CARDS.crossings["crossed"]
    places = crossing.places()
    assert set(places.values()) == {(g, d) for g in GENERIC for d in DOMAIN} - OVERLAP
    assert len(places) == 32
    for name, (generic, domain) in places.items():
        assert name == f"{generic}-{domain}"
        card = CARDS.pair(name)
        assert card.generic == crossing.generic[generic].side
        assert card.domain == crossing.domain[domain].side


def test_pairs_that_have_cards_stay_what_they_are() -> None:
    names = set(CARDS.crossings["crossed"].places())
    for name in BEFORE:
        assert name in names
        assert CARDS.pair(name) == read_card(cards_folder() / f"{name}.pair.toml")


def test_a_crossing_stands_for_its_pairs() -> None:
    every = tuple(CARDS.crossings["crossed"].places())
    assert choose_pairs(["crossed"], None, None, {})[1] == every
    names = CARDS.expanded(["wikinews-bbc", "synthetic", "crossed"])
    assert names[:2] == ("wikinews-bbc", "synthetic")
    assert sorted(names) == sorted([*every, "synthetic"])
    with pytest.raises(UsageError, match="unknown pair 'crosed': did you mean 'crossed'"):
        CARDS.expanded(["crosed"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('[["far", "b"]]', '[["far", "c"]]', "small.crossing.toml: without must be a list of"),
        ('[["far", "b"]]', '["far"]', "without must be a list of"),
        ('description = "a"', "", r"small.crossing.toml \[domain.a\]: description must be a phr"),
        ('corpus = "synthetic"', 'corpus = "syntetic"', "unknown corpus 'syntetic': did you mean"),
        ('corpus = "synthetic"', 'corpse = "synthetic"', r"\[domain.a\]: unknown key 'corpse'"),
        ("near_duplicate = 1.0", "near_duplicate = 2.0", "near_duplicate must lie in"),
        ('description = "a"', 'description = "a"\ntrain_share = 1.0', r"\[domain.a\]: train_share"),
        ("[domain.a]", '[domain."a/b"]', "name of a pair"),
        ('[["far", "b"]]', '[["far", "a"], ["far", "b"], ["near", "a"], ["near", "b"]]',
         "it makes no pair"),
    ],
)  # fmt: skip
def test_a_wrong_crossing_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    for path in cards_folder().glob("synthetic*.toml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "small.crossing.toml").write_text(SMALL.replace(old, new))
    with pytest.raises(UserError, match=message):
        load_cards(tmp_path)


def test_a_pair_that_has_another_card_is_no_part_of_a_crossing(tmp_path: Path) -> None:
    for path in cards_folder().glob("synthetic*.toml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "small.crossing.toml").write_text(SMALL)
    text = (cards_folder() / "synthetic.pair.toml").read_text()
    (tmp_path / "near-a.pair.toml").write_text(text.replace('"synthetic"', '"near-a"', 1))
    with pytest.raises(UserError) as caught:
        load_cards(tmp_path)
    message = str(caught.value)
    assert message.startswith("small.crossing.toml: the pair near-a has a card, or another")
    assert "(generic: SideCard(corpus='synthetic'" in message


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "small.crossing.toml").write_text(SMALL)
    monkeypatch.setenv("D2VBENCH_CARDS", str(folder))
    return folder


def test_describe_a_crossing(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "small.svg"
    assert main(["describe", "small", "--plot", str(figure)]) == 0
    out = capsys.readouterr().out
    assert "small: Two by two" in out
    rows = {line.split()[0]: line.split() for line in out.splitlines() if "%" in line}
    assert list(rows) == ["near-a", "far-a", "near-b"]
    # TF-IDF reads the domain alone: one number for both generic sides.
    assert rows["near-a"][-2] == rows["far-a"][-2]
    assert rows["near-a"][6] != rows["far-a"][6]
    assert float(rows["near-a"][5]) > 4 * float(rows["far-a"][5])
    text = figure.read_text()
    for word in ("near", "far", "TF-IDF accuracy (%)", rows["near-b"][-2].removesuffix("%")):
        assert word in text


def test_the_list_names_a_crossing_and_its_pairs(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "Four pairs. (from D2VBENCH_CARDS)" in out
    assert "a: near-a, far-a" in out
    assert "b: near-b" in out


def test_one_pair_of_a_crossing_is_asked_for(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--pair", "small", "--strategy", "combined", "--out", "m"]) == 2
    assert "small is a crossing of 3 pairs: name one of them, such as near-a" in (
        capsys.readouterr().err
    )


def test_containment_is_the_largest_shared_part() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        sets, others = (
            [np.unique(rng.integers(0, 40, n).astype(np.uint64)) for n in rng.integers(0, 12, 9)]
            for _ in range(2)
        )
        want = [
            max((len(np.intersect1d(a, b)) / len(a) for b in others), default=0) if len(a) else 0
            for a in sets
        ]
        assert containment(sets, others).tolist() == pytest.approx(want)
    assert containment([], []).tolist() == []


def test_leaving_out_first_what_cannot_resemble_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    step = np.uint64(0x9E3779B97F4A7C15)
    for _ in range(100):
        left, right = (
            [np.unique(rng.integers(0, 60, n).astype(np.uint64) * step) for n in sizes]
            for sizes in (rng.integers(0, 25, 12), rng.integers(0, 25, 15))
        )
        right += left[:2]
        least = float(rng.choice([0.2, 0.5, 0.8, 1.0]))
        want = [
            (i, j)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
            if len(a) and len(np.intersect1d(a, b)) >= least * len(np.union1d(a, b)) - 1e-9
        ]
        i, j = similar_pairs(left, right, least)
        assert list(zip(i.tolist(), j.tolist(), strict=True)) == want


@pytest.mark.parametrize("columns", [1, 2])
def test_the_figure_shows_the_table(columns: int) -> None:
    places = list(CARDS.crossings["crossed"].places().values())
    rng = np.random.default_rng(1)
    numbers = {
        "ratio": rng.uniform(0.5, 300, 32), "divergence": rng.uniform(0.1, 0.6, 32),
        "out_of_vocabulary": rng.uniform(0, 0.2, 32), "found": rng.uniform(0, 0.1, 32),
    }  # fmt: skip
    rows = pd.DataFrame(places, columns=["generic", "domain"]).assign(**numbers)
    rows["ceiling"] = rows["domain"].map(len) / 10
    rows["median_length"] = rows["domain"].map(len) * 30
    figure, drawn = crossing_figure(rows, columns=columns)
    assert_legible(figure, columns)
    assert drawn["measure"].value_counts().to_dict() == {
        "ratio": 32, "divergence": 32, "out_of_vocabulary": 32, "found": 32,
        "ceiling": 7, "median_length": 7,
    }  # fmt: skip
    mine = drawn[drawn["measure"] == "divergence"]
    assert mine["value"].tolist() == rows["divergence"].tolist()
    darkest = mine.loc[mine["value"].idxmax()]
    assert (darkest["colour"], mine["colour"].nunique() > 20) == ("#2166AC", True)
    name = f"{darkest['generic']}-{darkest['domain']} ({darkest['value']:.2f} bits)"
    assert f"32 pairs of 5 generic corpora and 7 domains. The sides differ most in {name}" in (
        describe_figure(drawn)
    )
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert texts == [f"{value:.2f}" for value in rows["divergence"]]


def test_the_shipped_crossing_is_valid() -> None:
    card = read_card(cards_folder() / "crossed.crossing.toml")
    assert isinstance(card, CrossingCard)
    assert all(isinstance(pair, PairCard) for pair in card.pairs().values())
