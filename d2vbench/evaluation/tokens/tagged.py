"""A task by distant supervision: what Reuters-21578 says a story is about, found in its text.

An article lists the places, people, organisations and exchanges that it is about. Each word of its
text that is part of such a name is of that class: case does not count, hyphens of a name are
blanks, whole words alone. Names that the list lacks, or spells otherwise, stay outside, and a word
that happens to be spelled like a name is taken for it. So the truth is not exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Pair, Selection
from d2vbench.corpora.store.entities import KINDS, entities_of, has_entities
from d2vbench.corpora.store.texts import iter_texts
from d2vbench.errors import UserError
from d2vbench.evaluation.tokens.task import (
    OUTSIDE,
    TokenDefinition,
    TokenDocuments,
    TokenTask,
    words_of,
)

# Of each class, names by how many documents have them: the third of each five is held out.
_OF, _HELD_OUT = 5, 2

Name = tuple[str, ...]


def sides_of(pair: Pair, domain: Selection) -> tuple[Selection, Selection]:
    """Return the documents to learn from and to be asked about: D where it has lists, else G.

    Raises
    ------
    UserError
        If neither corpus has lists of names, or G holds no document out.
    """
    if has_entities(domain.corpus):
        return domain, pair.test
    if has_entities(pair.generic.corpus) and len(pair.generic_test):
        return pair.generic, pair.generic_test
    raise UserError(
        f"pair {pair.name}: tokens tagged need a corpus whose articles list names (Reuters-21578), "
        "as D, or as G with its own split"
    )


def tagged(pair: Pair, domain: Selection) -> TokenTask:
    """Find the listed names of articles in their texts.

    Names that are held out are chosen by their rank among those of their class; training documents
    that have one are left out.
    """
    train, test = sides_of(pair, domain)
    found = [_read(side) for side in (train, test)]
    counts: list[Counter[Name]] = [Counter() for _ in KINDS]
    for _, names in (document for side in found for document in side):
        for label, name in {(label, name) for label, name, _ in names}:
            counts[label - 1][name] += 1
    unseen = {
        (label, name)
        for label, names in enumerate(counts, 1)
        for rank, name in enumerate(sorted(names, key=lambda name: (-names[name], name)))
        if rank % _OF == _HELD_OUT
    }
    learned = [d for d in found[0] if not any((label, name) in unseen for label, name, _ in d[1])]
    test_documents = _documents(found[1], unseen)
    return TokenTask(tuple(KINDS.values()), _documents(learned, set()), test_documents)


Mention = tuple[int, Name, int]  # Class, name, and the place of its first word.
Read = tuple[list[str], list[Mention]]


def _read(side: Selection) -> list[Read]:
    lists = entities_of(side.corpus)
    hashes = side.text_hash().tolist()
    return [
        (words := words_of(text), mentions(words, lists.get(text_hash, {})))
        for text, text_hash in zip(iter_texts(side), hashes, strict=True)
    ]


def mentions(words: Sequence[str], listed: Mapping[str, Sequence[str]]) -> list[Mention]:
    """Find names in words.

    Parameters
    ----------
    words : sequence of str
        Of a text.
    listed : mapping of str to sequence of str
        By kind, a key of `KINDS`, names as the article lists them.

    Returns
    -------
    list of (int, tuple of str, int)
        Class, name and place of the first word. Longer names go first, then kinds in their order;
        none overlaps another.
    """
    lowered = [word.lower() for word in words]
    places: dict[str, list[int]] = {}
    for place, word in enumerate(lowered if listed else ()):
        places.setdefault(word, []).append(place)
    names = [
        (label, tuple(words_of(name.lower().replace("-", " "))))
        for label, kind in enumerate(KINDS, 1)
        for name in listed.get(kind, ())
    ]
    taken = np.zeros(len(words), dtype=np.bool_)
    found: list[Mention] = []
    for label, name in sorted(names, key=lambda one: (-len(one[1]), one)):
        for place in places.get(name[0], ()) if name else ():
            part = slice(place, place + len(name))
            if tuple(lowered[part]) == name and not taken[part].any():
                taken[part] = True
                found.append((label, name, place))
    return found


def _documents(read: list[Read], unseen: set[tuple[int, Name]]) -> TokenDocuments:
    made = TokenDocuments([], [], [])
    for words, names in read:
        labels: npt.NDArray[np.int64] = np.full(len(words), OUTSIDE, dtype=np.int64)
        new = np.zeros(len(words), dtype=np.bool_)
        for label, name, place in names:
            labels[place : place + len(name)] = label
            new[place : place + len(name)] = (label, name) in unseen
        made.words.append(words)
        made.labels.append(labels)
        made.unseen.append(new)
    return made


def _sizes(pair: Pair, domain: Selection) -> tuple[int, int]:
    train, test = sides_of(pair, domain)
    return len(train), len(test)


TAGGED = TokenDefinition(
    "tagged", "names that articles of Reuters list, found in their texts", tagged, _sizes, version=1
)
