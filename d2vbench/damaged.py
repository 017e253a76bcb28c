"""What reading a damaged archive of arrays may raise, and archives that are made to do harm."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

#: Of `numpy.load` and of the arrays in what it returns. A flipped bit in a header may also say that
#: a part is encrypted (RuntimeError), squeezed otherwise (NotImplementedError), or hold what NumPy
#: cannot parse (SyntaxError, TokenError).
DAMAGED_ARCHIVE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    RuntimeError,
    MemoryError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)


def read_arrays(path: Path) -> dict[str, Any]:
    """Read the arrays of an ``.npz`` file, by name; one of `DAMAGED_ARCHIVE` where it cannot be."""
    import numpy as np

    # np.load by itself would leave a damaged file open.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


# What no arrays of results or models are squeezed to; small files may be all zeros.
_RATIO = 200
_RATIO_FROM = 16 << 10


def refuse_bomb(file: BinaryIO) -> None:
    """Refuse an archive of arrays that unpacks to far more than it is.

    Parameters
    ----------
    file : binary file
        Just opened; is at its beginning again afterwards. What is no archive passes. Of a member,
        no more is ever read than the archive's directory says, which is what is added up here.

    Raises
    ------
    ValueError
        If all arrays together would take more than 200 times the size of the file.
    zipfile.BadZipFile
        If the directory cannot be read.
    """
    if zipfile.is_zipfile(file):
        size = file.seek(0, 2)
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > _RATIO * max(size, _RATIO_FROM):
            raise ValueError(f"it unpacks to more than {_RATIO} times its size")
    file.seek(0)
