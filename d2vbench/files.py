"""Writing files so that a reader sees the old content or the new, never half of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from d2vbench.errors import UserError


def write_atomic(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file by temporary file, fsync and rename.

    Parameters
    ----------
    path : pathlib.Path
        Where the content goes. The folder must exist.
    write : callable
        Takes the open binary file and writes the whole content.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
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


def write_text(path: Path, text: str) -> None:
    r"""Write UTF-8 text atomically, with ``\\n`` line ends on every system."""
    write_atomic(path, lambda file: file.write(text.encode("utf-8")))


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically; NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")


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
