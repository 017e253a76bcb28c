"""The two corpora of a pair with all their documents: what a model to take home is trained on.

A benchmark has to leave documents out: test documents, near-duplicates of them, documents without
a label, classes that are too small or too large. A model that is to be used has no such reasons.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from d2vbench.corpora.cards import Cards, CorpusCard, PairCard
from d2vbench.corpora.pairs.choice import capped, check_words, matching
from d2vbench.corpora.store.encoded import EncodedCorpus, open_corpus
from d2vbench.corpora.store.selections import Selection


@dataclass(frozen=True)
class Whole:
    """All of G and all of D.

    Attributes
    ----------
    card : PairCard
        The pair.
    generic, domain : Selection
        The two sides: train and test, labelled or not.
    generic_card, domain_card : CorpusCard
        Where they are from.
    left_out : dict of str to int
        What the card of the pair keeps out of G by its ``max_documents``, under the name that
        `Choice.counts` has for it.
    """

    card: PairCard
    generic: Selection
    domain: Selection
    generic_card: CorpusCard
    domain_card: CorpusCard
    left_out: dict[str, int]

    @property
    def name(self) -> str:
        """Of the pair."""
        return self.card.name


def open_whole(
    card: PairCard,
    cards: Cards,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Whole:
    """Open the two corpora of a pair and take all documents that its two sides name.

    Parameters
    ----------
    card : PairCard
        Which pair. Patterns of labels and ``max_documents`` apply, since they say what the two
        corpora are; what serves the evaluation alone does not: splits, labels, sizes of classes,
        near-duplicates.
    cards : Cards
        Where the corpora's cards are looked up.
    cache : pathlib.Path, optional
        The store's folder.
    report : callable, optional
        Called with a line about what takes time.

    Returns
    -------
    Whole
        With a word or more on each side. Where both sides are parts of one corpus, a document
        that both name is in D.

    Raises
    ------
    UserError
        If a side has no documents, or they hold no word.
    """
    corpora: dict[str, EncodedCorpus] = {}
    for name in (card.generic.corpus, card.domain.corpus):
        if name not in corpora:
            corpora[name] = open_corpus(cards.corpus(name), card.tokeniser, cache, report)
    generic_corpus, domain_corpus = corpora[card.generic.corpus], corpora[card.domain.corpus]
    domain = matching(domain_corpus, card.domain)
    generic = matching(generic_corpus, card.generic)
    if generic_corpus is domain_corpus:
        generic = np.setdiff1d(generic, domain)
    if card.domain_alone:
        generic = generic[:0]
    generic, over = capped(generic_corpus, generic, card.generic.max_documents)
    found = Whole(
        card,
        Selection(generic_corpus, generic),
        Selection(domain_corpus, domain),
        cards.corpus(card.generic.corpus),
        cards.corpus(card.domain.corpus),
        {"generic_over_cap": over},
    )
    sides = {"generic": found.generic, "domain": found.domain}
    check_words(card, {n: s for n, s in sides.items() if len(s) or not card.domain_alone})
    return found


def document_names(selection: Selection) -> list[str]:
    """Return the names of the documents of a selection from the store, in its order."""
    names = (selection.corpus.folder / "names.txt").read_text(encoding="ascii").splitlines()
    return [json.loads(names[i]) for i in selection.documents.tolist()]
