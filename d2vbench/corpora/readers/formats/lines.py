"""One document a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.store.documents import Document


def documents(path: Path, encoding: str) -> Iterator[Document]:
    """Read a text file with one document a line.

    Parameters
    ----------
    path : pathlib.Path
        Plain or gzipped.
    encoding : str
        Python's name of it.

    Yields
    ------
    Document
        Named by the number of the line, without label or split. An empty line is an empty
        document: whoever counts lines counts the same.
    """
    for number, line in enumerate(text_lines(path, encoding), 1):
        yield Document(f"{number:010}", line.rstrip("\r\n"))
