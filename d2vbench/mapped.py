"""Large arrays in files: the system takes their memory back when it is short of it."""

from __future__ import annotations

import contextlib
import mmap
from typing import Any

import numpy.typing as npt


def give_back(array: npt.NDArray[Any]) -> None:
    """Take a mapped array out of this process's memory; it is read again where it is touched.

    Parameters
    ----------
    array : ndarray
        What was written to it stays: in the system's cache, and in its file. An array that is
        not mapped is left as it is.
    """
    mapped = getattr(array, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        with contextlib.suppress(OSError):
            mapped.madvise(mmap.MADV_DONTNEED)
