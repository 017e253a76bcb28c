"""JSON lines: an object a line."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from d2vbench.corpora.readers.formats.opening import text_lines
from d2vbench.corpora.readers.formats.rows import Columns, Row, listed
from d2vbench.errors import UserError

# Keys may be left out of an object, so the columns are those of the first objects taken together.
_LOOKED_AT = 1000
# Half of a surrogate pair, which JSON can write and UTF-8 cannot.
_HALF = re.compile("[\ud800-\udfff]")


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object), blank lines left out."""
    for number, line in enumerate(text_lines(path, encoding), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            # Some of Python's messages end in the word that the place follows.
            what = error.msg.removesuffix(" at")
            raise UserError(
                f"{path}, line {number}: not JSON ({what} at character {error.colno}): "
                "expected one object a line"
            ) from None
        except (ValueError, RecursionError):
            raise UserError(
                f"{path}, line {number}: JSON beyond what can be read (a number too long, or "
                "lists too deep): expected one object a line"
            ) from None
        if not isinstance(value, dict):
            raise UserError(
                f"{path}, line {number}: a JSON {_kind(value)}, expected an object such as "
                '{"text": "...", "label": "..."}'
            )
        yield number, value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {list: "list", dict: "object", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


def columns(path: Path, encoding: str) -> list[str]:
    """Return the keys of the first objects, in order of appearance.

    Parameters
    ----------
    path : pathlib.Path
        Plain or gzipped.
    encoding : str
        Python's name of it.

    Returns
    -------
    list of str
        All keys of the first 1,000 objects.

    Raises
    ------
    UserError
        If there is no object.
    """
    first = itertools.islice(_objects(path, encoding), _LOOKED_AT)
    keys = list(dict.fromkeys(key for _, value in first for key in value))
    if not keys:
        raise UserError(f"{path} is empty: expected a JSON object a line")
    return keys


def rows(path: Path, encoding: str, chosen: Columns) -> Iterator[Row]:
    """Read the objects.

    Parameters
    ----------
    path, encoding
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
    for number, (line, value) in enumerate(_objects(path, encoding), 1):
        if chosen.text not in value:
            raise UserError(
                f"{path}, line {line}: no key {chosen.text!r}; there are {listed(list(value))}"
            )
        text = value[chosen.text]
        if text is not None and not isinstance(text, str):
            raise UserError(
                f"{path}, line {line}: the text in {chosen.text!r} is a {_kind(text)}, expected a "
                "string"
            )
        label = value.get(chosen.label)
        if isinstance(label, str):
            label = _HALF.sub("\ufffd", label)
        yield Row(
            number, f"line {line}", _HALF.sub("\ufffd", text or ""), label, value.get(chosen.split)
        )
