"""Opening a person's own file: packed or not, any encoding, and where in it something is wrong."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from d2vbench.corpora.store.streams import DAMAGED, Limits, magic, open_stream, packing
from d2vbench.errors import UsageError, UserError, option

_CHUNK = 1 << 16
# Of four bytes first: the mark of UTF-32 begins like that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: How a file is packed whose name ends so.
PACKED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
#: Own data may be larger than a published corpus; the ratio ends a bomb all the same.
LIMITS = Limits(total_bytes=1 << 40)

Opener = Callable[[], AbstractContextManager[BinaryIO]]


def check_encoding(name: str) -> None:
    """Refuse a name that is no text encoding; names are Python's, such as ``cp1252``."""
    try:
        "a".encode(name)
    except UnicodeError:
        pass
    except (LookupError, ValueError):
        raise UsageError(
            f"unknown encoding {name!r}: expected a name such as utf-8, cp1252, latin-1 or utf-16"
        ) from None


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacked if it is packed.

    Parameters
    ----------
    path : pathlib.Path
        A file; gzip, bzip2, xz, zstd and a zip of one file are told by the first bytes, whatever
        the name.

    Yields
    ------
    binary file
        Read in pieces: a packed file is never unpacked as a whole, and not beyond `LIMITS`.

    Raises
    ------
    UserError
        If it cannot be read, also while the caller reads it: no permission, cut short.
    """
    kind = ""
    try:
        kind = packing(magic(path))
        _check_packing(path, kind)
        with path.open("rb") if not kind else open_stream(path, LIMITS) as stream:
            yield cast(BinaryIO, stream)
    except DAMAGED as error:
        if kind and not (isinstance(error, OSError) and error.errno is not None):
            raise UserError(
                f"{path}: the {kind} file is cut short or damaged: copy or pack it again"
            ) from None
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from None


def _check_packing(path: Path, kind: str) -> None:
    """Refuse a file whose name says that it is packed otherwise than it is."""
    suffix = path.suffix.lower()
    said = PACKED.get(suffix, "")
    if said and kind != said:
        raise UserError(f"{path}: the name ends in {suffix}, but it is no {said} file: rename it")
    if kind == "zip" and suffix != ".zip":
        raise UserError(
            f"{path}: the name ends in {suffix or 'nothing'}, but it is a zip or a spreadsheet: "
            "save a spreadsheet as CSV, or let the name of a zip end in .zip"
        )


def marked_encoding(start: bytes, encoding: str) -> str:
    """Return the encoding that a byte order mark says, or else the one that was given.

    Parameters
    ----------
    start : bytes
        The first four of the text.
    encoding : str
        Python's name of it.

    Examples
    --------
    >>> marked_encoding("a".encode("utf-16"), "cp1252"), marked_encoding(b"abcd", "cp1252")
    ('utf-16', 'cp1252')
    """
    return next((name for mark, name in _MARKS.items() if start.startswith(mark)), encoding)


def text_lines(
    path: Path | str, encoding: str, opened: Opener | None = None, longest: int = 0
) -> Iterator[str]:
    r"""Yield the lines of a text file with their ends, one at a time.

    Parameters
    ----------
    path : pathlib.Path or str
        Plain or packed; for messages alone, where ``opened`` is given.
    encoding : str
        Python's name of it. A byte order mark at the beginning overrides it, and is left out.
    opened : callable, optional
        Opens the bytes, as often as it is called.
    longest : int
        Characters after which a line is yielded in parts; 0: never.

    Yields
    ------
    str
        Lines end at ``\n``, ``\r\n`` or ``\r`` and nowhere else: a text may hold the other
        characters that Unicode lets separate lines.

    Raises
    ------
    UserError
        For a byte that is not of this encoding and for a NUL byte: with file, line and byte.
    """
    check_encoding(encoding)
    opened = opened or (lambda: open_bytes(Path(path)))
    with opened() as raw:
        start = raw.read(4)
    encoding = marked_encoding(start, encoding)
    try:
        with opened() as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
            pieces = iter(lambda: text.readline(longest), "") if longest else text
            for number, line in enumerate(pieces, 1):
                if "\0" in line:
                    raise _nul(path, opened, number)
                yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError:
        raise _undecodable(path, encoding, opened) from None


def _nul(path: Path | str, opened: Opener, line: int) -> UserError:
    """Return what to say of a NUL byte; ``line`` is its line, or the part of one that is long."""
    offset = 0
    with opened() as raw:
        while chunk := raw.read(_CHUNK):
            found = chunk.find(b"\0")
            if found >= 0:
                offset += found
                break
            offset += len(chunk)
    return UserError(
        f"{path}, line {line}: NUL byte at offset {offset}, so this is no plain text: "
        f"if the file is UTF-16, give {option('encoding', 'utf-16')}, else take the NUL bytes out"
    )


def _undecodable(path: Path | str, encoding: str, opened: Opener) -> UserError:
    """Find the first bad byte in a second, slower pass: the first one decodes ahead of the line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, bad, end = 0, 0, 0
    with opened() as raw:
        try:
            while chunk := raw.read(_CHUNK):
                end += len(chunk)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # What the decoder was given ends where our last chunk ends, but may begin before it.
            offset = end - len(error.object) + error.start
            bad = error.object[error.start]
        except UnicodeError as error:
            return UserError(f"{path}: not {encoding} ({error}): {_other()}")
    try:
        line = _line_at(opened, encoding, offset)
    except UnicodeError as error:
        # What comes before the bad byte may be no text by itself: UTF-16 without its mark.
        return UserError(f"{path}: not {encoding} ({error}): {_other()}")
    if codecs.lookup(encoding).name == "utf-8":
        advice = f"give the encoding it was written in, such as {option('encoding', 'cp1252')}"
    else:
        advice = _other()
    return UserError(
        f"{path}, line {line}: byte 0x{bad:02x} at offset {offset} is not {encoding}: {advice}"
    )


def _other() -> str:
    return (
        f"give another {option('encoding')}, or {option('generic_encoding')} or "
        f"{option('domain_encoding')} for one side"
    )


def _line_at(opened: Opener, encoding: str, offset: int) -> int:
    """Return the number of the line that holds a byte; all before it can be decoded."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line = 1
    with opened() as raw:
        while offset > 0 and (chunk := raw.read(min(offset, _CHUNK))):
            line += decoder.decode(chunk).count("\n")
            offset -= len(chunk)
    return line
