"""What was found about one state of a model, to be found once."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


class Findings:
    """Findings about a state of a model that nobody else goes on from: nothing is kept."""

    def recall(self, name: str) -> dict[str, npt.NDArray[Any]] | None:
        """Return arrays that were kept under a name; None if there are none."""
        return None

    def keep(self, name: str, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Keep arrays under a name."""
