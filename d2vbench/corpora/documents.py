"""A document as the readers hand it over, and the identity of a list of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """One decoded document.

    Attributes
    ----------
    name : str
        Unique in its corpus: a path, a qualified name, a running number.
    text : str
        The decoded text.
    label : str or None
        Its class, where it has one.
    split : str or None
        ``"train"`` or ``"test"`` where the corpus fixes it.
    """

    name: str
    text: str
    label: str | None = None
    split: str | None = None


def content_sha256(documents: Iterable[Document]) -> str:
    """Return the identity of a corpus: the sha256 of its decoded documents in order.

    Parameters
    ----------
    documents : iterable of Document
        In the reader's order, which is part of the identity.

    Returns
    -------
    str
        64 hexadecimal digits. Lengths are hashed with the parts, so that moving a character from
        one document to the next changes it.
    """
    total = hashlib.sha256()
    for document in documents:
        for part in (
            document.name,
            document.label or "",
            document.split or "",
            document.text,
        ):
            encoded = part.encode("utf-8", "surrogatepass")
            total.update(len(encoded).to_bytes(8, "little"))
            total.update(encoded)
    return total.hexdigest()
