"""A person's own data: a text file, a table or a folder, told apart by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats import (
    delimited,
    folders,
    jsonlines,
    lines,
    parquet,
    rows,
)
from d2vbench.corpora.readers.formats.opening import open_bytes
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError
from d2vbench.keys import file_sha256

#: Raised when other documents are read.
version = 1

SUFFIXES = {
    "": "lines",
    ".txt": "lines",
    ".text": "lines",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
FORMATS = {
    "lines": "one document a line",
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": "JSON lines",
    "parquet": "Parquet",
    "folder": "a folder of text files",
}
TABLES = frozenset({"csv", "tsv", "jsonl", "parquet"})


def format_of(path: Path, given: str = "") -> str:
    """Return the format of a file or folder.

    Parameters
    ----------
    path : pathlib.Path
        What it is called decides; ``.gz`` at the end does not matter.
    given : str
        A key of `FORMATS` that overrides the name; or empty.

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    UserError
        For any other name.

    Examples
    --------
    >>> format_of(Path("news.CSV.gz")), format_of(Path("a.ndjson")), format_of(Path("a.txt"))
    ('csv', 'jsonl', 'lines')
    """
    if path.is_dir():
        return "folder"
    suffix = path.suffix.lower()
    if suffix == ".gz":
        suffix = Path(path.stem).suffix.lower()
    format_ = given or SUFFIXES.get(suffix, "")
    if format_ not in FORMATS:
        raise UserError(
            f"{path}: {given or suffix!r} is no format that can be read: expected .txt (one "
            "document a line), .csv, .tsv, .jsonl or .ndjson (JSON lines), .parquet, any of them "
            "with .gz, or a folder of text files"
        )
    return format_


def _source(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> tuple[Path, str]:
    # A card with an archive names it; a person's own data is a path.
    name = str(parameters["path"])
    path = files.get(name, Path(name))
    return path, format_of(path, parameters.get("format", ""))


def columns(path: Path, encoding: str, format_: str) -> list[str]:
    """Return the names of the columns of a table.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    encoding : str
        Python's name of it; Parquet has none.
    format_ : str
        One of `TABLES`.

    Returns
    -------
    list of str
        In their order.
    """
    if format_ == "parquet":
        return parquet.columns(path)
    if format_ == "jsonl":
        return jsonlines.columns(path, encoding)
    return delimited.columns(path, encoding, "\t" if format_ == "tsv" else ",")


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None


def fingerprint(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    """Return the hash of the bytes as they lie there.

    Parameters
    ----------
    parameters, files : mapping
        As for `read`.

    Returns
    -------
    dict of str to str
        ``file sha256``, of a file or of all files in a folder with their relative paths.
    """
    path, format_ = _source(parameters, files)
    if format_ == "folder":
        total = hashlib.sha256()
        for relative, file in folders.walk(path):
            name = relative.encode("utf-8", "surrogateescape")
            total.update(name + b"\0" + bytes.fromhex(_sha256(file)))
        sha256 = total.hexdigest()
    else:
        sha256 = _sha256(path)
    return {"file sha256": sha256}


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read documents one at a time.

    Parameters
    ----------
    parameters : mapping
        ``path``, a file or a folder, or the name of one of ``files``. Optional: ``text``,
        ``label`` and ``split``, the columns of a table (default: the only column beside the
        others, or else ``text``; no label; no split), ``encoding`` (default: UTF-8), and
        ``format``, a key of `FORMATS` where the name does not say it.
    files : mapping
        The card's archives, if there are any.

    Yields
    ------
    Document
        Named by relative path, or by number of line or row with leading zeros.

    Raises
    ------
    UserError
        For whatever cannot be read: which file, which line, what to do.
    """
    path, format_ = _source(parameters, files)
    encoding = parameters.get("encoding", "") or "utf-8"
    if format_ == "folder":
        yield from folders.documents(path, encoding)
    elif format_ == "lines":
        yield from lines.documents(path, encoding)
    else:
        wanted = rows.Columns(*(parameters.get(name, "") for name in ("text", "label", "split")))
        chosen = rows.choose_columns(path, columns(path, encoding, format_), wanted)
        if format_ == "parquet":
            found = parquet.rows(path, chosen)
        elif format_ == "jsonl":
            found = jsonlines.rows(path, encoding, chosen)
        else:
            found = delimited.rows(path, encoding, "\t" if format_ == "tsv" else ",", chosen)
        yield from rows.documents(path, found, chosen)


def check_readable(path: Path) -> None:
    """Refuse at once what could not be read: nothing there, no file, empty, no permission.

    Parameters
    ----------
    path : pathlib.Path
        A file or folder.

    Raises
    ------
    UserError
        In one sentence.
    """
    try:
        if path.is_dir():
            if next(folders.walk(path), None) is None:
                raise UserError(f"{path} is a folder without files")
            return
        if not path.is_file():
            raise UserError(
                f"{path} is neither a file nor a folder (a pipe or a device?): it is read more "
                "than once, so save it as a file first"
            )
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    with open_bytes(path) as file:
        if not file.read(1):
            raise UserError(f"{path} is empty")
