"""Which engine trains: asked for, set in the environment, or the fastest there is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from d2vbench.errors import UserError, check_name
from d2vbench.families.doc2vec.native import kernel as native
from d2vbench.families.doc2vec.native.engine import NativeEngine
from d2vbench.families.doc2vec.reference.engine import GensimEngine

ENGINES: dict[str, Any] = {"native": NativeEngine, "gensim": GensimEngine}
AUTO = "auto"
VARIABLE = "D2VBENCH_ENGINE"

FALLBACK = (
    "WARNING: the native engine was not built (no C compiler at installation?): training with "
    "gensim's own core, several times slower. Records of the two engines are kept apart."
)


def choose_engine(asked: str | None, warn: Callable[[str], None]) -> str:
    """Return the engine to use.

    Parameters
    ----------
    asked : str or None
        ``"auto"``, ``"native"`` or ``"gensim"``; None takes the environment variable
        ``D2VBENCH_ENGINE``, and ``"auto"`` where that is not set.
    warn : callable
        Told in one line when ``auto`` falls back to gensim.

    Returns
    -------
    str
        A key of `ENGINES`: part of a cell's key, so the results of two engines never mix.

    Raises
    ------
    UsageError
        For an unknown name.
    UserError
        If ``native`` is asked for and was not built.
    """
    name = asked or os.environ.get(VARIABLE) or AUTO
    check_name("engine", name, (AUTO, *ENGINES))
    if name == AUTO:
        if native.available():
            return NativeEngine.name
        warn(FALLBACK)
        return GensimEngine.name
    if name == NativeEngine.name and not native.available():
        raise UserError(
            "the native engine was not built; install again with a C compiler present, "
            "or take the engine gensim"
        )
    return name
