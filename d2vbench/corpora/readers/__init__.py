"""Readers: each turns what lies on disk into documents.

A reader is an object with two functions of the card's parameters:

``fingerprint(parameters) -> dict``
    JSON that changes whenever the documents would: versions, file hashes. Cheap.
``read(parameters) -> list of Document``
    The documents, in an order that depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from d2vbench.corpora.documents import Document
from d2vbench.corpora.readers import docstrings, synthetic
from d2vbench.errors import unknown_name


class Reader(Protocol):
    """What a reader module offers."""

    def fingerprint(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return JSON that changes whenever the documents would."""
        ...  # pragma: no cover

    def read(self, parameters: Mapping[str, Any]) -> list[Document]:
        """Return the documents."""
        ...  # pragma: no cover


READERS: dict[str, Reader] = {"docstrings": docstrings, "synthetic": synthetic}


def find_reader(name: str) -> Reader:
    """Return a reader by name; an unknown one is a UsageError with the nearest match."""
    if name not in READERS:
        raise unknown_name("reader", name, READERS)
    return READERS[name]
