"""``python -m d2vbench``, but that of a figure only the SVG is drawn; its PNG and PDF stay empty.

To draw them takes longer than a small run. For tests of what becomes of processes, records and
disks: `save_figure` has tests of its own, and `test_cli.py` runs the command as people type it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from d2vbench.cli.main import main
from d2vbench.files import FIGURE_ENDINGS
from d2vbench.report.figures import style

LIGHT_RUN = [sys.executable, str(Path(__file__).resolve())]


def save_svg(
    figure: Any, folder: Path, name: str, title: str = "", description: str = ""
) -> list[Path]:
    """Stand in for `save_figure`."""
    style.freeze_layout(figure)
    paths = [folder / f"{name}{ending}" for ending in FIGURE_ENDINGS]
    for path in paths:
        if path.suffix == ".svg":
            style.write_figure(figure, path, title, description)
        else:
            path.write_bytes(b"")
    return paths


if __name__ == "__main__":
    style.save_figure = save_svg
    sys.exit(main())
