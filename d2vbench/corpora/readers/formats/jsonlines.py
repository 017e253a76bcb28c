"""JSON: an object a line, or a list of objects; fields of objects in them as ``data.text``."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.readers.formats.rows import Columns, Row, listed
from d2vbench.errors import UserError

Placed = tuple[str, dict[str, Any]]

# Keys may be left out of an object, so the columns are those of the first objects taken together;
# where a needed one is in none of them, of all objects.
_LOOKED_AT = 1000
# Characters that are read at once, and that an item of a list may have.
_PIECE = 1 << 18
_LARGEST_ITEM = 64 << 20
_BLANK = re.compile(r"[ \t\r\n]*")
# Objects in objects are looked into, as in ``data.text``.
_DEEPEST = 4
# Half of a surrogate pair, which JSON can write and UTF-8 cannot.
_HALF = re.compile("[\ud800-\udfff]")


def _objects(path: Path, encoding: str, may_be_list: bool) -> Iterator[Placed]:
    """Yield (where it stands, object)."""
    head = next(text_lines(path, encoding, longest=1024), "") if may_be_list else ""
    expected = "expected a list of objects, or one object a line"
    if head.lstrip().startswith("["):
        found = _items(path, encoding)
    else:
        found = _lines(path, encoding, expected if may_be_list else "expected one object a line")
    for place, value in found:
        if not isinstance(value, dict):
            raise UserError(
                f"{path}, {place}: a JSON {_kind(value)}, expected an object such as "
                '{"text": "...", "label": "..."}'
            )
        yield place, value


def _lines(path: Path, encoding: str, expected: str) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) of each line, blank ones left out."""
    for number, line in enumerate(text_lines(path, encoding), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(f"{path}, line {number}", error, expected) from None


def _bad(where: str, error: Exception, expected: str) -> UserError:
    if isinstance(error, json.JSONDecodeError):
        # Some of Python's messages end in the word that the place follows.
        what = error.msg.removesuffix(" at")
        return UserError(f"{where}: not JSON ({what} at character {error.colno}): {expected}")
    return UserError(
        f"{where}: JSON beyond what can be read (a number too long, or lists too deep): {expected}"
    )


def _more(pieces: Iterator[str], size: int) -> str:
    parts: list[str] = []
    while size > 0 and (piece := next(pieces, "")):
        parts.append(piece)
        size -= len(piece)
    return "".join(parts)


def _items(path: Path, encoding: str) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) of each item of a list; memory holds one item, not the list."""
    decoder = json.JSONDecoder()
    pieces = text_lines(path, encoding, longest=_PIECE)
    buffer, at, number = _more(pieces, _PIECE), 0, 0
    before = "the list"
    while True:
        at = _BLANK.match(buffer, at).end()  # type: ignore[union-attr]
        if at == len(buffer):
            buffer, at = _more(pieces, _PIECE), 0
            if not buffer and before == "the end":
                return
            if not buffer:
                raise UserError(f"{path} is cut short: the list does not end after item {number}")
            continue
        mark = buffer[at]
        if before == "the end":
            raise UserError(f"{path}: text after the end of the list, after item {number}")
        if before == "the list" or (before == "a comma" and mark == ","):
            before, at = ("a first item" if before == "the list" else "an item"), at + 1
        elif mark == "]" and before != "an item":
            before, at = "the end", at + 1
        elif before == "a comma":
            raise UserError(f"{path}, after item {number}: expected a comma or the end of the list")
        else:
            try:
                value, at = decoder.raw_decode(buffer, at)
            except (ValueError, RecursionError) as error:
                held = len(buffer) - at
                more = _more(pieces, max(held, _PIECE)) if held < _LARGEST_ITEM else ""
                if not more:
                    where = f"{path}, item {number + 1}"
                    raise _bad(where, error, "the list is damaged or cut short") from None
                buffer, at = buffer[at:] + more, 0
                continue
            number, before = number + 1, "a comma"
            yield f"item {number}", value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {list: "list", dict: "object", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


def _fields(value: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, dict) and inner and depth < _DEEPEST:
            yield from _fields(inner, f"{before}{key}.", depth + 1)
        else:
            yield before + key


def _field(value: dict[str, Any], name: str) -> Any:
    """Return a field by its name, which may be a way through objects; KeyError if there is none."""
    if name in value:
        return value[name]
    key, dot, rest = name.partition(".")
    if not dot or not isinstance(value.get(key), dict):
        raise KeyError(name)
    return _field(value[key], rest)


def _field_or_none(value: dict[str, Any], name: str) -> Any:
    try:
        return _field(value, name)
    except KeyError:
        return None


def columns(
    path: Path, encoding: str, may_be_list: bool = False, needed: Sequence[str] = ()
) -> list[str]:
    """Return the keys of the objects, in order of appearance.

    Parameters
    ----------
    path : pathlib.Path
        Plain or packed.
    encoding : str
        Python's name of it.
    may_be_list : bool
        Whether the file may be one list of objects.
    needed : sequence of str
        Keys without which the file is refused.

    Returns
    -------
    list of str
        All keys of the first 1,000 objects, or of all objects where a needed one is not among
        those; of an object in them its keys, as in ``data.text``.

    Raises
    ------
    UserError
        If there is no object.
    """
    found = (_fields(value) for _, value in _objects(path, encoding, may_be_list))
    first = itertools.islice(found, _LOOKED_AT)
    keys = dict.fromkeys(itertools.chain.from_iterable(first))
    if not keys.keys() >= set(needed):
        # Documents without labels may come first.
        keys.update(dict.fromkeys(itertools.chain.from_iterable(found)))
    if not keys:
        expected = "a list of JSON objects, or one" if may_be_list else "a JSON object"
        raise UserError(f"{path} is empty: expected {expected} a line")
    return list(keys)


def rows(path: Path, encoding: str, chosen: Columns, may_be_list: bool = False) -> Iterator[Row]:
    """Read the objects.

    Parameters
    ----------
    path, encoding, may_be_list
        As for `columns`.
    chosen : Columns
        Which keys to take.

    Yields
    ------
    Row
        A text that is null is empty; an object without the key of the label has none.

    Raises
    ------
    UserError
        For a line that is no object, or whose text is missing or no string.
    """
    for number, (place, value) in enumerate(_objects(path, encoding, may_be_list), 1):
        try:
            text = _field(value, chosen.text)
        except KeyError:
            raise UserError(
                f"{path}, {place}: no key {chosen.text!r}; there are {listed(list(_fields(value)))}"
            ) from None
        if text is not None and not isinstance(text, str):
            raise UserError(
                f"{path}, {place}: the text in {chosen.text!r} is a {_kind(text)}, expected a "
                "string"
            )
        label, split = (_field_or_none(value, name) for name in (chosen.label, chosen.split))
        if isinstance(label, str):
            label = _HALF.sub("\ufffd", label)
        yield Row(number, place, _HALF.sub("\ufffd", text or ""), label, split)
