"""What cells of one process share, kept with the seconds that it took.

Which cell finds something made already depends on which cells ran before it in its process. What a
cell costs must not: whoever measures adds the seconds of what it was given to those that it spent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")
_SAVED = threading.local()


def saved_seconds() -> float:
    """Return the seconds that this thread has been spared so far by what was remembered."""
    return float(getattr(_SAVED, "seconds", 0.0))


class Remembered(Generic[_Value]):
    """The last few values of a function, by what they were made of.

    Parameters
    ----------
    most : int
        How many are kept; the one that was asked for longest ago goes first.

    Examples
    --------
    >>> squares = Remembered[int](most=2)
    >>> squares.get(3, lambda: 9), squares.get(3, lambda: 10)
    (9, 9)
    """

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._kept: dict[Hashable, tuple[_Value, float]] = {}

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """Return the value of a key, made now if it is not there.

        Parameters
        ----------
        key : hashable
            All that the value depends on.
        make : callable
            Makes it.
        """
        if key in self._kept:
            value, seconds = self._kept[key] = self._kept.pop(key)
            _SAVED.seconds = saved_seconds() + seconds
            return value
        # What goes is gone before the next is made: there may be no room for both.
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        started, saved = time.perf_counter(), saved_seconds()
        value = make()
        seconds = time.perf_counter() - started + saved_seconds() - saved
        self._kept[key] = (value, seconds)
        return value
