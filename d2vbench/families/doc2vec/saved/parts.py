"""Attributes of a saved object, with the arrays that gensim wrote into files of their own."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from d2vbench.damaged import DAMAGED_ARCHIVE
from d2vbench.errors import UserError
from d2vbench.families.doc2vec.saved.unpickle import Array, Buffer, Inert

_MISSING = object()


def wrong(path: Path, why: str) -> UserError:
    """Return the error of a file whose content is impossible."""
    return UserError(
        f"{path}: {why}; copy the model again, with all its .npy files, from where it was whole"
    )


class Parts:
    """Attributes of one saved object.

    Parameters
    ----------
    path : pathlib.Path
        The model's file.
    place : str
        Where the object is: empty for the model itself, or as in ``".wv"``.
    saved : Inert
        The object.
    """

    def __init__(self, path: Path, place: str, saved: Inert) -> None:
        if not isinstance(saved.state, dict):
            raise wrong(path, f"the model{place} has no attributes")
        self.path, self.place, self.state = path, place, saved.state

    def part(self, name: str) -> Parts | None:
        """Return an attribute that has attributes itself, or None if there is no such."""
        found = self.state.get(name)
        if not isinstance(found, Inert) or isinstance(found, Array | Buffer):
            return None
        return Parts(self.path, f"{self.place}.{name}", found)

    def has(self, name: str) -> bool:
        """Return whether there is such an attribute, in the pickle or in a file of its own."""
        return self.state.get(name) is not None or name in self._split()

    def number(self, names: Collection[str], kind: type[Any], default: Any = _MISSING) -> Any:
        """Return the first of some attributes that there is, as an int or a float.

        Raises
        ------
        UserError
            If there is none and no default, or it is no number.
        """
        for name in names:
            value = self.state.get(name)
            if value is None:
                continue
            if isinstance(value, int | float) and kind(value) == value:
                return kind(value)
            raise wrong(self.path, f"{name} is {value!r:.40}, no number of that kind")
        if default is _MISSING:
            raise wrong(self.path, f"it does not say {min(names)}")
        return default

    def listed(self, name: str) -> list[Any]:
        """Return an attribute that is a list."""
        value = self.state.get(name)
        if not isinstance(value, list):
            raise wrong(self.path, f"the model{self.place}.{name} is no list")
        return value

    def mapped(self, name: str) -> dict[Any, Any]:
        """Return an attribute that is a dict."""
        value = self.state.get(name)
        if not isinstance(value, dict):
            raise wrong(self.path, f"the model{self.place}.{name} is no dict")
        return value

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return an array of numbers, which may be a map of a file that cannot change the file.

        Raises
        ------
        UserError
            If there is none, its file is missing or damaged, or it holds no numbers.
        """
        if name in self._split():
            return self._beside(name)
        return self.numbers(name, self.state.get(name))

    def numbers(self, name: str, value: Any) -> npt.NDArray[Any]:
        """Return an array of the pickle as numbers."""
        if not isinstance(value, Array | Buffer):
            raise wrong(self.path, f"the model{self.place}.{name} is no array")
        try:
            return value.numbers()
        except (ValueError, TypeError, IndexError) as error:
            raise wrong(self.path, f"the model{self.place}.{name} is damaged ({error})") from None

    def floats(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return an array of float32 of a shape.

        Raises
        ------
        UserError
            If it is of another type or shape, or its values are no finite numbers.
        """
        array = self.array(name)
        if array.dtype != np.float32 or array.shape != shape:
            raise wrong(
                self.path,
                f"the model{self.place}.{name} is {array.dtype} {array.shape}, expected float32 "
                f"{shape}",
            )
        # A block of rows at a time: a mapped file is larger than memory, maybe.
        for start in range(0, len(array), 4096):
            if not np.isfinite(array[start : start + 4096]).all():
                raise wrong(self.path, f"the model{self.place}.{name} holds infinity or NaN")
        return array

    def _split(self) -> Collection[Any]:
        names = self.state.get("__numpys")
        return names if isinstance(names, list) else ()

    def _beside(self, name: str) -> npt.NDArray[Any]:
        file = self.path.with_name(f"{self.path.name}{self.place}.{name}.npy")
        try:
            # Copy on write: the arrays can be trained, and the file stays as it is.
            array = np.load(file, mmap_mode="c", allow_pickle=False)
        except FileNotFoundError:
            raise UserError(
                f"{self.path}: {file.name} is missing beside it; gensim wrote the large arrays "
                "into files of their own, copy them all"
            ) from None
        except DAMAGED_ARCHIVE as error:
            raise wrong(self.path, f"{file.name} is no array, or not whole ({error})") from None
        if not isinstance(array, np.ndarray) or not re.fullmatch("[biuf]", array.dtype.kind):
            raise wrong(self.path, f"{file.name} is no array of numbers")
        return np.asarray(array)
