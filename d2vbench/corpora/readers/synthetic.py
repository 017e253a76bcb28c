"""A pair of corpora drawn from a known generative model, with a dial for how far senses differ.

The model
---------
There are ``classes`` topics, which the domain labels name. A topic ranks its words and draws them
by Zipf's law, the word at rank r with a probability proportional to 1 / (r + 2). There are four
kinds of words:

* *shared* words, ``shared_words`` per topic, in both corpora;
* *domain-only* and *generic-only* words, ``own_words`` per topic each;
* *background* words, ``background_words`` in all, in both corpora and independent of any topic.

A document with topic t draws each of its words independently: with probability ``topical`` from
topic t, with probability ``mixing`` from a second topic, drawn evenly for the document, and from
the background otherwise. Its length is uniform over ``length[0] .. length[1]``. Topics of
documents are balanced. In the domain corpus the topic is the label.

The dial
--------
In the domain corpus the shared word i of topic t belongs to topic t. In the generic corpus it
belongs to t as well, unless its sense has shifted: then it belongs to topic
``(t + 1 + i mod (classes - 1)) mod classes``. A share ``shift`` of the shared words of every topic
has shifted, and those of a smaller share are among those of a larger one. At ``shift = 0`` the
generic corpus says of every shared word just what the domain says. At ``shift = 1`` words that
belong together in the domain never meet in a generic topic, and generic topics are made of words
that the domain tells apart: the senses are opposed.

Every draw is an inverse transform of uniform doubles from PCG64, a stream that NumPy keeps across
versions (NEP 19), so the documents are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UsageError

#: Raised when other documents are read.
version = 1

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aeiou"
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]


def pseudoword(number: int) -> str:
    """Return a pronounceable word of letters only, different for every number.

    Parameters
    ----------
    number : int
        In [0, 80**4).

    Returns
    -------
    str
        Eight letters, so that every tokeniser keeps it.

    Examples
    --------
    >>> pseudoword(0), pseudoword(1), pseudoword(80)
    ('babababa', 'bababadi', 'babadiba')
    """
    # A stride prime to 80 keeps neighbouring numbers from looking alike.
    syllables = []
    for _ in range(4):
        number, digit = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[digit * 7 % len(_SYLLABLES)])
    return "".join(reversed(syllables))


def shifted_topic(topic: int, word: int, classes: int) -> int:
    """Return the topic that a shifted shared word has in the generic corpus: never its own."""
    return (topic + 1 + word % (classes - 1)) % classes


def topic_words(
    parameters: Mapping[str, Any],
) -> tuple[list[list[int]], list[list[int]]]:
    """Lay out which words each topic has, on the generic and on the domain side.

    Parameters
    ----------
    parameters : mapping
        The card's parameters (see the module).

    Returns
    -------
    generic, domain : list of list of int
        For each topic its words, most frequent first, as numbers of pseudo-words. Shared words
        come at even ranks, a side's own words at odd ones, until one kind is used up.
    """
    classes, shared, own = (parameters[k] for k in ("classes", "shared_words", "own_words"))
    shifted = round(parameters["shift"] * shared)
    # A fixed shuffle decides which words shift first, so that all ranks are hit alike.
    turn = sorted(range(shared), key=lambda i: (i * 37 + 11) % 101 * shared + i)
    rank_of = {word: turn.index(word) for word in range(shared)}

    def number(kind: int, topic: int, word: int) -> int:
        return (kind * classes + topic) * max(shared, own) + word

    domain = [[number(0, t, i) for i in range(shared)] for t in range(classes)]
    generic: list[list[int]] = [[] for _ in range(classes)]
    for i in range(shared):
        for t in range(classes):
            moved = rank_of[i] < shifted
            generic[shifted_topic(t, i, classes) if moved else t].append(number(0, t, i))
    for topics, kind in ((generic, 1), (domain, 2)):
        for t, words in enumerate(topics):
            mine = [number(kind, t, i) for i in range(own)]
            head = [w for two in zip(words, mine, strict=False) for w in two]
            topics[t] = head + words[len(mine) :] + mine[len(words) :]
    return generic, domain


def _zipf(n: int) -> npt.NDArray[np.float64]:
    weights = 1.0 / (np.arange(n) + 2.0)
    return np.cumsum(weights / weights.sum())


def _draw(cumulative: npt.NDArray[np.float64], uniform: npt.NDArray[np.float64]) -> Any:
    index = np.searchsorted(cumulative, uniform, side="right")
    return np.minimum(index, len(cumulative) - 1)


def _documents(
    side: str,
    topics: list[list[int]],
    count: int,
    parameters: Mapping[str, Any],
    rng: np.random.Generator,
) -> list[Document]:
    classes = len(topics)
    first = 3 * classes * max(parameters["shared_words"], parameters["own_words"])
    background = np.arange(parameters["background_words"]) + first
    background_cdf = _zipf(len(background))
    tables = [(np.asarray(words), _zipf(len(words))) for words in topics]
    low, high = parameters["length"]
    documents = []
    for d in range(count):
        topic = d % classes
        other = int(rng.random() * classes)
        length = low + int(rng.random() * (high - low + 1))
        source, word = rng.random((2, length))
        numbers = background[_draw(background_cdf, word)]
        second = source < parameters["topical"] + parameters["mixing"]
        numbers[second] = tables[other][0][_draw(tables[other][1], word[second])]
        own = source < parameters["topical"]
        numbers[own] = tables[topic][0][_draw(tables[topic][1], word[own])]
        text = " ".join(pseudoword(n) for n in numbers.tolist())
        documents.append(Document(f"{side}/{d:06}", text, f"{side}.topic{topic}"))
    return documents


def fingerprint(
    parameters: Mapping[str, Any], files: Mapping[str, Path] | None = None
) -> dict[str, Any]:
    """Return nothing: the parameters alone decide the documents."""
    del parameters, files
    return {}


def read(parameters: Mapping[str, Any], files: Mapping[str, Path] | None = None) -> list[Document]:
    """Draw both corpora.

    Parameters
    ----------
    parameters : mapping
        ``classes``, ``shared_words``, ``own_words``, ``background_words``, ``topical``,
        ``mixing``, ``length``, ``generic_documents``, ``domain_documents``, ``shift``, ``seed``:
        see the module.
    files : mapping, optional
        None are read.

    Returns
    -------
    list of Document
        Generic documents first; labels are ``generic.topicT`` and ``domain.topicT``.

    Raises
    ------
    UsageError
        If ``shift`` lies outside [0, 1], or the shares of words leave no room.
    """
    del files
    if not 0 <= parameters["shift"] <= 1:
        raise UsageError(f"shift must lie in [0, 1], got {parameters['shift']}")
    if parameters["topical"] + parameters["mixing"] > 1:
        raise UsageError("topical + mixing must not exceed 1")
    generic, domain = topic_words(parameters)
    documents = []
    for i, (side, topics) in enumerate((("generic", generic), ("domain", domain))):
        rng = np.random.default_rng([parameters["seed"], i])
        documents += _documents(side, topics, parameters[f"{side}_documents"], parameters, rng)
    return documents
