"""One decompressed stream of bytes from a file, with a guard against compression bombs."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from d2vbench.errors import UserError

GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_XZ = b"\xfd7zXZ\x00"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_STARTS = {GZIP: "gzip", _BZIP2: "bzip2", _XZ: "xz", _ZSTD: "zstd", **dict.fromkeys(_ZIP, "zip")}
# What systems put beside the files of a person.
_EXTRAS = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


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
        f"{path} cannot be read: {what}; nothing was taken from it: get the file again from where "
        "it is published, or pack it again"
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


def packing(start: bytes) -> str:
    """Return how a file that begins with these bytes is packed; empty where it is not.

    Examples
    --------
    >>> packing(b"BZh91AY&"), packing(b"text,lab")
    ('bzip2', '')
    """
    return next((name for magic_, name in _STARTS.items() if start.startswith(magic_)), "")


def is_extra(name: str) -> bool:
    """Tell whether a relative name is hidden, or of what systems add to an archive or folder.

    Examples
    --------
    >>> is_extra("__MACOSX/a/._1.txt"), is_extra("a/.DS_Store"), is_extra("a/1.txt")
    (True, True, False)
    """
    return any(part.startswith(".") or part in _EXTRAS for part in name.split("/"))


class _Guarded(io.RawIOBase):
    """Reads a decompressor, and refuses once it has given far more than went in."""

    def __init__(
        self,
        path: Path,
        inner: IO[bytes],
        packed: IO[bytes],
        limits: Limits,
        errors: tuple[type[Exception], ...] = (),
    ) -> None:
        self._path, self._inner, self._packed, self._limits = path, inner, packed, limits
        self._errors = errors
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._inner.read(len(buffer))
        except self._errors as error:
            raise OSError(str(error)) from None
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
        Compressed with gzip, bzip2, xz or zstd, or not at all; or a zip that holds one file.
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
    kind = packing(start)
    inner: IO[bytes]
    errors: tuple[type[Exception], ...] = ()
    try:
        if kind == "gzip":
            inner = cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
        elif kind == "bzip2":
            inner = bz2.BZ2File(packed)
        elif kind == "xz":
            inner = lzma.LZMAFile(packed)  # noqa: SIM115 - closed with the reader
        elif kind == "zstd":
            inner, errors = _zstd(path, packed)
        elif kind == "zip":
            inner, errors = _only_member(path, packed), (zipfile.BadZipFile,)
        else:
            inner = packed
    except BaseException:
        packed.close()
        raise
    return io.BufferedReader(_Guarded(path, inner, packed, limits, errors), 1 << 16)


def _zstd(path: Path, packed: IO[bytes]) -> tuple[IO[bytes], tuple[type[Exception], ...]]:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        zstd: Any = importlib.import_module(name)
    except ImportError:
        raise UserError(
            f"{path} is packed with zstd, and reading it needs backports.zstd, which is not "
            "installed: pip install 'd2vbench[zstd]'"
        ) from None
    return zstd.ZstdFile(packed), (zstd.ZstdError,)


def zip_members(path: Path, packed: IO[bytes] | None = None) -> list[zipfile.ZipInfo]:
    """Return the files in a zip, without what systems add; a damaged one is a UserError.

    Parameters
    ----------
    path : pathlib.Path
        The zip.
    packed : binary file, optional
        The same, where it is open.
    """
    try:
        with zipfile.ZipFile(packed or path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        refuse(path, f"it is damaged or cut short ({error})")
    return [member for member in found if not member.is_dir() and not is_extra(member.filename)]


def _only_member(path: Path, packed: IO[bytes]) -> IO[bytes]:
    names = zip_members(path, packed)
    if len(names) != 1:
        refuse(path, f"expected a zip of one file, got {len(names)}")
    if names[0].flag_bits & 1:
        refuse(path, f"{names[0].filename!r} is encrypted")
    try:
        return zipfile.ZipFile(packed).open(names[0])
    except (zipfile.BadZipFile, NotImplementedError) as error:
        refuse(path, f"it is damaged or cut short ({error})")
