"""Large arrays in files of no name: the system takes their memory back when it is short of it."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

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


def read_mapped(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of an ``.npz`` file by name; large ones stay in it.

    Parameters
    ----------
    path : pathlib.Path
        As `numpy.savez` writes it. The checksums of all arrays are looked at.

    Returns
    -------
    dict of str to ndarray
        Arrays of `LEAST` bytes or more are read-only and mapped, and may be unaligned.

    Raises
    ------
    Exception
        One of `d2vbench.damaged.DAMAGED_ARCHIVE` where it cannot be read.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        for name in file.files:
            member = file.zip.getinfo(f"{name}.npy")
            if member.file_size < LEAST or member.compress_size != member.file_size:
                arrays[name] = file[name]
                continue
            with file.zip.open(member) as part:
                if np.lib.format.read_magic(part) != (1, 0):
                    raise ValueError(f"{name} is in another form than savez writes")
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(part)
                begin = part.tell()
                while part.read(1 << 20):  # At the end the checksum is looked at.
                    pass
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            if fortran or dtype.hasobject or begin + size != member.file_size:
                raise ValueError(f"{name} is no array of numbers in C order, or not whole")
            # Before a member stand 30 bytes, of which 4 say how long its name and notes are.
            raw.seek(member.header_offset + 26)
            begin += member.header_offset + 30 + sum(struct.unpack("<HH", raw.read(4)))
            arrays[name] = np.asarray(np.memmap(raw, dtype, "r", begin, shape))
    return arrays


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


def write_arrays(file: BinaryIO, arrays: Mapping[str, Any], *, compress: bool = False) -> None:
    """Write arrays as `numpy.savez` does, and never a pickle.

    Parameters
    ----------
    file : binary file
        Open for writing.
    arrays : mapping of str to array
        By name.
    compress : bool
        Whether each is compressed.

    Raises
    ------
    ValueError
        If an array holds objects: only a pickle could.
    """
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise ValueError(f"{name} holds objects, which no array file may")
    # Not allow_pickle=False, which NumPy before 2.1 takes for the name of one more array.
    (np.savez_compressed if compress else np.savez)(file, **arrays)
