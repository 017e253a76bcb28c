"""Documents of several labels: read, split and drawn, classified, scored, and said."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import baseline_cell, trained_cell
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from d2vbench.bench.compute.sample import Sample
from d2vbench.bench.compute.work import run_cell
from d2vbench.bench.store.packed import correct_of
from d2vbench.corpora import Pair, load_cards, open_pair
from d2vbench.corpora.pairs.labels import every_label, joined_labels, met, strata
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.corpora.pairs.subsets import per_class
from d2vbench.corpora.pairs.warning import pair_warnings
from d2vbench.evaluation import BASELINES, CLASSIFIERS, scores
from d2vbench.evaluation.classifiers.folds import right_share, stratified_folds
from d2vbench.evaluation.classifiers.logistic import classify
from d2vbench.families.doc2vec import Doc2VecSettings

GENRES = ["crime", "drama", "romance"]
WORDS = {
    "crime": "murder police detective gun robbery suspect prison",
    "drama": "family grief memory silence father winter illness",
    "romance": "love wedding kiss summer heart letter bride",
}
Opened = Callable[..., Pair]


def films(count: int = 90, seed: int = 3) -> list[dict[str, Any]]:
    """Return films of one to three genres, whose plots have words of each."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(count):
        genres = [GENRES[i % 3], *(g for g in GENRES if rng.random() < 0.3)]
        genres = list(dict.fromkeys(genres))
        pool = [word for genre in genres for word in WORDS[genre].split()]
        plot = " ".join(rng.choice([*pool, "film", "plot", "story"], 40))
        found.append({"text": plot, "label": genres})
    return found


@pytest.fixture
def opened(tmp_path: Path, cache: Path) -> Opened:
    (tmp_path / "g.txt").write_text("".join(f"{film['text']}\n" for film in films(60, 4)))

    def pair_of(rows: list[dict[str, Any]] | None = None, warn: bool = False, **given: Any) -> Any:
        path = tmp_path / "films.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows or films()))
        layout = Layout(**{"several_labels": "each", "near_duplicates": "keep", **given})
        card, cards = own_pair(str(tmp_path / "g.txt"), str(path), load_cards(), layout)
        pair = open_pair(card, cards, cache)
        return pair_warnings(pair, card) if warn else pair

    return pair_of


def labels_by_text(pair: Pair) -> dict[int, list[str]]:
    sides = ((pair.train, pair.train_rows), (pair.test, pair.test_rows))
    return {
        text: [pair.classes[c] for c in row if c >= 0]
        for side, rows in sides
        for text, row in zip(side.text_hash().tolist(), rows.tolist(), strict=True)
    }


def test_a_pair_holds_all_labels_the_first_first(opened: Opened) -> None:
    rows = films()
    pair = opened(rows)
    assert pair.classes == tuple(GENRES)
    found = sorted(labels_by_text(pair).values())
    assert found == sorted(film["label"] for film in rows)
    assert [pair.classes[c] for c in pair.test_labels] == [
        pair.classes[row[0]] for row in pair.test_rows.tolist()
    ]
    # Each class is split as if its documents had no other label: 60 in a hundred, more or less.
    both = np.vstack([pair.train_rows, pair.test_rows])
    for label in range(3):
        share = (pair.train_rows == label).sum() / (both == label).sum()
        assert 0.5 < share < 0.7
    # The first label alone is another corpus, and is as if there had been no other.
    first = opened(several_labels="first")
    assert first.train_rows.shape[1] == 1 and first.key != pair.key
    single = opened([{**film, "label": film["label"][0]} for film in rows], several_labels="")
    assert (single.key, single.classes) == (first.key, first.classes)
    assert opened([{**film, "label": film["label"][:1]} for film in rows]).key == first.key


@pytest.mark.parametrize("languages", [["en", "de", "en"], ["en", "de"]], ids=["apart", "in step"])
def test_other_labels_of_the_same_documents_are_another_pair(
    tmp_path: Path, cache: Path, languages: list[str]
) -> None:
    """A card may choose one of several labels of each document: which one is in the key."""
    texts = [film["text"] for film in films()]
    (tmp_path / "g.txt").write_text("".join(f"{film['text']}\n" for film in films(60, 4)))
    layout = Layout(several_labels="each", near_duplicates="keep")

    rows = [
        {
            "text": text,
            "label": [f"lang:{languages[i % len(languages)]}", f"topic:{'ba'[i % 2]}"],
            "split": ("train", "train", "test")[i % 5 % 3],
        }
        for i, text in enumerate(texts)
    ]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    card, cards = own_pair(str(tmp_path / "g.txt"), str(tmp_path / "d.jsonl"), load_cards(), layout)

    def chosen(pattern: str) -> Pair:
        domain = dataclasses.replace(card.domain, include=[pattern])
        return open_pair(dataclasses.replace(card, domain=domain), cards, cache)

    topic, lang = chosen("topic:*"), chosen("lang:*")
    assert (topic.classes, lang.classes) == (("topic:a", "topic:b"), ("lang:de", "lang:en"))
    assert topic.test_rows.shape == lang.test_rows.shape == (len(topic.test), 1)
    assert np.array_equal(topic.train_rows, lang.train_rows) == (len(languages) == 2)
    assert np.array_equal(topic.test.documents, lang.test.documents)
    assert topic.key != lang.key


def test_a_class_too_small_is_taken_from_documents_that_have_others(opened: Opened) -> None:
    rows = films()
    for film in rows[:3]:
        film["label"] = [*film["label"], "western"]
    rows[3]["label"] = ["silent"]
    pair = opened(rows)
    assert pair.classes == tuple(GENRES)
    assert pair.counts["domain_in_small_classes"] == 1
    assert len(pair.train) + len(pair.test) == 89
    # Which labels are left is in the key.
    assert pair.key != opened([row for row in rows if row["label"] != ["silent"]]).key


def test_spellings_are_joined_within_several_labels(opened: Opened) -> None:
    rows = films()
    for film in rows[::4]:
        film["label"] = [label.upper() for label in film["label"]]
    rows[1]["label"] = ["drama", "Drama ", "crime"]
    assert len(opened(rows).classes) > 3
    pair = opened(rows, normalise_labels=True)
    assert pair.classes == tuple(GENRES)
    assert ["drama", "crime"] in labels_by_text(pair).values()
    corpus = joined_labels(opened(rows).train.corpus)
    assert len(corpus.label_names) == len(set(corpus.label_names))


def test_a_damaged_list_of_labels(opened: Opened) -> None:
    rows = films()
    rows[1]["label"] = ["drama", {"name": "crime"}]
    with pytest.raises(Exception, match="line 2: the label in column 'label' is a dict"):
        opened(rows)
    rows[1]["label"] = ["drama", "crime"]
    with pytest.raises(Exception, match="give several_labels='first' to take the first, several_"):
        opened(rows, several_labels="")


# Several labels in one cell.


@pytest.mark.parametrize("separator", ["|", ";", ", "])
def test_labels_in_one_cell(opened: Opened, separator: str) -> None:
    rows = films()
    cells = [{**film, "label": separator.join(film["label"])} for film in rows]
    split = opened(cells, label_separator=separator.strip())
    assert labels_by_text(split) == labels_by_text(opened(rows))
    # Recognised, and said; never taken apart unasked.
    whole = opened(cells, several_labels="")
    assert f"crime{separator}drama" in whole.classes
    (hint,) = [line for line in opened(cells, warn=True, several_labels="") if "in one" in line]
    assert f"label_separator={separator.strip()!r} with several_labels='each'" in hint
    assert not [line for line in opened(rows, warn=True) if "in one" in line]


def test_commas_that_separate_no_labels(opened: Opened) -> None:
    names = {"crime": "Doe, Jane", "drama": "Roe, Richard", "romance": "Poe, Edgar"}
    rows = [{**film, "label": names[film["label"][0]]} for film in films()]
    assert not [line for line in opened(rows, warn=True, several_labels="") if "in one" in line]


def test_a_separator_needs_to_know_what_becomes_of_the_labels(opened: Opened) -> None:
    with pytest.raises(Exception, match=r"^label_separator parts a label into several: say with "):
        opened(several_labels="", label_separator="|")


# Said before training.


def test_several_labels_are_said_and_are_no_conflict(opened: Opened) -> None:
    rows = films()
    # The same film twice, its genres in another order: no conflict. With other genres: one.
    twice = [*rows, *({**film, "label": film["label"][::-1]} for film in rows[:20])]
    lines = opened(twice, warn=True)
    n = sum(len(film["label"]) > 1 for film in twice)
    (said,) = [line for line in lines if "have several labels (" in line]
    mean = sum(len(film["label"]) for film in twice) / len(twice)
    assert said == (
        f"warning: {n} of 110 domain documents ({n / 110:.0%}) have several labels ({mean:.2f} a "
        "document): in training each counts once under every label; a test document is right if "
        "any of its labels is met, and in macro-F1 it is then of the class that was predicted, "
        "else of its first label"
    )
    assert not [line for line in lines if "stands under several labels" in line]
    other = [*rows, *({**film, "label": ["drama", "crime", "romance"]} for film in rows[:20])]
    assert [line for line in opened(other, warn=True) if "stands under several labels" in line]


# What is drawn, folded and scored.

LABELS = st.lists(
    st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True), min_size=2, max_size=30
)


def filled(labels: list[list[int]]) -> np.ndarray[Any, Any]:
    return np.asarray([row + [-1] * (3 - len(row)) for row in labels], dtype=np.int32)


@given(LABELS, st.integers(1, 4), st.integers(0, 9))
def test_a_budget_has_so_many_documents_of_each_class(
    labels: list[list[int]], count: int, seed: int
) -> None:
    rows = filled(labels)
    chosen = per_class(rows, count, seed)
    assert np.array_equal(chosen, np.unique(chosen))
    for label in np.unique(rows[rows >= 0]):
        there = int((rows == label).sum())
        assert int((rows[chosen] == label).sum()) >= min(count, there)
    assert set(per_class(rows, count - 1, seed)) <= set(chosen) if count > 1 else True
    one = rows[:, 0]
    assert np.array_equal(per_class(one, count, seed), per_class(one[:, np.newaxis], count, seed))


@given(LABELS, st.integers(0, 9))
def test_rows_of_one_document_are_held_out_together(labels: list[list[int]], seed: int) -> None:
    rows = filled(labels)
    documents, classes = every_label(rows)
    assert sorted(zip(documents.tolist(), classes.tolist(), strict=True)) == sorted(
        (i, label) for i, row in enumerate(labels) for label in row
    )
    assert all(label in row for label, row in zip(strata(rows).tolist(), labels, strict=True))
    held_out: list[int] = []
    for seen, unseen in stratified_folds(classes, seed, documents):
        assert not set(documents[seen]) & set(documents[unseen])
        assert len(seen) + len(unseen) == len(documents)
        # Every class is there to be learnt.
        assert np.array_equal(np.unique(classes[seen]), np.unique(classes))
        assert len(unseen)
        held_out += documents[unseen].tolist()
        found = right_share(classes[unseen], classes[unseen], documents[unseen])
        assert found == 1.0
    # No document is held out twice.
    assert sorted(held_out) == sorted(documents[np.isin(documents, held_out)].tolist())


def test_a_document_is_right_if_any_of_its_labels_is_met() -> None:
    truth = filled([[0, 1], [1, 0], [2], [1, 2], [0]])
    predicted = np.asarray([1, 1, 0, 0, 0], dtype=np.int32)
    assert met(predicted, truth).tolist() == [True, True, False, False, True]
    found = scores(truth, predicted)
    assert found["accuracy"] == 3 / 5
    # By hand: met, so of the class that was predicted; else of the first label.
    assert found["macro_f1"] == f1_score([1, 1, 2, 1, 0], predicted, average="macro")
    # A class that is nobody's first label and never predicted counts all the same, with zero.
    alone = scores(filled([[0, 2], [0, 1]]), np.asarray([0, 0], dtype=np.int32))
    assert alone == {"accuracy": 1.0, "macro_f1": pytest.approx(1 / 3)}
    shares = right_share(np.asarray([0, 0, 1]), np.asarray([0, 1, 0]), np.asarray([7, 7, 9]))
    assert shares == 0.5


def test_cross_validation_does_not_see_a_document_under_its_other_label() -> None:
    """Vectors without meaning: only a leak could tell which labels a document has."""
    rng = np.random.default_rng(0)
    rows = np.asarray([[i % 6, (i + 1 + i % 5) % 6] for i in range(240)], dtype=np.int32)
    documents, classes = every_label(rows)
    vectors = rng.normal(size=(240, 200)).astype(np.float32)[documents]
    chance = 2 / 6
    for predict in (classify, CLASSIFIERS["knn"].predict):
        found = predict(vectors, classes, vectors[:2], seed=0, documents=documents)
        assert abs(found.details["cv_accuracy"] - chance) < 0.1
    # With the other row of each document seen, the nearest neighbour is the document itself.
    leaks = CLASSIFIERS["knn"].predict(vectors, classes, vectors[:2], seed=0)
    assert leaks.details["cv_accuracy"] < 0.2


# A cell from end to end.


def test_every_classifier_and_baseline_learns_from_each_label(opened: Opened) -> None:
    pair = opened()
    cell = trained_cell(
        pair=pair.name, settings=Doc2VecSettings(vector_size=16, min_count=1, sample=0),
        strategy="domain-only(2)", seed=0, epochs=10, alpha=0.05, budgets=("all", "5"),
        classifiers=tuple(CLASSIFIERS),
    )  # fmt: skip
    sample = Sample.of(cell, pair)
    labelled = sample.labelled("all")
    assert len(labelled.labels) == int((pair.train_rows >= 0).sum()) > len(pair.train)
    record, predictions = run_cell(cell, pair)
    counts = record["counts"]
    assert counts["labelled_all"] == len(pair.train)
    assert counts["domain_labels"] == len(labelled.labels)
    assert counts["test_labels"] == int((pair.test_rows >= 0).sum())
    # Texts are presented once, whatever their labels are.
    assert counts["words_trained"] == 20 * pair.train.words()
    for name in CLASSIFIERS:
        for budget in ("all", "5"):
            said = predictions[budget if name == "logistic" else f"{budget}.{name}"]
            accuracy = record["metrics"][budget][name]["accuracy"]
            assert accuracy == met(said, pair.test_rows).mean()
    assert record["metrics"]["all"]["logistic"]["accuracy"] > 0.6
    right = correct_of(record, predictions)
    assert right["all"].shape == (len(pair.test),)
    assert right["all"].mean() == record["metrics"]["all"]["logistic"]["accuracy"]
    # Both kinds are there: a first label that was met, and another.
    first = predictions["all"] == predictions["truth"]
    assert first.any() and (right["all"] & ~first).any()
    for name in BASELINES:
        found, said = run_cell(baseline_cell(pair.name, 1.0, 0, ("all",), name), pair)
        (metrics,) = found["metrics"]["all"].values()
        assert metrics["accuracy"] == correct_of(found, said)["all"].mean()
