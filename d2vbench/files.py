"""Writing files so that a reader sees the old content or the new, never half of it."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from d2vbench.errors import UsageError, UserError

try:
    import fcntl
except ImportError:  # Windows, where a file that somebody has open cannot be removed.
    fcntl = None  # type: ignore[assignment]

FIGURE_ENDINGS = (".png", ".svg", ".pdf")

_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]{8}\.tmp")
# Seconds: where locks are not to be had, what was touched since may be somebody's at work.
_ABANDONED = 3600.0
# Files of `copy_files` that are synced at once.
_BATCH = 1000
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def is_full(error: OSError) -> bool:
    """Return whether it was because there is no room, which only writing needs."""
    return error.errno in _FULL


def write_atomic(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file by temporary file, fsync and rename.

    Parameters
    ----------
    path : pathlib.Path
        Where the content goes. The folder must exist.
    write : callable
        Takes the open binary file and writes the whole content.
    """
    handle, temporary = _new_file(path)
    # Keeps the lock, by which `remove_left_over` knows a file at work, until the file has its name.
    lock = os.dup(handle) if fcntl else None
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a result is to be read by whoever may read the folder.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _new_file(path: Path) -> tuple[int, str]:
    """Make the temporary file of a path, locked until it is closed or this process ends."""
    while True:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
        )
        if fcntl is None:
            return handle, temporary
        with contextlib.suppress(OSError):  # A file system without locks.
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, temporary
        # Taken for a left-over in the moment before it was locked.
        os.close(handle)


def remove_left_over(folder: Path, names: Iterable[str] | None = None) -> None:
    """Remove what `write_atomic` was at when its process was killed.

    Parameters
    ----------
    folder : pathlib.Path
        Where; need not exist.
    names : iterable of str, optional
        Of the files that were to be written; by default any.

    Notes
    -----
    Whoever writes a file holds a lock on it, which the system releases when the process ends. Where
    the file system has no locks, what was touched within the last hour stays.
    """
    wanted = None if names is None else set(names)
    for path in folder.glob(".*.tmp"):
        match = _TEMPORARY.fullmatch(path.name)
        if match is None or (wanted is not None and match[1] not in wanted):
            continue
        with contextlib.suppress(OSError), _not_at_work(path) as abandoned:
            if abandoned:
                path.unlink()


@contextlib.contextmanager
def _not_at_work(path: Path) -> Iterator[bool]:
    """Return whether nobody is writing a file; nobody begins to before the end of the ``with``."""
    if fcntl is None:
        yield True
        return
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            abandoned = True
        except BlockingIOError:
            abandoned = False
        except OSError:
            abandoned = time.time() - path.stat().st_mtime >= _ABANDONED
        yield abandoned


def copy_files(files: Iterable[tuple[Path, Path]]) -> None:
    """Copy many small files so that a reader sees the old content of each or the new.

    Parameters
    ----------
    files : iterable of (pathlib.Path, pathlib.Path)
        From where, and to where. They get their names in this order. The folders must exist, and
        nobody else may write in them: files at work have no lock.

    Notes
    -----
    What `write_atomic` does for one, but the system writes `_BATCH` of them at once: a sync of
    each before the next took ten times as long as all else.
    """
    rest = iter(files)
    while batch := list(itertools.islice(rest, _BATCH)):
        written: list[tuple[Path, Path]] = []
        try:
            for old, new in batch:
                content = old.read_bytes()
                handle, name = tempfile.mkstemp(
                    prefix=f".{new.name}.", suffix=".tmp", dir=new.parent
                )
                written.append((Path(name), new))
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    if not hasattr(os, "sync"):
                        file.flush()
                        os.fsync(file.fileno())
                Path(name).chmod(0o644)
            if hasattr(os, "sync"):
                os.sync()
                # Nothing is left to write, but only this says what could not be written.
                for temporary, _ in written:
                    with temporary.open("rb") as done:
                        os.fsync(done.fileno())
            for temporary, new in written:
                temporary.replace(new)
        except BaseException:
            for temporary, _ in written:
                with contextlib.suppress(OSError):
                    temporary.unlink()
            raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    write_atomic(path, lambda file: file.write(content))


def write_text(path: Path, text: str) -> None:
    r"""Write UTF-8 text atomically, with ``\\n`` line ends on every system."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically; NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")


def folder_name(name: str, option: str) -> str:
    """Return a name that is one folder's name and nothing else.

    Parameters
    ----------
    name : str
        As a person gave it; spaces and letters of any script may be in it.
    option : str
        What to call it in the message, such as ``"--name"``.

    Raises
    ------
    UsageError
        If it leads elsewhere, is hidden, is too long for a file system, or cannot be seen.

    Examples
    --------
    >>> folder_name("mein Lauf 2", "--name")
    'mein Lauf 2'
    """
    problem = ""
    if not name.strip():
        problem = "it is empty"
    elif any(c in name for c in "/\\:\0"):
        problem = "it must be one folder's name, without / \\ or :"
    elif name[0] in ".-" or name != name.strip():
        problem = "it must not begin with a dot, a dash or a space, nor end with a space"
    elif not name.isprintable():
        problem = "it holds a character that cannot be printed"
    elif len(os.fsencode(name)) > 200:
        problem = "it is longer than 200 bytes"
    if problem:
        raise UsageError(f"{option} {shown_name(name)}: {problem}")
    return name


def shown_name(name: str) -> str:
    """Return a name as it may be printed: in quotes, with escapes for what cannot be seen."""
    return ascii(name) if not name.isprintable() else repr(name)


def make_writable_folder(path: Path, option: str) -> Path:
    """Make a folder and show, by writing, that files can be made in it.

    Parameters
    ----------
    path : pathlib.Path
        The folder wanted.
    option : str
        What to call it in the message, such as ``"--out"``.

    Returns
    -------
    pathlib.Path
        The same path.

    Raises
    ------
    UserError
        If it is a file, or cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".probe-", dir=path)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        raise UserError(
            f"{option} {path} cannot be written: {error.strerror or error}. "
            "Nothing was trained. Give a folder that you may write to."
        ) from None
    return path


@contextlib.contextmanager
def gone_if_empty(path: Path) -> Iterator[None]:
    """Remove a folder, and those above it, where they were made in vain.

    Parameters
    ----------
    path : pathlib.Path
        A folder that the body of the ``with`` makes. What was there before stays, and so does what
        holds anything afterwards.
    """
    new = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for folder in new:
                folder.rmdir()


def check_figure_path(path: Path | None, option: str) -> None:
    """Refuse a place where no figure can be drawn, before the work that leads to the figure.

    Parameters
    ----------
    path : pathlib.Path or None
        Where the figure will go; None: nowhere.
    option : str
        What to call it in the message, such as ``"--plot"``.

    Raises
    ------
    UsageError
        If the name says no format, or the folder is not there.
    """
    if path is None:
        return
    if path.suffix not in FIGURE_ENDINGS:
        raise UsageError(f"{option} {path}: expected a name that ends in .png, .svg or .pdf")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {path.parent}")
    remove_left_over(path.parent, (path.name,))
