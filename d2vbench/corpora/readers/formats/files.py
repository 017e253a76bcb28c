"""A person's own data: a text file, a table or a folder, told apart by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats import (
    delimited,
    folders,
    jsonlines,
    lines,
    parquet,
    rows,
    saved,
)
from d2vbench.corpora.readers.formats.opening import PACKED, open_bytes
from d2vbench.corpora.store.documents import Document
from d2vbench.corpora.store.streams import magic, packing, zip_members
from d2vbench.errors import UserError
from d2vbench.keys import file_sha256

#: Raised when other documents are read.
version = 2

SUFFIXES = {
    "": "lines",
    ".txt": "lines",
    ".text": "lines",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
}
_SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".numbers"})
TARS = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
FORMATS = {
    "lines": "one document a line",
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": "JSON lines",
    "json": "JSON",
    "parquet": "Parquet",
    "folder": "a folder of text files",
    "archive": "an archive of text files",
    "saved": "a saved Hugging Face data set",
}
TABLES = frozenset({"csv", "tsv", "jsonl", "json", "parquet", "saved"})
#: Formats that are one document a file.
FOLDERS = frozenset({"folder", "archive"})


def format_of(path: Path, given: str = "") -> str:
    """Return the format of a file or folder.

    Parameters
    ----------
    path : pathlib.Path
        What it is called decides; ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` at the end do not matter,
        and of a zip the name of the only file in it decides.
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
        return "saved" if saved.is_saved(path) else "folder"
    if given in FORMATS:
        return given
    name = path.name.lower()
    if not given and name.endswith(TARS):
        return "archive"
    inner = Path(name)
    if inner.suffix == ".zip" and path.is_file():
        return _format_in_zip(path, given)
    if inner.suffix in PACKED:
        inner = inner.with_suffix("")
    format_ = SUFFIXES.get(inner.suffix, "") if not given else ""
    if not format_:
        raise _unknown_format(str(path), given or inner.suffix)
    return format_


def _format_in_zip(path: Path, given: str) -> str:
    if packing(magic(path)) != "zip":
        raise UserError(f"{path}: the name ends in .zip, but it is no zip file: rename it")
    found = [member.filename for member in zip_members(path)]
    if not found:
        raise UserError(f"{path} is an archive without files")
    tables = [name for name in found if SUFFIXES.get(Path(name).suffix.lower(), "") in TABLES]
    if len(found) > 1 and len(tables) == len(found):
        raise UserError(
            f"{path} holds {len(tables)} tables ({rows.listed(tables)}): unpack it, and give those "
            "that are wanted"
        )
    if len(found) > 1:
        return "archive"
    # The zip's own name may say it: reviews.csv.zip.
    for name in (found[0], path.stem):
        suffix = Path(name).suffix.lower()
        if suffix in PACKED:
            raise UserError(f"{path} holds {found[0]!r}, which is packed again: unpack it once")
        if suffix and suffix in SUFFIXES:
            return SUFFIXES[suffix]
    raise _unknown_format(f"{path}: {found[0]}", given or Path(found[0]).suffix.lower())


def _unknown_format(where: str, shown: str) -> UserError:
    if shown in _SHEETS:
        return UserError(
            f"{where} is a spreadsheet, which is not read: save the sheet as CSV (UTF-8) and give "
            "that file"
        )
    return UserError(
        f"{where}: {shown!r} is no format that can be read: expected .txt (one document a line), "
        ".csv, .tsv, .jsonl or .ndjson (JSON lines), .json, .parquet, any of them with .gz, .bz2, "
        ".xz, .zst or in a .zip, or a folder or archive (.zip, .tar) of text files"
    )


def _source(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> tuple[Path, str]:
    # A card with an archive names it; a person's own data is a path.
    name = str(parameters["path"])
    path = files.get(name, Path(name))
    return path, format_of(path, parameters.get("format", ""))


def columns(
    path: Path,
    encoding: str,
    format_: str,
    header: bool = True,
    split: str = "split",
    needed: Sequence[str] = (),
) -> list[str]:
    """Return the names of the columns of a table.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    encoding : str
        Python's name of it; Parquet and saved data sets have none.
    format_ : str
        One of `TABLES`.
    header : bool
        Of CSV and TSV: whether the first row names the columns. Without one they are numbered.
    split : str
        What to call the column that says of which split of a saved data set a row is.
    needed : sequence of str
        Of JSON: columns that are looked for in all objects if they are not in the first 1,000.

    Returns
    -------
    list of str
        In their order.
    """
    if format_ == "parquet":
        return parquet.columns(path)
    if format_ == "saved":
        return saved.columns(path, split)
    if format_ in ("json", "jsonl"):
        return jsonlines.columns(path, encoding, format_ == "json", needed)
    return delimited.columns(path, encoding, "\t" if format_ == "tsv" else ",", header)


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
        ``file sha256``, of a file or of all files in a folder with their relative paths; of
        several files, ``files``: a list of these.
    """
    if "parts" in parameters:
        return {"files": [fingerprint(part, files) for part in parameters["parts"]]}
    path, _ = _source(parameters, files)
    if path.is_dir():
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
        others, or else ``text``; no label; no split), ``encoding`` (default: UTF-8), ``header``
        (false: CSV without one, columns are numbered), ``format``, a key of `FORMATS` where the
        name does not say it, ``validation`` (train, test or drop), ``several_labels`` (first or
        each) and ``label_separator``, what stands between labels in one cell, and ``only_split``,
        the split of all documents; ``splits`` (false: folders train and test are folders as
        others). Or ``parts``: a list of such mappings.
    files : mapping
        The card's archives, if there are any.

    Yields
    ------
    Document
        Named by relative path, or by number of line or row with leading zeros; of several parts,
        by the part's number before it.

    Raises
    ------
    UserError
        For whatever cannot be read: which file, which line, what to do.
    """
    for number, part in enumerate(parameters.get("parts", ())):
        for document in read(part, files):
            yield replace(document, name=f"{number:04}/{document.name}")
    if "parts" in parameters:
        return
    path, format_ = _source(parameters, files)
    encoding = parameters.get("encoding", "") or "utf-8"
    validation = parameters.get("validation", "")
    if format_ == "folder":
        found = folders.documents(path, encoding, validation, parameters.get("splits", True))
    elif format_ == "archive":
        found = folders.archived(path, encoding, validation, parameters.get("splits", True))
    elif format_ == "lines":
        found = lines.documents(path, encoding)
    else:
        found = _table(parameters, path, format_, encoding)
    only = parameters.get("only_split")
    yield from (replace(document, split=only) for document in found) if only else found


def _table(
    parameters: Mapping[str, Any], path: Path, format_: str, encoding: str
) -> Iterator[Document]:
    wanted = rows.Columns(*(parameters.get(name, "") for name in ("text", "label", "split")))
    header = parameters.get("header", True)
    needed = [name for name in (wanted.label, wanted.split) if name]
    names = columns(path, encoding, format_, header, wanted.split or "split", needed)
    chosen = rows.choose_columns(path, names, wanted)
    if format_ == "parquet":
        found = parquet.rows(path, chosen)
    elif format_ == "saved":
        found = saved.rows(path, chosen)
    elif format_ in ("json", "jsonl"):
        found = jsonlines.rows(path, encoding, chosen, format_ == "json")
    else:
        delimiter = "\t" if format_ == "tsv" else ","
        found = delimited.rows(path, encoding, delimiter, chosen, header)
    options = (parameters.get(n, "") for n in ("validation", "several_labels", "label_separator"))
    return rows.documents(path, found, chosen, *options)


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
    if format_of(path) == "archive":
        folders.archive_names(path)
        return
    with open_bytes(path) as file:
        if not file.read(1):
            raise UserError(f"{path} is empty")
