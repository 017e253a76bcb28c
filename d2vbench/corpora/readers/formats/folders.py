"""Folders of text files, and archives of them: one document a file.

Three layouts: FOLDER/CLASS/file, FOLDER/train|test/CLASS/file, and FOLDER/file without labels.
Upper and lower case of train and test do not matter.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.readers.formats.rows import SPLITS, VALIDATION, validation_unsaid
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.streams import is_extra
from d2vbench.errors import UserError, option

_TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"})


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (relative path with ``/``, path) of the files in a folder, sorted within each folder.

    Parameters
    ----------
    folder : pathlib.Path
        Links are followed, but into no folder twice. Hidden files and folders, whose names begin
        with a dot, and what systems add are left out.

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
        folders[:] = sorted(name for name in folders if not is_extra(name))
        for name in sorted(files):
            path = Path(place, name)
            if not is_extra(name) and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def has_splits(folder: Path, validation: str = "") -> bool:
    """Tell whether a folder holds the folders train and test.

    Parameters
    ----------
    folder : pathlib.Path
        With class folders, or with folders of splits. Upper and lower case do not matter.
    validation : str
        What becomes of a third such folder: one of `VALIDATION_CHOICES`, or empty.

    Raises
    ------
    UserError
        If there are other folders beside the two, or nothing says what becomes of a third.
    """
    try:
        names = sorted(p.name for p in folder.iterdir() if p.is_dir() and not is_extra(p.name))
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}") from None
    return _are_splits(folder, names, validation)


def _are_splits(where: Path, names: list[str], validation: str) -> bool:
    third = [name for name in names if name.lower() in VALIDATION]
    named = {*map(str.lower, names), *([validation] if third else [])}
    if not set(SPLITS) <= named:
        return False
    others = [name for name in names if name.lower() not in (*SPLITS, *VALIDATION)]
    if others:
        raise UserError(
            f"{where} holds the folders train and test and beside them {', '.join(others)}: "
            "move those away, or into train or test"
        )
    if third and not validation:
        raise validation_unsaid(f"{where} holds the folder", third[0])
    return True


def check_both_splits(where: Path, relative: Iterable[str], validation: str) -> None:
    """Refuse folders such as train and dev, which would be taken for classes.

    Parameters
    ----------
    where : pathlib.Path
        The folder or archive.
    relative : iterable of str
        Relative paths of its files.
    validation : str
        As for `has_splits`.

    Raises
    ------
    UserError
        If one of train and test is missing, there is a folder that is called validation or the
        like, and nothing says that it is the missing one. Folders test, dev and others may be
        classes.
    """
    names = sorted({name.split("/")[0] for name in relative if "/" in name})
    third = [name for name in names if name.lower() in VALIDATION]
    found = [split for split in SPLITS if split in map(str.lower, names)]
    others = [name for name in names if name.lower() not in (*SPLITS, *VALIDATION)]
    if len(found) != 1 or not third or (found == ["test"] and others and not validation):
        return
    (missing,) = set(SPLITS) - set(found)
    if validation != missing:
        raise UserError(
            f"{where} holds the folders {found[0]} and {third[0]}, and none called {missing}: give "
            f"{option('validation', missing)} to take {third[0]} for it, or give the folders of "
            "classes other names"
        )


def place_of(relative: str, splits: bool) -> tuple[str | None, str | None]:
    """Return (label, split) that a file's relative path says.

    Examples
    --------
    >>> place_of("sci.space/60784", splits=False)
    ('sci.space', None)
    >>> place_of("Test/pos/1.txt", splits=True)
    ('pos', 'test')
    >>> place_of("readme.txt", splits=False)
    (None, None)
    """
    folders = list(PurePosixPath(relative).parts[:-1])
    split = folders.pop(0).lower() if splits and folders else None
    return (" ".join(folders[0].split()) if folders else None), split


def _in_split(split: str | None, validation: str) -> str | None:
    """Return train or test for a folder's name; empty for one that is dropped."""
    if split not in VALIDATION:
        return split
    return "" if validation == "drop" else validation


def documents(
    folder: Path, encoding: str, validation: str = "", splits: bool = True
) -> Iterator[Document]:
    """Read the files of a folder, each as one document.

    Parameters
    ----------
    folder : pathlib.Path
        With class folders, with train and test folders that hold class folders, or with files
        only. Files may be packed.
    encoding : str
        Python's name of it.
    validation : str
        As for `has_splits`.
    splits : bool
        False: all files are read, whatever folders are called.

    Yields
    ------
    Document
        Named by its relative path. The label is the class folder; a file outside any has none.

    Raises
    ------
    UserError
        For a file that is a table, not text, or not in this encoding.
    """
    splits = splits and has_splits(folder, validation)
    for relative, path in walk(folder):
        _check_text(path)
        label, split = place_of(relative, splits)
        split = _in_split(split, validation)
        if split != "":
            yield Document(relative, "".join(text_lines(path, encoding)), label, split)


def _check_text(path: Path) -> None:
    if path.suffix.lower() in _TABLES or Path(path.stem).suffix.lower() in _TABLES:
        raise UserError(
            f"{path} is a table in a folder, where each file is one document: give the table "
            "itself, or take it out of the folder"
        )


def archive_names(path: Path) -> dict[str, str]:
    """Return the texts in an archive.

    Parameters
    ----------
    path : pathlib.Path
        A zip, or a tar packed or plain.

    Returns
    -------
    dict of str to str
        From a member's name to its name within the folder that all are in.

    Raises
    ------
    UserError
        If the archive is damaged, unsafe, or holds no file.
    """
    names: list[str] = []

    def note(name: str) -> bool:
        if not is_extra(name):
            names.append(name)
        return False

    for _ in members(path, note):
        pass
    if not names:
        raise UserError(f"{path} is an archive without files")
    return dict(zip(names, _inner(names), strict=True))


def _inner(names: list[str]) -> list[str]:
    """Return names without the folders that all of them are in."""
    parts = [name.split("/") for name in names]
    shared = 0
    while all(len(p) > shared + 1 and p[shared] == parts[0][shared] for p in parts):
        shared += 1
    return ["/".join(p[shared:]) for p in parts]


def archive_splits(path: Path, names: Iterable[str], validation: str = "") -> bool:
    """Tell, as `has_splits`, whether an archive holds the folders train and test."""
    return _are_splits(path, sorted({n.split("/")[0] for n in names if "/" in n}), validation)


def archived(
    path: Path, encoding: str, validation: str = "", splits: bool = True
) -> Iterator[Document]:
    """Read the files of an archive, each as one document; it is not unpacked to the disk.

    Parameters
    ----------
    path : pathlib.Path
        A zip, or a tar packed or plain, of what `documents` reads.
    encoding, validation
        As for `documents`.

    Yields
    ------
    Document
        As of the folder that was packed.

    Raises
    ------
    UserError
        As from `documents` and `archive_names`.
    """
    names = archive_names(path)
    splits = splits and archive_splits(path, names.values(), validation)
    for name, content in members(path, names.__contains__):
        _check_text(path / name)
        label, split = place_of(names[name], splits)
        split = _in_split(split, validation)
        if split == "":
            continue

        def opened(content: bytes = content) -> contextlib.AbstractContextManager[io.BytesIO]:
            return contextlib.nullcontext(io.BytesIO(content))

        text = "".join(text_lines(f"{path}: {name}", encoding, opened))
        yield Document(names[name], text, label, split)
