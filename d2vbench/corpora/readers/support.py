"""What several readers share: parameters, decoding, the identity of their archives."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from d2vbench.corpora.acquire.archives import fingerprint as archive_sha256
from d2vbench.corpora.acquire.archives import members
from d2vbench.corpora.readers.formats.opening import check_encoding
from d2vbench.errors import UserError, unknown_name


def checked(reader: str, parameters: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    """Return a reader's parameters with its defaults filled in.

    Parameters
    ----------
    reader : str
        For messages.
    parameters : mapping
        From the card.
    defaults : mapping
        All parameters there are; a value's type is that of its default.

    Returns
    -------
    dict
        A value for each default.

    Raises
    ------
    UserError
        If a parameter is unknown or of another type than its default, a list holds anything but
        text, or the encoding is none.
    """
    for key, value in parameters.items():
        if key not in defaults:
            raise UserError(f"reader {reader}: {unknown_name('parameter', key, defaults)}")
        wanted = type(defaults[key])
        if type(value) is not wanted:
            raise UserError(
                f"reader {reader}: {key} must be {wanted.__name__}, got {type(value).__name__} "
                f"({value!r:.80})"
            )
        if wanted is list and not all(isinstance(item, str) for item in value):
            raise UserError(f"reader {reader}: {key} must be a list of text, got {value!r:.80}")
        if key == "encoding":
            try:
                check_encoding(value)
            except UserError as error:
                raise UserError(f"reader {reader}: {error}") from None
    return {**defaults, **parameters}


def one_of(reader: str, key: str, values: list[str], valid: tuple[str, ...]) -> None:
    """Raise a UserError unless each value is one that a reader knows."""
    for value in values:
        if value not in valid:
            raise UserError(f"reader {reader}: {unknown_name(key, value, valid)}")


def only_file(files: Mapping[str, Path]) -> Path:
    """Return the one archive of a corpus that has one."""
    if len(files) != 1:
        raise UserError(
            f"this reader takes one archive, got {len(files)}: {', '.join(sorted(files)) or 'none'}"
        )
    return next(iter(files.values()))


_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>\n]*)?/?>")


def without_tags(text: str) -> str:
    """Resolve the entities of a text, once, and put a space for each HTML tag then left in it.

    Examples
    --------
    >>> without_tags("Smith &amp; Wesson&lt;br&gt; 1 < 2")
    'Smith & Wesson  1 < 2'
    """
    if "&" in text:
        text = html.unescape(text)
    return _TAG.sub(" ", text) if "<" in text else text


Parameters = Callable[[Mapping[str, Any]], Any]


def checker(reader: str, defaults: Mapping[str, Any]) -> Parameters:
    """Return the function that checks a reader's parameters, as `checked` does."""
    return lambda parameters: checked(reader, parameters, defaults)


def fingerprint_of(
    check: Parameters,
) -> Callable[[Mapping[str, Any], Mapping[str, Path]], dict[str, Any]]:
    """Return the function ``fingerprint`` of a reader of archives.

    Parameters
    ----------
    check : callable
        From a card's parameters to all of them with defaults filled in, so that writing a default
        out changes nothing.

    Returns
    -------
    callable
        From parameters and files to JSON: the sha256 of each archive, and all parameters.
    """

    def fingerprint(parameters: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
        values = check(parameters)
        archives = {name: archive_sha256(path) for name, path in sorted(files.items())}
        return {"archives": archives, "parameters": dict(values)}

    return fingerprint


Place = TypeVar("Place")


def placed_texts(
    path: Path, place: Callable[[str], Place | None], encoding: str
) -> Iterator[tuple[Place, str]]:
    """Go through the texts of an archive whose names say what they are.

    Parameters
    ----------
    path : pathlib.Path
        An archive or a folder.
    place : callable
        From a name to what it says; None: not wanted.
    encoding : str
        Of the texts.

    Yields
    ------
    (object, str)
        What the name says, and the text.
    """
    for name, content in members(path, lambda name: place(name) is not None):
        if (found := place(name)) is not None:
            yield found, decode(content, encoding, path, name)


def decode(content: bytes, encoding: str, archive: Path, name: str, second: str = "") -> str:
    """Return the text of a document.

    Parameters
    ----------
    content : bytes
        A whole document.
    encoding : str
        Such as ``"utf-8"``.
    archive : pathlib.Path
        Where it is from, for the message.
    name : str
        Which file in there, for the message.
    second : str
        The encoding of a document that is not in the first; empty: there is none.

    Returns
    -------
    str
        With line ends as they are.

    Raises
    ------
    UserError
        With file and byte offset, if the bytes are no such text.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if second:
            return decode(content, second, archive, name)
        raise UserError(
            f"{archive}: {name} is not {encoding} text: byte 0x{content[error.start]:02x} at "
            f"offset {error.start} ({error.reason}). The archive is damaged, or in another "
            "encoding than its card says."
        ) from None
    except UnicodeError as error:
        raise UserError(
            f"{archive}: {name} is not {encoding} text ({error}). The archive is damaged, or in "
            "another encoding than its card says."
        ) from None
