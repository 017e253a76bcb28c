"""A pair of corpora drawn from a known generative model, with dials for what is true of it.

The model
---------
There are ``classes`` topics, which the domain labels name. A topic ranks its words and draws them
by Zipf's law, the word at rank r with a probability proportional to 1 / (r + 2). There are four
kinds of words:

* *shared* words, ``shared_words`` per topic, in both corpora;
* *domain-only* and *generic-only* words, ``own_words`` per topic each; ``generic_words`` of the
  latter, where it is given;
* *background* words, ``background_words`` in all, in both corpora and independent of any topic.

A document with topic t draws each of its words independently: with probability ``topical`` from
topic t, with probability ``mixing`` from a second topic, drawn evenly for the document, and from
the background otherwise. Its length is uniform over ``length[0] .. length[1]``. Topics of
documents are balanced. In the domain corpus the topic is the label.

The dial of senses
------------------
In the domain corpus the shared word i of topic t belongs to topic t. In the generic corpus it
belongs to t as well, unless its sense has shifted: then it belongs to topic
``(t + 1 + i mod (classes - 1)) mod classes``. A share ``shift`` of the shared words of every topic
has shifted, and those of a smaller share are among those of a larger one. At ``shift = 0`` the
generic corpus says of every shared word just what the domain says. At ``shift = 1`` words that
belong together in the domain never meet in a generic topic, and generic topics are made of words
that the domain tells apart: the senses are opposed.

Words that only the generic corpus has
--------------------------------------
Three dials that a card may leave out; then the documents are those of a model without them.

* ``generic_words``: generic-only words per topic. At 0 no topic has words that the domain lacks.
* ``tied``, 1 if left out: which share of every topic's generic-only words stand in it, so that
  their sense is tied to that of its shared words. The others are background words of the generic
  corpus, every second one until one kind is used up, and say nothing of any topic.
* ``noise``, 0 if left out: which share of the background's draws in generic documents are taken
  from ``noise_words`` words more (600 if left out), by the same law. They say nothing, and the
  domain never uses them: they fill the tables from which negative samples are drawn, as the words
  of a generic corpus do that is large and far from the domain.

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

#: Noise words of a card that does not say how many.
NOISE_WORDS = 600

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
    in_topics = round(parameters.get("tied", 1.0) * parameters.get("generic_words", own))
    stride = _stride(parameters)
    shifted = round(parameters["shift"] * shared)
    # A fixed shuffle decides which words shift first, so that all ranks are hit alike.
    turn = sorted(range(shared), key=lambda i: (i * 37 + 11) % 101 * shared + i)
    rank_of = {word: turn.index(word) for word in range(shared)}

    def number(kind: int, topic: int, word: int) -> int:
        return (kind * classes + topic) * stride + word

    domain = [[number(0, t, i) for i in range(shared)] for t in range(classes)]
    generic: list[list[int]] = [[] for _ in range(classes)]
    for i in range(shared):
        for t in range(classes):
            moved = rank_of[i] < shifted
            generic[shifted_topic(t, i, classes) if moved else t].append(number(0, t, i))
    for topics, kind, size in ((generic, 1, in_topics), (domain, 2, own)):
        for t, words in enumerate(topics):
            topics[t] = _alternating(words, [number(kind, t, i) for i in range(size)])
    return generic, domain


def _stride(parameters: Mapping[str, Any]) -> int:
    """Return how many numbers each topic has for each kind of its words."""
    return max(parameters[k] for k in ("shared_words", "own_words", "generic_words")
               if k in parameters)  # fmt: skip


def _alternating(first: list[int], second: list[int]) -> list[int]:
    head = [word for two in zip(first, second, strict=False) for word in two]
    return head + first[len(second) :] + second[len(first) :]


def background(parameters: Mapping[str, Any]) -> tuple[list[int], list[int], list[int]]:
    """Lay out the words that say nothing of a topic.

    Parameters
    ----------
    parameters : mapping
        The card's parameters (see the module).

    Returns
    -------
    generic, domain, noise : list of int
        Background words of either corpus, and the noise words of the generic one, most frequent
        first, as numbers of pseudo-words.
    """
    classes, stride = parameters["classes"], _stride(parameters)
    own = parameters.get("generic_words", parameters["own_words"])
    tied = round(parameters.get("tied", 1.0) * own)
    first = 3 * classes * stride
    both = list(range(first, first + parameters["background_words"]))
    # By rank, so that all topics have words at all ranks.
    loose = [(classes + t) * stride + i for i in range(tied, own) for t in range(classes)]
    after = first + len(both)
    return (
        _alternating(both, loose),
        both,
        list(range(after, after + parameters.get("noise_words", NOISE_WORDS))),
    )


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
    of_generic, of_domain, noise_words = map(np.asarray, background(parameters))
    nothing = of_generic if side == "generic" else of_domain
    nothing_cdf, noise_cdf = _zipf(len(nothing)), _zipf(len(noise_words))
    spoken = parameters["topical"] + parameters["mixing"]
    # The last of the uniform numbers that say where a word comes from.
    noise_from = 1 - (1 - spoken) * (parameters.get("noise", 0.0) if side == "generic" else 0.0)
    tables = [(np.asarray(words), _zipf(len(words))) for words in topics]
    low, high = parameters["length"]
    documents = []
    for d in range(count):
        topic = d % classes
        other = int(rng.random() * classes)
        length = low + int(rng.random() * (high - low + 1))
        source, word = rng.random((2, length))
        numbers = nothing[_draw(nothing_cdf, word)]
        noisy = source >= noise_from
        numbers[noisy] = noise_words[_draw(noise_cdf, word[noisy])]
        second = source < spoken
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
        ``mixing``, ``length``, ``generic_documents``, ``domain_documents``, ``shift``, ``seed``,
        and where wanted ``generic_words``, ``tied``, ``noise``, ``noise_words``: see the module.
    files : mapping, optional
        None are read.

    Returns
    -------
    list of Document
        Generic documents first; labels are ``generic.topicT`` and ``domain.topicT``.

    Raises
    ------
    UsageError
        If ``shift``, ``tied`` or ``noise`` lies outside [0, 1], a number of words is too small, or
        the shares of words leave no room.
    """
    del files
    for name in ("shift", "tied", "noise"):
        if not 0 <= parameters.get(name, 0) <= 1:
            raise UsageError(f"{name} must lie in [0, 1], got {parameters[name]}")
    for name, least in (("generic_words", 0), ("noise_words", 1)):
        if parameters.get(name, least) < least:
            raise UsageError(f"{name} must be {least} or more, got {parameters[name]}")
    if parameters["topical"] + parameters["mixing"] > 1:
        raise UsageError("topical + mixing must not exceed 1")
    generic, domain = topic_words(parameters)
    documents = []
    for i, (side, topics) in enumerate((("generic", generic), ("domain", domain))):
        rng = np.random.default_rng([parameters["seed"], i])
        documents += _documents(side, topics, parameters[f"{side}_documents"], parameters, rng)
    return documents
