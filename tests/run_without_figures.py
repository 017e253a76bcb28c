"""``python -m d2vbench``, but that a figure's files stay empty: to draw takes as long as a small run.

For tests of what becomes of processes, records and disks. `save_figure` has tests of its own, and
`test_cli.py` those of the command as people type it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from d2vbench.cli.main import main
from d2vbench.files import FIGURE_ENDINGS
from d2vbench.report import style

WITHOUT_FIGURES = [sys.executable, str(Path(__file__).resolve())]


def _leave_empty(figure: Any, folder: Path, name: str, *more: Any, **named: Any) -> list[Path]:
    paths = [folder / f"{name}{ending}" for ending in FIGURE_ENDINGS]
    for path in paths:
        path.write_bytes(b"")
    return paths


if __name__ == "__main__":
    style.save_figure = _leave_empty
    sys.exit(main())
