"""A task whose truth is exact: invented names, planted into the texts of D.

There are four classes of names, each rarer than the one before: `RATES` says how often a document
has one. A class has names of one or two invented words, `SEEN` that are planted into any document,
and `UNSEEN` that are planted into test documents alone, where every second name is one of these.
What tells a class of a name that was never seen is the word before it: with probability `CUED` that
is one of three cue words of the class. Words that look like names are planted alone as well
(`DECOYS`), and cue words before words of the text (`IDLE_CUES`): both are outside of all names.

All is drawn from the text of a document, and so is the same with every seed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.evaluation.tokens.task import (
    OUTSIDE,
    TokenDefinition,
    TokenDocuments,
    TokenTask,
    words_of,
)
from d2vbench.keys import derive_seed

#: Expected names of each class in a document.
RATES = {"maker": 0.6, "place": 0.3, "part": 0.1, "person": 0.04}
SEEN, UNSEEN, CUES = 40, 20, 3
CUED, DECOYS, IDLE_CUES = 0.8, 0.5, 0.2
# Names stand among the first words of a document: what lies behind may be cut.
_AMONG = 32
_ONSETS, _VOWELS, _CODAS = "bcdfgklmnprstvwxz", "aeiouy", "lmnrsx"


def planted(pair: Pair, domain: Selection) -> TokenTask:
    """Plant names into D-train and D-test."""
    lexicon = Lexicon()
    return TokenTask(
        tuple(RATES),
        _documents(lexicon, domain, test=False),
        _documents(lexicon, pair.test, test=True),
    )


class Lexicon:
    """Invented words: names by class, those for test documents alone, cue words."""

    def __init__(self) -> None:
        rng = np.random.default_rng(derive_seed(0, "planted names"))
        words = _invented(rng)
        self.seen, self.unseen = (
            {
                name: [[next(words) for _ in range(1 + int(rng.random() < 0.5))] for _ in range(n)]
                for name in RATES
            }
            for n in (SEEN, UNSEEN)
        )
        self.cues = {name: [next(words) for _ in range(CUES)] for name in RATES}
        self.decoys = [next(words) for _ in range(SEEN)]


def _invented(rng: np.random.Generator) -> Iterator[str]:
    """Yield words of two closed syllables, none of them twice."""
    done: set[str] = set()
    while True:
        parts = [letters[int(rng.random() * len(letters))]
                 for letters in (_ONSETS, _VOWELS, _CODAS) * 2]  # fmt: skip
        if (word := "".join(parts)) not in done:
            done.add(word)
            yield word


def _documents(lexicon: Lexicon, documents: Selection, test: bool) -> TokenDocuments:
    made = TokenDocuments([], [], [])
    hashes = documents.text_hash().tolist()
    for text, text_hash in zip(iter_texts(documents), hashes, strict=True):
        rng = np.random.default_rng(derive_seed(0, "planted", text_hash, test))
        parts = [(word, OUTSIDE, False) for word in words_of(text)]
        for added in _planted(lexicon, rng, test):
            place = int(rng.random() * (min(len(parts), _AMONG) + 1))
            # Not into a name that stands there.
            while 0 < place < len(parts) and parts[place][1] and parts[place - 1][1]:
                place += 1
            parts[place:place] = added
        made.words.append([word for word, _, _ in parts])
        made.labels.append(np.asarray([label for _, label, _ in parts], dtype=np.int64))
        made.unseen.append(np.asarray([new for _, _, new in parts], dtype=np.bool_))
    return made


def _planted(
    lexicon: Lexicon, rng: np.random.Generator, test: bool
) -> Iterator[list[tuple[str, int, bool]]]:
    """Yield what is planted into a document: words with their classes, and whether unseen."""

    def one_of(some: list[str]) -> str:
        return some[int(rng.random() * len(some))]

    for label, (name, rate) in enumerate(RATES.items(), 1):
        if rng.random() < rate:
            new = test and bool(rng.random() < 0.5)
            names = (lexicon.unseen if new else lexicon.seen)[name]
            words = names[int(rng.random() * len(names))]
            cued = rng.random() < CUED
            cue = [(one_of(lexicon.cues[name]), OUTSIDE, False)] if cued else []
            yield [*cue, *((word, label, new) for word in words)]
    if rng.random() < DECOYS:
        yield [(one_of(lexicon.decoys), OUTSIDE, False)]
    if rng.random() < IDLE_CUES:
        cues = lexicon.cues[list(RATES)[int(rng.random() * len(RATES))]]
        yield [(one_of(cues), OUTSIDE, False)]


PLANTED = TokenDefinition(
    "planted",
    "invented names planted into D",
    planted,
    lambda pair, domain: (len(domain), len(pair.test)),
    version=1,
)
