"""Tasks of tokens, and fine-tuning for them: truth, split, what is asked, what is chosen."""

from __future__ import annotations

import dataclasses
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_support import TINY, needs_extra, save_checkpoint
from models_support import selection, text

from d2vbench.corpora import Pair, load_cards
from d2vbench.corpora.acquire.cache import archive_path
from d2vbench.corpora.pairs.own import own_pair
from d2vbench.corpora.pairs.pair import open_pair
from d2vbench.corpora.readers.synthetic import pseudoword
from d2vbench.errors import UserError
from d2vbench.evaluation.tokens import TASKS
from d2vbench.evaluation.tokens.planted import RATES, Lexicon, planted
from d2vbench.evaluation.tokens.scoring import token_scores
from d2vbench.evaluation.tokens.tagged import mentions, tagged
from d2vbench.evaluation.tokens.task import TokenDocuments, TokenTask, words_of
from d2vbench.evaluation.tokens.tuned import tokens_tuned
from d2vbench.families import FAMILIES, Sides
from d2vbench.families.encoder.arms import parse_arm
from d2vbench.families.encoder.settings import EncoderSettings
from d2vbench.strategies import Phase, Plan


def test_planted_names_are_where_the_truth_says(small_pair: Pair) -> None:
    lexicon, made = Lexicon(), planted(small_pair, small_pair.train)
    known = {name: set(map(tuple, lexicon.seen[name])) for name in RATES}
    new = {name: set(map(tuple, lexicon.unseen[name])) for name in RATES}
    every = [tuple(w) for names in (*known.values(), *new.values()) for w in names]
    assert len(set(every)) == len(every)
    counts = np.zeros(len(RATES) + 1, dtype=int)
    for side in (made.train, made.test):
        for words, labels, unseen in zip(side.words, side.labels, side.unseen, strict=True):
            assert len(words) == len(labels) == len(unseen)
            for label in np.unique(labels[labels > 0]).tolist():
                name = made.classes[label - 1]
                here = tuple(w for w, of in zip(words, labels, strict=True) if of == label)
                assert here in (new if unseen[labels == label].all() else known)[name]
            counts += np.bincount(labels, minlength=len(counts))
    # The more frequent class first; names that are held out are in test documents alone.
    assert counts[1] > counts[2] > counts[3] > counts[4] > 0
    assert not np.concatenate(made.train.unseen).any()
    assert 0.2 < np.concatenate(made.test.unseen)[np.concatenate(made.test.labels) > 0].mean() < 0.8
    assert len(made.train) == len(small_pair.train) and len(made.test) == len(small_pair.test)
    # A part of D has the same names at the same places.
    part = planted(small_pair, small_pair.train.take(np.arange(3, 9)))
    assert part.train.words == made.train.words[3:9]


def test_listed_names_are_found_as_whole_words_whatever_their_case() -> None:
    words = words_of("West Germany and JAPAN: Japanese cars; who? The WHO in Germany.")
    listed = {"PLACES": ("west-germany", "japan", "germany"), "ORGS": ("who",)}
    found = sorted(mentions(words, listed), key=lambda one: one[2])
    assert [(label, " ".join(name)) for label, name, _ in found] == [
        # A word that is spelled like a name is taken for it: the truth is not exact.
        (1, "west germany"), (1, "japan"), (3, "who"), (3, "who"), (1, "germany"),
    ]  # fmt: skip
    assert mentions(words, {}) == [] and mentions([], listed) == []
    assert mentions(["hong"], {"PLACES": ("hong-kong", "-")}) == []


ARTICLE = """<REUTERS TOPICS="YES" LEWISSPLIT="{split}" NEWID="{number}">
<TOPICS><D>{topic}</D></TOPICS><PLACES>{places}</PLACES><PEOPLE></PEOPLE><ORGS></ORGS>
<EXCHANGES></EXCHANGES><TEXT><TITLE>T{number}</TITLE><BODY>{body} Reuter</BODY></TEXT></REUTERS>
"""
# How many articles are about it: the third is held out.
PLACES = {"peru": 9, "japan": 8, "cuba": 7, "west-germany": 6}


def filler(number: int) -> str:
    """Return words that no other number has."""
    return " ".join(pseudoword(20 * number + i) for i in range(20))


@pytest.fixture
def newswire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """A pair whose generic corpus is an archive in the form of Reuters-21578."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("D2VBENCH_DATA", str(cache))
    some = [place for place, n in PLACES.items() for _ in range(n)]
    articles = [
        ARTICLE.format(
            split="TEST" if i % 3 == 0 else "TRAIN", number=i + 1, topic=["acq", "earn"][i % 2],
            places=f"<D>{place}</D>",
            body=f"{filler(i)} from {place.replace('-', ' ').title()} on {filler(i + 100)}.",
        )
        for i, place in enumerate(some)
    ]  # fmt: skip
    path = archive_path("reuters21578", "reuters21578.tar.gz", cache)
    path.parent.mkdir(parents=True)
    (tmp_path / "reut2-000.sgm").write_text("".join(articles), encoding="latin-1")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "reut2-000.sgm", "reut2-000.sgm")
    rows = "\n".join(json.dumps({"text": filler(i + 200), "label": str(i % 2)}) for i in range(20))
    (tmp_path / "d.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "g.txt").write_text("a text\nanother text\n", encoding="utf-8")
    cards = load_cards()
    card, cards = own_pair(tmp_path / "g.txt", tmp_path / "d.jsonl", cards)
    corpus = dataclasses.replace(cards.corpus("reuters21578"), content_sha256="", documents={})
    cards.corpora["reuters21578"] = corpus
    side = dataclasses.replace(card.generic, corpus="reuters21578")
    return open_pair(dataclasses.replace(card, generic=side, near_duplicate=1.0), cards, cache)


def test_a_held_out_name_is_in_no_training_document(newswire: Pair) -> None:
    made = tagged(newswire, newswire.train)
    assert made.classes == ("place", "person", "organisation", "exchange")

    def named(side: TokenDocuments, what: str) -> set[str]:
        return {
            word.lower()
            for words, labels, unseen in zip(side.words, side.labels, side.unseen, strict=True)
            for word, label, new in zip(words, labels, unseen, strict=True)
            if label == 1 and (what == "all" or bool(new) == (what == "new"))
        }

    assert named(made.test, "new") == {"cuba"}
    assert named(made.train, "all") == {"peru", "japan", "west", "germany"}
    assert named(made.test, "known") == {"peru", "japan", "west", "germany"}
    texts = [" ".join(words) for words in made.train.words]
    assert texts and not any("Cuba" in one for one in texts)
    most = TASKS["tagged"].documents(newswire, newswire.train)
    assert len(made.train) < most[0] == len(newswire.generic) and most[1] == len(made.test)


def test_without_lists_of_names_nothing_is_tagged(small_pair: Pair) -> None:
    with pytest.raises(UserError) as caught:
        tagged(small_pair, small_pair.train)
    assert str(caught.value) == (
        "pair small: tokens tagged need a corpus whose articles list names (Reuters-21578), as D, "
        "or as G with its own split"
    )


def test_scores_are_those_of_sklearn_without_the_words_outside() -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    truth = rng.choice(4, 400, p=[0.9, 0.06, 0.04, 0.0])
    told = np.where(rng.random(400) < 0.8, truth, rng.integers(0, 4, 400))
    said = token_scores(truth, told, ("a", "b", "c"))
    assert said["macro_f1"] == pytest.approx(f1_score(truth, told, labels=[1, 2], average="macro"))
    # A class that the truth has not has no score, and telling it wrongly costs the others.
    assert said.keys() & {"f1_a", "f1_b", "f1_c"} == {"f1_a", "f1_b"}
    nothing = token_scores(truth, np.zeros(400, dtype=np.int64), ("a", "b", "c"))
    assert nothing["accuracy"] == nothing["outside"] > 0.85 and nothing["macro_f1"] == 0
    assert nothing["words"] == 400 and nothing["named"] == int((truth > 0).sum())
    assert token_scores(truth[:0], told[:0], ("a",)) == {}
    assert "macro_f1" not in token_scores(np.zeros(3, np.int64), np.zeros(3, np.int64), ("a",))


def documents(n: int, seed: int) -> TokenDocuments:
    """Texts with a name of class 1 in each, and one of class 2 in every eighth."""
    rng = np.random.default_rng(seed)
    made = TokenDocuments([], [], [])
    for i in range(n):
        words = text([i % 4], rng, 10).split()
        labels = np.zeros(len(words) + 2, dtype=np.int64)
        words[3:3], labels[3] = ["orbit"], 1
        words[7:7] = ["card" if i % 8 == 0 else "over"]
        labels[7] = 2 * (i % 8 == 0)
        made.words.append(words)
        made.labels.append(labels)
        made.unseen.append(np.zeros(len(words), dtype=np.bool_))
    return made


@pytest.fixture(scope="module")
def task() -> TokenTask:
    return TokenTask(("name", "rare"), documents(64, 1), documents(24, 2))


@pytest.fixture(scope="module")
def learner(task: TokenTask) -> Any:
    some = selection([" ".join(words) for words in task.train.words])
    settings = EncoderSettings(**{**TINY, "vocabulary": "natural", "peak_rate": 3e-3})
    return FAMILIES["encoder"].prepare(Sides(some, some), settings, 1, Plan((Phase("no", 0),)))


@needs_extra
def test_the_first_piece_of_a_word_stands_for_it(tmp_path: Path) -> None:
    from d2vbench.families.encoder.checkpoints import find_checkpoint
    from d2vbench.families.encoder.pieces import read_tokenizer
    from d2vbench.families.encoder.words import word_pieces

    tokenizer = read_tokenizer(find_checkpoint(str(save_checkpoint(tmp_path / "mine"))))
    some = [["chips", "over", "\u0301", "overwrite"], [], ["card"] * 9]
    found = word_pieces(some, tokenizer, 6)
    shown = [tokenizer.convert_ids_to_tokens(pieces.tolist()) for pieces in found.pieces]
    assert shown[0] == ["chip", "##s", "over", "over", "##write"] and shown[1] == []
    # A word of no piece is not read, and what is cut is neither.
    assert found.places[0].tolist() == [0, 2, 3] and found.words[0].tolist() == [0, 1, 3]
    assert len(found.pieces[2]) == 6 == len(found.words[2]) and not len(found.places[1])
    cut = word_pieces([["chips", "chips"]], tokenizer, 2)
    assert cut.words[0].tolist() == [0] and cut.pieces[0].tolist() == found.pieces[0][:2].tolist()


@needs_extra
def test_words_are_learned_and_the_body_stays(learner: Any, task: TokenTask) -> None:
    before = {name: array.tobytes() for name, array in learner.state().items()}
    said = tokens_tuned(learner, "all, weighted", task, np.arange(64), 1)
    assert said["seen"]["f1_name"] > 0.9 and said["seen"]["macro_f1"] > 0.5
    assert said["seen"]["accuracy"] > said["seen"]["outside"] > 0.8
    # No name is unseen here: words outside are left, and no score of names.
    assert "macro_f1" not in said["unseen"] and said["unseen"]["outside"] == 1
    chosen = said["chosen"]
    assert chosen["candidates"] == 6 and chosen["documents"] == 64 and chosen["named"] == 72
    assert {name: array.tobytes() for name, array in learner.state().items()} == before
    again = tokens_tuned(learner, "all, weighted", task, np.arange(64), 1)
    assert again == said


@needs_extra
def test_test_documents_choose_nothing(learner: Any, task: TokenTask) -> None:
    one = tokens_tuned(learner, "head", task, np.arange(20), 1)
    few = dataclasses.replace(task, test=task.test.take(np.arange(0, 24, 5)))
    assert tokens_tuned(learner, "head", few, np.arange(20), 1)["chosen"] == one["chosen"]
    # Without a name to choose by, the lower rate and the longest course.
    none = dataclasses.replace(
        task.train, labels=[np.zeros_like(labels) for labels in task.train.labels]
    )
    said = tokens_tuned(learner, "head", dataclasses.replace(task, train=none), np.arange(8), 1)
    assert said["chosen"]["holdout_macro_f1"] is None and said["chosen"]["longest"] is True
    assert said["chosen"]["rate"] == 1e-3 and said["seen"]["macro_f1"] == 0


@needs_extra
def test_losses_weigh_words(learner: Any, task: TokenTask) -> None:
    from d2vbench.families.encoder.descent import Rates
    from d2vbench.families.encoder.token_tuning import MOST_WEIGHT, TokenTuning, class_weights

    labels = np.concatenate(task.train.labels)
    counts = np.bincount(labels)
    assert np.allclose(class_weights(labels, 3), len(labels) / (3 * counts))
    assert class_weights(np.repeat([0, 1], [9999, 1]), 2)[1] == MOST_WEIGHT

    def course(arm: str) -> Any:
        tuning = TokenTuning(learner, parse_arm(arm), 1)
        pieces = tuning.pieces(task.train.words)
        *_, last = tuning.course(pieces, task.train.labels, 3, Rates(1e-3, 2e-3), 1, 7)
        return last

    plain, weighted, focal = (course(f"head, {loss}") for loss in ("plain", "weighted", "focal"))
    rows = np.arange(8)
    truth = np.concatenate([plain._labels[row] for row in rows])
    logits = plain._logits(plain._documents, rows).detach()
    exact = logits.numpy().astype(np.float64)
    chance = np.exp(exact - np.logaddexp.reduce(exact, axis=1, keepdims=True))
    each = -np.log(chance[np.arange(len(truth)), truth])
    weights = class_weights(labels, 3)[truth]
    assert float(plain._loss(logits, truth)) == pytest.approx(each.mean(), abs=1e-5)
    assert float(weighted._loss(logits, truth)) == pytest.approx((weights * each).mean(), abs=1e-5)
    focused = ((1 - np.exp(-each)) ** 2 * each).mean()
    assert float(focal._loss(logits, truth)) == pytest.approx(focused, abs=1e-5)

    # A head reads what the body says as it is, whatever stands beside a document in a batch.
    states = plain._of.states(plain._documents)
    assert states is plain._of.states(plain._documents)
    alone = learner.network.hidden_at([plain._documents.pieces[5]], [plain._documents.places[5]])
    assert np.allclose(alone.detach().numpy(), states[5], atol=1e-5)

    def told(state: Any) -> int:
        return int(sum((some > 0).sum() for some in state.tell(state._documents)))

    assert told(weighted) > told(plain)


@needs_extra
def test_documents_of_no_word_are_an_error(learner: Any) -> None:
    empty = TokenDocuments([[], []], [np.empty(0, np.int64)] * 2, [np.empty(0, np.bool_)] * 2)
    with pytest.raises(UserError) as caught:
        tokens_tuned(learner, "all", TokenTask(("a",), empty, empty), np.arange(2), 1)
    assert str(caught.value) == (
        "fine-tuning all for tokens: encoder scratch:2x32 can read no word of the 2 labelled "
        "documents: give more labels"
    )
