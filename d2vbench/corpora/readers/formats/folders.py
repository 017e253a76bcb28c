"""Folders of text files, one document each.

Three layouts: FOLDER/CLASS/file, FOLDER/train|test/CLASS/file, and FOLDER/file without labels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.readers.formats.rows import SPLITS
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

_TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"})


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (relative path with ``/``, path) of the files in a folder, sorted within each folder.

    Parameters
    ----------
    folder : pathlib.Path
        Links are followed, but into no folder twice. Hidden files and folders, whose names begin
        with a dot, are left out.

    Raises
    ------
    UserError
        If a folder in it cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename} cannot be read: {error.strerror}") from None

    been: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in been:
            folders.clear()
            continue
        been.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def has_splits(folder: Path) -> bool:
    """Tell whether a folder holds the folders train and test.

    Raises
    ------
    UserError
        If there are other folders beside the two.
    """
    try:
        names = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name[0] != ".")
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}") from None
    if not set(SPLITS) <= set(names):
        return False
    others = [name for name in names if name not in SPLITS]
    if others:
        raise UserError(
            f"{folder} holds the folders train and test and beside them {', '.join(others)}: "
            "move those away, or into train or test"
        )
    return True


def place_of(relative: str, splits: bool) -> tuple[str | None, str | None]:
    """Return (label, split) that a file's relative path says.

    Examples
    --------
    >>> place_of("sci.space/60784", splits=False)
    ('sci.space', None)
    >>> place_of("test/pos/1.txt", splits=True)
    ('pos', 'test')
    >>> place_of("readme.txt", splits=False)
    (None, None)
    """
    folders = list(PurePosixPath(relative).parts[:-1])
    split = folders.pop(0) if splits and folders else None
    return (" ".join(folders[0].split()) if folders else None), split


def documents(folder: Path, encoding: str) -> Iterator[Document]:
    """Read the files of a folder, each as one document.

    Parameters
    ----------
    folder : pathlib.Path
        With class folders, with train and test folders that hold class folders, or with files
        only. Files may be gzipped.
    encoding : str
        Python's name of it.

    Yields
    ------
    Document
        Named by its relative path. The label is the class folder; a file outside any has none.

    Raises
    ------
    UserError
        For a file that is a table, not text, or not in this encoding.
    """
    splits = has_splits(folder)
    for relative, path in walk(folder):
        if path.suffix.lower() in _TABLES or Path(path.stem).suffix.lower() in _TABLES:
            raise UserError(
                f"{path} is a table in a folder, where each file is one document: give the table "
                "itself, or take it out of the folder"
            )
        label, split = place_of(relative, splits)
        yield Document(relative, "".join(text_lines(path, encoding)), label, split)
