"""A pair: a generic corpus G beside a labelled domain corpus D with train and test documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.corpora.cards import Cards, PairCard
from d2vbench.corpora.pairs.choice import (
    Choice,
    cached_choice,
    check_words,
    left_out_text,
    side_labels,
)
from d2vbench.corpora.pairs.labels import class_sizes, joined_labels, label_sizes
from d2vbench.corpora.store.documents import labels_in, shown
from d2vbench.corpora.store.encoded import EncodedCorpus, open_corpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.errors import UserError
from d2vbench.keys import digest


@dataclass(frozen=True)
class Pair:
    """A generic corpus and a labelled domain corpus with train and test documents.

    Attributes
    ----------
    name : str
        Of its card.
    generic, train, test : Selection
        G, D-train and D-test.
    generic_test : Selection
        Labelled documents of the generic corpus that its own split holds out: never trained on,
        and empty where it has no split. What a follow-up makes forget is measured on them.
    classes : tuple of str
        Names of the classes of D.
    train_rows, test_rows : (n, most labels of one) int32
        Indices into ``classes``, those of a document in a row: its first label first, filled up
        with -1.
    key : str
        sha256 of the contents and of the choice of documents.
    counts : dict
        What the making of the pair left out: unlabelled documents, near-duplicates, small classes,
        capped classes.
    titles : tuple of str
        What each class is called on the corpus's card, empty for one that it does not name; no
        title at all where the card has none.
    """

    name: str
    generic: Selection
    train: Selection
    test: Selection
    generic_test: Selection
    classes: tuple[str, ...]
    train_rows: npt.NDArray[np.int32]
    test_rows: npt.NDArray[np.int32]
    key: str
    counts: dict[str, int]
    titles: tuple[str, ...] = ()

    @property
    def titled_key(self) -> str:
        """Identity of the contents with the titles of classes, for what reads those."""
        return digest([self.key, "titles", *self.titles]) if self.titles else self.key

    @property
    def train_labels(self) -> npt.NDArray[np.int32]:
        """The first class of each document of D-train, (n,) int32."""
        return self.train_rows[:, 0]

    @property
    def test_labels(self) -> npt.NDArray[np.int32]:
        """The first class of each document of D-test, (n,) int32."""
        return self.test_rows[:, 0]

    def sentence(self) -> str:
        """Return in one line how many documents there are, and what was left out."""
        return (
            f"{self.name}: {len(self.generic):,} generic documents, {len(self.train):,} + "
            f"{len(self.test):,} domain documents (train + test) of {len(self.classes):,} classes. "
            f"Left out: {left_out_text(self.counts)}."
        )


def open_pair(
    card: PairCard,
    cards: Cards,
    cache: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Pair:
    """Open the two corpora of a pair and make the choice of documents that its card describes.

    Parameters
    ----------
    card : PairCard
        Which pair.
    cards : Cards
        Where the corpora's cards are looked up.
    cache : pathlib.Path, optional
        The store's folder.
    report : callable, optional
        Called with a line about what takes time.

    Returns
    -------
    Pair
        No test document is trained on in another guise. Where D has a split of its own, training
        documents that resemble a test document are left out; where it has none, only the first of
        documents that resemble each other is kept before D is split. Documents of G that resemble
        any of D are left out.

    Raises
    ------
    UserError
        If fewer than two classes remain, a class has fewer than two training documents, a side
        has no documents, or only some documents have a split.
    """
    tokeniser = card.tokeniser
    generic_corpus = open_corpus(cards.corpus(card.generic.corpus), tokeniser, cache, report)
    domain_corpus = (
        generic_corpus
        if card.domain.corpus == card.generic.corpus
        else open_corpus(cards.corpus(card.domain.corpus), tokeniser, cache, report)
    )
    # A view, with other labels: what is kept of the pair refers to the store.
    labelled = joined_labels(domain_corpus) if card.domain.normalise_labels else domain_corpus
    same = generic_corpus is domain_corpus
    choice = cached_choice(
        card, labelled if same else generic_corpus, labelled, cache or cache_folder(), report
    )
    names, rows = side_labels(labelled, choice.domain, card.domain)
    if len(names) < 2:
        raise UserError(
            f"pair {card.name}: the domain corpus needs two classes or more of at least "
            f"{max(card.domain.min_class, 1)} documents each, got {len(names)}; its classes are "
            f"{_largest_classes(labelled)}{_left_out(choice)}"
        )
    if not len(choice.generic) and not card.domain_alone:
        raise UserError(f"pair {card.name}: no generic document is left{_left_out(choice)}")
    train, titles = choice.train, cards.corpus(card.domain.corpus).titles
    _check_classes(card, names, rows, train)
    generic = Selection(generic_corpus, choice.generic)
    domain_train = Selection(domain_corpus, choice.domain[train])
    sides = {"generic": generic, "domain training": domain_train}
    check_words(card, {n: s for n, s in sides.items() if len(s) or not card.domain_alone})
    return Pair(
        name=card.name,
        generic=generic,
        train=domain_train,
        test=Selection(domain_corpus, choice.domain[~train]),
        generic_test=Selection(generic_corpus, choice.generic_test),
        classes=names,
        train_rows=rows[train],
        test_rows=rows[~train],
        key=_pair_key(generic_corpus, labelled, choice, card.domain.normalise_labels, names, rows),
        counts=choice.counts,
        titles=tuple(titles.get(name, "") for name in names) if titles else (),
    )


def _left_out(choice: Choice) -> str:
    """Return the end of a message: what was left out, if anything was."""
    return f". Left out: {left_out_text(choice.counts)}" if any(choice.counts.values()) else ""


def _largest_classes(corpus: EncodedCorpus, most: int = 5) -> str:
    """Return the largest classes of a corpus with their sizes, for a message."""
    sizes = sorted(label_sizes(corpus).items(), key=lambda item: -item[1])
    named = [f"{shown(label)!r} ({n:,})" for label, n in sizes[:most]]
    more = [f"{len(sizes) - most} more"] if len(sizes) > most else []
    return ", ".join(named + more) or "none: no document has a label"


def _check_classes(
    card: PairCard,
    names: tuple[str, ...],
    rows: npt.NDArray[np.int32],
    train: npt.NDArray[np.bool_],
) -> None:
    """Refuse classes that cannot be learnt, or cannot be cross-validated."""
    counts = class_sizes(rows[train], len(names))
    few = [
        f"{shown(name)!r} ({n})" for name, n in zip(names, counts.tolist(), strict=True) if n < 2
    ]
    if few:
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        raise UserError(
            f"pair {card.name}: every class needs two training documents or more, since the "
            f"classifier is cross-validated; too few in {', '.join(few[:5])}{more}. Leave small "
            "classes out, or join them"
        )
    if train.all():
        raise UserError(f"pair {card.name}: the domain corpus has no test document")


def _pair_key(
    generic_corpus: EncodedCorpus,
    domain_corpus: EncodedCorpus,
    choice: Choice,
    joined: bool,
    names: tuple[str, ...],
    rows: npt.NDArray[np.int32],
) -> str:
    several = any(len(labels_in(name)) > 1 for name in domain_corpus.label_names)
    parts: list[Any] = [
        generic_corpus.content_sha256,
        domain_corpus.content_sha256,
        generic_corpus.meta["tokeniser"],
        choice.generic.tolist(),
        choice.generic_test.tolist(),
        choice.domain[choice.train].tolist(),
        choice.domain[~choice.train].tolist(),
        # Absent where labels are as they stand.
        *(["normalised labels"] if joined else []),
        # Of several labels a document may have lost some.
        *(["several labels", rows.tolist()] if rows.shape[1] > 1 else []),
        # Or all but one, and nothing else says which.
        *(["one of several", list(names), rows.tolist()] if several and rows.shape[1] == 1 else []),
    ]
    return digest(parts)
