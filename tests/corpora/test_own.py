"""A pair of one's own: what is chosen, how it is named, what is refused at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from d2vbench.corpora import Cards, load_cards, open_pair
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.corpora.pairs.own_files import safe_name
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError

Make = Callable[[str, str], str]

WORDS = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lamda",
    "omikron", "sigma", "tau",
]  # fmt: skip


def text(number: int) -> str:
    """Return 20 words that no other number gives in this order."""
    return " ".join(WORDS[int(i)] for i in np.random.default_rng(number).integers(0, 14, 20))


GENERIC = "".join(text(1000 + i) + "\n" for i in range(12))
DOMAIN = "text,label\n" + "".join(f"{text(i)},{'ab'[i % 2]}\n" for i in range(20))


@pytest.fixture
def shipped() -> Cards:
    return load_cards()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str, content: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    return write


def refused(generic: str, domain: str, shipped: Cards, layout: Layout | None = None) -> str:
    with pytest.raises(UserError) as caught:
        own_pair(generic, domain, shipped, layout)
    return str(caught.value)


def test_a_pair_of_ones_own(make: Make, shipped: Cards, cache: Path) -> None:
    card, cards = own_pair(make("wiki.txt", GENERIC), make("reviews.csv", DOMAIN), shipped)
    assert card.name == "wiki+reviews"
    assert card.description == (
        "Generic: wiki.txt, one document a line. "
        "Domain: reviews.csv, CSV (text in column 'text', label in column 'label')."
    )
    assert set(cards.corpora) - set(shipped.corpora) == {"own-generic-wiki", "own-domain-reviews"}
    assert set(cards.pairs) - set(shipped.pairs) == {"wiki+reviews"}
    pair = open_pair(card, cards, cache)
    assert (len(pair.generic), len(pair.train), len(pair.test)) == (12, 12, 8)
    assert pair.classes == ("a", "b")


def test_the_same_names_with_other_contents_are_another_pair(
    make: Make, shipped: Cards, cache: Path
) -> None:
    keys = set()
    for folder, domain in (("a", DOMAIN), ("b", DOMAIN), ("c", DOMAIN + f"{text(99)},a\n")):
        card, cards = own_pair(
            make(f"{folder}/g.txt", GENERIC), make(f"{folder}/d.csv", domain), shipped
        )
        assert card.name == "g+d"
        keys.add(open_pair(card, cards, cache).key)
    assert len(keys) == 2


def test_two_files_of_one_name(make: Make, shipped: Cards, cache: Path) -> None:
    card, cards = own_pair(make("g/train.txt", GENERIC), make("d/train.csv", DOMAIN), shipped)
    assert card.name == "train+train"
    assert open_pair(card, cards, cache).generic.corpus.name == "own-generic-train"


def test_names_are_safe(tmp_path: Path) -> None:
    for name, safe in (
        ("../..", "corpus"),
        ("a\n\x1b[31mb.csv", "a-31mb"),
        ("notes.v2.TXT.GZ", "notes.v2"),
        ("x" * 200, "x" * 40),
        ("a|b$c_d", "a-b-c_d"),
    ):
        assert safe_name(Path(name)) == safe
    (tmp_path / "aclImdb.csv").mkdir()
    assert safe_name(tmp_path / "aclImdb.csv") == "aclImdb.csv"


def test_odd_documents_are_counted_not_refused(make: Make, shipped: Cards, cache: Path) -> None:
    from d2vbench.families.words import map_documents

    long = " ".join(text(5000 + i) for i in range(600))
    odd = f",a\n{text(70)},\n{text(71)},NaN\n{long},b\n"
    card, cards = own_pair(make("g.txt", GENERIC + "\n\n"), make("d.csv", DOMAIN + odd), shipped)
    pair = open_pair(card, cards, cache)
    assert pair.counts["domain_unlabelled"] == 2
    assert len(pair.train) + len(pair.test) == 22
    assert len(pair.generic) == 14
    known = dict.fromkeys(WORDS, 0)
    odd_counts = map_documents([pair.generic, pair.train, pair.test], known).degenerate()
    assert odd_counts == {"empty": 3, "all_out_of_vocabulary": 0, "cut": 1}


# Columns.


def test_a_split_column_is_used_and_can_be_ignored(make: Make, shipped: Cards, cache: Path) -> None:
    generic = make("g.txt", GENERIC)
    rows = (f"{text(i)},{'ab'[i % 2]},{'train' if i < 16 else 'test'}\n" for i in range(20))
    domain = make("d.csv", "text,label,split\n" + "".join(rows))
    for layout, sizes in ((None, (16, 4)), (Layout(split=""), (12, 8))):
        card, cards = own_pair(generic, domain, shipped, layout)
        pair = open_pair(card, cards, cache)
        assert (len(pair.train), len(pair.test)) == sizes


def test_columns_can_be_named(make: Make, shipped: Cards) -> None:
    domain = make("d.tsv", "id\tbody\tkind\tpart\n1\tx\ta\ttrain\n")
    generic = make("g.csv", "body,label\ny,3.5\n")
    layout = Layout(text="body", label="kind", split="part")
    _, cards = own_pair(generic, domain, shipped, layout)
    wanted = ("text", "label", "split")
    found = [cards.corpora[f"own-{name}"].parameters for name in ("domain-d", "generic-g")]
    assert [tuple(p[name] for name in wanted) for p in found] == [
        ("body", "kind", "part"),
        ("body", "", ""),
    ]


def test_labelled_test_documents_of_the_generic_table_are_held_out(
    make: Make, shipped: Cards, cache: Path
) -> None:
    rows = (f"{text(300 + i)},{'xy'[i % 2]},{'test' if i < 5 else 'train'}\n" for i in range(20))
    generic = make("g.csv", "text,label,split\n" + "".join(rows))
    domain = make("d.csv", DOMAIN)
    for layout, sizes in ((None, (15, 5)), (Layout(split=""), (20, 0))):
        card, cards = own_pair(generic, domain, shipped, layout)
        pair = open_pair(card, cards, cache)
        assert (len(pair.generic), len(pair.generic_test)) == sizes


def test_the_generic_table_may_have_a_text_column_of_another_name(
    make: Make, shipped: Cards
) -> None:
    domain = make("d.csv", "body,label,x\ny,a,0\n")
    for content, column in (("text,x\ny,0\n", "text"), ("whatever\ny\n", "whatever")):
        generic = make("g.csv", content)
        _, cards = own_pair(generic, domain, shipped, Layout(text="body"))
        assert cards.corpora["own-generic-g"].parameters["text"] == column
    generic = make("g.csv", "one,two\nx,y\n")
    said = refused(generic, domain, shipped, Layout(text="body"))
    assert f"{generic} has no column 'body'; it has 'one', 'two'" in said


def test_a_label_column_that_is_not_there(make: Make, shipped: Cards) -> None:
    generic, domain = make("g.txt", GENERIC), make("d.csv", "text,class\nx,a\n")
    assert refused(generic, domain, shipped) == (
        f"{domain} has no column 'label'; it has 'text', 'class': give the name of the label "
        "column as label"
    )
    said = refused(generic, domain, shipped, Layout(label="class", split="part"))
    assert f"{domain} has no column 'part'" in said


def test_labels_and_splits_that_begin_late(make: Make, shipped: Cards, cache: Path) -> None:
    """Documents without labels come first; the split is known by its usual name."""
    rows = [{"text": text(2000 + i)} for i in range(1001)]
    rows += [
        {"text": text(i), "label": "ab"[i % 2], "split": "train" if i < 16 else "test"}
        for i in range(20)
    ]
    domain = make("d.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for layout in (None, Layout(label="label", split="split")):
        card, cards = own_pair(make("g.txt", GENERIC), domain, shipped, layout)
        pair = open_pair(card, cards, cache)
        assert (len(pair.train), len(pair.test)) == (16, 4)


def test_columns_need_a_table(make: Make, shipped: Cards) -> None:
    generic = make("g.txt", GENERIC)
    folder = str(Path(make("d/a/1", "x")).parents[1])
    assert refused(generic, folder, shipped, Layout(text="body")) == (
        "text names a column, but neither corpus is a table"
    )
    assert refused(generic, folder, shipped, Layout(label="kind")) == (
        "label names a column of the domain corpus, but domain is no table"
    )
    assert own_pair(generic, folder, shipped, Layout(split=""))[0].name == "g+d"


# Shipped corpora by name.


def test_a_corpus_with_a_card_beside_ones_own(
    make: Make, shipped: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = make("docstrings.csv", DOMAIN)
    card, cards = own_pair("docstrings", domain, shipped)
    assert card.name == "docstrings+docstrings"
    assert card.generic.corpus == "docstrings"
    assert cards.corpora["docstrings"] is shipped.corpora["docstrings"]
    # A file of that name comes first.
    make("synthetic", GENERIC)
    monkeypatch.chdir(tmp_path)
    assert own_pair("synthetic", domain, shipped)[0].generic.corpus == "own-generic-synthetic"


def test_two_corpora_with_cards_are_no_pair_of_ones_own(shipped: Cards) -> None:
    assert refused("docstrings", "synthetic", shipped) == (
        "generic docstrings and domain synthetic: one of the two must be a file or folder of "
        "yours; pairs of the corpora that come with d2vbench are chosen with pairs"
    )


# Refused at once.


def test_what_is_not_there(make: Make, shipped: Cards) -> None:
    domain = make("d.csv", DOMAIN)
    for missing in ("", "no/such", "nosuch.txt"):
        with pytest.raises(UsageError) as caught:
            own_pair(missing, domain, shipped)
        assert str(caught.value) == f"generic {missing}: no such file or folder"
    said = refused("docstring", domain, shipped)
    assert said.startswith(
        "generic docstring: no such file or folder, and unknown corpus 'docstring': did you "
        "mean 'docstrings'? (valid: "
    )


def test_the_same_file_under_any_name(make: Make, shipped: Cards, tmp_path: Path) -> None:
    path = make("d.csv", DOMAIN)
    (tmp_path / "soft.csv").symlink_to(path)
    os.link(path, tmp_path / "hard.csv")
    for other in (path, str(tmp_path / "soft.csv"), str(tmp_path / "hard.csv")):
        assert refused(other, path, shipped) == (
            f"generic {other} and domain {path} are the same file: give two different corpora"
        )
    folder = str(tmp_path)
    assert refused(folder, folder, shipped) == (
        f"generic {folder} and domain {folder} are the same folder: give two different corpora"
    )
    for generic, domain in ((folder, path), (path, folder)):
        assert refused(generic, domain, shipped) == (
            f"{path} lies inside {folder}: its documents would be in both corpora; move it out"
        )


def test_the_name_of_a_link_says_the_format(make: Make, shipped: Cards, tmp_path: Path) -> None:
    (tmp_path / "d.csv").symlink_to(make("blobs/3f2a", DOMAIN))
    assert own_pair(make("g.txt", GENERIC), str(tmp_path / "d.csv"), shipped)[0].name == "g+d"


def test_a_domain_without_labels(make: Make, shipped: Cards) -> None:
    generic, lines = make("g.txt", GENERIC), make("d.txt", "x\n")
    assert refused(generic, lines, shipped) == (
        f"{lines} holds one document a line and no labels, which the domain corpus needs: give a "
        "table (.csv, .tsv, .jsonl, .parquet) with a label column, or a folder of class folders"
    )
    folder = str(Path(make("plain/1.txt", "x")).parent)
    assert refused(generic, folder, shipped) == (
        f"{folder} has no class folders, and the domain corpus needs labels: put the files of "
        "each class into a folder of its own"
    )


def test_a_table_without_rows_and_an_unknown_encoding(make: Make, shipped: Cards) -> None:
    generic, domain = make("g.txt", GENERIC), make("d.csv", "text,label\n")
    assert refused(generic, domain, shipped) == f"{domain} holds no document"
    said = refused(generic, domain, shipped, Layout(encoding="utf-88"))
    assert said.startswith("unknown encoding 'utf-88'")


def test_one_class_is_refused(make: Make, shipped: Cards, cache: Path) -> None:
    domain = make("d.csv", DOMAIN.replace(",b\n", ",a\n"))
    card, cards = own_pair(make("g.txt", GENERIC), domain, shipped)
    with pytest.raises(UserError) as caught:
        open_pair(card, cards, cache)
    assert str(caught.value) == (
        "pair g+d: the domain corpus needs two classes or more of at least 5 documents each, "
        "got 1; its classes are 'a' (20)"
    )


def test_what_was_left_out_explains_what_is_missing(
    make: Make, shipped: Cards, cache: Path
) -> None:
    """Classes that were large enough before their near-duplicates were left out."""
    twins = "text,label\n" + "the same words as in every other row,a\n" * 9 + "x y z,b\n"
    card, cards = own_pair(make("g.txt", GENERIC), make("d.csv", twins), shipped)
    with pytest.raises(UserError) as caught:
        open_pair(card, cards, cache)
    assert str(caught.value).endswith(
        "got 0; its classes are 'a' (9), 'b' (1). Left out: 8 near-duplicates in D, 2 of D in "
        "classes too small"
    )
    lines = DOMAIN.replace("text,label\n", "").replace(",a\n", "\n").replace(",b\n", "\n")
    card, cards = own_pair(make("same.txt", lines), make("d2.csv", DOMAIN), shipped)
    with pytest.raises(UserError) as caught:
        open_pair(card, cards, cache)
    assert str(caught.value) == (
        "pair same+d2: no generic document is left. Left out: 20 of G that resemble one of D"
    )


def test_an_error_in_the_middle_leaves_nothing_in_the_store(
    make: Make, shipped: Cards, tmp_path: Path
) -> None:
    domain = make("d.csv", DOMAIN + "one,two,three\n")
    card, cards = own_pair(make("g.txt", GENERIC), domain, shipped)
    with pytest.raises(UserError, match="the row that begins on line 22 has 3 fields"):
        open_pair(card, cards, tmp_path / "store")
    built = list((tmp_path / "store").rglob("meta.json"))
    assert len(built) == 1
    assert not list((tmp_path / "store").rglob(".building-*"))


def test_the_tokeniser_is_the_pairs(make: Make, shipped: Cards) -> None:
    tokeniser = Tokeniser(lower=False, min_length=1)
    generic, domain = make("g.txt", GENERIC), make("d.csv", DOMAIN)
    card, _ = own_pair(generic, domain, shipped, Layout(tokeniser=tokeniser))
    assert card.tokeniser is tokeniser
