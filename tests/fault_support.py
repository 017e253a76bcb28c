"""Writes that fail: a disk that is full, or may only be read, from the n-th write on."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MAKING = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate"}


@dataclass
class Fault:
    """What happens to writes below a folder.

    ``code`` is that of ENOSPC or EROFS; ``at`` is the first write that fails, and all after it
    do. On a full disk files can still be removed, and what is open is closed; on one that may only
    be read they cannot.
    """

    folder: Path
    code: int
    at: int
    seen: int = 0

    @property
    def met(self) -> bool:
        return self.seen > self.at

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            writes = isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
        else:
            writes = event in _MAKING or (event == "os.remove" and self.code == errno.EROFS)
        if not writes or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path = Path(os.fsdecode(arguments[0])).absolute()
        if event == "os.rename" and self.code == errno.ENOSPC:
            return
        if self.folder not in path.parents:
            return
        self.seen += 1
        if self.met:
            raise OSError(self.code, os.strerror(self.code), str(path))


_fault: list[Fault] = []
_listening: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _fault:
        # What the hook itself does must not call it again.
        fault = _fault.pop()
        try:
            fault.hear(event, arguments)
        finally:
            _fault.append(fault)


@contextmanager
def failing(folder: Path, code: int, at: int) -> Iterator[Fault]:
    """Let writes below a folder fail from the one of this number on, in this process."""
    if not _listening:
        sys.addaudithook(_hook)
        _listening.append(True)
    fault = Fault(folder.absolute(), code, at)
    _fault.append(fault)
    try:
        yield fault
    finally:
        _fault.clear()
