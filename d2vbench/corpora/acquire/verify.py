"""Comparing the documents of a corpus with what its card says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from d2vbench.corpora.cards import CorpusCard
from d2vbench.corpora.readers import read_documents
from d2vbench.corpora.store.documents import combine_sha256, document_sha256
from d2vbench.errors import UserError

# Documents between two reports.
_STEP = 2000


@dataclass(frozen=True)
class Contents:
    """What a corpus turned out to hold.

    Attributes
    ----------
    content_sha256 : str
        Of its documents, 64 hexadecimal digits.
    documents : dict of str to dict of str to int
        Counts by split and class, as on a card.
    left_out : dict of str to int
        What the reader left out, by what it is; empty where it does not say.
    """

    content_sha256: str
    documents: dict[str, dict[str, int]]
    left_out: dict[str, int] = field(default_factory=dict)

    def total(self) -> int:
        """Return the number of documents."""
        return sum(sum(classes.values()) for classes in self.documents.values())


def decode_all(
    card: CorpusCard,
    files: Mapping[str, Path],
    progress: Callable[[int], None] | None = None,
) -> Contents:
    """Read all documents of a corpus and summarize them.

    Parameters
    ----------
    card : CorpusCard
        Names the reader and its parameters.
    files : mapping of str to pathlib.Path
        Archives by name.
    progress : callable, optional
        Called now and then with the number of documents read so far.

    Returns
    -------
    Contents
        Hash and counts.

    Raises
    ------
    UserError
        From the reader; or if two documents have one name.
    """
    digests: list[bytes] = []
    counts: Counter[tuple[str, str]] = Counter()
    names: set[str] = set()
    left_out: dict[str, int] = {}
    for document in read_documents(card.reader, card.parameters, files, left_out):
        if document.name in names:
            raise UserError(
                f"corpus {card.name}: two documents are called {document.name!r} "
                f"({', '.join(str(path) for path in files.values())})"
            )
        names.add(document.name)
        digests.append(document_sha256(document))
        counts[document.split or "unsplit", document.label or "unlabelled"] += 1
        if progress and len(digests) % _STEP == 0:
            progress(len(digests))
    documents: dict[str, dict[str, int]] = {}
    for (split, label), count in sorted(counts.items()):
        documents.setdefault(split, {})[label] = count
    return Contents(combine_sha256(digests), documents, left_out)


def check_contents(card: CorpusCard, found: Contents, origin: str) -> None:
    """Refuse documents that are not those of the card.

    Parameters
    ----------
    card : CorpusCard
        With ``documents`` and ``content_sha256``; what it leaves empty is not compared.
    found : Contents
        From `decode_all`.
    origin : str
        Where the files are from, for the message.

    Raises
    ------
    UserError
        With what differs, the likely cause, and what to do.
    """
    lines = _differences(card.documents, found.documents) if card.documents else []
    if card.content_sha256 and found.content_sha256 != card.content_sha256:
        lines.append(f"content sha256: expected {card.content_sha256}, got {found.content_sha256}")
    if not found.total():
        lines.append("no document was found")
    if not lines:
        return
    cause = (
        "The texts differ though their numbers agree: the archive was edited, or packed from "
        "another edition."
        if card.documents and found.documents == card.documents
        else "Likely this is another edition of the corpus, or a part of it."
    )
    raise UserError(
        f"corpus {card.name}: {origin} does not hold the documents that its card describes.\n  "
        + "\n  ".join(lines)
        + f"\n{cause} Nothing was kept. Get the archive from {card.homepage or 'its publisher'}; "
        "for another edition, write a card of its own."
    )


def _differences(
    expected: dict[str, dict[str, int]], found: dict[str, dict[str, int]]
) -> list[str]:
    """Return a line for each count that differs, the first few."""
    keys = sorted({(split, label) for side in (expected, found) for split in side
                   for label in side[split]})  # fmt: skip
    lines = []
    for split, label in keys:
        wanted = expected.get(split, {}).get(label, 0)
        got = found.get(split, {}).get(label, 0)
        if wanted != got:
            lines.append(f"{split} {label}: expected {wanted:,} documents, got {got:,}")
    more = len(lines) - 5
    return [*lines[:5], f"and {more} more counts"] if more > 0 else lines
