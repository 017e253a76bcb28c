"""Corpora and pairs: cards, readers, tokenising, the encoded store."""

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.corpora.acquire.provision import Provision
from d2vbench.corpora.card_files import load_cards
from d2vbench.corpora.cards import Cards, CorpusCard, PairCard
from d2vbench.corpora.pairs.pair import Pair, open_pair
from d2vbench.corpora.store.encoded import EncodedCorpus, open_corpus
from d2vbench.corpora.store.selections import Selection

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
