"""What the settings of families of words have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from d2vbench.errors import UsageError


def check_sizes(settings: Any) -> None:
    """Refuse impossible sizes of gensim's settings; a `UsageError` says which."""
    for name in ("vector_size", "window", "negative", "min_count"):
        if getattr(settings, name) < 1:
            raise UsageError(f"{name} must be 1 or more, got {getattr(settings, name)}")
    if not 0 <= settings.sample < 1:
        raise UsageError(f"sample must lie in [0, 1), got {settings.sample}")


def settings_of(kind: Any, options: Mapping[str, Any]) -> Any:
    """Make the settings of a family from options.

    Raises
    ------
    UsageError
        For an option that the family has not.
    """
    known = [field.name for field in dataclasses.fields(kind)]
    if unknown := [name for name in options if name not in known]:
        raise UsageError(f"no such setting: {', '.join(unknown)}; there are {', '.join(known)}")
    return kind(**options)


def narrowed(settings: Any, models: int) -> Any:
    """Return settings of so many models whose vectors stand side by side.

    Raises
    ------
    UsageError
        If ``vector_size`` does not divide evenly.
    """
    if settings.vector_size % models:
        raise UsageError(
            f"{models} models divide vector_size between them, and {settings.vector_size} does "
            "not divide evenly"
        )
    return dataclasses.replace(settings, vector_size=settings.vector_size // models)
