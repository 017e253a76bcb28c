"""``python -m d2vbench``, but that of a figure only the SVG is drawn; its PNG and PDF stay empty.

To draw them takes longer than a small run. For tests of what becomes of processes, records and
disks: `save_figure` has tests of its own, and `test_cli.py` runs the command as people type it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from d2vbench.cli.main import main
from d2vbench.files import FIGURE_ENDINGS, write_bytes
from d2vbench.report.drawing import style

LIGHT_RUN = [sys.executable, str(Path(__file__).resolve())]


def save_svg(
    figure: Any, folder: Path, name: str, title: str = "", description: str = ""
) -> dict[str, bytes]:
    """Stand in for `save_figure`."""
    style.freeze_layout(figure)
    made = dict.fromkeys(FIGURE_ENDINGS, b"")
    made[".svg"] = style.figure_bytes(figure, ".svg", title, description)
    for ending, content in made.items():
        write_bytes(folder / f"{name}{ending}", content)
    return made


if __name__ == "__main__":
    style.save_figure = save_svg
    sys.exit(main())
