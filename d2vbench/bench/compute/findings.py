"""Arrays computed from one state of a model, kept so that they are computed once."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


class Findings:
    """Findings about a model that no other cell continues from: nothing is kept."""

    def recall(self, name: str) -> dict[str, npt.NDArray[Any]] | None:
        """Return arrays that were kept under a name; None if there are none."""
        return None

    def keep(self, name: str, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Keep arrays under a name."""
