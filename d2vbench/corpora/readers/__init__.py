"""Readers: each turns what lies on disk into documents.

A reader is a module with two functions. Both take the card's parameters and ``files``, the local
path of each of the card's archives by its name (empty for a corpus without archives):

``fingerprint(parameters, files) -> dict``
    JSON that changes whenever the documents would: versions, file hashes. Cheap.
``read(parameters, files) -> iterable of Document``
    The documents; a generator where there may be many, so that memory never holds them all.
    Names are unique; the order is free, since the store sorts by name. A generator may return
    counts of what it left out (dict of str to int).

One whose documents do not come in archives may offer a third:

``download(parameters, target) -> None``
    Put what ``read`` needs into a new folder. Only ``d2vbench fetch`` calls it. The folder is in
    ``files`` under the name `COPY`.

Its constant ``version``, a whole number from 1 up, is raised when it reads other documents from
the same files: then the store reads them again.

A third party's is named by an entry point of the group ``d2vbench.readers``. One without a version
is read again whenever a source of its package has changed.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from d2vbench.corpora.readers import (
    class_folders,
    docstrings,
    gensim_data,
    huggingface,
    imdb,
    newsgroups,
    ohsumed,
    reuters21578,
    synthetic,
    tables,
    wikiextractor,
)
from d2vbench.corpora.readers.formats import files
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import check_name
from d2vbench.plugins import Catalogue


class Reader(Protocol):
    """What a reader module offers."""

    def fingerprint(
        self, parameters: Mapping[str, Any], files: Mapping[str, Path]
    ) -> dict[str, Any]:
        """Return JSON that changes whenever the documents would."""
        ...  # pragma: no cover

    def read(self, parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterable[Document]:
        """Return the documents, one after the other."""
        ...  # pragma: no cover


# The name of a corpus' folder, where its reader downloads one.
COPY = "dataset"


def _check(name: str, value: Any) -> str:
    missing = [f for f in ("fingerprint", "read") if not callable(getattr(value, f, None))]
    if not isinstance(value, types.ModuleType) or missing:
        return f"must be a module with the functions fingerprint and read, got {value!r:.80}"
    return ""


READERS: Catalogue[Reader] = Catalogue(
    "reader",
    "d2vbench.readers",
    {
        "class_folders": class_folders,
        "docstrings": docstrings,
        "files": files,
        "gensim_data": gensim_data,
        "huggingface": huggingface,
        "imdb": imdb,
        "newsgroups": newsgroups,
        "ohsumed": ohsumed,
        "reuters21578": reuters21578,
        "synthetic": synthetic,
        "tables": tables,
        "wikiextractor": wikiextractor,
    },
    _check,
)


def find_reader(name: str) -> Reader:
    """Return a reader by name; an unknown one is a UsageError with the nearest match."""
    check_name("reader", name, READERS)
    return READERS[name]


def read_documents(
    name: str,
    parameters: Mapping[str, Any],
    files: Mapping[str, Path],
    left_out: dict[str, int] | None = None,
) -> Generator[Document, None, None]:
    """Go through the documents of a reader; what a third party's raises names it.

    Parameters
    ----------
    name : str
        Of the reader.
    parameters, files : mapping
        As readers take them.
    left_out : dict, optional
        Takes what the reader says, at its end, that it left out: counts by what it is.

    Yields
    ------
    Document
        In the reader's order.
    """
    with READERS.blame(name):
        # Most readers return nothing; that of a generator which does is its value.
        documents: Any = find_reader(name).read(parameters, files)
        counts = yield from documents
        if left_out is not None and counts:
            left_out.update(counts)


def downloader(reader: Reader) -> Callable[[Mapping[str, Any], Path], None] | None:
    """Return a reader's ``download``, or None where its documents come in archives or from here."""
    function: Callable[[Mapping[str, Any], Path], None] | None = getattr(reader, "download", None)
    return function
