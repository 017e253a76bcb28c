"""Ohsumed: medical abstracts in folders ``training/CLASS/ID`` and ``test/CLASS/ID``.

A document that belongs to several classes is a file of the same name in each of their folders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document

#: Raised when other documents are read.
version = 1

_SPLITS = {"training": "train", "train": "train", "test": "test"}
_DEFAULTS: dict[str, Any] = {"encoding": "latin-1"}


_parameters = support.checker("ohsumed", _DEFAULTS)
fingerprint = support.fingerprint_of(_parameters)


def _place(name: str) -> tuple[str, str, str] | None:
    """Return split, class and number, from ``ohsumed-first-20000-docs/test/C04/0010002``."""
    folders = name.split("/")
    if len(folders) < 3:
        return None
    split, label, number = folders[-3:]
    return (_SPLITS[split], label, number) if split in _SPLITS and number.isdigit() else None


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the abstracts that belong to exactly one class.

    Parameters
    ----------
    parameters : mapping
        ``encoding`` (default latin-1).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to. It is gone through twice: how many classes
        a document has is known at the end only.

    Yields
    ------
    Document
        Named ``train/C04/0000033``; the label is the class.
    """
    encoding = _parameters(parameters)["encoding"]
    path = support.only_file(files)
    classes: Counter[tuple[str, str]] = Counter()

    def count(name: str) -> bool:
        if place := _place(name):
            classes[place[0], place[2]] += 1
        return False

    for _ in members(path, count):
        pass

    def single(name: str) -> tuple[str, str, str] | None:
        place = _place(name)
        return place if place is not None and classes[place[0], place[2]] == 1 else None

    for place, text in support.placed_texts(path, single, encoding):
        yield Document("/".join(place), text, place[1], place[0])
