"""Large arrays in files of no name: the system takes their memory back when it is short of it."""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

#: Bytes from which an array is worth a file.
LEAST = 32 << 20


def filled(
    blocks: Iterable[npt.NDArray[Any]], shape: tuple[int, ...], dtype: npt.DTypeLike, folder: Path
) -> npt.NDArray[Any]:
    """Return blocks as one array, in a file where it is large.

    Parameters
    ----------
    blocks : iterable of ndarray
        Its rows, a block at a time.
    shape : tuple of int
        Of all of them.
    dtype : data type
        Of their numbers.
    folder : pathlib.Path
        Where the file lies, under no name: it is gone with the array, however the process ends.

    Returns
    -------
    ndarray
        That may be written. In plain memory where it is smaller than `LEAST`, the folder is not
        there or has no room for it, or the system cannot reserve room: without that, writing to a
        full disk would end the process.
    """
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    file = _reserved(size, folder) if size >= LEAST else None
    if file is None:
        array = np.empty(shape, dtype)
        done = 0
        for block in blocks:
            array[done : done + len(block)] = block
            done += len(block)
        return array
    with file:
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype).data)
        file.flush()
        return np.asarray(np.memmap(file, dtype, "r+", shape=shape))


def _reserved(size: int, folder: Path) -> IO[bytes] | None:
    """Return a file of no name for which there is room; None where that cannot be had."""
    if not hasattr(os, "posix_fallocate"):
        return None
    file = None
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        if file is not None:
            file.close()
        return None
    return file


def give_back(array: npt.NDArray[Any]) -> None:
    """Take a mapped array out of this process's memory; it is read again where it is touched.

    Parameters
    ----------
    array : ndarray
        Or a view of one. What was written to it stays: in the system's cache, and in its file. An
        array that is not mapped is left as it is.
    """
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        with contextlib.suppress(OSError):
            owner.madvise(mmap.MADV_DONTNEED)
