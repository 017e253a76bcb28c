"""What reading a damaged archive of arrays may raise."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib

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
