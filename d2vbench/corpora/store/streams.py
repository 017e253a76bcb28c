"""One decompressed stream of bytes from a file, with a guard against compression bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from d2vbench.errors import UserError

GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_XZ = b"\xfd7zXZ\x00"


@dataclass(frozen=True)
class Limits:
    """What is more than any corpus needs, so that a hostile archive ends early.

    Attributes
    ----------
    member_bytes : int
        Largest file, bytes unpacked.
    total_bytes : int
        All files together, bytes unpacked.
    members : int
        Number of files.
    ratio : int
        Bytes unpacked for each byte packed. Prose gives 2 to 10.
    ratio_from : int
        Bytes packed below which the ratio does not count: a few repetitive bytes are no bomb.
    """

    member_bytes: int = 256 << 20
    total_bytes: int = 8 << 30
    members: int = 1_000_000
    ratio: int = 200
    ratio_from: int = 16 << 10


def refuse(path: Path, what: str) -> NoReturn:
    """Raise the UserError for an archive that cannot be used."""
    raise UserError(
        f"{path} cannot be read: {what}. Nothing was taken from it. "
        "Get the file again from where it is published."
    )


#: What a decompressor raises where its input is damaged or ends too early.
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)


def damaged(path: Path, error: Exception) -> NoReturn:
    """Refuse an archive for what a decompressor raised; an error of the system is raised again."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    refuse(path, f"it is damaged or cut short ({error})")


def magic(path: Path) -> bytes:
    """Return the first bytes of a file; a missing one is a UserError."""
    try:
        with path.open("rb") as file:
            return file.read(8)
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder, expected a file") from None


class _Guarded(io.RawIOBase):
    """Reads a decompressor, and refuses once it has given far more than went in."""

    def __init__(self, path: Path, inner: IO[bytes], packed: IO[bytes], limits: Limits) -> None:
        self._path, self._inner, self._packed, self._limits = path, inner, packed, limits
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._inner.read(len(buffer))
        self._given += len(block)
        limits = self._limits
        if self._given > limits.ratio * max(self._packed.tell(), limits.ratio_from):
            refuse(self._path, f"it unpacks to more than {limits.ratio} times its size")
        if self._given > limits.total_bytes + (1 << 30):
            refuse(self._path, f"it has more than {limits.total_bytes:,} bytes unpacked")
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._inner.close()
        self._packed.close()
        super().close()


def open_stream(path: Path, limits: Limits | None = None) -> io.BufferedReader:
    """Open the unpacked content of a file that is compressed as a whole, or of a plain one.

    Parameters
    ----------
    path : pathlib.Path
        Compressed with gzip, bzip2 or xz, or not at all; or a zip that holds one file.
    limits : Limits, optional
        For the ratio and the total.

    Returns
    -------
    io.BufferedReader
        To be used in a ``with`` statement. A file that was cut short raises EOFError or OSError
        where the cut is.

    Raises
    ------
    UserError
        If the file is missing or a zip of several files; while reading, if it unpacks to more than
        the limits allow.
    """
    start = magic(path)
    return unpacked(path, path.open("rb"), start, limits)


def unpacked(
    path: Path, packed: IO[bytes], start: bytes, limits: Limits | None = None
) -> io.BufferedReader:
    """Return the unpacked content of a stream, as `open_stream` does of a file.

    Parameters
    ----------
    path : pathlib.Path
        Where it is from, for messages.
    packed : binary file
        At its beginning; closed with what is returned.
    start : bytes
        Its first bytes, which say how it is compressed.
    limits : Limits, optional
        As for `open_stream`.

    Returns
    -------
    io.BufferedReader
        As of `open_stream`.
    """
    limits = limits or Limits()
    inner: IO[bytes]
    if start.startswith(GZIP):
        inner = cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
    elif start.startswith(_BZIP2):
        inner = bz2.BZ2File(packed)
    elif start.startswith(_XZ):
        inner = lzma.LZMAFile(packed)  # noqa: SIM115 - closed with the reader
    elif start.startswith(b"PK\x03\x04"):
        inner = _only_member(path, packed)
    else:
        inner = packed
    return io.BufferedReader(_Guarded(path, inner, packed, limits), 1 << 16)


def _only_member(path: Path, packed: IO[bytes]) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(packed)
        names = [member for member in archive.infolist() if not member.is_dir()]
        if len(names) != 1:
            packed.close()
            refuse(path, f"expected a zip of one file, got {len(names)}")
        return archive.open(names[0])
    except zipfile.BadZipFile as error:
        packed.close()
        refuse(path, f"it is damaged or cut short ({error})")
