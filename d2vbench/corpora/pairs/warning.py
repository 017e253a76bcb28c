"""What is unusual about the documents of a pair, said before anything is trained on them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from d2vbench.corpora.cards import PairCard
from d2vbench.corpora.pairs.choice import matching
from d2vbench.corpora.pairs.describe import LONGEST, divergence_parts
from d2vbench.corpora.pairs.labels import Rows, class_sizes, label_rows, spellings
from d2vbench.corpora.pairs.pair import Pair
from d2vbench.corpora.pairs.whole import Whole
from d2vbench.corpora.readers.formats.rows import split_label
from d2vbench.corpora.store.documents import shown
from d2vbench.corpora.store.encoded import EncodedCorpus
from d2vbench.corpora.store.selections import Selection
from d2vbench.errors import option

#: Share of the documents of a side from which on something is worth a line.
SHARE = 0.05
#: A class of fewer documents says little; one of more than so large a share says it all.
FEW = 10
NEARLY_ALL = 0.95
# What may stand between labels in one cell, and the share of the parts that stand in two or more.
_SEPARATORS = ("|", ";", ",")
_RECUR = 0.9
# G and D are alike where they differ hardly more than two random halves of both.
_ALIKE = 1.2
_DRAWS = 10
_MOST_COMPARED = 1000
_LEAST_COMPARED = 50
# Documents whose words are looked at in one go.
_BLOCK = 20_000
_MOST_NAMED = 3

_LEFT_OUT = {
    "domain_unlabelled": ("domain", "have no label", "is {label} the right column?"),
    "domain_near_duplicates": (
        "domain",
        "are near-duplicates, and left out",
        "{keep} or {train} keeps them",
    ),
    "domain_in_small_classes": (
        "domain",
        "are in classes too small, and left out",
        "join small classes, or give another column as {label}",
    ),
    "generic_held_out": ("generic", "are held out by their own split", "{no_split} ignores it"),
    "generic_near_duplicates": (
        "generic",
        "resemble one of the domain, and are left out",
        "{keep} or {train} keeps them",
    ),
    "generic_near_held_out": (
        "generic",
        "resemble one that is held out, and are left out",
        "{keep} keeps them",
    ),
}


def pair_warnings(pair: Pair, card: PairCard, min_count: int = 5) -> list[str]:
    """Return what is unusual about a pair.

    Parameters
    ----------
    pair : Pair
        Opened.
    card : PairCard
        Its card.
    min_count : int
        Rarer words are not in a vocabulary.

    Returns
    -------
    list of str
        A sentence each, which begins with ``warning:`` and names the option that helps.
    """
    domain = Selection(
        pair.train.corpus, np.sort(np.concatenate([pair.train.documents, pair.test.documents]))
    )
    found = [
        *_left_out(pair.counts, {"generic": len(pair.generic), "domain": len(domain)}),
        *_labels(domain.corpus, card),
        *_classes(pair),
        *([] if card.domain_alone else _sides(pair.generic, domain, pair.train, min_count)),
    ]
    return [f"warning: {line}" for line in found]


def whole_warnings(whole: Whole, min_count: int = 5) -> list[str]:
    """Return what is unusual about the documents of a model to take home, as `pair_warnings`."""
    found = (
        ()
        if whole.card.domain_alone
        else _sides(whole.generic, whole.domain, whole.domain, min_count)
    )
    return [f"warning: {line}" for line in found]


def _left_out(counts: Mapping[str, int], kept: Mapping[str, int]) -> Iterator[str]:
    total = {
        side: n + sum(c for name, c in counts.items() if name.startswith(side))
        for side, n in kept.items()
    }
    for name, (side, what, advice) in _LEFT_OUT.items():
        n = counts.get(name, 0)
        if n > SHARE * total[side]:
            known = {
                "label": option("label"),
                "keep": option("near_duplicates", "keep"),
                "train": option("near_duplicates", "train"),
                "no_split": option("split", ""),
            }
            yield f"{_of(n, total[side], side)} {what}: {advice.format_map(known)}"


def _of(n: int, total: int, side: str) -> str:
    return f"{n:,} of {total:,} {side} documents ({n / total:.0%})"


def _labels(corpus: EncodedCorpus, card: PairCard) -> Iterator[str]:
    documents = matching(corpus, card.domain)
    documents = documents[corpus.labels[documents] >= 0]
    if not len(documents):
        return
    names, rows = label_rows(corpus, documents)
    distinct = len(names)
    if distinct > len(documents) / 2:
        yield (
            f"the {len(documents):,} labelled domain documents have {distinct:,} different labels: "
            f"give a column of classes as {option('label')}, this one looks like an identifier"
        )
    yield from _several(rows)
    # Labels in another order are the same.
    _, labels = np.unique(np.sort(rows, axis=1), axis=0, return_inverse=True)
    hashes = corpus.text_hash[documents]
    pairs = np.unique(np.stack([hashes, labels.ravel().astype(np.uint64)]), axis=1)
    texts, labels = np.unique(pairs[0], return_counts=True)
    n = int(np.isin(hashes, texts[labels > 1]).sum())
    if n > SHARE * len(documents):
        yield (
            f"{_of(n, len(documents), 'domain')} have a text that stands under several labels: no "
            f"model can tell these apart, so leave such texts out, or give another column as "
            f"{option('label')}"
        )
    yield from _separated(names)
    several = [group for group in spellings(corpus) if len(group) > 1]
    if several and not card.domain.normalise_labels:
        some = "; ".join(_named(group) for group in several[:_MOST_NAMED])
        yield (
            f"{_counted(len(several), 'label is', 'labels are')} spelt in several ways ({some}): "
            f"{option('normalize_labels')} joins them"
        )


def _several(rows: Rows) -> Iterator[str]:
    n, total = int((rows[:, 1:] >= 0).any(axis=1).sum()), len(rows)
    if n:
        yield (
            f"{_of(n, total, 'domain')} have several labels ({(rows >= 0).sum() / total:.2f} a "
            "document): in training each counts once under every label; a test document is right "
            "if any of its labels is met, and in macro-F1 it is then of the class that was "
            "predicted, else of its first label"
        )


def _separated(names: Sequence[str]) -> Iterator[str]:
    """Say that labels look like several in one; ``names`` are the distinct labels."""
    for separator in _SEPARATORS:
        parts = [set(split_label(name, separator)) for name in names if separator in name]
        found = Counter(itertools.chain.from_iterable(parts))
        found.update(name for name in names if separator not in name)
        inner = set().union(*parts)
        again = sum(found[part] > 1 for part in inner)
        if len(parts) > len(names) / 2 and again > _RECUR * len(inner):
            yield (
                f"{len(parts):,} of {len(names):,} labels of the domain look like several in one "
                f"({_named([n for n in names if separator in n])}): "
                f"{option('label_separator', separator)} with {option('several_labels', 'each')} "
                "takes them apart"
            )
            return


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(repr(shown(name)) for name in names[:_MOST_NAMED]) + more


def _counted(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _classes(pair: Pair) -> Iterator[str]:
    rows = pair.train_rows, pair.test_rows
    train, test = (class_sizes(side, len(pair.classes)) for side in rows)
    sizes = train + test
    few = [name for name, n in zip(pair.classes, sizes.tolist(), strict=True) if n < FEW]
    if few:
        yield (
            f"{_counted(len(few), 'class has', 'classes have')} fewer than {FEW} documents "
            f"({_named(few)}): join small classes, or give another column as {option('label')}"
        )
    largest = int(sizes.argmax())
    share = sizes[largest] / (len(pair.train) + len(pair.test))
    if share > NEARLY_ALL:
        yield (
            f"{share:.1%} of the domain documents are of class {shown(pair.classes[largest])!r}: "
            f"accuracy will tell strategies hardly apart, so give another column as "
            f"{option('label')}, or fewer documents of that class"
        )


@dataclass
class _Side:
    """A side of a pair: its words in the numbering of both sides together."""

    name: str
    selection: Selection
    rows: npt.NDArray[np.int64]

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Yield words and offsets of some documents at a time: G may be larger than the memory."""
        for start in range(0, len(self.selection), _BLOCK):
            part = np.arange(start, min(start + _BLOCK, len(self.selection)))
            tokens, offsets = self.selection.take(part).gather()
            yield self.rows[tokens], offsets


def _sides(
    generic: Selection, domain: Selection, trained: Selection, min_count: int
) -> Iterator[str]:
    """Say what is unusual about the words of both sides; ``trained`` is what counts of D."""
    rows = own = np.arange(len(generic.corpus.lexicon))
    distinct = len(own)
    if domain.corpus is not generic.corpus:
        place = dict(zip(generic.corpus.lexicon, own.tolist(), strict=True))
        own = np.asarray([place.setdefault(word, len(place)) for word in domain.corpus.lexicon])
        distinct = len(place)
    sides = [_Side("generic", generic, rows), _Side("domain", domain, own)]
    counts = np.zeros(distinct, dtype=np.int64)
    for one in (sides[0], _Side("domain", trained, own)):
        for words, _ in one.blocks():
            counts += np.bincount(words, minlength=distinct)
    known = counts >= min_count
    for one in sides:
        yield from _documents(one, known, min_count)
    if generic.words() < trained.words():
        yield (
            f"the generic corpus has {generic.words():,} words, fewer than the {trained.words():,} "
            f"of the domain to train on: are {option('generic')} and {option('domain')} the right "
            "way round?"
        )
    ratio = _divergence_ratio(*sides)
    if ratio is not None and ratio < _ALIKE:
        yield (
            "the words of the generic and of the domain documents differ hardly more than those of "
            f"two random halves of both (by a factor of {ratio:.2f}): there is no domain to adapt "
            f"to, so give another corpus as {option('generic')}"
        )


def _documents(side: _Side, known: npt.NDArray[np.bool_], min_count: int) -> Iterator[str]:
    total = len(side.selection)
    lengths = side.selection.corpus.lengths()[side.selection.documents]
    empty, cut, unknown = int((lengths == 0).sum()), int((lengths > LONGEST).sum()), 0
    for words, offsets in side.blocks():
        sums = np.concatenate([[0], np.cumsum(known[words])])
        found = sums[offsets[1:]] - sums[offsets[:-1]]
        unknown += int(((found == 0) & (np.diff(offsets) > 0)).sum())
    if empty > SHARE * total:
        yield (
            f"{_of(empty, total, side.name)} have no word: is {option('text')} the right column, "
            f"and does {option('tokenizer')} fit the language?"
        )
    if unknown > SHARE * total:
        yield (
            f"{_of(unknown, total, side.name)} have only words that occur fewer than {min_count} "
            f"times: a lower {option('min_count')}, or another {option('tokenizer')}, keeps words"
        )
    if cut > SHARE * total:
        yield (
            f"{_of(cut, total, side.name)} are cut at {LONGEST:,} words: give shorter documents as "
            f"{option(side.name)}, such as chapters or paragraphs"
        )


def _divergence_ratio(generic: _Side, domain: _Side) -> float | None:
    """Return how much more G and D differ than random halves of both, some documents of each.

    The divergence of samples is above zero also where they come from one corpus; halves of the
    same documents, drawn at random, show by how much.
    """
    n = min(len(generic.selection), len(domain.selection), _MOST_COMPARED)
    if n < _LEAST_COMPARED:
        return None
    from scipy import sparse

    rng = np.random.default_rng(0)
    words, documents = [], []
    for i, side in enumerate((generic, domain)):
        chosen = np.sort(rng.choice(len(side.selection), n, replace=False))
        tokens, offsets = side.selection.take(chosen).gather()
        words.append(side.rows[tokens])
        documents.append(np.repeat(np.arange(n) + i * n, np.diff(offsets)))
    column, row = np.concatenate(words), np.concatenate(documents)
    shape = (2 * n, int(column.max(initial=0)) + 1)
    table = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)

    def divergence(order: npt.NDArray[np.int64]) -> float:
        sums: list[npt.NDArray[np.float64]] = [
            np.asarray(table[part].sum(axis=0)).ravel() for part in np.split(order, 2)
        ]
        p, q = (counts / max(float(counts.sum()), 1.0) for counts in sums)
        return float(divergence_parts(p, q).sum())

    halves = [divergence(rng.permutation(2 * n)) for _ in range(_DRAWS)]
    expected = float(np.mean(halves))
    return divergence(np.arange(2 * n)) / expected if expected > 0 else None
