"""Small archives for tests: good ones in every format, and bad ones."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

FORMATS = ("tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "folder")


def entry(name: str, content: bytes = b"x", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in fields.items():
        setattr(member, key, value)
    return member, content


def tar(path: Path, entries: Iterable[tuple[tarfile.TarInfo, bytes]], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, content in entries:
            archive.addfile(member, io.BytesIO(content))
    return path


def make(folder: Path, kind: str, files: Mapping[str, bytes], name: str = "made") -> Path:
    """Write the same files as an archive of some format, or as a folder."""
    path = folder / (name if kind == "folder" else f"{name}.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in files.items():
                archive.writestr(member, content)
        return path
    if kind == "folder":
        for member, content in files.items():
            (path / member).parent.mkdir(parents=True, exist_ok=True)
            (path / member).write_bytes(content)
        return path
    mode = {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}[kind]
    return tar(path, [entry(member, content) for member, content in files.items()], mode)


def compressed(path: Path, content: bytes) -> Path:
    opener = {".gz": gzip.compress, ".bz2": bz2.compress}[path.suffix]
    path.write_bytes(opener(content))
    return path
