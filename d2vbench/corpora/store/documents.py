"""A document as readers return it, the identity of many, and names made fit to be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

#: Characters of a name that are shown.
LONGEST = 40
# Marks between letters that Persian, Indic scripts and emoji are spelt with.
_JOINERS = "\u200c\u200d"
# Between several labels of one document; no label of a reader holds it, since it counts as a blank.
_SEVERAL = "\x1f"


@dataclass(frozen=True)
class Document:
    """One decoded document.

    Attributes
    ----------
    name : str
        Unique in its corpus: a path, a qualified name, a running number with leading zeros. The
        store keeps documents in the order of their names.
    text : str
        The decoded text.
    label : str or None
        Its class, where it has one; of several classes, what `joined_label` makes of them.
    split : str or None
        ``"train"`` or ``"test"`` where the corpus fixes it.
    """

    name: str
    text: str
    label: str | None = None
    split: str | None = None


def joined_label(labels: Iterable[str]) -> str | None:
    r"""Return several labels of a document as one text, each once, in their order; None of none.

    Examples
    --------
    >>> joined_label(["b", "a", "b"]), joined_label(["a"]), joined_label([])
    ('b\x1fa', 'a', None)
    """
    return _SEVERAL.join(dict.fromkeys(labels)) or None


def labels_in(label: str) -> list[str]:
    r"""Return the labels that `joined_label` joined; of a plain label that one.

    Examples
    --------
    >>> labels_in("b\x1fa"), labels_in("a")
    (['b', 'a'], ['a'])
    """
    return label.split(_SEVERAL)


def document_sha256(document: Document) -> bytes:
    """Return the identity of one document, 32 bytes.

    Lengths are hashed with the parts, so that moving a character from one part to the next changes
    it.
    """
    total = hashlib.sha256()
    for part in (document.name, document.label or "", document.split or "", document.text):
        encoded = part.encode("utf-8", "surrogatepass")
        total.update(len(encoded).to_bytes(8, "little"))
        total.update(encoded)
    return total.digest()


def combine_sha256(digests: Iterable[bytes]) -> str:
    """Return the identity of a corpus from those of its documents, in whatever order.

    Parameters
    ----------
    digests : iterable of bytes
        From `document_sha256`.

    Returns
    -------
    str
        64 hexadecimal digits; independent of the order, since archives of the same documents
        may hold them in another one.
    """
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()


def content_sha256(documents: Iterable[Document]) -> str:
    """Return the identity of a corpus: the sha256 of its decoded documents.

    Parameters
    ----------
    documents : iterable of Document
        Names, labels, splits and texts enter it; their order does not.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return combine_sha256(document_sha256(document) for document in documents)


def shown(name: str, longest: int = LONGEST) -> str:
    r"""Return a name that fits into a table, a plot or a message.

    Parameters
    ----------
    name : str
        A label or a word, of any length and with any characters in it.
    longest : int
        Characters to keep; the rest becomes an ellipsis.

    Returns
    -------
    str
        With a question mark for what cannot be printed: control characters would reach the
        terminal, and marks of direction would turn the rest of a line around.

    Examples
    --------
    >>> shown("sci.space"), shown("a\x1b[31m"), shown("abcdef", 4)
    ('sci.space', 'a?[31m', 'abc…')
    """
    cut = name if len(name) <= longest else name[: longest - 1] + "…"
    return "".join(c if c.isprintable() or c in _JOINERS else "?" for c in cut)
