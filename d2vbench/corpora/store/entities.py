"""What articles of a corpus list as named in them, beside their texts: Reuters-21578 alone."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from d2vbench.corpora.acquire.local import local_files
from d2vbench.corpora.readers import reuters21578
from d2vbench.corpora.store.encoded import SOURCES, EncodedCorpus
from d2vbench.corpora.store.texts import text_hash
from d2vbench.errors import UserError

_READER = "reuters21578"
#: Elements of an article that list names, and what they are called here.
KINDS = {"PLACES": "place", "PEOPLE": "person", "ORGS": "organisation", "EXCHANGES": "exchange"}

Entities = Mapping[int, Mapping[str, tuple[str, ...]]]


def has_entities(corpus: EncodedCorpus) -> bool:
    """Return whether the articles of a corpus list names."""
    card, _ = SOURCES.get(corpus.folder, (None, None))
    return card is not None and card.reader == _READER


def entities_of(corpus: EncodedCorpus) -> Entities:
    """Return the names that articles list.

    Returns
    -------
    mapping of int to mapping of str to tuple of str
        By the hash of an article's text, then by kind, a key of `KINDS`. Articles of one text have
        the names of all of them.

    Raises
    ------
    UserError
        If the corpus has none, or its archive is gone.
    """
    if not has_entities(corpus):
        raise UserError(f"corpus {corpus.name}: its documents list no names")
    return _read(corpus.folder)


@functools.lru_cache(maxsize=2)
def _read(folder: Path) -> Entities:
    card, cache = SOURCES[folder]
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    files = local_files(card, cache)
    for text, names in reuters21578.listed_names(card.parameters, files, tuple(KINDS)):
        mine = found.setdefault(text_hash(text.encode("utf-8", "surrogatepass")), {})
        for kind, some in names.items():
            mine[kind] = tuple(dict.fromkeys((*mine.get(kind, ()), *some)))
    return found
