"""Tables in an archive, CSV or JSON lines, such as data sets of short texts come in."""

from __future__ import annotations

import csv
import fnmatch
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers import support
from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

_DEFAULTS: dict[str, Any] = {
    "format": "csv",
    "files": {},
    "columns": [],
    "text": ["text"],
    "label": "label",
    "labels": {},
    "tags": True,
    "replace": {},
    "encoding": "utf-8",
}
_SPLITS = ("train", "test", "")


def _parameters(parameters: Mapping[str, Any]) -> Any:
    values = support.checked("tables", parameters, _DEFAULTS)
    support.one_of("tables", "format", [values["format"]], ("csv", "jsonl"))
    if not values["files"]:
        raise UserError(
            'reader tables: files is missing: from a pattern of names to train, test or "" (none)'
        )
    support.one_of("tables", "split", list(values["files"].values()), _SPLITS)
    return values


fingerprint = support.fingerprint_of(_parameters)


def read(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[Document]:
    """Read the rows of the tables in an archive.

    Parameters
    ----------
    parameters : mapping
        ``format``, csv or jsonl (default csv); ``files``, from a shell pattern of names to the
        split of the rows, ``"train"``, ``"test"`` or ``""``; ``columns``, the names of the columns
        of a CSV without a first row of them (default: it has one); ``text``, the columns that make
        the text (default text), an empty line between them; ``label``, the column of the class
        (default label); ``labels``, from what stands there to the name of the class (default: what
        stands there); ``tags``, whether HTML tags and entities stay (default true); ``replace``,
        from a piece of text to what is to stand for it; ``encoding`` (default utf-8).
    files : mapping of str to pathlib.Path
        One archive, or the folder it was unpacked to.

    Yields
    ------
    Document
        Named ``FILE/NUMBER``, by the name of the file without its ending, and the row in it.

    Raises
    ------
    UserError
        With file and row, for a row that lacks a column or has a class without a name; if a pattern
        fits no file.
    """
    values = _parameters(parameters)
    path = support.only_file(files)

    def pattern_of(name: str) -> str | None:
        return next((p for p in values["files"] if fnmatch.fnmatchcase(name, p)), None)

    seen = set()
    for name, content in members(path, lambda name: pattern_of(name) is not None):
        pattern = pattern_of(name)
        seen.add(pattern)
        text = support.decode(content, values["encoding"], path, name)
        rows = _csv if values["format"] == "csv" else _json_lines
        stem = Path(name).stem
        for number, row in enumerate(rows(text, values["columns"], f"{path}: {name}"), 1):
            place = f"{path}: {name}, row {number}"
            document = _document(row, values, place)
            yield Document(f"{stem}/{number:08}", *document, values["files"][pattern] or None)
    if missing := [pattern for pattern in values["files"] if pattern not in seen]:
        raise UserError(
            f"{path} holds no file whose name fits {' or '.join(missing)}: it is another archive "
            "than the card describes, or a part of it"
        )


def _document(row: Mapping[str, Any], values: Mapping[str, Any], place: str) -> tuple[str, str]:
    for column in [*values["text"], values["label"]]:
        if not isinstance(row.get(column), str):
            raise UserError(
                f"{place}: expected text in the column {column!r}, got {row.get(column)!r:.60}"
            )
    text = "\n\n".join(row[column] for column in values["text"])
    if not values["tags"]:
        text = support.without_tags(text)
    for old, new in values["replace"].items():
        text = text.replace(old, new)
    label = row[values["label"]]
    if values["labels"] and label not in values["labels"]:
        raise UserError(
            f"{place}: the class {label!r:.60} has no name on the card, which names "
            f"{', '.join(values['labels'])}"
        )
    return text, values["labels"].get(label, label)


def _csv(text: str, columns: list[str], where: str) -> Iterator[Mapping[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names = columns
    try:
        for record in reader:
            if not names:
                names = record
            elif len(record) != len(names):
                raise UserError(
                    f"{where}, line {reader.line_num}: a row of {len(record)} fields, expected "
                    f"{len(names)} ({', '.join(names)})"
                )
            else:
                yield dict(zip(names, record, strict=True))
    except csv.Error as error:
        raise UserError(
            f"{where}, line {reader.line_num}: not CSV ({error}): the file is damaged or cut short"
        ) from None


def _json_lines(text: str, columns: list[str], where: str) -> Iterator[Mapping[str, Any]]:
    del columns
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{where}, line {number}: not JSON ({error!s:.80}): the file is damaged or cut "
                "short"
            ) from None
        if not isinstance(row, dict):
            raise UserError(f"{where}, line {number}: expected a JSON object, got {line!r:.60}")
        # JSON can write half of a surrogate pair, which UTF-8 cannot.
        yield {
            key: value.encode("utf-8", "replace").decode("utf-8")
            if isinstance(value, str) else value
            for key, value in row.items()
        }  # fmt: skip
