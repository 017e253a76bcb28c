"""Stable keys and derived seeds: both are hashes of canonical JSON."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

#: Raised when seeds are derived otherwise.
SEEDS_VERSION = 1


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN.

    Parameters
    ----------
    value : object
        Anything made of dict, list, tuple, str, int, float, bool and None.

    Returns
    -------
    str
        ASCII text, equal for equal values on every machine.

    Raises
    ------
    ValueError
        For NaN or infinity, which JSON does not know.
    TypeError
        For any other type.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": (0.5, None)})
    '{"a":[0.5,null],"b":1}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def digest(value: Any) -> str:
    """Return the sha256 of the canonical JSON of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("ascii")).hexdigest()


def derive_seed(base: int, *purpose: Any) -> int:
    """Return a seed that depends on the base seed and on what it is for, and on nothing else.

    Parameters
    ----------
    base : int
        The base seed: the one that a person gives.
    *purpose : object
        What the seed is for: JSON values, such as a pair's name and ``"initial weights"``.

    Returns
    -------
    int
        In [0, 2**32): what ``numpy.random.RandomState`` and ``default_rng`` both take.

    Examples
    --------
    >>> derive_seed(0, "synthetic", "order") == derive_seed(0, "synthetic", "order")
    True
    >>> derive_seed(0, "synthetic", "order") == derive_seed(1, "synthetic", "order")
    False
    """
    return int(digest([base, *purpose])[:8], 16)


def digest_files(paths: Iterable[Path]) -> str:
    """Return the sha256 over the names and contents of files, in sorted order.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        Files; only their last name enters the hash, so that the place of an installation does not.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda p: (p.name, p)):
        total.update(path.name.encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def python_sources(module: types.ModuleType) -> list[Path]:
    """Return the Python files that decide what a module does.

    Parameters
    ----------
    module : types.ModuleType
        An imported module.

    Returns
    -------
    list of pathlib.Path
        Of a module inside a package, all ``*.py`` in the module's folder and below it: a result
        may be decided by a helper beside it. Of a module that stands alone, its file. Empty of a
        module that is no file, or lies in an archive.
    """
    name = getattr(module, "__file__", None)
    if not name:
        return []
    file = Path(name)
    inside = "." in module.__name__ or hasattr(module, "__path__")
    return sorted(p for p in {file, *(file.parent.rglob("*.py") if inside else ())} if p.is_file())


def bytes_sha256(content: bytes) -> str:
    """Return the sha256 of bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, as 64 hexadecimal digits; read in a stream."""
    return file_digest(path, "sha256")


def file_digest(path: Path, algorithm: str) -> str:
    """Return a file's digest in hexadecimal; ``algorithm`` is a name that hashlib knows."""
    total = hashlib.new(algorithm, usedforsecurity=False)
    # One buffer that stays in the processor's cache: a tenth faster than a new block each time.
    buffer = bytearray(1 << 18)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            total.update(view[:size])
    return total.hexdigest()
