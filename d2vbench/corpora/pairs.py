"""A pair: a generic corpus G beside a labelled domain corpus D with train and test documents."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import duplicates
from d2vbench.corpora.cache import cache_folder
from d2vbench.corpora.cards import Cards, PairCard, SideCard
from d2vbench.corpora.duplicates import first_of_each, shingles, similar_pairs
from d2vbench.corpora.store import EncodedCorpus, open_corpus
from d2vbench.corpora.subsets import split_by_hash
from d2vbench.errors import UserError
from d2vbench.files import write_atomic
from d2vbench.keys import digest, digest_files


@dataclass(frozen=True)
class Selection:
    """Some documents of an encoded corpus.

    Attributes
    ----------
    corpus : EncodedCorpus
        Where they are.
    documents : (n,) int64
        Which, in ascending order.
    """

    corpus: EncodedCorpus
    documents: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.documents)

    def words(self) -> int:
        """Return the number of words in all the documents."""
        return int(self.corpus.lengths()[self.documents].sum())

    def gather(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return tokens (n_tokens,) uint32 and offsets (n + 1,) int64 of these documents alone."""
        lengths = self.corpus.lengths()[self.documents]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        # Position p of the result lies in document d at p - offsets[d] from that document's start.
        shift = np.repeat(self.corpus.offsets[self.documents] - offsets[:-1], lengths)
        positions = np.arange(offsets[-1], dtype=np.int64) + shift
        return np.asarray(self.corpus.tokens[positions]), offsets

    def take(self, indices: npt.NDArray[np.int64]) -> Selection:
        """Return a part of the selection, by position in it."""
        return Selection(self.corpus, self.documents[indices])

    def text_hash(self) -> npt.NDArray[np.uint64]:
        """Return the hash of each text, (n,) uint64."""
        return self.corpus.text_hash[self.documents]


@dataclass(frozen=True)
class Pair:
    """A generic corpus and a labelled domain corpus with train and test documents.

    Attributes
    ----------
    name : str
        Of its card.
    generic, train, test : Selection
        G, D-train and D-test.
    classes : tuple of str
        Names of the classes of D.
    train_labels, test_labels : (n,) int32
        Indices into ``classes``.
    key : str
        sha256 of the contents and of the choice of documents.
    counts : dict
        What the making of the pair left out: near-duplicates, small classes, capped classes.
    """

    name: str
    generic: Selection
    train: Selection
    test: Selection
    classes: tuple[str, ...]
    train_labels: npt.NDArray[np.int32]
    test_labels: npt.NDArray[np.int32]
    key: str
    counts: dict[str, int]


def _matching(corpus: EncodedCorpus, side: SideCard) -> npt.NDArray[np.int64]:
    """Return the documents whose label fits the patterns of a side."""

    def fits(label: str) -> bool:
        included = not side.include or any(fnmatch.fnmatchcase(label, p) for p in side.include)
        return included and not any(fnmatch.fnmatchcase(label, p) for p in side.exclude)

    wanted = np.asarray([fits(name) for name in corpus.label_names] + [not side.include])
    return np.flatnonzero(wanted[corpus.labels]).astype(np.int64)


def _size_classes(
    corpus: EncodedCorpus, documents: npt.NDArray[np.int64], side: SideCard
) -> tuple[npt.NDArray[np.int64], int, int]:
    """Leave out small classes and cap large ones; return the rest and both counts."""
    kept, small, capped = [], 0, 0
    labels = corpus.labels[documents]
    for label in np.unique(labels):
        members = documents[labels == label]
        if label < 0 or len(members) < max(side.min_class, 1):
            small += len(members)
            continue
        if side.max_class and len(members) > side.max_class:
            capped += len(members) - side.max_class
            order = np.argsort(corpus.text_hash[members], kind="stable")
            members = members[order[: side.max_class]]
        kept.append(members)
    chosen = np.concatenate([*kept, np.empty(0, np.int64)]).astype(np.int64)
    return np.sort(chosen), small, capped


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
        Told in one line what takes time.

    Returns
    -------
    Pair
        Near-duplicates are removed from D before it is split, and from G where they resemble any
        document of D, so that no test document is trained on in another guise.

    Raises
    ------
    UserError
        If fewer than two classes remain, or a side has no documents.
    """
    generic_corpus = open_corpus(cards.corpus(card.generic.corpus), cache, report)
    domain_corpus = (
        generic_corpus
        if card.domain.corpus == card.generic.corpus
        else open_corpus(cards.corpus(card.domain.corpus), cache, report)
    )
    choice = _cached_choice(card, generic_corpus, domain_corpus, cache or cache_folder())
    labels = domain_corpus.labels[choice.domain]
    names = np.unique(labels)
    if len(names) < 2:
        raise UserError(
            f"pair {card.name}: the domain corpus needs two classes or more, got {len(names)} "
            f"of at least {max(card.domain.min_class, 1)} documents each"
        )
    if not len(choice.generic):
        raise UserError(f"pair {card.name}: no generic document is left")
    classes = np.searchsorted(names, labels).astype(np.int32)
    splits = domain_corpus.splits[choice.domain]
    train = splits == 0
    if (splits < 0).any():
        hashes = domain_corpus.text_hash[choice.domain]
        train = split_by_hash(classes, hashes, card.domain.train_share)
    return Pair(
        name=card.name,
        generic=Selection(generic_corpus, choice.generic),
        train=Selection(domain_corpus, choice.domain[train]),
        test=Selection(domain_corpus, choice.domain[~train]),
        classes=tuple(domain_corpus.label_names[i] for i in names),
        train_labels=classes[train],
        test_labels=classes[~train],
        key=_pair_key(generic_corpus, domain_corpus, choice, train),
        counts=choice.counts,
    )


@dataclass(frozen=True)
class _Choice:
    """Which documents of the two corpora make a pair, and how many were left out and why."""

    generic: npt.NDArray[np.int64]
    domain: npt.NDArray[np.int64]
    counts: dict[str, int]


def _choose(card: PairCard, generic_corpus: EncodedCorpus, domain_corpus: EncodedCorpus) -> _Choice:
    domain = _matching(domain_corpus, card.domain)
    domain_sets = shingles(domain_corpus, domain)
    keep = first_of_each(domain_sets, card.near_duplicate)
    # G is compared with all of D, the documents left out as duplicates included.
    generic = _matching(generic_corpus, card.generic)
    alike, _ = similar_pairs(shingles(generic_corpus, generic), domain_sets, card.near_duplicate)
    alike = np.unique(alike)
    generic = np.delete(generic, alike)
    over = max(len(generic) - card.generic.max_documents, 0) if card.generic.max_documents else 0
    if over:
        order = np.argsort(generic_corpus.text_hash[generic], kind="stable")
        generic = np.sort(generic[order[: card.generic.max_documents]])
    chosen, small, capped = _size_classes(domain_corpus, domain[keep], card.domain)
    counts = {
        "domain_near_duplicates": int((~keep).sum()),
        "generic_near_duplicates": len(alike),
        "generic_over_cap": over,
        "domain_in_small_classes": small,
        "domain_over_cap": capped,
    }
    return _Choice(generic, chosen, counts)


def _cached_choice(
    card: PairCard,
    generic_corpus: EncodedCorpus,
    domain_corpus: EncodedCorpus,
    cache: Path,
) -> _Choice:
    """Look the choice up beside the encoded corpora; comparing all shingles takes seconds."""
    sources = digest_files([Path(__file__), Path(duplicates.__file__)])
    parts = [dataclasses.asdict(card), sources]
    key = digest([*parts, generic_corpus.content_sha256, domain_corpus.content_sha256])
    path = cache / "pairs" / f"{key[:32]}.npz"
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            counts = json.loads(str(file["counts"]))
            return _Choice(file["generic"], file["domain"], counts)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # not there, or damaged: made anew
    choice = _choose(card, generic_corpus, domain_corpus)
    arrays: Any = {
        "generic": choice.generic,
        "domain": choice.domain,
        "counts": np.asarray(json.dumps(choice.counts)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, lambda file: np.savez_compressed(file, **arrays))
    return choice


def _pair_key(
    generic_corpus: EncodedCorpus,
    domain_corpus: EncodedCorpus,
    choice: _Choice,
    train: npt.NDArray[np.bool_],
) -> str:
    parts: list[Any] = [
        generic_corpus.content_sha256,
        domain_corpus.content_sha256,
        choice.generic.tolist(),
        choice.domain[train].tolist(),
        choice.domain[~train].tolist(),
    ]
    return digest(parts)
