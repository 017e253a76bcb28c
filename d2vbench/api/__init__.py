"""The same things as the command line, for scripts and notebooks: `d2vbench.run`, `d2vbench.load`.

Nothing here prints (but for the progress of a run that is not quiet), exits, or asks for
``if __name__ == "__main__"``. What a person can mend is raised as a `UserError`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2vbench.api.running import run
    from d2vbench.api.view import Run, load

__all__ = ["Run", "load", "run"]

_LAZY = {"run": "running", "Run": "view", "load": "view"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
