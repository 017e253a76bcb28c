"""Large Movie Review Dataset: ``aclImdb/SPLIT/CLASS/ID_RATING.txt`` and ``train/unsup``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document

#: Raised when other documents are read.
version = 1

_DEFAULTS: dict[str, Any] = {"unlabelled": True, "encoding": "utf-8"}
_UNLABELLED = "unsup"
_PLACE = re.compile(r"(?:^|/)((train|test)/(pos|neg|unsup)/\d+_\d+)\.txt$")
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


_parameters = support.checker("imdb", _DEFAULTS)
fingerprint = support.fingerprint_of(_parameters)


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the reviews of an archive.

    Parameters
    ----------
    parameters : mapping
        ``unlabelled`` (whether to read the reviews without a class, default true) and ``encoding``
        (default utf-8).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to.

    Yields
    ------
    Document
        Named ``train/pos/127_7``; the label is ``pos``, ``neg`` or none, and what has none is for
        training. Line breaks written as ``<br />`` become line breaks.
    """
    values = _parameters(parameters)
    path = support.only_file(files)

    def place(name: str) -> tuple[str, str, str] | None:
        if (found := _PLACE.search(name)) is None:
            return None
        wanted = values["unlabelled"] or found[3] != _UNLABELLED
        return (found[1], found[2], found[3]) if wanted else None

    for (name, split, label), text in support.placed_texts(path, place, values["encoding"]):
        yield Document(name, _BREAK.sub("\n", text), None if label == _UNLABELLED else label, split)
