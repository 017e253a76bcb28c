"""Single arguments of public functions, checked: one sentence for a wrong type."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from d2vbench.errors import ArgumentTypeError


def whole_number(name: str, value: Any) -> int:
    """Return a whole number of any type, also of NumPy, as an int."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    raise ArgumentTypeError(f"{name}: expected a whole number, got {value!r:.60}")


def number(name: str, value: Any) -> float:
    """Return a number of any type, also of NumPy, as a float."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value)
    raise ArgumentTypeError(f"{name}: expected a number, got {value!r:.60}")


def flag(name: str, value: Any) -> bool:
    """Return True or False."""
    if isinstance(value, bool):
        return value
    raise ArgumentTypeError(f"{name}: expected True or False, got {value!r:.60}")


def text(name: str, value: Any) -> str:
    """Return a string."""
    if isinstance(value, str):
        return str(value)
    raise ArgumentTypeError(f"{name}: expected a string, got {value!r:.60}")


def path(name: str, value: Any) -> Path:
    """Return a path, given as a string or a path."""
    given = fspath(value) if isinstance(value, (str, PathLike)) else None
    if isinstance(given, str) and "\0" not in given:
        return Path(given)
    raise ArgumentTypeError(f"{name}: expected a path, got {value!r:.60}")


def several(name: str, value: Any, kind: Any = text) -> tuple[Any, ...] | None:
    """Return one value or a sequence of values as a tuple; None for none."""
    if value is None:
        return None
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        value = (value,)
    return tuple(kind(name, one) for one in value) or None
