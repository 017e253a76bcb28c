"""Near-duplicates that are kept, and labels that are spelt in several ways."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from d2vbench.corpora import Pair, load_cards, open_pair
from d2vbench.corpora.pairs.duplicates import shingles, similar_pairs
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.errors import UsageError


def text(number: int) -> str:
    """Return 12 words that share no five in a row with those of another number."""
    return " ".join(chr(97 + (number * 7 + i * i) % 26) * (2 + (number + i) % 5) + chr(
        97 + number % 26) for i in range(12))  # fmt: skip


def opened(folder: Path, cache: Path, rows: list[tuple[str, str, str]], **options: object) -> Pair:
    generic = folder / "g.txt"
    generic.write_text("".join(f"{text(60 + i)}\n" for i in range(8)) + f"{text(0)}\n{text(5)}\n")
    table = folder / "d.csv"
    lines = [",".join(row) + "\n" for row in [("text", "label", "split"), *rows]]
    table.write_text("".join(lines))
    split = None if rows[0][2] else ""
    layout = Layout(split=split, **options)  # type: ignore[arg-type]
    card, cards = own_pair(str(generic), str(table), load_cards(), layout)
    return open_pair(card, cards, cache)


# Documents 0 to 7 stand twice.
TWICE = [(text(i % 22), "ab"[i % 22 % 2], "") for i in range(30)]


def near(pair: Pair) -> set[int]:
    """Return the test documents that one of training, of D or G, resembles."""
    test = shingles(pair.test.corpus, pair.test.documents)
    found: set[int] = set()
    for side in (pair.train, pair.generic):
        i, _ = similar_pairs(test, shingles(side.corpus, side.documents), 0.8)
        found |= set(i.tolist())
    return found


def test_near_duplicates_are_dropped_kept_for_training_or_kept(tmp_path: Path, cache: Path) -> None:
    sizes, leaks, generic = {}, {}, {}
    for mode in ("drop", "train", "keep"):
        pair = opened(tmp_path, cache, TWICE, near_duplicates=mode)
        sizes[mode] = len(pair.train) + len(pair.test)
        leaks[mode] = len(near(pair))
        generic[mode] = len(pair.generic)
        assert pair.counts["domain_near_duplicates"] == 30 - sizes[mode]
    assert sizes == {"drop": 22, "train": 30, "keep": 30}
    assert leaks["drop"] == leaks["train"] == 0 < leaks["keep"]
    # Two documents of G stand in D, one of them twice: that one is for training alone.
    assert generic["drop"] == 8 < generic["train"] <= generic["keep"] == 10


def test_a_split_of_ones_own_keeps_its_test_documents(tmp_path: Path, cache: Path) -> None:
    rows = [(t, label, "test" if i < 12 else "train") for i, (t, label, _) in enumerate(TWICE)]
    for mode, train in (("drop", 10), ("train", 10), ("keep", 18)):
        pair = opened(tmp_path, cache, rows, near_duplicates=mode)
        assert (len(pair.train), len(pair.test)) == (train, 12)


def test_an_unknown_choice(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(UsageError, match="unknown value of near_duplicates 'kep': did you mean"):
        opened(tmp_path, cache, TWICE, near_duplicates="kep")


def test_spellings_are_joined_under_the_most_frequent(tmp_path: Path, cache: Path) -> None:
    names = ["Sci Fi", "sci fi", "SciFi", "Sci Fi", "News"]
    rows = [(text(i), names[i % 5], "") for i in range(50)]
    plain = opened(tmp_path, cache, rows)
    joined = opened(tmp_path, cache, rows, normalise_labels=True)
    assert plain.classes == ("News", "Sci Fi", "SciFi", "sci fi")
    assert joined.classes == ("News", "Sci Fi")
    labels = [*joined.train_labels.tolist(), *joined.test_labels.tolist()]
    assert (labels.count(0), labels.count(1)) == (10, 40)
    assert plain.key != joined.key
    again = pickle.loads(pickle.dumps(joined))
    assert again.train_labels.tolist() == joined.train_labels.tolist()
