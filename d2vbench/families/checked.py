"""Families of third parties: what they raise and return wrongly is said of them by name."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from d2vbench.families.base import Cost, Family, Learner
from d2vbench.families.words import Documents
from d2vbench.plugins import Catalogue

#: What is wrong with a result, from the result and the arguments; empty if nothing.
Check = Callable[..., str]


class Families(Catalogue[Family]):
    """A catalogue that checks all that families of third parties return."""

    def __getitem__(self, name: str) -> Family:
        """Return a family; see `Catalogue.__getitem__`."""
        family = super().__getitem__(name)
        if not self.origin(name):
            return family
        return cast(Family, _Checked(self, name, family, _OF_FAMILIES))


class _Checked:
    """A family or a learner of a third party; each call is checked."""

    def __init__(
        self, families: Families, name: str, value: Any, checks: Mapping[str, Check]
    ) -> None:
        self._families, self._name, self._value, self._checks = families, name, value, checks

    def __getattr__(self, part: str) -> Any:
        value = getattr(self._value, part)
        return functools.partial(self._call, part) if callable(value) else value

    def _call(self, part: str, *args: Any, **options: Any) -> Any:
        with self._families.blame(self._name):
            result = getattr(self._value, part)(*args, **options)
            check = self._checks.get(part)
            problem = check(result, *args) if check else ""
            if part == "restore":
                problem = _difference(self._value.state(), args[0])
        if problem:
            raise self._families.error(self._name, f"{part}() {problem}")
        learner = result[1] if part == "train_apart" else result if part == "prepare" else None
        if learner is None:
            return result
        checked = _Checked(self._families, self._name, learner, _OF_LEARNERS)
        if part == "train_apart":
            return result[0], checked
        # A state that cannot be put back is better known now than at the first branch.
        checked.restore({name: array.copy() for name, array in checked.state().items()})
        return checked


def methods(protocol: type) -> list[str]:
    """Return the names of all that a protocol asks for."""
    return sorted({n for n in (*vars(protocol), *protocol.__annotations__) if n[0] != "_"})


def lacking(value: Any, protocol: type) -> str:
    """Return what an object lacks of a protocol, as the end of a sentence; empty if nothing."""
    names = [name for name in methods(protocol) if not hasattr(value, name)]
    return f": it lacks {', '.join(names)}" if names else ""


def _is_settings(result: Any, *_: Any) -> str:
    try:
        hash(result)
        json.dumps(result.to_json(), allow_nan=False)
    except (AttributeError, TypeError, ValueError) as error:
        return (
            "must return a frozen dataclass whose to_json() returns JSON values, got "
            f"{result!r:.60} ({error})"
        )
    return ""


def _is_learner(result: Any, *_: Any) -> str:
    lacks = lacking(result, Learner)
    if lacks:
        return f"must return an object with the methods of d2vbench.families.Learner{lacks}"
    # The usual `placed` changes nothing: a model would be compared with itself.
    if getattr(type(result), "placed", None) is Learner.placed and result.tables():
        return "must return a learner with a placed() of its own, as its tables() are not empty"
    return ""


def _is_trained(result: Any, *_: Any) -> str:
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], dict)):
        return f"must return a dict, and a learner or None, got {result!r:.80}"
    return "" if result[1] is None else _is_learner(result[1])


def _maps_to(expected: str, fits: Callable[[Any], bool]) -> Check:
    def check(result: Any, *_: Any) -> str:
        if isinstance(result, Mapping) and all(
            isinstance(name, str) and fits(value) for name, value in result.items()
        ):
            return ""
        return f"must return {expected} by name, got {result!r:.80}"

    return check


def _is_array(value: Any, kinds: str, ndim: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in kinds and value.ndim == ndim


def _tells_each(result: Any, documents: Any) -> str:
    if _is_array(result, "b", 1) and len(result) == len(documents):
        return ""
    return f"must return a bool array of shape ({len(documents)},), got {result!r:.80}"


def _are_word_rows(result: Any, documents: Any = None) -> str:
    if result is None or (
        isinstance(result, Documents) and (documents is None or len(result) == len(documents))
    ):
        return ""
    many = "" if documents is None else f" of {len(documents)} documents"
    return f"must return d2vbench.families.Documents{many} or None, got {result!r:.80}"


def _are_trained_vectors(result: Any, documents: Any) -> str:
    return "" if result is None else vectors_problem(result, len(documents))


def _is(kind: type) -> Check:
    def check(result: Any, *_: Any) -> str:
        return (
            "" if isinstance(result, kind) else f"must return {kind.__name__}, got {result!r:.80}"
        )

    return check


def vectors_problem(vectors: object, documents: int) -> str:
    """Return what is wrong with vectors that a learner has encoded; empty if nothing.

    Parameters
    ----------
    vectors : object
        What `Learner.encode` returned.
    documents : int
        For how many documents.
    """
    expected = f"must return a float32 array of shape ({documents}, dim)"
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32:
        kind = vectors.dtype if isinstance(vectors, np.ndarray) else type(vectors).__name__
        return f"{expected}, got {kind}"
    if vectors.ndim != 2 or len(vectors) != documents or not vectors.shape[1]:
        return f"{expected}, got shape {vectors.shape}"
    if not np.isfinite(vectors).all():
        return f"{expected} of finite numbers, got NaN or infinity"
    return ""


def _difference(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Return what is wrong with the state of a learner into which one was put back."""
    for name, array in wanted.items():
        own = now.get(name)
        if own is None or own.dtype != array.dtype or own.tobytes() != array.tobytes():
            return f"must put a state back, but afterwards state() returns another {name!r}"
    return ""


_OF_FAMILIES: dict[str, Check] = {
    "settings": _is_settings,
    "narrowed": _is_settings,
    "components": _maps_to("whole numbers from 1 up", lambda n: type(n) is int and n >= 1),
    "label": _is(str),
    "refuses": _is(str),
    "trains_to_encode": _is(bool),
    "cost": _is(Cost),
    "prepare": _is_learner,
    "train_apart": _is_trained,
}
_OF_LEARNERS: dict[str, Check] = {
    "state": _maps_to(
        "NumPy arrays of numbers",
        lambda array: isinstance(array, np.ndarray) and not array.dtype.hasobject,
    ),
    "tables": _maps_to("arrays of shape (n_words, dim)", lambda table: _is_array(table, "f", 2)),
    "word_rows": _are_word_rows,
    "degenerate": _maps_to("int values", lambda n: type(n) is int),
    "vocabulary_size": lambda n, *_: "" if type(n) is int else f"must return int, got {n!r:.80}",
    "readable": _tells_each,
    "trained_vectors": _are_trained_vectors,
}
