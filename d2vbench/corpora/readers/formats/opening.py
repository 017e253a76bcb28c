"""Opening a person's own file: gzip or not, any encoding, and where in it something is wrong."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from d2vbench.errors import UsageError, UserError, option

_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
    """Open a file for reading, unpacked if it is gzipped.

    Parameters
    ----------
    path : pathlib.Path
        A file; gzip is told by its first bytes, whatever its name.

    Yields
    ------
    binary file
        Read in pieces: a gzipped file is never unpacked as a whole.

    Raises
    ------
    UserError
        If it cannot be read, also while the caller reads it: no permission, gzip cut short.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            if not packed and path.suffix.lower() == ".gz":
                raise UserError(f"{path}: the name ends in .gz, but it is no gzip file: rename it")
            if packed:
                with gzip.open(raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UserError(
            f"{path}: the gzip file is cut short or damaged: copy or pack it again"
        ) from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None


def text_lines(path: Path, encoding: str) -> Iterator[str]:
    r"""Yield the lines of a text file with their ends, one at a time.

    Parameters
    ----------
    path : pathlib.Path
        Plain or gzipped.
    encoding : str
        Python's name of it. A byte order mark at the beginning is left out.

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
    try:
        with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
            for number, line in enumerate(text, 1):
                if "\0" in line:
                    raise _nul(path, number)
                yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError:
        raise _undecodable(path, encoding) from None


def _nul(path: Path, line: int) -> UserError:
    offset = 0
    with open_bytes(path) as raw:
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


def _undecodable(path: Path, encoding: str) -> UserError:
    """Find the first bad byte in a second, slower pass: the first one decodes ahead of the line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, bad, first, end = 0, 0, b"", 0
    with open_bytes(path) as raw:
        try:
            while chunk := raw.read(_CHUNK):
                first = first or chunk[:2]
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
        line = _line_at(path, encoding, offset)
    except UnicodeError as error:
        # What comes before the bad byte may be no text by itself: UTF-16 without its mark.
        return UserError(f"{path}: not {encoding} ({error}): {_other()}")
    if first in _UTF16:
        advice = f"it looks like UTF-16: give {option('encoding', 'utf-16')}"
    elif codecs.lookup(encoding).name == "utf-8":
        advice = f"give the encoding it was written in, such as {option('encoding', 'cp1252')}"
    else:
        advice = _other()
    return UserError(
        f"{path}, line {line}: byte 0x{bad:02x} at offset {offset} is not {encoding}: {advice}"
    )


def _other() -> str:
    return f"give another {option('encoding')}, which is for both corpora"


def _line_at(path: Path, encoding: str, offset: int) -> int:
    """Return the number of the line that holds a byte; all before it can be decoded."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line = 1
    with open_bytes(path) as raw:
        while offset > 0 and (chunk := raw.read(min(offset, _CHUNK))):
            line += decoder.decode(chunk).count("\n")
            offset -= len(chunk)
    return line
