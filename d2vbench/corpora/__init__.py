"""Corpora and pairs: cards, readers, tokenising, the encoded store."""

from d2vbench.corpora.cache import cache_folder
from d2vbench.corpora.cards import Cards, CorpusCard, PairCard, load_cards
from d2vbench.corpora.choice_repair import open_pair
from d2vbench.corpora.pairs import Pair
from d2vbench.corpora.provision import Provision
from d2vbench.corpora.selections import Selection
from d2vbench.corpora.store import EncodedCorpus, open_corpus

__all__ = [
    "Cards",
    "CorpusCard",
    "EncodedCorpus",
    "Pair",
    "PairCard",
    "Provision",
    "Selection",
    "cache_folder",
    "load_cards",
    "open_corpus",
    "open_pair",
]
