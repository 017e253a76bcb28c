"""The versions of what decides the documents of a pair, and the words in them."""

from __future__ import annotations

from d2vbench.corpora.pairs import choice, duplicates, subsets
from d2vbench.corpora.store import tokenise


def corpora_versions() -> dict[str, int]:
    """Return the version of each component, by what it is."""
    return {
        "tokeniser": tokenise.VERSION,
        "pair choice": choice.VERSION,
        "near-duplicates": duplicates.VERSION,
        "subsets": subsets.VERSION,
    }
