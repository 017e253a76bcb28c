"""The choice of documents that makes a pair: classes, near-duplicates, splits, caps."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.cards import PairCard, SideCard
from d2vbench.corpora.pairs import duplicates, subsets
from d2vbench.corpora.pairs.duplicates import (
    first_of_each,
    resembling,
    shingles,
    with_twins,
)
from d2vbench.corpora.pairs.labels import Rows, label_rows, strata
from d2vbench.corpora.pairs.subsets import split_by_hash
from d2vbench.corpora.store import tokenise
from d2vbench.corpora.store.documents import labels_in
from d2vbench.corpora.store.encoded import EncodedCorpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.damaged import DAMAGED_ARCHIVE, read_arrays
from d2vbench.errors import UserError
from d2vbench.files import write_atomic
from d2vbench.keys import digest

_REASONS = {
    "domain_unlabelled": "of D without a label",
    "domain_near_duplicates": "near-duplicates in D",
    "generic_held_out": "of G that its own split holds out",
    "generic_near_duplicates": "of G that resemble one of D",
    "generic_near_held_out": "of G that resemble one held out of it",
    "generic_over_cap": "of G over the most that its card takes",
    "domain_in_small_classes": "of D in classes too small",
    "domain_over_cap": "of D over the most of a class",
}

#: Raised when other documents make a pair.
VERSION = 1


@dataclass(frozen=True)
class Choice:
    """Which documents of the two corpora make a pair, and how many were left out and why.

    Attributes
    ----------
    generic, generic_test : (n,) int64
        G, and the labelled documents that the generic corpus holds out.
    domain : (n,) int64
        D, train and test.
    train : (n,) bool
        Which of ``domain`` are D-train.
    counts : dict of str to int
        What was left out.
    """

    generic: npt.NDArray[np.int64]
    generic_test: npt.NDArray[np.int64]
    domain: npt.NDArray[np.int64]
    train: npt.NDArray[np.bool_]
    counts: dict[str, int]


def _fits(label: str, side: SideCard) -> bool:
    included = not side.include or any(fnmatch.fnmatchcase(label, p) for p in side.include)
    return included and not any(fnmatch.fnmatchcase(label, p) for p in side.exclude)


def matching(corpus: EncodedCorpus, side: SideCard) -> npt.NDArray[np.int64]:
    """Return the documents of which a label fits the patterns of a side."""
    fits = [any(_fits(one, side) for one in labels_in(name)) for name in corpus.label_names]
    wanted = np.asarray([*fits, not side.include])
    return np.flatnonzero(wanted[corpus.labels]).astype(np.int64)


def side_labels(
    corpus: EncodedCorpus, documents: npt.NDArray[np.int64], side: SideCard
) -> tuple[tuple[str, ...], Rows]:
    """Return the classes of documents as `label_rows` does: those that a side's card wants.

    A label that does not fit the side's patterns, or that fewer of these documents have than a
    class must, is none. A document of such labels alone has none.
    """
    least = min(side.min_class, side.max_class or side.min_class)
    return label_rows(corpus, documents, lambda label: _fits(label, side), least)


def capped(
    corpus: EncodedCorpus, documents: npt.NDArray[np.int64], most: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Keep the first documents by hash of the text; return them, and how many were left out.

    Parameters
    ----------
    corpus : EncodedCorpus
        Where they are.
    documents : (n,) int64
        In ascending order.
    most : int
        How many to keep; 0 is no limit.
    """
    over = max(len(documents) - most, 0) if most else 0
    if not over:
        return documents, 0
    order = np.argsort(corpus.text_hash[documents], kind="stable")
    return np.sort(documents[order[:most]]), over


def check_words(card: PairCard, sides: Mapping[str, Selection]) -> None:
    """Refuse documents without any word; a `UserError` says of which side."""
    for side, selection in sides.items():
        if not selection.words():
            raise UserError(
                f"pair {card.name}: the {len(selection):,} {side} documents hold no word: are "
                "these the texts, and does the tokeniser fit their language?"
            )


def _size_classes(
    corpus: EncodedCorpus, documents: npt.NDArray[np.int64], side: SideCard
) -> tuple[npt.NDArray[np.int64], int, int]:
    """Leave out small classes and cap large ones; return the rest and both counts."""
    names, rows = label_rows(corpus, documents, lambda label: _fits(label, side))
    large, chosen = (np.zeros(len(documents), dtype=bool) for _ in range(2))
    for label in range(len(names)):
        members = np.flatnonzero((rows == label).any(axis=1))
        if len(members) >= side.min_class:
            large[members] = True
            # One of several labels stays where any of its classes keeps it.
            first, _ = capped(corpus, documents[members], side.max_class)
            chosen[np.searchsorted(documents, first)] = True
    return documents[chosen], int((~large).sum()), int((large & ~chosen).sum())


def _choose(card: PairCard, generic_corpus: EncodedCorpus, domain_corpus: EncodedCorpus) -> Choice:
    found = matching(domain_corpus, card.domain)
    labelled = domain_corpus.labels[found] >= 0
    domain = found[labelled]
    fixed = _has_split(card, domain_corpus.splits[domain])
    mode = card.near_duplicates
    sets = [] if mode == "keep" else shingles(domain_corpus, domain)
    keep = np.ones(len(domain), dtype=bool)
    # Of documents that resemble each other none is tested on, where they are kept for training.
    twins = np.zeros(len(domain), dtype=bool)
    if mode == "keep":
        pass
    elif fixed:
        # The test documents stay as they are, for comparison with what others report.
        train = domain_corpus.splits[domain] == 0
        in_train, in_test = np.flatnonzero(train), np.flatnonzero(~train)
        alike = resembling(
            [sets[i] for i in in_train], [sets[i] for i in in_test], card.near_duplicate
        )
        keep[in_train[alike]] = False
    elif mode == "train":
        twins = with_twins(sets, card.near_duplicate)
    else:
        keep = first_of_each(sets, card.near_duplicate)
    chosen, small, too_many = _size_classes(domain_corpus, domain[keep], card.domain)
    if fixed:
        train = domain_corpus.splits[chosen] == 0
    else:
        hashes = domain_corpus.text_hash[chosen]
        _, rows = side_labels(domain_corpus, chosen, card.domain)
        train = split_by_hash(strata(rows), hashes, card.domain.train_share)
        train |= twins[np.searchsorted(domain, chosen)]
    if mode == "train":
        # What is near a document to train on may be trained on, too.
        sets = [sets[i] for i in np.searchsorted(domain, chosen[~train]).tolist()]
    found = matching(generic_corpus, card.generic)
    generic, generic_test, left_out = _choose_generic(
        found[:0] if card.domain_alone else found, generic_corpus, domain_corpus, domain, sets, card
    )
    generic, over = capped(generic_corpus, generic, card.generic.max_documents)
    counts = {
        "domain_unlabelled": int((~labelled).sum()),
        "domain_near_duplicates": int((~keep).sum()),
        **left_out,
        "generic_over_cap": over,
        "domain_in_small_classes": small,
        "domain_over_cap": too_many,
    }
    return Choice(generic, generic_test, chosen, train, counts)


def _choose_generic(
    found: npt.NDArray[np.int64],
    generic_corpus: EncodedCorpus,
    domain_corpus: EncodedCorpus,
    domain: npt.NDArray[np.int64],
    domain_sets: list[npt.NDArray[np.uint64]],
    card: PairCard,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], dict[str, int]]:
    """Return G, its held-out labelled documents, and what was left out of G.

    G is compared with ``domain_sets``: with all of D, the documents left out of D as duplicates
    included, or with its test documents; and with the documents held out of G.
    """
    if generic_corpus is domain_corpus:
        found = np.setdiff1d(found, domain)
    held_out = generic_corpus.splits[found] == 1
    generic = found[~held_out]
    generic_test = found[held_out & (generic_corpus.labels[found] >= 0)]
    if card.near_duplicates == "keep":
        none = {"generic_near_duplicates": 0, "generic_near_held_out": 0}
        return generic, generic_test, {"generic_held_out": int(held_out.sum()), **none}
    sets = shingles(generic_corpus, generic)
    near_domain = resembling(sets, domain_sets, card.near_duplicate)
    near_test = resembling(sets, shingles(generic_corpus, generic_test), card.near_duplicate)
    left_out = {
        "generic_held_out": int(held_out.sum()),
        "generic_near_duplicates": len(near_domain),
        "generic_near_held_out": len(np.setdiff1d(near_test, near_domain)),
    }
    return np.delete(generic, np.union1d(near_domain, near_test)), generic_test, left_out


def _has_split(card: PairCard, splits: npt.NDArray[np.int8]) -> bool:
    """Return whether the corpus fixes train and test; some documents alone are refused."""
    without = int((splits < 0).sum())
    if 0 < without < len(splits):
        raise UserError(
            f"pair {card.name}: {without} of {len(splits)} labelled documents of the domain corpus "
            "have no split, the others have one; give every document 'train' or 'test', or none"
        )
    return len(splits) > 0 and not without


def cached_choice(
    card: PairCard,
    generic_corpus: EncodedCorpus,
    domain_corpus: EncodedCorpus,
    cache: Path,
    report: Callable[[str], None] | None,
) -> Choice:
    """Look the choice up beside the encoded corpora; comparing all shingles takes seconds.

    Parameters
    ----------
    card : PairCard
        Which documents.
    generic_corpus, domain_corpus : EncodedCorpus
        The two corpora, which may be one.
    cache : pathlib.Path
        The choice is kept in its folder ``pairs``.
    report : callable or None
        Called with a line about what takes time.

    Returns
    -------
    Choice
        Made again where it is not there or damaged.

    Raises
    ------
    UserError
        If some labelled documents of D have a split and others have none.
    """
    versions = [VERSION, duplicates.VERSION, subsets.VERSION, tokenise.VERSION]
    corpora = [generic_corpus.content_sha256, domain_corpus.content_sha256]
    # Near-duplicates share words, and a person's own tokeniser is known by its source.
    parts = [dataclasses.asdict(card), versions, generic_corpus.meta["tokeniser"], *corpora]
    path = cache / "pairs" / f"{digest(parts)[:32]}.npz"
    try:
        return _read_choice(path)
    except FileNotFoundError:
        pass
    except DAMAGED_ARCHIVE as error:
        if report:
            report(f"{path} is damaged ({error}) and is made again")
    if report:
        report(f"comparing the documents of pair {card.name} for near-duplicates (once)")
    choice = _choose(card, generic_corpus, domain_corpus)
    arrays: Any = {**vars(choice), "counts": np.asarray(json.dumps(choice.counts))}
    # A cache that only others may write to, with both corpora in it, serves all the same.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, lambda file: np.savez_compressed(file, **arrays))
    return choice


def _read_choice(path: Path) -> Choice:
    arrays = read_arrays(path)
    return Choice(**{**arrays, "counts": json.loads(str(arrays["counts"]))})


def left_out_text(counts: Mapping[str, int]) -> str:
    """Return how many documents were left out, and why.

    Parameters
    ----------
    counts : mapping of str to int
        As in `Pair.counts`.

    Returns
    -------
    str
        Part of a sentence; ``nothing`` where all counts are zero.

    Examples
    --------
    >>> left_out_text({"domain_unlabelled": 1200, "domain_near_duplicates": 0})
    '1,200 of D without a label'
    >>> left_out_text({})
    'nothing'
    """
    # A name that is not known comes from the records of another version.
    parts = [
        f"{n:,} {_REASONS.get(name, name.replace('_', ' '))}" for name, n in counts.items() if n
    ]
    return ", ".join(parts) or "nothing"
