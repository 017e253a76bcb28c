"""Whether what a manifest's file holds is a manifest: it may come from elsewhere, or be damaged.

What reads it may then take its parts for what they are. Names of records become names of files, so
that they must be nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_COUNTS = (
    "generic_documents", "generic_words", "train_documents", "train_words", "test_documents",
)  # fmt: skip


def well_formed(value: Any) -> bool:
    """Return whether a value has the parts of a manifest, each of its kind.

    Parameters
    ----------
    value : object
        JSON values, from wherever. Parts that not every manifest has may be missing.

    Returns
    -------
    bool
        False also for names of cells that could lead out of the folder of the records.
    """
    return (
        isinstance(value, dict)
        and type(value.get("schema")) is int
        and isinstance(value.get("study"), str)
        and _names(value.get("cells"))
        and _list(value.get("engines", []), lambda engine: isinstance(engine, str))
        and isinstance(value.get("environment", {}), dict)
        and _list(value.get("studies", []), _study)
        and all(set(study["cells"]) <= set(value["cells"]) for study in value.get("studies", []))
        and _dict(value.get("pairs", {}), _pair)
        and _words(value.get("words", {}))
    )


def _list(value: Any, right: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(right, value))


def _dict(value: Any, right: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(map(right, value.values()))


def _names(value: Any) -> bool:
    return _list(value, lambda name: isinstance(name, str) and bool(_NAME.fullmatch(name)))


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _study(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("question", ""), str)
        and _names(value.get("cells"))
    )


def _pair(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("key"), str)
        and all(_count(value.get(name, 0)) for name in _COUNTS)
        and _list(value.get("classes", []), lambda name: isinstance(name, str))
        and _dict(value.get("left_out", {}), _count)
        and _dict(value.get("sources", {}), _source)
    )


def _source(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("content_sha256"), str)
        and _dict(value.get("versions", {}), lambda version: isinstance(version, str))
    )


def _words(value: Any) -> bool:
    """Return whether these are words trained: nothing, or alone and as a tree."""
    return isinstance(value, dict) and (
        not value
        or all(
            isinstance(value.get(name), int | float) and math.isfinite(value[name])
            for name in ("alone", "tree")
        )
    )
