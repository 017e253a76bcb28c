"""Reading the members of an archive, or of the folder it was unpacked to, without writing any.

What comes from elsewhere is not trusted: names that leave the archive, links, devices, and sizes
that no corpus has are refused before a byte of them is used.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from d2vbench.corpora.store.streams import (
    DAMAGED,
    GZIP,
    Limits,
    damaged,
    magic,
    open_stream,
    refuse,
    unpacked,
)
from d2vbench.errors import UserError
from d2vbench.keys import file_digest as digest_of

__all__ = ["Limits", "fingerprint", "members", "opened_files", "refuse"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BLOCK = 1 << 20
# Where the format's name stands in the first header of a tar.
_USTAR = slice(257, 262)


@dataclass
class _Tally:
    """Counts members and bytes, and refuses what exceeds the limits."""

    path: Path
    limits: Limits
    names: set[str]
    total: int = 0

    def enter(self, name: str, size: int) -> str:
        """Return the plain relative name of a member."""
        plain = _plain_name(self.path, name)
        if plain in self.names:
            refuse(self.path, f"it holds {plain!r} twice")
        self.names.add(plain)
        if len(self.names) > self.limits.members:
            refuse(self.path, f"it holds more than {self.limits.members:,} files")
        if size > self.limits.member_bytes:
            refuse(
                self.path,
                f"{plain!r} has {size:,} bytes unpacked, more than {self.limits.member_bytes:,}",
            )
        self.total += size
        if self.total > self.limits.total_bytes:
            refuse(
                self.path,
                f"it has more than {self.limits.total_bytes:,} bytes unpacked",
            )
        return plain


def _plain_name(path: Path, name: str) -> str:
    """Return a member's name without ``.`` parts; refuse one that is not below the archive."""
    parts = name.replace("\\", "/").split("/")
    if not parts[0] or parts[0].endswith(":"):
        refuse(path, f"the name {name!r} is absolute")
    if ".." in parts:
        refuse(path, f"the name {name!r} leaves the archive")
    return "/".join(part for part in parts if part not in ("", "."))


def members(
    path: Path,
    wanted: Callable[[str], bool] | None = None,
    limits: Limits | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield the files in an archive, or in a folder, one after the other.

    Parameters
    ----------
    path : pathlib.Path
        A tar (plain, or compressed with gzip, bzip2 or xz), a zip, a single file compressed with
        gzip, or a folder. The format is seen from the content, whatever the name says.
    wanted : callable, optional
        From a member's name to whether its bytes are wanted. All members are checked all the same.
    limits : Limits, optional
        What is more than any corpus needs.

    Yields
    ------
    (str, bytes)
        Relative name with ``/``, and content. An archive gives its own order, a folder the order
        of the names. Symbolic links in a folder are not followed, and are left out.

    Raises
    ------
    UserError
        If the archive is damaged or cut short, or holds a name that leaves it, a link, a device,
        one name twice, or more than the limits allow.
    """
    limits = limits or Limits()
    tally = _Tally(path, limits, set())
    chosen = wanted or (lambda name: True)
    if path.is_dir():
        yield from _folder_members(path, chosen, tally)
        return
    start = magic(path)
    if start.startswith(_ZIP):
        yield from _zip_members(path, chosen, tally)
        return
    with open_stream(path, limits) as stream:
        try:
            head = stream.peek(512)[:512]
        except DAMAGED as error:
            damaged(path, error)
        if _is_tar(head):
            yield from _tar_members(path, stream, chosen, tally)
        elif start.startswith(GZIP):
            yield from _single_member(path, stream, chosen, tally)
        else:
            refuse(path, "it is no tar, zip or gzip archive")


def opened_files(
    path: Path,
    wanted: Callable[[str], bool] | None = None,
    limits: Limits | None = None,
) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an archive or a folder unpacked, each as a stream of bytes.

    Parameters
    ----------
    path : pathlib.Path
        A tar or a zip, a folder, or one file; each file in it may be compressed once more.
    wanted : callable, optional
        From a relative name to whether the file is wanted; not asked of a file that stands alone.
    limits : Limits, optional
        As for `members`.

    Yields
    ------
    (str, binary file)
        Relative name, and the content, to be read before the next one is asked for. Only of an
        archive are files held in memory whole, one at a time.

    Raises
    ------
    UserError
        As of `members`; a stream raises one of `DAMAGED` where it is cut.
    """
    chosen = wanted or (lambda name: True)
    if path.is_dir():
        for name, file in folder_files(path):
            if chosen(name):
                with open_stream(file, limits) as stream:
                    yield name, stream
    elif _holds_files(path):
        for name, content in members(path, chosen, limits):
            with unpacked(path, io.BytesIO(content), content[:8], limits) as stream:
                yield name, stream
    else:
        with open_stream(path, limits) as stream:
            yield path.name, stream


def _holds_files(path: Path) -> bool:
    """Tell a tar or a zip from a file that stands alone."""
    if magic(path).startswith(_ZIP):
        return True
    with open_stream(path) as stream:
        try:
            return _is_tar(stream.peek(512)[:512])
        except DAMAGED as error:
            damaged(path, error)


def _is_tar(head: bytes) -> bool:
    return head[_USTAR] == b"ustar" or _is_old_tar(head)


def _is_old_tar(head: bytes) -> bool:
    """Tell whether a block is the header of a tar from before 1988: a checksum, no magic."""
    try:
        tarfile.TarInfo.frombuf(head, "latin-1", "replace")
    except tarfile.HeaderError:
        return False
    return True


def _tar_members(
    path: Path, stream: IO[bytes], wanted: Callable[[str], bool], tally: _Tally
) -> Iterator[tuple[str, bytes]]:
    try:
        # Stream mode: members come in the order of the bytes, and nothing is sought back.
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                # The list of past members would otherwise grow to the whole archive.
                archive.members = []  # type: ignore[attr-defined]
                if member.isdir():
                    _plain_name(path, member.name)
                    continue
                if member.issym() or member.islnk():
                    refuse(path, f"{member.name!r} is a link (to {member.linkname!r})")
                if not member.isreg():
                    refuse(path, f"{member.name!r} is a device or a pipe")
                name = tally.enter(member.name, member.size)
                if wanted(name):
                    # The copy that the tar module makes of a regular file is never None.
                    yield name, cast("IO[bytes]", archive.extractfile(member)).read()
            if archive.fileobj.tell() == archive.offset:
                refuse(path, "it is damaged or cut short (no mark of the end)")
            # What the tar module takes for the end may be a spoilt header; and only the very end
            # of a compressed file says whether it is whole.
            rest = archive.fileobj.read(_BLOCK)
            while rest:
                if rest.strip(b"\0"):
                    refuse(path, "there is no valid header where the next file should begin")
                rest = archive.fileobj.read(_BLOCK)
    except tarfile.TarError as error:
        refuse(path, f"it is damaged or cut short ({error})")
    except DAMAGED as error:
        damaged(path, error)


def _single_member(
    path: Path, stream: IO[bytes], wanted: Callable[[str], bool], tally: _Tally
) -> Iterator[tuple[str, bytes]]:
    name = path.name.removesuffix(".gz")
    try:
        content = stream.read(tally.limits.member_bytes + 1)
    except DAMAGED as error:
        damaged(path, error)
    name = tally.enter(name, len(content))
    if wanted(name):
        yield name, content


def _zip_members(
    path: Path, wanted: Callable[[str], bool], tally: _Tally
) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    _plain_name(path, member.filename)
                    continue
                mode = member.external_attr >> 16
                if stat.S_ISLNK(mode):
                    refuse(path, f"{member.filename!r} is a link")
                if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                    refuse(path, f"{member.filename!r} is a device or a pipe")
                if member.flag_bits & 1:
                    refuse(path, f"{member.filename!r} is encrypted")
                name = tally.enter(member.filename, member.file_size)
                limits = tally.limits
                if member.file_size > limits.ratio * max(member.compress_size, limits.ratio_from):
                    refuse(path, f"{name!r} unpacks to more than {limits.ratio} times its size")
                if wanted(name):
                    # Never more than the directory says, whatever the packed bytes unpack to.
                    yield name, archive.read(member)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        refuse(path, f"it is damaged or cut short ({error})")
    except (EOFError, zlib.error) as error:
        damaged(path, error)


def _folder_members(
    path: Path, wanted: Callable[[str], bool], tally: _Tally
) -> Iterator[tuple[str, bytes]]:
    for name, file in folder_files(path):
        # What else lies in a person's folder is no concern of ours, however large.
        if wanted(name):
            yield tally.enter(name, file.stat().st_size), file.read_bytes()


def folder_files(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the regular files below a folder, by relative name with ``/``, in the names' order."""
    found = []
    for folder, _, names in os.walk(path, followlinks=False):
        for name in names:
            file = Path(folder, name)
            if stat.S_ISREG(file.lstat().st_mode):
                found.append((file.relative_to(path).as_posix(), file))
    yield from sorted(found)


def pack(folder: Path, target: Path) -> None:
    """Write a folder as a tar compressed with gzip; equal files give equal bytes.

    Parameters
    ----------
    folder : pathlib.Path
        Its regular files are packed under their relative names; links are left out.
    target : pathlib.Path
        The new archive.
    """
    import gzip

    # No times, owners or name in either header: the bytes depend on the files alone.
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, file in folder_files(folder):
            member = tarfile.TarInfo(name)
            content = file.read_bytes()
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))


def fingerprint(path: Path) -> str:
    """Return the sha256 of an archive's bytes, or of the names and bytes of a folder's files.

    Parameters
    ----------
    path : pathlib.Path
        An archive or a folder.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    if not path.is_dir():
        return file_digest(path, "sha256")
    total = hashlib.sha256()
    for name, file in folder_files(path):
        total.update(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest())
        total.update(bytes.fromhex(file_digest(file, "sha256")))
    return total.hexdigest()


def file_digest(path: Path, algorithm: str) -> str:
    """Return a file's digest, as `d2vbench.keys.file_digest`; a missing file is a UserError."""
    try:
        return digest_of(path, algorithm)
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
